use std::fmt;
use std::str::FromStr;

use linkspan_model::Invalid;
use serde::{Deserialize, Serialize};

/// What stands in the way between a queue and an address, or that nothing does. Every plane answers with one of
/// these; a real plane proves it by packets and tables, the simulated one reads its graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// Nothing: the way is open.
    Reachable,
    /// The name has no host record in the queue's network.
    DnsFailure,
    /// The host is there, but nothing listens on the port.
    ConnectionRefused,
    /// No connection of the queue leads to the address.
    NoRouteInQueue,
    /// The peer's link is down at its far end.
    PeerLinkDown,
    /// The peer leads there but does not permit the address.
    BlockedByPolicy,
    /// The destination's router does not know the address.
    NoRouteAtRouter,
    /// The destination's router knows the subnet, but no host has the address.
    DestinationHostDown,
    /// The host has the address and answers nothing; its own firewall most likely.
    SilentlyDroppedByDestination,
    /// The host has no route back to the queue.
    NoReturnRouteAtDestination,
    /// The destination's router has no route back to the queue.
    NoReturnRouteAtRouter,
    /// Rules that are none of ours drop it at the destination's router.
    ForeignRuleAtRouter,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Reachable,
        Self::DnsFailure,
        Self::ConnectionRefused,
        Self::NoRouteInQueue,
        Self::PeerLinkDown,
        Self::BlockedByPolicy,
        Self::NoRouteAtRouter,
        Self::DestinationHostDown,
        Self::SilentlyDroppedByDestination,
        Self::NoReturnRouteAtDestination,
        Self::NoReturnRouteAtRouter,
        Self::ForeignRuleAtRouter,
    ];

    /// Its name on every interface.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::DnsFailure => "dns_failure",
            Self::ConnectionRefused => "connection_refused",
            Self::NoRouteInQueue => "no_route_in_queue",
            Self::PeerLinkDown => "peer_link_down",
            Self::BlockedByPolicy => "blocked_by_policy",
            Self::NoRouteAtRouter => "no_route_at_router",
            Self::DestinationHostDown => "destination_host_down",
            Self::SilentlyDroppedByDestination => "silently_dropped_by_destination",
            Self::NoReturnRouteAtDestination => "no_return_route_at_destination",
            Self::NoReturnRouteAtRouter => "no_return_route_at_router",
            Self::ForeignRuleAtRouter => "foreign_rule_at_router",
        }
    }

    /// The part of the way it is about.
    #[must_use]
    pub fn stage(self) -> Stage {
        match self {
            Self::DnsFailure => Stage::Name,
            Self::NoRouteInQueue => Stage::Queue,
            Self::PeerLinkDown | Self::BlockedByPolicy => Stage::Peering,
            Self::NoRouteAtRouter | Self::NoReturnRouteAtRouter | Self::ForeignRuleAtRouter => Stage::Router,
            Self::Reachable
            | Self::ConnectionRefused
            | Self::DestinationHostDown
            | Self::SilentlyDroppedByDestination
            | Self::NoReturnRouteAtDestination => Stage::Destination,
        }
    }

    /// Who can mend it; nobody has to if the way is open.
    #[must_use]
    pub fn who(self) -> Option<Who> {
        match self {
            Self::Reachable => None,
            Self::DnsFailure | Self::NoRouteInQueue | Self::BlockedByPolicy => Some(Who::Tenant),
            Self::PeerLinkDown | Self::NoRouteAtRouter | Self::NoReturnRouteAtRouter | Self::ForeignRuleAtRouter => {
                Some(Who::Operator)
            }
            Self::ConnectionRefused
            | Self::DestinationHostDown
            | Self::SilentlyDroppedByDestination
            | Self::NoReturnRouteAtDestination => Some(Who::DataSourceOwner),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Verdict {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|verdict| verdict.as_str()).collect();
            Invalid::new(format!("a verdict is one of {}", names.join(", ")))
        })
    }
}

/// A part of the way from a queue to a data source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Resolving the name.
    Name,
    /// The queue's own routes.
    Queue,
    /// The peer: its link and its permits.
    Peering,
    /// The destination's router.
    Router,
    /// The data source itself.
    Destination,
}

impl Stage {
    /// Its name on every interface.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Queue => "queue",
            Self::Peering => "peering",
            Self::Router => "router",
            Self::Destination => "destination",
        }
    }
}

/// Whether a verdict was seen or concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Certainty {
    /// There is evidence for exactly this cause.
    Proved,
    /// It is what remains once the other causes are excluded.
    Inferred,
}

impl Certainty {
    /// Its name on every interface.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Inferred => "inferred",
        }
    }
}

/// Who can mend a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Who {
    /// Whoever manages the connection.
    Tenant,
    /// Whoever runs the data source.
    DataSourceOwner,
    /// Whoever runs Linkspan's host and networks.
    Operator,
}

impl Who {
    /// Its name on every interface.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::DataSourceOwner => "data_source_owner",
            Self::Operator => "operator",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_only_an_open_way_needs_nobody() {
        for verdict in Verdict::ALL {
            assert_eq!(verdict.as_str().parse::<Verdict>().unwrap(), verdict);
            assert_eq!(verdict.who().is_none(), verdict == Verdict::Reachable);
        }
        assert!("unreachable".parse::<Verdict>().is_err());
    }
}
