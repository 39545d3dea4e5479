//! The server that is read, the cloud or a Linkspan, and what of its API it has.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use linkspan_client::{ClientError, FailureKind, ProjectClient};
use tokio::task::JoinSet;

use crate::failure::Failure;

/// A project that is read.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) project: ProjectClient,
    /// Whether it is a Linkspan, which shows more of a connection by one call than the cloud does by three.
    pub(super) is_linkspan: bool,
    /// Most calls at a time.
    pub(super) parallel: NonZeroUsize,
    lacks: Arc<Mutex<BTreeSet<&'static str>>>,
}

impl Source {
    /// Finds out what the server is.
    pub(super) async fn find(project: ProjectClient, parallel: NonZeroUsize) -> Result<Self, Failure> {
        let is_linkspan = match project.client().version().await {
            Ok(version) => version.name == "linkspan",
            // Whoever does not know the path answers that in one way or another.
            Err(ClientError::Api(_) | ClientError::Decode { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { project, is_linkspan, parallel, lacks: Arc::default() })
    }

    /// What was read, or none if this server does not tell it: then it is not asked again.
    pub(super) async fn told<T>(
        &self,
        what: &'static str,
        ask: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<Option<T>, ClientError> {
        if self.lacks().contains(what) {
            return Ok(None);
        }
        match ask.await {
            Ok(told) => Ok(Some(told)),
            Err(error) if error.is_unpublished() || error.kind() == FailureKind::Refused => {
                self.lacks().insert(what);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// What was read of one thing; none if it is gone, or known under another id here.
    pub(super) async fn unless_gone<T>(
        &self,
        ask: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<Option<T>, ClientError> {
        match ask.await {
            Err(error) if error.kind() == FailureKind::NotFound => Ok(None),
            told => told.map(Some),
        }
    }

    /// What this server did not tell.
    pub(super) fn untold(&self) -> Vec<&'static str> {
        self.lacks().iter().copied().collect()
    }

    fn lacks(&self) -> std::sync::MutexGuard<'_, BTreeSet<&'static str>> {
        self.lacks.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Asks about each thing, a few at a time, and answers in their order.
    pub(super) async fn each<T, R, F>(
        &self,
        things: Vec<T>,
        ask: impl Fn(Self, T) -> F,
        asked: impl Fn(),
    ) -> Result<Vec<R>, Failure>
    where
        F: Future<Output = Result<R, ClientError>> + Send + 'static,
        R: Send + 'static,
    {
        let mut todo = things.into_iter().enumerate();
        let mut running = JoinSet::new();
        let mut answers: Vec<(usize, R)> = Vec::new();
        loop {
            while running.len() < self.parallel.get() {
                let Some((place, thing)) = todo.next() else { break };
                let answer = ask(self.clone(), thing);
                running.spawn(async move { (place, answer.await) });
            }
            let Some(done) = running.join_next().await else { break };
            let (place, answer) = done.map_err(|error| Failure::failed(format!("a call was lost: {error}")))?;
            answers.push((place, answer?));
            asked();
        }
        answers.sort_by_key(|(place, _)| *place);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }
}
