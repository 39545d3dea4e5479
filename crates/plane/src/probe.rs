use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use linkspan_model::{ConnectionId, PeerId};
use serde::{Deserialize, Serialize};

use crate::hosts::HostTable;
use crate::reach::Finding;
use crate::spec::SourceRef;
use crate::verdict::{Certainty, Stage, Verdict, Who};

/// A question: can this queue or pool reach that?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeSpec {
    /// Who asks.
    pub source: SourceRef,
    /// What it wants to reach.
    pub target: ProbeTarget,
    /// On which TCP port; none = only whether a host is there, by ICMP echo and neighbour resolution where there are
    /// packets. That says nothing about its services.
    pub port: Option<u16>,
    /// How long the plane may try.
    pub limit: Duration,
}

/// What a probe wants to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProbeTarget {
    /// An address.
    Address(IpAddr),
    /// A name, resolved by the host records of the queue's network.
    Name(Box<str>),
}

impl ProbeTarget {
    /// The address, and the connection whose host record gave it; none for a name without record.
    #[must_use]
    pub fn resolve(&self, hosts: &HostTable) -> Option<(IpAddr, Option<ConnectionId>)> {
        match self {
            Self::Address(address) => Some((*address, None)),
            Self::Name(name) => hosts.resolve(name).map(|found| (IpAddr::V4(found.address), Some(found.connection))),
        }
    }
}

impl From<&str> for ProbeTarget {
    fn from(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Name(text.into()), Self::Address)
    }
}

impl fmt::Display for ProbeTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// The verdict.
    pub verdict: Verdict,
    /// How sure it is.
    pub certainty: Certainty,
    /// The address that was tried, once known.
    pub address: Option<IpAddr>,
    /// The connection whose host record resolved the name.
    pub resolved_by: Option<ConnectionId>,
    /// The peer that carries the traffic, or stops it.
    pub peer: Option<PeerId>,
    /// One sentence for a person.
    pub summary: String,
    /// Who should do what, unless nothing is wrong.
    pub act: Option<Act>,
    /// The way hop by hop, as far as it was followed.
    pub path: Vec<Hop>,
}

/// What somebody should do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Who.
    pub who: Who,
    /// What, in the imperative.
    pub what: String,
}

/// One hop of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The part of the way it belongs to.
    pub stage: Stage,
    /// What it is: `queue etl`, `peer 4f1c…`, `destination`.
    pub hop: String,
    /// Whether it lets the traffic on; unknown if the traffic did not come that far.
    pub ok: Option<bool>,
    /// What was seen there; a plane without packets sees nothing.
    pub evidence: Vec<Evidence>,
}

/// Something that was seen at a hop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is: `via`, `icmp`, `neighbour`.
    pub what: Cow<'static, str>,
    /// What it was found to be.
    pub value: String,
}

/// Evidence at a router: tables of somebody else, which are the business of the connection's owner only.
pub const FOREIGN_RULES: &str = "foreign rules";

impl ProbeReport {
    /// The report on a name that nothing resolves.
    #[must_use]
    pub fn unresolved(probe: &ProbeSpec) -> Self {
        let finding = Finding { verdict: Verdict::DnsFailure, peer: None, in_place: 0 };
        Self::of(probe, &finding, None)
    }

    /// The report on what the graph says about an address.
    #[must_use]
    pub fn of(probe: &ProbeSpec, finding: &Finding, resolved: Option<(IpAddr, Option<ConnectionId>)>) -> Self {
        let verdict = finding.verdict;
        Self {
            verdict,
            certainty: Certainty::Proved,
            address: resolved.map(|(address, _)| address),
            resolved_by: resolved.and_then(|(_, connection)| connection),
            peer: finding.peer,
            summary: summary(probe, finding),
            act: verdict.who().map(|who| Act { who, what: remedy(probe, finding) }),
            path: path(probe, finding),
        }
    }

    /// Adds what was seen at a part of the way.
    pub fn saw(&mut self, stage: Stage, (what, value): (&'static str, impl fmt::Display)) {
        if let Some(hop) = self.path.iter_mut().find(|hop| hop.stage == stage) {
            hop.evidence.push(Evidence { what: what.into(), value: value.to_string() });
        }
    }
}

fn summary(probe: &ProbeSpec, finding: &Finding) -> String {
    let ProbeSpec { source, target, port, .. } = probe;
    let Some(port) = port else { return summary_without_port(probe, finding) };
    match finding.verdict {
        Verdict::Reachable => format!("{source} reaches {target} on port {port}."),
        Verdict::DnsFailure => format!("No connection of {source} has a host record for {target}."),
        Verdict::ConnectionRefused => format!("{target} is there, but nothing listens on port {port}."),
        Verdict::NoRouteInQueue if finding.in_place == 0 => format!("No connection of {source} is active."),
        Verdict::NoRouteInQueue => format!("No active connection of {source} leads to {target}."),
        Verdict::PeerLinkDown => format!("The link that leads {source} to {target} is down at its far end."),
        Verdict::BlockedByPolicy => format!("The peering of {source} does not permit {target}."),
        Verdict::NoRouteAtRouter => format!("The router of the destination knows no way to {target}."),
        Verdict::DestinationHostDown => format!("No host answers for {target} in the destination subnet."),
        Verdict::SilentlyDroppedByDestination => {
            format!("{target} is up but drops what {source} sends to port {port}.")
        }
        Verdict::NoReturnRouteAtDestination => format!("{target} has no route back to {source}."),
        Verdict::NoReturnRouteAtRouter => format!("The router of the destination has no route back to {source}."),
        Verdict::ForeignRuleAtRouter => format!(
            "The peering of {source} permits {target}, but a packet filter that somebody else put into the router of the \
             destination stops it."
        ),
    }
}

/// What was found of a host, whatever it serves.
fn summary_without_port(probe: &ProbeSpec, finding: &Finding) -> String {
    let ProbeSpec { source, target, .. } = probe;
    match finding.verdict {
        Verdict::Reachable => format!("{source} reaches {target}."),
        Verdict::ConnectionRefused => format!("{target} is there, but refuses {source}."),
        Verdict::SilentlyDroppedByDestination => format!("{target} answers nothing that {source} sends."),
        _ => summary(&ProbeSpec { port: Some(0), ..probe.clone() }, finding),
    }
}

fn remedy(probe: &ProbeSpec, finding: &Finding) -> String {
    let ProbeSpec { source, target, .. } = probe;
    let port = probe.port.map(|port| format!(" on port {port}")).unwrap_or_default();
    match finding.verdict {
        Verdict::Reachable => String::new(),
        Verdict::DnsFailure => format!("add a host record for {target} to a connection of {source}"),
        Verdict::ConnectionRefused => format!("start the service of {target}{port}"),
        Verdict::NoRouteInQueue => {
            format!("bind {source} to a connection whose subnet or routes hold {target}, or add a route for it")
        }
        Verdict::BlockedByPolicy => format!("add a route for {target} to the connection"),
        Verdict::PeerLinkDown => "look at the far end of the peer's link".to_owned(),
        Verdict::NoRouteAtRouter => format!("give the destination's router a route to {target}"),
        Verdict::DestinationHostDown => format!("start the host of {target}, or correct the address"),
        Verdict::SilentlyDroppedByDestination => format!("let the firewall of {target} admit {source}{port}"),
        Verdict::NoReturnRouteAtDestination => format!("give {target} a route to the network of {source}"),
        Verdict::NoReturnRouteAtRouter => format!("give the destination's router a route to the network of {source}"),
        Verdict::ForeignRuleAtRouter => {
            format!("take the foreign rules out of the router's namespace, or let them pass {source}")
        }
    }
}

fn path(probe: &ProbeSpec, finding: &Finding) -> Vec<Hop> {
    let stage = finding.verdict.stage();
    let state = |at: Stage| match stage.cmp(&at) {
        std::cmp::Ordering::Greater => Some(true),
        std::cmp::Ordering::Equal => Some(finding.verdict == Verdict::Reachable),
        std::cmp::Ordering::Less => None,
    };
    let hop = |stage, hop| Hop { stage, hop, ok: state(stage), evidence: Vec::new() };
    let mut hops = Vec::with_capacity(5);
    if matches!(probe.target, ProbeTarget::Name(_)) {
        hops.push(hop(Stage::Name, format!("host records of {}", probe.source)));
    }
    hops.push(hop(Stage::Queue, probe.source.to_string()));
    hops.push(hop(Stage::Peering, finding.peer.map_or_else(|| "peer".to_owned(), |peer| format!("peer {peer}"))));
    hops.push(hop(Stage::Router, "router of the destination".to_owned()));
    let target = &probe.target;
    hops.push(hop(
        Stage::Destination,
        probe.port.map_or_else(|| target.to_string(), |port| format!("{target}:{port}")),
    ));
    hops
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::samples;

    #[test]
    fn a_report_says_who_must_do_what_and_where_it_stops() {
        let probe = samples::probe("etl", "192.168.0.9");
        for verdict in Verdict::ALL {
            let finding = Finding { verdict, peer: None, in_place: 1 };
            let report = ProbeReport::of(&probe, &finding, None);
            assert!(report.summary.ends_with('.') && !report.summary.contains("  "), "{}", report.summary);
            assert_eq!(report.act.as_ref().map(|act| act.who), verdict.who());
            assert!(report.act.is_none_or(|act| !act.what.is_empty()));
            let stops = report.path.iter().filter(|hop| hop.ok == Some(false)).count();
            assert_eq!(
                stops,
                usize::from(verdict != Verdict::Reachable && verdict != Verdict::DnsFailure),
                "{verdict}"
            );
        }
    }

    #[test]
    fn a_name_without_record_stops_at_the_first_hop() {
        let report = ProbeReport::unresolved(&samples::probe("etl", "kafka"));
        assert_eq!(report.verdict, Verdict::DnsFailure);
        assert_eq!(report.path.iter().map(|hop| hop.ok).collect::<Vec<_>>(), [Some(false), None, None, None, None]);
    }

    #[test]
    fn what_was_seen_stands_at_its_hop() {
        let probe = samples::probe("etl", "192.168.0.9");
        let mut report =
            ProbeReport::of(&probe, &Finding { verdict: Verdict::Reachable, peer: None, in_place: 1 }, None);
        report.saw(Stage::Peering, ("icmp", "3/13"));
        report.saw(Stage::Name, ("record", "none, because the target is an address"));
        let seen: Vec<_> = report.path.iter().filter(|hop| !hop.evidence.is_empty()).collect();
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].stage, &*seen[0].evidence[0].value), (Stage::Peering, "3/13"));
    }
}
