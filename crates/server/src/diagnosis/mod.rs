//! What stands in the way between a queue or pool and an address: what the plane finds, and what the records know beyond
//! it.
//!
//! Invariants: the verdict is the plane's, of its closed set; the records only explain it, and never turn a way that is
//! shut into one that is open; few diagnoses are made at once, fewer for one project, each under a deadline; nothing is
//! changed.
//!
//! To explain one more cause that no packet shows: a function among those of `explain.rs`.

mod explain;
mod records;
mod told;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::{SourceRef, State};
use linkspan_model::{Peer, PeerState};
use linkspan_plane::{Handle, Observed, PlaneError, ProbeReport, ProbeSpec};
use linkspan_wire::own::Diagnosis;
use tokio::time::timeout;

use self::records::Known;
use crate::plane_records::desired_peer;

pub(crate) use self::told::verdict;
use self::turns::Taken;
pub(crate) use self::turns::Turns;

/// What a diagnosis may take beside the plane's own limit: host records are brought up to date, the peer is looked at.
pub(crate) const BESIDE: Duration = Duration::from_secs(5);

/// What is asked.
pub(crate) struct Question {
    source: SourceRef,
    spec: ProbeSpec,
}

/// Why there is no diagnosis.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undiagnosed {
    /// Others are in front.
    #[error(transparent)]
    Busy(#[from] Taken),
    /// The plane did not come to an end.
    #[error("The plane gave no answer within {} seconds; try again, or give it a smaller limit_ms.", .0.as_secs())]
    Late(Duration),
    /// The plane could not try.
    #[error("The plane can't try it: {0}")]
    Plane(#[from] PlaneError),
    /// A fault of ours.
    #[error("The records can't be read.")]
    Internal,
}

/// What the plane has of a peer.
#[derive(Debug, Clone, Copy, Default)]
struct Applied {
    generation: Option<u32>,
    drift: Option<bool>,
}

impl Question {
    /// Whether this way is open, and what it is that shuts it.
    pub(crate) fn of(spec: ProbeSpec) -> Self {
        let source = SourceRef { project: spec.source.project.clone(), name: spec.source.name.clone() };
        Self { source, spec }
    }

    /// Tries the way and explains what is found.
    pub(crate) async fn answer(
        self,
        state: Arc<State>,
        plane: &Handle,
        turns: &Turns,
    ) -> Result<Diagnosis, Undiagnosed> {
        let _turn = turns.take(&self.source.project).await?;
        let most = self.spec.limit + BESIDE;
        timeout(most, self.found(state, plane)).await.map_err(|_late| Undiagnosed::Late(most))?
    }

    async fn found(self, state: Arc<State>, plane: &Handle) -> Result<Diagnosis, Undiagnosed> {
        let Self { source, spec } = self;
        let report = plane.probe(&spec).await?;
        // A queue may be bound to very many connections, each of which is looked at.
        let read = tokio::task::spawn_blocking(move || {
            let mut report = report;
            let known = Known::read(&state, &source, (&spec.target, &report));
            explain::explain(&mut report, &known);
            if !known.is_owner() {
                explain::keep_from_grantee(&mut report);
            }
            let peer = known.peer.clone();
            (report, peer.map(|peer| (peer, known.is_owner())), known.connection(), spec, state)
        });
        let (mut report, peer, connection, spec, state) = read.await.map_err(|_panicked| Undiagnosed::Internal)?;
        let Some(((peer, is_owner), connection)) = peer.zip(connection) else {
            return Ok(told::told(&spec, &report, None));
        };
        let applied = applied(&state, &peer, plane).await;
        let in_trouble = plane.progress(peer.id);
        if let Some(trouble) = &in_trouble {
            explain::trouble(&mut report, (&peer, is_owner), trouble);
        }
        let settled = peer.state == PeerState::Active
            && applied.generation == Some(peer.generation)
            && applied.drift == Some(false)
            && in_trouble.is_none();
        let peer_state = told::peer_state(&peer, connection, (applied, settled));
        Ok(told::told(&spec, &report, Some(peer_state)))
    }
}

/// What the plane has of a peer; unknown where it can't be looked at.
async fn applied(state: &State, peer: &Peer, plane: &Handle) -> Applied {
    let Ok(seen) = plane.observe(peer.id).await else { return Applied::default() };
    let Some(Observed::Peer { generation, digest, intact, .. }) = seen else {
        return Applied { generation: None, drift: Some(peer.state == PeerState::Active) };
    };
    let wanted = desired_peer(state, peer.id, None).and_then(|desired| desired.spec.ok());
    // One that is still being brought to another state has not drifted from it.
    let differs = generation == peer.generation && wanted.is_some_and(|spec| spec.digest != digest);
    Applied { generation: Some(generation), drift: Some(!intact || differs) }
}

/// Whether a report leaves something to explain.
fn is_shut(report: &ProbeReport) -> bool {
    report.verdict != linkspan_plane::Verdict::Reachable
}

#[cfg(test)]
mod tests;
