use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use linkspan_model::PeerId;
use tokio::sync::Notify;

use crate::decide::Change;
use crate::record::Record;
use crate::state::{SourceRef, State};

/// What whoever acts for the plane should look at again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PeerHint {
    /// A peer's desired state may have changed.
    Peer(PeerId),
    /// The host records of a queue or pool may have changed.
    Hosts(SourceRef),
    /// A connectivity test waits for its result.
    Tests,
    /// Too much to name: look at everything.
    Everything,
}

/// More hints than this are told as [`PeerHint::Everything`].
const MOST: usize = 65_536;

/// Hints that nobody has taken yet, each once, in the order they came.
#[derive(Default)]
pub(crate) struct HintBox {
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Default)]
struct Waiting {
    known: HashSet<PeerHint>,
    ordered: Vec<PeerHint>,
}

impl HintBox {
    pub(crate) fn add(&self, hints: impl IntoIterator<Item = PeerHint>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for hint in hints {
            if waiting.ordered.len() >= MOST {
                *waiting = Waiting { known: HashSet::new(), ordered: vec![PeerHint::Everything] };
                break;
            }
            if waiting.known.insert(hint.clone()) {
                waiting.ordered.push(hint);
            }
        }
        if !waiting.ordered.is_empty() {
            self.filled.notify_one();
        }
    }

    pub(crate) async fn take(&self) -> Vec<PeerHint> {
        loop {
            let filled = self.filled.notified();
            let taken = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            if !taken.ordered.is_empty() {
                return taken.ordered;
            }
            filled.await;
        }
    }
}

/// What a change says to a reconciler; `state` is the one it led to.
pub(crate) fn hints_of(state: &State, change: &Change) -> Vec<PeerHint> {
    let peers_of = |id| {
        let entry = state.connection(id);
        let peers = entry.into_iter().flat_map(|entry| entry.peers.iter());
        peers.map(|peer| PeerHint::Peer(peer.value.id)).collect::<Vec<_>>()
    };
    match change.record() {
        Record::Peer(peer) => vec![PeerHint::Peer(peer.id), PeerHint::Hosts(SourceRef::of(peer))],
        Record::Connection(connection) => peers_of(connection.id),
        Record::Hosts(id, _) => state.sources_of(*id).into_iter().map(PeerHint::Hosts).collect(),
        Record::Subnet(subnet) => state.leading_to(subnet).flat_map(|entry| peers_of(entry.connection.id)).collect(),
        // It is not known which connections lead there by network alone, and this is rare.
        Record::NetworkBinding(_) => vec![PeerHint::Everything],
        Record::Project(project) if project.node.is_some() => vec![PeerHint::Everything],
        Record::ConnectivityTest(test) if test.result.is_none() => vec![PeerHint::Tests],
        _ => Vec::new(),
    }
}
