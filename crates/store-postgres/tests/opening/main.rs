//! Opening: which servers, schemas and roles are taken, and what becomes of nodes that start at the same time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy knows test functions, but not the functions beside them"
)]

mod encrypted;
mod hosts;
mod schemas;

use linkspan_store_postgres::{Location, OpenError, Options, PostgresStore};

fn open(url: &str) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(&Location::parse(url).unwrap(), &Options::default())
}
