//! Response bodies: encoded by the server and the engine's view, decoded by the typed client.
//!
//! Invariants: every documented field is always there; lists are `[]` and texts `""`, never null; numbers are
//! integers without fraction or exponent; booleans are booleans (a text makes Terraform's provider crash); a list
//! answer has exactly one array at its top level.
//!
//! To add one more: a file named after the answer with a function that returns its bytes, and a golden sample.

mod connection_row;
pub mod connectivity_test;
pub mod identity;
pub mod pool;
pub mod privileges;
pub mod queue;
pub mod queue_change;
pub mod quota;
pub mod resource_tags;
pub mod success;

pub(crate) use success::to_bytes;

pub use connection_row::{ConnectionRow, LIST_HEAD, RowLayout, SHOW_HEAD, Viewer, list_tail, render_hosts};
