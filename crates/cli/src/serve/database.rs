//! Which database a server keeps its records in, and how it is opened.
//!
//! To add a backend: a variant of [`Database`] and its arms here.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::store::Store;
use linkspan_engine::{Following, Reads};
use linkspan_store_postgres::{Location as Postgres, Options as PostgresOptions, PostgresStore};
use linkspan_store_sqlite::{Location as Sqlite, Options as SqliteOptions, SqliteStore};

use super::faults::{of_open, of_open_postgres};
use super::layers::Layers;
use crate::environment::Environment;
use crate::failure::Failure;

/// The oldest that a read may see where it need not see everything.
const AT_MOST: Duration = Duration::from_secs(10);

/// Where the records are.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    /// A file of this process alone.
    Sqlite(Sqlite),
    /// A schema that any number of nodes share.
    Postgres(Postgres),
}

impl Database {
    /// The one that the settings name.
    pub(crate) fn read(layers: &Layers, environment: &Environment) -> Result<Self, Failure> {
        let in_data_dir = layers.required("data_dir", |text| Ok::<_, String>(Sqlite::in_dir(environment.at(text))))?;
        let named = layers.optional("database", |text| match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => {
                // `sqlite:///srv/db` is how other tools write an absolute path.
                Ok(Self::Sqlite(Sqlite::file(environment.at(path.strip_prefix("//").unwrap_or(path)))))
            }
            Some(("postgres" | "postgresql", _)) => match Postgres::parse(text) {
                Ok(location) => Ok(Self::Postgres(location)),
                Err(why) => Err(format!("the database's URL: {why}")),
            },
            // It may hold a password all the same.
            _ => Err("this is no database: write sqlite:PATH or postgres://USER@HOST/DATABASE".to_owned()),
        })?;
        Ok(named.unwrap_or(Self::Sqlite(in_data_dir)))
    }

    /// The file of the master key, if one is named: nodes that share secrets must share the key too.
    pub(super) fn master_key_file(
        &self,
        layers: &Layers,
        environment: &Environment,
    ) -> Result<Option<PathBuf>, Failure> {
        let named = layers.optional("master_key_file", |text| Ok::<_, String>(environment.at(text)))?;
        match (self, named) {
            (Self::Postgres(_), None) => Err(Failure::usage(
                "nodes on PostgreSQL share their secrets, so the key that seals them must be named: \
                 LINKSPAN_MASTER_KEY_FILE",
            )
            .hint(MAKE_KEY)),
            (_, named) => Ok(named),
        }
    }

    /// How an engine keeps up with the other nodes; none where there are none.
    pub(super) fn following(&self, reads: Reads) -> Option<Following> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(_) => Some(Following::new(reads)),
        }
    }

    /// Opens it. That reads and may migrate, so it is done where blocking is allowed.
    pub(super) async fn open(&self) -> Result<Arc<dyn Store>, Failure> {
        let location = self.clone();
        let opened = tokio::task::spawn_blocking(move || location.open_blocking());
        opened.await.map_err(|error| Failure::failed(format!("the database can't be opened: {error}")))?
    }

    fn open_blocking(self) -> Result<Arc<dyn Store>, Failure> {
        Ok(match self {
            Self::Sqlite(location) => {
                Arc::new(SqliteStore::open(&location, &SqliteOptions::default()).map_err(|error| of_open(&error))?)
            }
            Self::Postgres(location) => {
                let opened = PostgresStore::open(&location, &PostgresOptions::default());
                Arc::new(opened.map_err(|error| of_open_postgres(&error))?)
            }
        })
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(location) => location.path().display().fmt(f),
            Self::Postgres(location) => location.fmt(f),
        }
    }
}

/// How a master key is made.
pub(super) const MAKE_KEY: &str =
    "make one with `head -c 32 /dev/urandom | base64 > FILE`, mode 0600, and give every node the same";

/// Reads `--reads`.
pub(super) fn reads(text: &str) -> Result<Reads, String> {
    match text {
        "strong" => Ok(Reads::Strong),
        "eventual" => Ok(Reads::Eventual { at_most: AT_MOST }),
        other => Err(format!("`{other}` is neither strong nor eventual")),
    }
}
