use http::HeaderMap;
use linkspan_signing::{HeaderLookup, HeaderSource};

/// A request's headers as the verifier of signatures reads them.
pub(super) struct SignedHeaders<'a>(pub(super) &'a HeaderMap);

impl HeaderSource for SignedHeaders<'_> {
    fn lookup(&self, name: &str) -> HeaderLookup<'_> {
        HeaderLookup::from_values(self.0.get_all(name).iter().map(http::HeaderValue::as_bytes))
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
        let headers = SignedHeaders(&headers);
        assert_eq!(headers.lookup("none"), HeaderLookup::Absent);
        assert_eq!(headers.lookup("one"), HeaderLookup::One(b"1"));
        assert_eq!(headers.lookup("two"), HeaderLookup::Repeated);
        assert_eq!(headers.lookup("no name\n"), HeaderLookup::Absent);
    }
}
