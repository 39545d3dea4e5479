//! Elastic resource pools (dli_02_0326 to dli_02_0332).

use linkspan_wire::decode::{PoolInfo, PoolList, PoolQueueInfo, PoolQueueList};
use linkspan_wire::{AddQueueToPool, CreatePool, UpdatePool, UpdateScalingPolicies};
use reqwest::Method;

use crate::answer::Page;
use crate::error::ClientError;
use crate::project::ProjectClient;

/// The most that the documents allow on one page; Linkspan allows more, the cloud does not.
const PAGE_SIZE: u64 = 100;

impl ProjectClient {
    /// A page of the pools (dli_02_0327) whose name holds a text, in any letter case; without one, of all.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_pools(&self, name: Option<&str>, offset: u64) -> Result<Page<PoolInfo>, ClientError> {
        let (limit, offset) = (PAGE_SIZE.to_string(), offset.to_string());
        let parameters = [("limit", Some(limit.as_str())), ("offset", Some(offset.as_str())), ("name", name)];
        let call = self.call(Method::GET, "v3", &["elastic-resource-pools"])?.parameters(&parameters);
        let answer = self.send(&call).await?;
        let list: PoolList = answer.decode()?;
        let total = u64::try_from(list.count).ok();
        Ok(answer.page(list.elastic_resource_pools, total))
    }

    /// The pools of every page, each once.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn all_pools(&self, name: Option<&str>) -> Result<Vec<PoolInfo>, ClientError> {
        let mut pools: Vec<PoolInfo> = Vec::new();
        loop {
            let page = self.list_pools(name, pools.len() as u64).await?;
            let got = page.items.len() as u64;
            pools.extend(page.items);
            if got < PAGE_SIZE {
                // A pool that was made while the pages were read may have pushed another onto the next page.
                let mut seen = std::collections::HashSet::new();
                pools.retain(|pool| seen.insert(pool.elastic_resource_pool_name.clone()));
                return Ok(pools);
            }
        }
    }

    /// The queues that live in a pool, of every page, with their scaling policies (dli_02_0330).
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn pool_queues(&self, pool: &str) -> Result<Vec<PoolQueueInfo>, ClientError> {
        let mut queues: Vec<PoolQueueInfo> = Vec::new();
        loop {
            let (limit, offset) = (PAGE_SIZE.to_string(), queues.len().to_string());
            let page = [("limit", Some(limit.as_str())), ("offset", Some(offset.as_str()))];
            let call = self.call(Method::GET, "v3", &["elastic-resource-pools", pool, "queues"])?.parameters(&page);
            let list: PoolQueueList = self.send(&call).await?.decode()?;
            let got = list.queues.len() as u64;
            queues.extend(list.queues);
            if got < PAGE_SIZE {
                return Ok(queues);
            }
        }
    }

    /// Creates a pool (dli_02_0326).
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_pool(&self, new: &CreatePool) -> Result<(), ClientError> {
        let call = self.call(Method::POST, "v3", &["elastic-resource-pools"])?.json(new)?;
        self.change(&call).await.map(drop)
    }

    /// Deletes a pool that holds no queue (dli_02_0328); connections that bind it lose their peer.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn delete_pool(&self, name: &str) -> Result<(), ClientError> {
        let call = self.call(Method::DELETE, "v3", &["elastic-resource-pools", name])?;
        self.change(&call).await.map(drop)
    }

    /// Changes description and bounds of a pool (dli_02_0329); what is none stays.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn update_pool(&self, name: &str, update: &UpdatePool) -> Result<(), ClientError> {
        let call = self.call(Method::PUT, "v3", &["elastic-resource-pools", name])?.json(update)?;
        self.change(&call).await.map(drop)
    }

    /// Moves a queue that is not bound into a pool (dli_02_0331); one that is there stays there.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn add_queue_to_pool(&self, pool: &str, queue: &AddQueueToPool) -> Result<(), ClientError> {
        let call = self.call(Method::POST, "v3", &["elastic-resource-pools", pool, "queues"])?.json(queue)?;
        self.change(&call.repeatable()).await.map(drop)
    }

    /// Replaces the scaling policies of a queue in a pool (dli_02_0332).
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn set_scaling_policies(
        &self,
        pool: &str,
        queue: &str,
        policies: &UpdateScalingPolicies,
    ) -> Result<(), ClientError> {
        let call = self.call(Method::PUT, "v3", &["elastic-resource-pools", pool, "queues", queue])?.json(policies)?;
        self.change(&call).await.map(drop)
    }
}
