//! The `ETag` of a list of connections, and whether a caller holds it already.

use std::hash::{DefaultHasher, Hash, Hasher};

use http::HeaderMap;
use http::header::{HeaderValue, IF_NONE_MATCH};
use linkspan_engine::{Order, PageQuery};

/// Raised by every release that writes a list differently, so that what an older one answered counts as changed.
const WIRE_FORMAT: u32 = 1;

/// What the bytes of a list depend on.
pub(super) struct ListTag<'a> {
    /// The history that the store is in; a restored backup has another one.
    pub epoch: u128,
    /// The last commit that changed the project's list; a grantor's change counts as one.
    pub list_revision: u64,
    /// The query with its defaults filled in.
    pub query: &'a PageQuery,
}

impl ListTag<'_> {
    /// The value of the header `ETag`.
    pub(super) fn value(&self) -> HeaderValue {
        let mut text = Vec::with_capacity(4 * 17 + 1);
        text.push(b'"');
        let (epoch_high, epoch_low) = ((self.epoch >> 64) as u64, self.epoch as u64);
        push_hex(&mut text, epoch_high);
        for part in [epoch_low, self.list_revision, self.query_hash()] {
            text.push(b'-');
            push_hex(&mut text, part);
        }
        text.push(b'"');
        // Quotes, hyphens and hex digits are legal in every header.
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
    }

    fn query_hash(&self) -> u64 {
        let PageQuery { active, name, tags, offset, limit, order } = self.query;
        let mut hasher = DefaultHasher::new();
        (WIRE_FORMAT, active, name, tags, offset, limit, *order == Order::Asc).hash(&mut hasher);
        hasher.finish()
    }
}

/// Writes a number in hexadecimal digits, without the formatter: this is done for every list.
fn push_hex(text: &mut Vec<u8>, number: u64) {
    let digits = 16 - number.leading_zeros() / 4;
    text.extend((0..digits.max(1)).rev().map(|place| match (number >> (4 * place)) as u8 & 15 {
        digit @ ..10 => b'0' + digit,
        digit => b'a' + digit - 10,
    }));
}

/// Whether `If-None-Match` names the tag (RFC 9110 §13.1.2: weak comparison, a list, or `*`).
pub(super) fn knows(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let mut known =
        headers.get_all(IF_NONE_MATCH).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    known.any(|item| {
        let item = item.trim_ascii();
        item == b"*" || item.strip_prefix(b"W/").unwrap_or(item) == tag.as_bytes()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(epoch: u128, list_revision: u64, query: &PageQuery) -> HeaderValue {
        ListTag { epoch, list_revision, query }.value()
    }

    #[test]
    fn every_part_makes_another_tag() {
        let plain = PageQuery::default();
        let queries = [
            plain.clone(),
            PageQuery { active: Some(true), ..plain.clone() },
            PageQuery { active: Some(false), ..plain.clone() },
            PageQuery { name: Some("a".into()), ..plain.clone() },
            PageQuery { tags: vec![("a".into(), "b".into())], ..plain.clone() },
            PageQuery { tags: vec![("ab".into(), String::new())], ..plain.clone() },
            PageQuery { offset: 1, ..plain.clone() },
            PageQuery { limit: Some(1), ..plain.clone() },
            PageQuery { order: Order::Asc, ..plain.clone() },
        ];
        let mut tags: Vec<_> = queries.iter().map(|query| tag(1, 1, query)).collect();
        tags.extend([tag(1, 2, &plain), tag(2, 1, &plain)]);
        let distinct: std::collections::HashSet<_> = tags.iter().collect();
        assert_eq!(distinct.len(), tags.len());
        assert_eq!(tag(1, 1, &plain), tags[0]);
    }

    #[test]
    fn numbers_are_written_in_hexadecimal() {
        for number in [0, 1, 15, 16, 255, 0x1_0000, u64::MAX] {
            let mut text = Vec::new();
            push_hex(&mut text, number);
            assert_eq!(text, format!("{number:x}").into_bytes());
        }
    }

    #[test]
    fn a_caller_may_name_one_or_many_or_any() {
        let tag = tag(1, 1, &PageQuery::default());
        let text = tag.to_str().unwrap();
        let asked = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IF_NONE_MATCH, value.parse().unwrap());
            }
            knows(&headers, &tag)
        };
        assert!(asked(&[text]) && asked(&[&format!("W/{text}")]) && asked(&["*"]));
        assert!(asked(&[&format!("\"x\" , W/{text},\"y\"")]) && asked(&["\"x\"", text]));
        assert!(!asked(&[]) && !asked(&["\"x\""]) && !asked(&[text.trim_matches('"')]) && !asked(&["W/*"]));
    }
}
