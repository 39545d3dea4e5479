//! Queries as the typed client writes them.

use std::fmt::Write;

use super::connections::{Limit, ListConnectionsQuery, Order, StatusFilter};

/// Percent-encodes all but letters, digits and `-_.~`.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Joins parameters to a query string, encoded.
#[must_use]
pub fn join<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<_> =
        parameters.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// Tags in the form of the parameter `tags`.
#[must_use]
pub fn tags_value(tags: &[(String, String)]) -> String {
    let pairs: Vec<_> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(",")
}

impl ListConnectionsQuery {
    /// The query string, without what is the default; empty if all is.
    #[must_use]
    pub fn to_query(&self) -> String {
        let mut parameters: Vec<(&str, String)> = Vec::new();
        match self.limit {
            Limit::DEFAULT => {}
            Limit::All => parameters.push(("limit", "0".into())),
            Limit::Rows(rows) => parameters.push(("limit", rows.to_string())),
        }
        if self.offset > 0 {
            parameters.push(("offset", self.offset.to_string()));
        }
        if self.order == Order::Asc {
            parameters.push(("order", "asc".into()));
        }
        match self.status {
            None => {}
            Some(StatusFilter::Active) => parameters.push(("status", "ACTIVE".into())),
            Some(StatusFilter::Deleted) => parameters.push(("status", "DELETED".into())),
        }
        if let Some(name) = &self.name {
            parameters.push(("name", name.clone()));
        }
        if !self.tags.is_empty() {
            parameters.push(("tags", tags_value(&self.tags)));
        }
        join(parameters.iter().map(|(name, value)| (*name, value.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn defaults_are_left_out() {
        assert_eq!(ListConnectionsQuery::default().to_query(), "");
        assert_eq!(encode("a~b c/连+%"), "a~b%20c%2F%E8%BF%9E%2B%25");
    }

    fn limits() -> impl Strategy<Value = Limit> {
        prop_oneof![Just(Limit::All), Just(Limit::DEFAULT), (1..=i64::MAX as u64).prop_map(Limit::new)]
    }

    fn orders() -> impl Strategy<Value = Order> {
        prop_oneof![Just(Order::Asc), Just(Order::Desc)]
    }

    fn statuses() -> impl Strategy<Value = Option<StatusFilter>> {
        prop::option::of(prop_oneof![Just(StatusFilter::Active), Just(StatusFilter::Deleted)])
    }

    proptest! {
        #[test]
        fn what_the_client_writes_the_server_reads(
            (limit, offset, order, status) in (limits(), 0..=i64::MAX as u64, orders(), statuses()),
            name in prop::option::of(".{1,20}"),
            tags in prop::collection::vec(("[a-z项 ]{0,5}[a-z]", "[a-z]?[=a-z测 ]{0,5}[a-z]"), 0..5),
        ) {
            let tags: Vec<_> = tags.into_iter().map(|(key, value)| (key.trim().to_owned(), value)).collect();
            let query = ListConnectionsQuery { limit, offset, order, status, name, tags };
            prop_assert_eq!(ListConnectionsQuery::parse(&query.to_query()).unwrap(), query);
        }
    }
}
