//! Queues (dli_02_0194 to dli_02_0196, dli_02_0016, dli_02_0222, dli_02_0249), their properties, and what a project may
//! have of everything (dli_02_0503).

use linkspan_wire::decode::{QueueInfo, QueueList, QueueProperties, QueueProperty, QuotaAnswer, QuotaInfo, ShownQueue};
use linkspan_wire::{
    CreateQueue, QueueAction, QueueActionKind, RemoveQueueProperties, SetQueueProperties, UpdateQueueCidr,
};
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

    /// Scales or restarts a queue (dli_02_0249). Scaling is by a difference, so it is never repeated by itself.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn act_on_queue(&self, name: &str, action: &QueueAction) -> Result<(), ClientError> {
        let call = self.call(Method::PUT, "v1.0", &["queues", name, "action"])?.json(action)?;
        let call = if action.action == QueueActionKind::Restart { call } else { call.once() };
        self.change(&call).await.map(drop)
    }

    /// Gives a queue that is not bound another network (dli_02_0222).
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn set_queue_cidr(&self, name: &str, cidr: &UpdateQueueCidr) -> Result<(), ClientError> {
        let call = self.call(Method::PUT, "v1.0", &["queues", name])?.json(cidr)?;
        self.change(&call).await.map(drop)
    }

    /// Sets properties of a queue; others stay.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn set_queue_properties(&self, name: &str, properties: &SetQueueProperties) -> Result<(), ClientError> {
        let call = self.call(Method::PUT, "v3", &["queues", name, "properties"])?.json(properties)?;
        self.change(&call).await.map(drop)
    }

    /// Removes properties of a queue; absent ones are removed already.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn remove_queue_properties(&self, name: &str, keys: &RemoveQueueProperties) -> Result<(), ClientError> {
        let call = self.call(Method::DELETE, "v3", &["queues", name, "properties"])?.json(keys)?;
        self.change(&call).await.map(drop)
    }

    /// What the project may have and has (dli_02_0503).
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn quotas(&self) -> Result<Vec<QuotaInfo>, ClientError> {
        let call = self.call(Method::GET, "v3", &["quotas"])?;
        Ok(self.send(&call).await?.decode::<QuotaAnswer>()?.quotas.resources)
    }
}
