//! Queues (dli_02_0194 to dli_02_0196, dli_02_0016).

use linkspan_wire::CreateQueue;
use linkspan_wire::decode::{QueueInfo, QueueList, QueueProperties, QueueProperty, ShownQueue};
use reqwest::Method;

use crate::answer::Page;
use crate::error::ClientError;
use crate::project::ProjectClient;

impl ProjectClient {
    /// The queues (dli_02_0196) of a type: `sql`, `general` or `all`, which an absent one is not: it means `sql`.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_queues(&self, queue_type: Option<&str>) -> Result<Page<QueueInfo>, ClientError> {
        let call = self.call(Method::GET, "v1.0", &["queues"])?.parameters(&[("queue_type", queue_type)]);
        let answer = self.send(&call).await?;
        let list: QueueList = answer.decode()?;
        Ok(answer.page(list.queues, None))
    }

    /// One queue (dli_02_0016).
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn show_queue(&self, name: &str) -> Result<QueueInfo, ClientError> {
        let call = self.call(Method::GET, "v1.0", &["queues", name])?;
        let shown: ShownQueue = self.send(&call).await?.decode()?;
        Ok(shown.queue)
    }

    /// The properties of a queue (at most a hundred), all values as texts.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn queue_properties(&self, name: &str) -> Result<Vec<QueueProperty>, ClientError> {
        let page = [("limit", Some("100")), ("offset", Some("0"))];
        let call = self.call(Method::GET, "v3", &["queues", name, "properties"])?.parameters(&page);
        Ok(self.send(&call).await?.decode::<QueueProperties>()?.properties)
    }

    /// Creates a queue (dli_02_0194).
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_queue(&self, new: &CreateQueue) -> Result<(), ClientError> {
        let call = self.call(Method::POST, "v1.0", &["queues"])?.json(new)?;
        self.change(&call).await.map(drop)
    }

    /// Deletes a queue (dli_02_0195); connections that bind it lose their peer.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn delete_queue(&self, name: &str) -> Result<(), ClientError> {
        let call = self.call(Method::DELETE, "v1.0", &["queues", name])?;
        self.change(&call).await.map(drop)
    }
}
