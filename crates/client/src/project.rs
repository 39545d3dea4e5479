//! The calls of one project.

use std::sync::Arc;

use linkspan_wire::decode::Outcome;
use reqwest::Method;

use crate::answer::Answer;
use crate::call::Call;
use crate::error::ClientError;
use crate::transport::Client;

/// A client for the things of one project; clones share their connections.
#[derive(Debug, Clone)]
pub struct ProjectClient {
    client: Client,
    project: Arc<str>,
}

impl ProjectClient {
    pub(crate) fn new(client: Client, project: &str) -> Self {
        Self { client, project: project.into() }
    }

    /// The project's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.project
    }

    /// The client it was made from.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A call of a path below `/{version}/{project_id}`.
    pub(crate) fn call(&self, method: Method, version: &str, rest: &[&str]) -> Result<Call, ClientError> {
        let segments = [&[version, &self.project], rest].concat();
        Ok(Call::new(method, &segments)?.project(&self.project))
    }

    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, ClientError> {
        self.client.send(call).await
    }

    /// Sends a change whose answer says only how it went, and gives back what it says.
    pub(crate) async fn change(&self, call: &Call) -> Result<String, ClientError> {
        let answer = self.send(call).await?;
        if answer.body.is_empty() {
            return Ok(String::new());
        }
        Ok(answer.decode::<Outcome>()?.message)
    }
}
