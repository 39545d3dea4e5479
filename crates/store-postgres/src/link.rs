//! A connection that is opened when it is needed and replaced when it has ended or gave no answer.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::connection::{Connection, Server};
use crate::error::Trouble;
use crate::hints::listen;

/// The one connection of a purpose.
pub(crate) struct Link {
    server: Arc<Server>,
    state: Mutex<State>,
    /// Whether its connections listen for hints.
    listens: bool,
}

#[derive(Default)]
struct State {
    connection: Option<Arc<Connection>>,
    /// When a connection could last not be had, and why.
    failed: Option<(Instant, String)>,
}

impl Link {
    pub(crate) fn new(server: &Arc<Server>) -> Self {
        Self { server: Arc::clone(server), state: Mutex::default(), listens: false }
    }

    /// One whose connections listen for hints of other nodes.
    pub(crate) fn listening(server: &Arc<Server>) -> Self {
        Self { listens: true, ..Self::new(server) }
    }

    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// The connection; a new one if there is none that works.
    pub(crate) async fn connection(&self) -> Result<Arc<Connection>, Trouble> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        if let Some(connection) = state.connection.as_ref().filter(|connection| !connection.is_closed()) {
            return Ok(Arc::clone(connection));
        }
        // Whoever waited while another one tried in vain is told so too, instead of trying after it.
        if let Some((_, why)) = state.failed.as_ref().filter(|(when, _)| *when > asked) {
            return Err(Trouble::Unreachable(why.clone()));
        }
        state.connection = None;
        match self.server.connect().await {
            Ok(connection) => {
                let connection = Arc::new(connection);
                if self.listens {
                    listen(&self.server, &connection).await;
                }
                *state = State { connection: Some(Arc::clone(&connection)), failed: None };
                Ok(connection)
            }
            Err(why) => {
                state.failed = Some((Instant::now(), why.clone()));
                Err(Trouble::Unreachable(why))
            }
        }
    }

    /// Uses this connection no more.
    pub(crate) async fn give_up(&self, connection: &Arc<Connection>) {
        let mut state = self.state.lock().await;
        if state.connection.as_ref().is_some_and(|current| Arc::ptr_eq(current, connection)) {
            state.connection = None;
        }
    }

    /// Asks for something that must be answered in time. After any trouble the next one asks on another connection.
    pub(crate) async fn ask<T, F>(&self, question: impl FnOnce(Arc<Connection>) -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let connection = self.connection().await?;
        let limit = self.server.answer_within;
        let asked = timeout(limit, question(Arc::clone(&connection))).await;
        let answer = asked.unwrap_or(Err(Trouble::Slow(limit)));
        if answer.is_err() {
            self.give_up(&connection).await;
        }
        answer
    }
}
