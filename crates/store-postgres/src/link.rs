//! A session that is opened when it is needed and replaced when it has ended or gave no answer.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::error::Trouble;
use crate::session::{Server, Session};

/// The one session of a purpose.
pub(crate) struct Link {
    server: Arc<Server>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    /// When a session could last not be had, and why.
    failed: Option<(Instant, String)>,
}

impl Link {
    pub(crate) fn new(server: &Arc<Server>) -> Self {
        Self { server: Arc::clone(server), state: Mutex::default() }
    }

    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// The session; a new one if there is none that works.
    pub(crate) async fn session(&self) -> Result<Arc<Session>, Trouble> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        if let Some(session) = state.session.as_ref().filter(|session| !session.is_closed()) {
            return Ok(Arc::clone(session));
        }
        // Whoever waited while another one tried in vain is told so too, instead of trying after it.
        if let Some((_, why)) = state.failed.as_ref().filter(|(when, _)| *when > asked) {
            return Err(Trouble::Unreachable(why.clone()));
        }
        state.session = None;
        match self.server.connect().await {
            Ok(session) => {
                let session = Arc::new(session);
                *state = State { session: Some(Arc::clone(&session)), failed: None };
                Ok(session)
            }
            Err(why) => {
                state.failed = Some((Instant::now(), why.clone()));
                Err(Trouble::Unreachable(why))
            }
        }
    }

    /// Uses this session no more.
    pub(crate) async fn give_up(&self, session: &Arc<Session>) {
        let mut state = self.state.lock().await;
        if state.session.as_ref().is_some_and(|current| Arc::ptr_eq(current, session)) {
            state.session = None;
        }
    }

    /// Asks for something that must be answered in time. After any trouble the next one asks on another session.
    pub(crate) async fn ask<T, F>(&self, question: impl FnOnce(Arc<Session>) -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let session = self.session().await?;
        let limit = self.server.answer_within;
        let asked = timeout(limit, question(Arc::clone(&session))).await;
        let answer = asked.unwrap_or(Err(Trouble::Slow(limit)));
        if answer.is_err() {
            self.give_up(&session).await;
        }
        answer
    }
}
