use http::{HeaderMap, HeaderValue};
use linkspan_signing::{HeaderLookup, HeaderSource};

/// Up to so many headers are looked at one by one, which is cheaper than to hash the name that is looked for.
const LISTED: usize = 16;

/// A request's headers as the verifier of signatures reads them: each of the signed ones is looked up.
pub(super) struct SignedHeaders<'a> {
    map: &'a HeaderMap,
    /// All of them, unless there are too many.
    list: [(&'a str, &'a [u8]); LISTED],
}

impl<'a> SignedHeaders<'a> {
    pub(super) fn new(map: &'a HeaderMap) -> Self {
        let mut list: [(&str, &[u8]); LISTED] = [("", b""); LISTED];
        for (place, (name, value)) in list.iter_mut().zip(map) {
            *place = (name.as_str(), value.as_bytes());
        }
        Self { map, list }
    }
}

impl HeaderSource for SignedHeaders<'_> {
    fn lookup(&self, name: &str) -> HeaderLookup<'_> {
        if self.map.len() > LISTED {
            return HeaderLookup::from_values(self.map.get_all(name).iter().map(HeaderValue::as_bytes));
        }
        let listed = self.list.iter().take(self.map.len());
        HeaderLookup::from_values(listed.filter(|(found, _)| *found == name).map(|(_, value)| *value))
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
        for more in [0, LISTED] {
            for n in 0..more {
                headers.insert(http::HeaderName::try_from(format!("h{n}")).unwrap(), "x".parse().unwrap());
            }
            let headers = SignedHeaders::new(&headers);
            assert_eq!(headers.lookup("none"), HeaderLookup::Absent);
            assert_eq!(headers.lookup("one"), HeaderLookup::One(b"1"));
            assert_eq!(headers.lookup("two"), HeaderLookup::Repeated);
            assert_eq!(headers.lookup("no name\n"), HeaderLookup::Absent);
        }
    }
}
