//! Hints between nodes that something was committed, by LISTEN and NOTIFY.
//!
//! They are worth having and never relied on: a pooler that lends connections by the transaction swallows them, and a
//! database that only speaks the protocol may not know the statements. So none of them is part of a commit's
//! transaction, and whoever gets an error from them stops asking.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};

use crate::connection::{Connection, Server};
use crate::error::describe;
use crate::location::Schema;

/// What all connections of a store know of hints.
pub(crate) struct Hints {
    /// Rung when one comes.
    pub(crate) came: Arc<Notify>,
    channel: String,
    /// The database does not know them.
    is_vain: AtomicBool,
}

impl Hints {
    pub(crate) fn new(schema: &Schema) -> Self {
        // A channel belongs to the whole database, which other schemas share.
        let channel = format!("linkspan_{}", schema.as_str());
        Self { came: Arc::default(), channel: channel.chars().take(63).collect(), is_vain: AtomicBool::new(false) }
    }

    fn note(&self, error: &tokio_postgres::Error) {
        tracing::debug!(error = describe(error), "the database takes no hints; polling does without them");
        self.is_vain.store(error.code().is_some(), Ordering::Relaxed);
    }
}

/// Hints sent from now on reach the connection, as long as it lives.
pub(crate) async fn listen(server: &Server, connection: &Connection) {
    if !server.hints.is_vain.load(Ordering::Relaxed)
        && let Ok(Err(error)) =
            timeout(server.answer_within, connection.execute(&format!("LISTEN {}", server.hints.channel))).await
    {
        server.hints.note(&error);
    }
}

/// Tells the other nodes, in the background.
pub(crate) fn tell(server: &Arc<Server>, connection: &Arc<Connection>) {
    if server.hints.is_vain.load(Ordering::Relaxed) {
        return;
    }
    let (server, connection) = (Arc::clone(server), Arc::clone(connection));
    tokio::spawn(async move {
        let channel: &(dyn ToSql + Sync) = &server.hints.channel.as_str();
        let told = connection.query("SELECT pg_notify($1, '')", &vec![(channel, Type::TEXT)]).await;
        if let Err(error) = told {
            server.hints.note(&error);
        }
    });
}
