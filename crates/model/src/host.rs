use std::net::Ipv4Addr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::error::{Invalid, quote};

/// One host record of a connection: a name that the queue's network resolves to an IPv4 address (dli_02_0200).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// `^[A-Za-z][A-Za-z0-9_.-]{0,127}$`, case kept as sent.
    pub name: SmolStr,
    /// Four decimal octets.
    pub ip: Ipv4Addr,
}

/// The host records of one connection, in the order sent; at most [`Hosts::MOST`]. Clones share them: the plane keeps
/// them for as long as the state does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hosts(Arc<[Host]>);

impl Hosts {
    /// The most records one connection can hold (dli_02_0200).
    pub const MOST: usize = 20_000;

    /// Checks the records as a whole.
    ///
    /// # Errors
    /// More than [`Hosts::MOST`] records; a bad name or address, with its index; one name (letter case ignored) with
    /// two addresses, named. An exact repetition is kept as sent.
    pub fn parse<N: AsRef<str>, I: AsRef<str>>(records: &[(N, I)]) -> Result<Self, Invalid> {
        if records.len() > Self::MOST {
            return Err(Invalid::new(format!(
                "hosts holds {} records, at most {} are allowed",
                records.len(),
                Self::MOST
            )));
        }
        let mut addresses = std::collections::HashMap::with_capacity(records.len());
        let mut hosts = Vec::with_capacity(records.len());
        for (index, (name, ip)) in records.iter().enumerate() {
            let host = parse_one(index, name.as_ref(), ip.as_ref())?;
            let known = *addresses.entry(host.name.to_ascii_lowercase()).or_insert(host.ip);
            if known != host.ip {
                return Err(Invalid::new(format!(
                    "hosts[{index}].name {} has the address {} and also {known}; keep one of them",
                    quote(&host.name),
                    host.ip
                )));
            }
            hosts.push(host);
        }
        Ok(Self(hosts.into()))
    }

    /// The records in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Host] {
        &self.0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes that the records take in memory, for the project's budget of host records.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.0.iter().map(|host| host.name.len() + size_of::<Host>()).sum()
    }
}

fn parse_one(index: usize, name: &str, ip: &str) -> Result<Host, Invalid> {
    let mut bytes = name.bytes();
    let legal = name.len() <= 128
        && bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if !legal {
        return Err(Invalid::new(format!(
            "hosts[{index}].name must start with a letter and hold 1 to 128 letters, digits, '_', '-' or '.', got {}",
            quote(name)
        )));
    }
    // The standard parser refuses leading zeros, blanks and IPv6, which is exactly the contract's form.
    let ip = ip.parse().map_err(|_| {
        Invalid::new(format!("hosts[{index}].ip must be an IPv4 address of four decimal octets, got {}", quote(ip)))
    })?;
    Ok(Host { name: name.into(), ip })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fault_names_the_index() {
        let error = Hosts::parse(&[("ok", "10.0.0.1"), ("1bad", "10.0.0.1")]).unwrap_err().to_string();
        assert!(error.starts_with("hosts[1].name"), "{error}");
        for ip in ["10.0.0", "10.0.0.01", "::1", " 10.0.0.1", "256.0.0.1", ""] {
            assert!(Hosts::parse(&[("h", ip)]).unwrap_err().to_string().starts_with("hosts[0].ip"), "{ip}");
        }
    }

    #[test]
    fn one_name_has_one_address_whatever_its_case() {
        assert!(Hosts::parse(&[("Node", "10.0.0.1"), ("node", "10.0.0.2")]).is_err());
        let kept = Hosts::parse(&[("Node", "10.0.0.1"), ("node", "10.0.0.1"), ("Node", "10.0.0.1")]).unwrap();
        assert_eq!(kept.as_slice().len(), 3);
    }

    #[test]
    fn at_most_twenty_thousand() {
        let many: Vec<_> = (0..=Hosts::MOST).map(|i| (format!("h{i}"), "10.0.0.1")).collect();
        assert!(Hosts::parse(&many).is_err());
        assert!(Hosts::parse(&many[1..]).is_ok());
    }
}
