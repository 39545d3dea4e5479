//! Reading what `nft -j list table` says.

use std::net::Ipv6Addr;

use linkspan_model::{Cidr4, PeerId};
use serde_json::Value;
use uuid::Uuid;

use super::{Permit, Rules};
use crate::marks::PeerMark;
use crate::names::InterfaceName;

/// The rules that a listing shows. An element that cannot be read makes the whole differ from what it should be, so that
/// it is replaced.
pub(super) fn rules(listing: &Value, untouched: &Value) -> Rules {
    let mut rules = Rules { intact: without_elements(listing) == *untouched, ..Rules::default() };
    for element in elements(listing, "permit") {
        match permit(element) {
            Some(permit) => drop(rules.permits.insert(permit)),
            None => rules.intact = false,
        }
    }
    for element in elements(listing, "peers") {
        match peer(element) {
            Some((peer, mark)) => drop(rules.peers.insert(peer, mark)),
            None => rules.intact = false,
        }
    }
    rules
}

fn elements<'a>(listing: &'a Value, set: &str) -> impl Iterator<Item = &'a Value> {
    let objects = listing.get("nftables").and_then(Value::as_array).into_iter().flatten();
    let found = objects
        .filter_map(|object| object.get("set"))
        .find(|object| object.get("name").and_then(Value::as_str) == Some(set));
    found.and_then(|set| set.get("elem")).and_then(Value::as_array).into_iter().flatten()
}

/// An element's value and comment. Without a comment the value stands by itself.
fn parts(element: &Value) -> (&Value, Option<&str>) {
    match element.get("elem") {
        Some(inner) => (inner.get("val").unwrap_or(inner), inner.get("comment").and_then(Value::as_str)),
        None => (element, None),
    }
}

fn permit(element: &Value) -> Option<Permit> {
    let (value, _) = parts(element);
    let [link, source, destination] = value.get("concat")?.as_array()?.as_slice() else { return None };
    let link = InterfaceName::known(link.as_str()?);
    Some(Permit { link, source: network(source)?, destination: network(destination)? })
}

fn network(value: &Value) -> Option<Cidr4> {
    if let Some(address) = value.as_str() {
        return Some(Cidr4::containing(address.parse().ok()?, 32));
    }
    let prefix = value.get("prefix")?;
    let length = u8::try_from(prefix.get("len")?.as_u64()?).ok()?;
    Some(Cidr4::containing(prefix.get("addr")?.as_str()?.parse().ok()?, length))
}

fn peer(element: &Value) -> Option<(PeerId, PeerMark)> {
    let (value, comment) = parts(element);
    let address: Ipv6Addr = value.as_str()?.parse().ok()?;
    Some((PeerId(Uuid::from_u128(address.into())), comment?.parse().ok()?))
}

/// The tables with a chain that the kernel calls for packets, as `family name`.
pub(super) fn tables_at_work(chains: &Value) -> impl Iterator<Item = String> {
    let objects = chains.get("nftables").and_then(Value::as_array).into_iter().flatten();
    let called = objects.filter_map(|object| object.get("chain")).filter(|chain| chain.get("hook").is_some());
    called.filter_map(|chain| Some(format!("{} {}", chain.get("family")?.as_str()?, chain.get("table")?.as_str()?)))
}

/// What remains of a listing without what differs from one namespace to the next: elements of named sets, handles, and
/// the order of sets that are written into a rule.
pub(super) fn without_elements(listing: &Value) -> Value {
    let objects = listing.get("nftables").and_then(Value::as_array).into_iter().flatten();
    objects.filter(|object| object.get("metainfo").is_none()).map(without_handles).collect()
}

fn without_handles(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "handle" | "elem"))
            .map(|(name, value)| (name.clone(), if name == "set" { sorted(value) } else { without_handles(value) }))
            .collect(),
        Value::Array(values) => values.iter().map(without_handles).collect(),
        other => other.clone(),
    }
}

fn sorted(value: &Value) -> Value {
    let mut value = without_handles(value);
    if let Value::Array(values) = &mut value {
        values.sort_by_key(Value::to_string);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = include_str!("listing.json");

    #[test]
    fn a_listing_reads_back() {
        let listing: Value = serde_json::from_str(LISTING).unwrap();
        let rules = rules(&listing, &without_elements(&listing));
        assert!(rules.intact);
        let permits: Vec<_> =
            rules.permits.iter().map(|p| format!("{} {} {}", p.link, p.source, p.destination)).collect();
        assert_eq!(
            permits,
            ["q0 10.10.0.0/24 192.168.0.0/16", "q0 10.10.0.0/24 192.168.9.1/32", "q1 10.9.0.0/24 0.0.0.0/0"]
        );
        let peers: Vec<_> = rules.peers.iter().map(|(peer, mark)| format!("{peer} {mark}")).collect();
        assert_eq!(peers, ["12345678-1234-1234-1234-123456789abc linkspan1 7 00000000000000ff q0 s0 5 2"]);
    }

    #[test]
    fn tables_are_at_work_that_have_a_hook() {
        let chains = serde_json::json!({"nftables": [
            {"metainfo": {"version": "1.0.6"}},
            {"chain": {"family": "inet", "table": "linkspan", "name": "forward", "handle": 1, "hook": "forward"}},
            {"chain": {"family": "ip", "table": "filter", "name": "DOCKER", "handle": 1}},
            {"chain": {"family": "inet", "table": "theirs", "name": "x", "handle": 1, "hook": "prerouting"}},
        ]});
        assert_eq!(tables_at_work(&chains).collect::<Vec<_>>(), ["inet linkspan", "inet theirs"]);
    }

    #[test]
    fn what_anybody_else_wrote_is_seen() {
        let listing: Value = serde_json::from_str(LISTING).unwrap();
        let untouched = without_elements(&listing);
        for (from, to) in [
            (r#""policy": "drop""#, r#""policy": "accept""#),
            (r#"{"prefix": {"addr": "0.0.0.0", "len": 0}}"#, r#"{"range": ["1.0.0.0", "1.0.0.9"]}"#),
            ("linkspan1 7", "linkspan 7"),
            ("admin-prohibited", "port-unreachable"),
        ] {
            let text = LISTING.replacen(from, to, 1);
            assert_ne!(text, LISTING);
            assert!(!rules(&serde_json::from_str(&text).unwrap(), &untouched).intact, "{to}");
        }
    }
}
