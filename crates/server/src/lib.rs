//! The server: listeners, authentication, one file an operation, and the glue between engine and plane.
//!
//! ```text
//! listener ─► front (limits, routing) ─► auth (who, which project) ─► ops/<operation> ─► engine or view ─► answer
//! ```
//!
//! Invariants: an operation gets a [`Scope`](linkspan_engine::Scope) or it gets nothing; rules live in the engine and
//! bytes in `wire`, so an operation only extracts, asks and writes; no function on the path of a request blocks a
//! worker on disk.
//!
//! This crate must not see the types of a store's backend: the CLI hands it an [`Engine`](linkspan_engine::Engine).
//!
//! To add an operation: a file in `ops` with its handler and its tests, and one line in [`ops::OPERATIONS`].

mod answer;
mod app;
pub mod auth;
pub mod bootstrap;
mod call;
pub mod contract;
mod diagnosis;
mod faults;
pub mod front;
#[cfg(test)]
mod in_process;
mod metrics;
mod operation;
pub mod ops;
mod plane_lease;
mod plane_records;
mod plane_requests;
mod plane_side;
mod plane_work;
mod reachability;
mod rows;
mod server;
pub mod telemetry;
mod tester;
pub mod tls;

pub use answer::{Answer, AnswerBody, Fault};
pub use app::{App, Settings};
pub use call::Call;
pub use operation::{Auth, Handler, Operation};
pub use plane_records::EngineRecords;
pub use plane_side::PlaneSide;
pub use plane_work::{NoTurn, Part, PlaneWork};
pub use rows::render_row;
pub use server::{Addresses, Running, Server, ServerConfig, StartError};
