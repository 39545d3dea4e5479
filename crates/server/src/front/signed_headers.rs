use http::{HeaderMap, HeaderValue};
use linkspan_signing::{HeaderLookup, HeaderSource};

/// Up to so many names are looked at one by one, which is cheaper than to hash the one that is looked for.
const SCANNED: usize = 16;

/// A request's headers as the verifier of signatures reads them.
pub(super) struct SignedHeaders<'a>(pub(super) &'a HeaderMap);

impl HeaderSource for SignedHeaders<'_> {
    fn lookup(&self, name: &str) -> HeaderLookup<'_> {
        if self.0.keys_len() > SCANNED {
            return HeaderLookup::from_values(self.0.get_all(name).iter().map(HeaderValue::as_bytes));
        }
        let values = self.0.iter().filter(|(found, _)| found.as_str() == name);
        HeaderLookup::from_values(values.map(|(_, value)| value.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_absent_once_or_repeated() {
        let mut headers = HeaderMap::new();
        headers.insert("one", "1".parse().unwrap());
        headers.append("two", "1".parse().unwrap());
        headers.append("two", "2".parse().unwrap());
        for more in [0, SCANNED] {
            for n in 0..more {
                headers.insert(http::HeaderName::try_from(format!("h{n}")).unwrap(), "x".parse().unwrap());
            }
            let headers = SignedHeaders(&headers);
            assert_eq!(headers.lookup("none"), HeaderLookup::Absent);
            assert_eq!(headers.lookup("one"), HeaderLookup::One(b"1"));
            assert_eq!(headers.lookup("two"), HeaderLookup::Repeated);
            assert_eq!(headers.lookup("no name\n"), HeaderLookup::Absent);
        }
    }
}
