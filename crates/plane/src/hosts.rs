use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use linkspan_model::{ConnectionId, Hosts, PeerId};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// The host records that one binding brings into its queue's network.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HostPart {
    /// The peer that brings them.
    pub peer: PeerId,
    /// The connection that holds them.
    pub connection: ConnectionId,
    /// A number that changes whenever the records do and outlives a restart (their record's revision, or a hash);
    /// never 0.
    pub digest: u64,
    /// The records, shared with whoever keeps them.
    pub hosts: Hosts,
}

/// What a name of a queue's network resolves to, and whose record says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution {
    /// The address.
    pub address: Ipv4Addr,
    /// The connection whose record won.
    pub connection: ConnectionId,
}

/// The host records of all connections of one queue or pool, earliest binding first; where two disagree on a name
/// (letter case ignored), the earlier binding wins. Nothing is copied: parts are shared and looked through.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HostTable {
    parts: Arc<[HostPart]>,
    digest: u64,
}

impl HostTable {
    /// A table of parts in the order of binding; parts without records may be left out.
    #[must_use]
    pub fn new(parts: Vec<HostPart>) -> Self {
        let digest = parts.iter().fold(0u64, |sum, part| sum.wrapping_add(Self::part_digest(part.peer, part.digest)));
        Self { parts: parts.into(), digest }
    }

    /// What one binding adds to its table's digest. The digest is a sum, so the reconciler knows it without making the
    /// table; the order of binding is part of a peer and never changes. Records that are not there (0) add nothing.
    pub(crate) fn part_digest(peer: PeerId, digest: u64) -> u64 {
        if digest == 0 { 0 } else { Digest::new().bytes(peer.0.as_bytes()).number(digest).finish() }
    }

    /// Tells two tables apart; 0 is the empty table.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Whether it holds no record at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| part.hosts.is_empty())
    }

    /// The parts, earliest binding first.
    #[must_use]
    pub fn parts(&self) -> &[HostPart] {
        &self.parts
    }

    /// What a name resolves to, letter case ignored.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<Resolution> {
        self.parts.iter().find_map(|part| {
            let host = part.hosts.as_slice().iter().find(|host| host.name.eq_ignore_ascii_case(name))?;
            Some(Resolution { address: host.ip, connection: part.connection })
        })
    }

    /// Every name once, in lower case, with what it resolves to: what a hosts file or a DNS zone of the queue holds.
    #[must_use]
    pub fn merged(&self) -> HashMap<Box<str>, Resolution> {
        let mut names = HashMap::new();
        for part in self.parts.iter() {
            for host in part.hosts.as_slice() {
                let won = Resolution { address: host.ip, connection: part.connection };
                names.entry(host.name.to_ascii_lowercase().into()).or_insert(won);
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::samples;

    #[test]
    fn the_earlier_binding_wins_whatever_the_case() {
        let table = HostTable::new(vec![
            samples::host_part(1, &[("Kafka", "10.0.0.1")]),
            samples::host_part(2, &[("kafka", "10.0.0.2"), ("redis", "10.0.0.3")]),
        ]);
        assert_eq!(table.resolve("KAFKA").unwrap().address, Ipv4Addr::new(10, 0, 0, 1));
        assert_eq!(table.resolve("KAFKA").unwrap().connection, samples::mark(1).connection);
        assert_eq!(table.resolve("redis").unwrap().connection, samples::mark(2).connection);
        assert_eq!(table.resolve("mysql"), None);
        let merged = table.merged();
        assert_eq!(merged.len(), 2);
        assert!(merged.iter().all(|(name, won)| table.resolve(name) == Some(*won)));
    }

    #[test]
    fn the_digest_is_the_sum_of_its_parts_and_zero_when_empty() {
        assert_eq!(HostTable::default().digest(), 0);
        assert_eq!(HostTable::new(Vec::new()).digest(), 0);
        let part = samples::host_part(1, &[("kafka", "10.0.0.1")]);
        let expected = HostTable::part_digest(part.peer, part.digest);
        assert_ne!(expected, 0);
        assert_eq!(HostTable::new(vec![part]).digest(), expected);
    }
}
