//! Reading a project: the lists page by page, and what the lists leave out thing by thing.

use std::collections::{HashMap, HashSet};

use linkspan_client::{ClientError, ConnectionInfo, FailureKind, PoolInfo, QueueInfo, QueueProperty};
use linkspan_wire::{Limit, ListConnectionsQuery, ResourceType, StatusFilter};

use super::source::Source;
use super::{Kind, bar};
use crate::failure::Failure;

/// How often a list is read again from the beginning because it changed meanwhile.
const ATTEMPTS: usize = 5;

/// Tags as pairs; none = they are not known.
pub(super) type KnownTags = Option<Vec<(String, String)>>;

/// What was read, newest connections first.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) pools: Vec<(PoolInfo, KnownTags)>,
    pub(super) queues: Vec<(QueueInfo, More)>,
    pub(super) connections: Vec<(ConnectionInfo, Rest)>,
    /// What a person should know about it.
    pub(super) notes: Vec<String>,
}

/// What the list of queues leaves out; what is none is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct More {
    pub(super) tags: KnownTags,
    pub(super) properties: Option<Vec<(String, String)>>,
    pub(super) policies: Option<serde_json::Value>,
}

/// What the list of connections leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rest {
    pub(super) tags: KnownTags,
    pub(super) grantees: Option<Vec<String>>,
    pub(super) route_table: Option<String>,
    /// Whether another project owns it.
    pub(super) is_others: bool,
}

impl Source {
    /// Reads what is wanted.
    pub(super) async fn read(&self, only: &[Kind]) -> Result<Found, Failure> {
        let mut found = Found::default();
        if only.contains(&Kind::Pools) {
            let pools = self.project.all_pools(None).await?;
            let tags = self.tags(ResourceType::Pool, pools.iter().map(|pool| pool.resource_id.clone())).await?;
            found.pools = pools.into_iter().zip(tags).collect();
        }
        if only.contains(&Kind::Queues) {
            found.queues = self.queues().await?;
        }
        if only.contains(&Kind::Connections) {
            self.read_connections(&mut found).await?;
        }
        let untold = self.untold();
        if !untold.is_empty() {
            let text = format!("{} can't be read from this source; going on without", untold.join(", "));
            found.notes.push(text);
        }
        Ok(found)
    }

    async fn queues(&self) -> Result<Vec<(QueueInfo, More)>, Failure> {
        let mut queues = self.project.list_queues(Some("all")).await?.items;
        queues.retain(|queue| queue.queue_name != "default");
        let tags = self.tags(ResourceType::Queue, queues.iter().map(|queue| queue.queue_id.to_string())).await?;
        let names = queues.iter().map(|queue| queue.queue_name.clone()).collect();
        let ask = |source: Self, name: String| async move {
            source.told("properties of queues", source.unless_gone(source.project.queue_properties(&name))).await
        };
        let properties = self.each(names, ask, || {}).await?;
        let policies = self.policies(&queues).await?;
        let more = tags.into_iter().zip(properties).map(|(tags, properties)| {
            let pairs = |all: Vec<QueueProperty>| all.into_iter().map(|one| (one.key, one.value)).collect();
            More { tags, properties: properties.flatten().map(pairs), policies: None }
        });
        let with_policies = |(queue, more): (QueueInfo, More)| {
            let policies = policies.get(&queue.queue_name).cloned();
            (queue, More { policies, ..more })
        };
        Ok(queues.into_iter().zip(more).map(with_policies).collect())
    }

    /// The scaling policies of queues in pools, by the name of the queue.
    async fn policies(&self, queues: &[QueueInfo]) -> Result<HashMap<String, serde_json::Value>, Failure> {
        let homes: HashSet<_> = queues.iter().map(|queue| queue.elastic_resource_pool_name.clone()).collect();
        let homes = homes.into_iter().filter(|home| !home.is_empty()).collect();
        let ask = |source: Self, home: String| async move {
            source.told("scaling policies", source.unless_gone(source.project.pool_queues(&home))).await
        };
        let listed = self.each(homes, ask, || {}).await?.into_iter().flatten().flatten().flatten();
        let told = listed.filter(|queue| !queue.queue_scaling_policies.is_null());
        Ok(told.map(|queue| (queue.queue_name, queue.queue_scaling_policies)).collect())
    }

    async fn read_connections(&self, found: &mut Found) -> Result<(), Failure> {
        let (connections, is_steady) = self.connections().await?;
        if !is_steady {
            found.notes.push("the source changes while it is read: run the command again for the rest".into());
        }
        let bar = bar("reading", connections.len());
        let ask = |source: Self, connection: ConnectionInfo| async move { source.rest_of(&connection).await };
        let rest = self.each(connections.clone(), ask, || bar.inc(1)).await?;
        bar.finish_and_clear();
        let both = connections.into_iter().zip(rest);
        // None: it was deleted after the list was read.
        let both: Vec<_> = both.filter_map(|(connection, rest)| Some((connection, rest?))).collect();
        let (others, own): (Vec<_>, Vec<_>) = both.into_iter().partition(|(_, rest)| rest.is_others);
        if !others.is_empty() {
            found.notes.push(format!(
                "{} connections are granted to this project by another one; import them from the project that owns them",
                others.len()
            ));
        }
        found.connections = own;
        Ok(())
    }

    /// Every connection that exists, by the paging that the documents describe; and whether it is one instant of the
    /// list, as far as the server lets that be seen.
    async fn connections(&self) -> Result<(Vec<ConnectionInfo>, bool), Failure> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for _ in 0..ATTEMPTS {
            let (mut offset, mut revision) = (0, None);
            let is_steady = loop {
                let page = self.project.list_connections(&query(offset)).await?;
                if offset > 0 && page.revision != revision {
                    break false;
                }
                (revision, offset) = (page.revision, offset + page.items.len() as u64);
                if page.items.is_empty() {
                    break true;
                }
                all.extend(page.items.into_iter().filter(|connection| seen.insert(connection.id.clone())));
            };
            if is_steady {
                // What came in between two attempts stands behind what is older than it.
                all.sort_by_key(|connection| std::cmp::Reverse(connection.create_time));
                return Ok((all, true));
            }
        }
        all.sort_by_key(|connection| std::cmp::Reverse(connection.create_time));
        Ok((all, false))
    }

    /// What the list leaves out of one; none = it is gone.
    async fn rest_of(&self, connection: &ConnectionInfo) -> Result<Option<Rest>, ClientError> {
        let rest = if self.is_linkspan { self.detail_of(connection).await } else { self.parts_of(connection).await };
        match rest {
            Err(error) if error.kind() == FailureKind::NotFound => Ok(None),
            rest => rest.map(Some),
        }
    }

    async fn detail_of(&self, connection: &ConnectionInfo) -> Result<Rest, ClientError> {
        let detail = self.project.connection_detail(&connection.id).await?;
        let tags = detail.tags.as_slice().iter();
        Ok(Rest {
            tags: Some(tags.map(|tag| (tag.key.to_string(), tag.value.as_str().to_owned())).collect()),
            grantees: Some(detail.grantees.iter().map(ToString::to_string).collect()),
            route_table: detail.routetable_id.map(|id| id.to_string()),
            is_others: detail.project_id.as_str() != self.project.id(),
        })
    }

    async fn parts_of(&self, connection: &ConnectionInfo) -> Result<Rest, ClientError> {
        let id = &connection.id;
        // Only the owner may ask for tags and grants, and only what is granted says so here.
        let grants = async {
            match self.project.privileges(id).await {
                Err(error) if connection.is_privis == Some(false) && error.kind() == FailureKind::Refused => Ok(None),
                grants => grants.map(Some),
            }
        };
        let grants = self.told("grants", grants).await?;
        let grantees: Option<Vec<String>> =
            grants.map(|grants| grants.into_iter().flatten().map(|grant| grant.grantee().to_owned()).collect());
        let names_itself = |grantees: &Vec<String>| grantees.iter().any(|grantee| grantee == self.project.id());
        let is_others = connection.is_privis == Some(false)
            && grantees.as_ref().is_some_and(|grantees| grantees.is_empty() || names_itself(grantees));
        if is_others {
            return Ok(Rest { is_others, ..Rest::default() });
        }
        let tags = self.told("tags", self.project.tags(ResourceType::Connection, id)).await?;
        let tags = tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)).collect());
        Ok(Rest { tags, grantees, ..Rest::default() })
    }

    /// The tags of queues or pools; none of one that this server knows under another id.
    async fn tags(&self, of: ResourceType, ids: impl Iterator<Item = String>) -> Result<Vec<KnownTags>, Failure> {
        let ask = move |source: Self, id: String| async move {
            let tags = source.told("tags", source.unless_gone(source.project.tags(of, &id))).await?.flatten();
            Ok(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)).collect()))
        };
        self.each(ids.collect(), ask, || {}).await
    }
}

fn query(offset: u64) -> ListConnectionsQuery {
    let status = Some(StatusFilter::Active);
    ListConnectionsQuery { limit: Limit::DEFAULT, offset, status, ..ListConnectionsQuery::default() }
}
