//! From a connection to a routed call and back.
//!
//! ```text
//! listener ─► connection (pace) ─► service: route ─► credential ─► body ─► proof ─► rights ─► handler ─► outgoing
//! ```
//!
//! Invariants: everything a client can make the server hold is bounded by `limits.rs`, in size and in time; a body is
//! read only for a caller whose key, date and header form are good; a handler runs only with the rights that its
//! operation asks for; every answer bears `X-Request-Id`.
//!
//! This module must not know what an operation does. No lock and no timer is taken per request.
//!
//! To add a limit: a constant and a field in `limits.rs`, and a test that runs into it on a real socket.

mod access_log;
mod admission;
mod connection;
mod figures;
mod health;
mod incoming;
pub mod limits;
mod listener;
mod metered;
mod outgoing;
mod pace;
mod params;
mod reply;
mod request_id;
mod router;
mod segments;
mod service;
mod signed_headers;
#[cfg(test)]
mod tests;

pub(crate) use figures::Figures;
pub use health::OPERATIONS as HEALTH_OPERATIONS;
pub use limits::Limits;
pub(crate) use listener::{Connections, Transport, bind};
pub use params::Params;
pub use request_id::RequestId;
pub use router::BadRoute;
pub(crate) use service::Front;
