use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

use crate::error::ApiError;
use crate::json::Fields;
use crate::quote::Quoted;

/// `POST /v1.0/{project_id}/queues/{queue_name}/connection-test` (dli_02_0284).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreateConnectivityTest {
    /// What to reach.
    #[serde(serialize_with = "write")]
    pub address: TestAddress,
}

/// An address with its port: `192.168.0.1:3306`, `name:3306` or `[2001:db8::1]:3306` (dli_07_0005).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TestAddress {
    /// The host.
    pub host: TestHost,
    /// The port.
    pub port: u16,
}

/// The host of a test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TestHost {
    /// An address.
    Ip(IpAddr),
    /// A name, case kept.
    Name(Box<str>),
}

impl TestAddress {
    /// Reads an address; none = it has no port or is no address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let digits = (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = if digits { port.parse().ok()? } else { return None };
        let host = if let Some(inner) = host.strip_prefix('[') {
            TestHost::Ip(IpAddr::V6(inner.strip_suffix(']')?.parse().ok()?))
        } else if let Ok(ip) = host.parse() {
            TestHost::Ip(IpAddr::V4(ip))
        } else {
            TestHost::Name(name(host)?.into())
        };
        Some(Self { host, port })
    }
}

/// 1 to 255 letters, digits, `_`, `-` or `.`, not all digits and dots: that would be a mistyped address.
fn name(text: &str) -> Option<&str> {
    let legal = (1..=255).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        && !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    legal.then_some(text)
}

impl fmt::Display for TestHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for TestAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            TestHost::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]:{}", self.port),
            host => write!(f, "{host}:{}", self.port),
        }
    }
}

fn write<S: serde::Serializer>(address: &TestAddress, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(address)
}

impl CreateConnectivityTest {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value; a missing port is one, since a test without it says nothing.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            let text = fields.required_text("address")?;
            let fault = || {
                let why = format!("must be host:port, such as 192.168.0.1:3306, got {}", Quoted(text));
                fields.place().key("address").fault(why)
            };
            Ok(Self { address: TestAddress::parse(text).ok_or_else(fault)? })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_is_read_and_written_back() {
        for address in
            ["192.168.0.167:3306", "iam.xxx.com:443", "ecs-97f8_0001:1", "[2001:db8::1]:8080", "h:0", "h:65535"]
        {
            let body = format!("{{\"address\":\"{address}\"}}");
            let request = CreateConnectivityTest::from_body(body.as_bytes()).unwrap();
            assert_eq!(serde_json::to_string(&request).unwrap(), body);
        }
    }

    #[test]
    fn what_is_no_address_with_a_port_is_refused() {
        for address in [
            "",
            "h",
            "192.168.0.1",
            "h:",
            ":80",
            "h:65536",
            "h:+80",
            "h:000080",
            "1.2.3:80",
            "256.1.1.1:80",
            "::1:80",
            "[::1]",
            "[1.2.3.4]:80",
            "[::1:80",
            "a b:80",
            "http://h:80",
            "h:80/x",
        ] {
            assert_eq!(TestAddress::parse(address), None, "{address}");
        }
        assert_eq!(CreateConnectivityTest::from_body(b"").unwrap_err().message(), "address is required");
        let error = CreateConnectivityTest::from_body(br#"{"address":"h"}"#).unwrap_err();
        assert_eq!(error.message(), "address must be host:port, such as 192.168.0.1:3306, got \"h\"");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            if let Some(address) = TestAddress::parse(&text) {
                prop_assert_eq!(TestAddress::parse(&address.to_string()), Some(address));
            }
        }
    }
}
