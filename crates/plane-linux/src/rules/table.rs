use std::fmt::Write as _;
use std::net::Ipv6Addr;

use linkspan_model::PeerId;

use super::{Amendment, Permit, Rules};
use crate::marks::PeerMark;

/// The one table that is ours in a router's namespace.
pub(super) const TABLE: &str = "inet linkspan";

/// Everything but the elements of the sets.
///
/// - Nothing is forwarded that no permit names. Answers look the permit up too, by the addresses that the connection
///   began with, so that taking a permit away cuts open connections.
/// - A permit names the interface and both networks: who forges an address has none.
/// - Whatever a permit covers, queues never reach each other through a router.
/// - The router itself answers nothing but ICMP: without a chain for what is addressed to it, its own addresses were
///   open to every queue.
/// - Who is cut off in the middle of a connection is told by a reset, everybody else by ICMP.
/// - What is sent to something of the host bears the router's own address there, unless its administrator wants it
///   otherwise: nobody there need know the way back to a queue.
/// - Subnets of one VPC reach each other, as everywhere.
const CHAINS: &str = r#"
  chain input {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    icmp type { echo-request, echo-reply, destination-unreachable, time-exceeded } accept
    reject with icmpx admin-prohibited
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    iifname "q*" oifname "q*" reject with icmpx admin-prohibited
    iifname . ip saddr . ip daddr @permit accept
    ct direction reply ct state established,related oifname . ct original ip saddr . ct original ip daddr @permit accept
    iifname "s*" oifname "s*" accept
    meta l4proto tcp ct state established reject with tcp reset
    reject with icmpx admin-prohibited
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "m*" masquerade
  }
"#;

/// The table with all its elements, in place of whatever is there.
pub(super) fn whole(rules: &Rules) -> String {
    let mut text = format!("table {TABLE} {{ }}\ndelete table {TABLE}\ntable {TABLE} {{\n");
    text.push_str("  set permit {\n    type ifname . ipv4_addr . ipv4_addr\n    flags interval\n");
    elements(&mut text, rules.permits.iter().map(permit));
    // A peer's id is as long as an IPv6 address, for which there is a type.
    text.push_str("  }\n  set peers {\n    type ipv6_addr\n");
    elements(&mut text, rules.peers.iter().map(|(peer, mark)| entry(*peer, mark)));
    text.push_str("  }");
    text.push_str(CHAINS);
    text.push_str("}\n");
    text
}

fn elements(text: &mut String, elements: impl Iterator<Item = String>) {
    let all: Vec<_> = elements.collect();
    if !all.is_empty() {
        let _ = writeln!(text, "    elements = {{ {} }}", all.join(", "));
    }
}

/// The commands that change the elements.
pub(super) fn changes(amendment: &Amendment) -> String {
    let mut text = String::new();
    command(&mut text, "delete", ("permit", amendment.forbid.iter().map(permit)));
    command(&mut text, "add", ("permit", amendment.permit.iter().map(permit)));
    command(&mut text, "delete", ("peers", amendment.strike.iter().map(|peer| key(*peer))));
    command(&mut text, "add", ("peers", amendment.enter.iter().map(|(peer, mark)| entry(*peer, mark))));
    text
}

fn command(text: &mut String, verb: &str, (set, elements): (&str, impl Iterator<Item = String>)) {
    let all: Vec<_> = elements.collect();
    if !all.is_empty() {
        let _ = writeln!(text, "{verb} element {TABLE} {set} {{ {} }}", all.join(", "));
    }
}

fn permit(permit: &Permit) -> String {
    format!("\"{}\" . {} . {}", permit.link, permit.source, permit.destination)
}

fn key(peer: PeerId) -> String {
    Ipv6Addr::from(peer.0.as_u128()).to_string()
}

fn entry(peer: PeerId, mark: &PeerMark) -> String {
    format!("{} comment \"{mark}\"", key(peer))
}

/// Rules as they are after an amendment.
pub(super) fn amended(rules: &Rules, amendment: &Amendment) -> Rules {
    let mut rules = Rules { intact: true, ..rules.clone() };
    for permit in &amendment.forbid {
        rules.permits.remove(permit);
    }
    rules.permits.extend(amendment.permit.iter().cloned());
    for peer in &amendment.strike {
        rules.peers.remove(peer);
    }
    rules.peers.extend(amendment.enter.iter().cloned());
    rules
}
