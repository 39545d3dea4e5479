//! Tags of connections, queues and pools (dli_02_0396 to dli_02_0399, dli_02_0501, dli_02_0513).

use linkspan_wire::decode::{ResourceInfo, ResourceList, TagInfo, TagKeyInfo, TagKeyList, TagList};
use linkspan_wire::query::{TagPageQuery, join};
use linkspan_wire::{AddTags, FilterResources, RemoveTags, ResourceType};
use reqwest::Method;

use crate::answer::Page;
use crate::call::Call;
use crate::error::ClientError;
use crate::project::ProjectClient;

impl ProjectClient {
    /// The tags that a resource bears. A connection goes by its id, a queue by its number, a pool by its `resource_id`;
    /// Linkspan also knows queues and pools by their names.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn tags(&self, resource_type: ResourceType, id: &str) -> Result<Vec<TagInfo>, ClientError> {
        let call = self.tag_call(Method::GET, resource_type, &[id, "tags"])?;
        Ok(self.send(&call).await?.plain::<TagList>()?.tags)
    }

    /// Gives a resource tags, or other values to those it bears.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn set_tags(&self, resource_type: ResourceType, id: &str, tags: &AddTags) -> Result<(), ClientError> {
        let call = self.tag_call(Method::POST, resource_type, &[id, "tags", "create"])?.json(tags)?.repeatable();
        self.send(&call).await.map(drop)
    }

    /// Takes tags away, whether they are there or not.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn remove_tags(
        &self,
        resource_type: ResourceType,
        id: &str,
        tags: &RemoveTags,
    ) -> Result<(), ClientError> {
        let call = self.tag_call(Method::POST, resource_type, &[id, "tags", "delete"])?.json(tags)?.repeatable();
        self.send(&call).await.map(drop)
    }

    /// The first 1 000 tag keys of a kind of resource, each with its values.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn tag_keys(&self, resource_type: ResourceType) -> Result<Page<TagKeyInfo>, ClientError> {
        let answer = self.send(&self.tag_call(Method::GET, resource_type, &["tags"])?).await?;
        let list: TagKeyList = answer.plain()?;
        Ok(answer.page(list.tags, u64::try_from(list.count).ok()))
    }

    /// A page of the resources that a filter lets through.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn filter_resources(
        &self,
        resource_type: ResourceType,
        filter: &FilterResources,
        page: TagPageQuery,
    ) -> Result<Page<ResourceInfo>, ClientError> {
        let (limit, offset) = (page.limit.to_string(), page.offset.to_string());
        let query = join([("limit", limit.as_str()), ("offset", offset.as_str())]);
        let call = self.tag_call(Method::POST, resource_type, &["resource-instances", "filter"])?;
        let answer = self.send(&call.json(filter)?.query(query).repeatable()).await?;
        let list: ResourceList = answer.plain()?;
        Ok(answer.page(list.resources, u64::try_from(list.total_count).ok()))
    }

    /// How many resources a filter lets through.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn count_resources(
        &self,
        resource_type: ResourceType,
        filter: &FilterResources,
    ) -> Result<i64, ClientError> {
        let call = self.tag_call(Method::POST, resource_type, &["resource-instances", "count"])?;
        let answer = self.send(&call.json(filter)?.repeatable()).await?;
        Ok(answer.plain::<ResourceList>()?.total_count)
    }

    fn tag_call(&self, method: Method, resource_type: ResourceType, rest: &[&str]) -> Result<Call, ClientError> {
        self.call(method, "v3", &[&[resource_type.as_str()], rest].concat())
    }
}
