//! Faults: the closed list of codes, the vendor's error body, and problem+json for Linkspan's own paths.
//!
//! Invariants: a status and a code always go together as one [`ErrorCode`]; a text never holds a driver's message
//! or a secret.
//!
//! To add one more: a variant in `code.rs` with its row in `ALL` and in `parts`; the golden test lists it.

mod api_error;
mod code;
mod problem;

pub use api_error::ApiError;
pub use code::ErrorCode;
pub use problem::{Problem, ProblemKind};
