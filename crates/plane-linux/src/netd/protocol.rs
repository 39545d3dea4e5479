//! What the server and `netd` say to each other, as JSON in frames.

use linkspan_model::PeerId;
use linkspan_plane::{Applied, Change, DriftHint, Observed, PeerSpec, PlaneError, ProbeReport, ProbeSpec, Ready, Term};
use serde::{Deserialize, Serialize};

/// Numbers a question and its answer within a connection.
pub(super) type Number = u64;

/// From the server.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToNetd {
    /// Do this.
    Ask(Number, Question),
    /// The answer is no longer waited for.
    Drop(Number),
}

/// What can be asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Question {
    /// Whether the plane can work.
    Check,
    /// To carry out changes of different objects, in a term of whoever acts.
    Apply(Term, Vec<Change>),
    /// What is there.
    List,
    /// What is there of a peer.
    Observe(PeerId),
    /// To try a way.
    Probe(ProbeSpec),
    /// Whether a peer could be made.
    Foresee(Box<PeerSpec>),
}

/// From `netd`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FromNetd {
    /// To the question of that number.
    Answer(Number, Result<Answer, PlaneError>),
    /// Something changed behind our back.
    Hint(DriftHint),
}

/// What is answered, in the order of the questions.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Ready(Ready),
    Applied(Vec<Result<Applied, PlaneError>>),
    Observed(Vec<Observed>),
    Seen(Option<Observed>),
    Report(Box<ProbeReport>),
    Foreseen,
}
