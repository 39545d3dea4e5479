//! Hints between nodes that something was committed, by LISTEN and NOTIFY.
//!
//! They are worth having and never relied on: a pooler that lends connections by the transaction swallows them, and a
//! database that only speaks the protocol may not know the statements. So none of them is part of a commit's
//! transaction or takes its connection, and whoever gets an error from them stops asking. A node that commits all the
//! time says so every few milliseconds and not with every commit: each hint costs the database a transaction and every
//! node a look at the head.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_postgres::types::{ToSql, Type};

use crate::connection::{Connection, Server};
use crate::error::describe;
use crate::link::Link;
use crate::location::Schema;

/// A busy node tells others this often.
const EVERY: Duration = Duration::from_millis(10);

/// What all connections of a store know of hints.
pub(crate) struct Hints {
    /// Rung when one comes.
    pub(crate) came: Arc<Notify>,
    /// Rung when the other nodes should be told.
    due: Notify,
    channel: String,
    /// The database does not know them.
    is_vain: AtomicBool,
}

impl Hints {
    pub(crate) fn new(schema: &Schema) -> Self {
        // A channel belongs to the whole database, which other schemas share.
        let channel = format!("linkspan_{}", schema.as_str());
        Self {
            came: Arc::default(),
            due: Notify::new(),
            channel: channel.chars().take(63).collect(),
            is_vain: AtomicBool::new(false),
        }
    }

    /// The other nodes are told soon that something was committed.
    pub(crate) fn tell(&self) {
        self.due.notify_one();
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

/// Tells the other nodes what is due, as long as the store is open. What becomes due meanwhile is told by the next one.
pub(crate) async fn tell_others(link: Arc<Link>) {
    let hints = &link.server().hints;
    let mut turns = interval(EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !hints.is_vain.load(Ordering::Relaxed) {
        turns.tick().await;
        hints.due.notified().await;
        let told = link.ask(|connection| async move {
            let channel: &(dyn ToSql + Sync) = &hints.channel.as_str();
            Ok(connection.query("SELECT pg_notify($1, '')", &vec![(channel, Type::TEXT)]).await)
        });
        if let Ok(Err(error)) = told.await {
            hints.note(&error);
        }
    }
}
