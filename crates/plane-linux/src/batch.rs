use std::collections::BTreeMap;

use linkspan_model::PeerId;
use linkspan_plane::{Applied, Change, PeerSpec, PlaneError};

use crate::error::{Fault, Outcome};
use crate::host::Host;
use crate::locks::{Mode, Scope};
use crate::names::NamespaceName;
use crate::work::Ticket;

type Done = Result<Applied, PlaneError>;

/// Changes that are carried out together: what goes, then networks and host records, then peers, router by router, so
/// that the rules of each router change once.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    host: &'a Host,
    ticket: &'a Ticket,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(host: &'a Host, ticket: &'a Ticket) -> Self {
        Self { host, ticket }
    }

    /// One result each, in the order given.
    pub(crate) fn apply(&self, changes: &[Change]) -> Vec<Done> {
        let mut results: Vec<Done> = vec![Ok(Applied::UNCHANGED); changes.len()];
        self.remove_peers(changes, &mut results);
        for (change, result) in changes.iter().zip(&mut results) {
            let done = match change {
                Change::RemoveNetwork(source) => {
                    self.host.remove_source(source, self.ticket).map(|()| Applied::AT_ONCE)
                }
                Change::EnsureNetwork(network) => self.host.ensure_source(network, self.ticket),
                Change::EnsureHosts(source, hosts) => self.host.ensure_hosts(source, hosts, self.ticket),
                Change::EnsurePeer(_) | Change::RemovePeer(_) => continue,
            };
            *result = done.map_err(PlaneError::from);
        }
        self.ensure_peers(changes, &mut results);
        results
    }

    fn ensure_peers(&self, changes: &[Change], results: &mut [Done]) {
        let mut routers: BTreeMap<NamespaceName, Vec<(usize, &PeerSpec)>> = BTreeMap::new();
        for (place, change) in changes.iter().enumerate() {
            if let Change::EnsurePeer(spec) = change {
                routers.entry(NamespaceName::of_router(&spec.destination)).or_default().push((place, spec));
            }
        }
        for (router, peers) in routers {
            let mut names = vec![(Scope::Namespace(router.clone()), Mode::Alone)];
            names.extend(peers.iter().map(|(_, spec)| (Scope::Peer(spec.peer), Mode::Alone)));
            let source = |spec: &PeerSpec| Scope::Namespace(NamespaceName::of_source(&spec.source.source));
            names.extend(peers.iter().map(|(_, spec)| (source(spec), Mode::Shared)));
            let done = match self.host.locks.take(names, self.ticket) {
                Ok(_held) => {
                    let specs: Vec<_> = peers.iter().map(|(_, spec)| *spec).collect();
                    self.host.ensure_peers(&router, &specs)
                }
                Err(fault) => vec![Err(fault.into()); peers.len()],
            };
            for ((place, _), done) in peers.iter().zip(done) {
                if let Some(result) = results.get_mut(*place) {
                    *result = done;
                }
            }
        }
    }

    fn remove_peers(&self, changes: &[Change], results: &mut [Done]) {
        let peers = changes.iter().enumerate().filter_map(|(place, change)| match change {
            Change::RemovePeer(peer) => Some((place, *peer)),
            _ => None,
        });
        let peers: Vec<(usize, PeerId)> = peers.collect();
        if peers.is_empty() {
            return;
        }
        let done = self.remove_all(&peers);
        for (place, peer) in &peers {
            if let Some(result) = results.get_mut(*place) {
                *result = match &done {
                    Ok(failed) => failed.get(peer).cloned().map_or(Ok(Applied::AT_ONCE), Err),
                    Err(error) => Err(error.clone()),
                };
            }
        }
    }

    /// Removes peers and says which of them failed, and why.
    fn remove_all(&self, peers: &[(usize, PeerId)]) -> Result<BTreeMap<PeerId, PlaneError>, PlaneError> {
        let names = peers.iter().map(|(_, peer)| (Scope::Peer(*peer), Mode::Alone)).collect();
        // Whoever made one of them has written its entry by the time it is free.
        let _peers = self.host.locks.take(names, self.ticket)?;
        let mut failed = BTreeMap::new();
        for (router, peers) in self.by_router(peers)? {
            if let Err(fault) = self.remove_from(&router, &peers) {
                let error = PlaneError::from(fault);
                failed.extend(peers.into_iter().map(|peer| (peer, error.clone())));
            }
        }
        Ok(failed)
    }

    fn by_router(&self, peers: &[(usize, PeerId)]) -> Outcome<BTreeMap<NamespaceName, Vec<PeerId>>> {
        let mut routers: BTreeMap<NamespaceName, Vec<PeerId>> = BTreeMap::new();
        for (name, known) in self.host.known_peers()? {
            let here: Vec<_> =
                peers.iter().map(|(_, peer)| *peer).filter(|peer| known.peers.contains_key(peer)).collect();
            if !here.is_empty() {
                routers.insert(name, here);
            }
        }
        Ok(routers)
    }

    fn remove_from(&self, router: &NamespaceName, peers: &[PeerId]) -> Result<(), Fault> {
        let _held = self.host.locks.take(vec![(Scope::Namespace(router.clone()), Mode::Alone)], self.ticket)?;
        self.host.remove_peers(router, peers)
    }
}
