//! Records on one head, in one SQLite file: the embedded default.
//!
//! Invariants: one process per file, by a lock file that names it; a commit is answered only after the write-ahead log
//! was flushed (WAL, `synchronous=FULL`); a row that is not where the engine says is damage, never ignored; a file of
//! a newer release is left as it is; a file of an older one is copied before it is changed. `docs/adr/0001-record-layout.md`
//! says why the tables look as they do, with figures.
//!
//! This crate must not hold rules or queries of the API: what a record means is the engine's.
//!
//! To change the tables, add a migration in `schema`; to add a tool that works on files, give it a file in `offline`.

mod access;
mod error;
mod location;
mod lock;
mod offline;
mod opening;
mod read;
mod schema;
mod store;
mod trim;
mod writer;
#[cfg(test)]
mod writer_tests;

pub use error::OpenError;
pub use location::Location;
pub use offline::{DraftFile, OfflineError, Snapshot, backup, check, restore};
pub use opening::{Options, Synchronous};
pub use store::SqliteStore;
