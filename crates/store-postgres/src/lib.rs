//! Records on one head, in a schema of a PostgreSQL database: the store that several nodes share.
//!
//! Invariants: a commit is answered only once COMMIT was, in a transaction that waits for the log's flush; it is
//! accepted only on the head it was decided on, which the database itself checks; a commit whose answer was lost is
//! made impossible or found before anything else is answered; every wait has an end; nothing
//! outlives a transaction, so that a pooler may give each another connection. `docs/adr/0004-postgresql.md` says why it is so.
//!
//! This crate must not hold rules or queries of the API, and its statements must stay within what databases that speak
//! PostgreSQL's protocol have in common.
//!
//! To change the tables, add a migration in `schema`; every statement stands in `sql`.

mod commit;
mod connection;
mod draft;
mod error;
mod finalize;
mod hints;
mod lease;
mod link;
mod location;
mod opening;
mod read;
mod rows;
mod schema;
mod sql;
mod store;
mod tls;
mod transfer;
mod trim;
mod writer;

pub use error::OpenError;
pub use finalize::finalize;
pub use location::{Location, LocationError};
pub use opening::Options;
pub use store::PostgresStore;
pub use transfer::{DraftSchema, Snapshot};
