//! The engine: one writer that decides, commits, publishes and answers; and the view that answers every read.
//!
//! ```text
//! request ─► decide(state, request) ─► commit on the expected head ─► publish the new state ─► reply
//!                    ▲                                                        │
//!                    └────────────────────── state ◄──────────────────────────┘──► readers
//! ```
//!
//! Invariants: a reply to a change is sent only once it is durable and visible; what readers see was committed; a
//! commit in doubt is resolved before anything else is decided; a project's things are reached only through a
//! [`Scope`].
//!
//! This crate must not know HTTP, SQL or netlink, and nothing in it but the writer may change what is published.
//!
//! To add an operation: a [`Command`], its rules in `decide`, a reader in `state` if it is a question.

mod acting;
mod clock;
pub mod command;
mod decide;
mod ids;
pub mod place;
pub mod record;
mod refusal;
pub mod retention;
mod rows;
mod scope;
mod state;
pub mod store;
pub mod transfer;
mod writer;

pub use acting::PlaneScope;
pub use clock::{Clock, SystemClock};
pub use command::{Command, Reply, Request};
pub use decide::{AuditNote, Change, Context, Decision, Directory, Rehearsal, Rules, decide};
pub use ids::{Ids, RandomIds};
pub use refusal::Refusal;
pub use rows::{Order, Page, PageQuery};
pub use scope::{Access, AdminScope, Need, Principal, Scope, Via};
pub use state::{
    Caution, CautionKind, ConnectionEntry, DesiredPeer, Fullest, HostsEntry, Joint, LoadError, Loader, ProjectView,
    RenderRow, RowSource, SourceRef, State, Stored, TaggedThing, Usage, identity::Administration,
};
pub use writer::{Engine, Following, OpenError, Options, Origin, PeerHint, ReadError, Reads, Stats};
