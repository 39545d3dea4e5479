use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use linkspan_model::PeerId;
use serde::{Deserialize, Serialize};

use crate::error::PlaneError;
use crate::hosts::HostTable;
use crate::probe::{ProbeReport, ProbeSpec};
use crate::spec::{PeerSpec, SourceNet, SourceRef};

/// What a call to a plane returns: a boxed future, so that a plane can be held as `dyn Plane`.
pub type Doing<'a, T> = BoxFuture<'a, Result<T, PlaneError>>;

/// A driver that makes networks reach each other.
///
/// Rules that every plane obeys (the suite in [`crate::conformance`] checks them):
/// - Specifications are complete. Making one whose generation and digest are in place already is a read.
/// - Everything made bears a mark with its id, generation and digest. What bears none is never listed or touched.
/// - Routes and permits of a peer change together; a permit goes first when a peer is removed.
/// - Removing what is absent succeeds.
/// - A plane holds no truth of its own beyond caches, and any call may be dropped at any point: the next call for the
///   same object mends what was left half done. A plane that detaches work puts calls for one object in order itself.
/// - The caller never works on one object from two tasks at once, but does on many objects.
pub trait Plane: Send + Sync + 'static {
    /// What it can do; does not change while it runs.
    fn capabilities(&self) -> Capabilities;

    /// Told by whoever begins to act: what is applied from now on is applied in this term. A plane that outlives whoever
    /// acts refuses what comes in an earlier one, with [`PlaneError::Unavailable`].
    fn begin_term(&self, _term: Term) {}

    /// Whether it can work here at all.
    ///
    /// # Errors
    /// What is missing (a kernel feature, a permission, a database schema), for the person who starts it.
    fn check(&self) -> Doing<'_, Ready>;

    /// Carries out changes of different objects, in any order, one result each in the order given. A plane for which a
    /// batch is cheaper than its parts (one transaction, one child process) says so by [`Capabilities::batch`].
    fn apply_batch<'a>(&'a self, changes: &'a [Change]) -> BoxFuture<'a, Vec<Result<Applied, PlaneError>>>;

    /// Waits at most `limit` until what `token` stands for is in force everywhere. A zero limit only asks.
    ///
    /// # Errors
    /// Any [`PlaneError`].
    fn settled(&self, token: Token, limit: Duration) -> Doing<'_, Settled>;

    /// Everything that bears our mark, in any order. Need not be one instant.
    ///
    /// # Errors
    /// Any [`PlaneError`]; never a part of the truth in place of an error.
    fn list(&self) -> Doing<'_, Vec<Observed>>;

    /// What it has of one peer, if anything. A plane that need not list everything for it overrides this.
    ///
    /// # Errors
    /// Those of [`Plane::list`].
    fn observe(&self, id: PeerId) -> Doing<'_, Option<Observed>> {
        Box::pin(async move {
            let is_it = |seen: &Observed| matches!(seen, Observed::Peer { peer, .. } if *peer == id);
            Ok(self.list().await?.into_iter().find(is_it))
        })
    }

    /// What changed on the plane behind our back, as it happens. Hints may be late, doubled or lost.
    fn watch(&self) -> BoxStream<'static, DriftHint>;

    /// Tries the way from a queue's or pool's network to an address or name.
    ///
    /// # Errors
    /// The plane could not try. That the way is closed is a report, not an error.
    fn probe<'a>(&'a self, probe: &'a ProbeSpec) -> Doing<'a, ProbeReport>;

    /// Whether a peer could be made as specified, as far as that can be said without making it: whether its destination
    /// is bound to something real, say. Its source's network need not be there yet, and nothing is changed.
    ///
    /// # Errors
    /// What [`Plane::ensure_peer`] would fail with.
    fn foresee<'a>(&'a self, _peer: &'a PeerSpec) -> Doing<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// [`Change::EnsureNetwork`] alone.
    ///
    /// # Errors
    /// Any [`PlaneError`].
    fn ensure_network<'a>(&'a self, network: &'a Arc<SourceNet>) -> Doing<'a, Applied> {
        alone(self, Change::EnsureNetwork(Arc::clone(network)))
    }

    /// [`Change::EnsurePeer`] alone.
    ///
    /// # Errors
    /// Any [`PlaneError`].
    fn ensure_peer<'a>(&'a self, peer: &'a PeerSpec) -> Doing<'a, Applied> {
        alone(self, Change::EnsurePeer(peer.clone()))
    }

    /// [`Change::EnsureHosts`] alone.
    ///
    /// # Errors
    /// Any [`PlaneError`].
    fn ensure_hosts<'a>(&'a self, source: &'a SourceRef, hosts: &'a HostTable) -> Doing<'a, Applied> {
        alone(self, Change::EnsureHosts(Arc::new(source.clone()), hosts.clone()))
    }

    /// [`Change::RemovePeer`] alone.
    ///
    /// # Errors
    /// Any [`PlaneError`].
    fn remove_peer(&self, peer: PeerId) -> Doing<'_, Applied> {
        alone(self, Change::RemovePeer(peer))
    }

    /// [`Change::RemoveNetwork`] alone.
    ///
    /// # Errors
    /// Any [`PlaneError`].
    fn remove_network<'a>(&'a self, source: &'a SourceRef) -> Doing<'a, Applied> {
        alone(self, Change::RemoveNetwork(Arc::new(source.clone())))
    }
}

/// A time in which one reconciler acts for a plane, and nobody else may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Term {
    /// Whose records it acts on: terms of others say nothing about each other.
    pub epoch: u128,
    /// Grows from term to term; 0 where nobody else can act.
    pub generation: u64,
}

impl Term {
    /// Whether it is over once another one has begun.
    #[must_use]
    pub fn is_over_in(self, other: Self) -> bool {
        self.epoch == other.epoch && self.generation < other.generation
    }
}

/// A batch of one.
fn alone<P: Plane + ?Sized>(plane: &P, change: Change) -> Doing<'_, Applied> {
    Box::pin(async move {
        let result = plane.apply_batch(std::slice::from_ref(&change)).await.pop();
        result.unwrap_or_else(|| Err(PlaneError::retry("the plane gave no result")))
    })
}

/// What a plane can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Its name: `simulated`, `linux`.
    pub name: &'static str,
    /// Packets really flow.
    pub real_packets: bool,
    /// Networks span hosts.
    pub multi_host: bool,
    /// What it made outlives the process.
    pub stateful: bool,
    /// Names of host records resolve in the queue's network.
    pub dns: bool,
    /// IPv6 routes can be installed.
    pub ipv6: bool,
    /// Beyond this many peers it is known to become slow.
    pub max_peers_hint: Option<usize>,
    /// How many changes are worth handing over in one batch; at least 1.
    pub batch: usize,
}

/// A plane that can work here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ready {
    /// What the operator should know, one sentence each: versions found, abilities that are missing but not needed.
    pub notes: Vec<String>,
}

/// A change that a plane accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Whether anything had to be written.
    pub changed: bool,
    /// What to hand to [`Plane::settled`] before the change counts as made.
    pub token: Token,
}

impl Applied {
    /// Written, and in force.
    pub const AT_ONCE: Self = Self { changed: true, token: Token::IN_FORCE };
    /// In place already, and in force.
    pub const UNCHANGED: Self = Self { changed: false, token: Token::IN_FORCE };
}

/// A point on the plane's own time line, such as a sequence number of its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Token(pub u64);

impl Token {
    /// There is nothing to wait for.
    pub const IN_FORCE: Self = Self(0);
}

/// Whether a change is in force everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is.
    Yes,
    /// It is not yet; what it waits for, for a person.
    NotYet(Box<str>),
}

/// Something of ours that a plane found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Observed {
    /// A peer.
    Peer {
        /// Its id, from the mark.
        peer: PeerId,
        /// Its generation, from the mark.
        generation: u32,
        /// Its digest, from the mark.
        digest: u64,
        /// Whether all its parts are as the mark says: link, routes and permits.
        intact: bool,
    },
    /// The network of a queue or pool.
    Network {
        /// Whose.
        source: Arc<SourceRef>,
        /// Its digest, from the mark; 0 if it is not intact.
        digest: u64,
    },
    /// Host records of such a network; none is listed for the empty table.
    Hosts {
        /// Whose.
        source: Arc<SourceRef>,
        /// The table's digest.
        digest: u64,
    },
}

/// What seems to have changed behind our back. Only a hint: the object is looked at and ensured again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DriftHint {
    /// A peer.
    Peer(PeerId),
    /// Anything: events were lost, or a network is concerned.
    Resync,
}

/// One change of one object.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Change {
    /// Makes the network of a queue or pool as specified, or changes it into that.
    EnsureNetwork(Arc<SourceNet>),
    /// Replaces the host records of a queue's or pool's network; `Retry` while the network is absent. The empty table
    /// removes them, and succeeds without the network.
    EnsureHosts(Arc<SourceRef>, HostTable),
    /// Makes a peer: link, routes and permits; `Retry` while the source's network is absent or has other addresses.
    /// Nothing is left half open on an error: without its permit a peer carries nothing.
    EnsurePeer(PeerSpec),
    /// Removes a peer, its permit first: once this is done, nothing passes any more, open connections included.
    RemovePeer(PeerId),
    /// Removes the network of a queue or pool with everything in it.
    RemoveNetwork(Arc<SourceRef>),
}
