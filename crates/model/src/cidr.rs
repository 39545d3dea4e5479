use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Invalid, quote};

/// An IPv4 network with its host bits cleared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr4 {
    network: u32,
    prefix: u8,
}

impl Cidr4 {
    /// The network of `prefix` bits (0 to 32) that holds `address`; a longer prefix counts as 32.
    #[must_use]
    pub fn containing(address: Ipv4Addr, prefix: u8) -> Self {
        let prefix = prefix.min(32);
        Self { network: u32::from(address) & mask4(prefix), prefix }
    }

    /// The first address.
    #[must_use]
    pub fn network(self) -> Ipv4Addr {
        Ipv4Addr::from(self.network)
    }

    /// The last address.
    #[must_use]
    pub fn last(self) -> Ipv4Addr {
        Ipv4Addr::from(self.network | !mask4(self.prefix))
    }

    /// The number of network bits, 0 to 32.
    #[must_use]
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether the two share an address.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        let shorter = mask4(self.prefix.min(other.prefix));
        self.network & shorter == other.network & shorter
    }

    /// Whether the address lies inside.
    #[must_use]
    pub fn contains(self, address: Ipv4Addr) -> bool {
        u32::from(address) & mask4(self.prefix) == self.network
    }

    /// Whether all of the other one lies inside.
    #[must_use]
    pub fn encloses(self, other: Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.network())
    }

    /// The sub-networks of `prefix` bits inside, lowest first; empty if `prefix` is shorter than this one's.
    pub fn subnets(self, prefix: u8) -> impl DoubleEndedIterator<Item = Self> + Clone {
        let prefix = prefix.min(32);
        let count = if prefix < self.prefix { 0 } else { 1u64 << (prefix - self.prefix) };
        (0..count).map(move |i| {
            let step = (i << (32 - u32::from(prefix))) as u32;
            Self { network: self.network | step, prefix }
        })
    }
}

fn mask4(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

impl FromStr for Cidr4 {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.parse()? {
            Cidr::V4(cidr) => Ok(cidr),
            Cidr::V6 { .. } => Err(Invalid::new(format!("must be an IPv4 CIDR, got {}", quote(text)))),
        }
    }
}

impl fmt::Display for Cidr4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network(), self.prefix)
    }
}

impl fmt::Debug for Cidr4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Cidr4 {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Cidr4> for String {
    fn from(cidr: Cidr4) -> String {
        cidr.to_string()
    }
}

/// A network of either family, host bits cleared. A bare address is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cidr {
    /// IPv4.
    V4(Cidr4),
    /// IPv6.
    V6 {
        /// The first address.
        network: Ipv6Addr,
        /// The number of network bits, 0 to 128.
        prefix: u8,
    },
}

impl Cidr {
    /// Whether the two share an address; networks of different families share none.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::V4(one), Self::V4(other)) => one.overlaps(*other),
            (Self::V6 { network: one, prefix }, Self::V6 { network: other, prefix: others }) => {
                let shorter = mask6((*prefix).min(*others));
                u128::from(*one) & shorter == u128::from(*other) & shorter
            }
            _ => false,
        }
    }

    /// Whether the address lies inside.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4(cidr), IpAddr::V4(address)) => cidr.contains(address),
            (Self::V6 { network, prefix }, IpAddr::V6(address)) => {
                u128::from(address) & mask6(*prefix) == u128::from(*network)
            }
            _ => false,
        }
    }

    /// The number of network bits.
    #[must_use]
    pub fn prefix(&self) -> u8 {
        match self {
            Self::V4(cidr) => cidr.prefix(),
            Self::V6 { prefix, .. } => *prefix,
        }
    }
}

fn mask6(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

impl FromStr for Cidr {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let bad = || Invalid::new(format!("must be a CIDR such as 192.168.2.0/24, got {}", quote(text)));
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(decimal_prefix(prefix).ok_or_else(bad)?)),
            None => (text, None),
        };
        match address.parse::<IpAddr>().map_err(|_| bad())? {
            IpAddr::V4(address) => {
                let prefix = prefix.unwrap_or(32);
                if prefix > 32 {
                    return Err(bad());
                }
                Ok(Self::V4(Cidr4::containing(address, prefix)))
            }
            IpAddr::V6(address) => {
                let prefix = prefix.unwrap_or(128);
                if prefix > 128 {
                    return Err(bad());
                }
                Ok(Self::V6 { network: Ipv6Addr::from(u128::from(address) & mask6(prefix)), prefix })
            }
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(cidr) => cidr.fmt(f),
            Self::V6 { network, prefix } => write!(f, "{network}/{prefix}"),
        }
    }
}

fn decimal_prefix(text: &str) -> Option<u8> {
    let plain = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr4 {
        text.parse().unwrap()
    }

    #[test]
    fn host_bits_are_cleared_and_a_bare_address_is_one_host() {
        assert_eq!(cidr("10.1.2.3/16").to_string(), "10.1.0.0/16");
        assert_eq!(cidr("10.1.2.3").to_string(), "10.1.2.3/32");
        assert_eq!("2407:c080:802:be7::1/64".parse::<Cidr>().unwrap().to_string(), "2407:c080:802:be7::/64");
    }

    #[test]
    fn malformed_ones_are_refused() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/08x", "a/8", "::/129"] {
            assert!(bad.parse::<Cidr>().is_err(), "{bad}");
        }
        assert!("::/0".parse::<Cidr4>().is_err());
    }

    #[test]
    fn overlap_is_symmetric_and_exact() {
        assert!(cidr("10.0.0.0/8").overlaps(cidr("10.9.0.0/24")));
        assert!(cidr("10.9.0.0/24").overlaps(cidr("10.0.0.0/8")));
        assert!(!cidr("10.9.0.0/24").overlaps(cidr("10.9.1.0/24")));
        assert!(cidr("0.0.0.0/0").overlaps(cidr("255.255.255.255/32")));
    }

    #[test]
    fn networks_of_either_family_overlap_their_own_only() {
        let of = |text: &str| text.parse::<Cidr>().unwrap();
        assert!(of("10.0.0.0/8").overlaps(&of("10.9.0.0/24")));
        assert!(of("2001:db8:1::/48").overlaps(&of("2001:db8::/32")) && of("2001:db8::/32").overlaps(&of("::/0")));
        assert!(!of("2001:db8:1::/48").overlaps(&of("2001:db8:2::/48")));
        assert!(!of("0.0.0.0/0").overlaps(&of("::/0")));
        assert!(of("2001:db8::/32").contains("2001:db8:ffff::1".parse().unwrap()));
        assert!(!of("2001:db8::/32").contains("2001:db9::".parse().unwrap()));
        assert!(!of("::/0").contains("10.0.0.1".parse().unwrap()));
        assert_eq!((of("10.0.0.1").prefix(), of("::/7").prefix()), (32, 7));
    }

    #[test]
    fn a_network_encloses_itself_and_what_is_smaller() {
        let net = cidr("10.0.0.0/16");
        assert!(net.encloses(net) && net.encloses(cidr("10.0.255.0/24")));
        assert!(!net.encloses(cidr("10.0.0.0/15")) && !net.encloses(cidr("10.1.0.0/24")));
    }

    #[test]
    fn subnets_come_lowest_first_and_backwards() {
        let pool = cidr("172.16.0.0/12");
        assert_eq!(pool.subnets(18).next().unwrap().to_string(), "172.16.0.0/18");
        assert_eq!(pool.subnets(24).next_back().unwrap().to_string(), "172.31.255.0/24");
        assert_eq!(pool.subnets(8).count(), 0);
        assert_eq!(pool.last().to_string(), "172.31.255.255");
    }
}
