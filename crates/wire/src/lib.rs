//! The contract byte for byte: request bodies and queries, response bodies, error codes.
//!
//! The server decodes requests and encodes responses with it, the typed client does the opposite (against Linkspan
//! and against the cloud), and the engine's view writes list rows with it.
//!
//! Invariants: what `from_body` or `parse` accepts has the types and forms of the contract (dli_02_0187 and its
//! family); what is written has every documented field, `[]` and `""` instead of null, and integers without
//! fraction; every fault is an [`ApiError`] with a code of the contract and a text that names path and value.
//!
//! This crate must not hold rules that need state (uniqueness, existence, permissions), do I/O, or know an HTTP
//! framework: a status is a `u16`, a body is bytes.
//!
//! To add one more operation: give its request a file under `requests` with `from_body` and `Serialize`, its answer
//! a file under `responses`, and a golden sample beside each.

pub mod decode;
mod error;
mod json;
pub mod own;
pub mod query;
mod quote;
mod requests;
pub mod responses;
pub mod schema;
pub mod vpc;
mod words;

pub use error::{ApiError, ErrorCode, Problem, ProblemKind};
pub use query::{Limit, ListConnectionsQuery, Order, StatusFilter};
pub use requests::*;
pub use responses::{ConnectionRow, LIST_HEAD, RowLayout, SHOW_HEAD, Viewer, list_tail, render_hosts, success};
