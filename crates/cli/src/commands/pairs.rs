//! Values of the command line that have two halves, and files of host records.

use linkspan_model::{Hosts, Tags};

use crate::failure::Failure;

/// `KEY=VALUE`, split at its first `=`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not of the form KEY=VALUE")),
    }
}

/// Tags as the wire wants them.
pub(crate) fn tags(pairs: &[(String, String)]) -> Result<Tags, Failure> {
    Tags::parse(pairs).map_err(|invalid| Failure::usage(invalid.to_string()))
}

/// Tags as a body has them.
pub(crate) fn tag_objects(pairs: &[(String, String)]) -> Vec<serde_json::Value> {
    pairs.iter().map(|(key, value)| serde_json::json!({"key": key, "value": value})).collect()
}

/// Host records as the wire wants them.
pub(crate) fn hosts(records: &[(String, String)]) -> Result<Hosts, Failure> {
    Hosts::parse(records).map_err(|invalid| Failure::usage(invalid.to_string()))
}

/// The records of a text in the form of `/etc/hosts`: an address and its names a line, `#` begins a comment.
pub(crate) fn hosts_of_text(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut records = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(address) = words.next() else { continue };
        let before = records.len();
        records.extend(words.map(|name| (name.to_owned(), address.to_owned())));
        if records.len() == before {
            return Err(format!("line {}: `{address}` has no name beside it", index + 1));
        }
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_split_once() {
        assert_eq!(pair("k=v=w"), Ok(("k".into(), "v=w".into())));
        assert_eq!(pair("k="), Ok(("k".into(), String::new())));
        for bad in ["", "k", "=v"] {
            assert!(pair(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts_files_are_read_as_the_system_reads_them() {
        let text = "# nodes\n10.0.0.1  a b # both\n\n\t10.0.0.2\tc\n";
        let expected = [("a", "10.0.0.1"), ("b", "10.0.0.1"), ("c", "10.0.0.2")];
        let expected: Vec<_> = expected.iter().map(|(name, ip)| ((*name).to_owned(), (*ip).to_owned())).collect();
        assert_eq!(hosts_of_text(text), Ok(expected));
        assert_eq!(hosts_of_text("ok a\n10.0.0.1\n"), Err("line 2: `10.0.0.1` has no name beside it".into()));
    }
}
