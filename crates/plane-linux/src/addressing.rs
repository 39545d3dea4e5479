//! Which addresses things have, and which a peer leads to. Pure.

use std::net::Ipv4Addr;

use linkspan_model::{Cidr, Cidr4};
use linkspan_plane::{PeerSpec, PlaneError};

/// The router's end of every link to a queue or pool. Both ends are /32 and the routes over them `onlink`, so that one
/// pair of addresses serves every link of every router.
pub(crate) const ROUTER_END: Ipv4Addr = Ipv4Addr::new(169, 254, 1, 1);
/// The queue's or pool's end of every link.
pub(crate) const SOURCE_END: Ipv4Addr = Ipv4Addr::new(169, 254, 1, 2);

/// The address that work in a queue or pool has: the first of its network that a host may have.
pub(crate) fn source_address(cidr: Cidr4) -> Ipv4Addr {
    nth(cidr, 0)
}

/// The address of the router in a subnet, its gateway.
pub(crate) fn gateway(cidr: Cidr4) -> Ipv4Addr {
    nth(cidr, 0)
}

/// The address of a subnet's own namespace: the one after its gateway.
pub(crate) fn subnet_address(cidr: Cidr4) -> Ipv4Addr {
    nth(cidr, 1)
}

/// The n-th address that a host may have. A network of two addresses has no broadcast address (RFC 3021).
fn nth(cidr: Cidr4, n: u32) -> Ipv4Addr {
    let first = u32::from(cidr.network()) + u32::from(cidr.prefix() < 31);
    Ipv4Addr::from(first.saturating_add(n).min(u32::from(cidr.last())))
}

/// Where a peer leads: its subnet and custom routes, without those that lie inside another. All go the same way, and
/// the set of permits takes no intervals that overlap.
pub(crate) fn destinations(spec: &PeerSpec) -> Result<Vec<Cidr4>, PlaneError> {
    let mut all: Vec<Cidr4> = spec.destination.cidr.into_iter().collect();
    for route in spec.routes.iter() {
        match route {
            Cidr::V4(cidr) => all.push(*cidr),
            Cidr::V6 { .. } => {
                let why = format!("route {route} is IPv6, which networks on a Linux host do not carry yet; remove it");
                return Err(PlaneError::Unsupported(why.into()));
            }
        }
    }
    Ok(widest(all))
}

/// Without what lies inside another.
fn widest(mut all: Vec<Cidr4>) -> Vec<Cidr4> {
    all.sort_unstable_by_key(|cidr| (cidr.prefix(), cidr.network()));
    let mut kept: Vec<Cidr4> = Vec::with_capacity(all.len());
    for cidr in all {
        if !kept.iter().any(|wider| wider.overlaps(cidr)) {
            kept.push(cidr);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr4 {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_addresses_are_taken_and_small_networks_have_them_too() {
        for (net, first, second) in [
            ("10.0.0.0/24", "10.0.0.1", "10.0.0.2"),
            ("10.0.0.4/31", "10.0.0.4", "10.0.0.5"),
            ("10.0.0.4/32", "10.0.0.4", "10.0.0.4"),
        ] {
            assert_eq!(source_address(cidr(net)).to_string(), first);
            assert_eq!(gateway(cidr(net)).to_string(), first);
            assert_eq!(subnet_address(cidr(net)).to_string(), second);
        }
    }

    #[test]
    fn what_lies_inside_another_is_left_out() {
        let all = ["10.1.0.0/16", "10.1.2.0/24", "192.168.0.0/24", "10.1.2.3/32", "192.168.0.0/24"].map(cidr);
        assert_eq!(widest(all.to_vec()), ["10.1.0.0/16", "192.168.0.0/24"].map(cidr));
        assert_eq!(widest(vec![cidr("10.0.0.0/8"), cidr("0.0.0.0/0")]), [cidr("0.0.0.0/0")]);
    }
}
