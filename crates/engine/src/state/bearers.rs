//! What bears tags, found by the ids that the tag API knows it by (dli_02_0396, dli_02_0501).

use linkspan_model::{
    Connection, ConnectionId, ExternalId, Pool, PoolName, ProjectId, Queue, QueueName, Subnet, Tags, Vpc,
};

use super::{ProjectState, ProjectView, State};
use crate::command::{ResourceKind, ResourceRef};
use crate::record::Record;
use crate::refusal::Refusal;

/// A thing that bears tags.
pub(crate) enum Bearer<'a> {
    Connection(&'a Connection),
    Queue(&'a Queue),
    Pool(&'a Pool),
    Vpc(&'a Vpc),
    Subnet(&'a Subnet),
}

impl<'a> Bearer<'a> {
    pub(crate) fn tags(&self) -> &'a Tags {
        match self {
            Self::Connection(it) => &it.tags,
            Self::Queue(it) => &it.tags,
            Self::Pool(it) => &it.tags,
            Self::Vpc(it) => &it.tags,
            Self::Subnet(it) => &it.tags,
        }
    }

    /// Its record, with these tags instead.
    pub(crate) fn bearing(&self, tags: Tags) -> Record {
        match *self {
            Self::Connection(it) => Record::Connection(Connection { tags, ..it.clone() }),
            Self::Queue(it) => Record::Queue(Queue { tags, ..it.clone() }),
            Self::Pool(it) => Record::Pool(Pool { tags, ..it.clone() }),
            Self::Vpc(it) => Record::Vpc(Vpc { tags, ..it.clone() }),
            Self::Subnet(it) => Record::Subnet(Subnet { tags, ..it.clone() }),
        }
    }
}

impl State {
    /// What a project's caller names, if its tags are that caller's affair.
    pub(crate) fn bearer(&self, project: &ProjectId, resource: &ResourceRef) -> Result<Bearer<'_>, Refusal> {
        let (held, id) = (self.held(project), &*resource.id);
        match resource.kind {
            ResourceKind::Connection => self.own_connection(project, id).map(Bearer::Connection),
            ResourceKind::Queue => {
                let found = held.and_then(|held| held.queue_of_id(id));
                found.map(Bearer::Queue).ok_or_else(|| Refusal::UnknownQueue(id.to_owned()))
            }
            ResourceKind::Pool => {
                let found = held.and_then(|held| held.pool_of_id(id));
                found.map(Bearer::Pool).ok_or_else(|| Refusal::UnknownPool(id.to_owned()))
            }
            ResourceKind::Vpc => {
                let found = id.parse::<ExternalId>().ok().and_then(|id| held?.vpcs.get(&id));
                found.map(|it| Bearer::Vpc(&it.value)).ok_or_else(|| Refusal::UnknownVpc(id.to_owned()))
            }
            ResourceKind::Subnet => {
                let found = id.parse::<ExternalId>().ok().and_then(|id| held?.subnets.get(&id));
                found.map(|it| Bearer::Subnet(&it.value)).ok_or_else(|| Refusal::UnknownSubnet(id.to_owned()))
            }
        }
    }

    fn own_connection(&self, project: &ProjectId, id: &str) -> Result<&Connection, Refusal> {
        let found = ConnectionId::from_wire(id).and_then(|id| self.connection(id)).map(|entry| &entry.connection);
        let visible = |connection: &&Connection| connection.status.is_active() && connection.is_visible_to(project);
        let found = found.filter(visible).ok_or_else(|| Refusal::UnknownConnection(id.to_owned()))?;
        if found.project != *project {
            return Err(Refusal::Forbidden(format!(
                "Connection {id} is granted to this project by another one: its tags are its owner's."
            )));
        }
        Ok(found)
    }
}

impl ProjectState {
    /// A queue by its number, its `resource_id` or its name, which no two queues share: a name is neither all digits nor
    /// holds a hyphen.
    fn queue_of_id(&self, id: &str) -> Option<&Queue> {
        if let Some(named) = id.parse::<QueueName>().ok().and_then(|name| self.queues.get(&name)) {
            return Some(&named.value);
        }
        let number = id.parse::<i64>().ok();
        let all = self.queues.values().map(|queue| &queue.value);
        all.into_iter().find(|it| Some(it.created.number()) == number || it.resource_id.to_string() == id)
    }

    /// A pool, likewise.
    fn pool_of_id(&self, id: &str) -> Option<&Pool> {
        if let Some(named) = id.parse::<PoolName>().ok().and_then(|name| self.pools.get(&name)) {
            return Some(&named.value);
        }
        let number = id.parse::<i64>().ok();
        let all = self.pools.values().map(|pool| &pool.value);
        all.into_iter().find(|it| Some(it.created.number()) == number || it.resource_id.to_string() == id)
    }
}

/// A thing that bears tags, as a caller sees it.
#[derive(Debug, Clone)]
pub struct TaggedThing<'a> {
    /// What the tag API calls it: the id of a connection, VPC or subnet, a queue's number, a pool's `resource_id`.
    pub id: String,
    /// Its name.
    pub name: &'a str,
    /// Its tags.
    pub tags: &'a Tags,
}

impl<'a> ProjectView<'a> {
    /// The tags of a thing.
    ///
    /// # Errors
    /// It is unknown, or a connection that is another project's affair.
    pub fn tags_of(&self, resource: &ResourceRef) -> Result<&'a Tags, Refusal> {
        Ok(self.state.bearer(self.project, resource)?.tags())
    }

    /// The project's own things of a kind that exist: connections newest first, queues and pools by name, networks by id. The preset
    /// queue is not among them: nobody can give it tags.
    pub fn tagged_things(&self, kind: ResourceKind) -> Box<dyn Iterator<Item = TaggedThing<'a>> + 'a> {
        let Some(held) = self.held else { return Box::new(std::iter::empty()) };
        match kind {
            ResourceKind::Connection => {
                let project = self.project;
                let all = held.lists.of_status(Some(true)).entries().map(|entry| &entry.connection);
                Box::new(all.filter(move |it| it.project == *project).map(|it| TaggedThing {
                    id: it.id.to_string(),
                    name: it.name.as_str(),
                    tags: &it.tags,
                }))
            }
            ResourceKind::Queue => Box::new(self.queues().map(|it| TaggedThing {
                id: it.created.number().to_string(),
                name: it.name.as_str(),
                tags: &it.tags,
            })),
            ResourceKind::Pool => Box::new(self.pools().map(|it| TaggedThing {
                id: it.resource_id.to_string(),
                name: it.name.as_str(),
                tags: &it.tags,
            })),
            ResourceKind::Vpc => {
                Box::new(self.vpcs().map(|it| TaggedThing { id: it.id.to_string(), name: &it.name, tags: &it.tags }))
            }
            ResourceKind::Subnet => {
                Box::new(self.subnets().map(|it| TaggedThing { id: it.id.to_string(), name: &it.name, tags: &it.tags }))
            }
        }
    }
}
