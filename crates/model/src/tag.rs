use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Invalid, quote};

/// A tag's key: 1 to 128 characters, blanks around it trimmed; letters of any language, digits, blank, `_.:+-@`; not `_sys_…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagKey(Box<str>);

/// A tag's value: at most 255 characters of the key's alphabet and `=`; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagValue(Box<str>);

impl TagKey {
    /// Trims and checks a key.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if !(1..=128).contains(&text.chars().count()) || !text.chars().all(in_alphabet) {
            return Err(Invalid::new(format!(
                "a tag key is 1 to 128 letters, digits, blanks or any of _ . : + - @, got {}",
                quote(text)
            )));
        }
        if text.starts_with("_sys_") {
            return Err(Invalid::new(format!("a tag key must not start with _sys_, got {}", quote(text))));
        }
        Ok(Self(text.into()))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TagValue {
    /// Checks a value.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.chars().count() > 255 || !text.chars().all(|c| c == '=' || in_alphabet(c)) {
            return Err(Invalid::new(format!(
                "a tag value is at most 255 letters, digits, blanks or any of _ . : + - @ =, got {}",
                quote(text)
            )));
        }
        Ok(Self(text.into()))
    }

    /// The value as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn in_alphabet(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || matches!(c, '_' | '.' | ':' | '+' | '-' | '@')
}

impl fmt::Display for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One tag of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its key, unique within the resource.
    pub key: TagKey,
    /// Its value.
    pub value: TagValue,
}

/// The tags of one resource in the order they came; at most [`Tags::MOST`], keys unique.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(Box<[Tag]>);

impl Tags {
    /// The most tags a resource can bear (dli_02_0396).
    pub const MOST: usize = 20;

    /// Checks tags as a whole; each item is a key and a value.
    ///
    /// # Errors
    /// More than [`Tags::MOST`]; a bad key or value with its index; a key that comes twice.
    pub fn parse<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> Result<Self, Invalid> {
        if pairs.len() > Self::MOST {
            return Err(Invalid::new(format!("tags holds {} tags, at most {} are allowed", pairs.len(), Self::MOST)));
        }
        let mut tags: Vec<Tag> = Vec::with_capacity(pairs.len());
        for (index, (key, value)) in pairs.iter().enumerate() {
            let at = |part: &str, why: Invalid| Invalid::new(format!("tags[{index}].{part}: {why}"));
            let key = TagKey::parse(key.as_ref()).map_err(|why| at("key", why))?;
            let value = TagValue::parse(value.as_ref()).map_err(|why| at("value", why))?;
            if tags.iter().any(|tag| tag.key == key) {
                return Err(Invalid::new(format!("tags[{index}].key: {} comes twice", quote(key.as_str()))));
            }
            tags.push(Tag { key, value });
        }
        Ok(Self(tags.into()))
    }

    /// The tags in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Tag] {
        &self.0
    }

    /// These tags with others set: a key that is there keeps its place and gets the new value, a new one comes last.
    ///
    /// # Errors
    /// More than [`Tags::MOST`] afterwards.
    pub fn with(&self, set: &Self) -> Result<Self, Invalid> {
        let mut tags = self.0.to_vec();
        for new in &set.0 {
            match tags.iter_mut().find(|tag| tag.key == new.key) {
                Some(tag) => tag.value = new.value.clone(),
                None => tags.push(new.clone()),
            }
        }
        if tags.len() > Self::MOST {
            return Err(Invalid::new(format!(
                "tags: the resource would bear {} tags, at most {} are allowed; remove some first",
                tags.len(),
                Self::MOST
            )));
        }
        Ok(Self(tags.into()))
    }

    /// These tags without those that have one of the keys.
    #[must_use]
    pub fn without(&self, keys: &[String]) -> Self {
        Self(self.0.iter().filter(|tag| !keys.iter().any(|key| key == tag.key.as_str())).cloned().collect())
    }

    /// At most `most` of the tags, `skip` left out first.
    #[must_use]
    pub fn page(&self, skip: usize, most: usize) -> Self {
        Self(self.0.iter().skip(skip).take(most).cloned().collect())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the resource bears exactly this key with exactly this value.
    #[must_use]
    pub fn has(&self, key: &str, value: &str) -> bool {
        self.0.iter().any(|tag| tag.key.as_str() == key && tag.value.as_str() == value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_any_language() {
        let tags = Tags::parse(&[(" 项目 ", "测试=1"), ("env", "")]).unwrap();
        assert!(tags.has("项目", "测试=1") && tags.has("env", ""));
        for bad in ["", " ", "a=b", "a,b", "_sys_x", &"k".repeat(129)] {
            assert!(Tags::parse(&[(bad, "v")]).is_err(), "{bad}");
        }
        assert!(Tags::parse(&[("k", "a,b")]).is_err());
        assert!(Tags::parse(&[("k", "v".repeat(256))]).is_err());
    }

    fn pairs(tags: &Tags) -> Vec<(&str, &str)> {
        tags.as_slice().iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect()
    }

    #[test]
    fn set_and_removed_tags_keep_the_order_of_the_others() {
        let tags = Tags::parse(&[("a", "1"), ("b", "2"), ("c", "3")]).unwrap();
        let set = tags.with(&Tags::parse(&[("d", "4"), ("b", "")]).unwrap()).unwrap();
        assert_eq!(pairs(&set), [("a", "1"), ("b", ""), ("c", "3"), ("d", "4")]);
        assert_eq!(pairs(&set.without(&["a".into(), "nope".into(), "c".into()])), [("b", ""), ("d", "4")]);
        assert_eq!(pairs(&set.page(1, 2)), [("b", ""), ("c", "3")]);
        assert!(set.page(4, 1).is_empty() && set.len() == 4);
    }

    #[test]
    fn at_most_twenty_after_a_change() {
        let many: Vec<_> = (0..20).map(|i| (format!("k{i}"), "v")).collect();
        let full = Tags::parse(&many).unwrap();
        assert_eq!(full.with(&Tags::parse(&[("k7", "w")]).unwrap()).unwrap().len(), 20, "a value may be replaced");
        let why = full.with(&Tags::parse(&[("one_more", "")]).unwrap()).unwrap_err().to_string();
        assert!(why.contains("21 tags, at most 20"), "{why}");
    }

    #[test]
    fn keys_are_unique_and_few() {
        assert!(Tags::parse(&[("k", "1"), ("k ", "2")]).is_err());
        let many: Vec<_> = (0..21).map(|i| (format!("k{i}"), "v")).collect();
        assert!(Tags::parse(&many).is_err());
        assert!(Tags::parse(&many[1..]).is_ok());
    }
}
