//! What exists in the oracle's world and what everyone sees of it: plain vectors of plain things, filtered and written
//! out. What calls do to them is in [`oracle`](crate::oracle).
#![allow(missing_docs, reason = "fields are named as in the model")]

use linkspan_engine::{Order, PageQuery};
use linkspan_model::{Hosts, PeerId};

use crate::commands::{ANY, HOSTS, Limits, Name, NewOp, PROJECTS, TAGS};
use crate::rows::{RowText, peer_text};
use crate::seen::Look;

/// Where a peer stands; `Creating` and `Cancelled` until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Creating(i64),
    Cancelled(i64),
    Active,
    Failed(&'static str),
    Removing,
}

#[derive(Debug, Clone)]
pub struct Peer {
    pub id: Option<PeerId>,
    pub conn: usize,
    pub project: usize,
    pub source: String,
    pub generation: u32,
    pub stage: Stage,
    pub changed: i64,
}

/// A connection; a purged one keeps its place in the vector.
#[derive(Debug, Clone)]
pub struct Conn {
    pub id: Option<String>,
    pub project: usize,
    pub new: NewOp,
    pub routes: Vec<(&'static str, &'static str)>,
    pub grantees: Vec<usize>,
    pub tags: Vec<(&'static str, &'static str)>,
    pub deleted: Option<i64>,
    pub purged: bool,
}

impl Conn {
    pub(crate) fn new(project: usize, new: &NewOp) -> Self {
        let tags = TAGS[new.tags].to_vec();
        let (new, routes, grantees) = (new.clone(), vec![], vec![]);
        Self { id: None, project, new, routes, grantees, tags, deleted: None, purged: false }
    }

    /// Sets tags, or takes away those with the same keys.
    pub(crate) fn retag(&mut self, tags: &[(&'static str, &'static str)], set: bool) {
        for tag in tags {
            match self.tags.iter().position(|it| it.0 == tag.0) {
                Some(at) if set => self.tags[at] = *tag,
                Some(at) => drop(self.tags.remove(at)),
                None if set => self.tags.push(*tag),
                None => {}
            }
        }
    }
}

/// First address and prefix.
pub type Net = (u32, u8);

/// A queue (`queue q1`) or a pool (`elastic resource pool p1`).
#[derive(Debug, Clone)]
pub struct Source {
    pub project: usize,
    pub name: String,
    pub shown: Net,
    pub net: Net,
    pub pool: Option<String>,
    pub mode: u8,
}

/// A VPC, or a subnet of a VPC.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    pub project: usize,
    pub id: &'static str,
    pub vpc: Option<&'static str>,
    pub net: Option<Net>,
    /// The custom route table that a subnet uses.
    pub table: Option<&'static str>,
}

/// A custom route table of a VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    pub project: usize,
    pub id: &'static str,
    pub vpc: &'static str,
}

/// Everything, in the order it came.
#[derive(Debug, Clone)]
pub struct World {
    pub limits: Limits,
    pub now: i64,
    pub conns: Vec<Conn>,
    pub peers: Vec<Peer>,
    pub sources: Vec<Source>,
    pub networks: Vec<Network>,
    pub tables: Vec<Table>,
    /// Users, keys and projects that are disabled.
    pub off: Vec<(&'static str, usize)>,
}

impl World {
    /// An empty one.
    #[must_use]
    pub fn new(limits: Limits, now: i64) -> Self {
        let (conns, peers, sources, networks, tables, off) = Default::default();
        Self { limits, now, conns, peers, sources, networks, tables, off }
    }
}

impl World {
    /// The connection that a number picks for a project, if it picks one.
    #[must_use]
    pub fn picked(&self, p: usize, at: usize) -> Option<usize> {
        let from: Vec<usize> = (0..self.conns.len()).filter(|it| at >= ANY || self.has(p, *it)).collect();
        from.get(at.checked_rem(from.len() + usize::from(at >= ANY))?).copied()
    }

    fn has(&self, p: usize, at: usize) -> bool {
        self.sees(p, at) && self.conns[at].deleted.is_none()
    }

    /// Whether a project lists a connection: its own while it is kept, and one granted to it while it exists.
    #[must_use]
    pub fn sees(&self, p: usize, at: usize) -> bool {
        let conn = &self.conns[at];
        (conn.project == p && !conn.purged) || (conn.grantees.contains(&p) && conn.deleted.is_none())
    }

    pub(crate) fn existing(&self, p: usize, at: usize) -> Result<usize, Vec<String>> {
        self.picked(p, at).filter(|it| self.has(p, *it)).ok_or(vec!["UnknownConnection".into()])
    }

    pub(crate) fn network(&self, p: usize, id: &str) -> Option<&Network> {
        self.networks.iter().find(|it| (it.project, it.id) == (p, id))
    }

    pub(crate) fn source(&self, p: usize, name: &str) -> Option<&Source> {
        self.sources.iter().find(|it| it.project == p && it.name == name)
    }

    /// The places of the peers that are not being removed and are as wanted, in the order bound.
    pub(crate) fn shown(&self, wanted: impl Fn(&Peer, &Conn) -> bool) -> Vec<usize> {
        let shown = |peer: &Peer| peer.stage != Stage::Removing && wanted(peer, &self.conns[peer.conn]);
        (0..self.peers.len()).filter(|at| shown(&self.peers[*at])).collect()
    }

    /// Whether a project has room for host records instead of others.
    pub(crate) fn fits(&self, p: usize, less: usize, more: usize) -> bool {
        let weight = |hosts: usize| Hosts::parse(HOSTS[hosts]).unwrap().weight();
        let held = self.conns.iter().filter(|conn| conn.project == p && !conn.purged);
        held.map(|conn| weight(conn.new.hosts)).sum::<usize>() + weight(more) <= self.limits.host_bytes + weight(less)
    }

    /// The highest free /24 for a queue, the lowest free /18 for a pool.
    pub(crate) fn free(&self, p: usize, queue: bool) -> Net {
        let (count, prefix) = if queue { (1 << 12, 24) } else { (1 << 6, 18) };
        let at = |i: u32| (net("172.16.0.0/12").0 + (i << (32 - prefix)), prefix as u8);
        let all = (0..count).map(|i| at(if queue { count - 1 - i } else { i }));
        let own = self.sources.iter().filter(|it| it.project == p && it.pool.is_none());
        all.into_iter().find(|it| !own.clone().any(|own| overlap(own.net, *it))).unwrap()
    }

    /// The rows of a list, all pages of it.
    #[must_use]
    pub fn rows(&self, p: usize, query: &PageQuery) -> Vec<String> {
        let bears = |conn: &Conn, (key, value): &(String, String)| conn.tags.iter().any(|it| *it == (key, value));
        let wanted = |conn: &Conn| {
            query.active.is_none_or(|active| active == conn.deleted.is_none())
                && query.name.as_deref().is_none_or(|name| name == conn.new.name)
                && query.tags.iter().all(|tag| bears(conn, tag))
        };
        let oldest_first = (0..self.conns.len()).filter(|at| self.sees(p, *at) && wanted(&self.conns[*at]));
        let mut rows: Vec<String> = oldest_first.map(|at| self.row(p, at)).collect();
        if query.order == Order::Desc {
            rows.reverse();
        }
        rows
    }

    /// The row of a connection as a project sees it.
    #[must_use]
    pub fn row(&self, p: usize, at: usize) -> String {
        let conn = &self.conns[at];
        let peers = self.shown(|peer, _| peer.conn == at && peer.project == p && conn.deleted.is_none());
        let peers = peers.into_iter().map(|it| {
            let peer = &self.peers[it];
            let (state, reason) = peer.stage.text();
            peer_text(&peer.source, state, reason, peer.changed)
        });
        let pairs = |of: &[(&str, &str)]| of.iter().map(|(a, b)| format!("{a}={b}")).collect();
        let (hosts, tags) = (pairs(HOSTS[conn.new.hosts]), pairs(&conn.tags));
        let (active, id) = (conn.deleted.is_none(), conn.id.clone().unwrap_or_default());
        let (routes, shared) = (pairs(&conn.routes), active && !conn.grantees.is_empty());
        RowText { id, name: conn.new.name, active, peers: peers.collect(), hosts, tags, routes, shared }.json()
    }

    /// Whether a peer can't be made because networks overlap; of two that do, the one bound later can't.
    fn clashes(&self, it: usize) -> bool {
        let (peer, conn) = (&self.peers[it], &self.conns[self.peers[it].conn]);
        let own = |peer: &Peer| self.source(peer.project, &peer.source).unwrap().net;
        let place = |conn: &Conn, id| (conn.project, id);
        let subnet = |conn: &Conn| self.network(conn.project, conn.new.net).and_then(|it| it.net);
        let overlaps = |a: Option<Net>, b: Option<Net>| a.zip(b).is_some_and(|(a, b)| overlap(a, b));
        let same = |other: &Peer| (other.project, &other.source) == (peer.project, &peer.source);
        let loses = |other: &Peer, there: &Conn| match same(other) {
            true => place(there, there.new.net) != place(conn, conn.new.net) && overlaps(subnet(there), subnet(conn)),
            false => place(there, there.new.vpc) == place(conn, conn.new.vpc) && overlap(own(other), own(peer)),
        };
        let earlier = self.shown(loses);
        overlaps(Some(own(peer)), subnet(conn)) || earlier.into_iter().any(|other| other < it)
    }

    /// Everything that can be seen, by what it is.
    #[must_use]
    pub fn look(&self) -> Look {
        let mut seen = Look::new();
        for (p, project) in PROJECTS.iter().enumerate() {
            let mut see = |what: &str, line: String| seen.entry(format!("{project} {what}")).or_default().push(line);
            self.rows(p, &PageQuery::default()).into_iter().for_each(|row| see("list", row));
            for it in self.sources.iter().filter(|it| it.project == p) {
                let (shown, net, pool) = (net_text(it.shown), net_text(it.net), it.pool.as_deref().unwrap_or("-"));
                see("sources", format!("{} {shown} {net} {pool} {}", it.name, it.mode));
                for bound in self.shown(|peer, _| peer.project == p && peer.source == it.name) {
                    let hosts = HOSTS[self.conns[self.peers[bound].conn].new.hosts].iter();
                    hosts.for_each(|(name, ip)| see(&format!("hosts of {}", it.name), format!("{name}={ip}")));
                }
            }
            for it in self.networks.iter().filter(|it| it.project == p) {
                see("networks", format!("{} {:?} {:?}", it.id, it.vpc, it.net.map(net_text)));
            }
            self.table_lines(p).into_iter().for_each(|line| see("tables", line));
            for (at, it) in self.peers.iter().enumerate().filter(|(_, it)| it.project == p) {
                let clashes = it.stage != Stage::Removing && self.clashes(at);
                let id = it.id.map(|id| id.to_string()).unwrap_or_default();
                see("peers", format!("{id} {} {} {} clashes={clashes}", it.source, it.generation, it.stage.text().0));
            }
        }
        seen.insert("off".into(), self.off.iter().map(|(kind, which)| format!("{kind} {which}")).collect());
        // The order of these means nothing.
        let unordered = |what: &str| !what.contains("list") && !what.contains("hosts");
        seen.iter_mut().filter(|(what, _)| unordered(what)).for_each(|(_, lines)| lines.sort());
        seen
    }
}

impl Stage {
    fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Creating(_) => ("CREATING", ""),
            Self::Cancelled(_) => ("CANCELLED", ""),
            Self::Active => ("ACTIVE", ""),
            Self::Failed(why) => ("FAILED", why),
            Self::Removing => ("REMOVING", ""),
        }
    }
}

pub(crate) fn overlap(a: Net, b: Net) -> bool {
    (a.0 ^ b.0) >> (32 - a.1.min(b.1)) == 0
}

/// The preset queue.
pub(crate) const DEFAULT: &str = "queue default";

/// A queue or pool as it is known, whatever the case of the letters it is asked for by.
pub(crate) fn full((kind, name): Name) -> String {
    format!("{kind} {}", name.to_lowercase())
}

pub(crate) fn network(project: usize, id: &'static str, of: (Option<&'static str>, Option<&str>)) -> Network {
    Network { project, id, vpc: of.0, net: of.1.map(net), table: None }
}

/// Reads `10.0.0.0/24`.
///
/// # Panics
/// It is nothing like that.
#[must_use]
pub fn net(text: &str) -> Net {
    let (address, prefix) = text.split_once('/').unwrap();
    (u32::from(address.parse::<std::net::Ipv4Addr>().unwrap()), prefix.parse().unwrap())
}

/// Writes it.
#[must_use]
pub fn net_text((address, prefix): Net) -> String {
    format!("{}/{prefix}", std::net::Ipv4Addr::from(address))
}
