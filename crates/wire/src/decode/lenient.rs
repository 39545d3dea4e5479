//! Readers for values that the cloud writes in more than one way.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Null as the default.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A boolean, or one written as a text; null as the default.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    from.deserialize_any(Scalar::<Flag>(PhantomData))
}

/// What `is_success` is when a body does not say: a 2xx without it is a success (Terraform reads it so).
pub(super) fn yes() -> bool {
    true
}

/// `is_success`: [`flag`], but null as true.
pub(super) fn success<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    from.deserialize_any(Scalar::<Success>(PhantomData))
}

/// An integer, or one written as a text or with a fraction of zero; null and the empty text as 0.
pub(super) fn int<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    from.deserialize_any(Scalar::<Int>(PhantomData))
}

/// An array of texts, or one text with commas between them; null as none.
pub(super) fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(Texts)
}

/// How the forms of one kind of scalar are read.
trait Kind {
    type Value: Default;
    const EXPECTED: &'static str;
    const NULL: Option<Self::Value> = None;

    fn of_bool(_: bool) -> Option<Self::Value> {
        None
    }

    fn of_int(_: i64) -> Option<Self::Value> {
        None
    }

    fn of_text(text: &str) -> Option<Self::Value>;
}

struct Flag;
struct Success;
struct Int;

impl Kind for Flag {
    type Value = bool;
    const EXPECTED: &'static str = "true or false";

    fn of_bool(value: bool) -> Option<bool> {
        Some(value)
    }

    fn of_text(text: &str) -> Option<bool> {
        text.to_ascii_lowercase().parse().ok()
    }
}

impl Kind for Success {
    type Value = bool;
    const EXPECTED: &'static str = Flag::EXPECTED;
    const NULL: Option<bool> = Some(true);

    fn of_bool(value: bool) -> Option<bool> {
        Some(value)
    }

    fn of_text(text: &str) -> Option<bool> {
        Flag::of_text(text)
    }
}

impl Kind for Int {
    type Value = i64;
    const EXPECTED: &'static str = "an integer";

    fn of_int(value: i64) -> Option<i64> {
        Some(value)
    }

    fn of_text(text: &str) -> Option<i64> {
        if text.is_empty() { Some(0) } else { text.parse().ok() }
    }
}

struct Scalar<K>(PhantomData<K>);

impl<K: Kind> Scalar<K> {
    fn read<E: Error>(value: Option<K::Value>) -> Result<K::Value, E> {
        value.ok_or_else(|| E::custom(format_args!("expected {}", K::EXPECTED)))
    }
}

impl<'de, K: Kind> Visitor<'de> for Scalar<K> {
    type Value = K::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(K::EXPECTED)
    }

    fn visit_unit<E: Error>(self) -> Result<K::Value, E> {
        Ok(K::NULL.unwrap_or_default())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<K::Value, E> {
        Self::read(K::of_bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<K::Value, E> {
        Self::read(K::of_int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<K::Value, E> {
        Self::read(i64::try_from(value).ok().and_then(K::of_int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<K::Value, E> {
        // Exact below 2^53, which is all that a float with a fraction of zero can promise.
        let whole = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
        Self::read(if whole { K::of_int(value as i64) } else { None })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<K::Value, E> {
        Self::read(K::of_text(text))
    }
}

struct Texts;

impl<'de> Visitor<'de> for Texts {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("texts")
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(text.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = items.next_element()? {
            texts.push(text);
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[serde(default)]
    struct All {
        #[serde(deserialize_with = "or_default")]
        text: String,
        #[serde(deserialize_with = "flag")]
        flag: bool,
        #[serde(deserialize_with = "success")]
        success: bool,
        #[serde(deserialize_with = "int")]
        int: i64,
        #[serde(deserialize_with = "texts")]
        texts: Vec<String>,
    }

    impl Default for All {
        fn default() -> Self {
            Self { text: String::new(), flag: false, success: yes(), int: 0, texts: Vec::new() }
        }
    }

    fn read(body: &str) -> All {
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    #[test]
    fn null_and_absent_are_the_same() {
        for body in ["{}", r#"{"text":null,"flag":null,"success":null,"int":null,"texts":null}"#] {
            let all = read(body);
            assert_eq!((all.text.as_str(), all.flag, all.success, all.int, all.texts.len()), ("", false, true, 0, 0));
        }
    }

    #[test]
    fn texts_stand_for_scalars() {
        let all = read(r#"{"flag":"True","success":"false","int":"12","texts":"a=1,b"}"#);
        assert_eq!((all.flag, all.success, all.int, all.texts), (true, false, 12, vec!["a=1".into(), "b".into()]));
        assert_eq!((read(r#"{"int":12.0}"#).int, read(r#"{"int":""}"#).int), (12, 0));
        assert_eq!(read(r#"{"texts":["a,b"]}"#).texts, ["a,b"]);
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        for body in [
            r#"{"int":1.5}"#,
            r#"{"int":true}"#,
            r#"{"flag":1}"#,
            r#"{"flag":"x"}"#,
            r#"{"texts":{}}"#,
            r#"{"int":1e300}"#,
        ] {
            assert!(serde_json::from_str::<All>(body).is_err(), "{body}");
        }
    }
}
