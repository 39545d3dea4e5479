//! Connectivity tests (dli_02_0284, dli_02_0285).

use linkspan_wire::CreateConnectivityTest;
use linkspan_wire::decode::{Connectivity, CreatedTest};
use reqwest::Method;

use crate::error::ClientError;
use crate::project::ProjectClient;

impl ProjectClient {
    /// Begins to try whether a queue reaches an address; answers the number to ask for the result with.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn begin_connectivity_test(
        &self,
        queue: &str,
        test: &CreateConnectivityTest,
    ) -> Result<i64, ClientError> {
        let call = self.call(Method::POST, "v1.0", &["queues", queue, "connection-test"])?.json(test)?;
        // A test too many does no harm.
        let begun: CreatedTest = self.send(&call.repeatable()).await?.decode()?;
        Ok(begun.task_id)
    }

    /// What a test has found; Linkspan answers when it knows, or after 10 s.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn connectivity(&self, queue: &str, task_id: i64) -> Result<Connectivity, ClientError> {
        let task_id = task_id.to_string();
        let call = self.call(Method::GET, "v1.0", &["queues", queue, "connection-test", &task_id])?;
        self.send(&call).await?.decode()
    }
}
