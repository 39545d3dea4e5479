//! What is written on everything that is made here, so that a later process knows it again: on interfaces as their
//! alias, on elements of a set as their comment. The kernel keeps 255 bytes of the one and `nft` 128 of the other.
//!
//! The first word names the form. A mark of another form is no mark of ours, so what an older release made stays
//! readable only as long as its form is.

use std::fmt;
use std::str::FromStr;

use linkspan_model::{Cidr4, SourceName};
use linkspan_plane::SourceRef;

use crate::names::{InterfaceName, NamespaceName};

const FORM: &str = "linkspan1";

/// On the loopback of a queue's or pool's namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceMark {
    pub(crate) source: SourceRef,
    pub(crate) cidr: Cidr4,
    pub(crate) digest: u64,
}

/// On both ends of the link between two namespaces: which ones it joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkMark {
    pub(crate) router: NamespaceName,
    pub(crate) leads_to: NamespaceName,
}

/// On a peer's entry in the table of its router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PeerMark {
    pub(crate) generation: u32,
    pub(crate) digest: u64,
    /// The router's interface towards the queue or pool.
    pub(crate) link: InterfaceName,
    /// The router's interface towards the destination.
    pub(crate) onward: InterfaceName,
    /// The metric of the peer's routes, by which they are told from those of others over the same link.
    pub(crate) metric: u32,
    /// How many routes it has, each with its permit.
    pub(crate) routes: usize,
}

impl fmt::Display for SourceMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, cidr, digest } = self;
        let kind = match source.name {
            SourceName::Queue(_) => "queue",
            SourceName::Pool(_) => "pool",
        };
        write!(f, "{FORM} {kind} {} {} {cidr} {digest:016x}", source.project, source.name.as_str())
    }
}

impl FromStr for SourceMark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let [FORM, kind, project, name, cidr, digest] = *text.split(' ').collect::<Vec<_>>() else { return Err(()) };
        let name = match kind {
            "queue" => SourceName::Queue(name.parse().map_err(drop)?),
            "pool" => SourceName::Pool(name.parse().map_err(drop)?),
            _ => return Err(()),
        };
        let source = SourceRef { project: project.parse().map_err(drop)?, name };
        Ok(Self { source, cidr: cidr.parse().map_err(drop)?, digest: u64::from_str_radix(digest, 16).map_err(drop)? })
    }
}

impl fmt::Display for LinkMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FORM} link {} {}", self.router, self.leads_to)
    }
}

impl FromStr for LinkMark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let [FORM, "link", router, leads_to] = *text.split(' ').collect::<Vec<_>>() else { return Err(()) };
        let name = |text| NamespaceName::of_handle(text).ok_or(());
        Ok(Self { router: name(router)?, leads_to: name(leads_to)? })
    }
}

impl fmt::Display for PeerMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generation, digest, link, onward, metric, routes } = self;
        write!(f, "{FORM} {generation} {digest:016x} {link} {onward} {metric} {routes}")
    }
}

impl FromStr for PeerMark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let parts: Vec<_> = text.split(' ').collect();
        let [FORM, generation, digest, link, onward, metric, routes] = *parts else { return Err(()) };
        Ok(Self {
            generation: generation.parse().map_err(drop)?,
            digest: u64::from_str_radix(digest, 16).map_err(drop)?,
            link: InterfaceName::known(link),
            onward: InterfaceName::known(onward),
            metric: metric.parse().map_err(drop)?,
            routes: routes.parse().map_err(drop)?,
        })
    }
}

/// The mark of a namespace whose loopback needs to say no more than that it is complete.
pub(crate) fn namespace_mark(name: &NamespaceName) -> String {
    format!("{FORM} namespace {name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use linkspan_plane::conformance::samples;

    #[test]
    fn marks_read_back_and_fit_where_they_are_kept() {
        let project = "p".repeat(64).parse().unwrap();
        let name = SourceName::Pool("n".repeat(128).parse().unwrap());
        let source = SourceRef { project, name };
        let mark = SourceMark { source, cidr: "255.255.255.240/28".parse().unwrap(), digest: u64::MAX };
        assert_eq!(mark.to_string().parse(), Ok(mark.clone()));
        assert!(mark.to_string().len() < 256, "{}", mark.to_string().len());

        let leads_to = NamespaceName::of_source(&mark.source);
        let router = NamespaceName::of_router(&samples::destination("n", None));
        let link = LinkMark { router, leads_to: leads_to.clone() };
        assert_eq!(link.to_string().parse(), Ok(link));

        let interface = leads_to.interface();
        let (generation, digest, metric) = (u32::MAX, u64::MAX, u32::MAX);
        let peer = PeerMark { generation, digest, link: interface.clone(), onward: interface, metric, routes: 201 };
        assert_eq!(peer.to_string().parse(), Ok(peer.clone()));
        assert!(peer.to_string().len() < 128);
    }

    #[test]
    fn what_others_wrote_is_no_mark() {
        for text in
            ["", "eth0 uplink", "linkspan0 link v-0 q-0", "linkspan1 link v q", "linkspan1 queue p q 10.0.0.0/8"]
        {
            assert!(text.parse::<SourceMark>().is_err() && text.parse::<LinkMark>().is_err(), "{text}");
            assert!(text.parse::<PeerMark>().is_err(), "{text}");
        }
    }
}
