//! Data planes: the seam behind which networks are really joined, and the planner that compares what should be with what is.
//!
//! Invariants: a specification is complete, so that applying it twice is applying it once; an object that bears no
//! mark of ours is never listed and never touched; the planner and the reachability verdict are pure functions.
//!
//! This crate must not know HTTP, SQL, the engine, or why a specification is wrong: overlaps and unknown networks are
//! found by the engine once for every driver, and arrive as a text for a person.
//!
//! To add a plane: implement [`Plane`] in a crate of its own and pass [`conformance::violations`]. To add one more kind of object to keep in line: give it
//! a variant in [`Change`], [`Observed`] and [`Step`].

pub mod conformance;
mod digest;
mod driver;
mod error;
mod hosts;
mod plan;
mod probe;
mod reach;
mod reconciler;
mod records;
pub mod simulated;
mod spec;
mod verdict;

pub use driver::{Applied, Capabilities, Change, Doing, DriftHint, Observed, Plane, Ready, Settled, Term, Token};
pub use error::PlaneError;
pub use hosts::{HostPart, HostTable, Resolution};
pub use plan::{Desired, ObjectKey, Plan, Step, Suspects, Want, WantedPeer, WantedSource, plan};
pub use probe::{Act, Evidence, FOREIGN_RULES, Hop, ProbeReport, ProbeSpec, ProbeTarget};
pub use reach::{Coverage, Finding, Judge, PeerFacts};
pub use reconciler::{Deposed, Handle, Progress, Reconciler, Settings, Stats};
pub use records::{DesiredPeer, Hint, Hints, Outcome, PeerReport, Recorded, Records, ReportRefused, Wish};
pub use simulated::SimulatedPlane;
pub use spec::{DestNet, PeerMark, PeerSpec, SourceNet, SourceRef};
pub use verdict::{Certainty, Stage, Verdict, Who};
