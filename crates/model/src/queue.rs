use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cidr::Cidr4;
use crate::ids::{ProjectId, ResourceId};
use crate::names::{PoolName, QueueName};
use crate::scaling::ScalingPolicy;
use crate::stamp::Stamp;
use crate::tag::Tags;

/// A compute queue (dli_02_0194).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// `resource_id`.
    pub resource_id: ResourceId,
    /// The project that owns it.
    pub project: ProjectId,
    /// Its name, folded.
    pub name: QueueName,
    /// When it was created; `queue_id` is its number.
    pub created: Stamp,
    /// The name of the user who made it.
    pub owner: Box<str>,
    /// Free text.
    #[serde(default)]
    pub description: Box<str>,
    /// What it runs.
    pub queue_type: QueueType,
    /// Compute units.
    pub cu_count: u32,
    /// Always 1 so far: pay per use.
    pub charging_mode: i32,
    /// `0` is the default enterprise project.
    pub enterprise_project_id: Box<str>,
    /// `x86_64` or `aarch64`.
    pub platform: Box<str>,
    /// 0 shared, 1 dedicated; only 1 can be bound outside a pool.
    pub resource_mode: u8,
    /// As sent.
    #[serde(default)]
    pub labels: Box<[Box<str>]>,
    /// `basic` or `ai`.
    pub feature: Box<str>,
    /// The engine of an SQL queue.
    pub engine: QueueEngine,
    /// The pool it lives in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolName>,
    /// What `cidr_in_vpc` reads.
    pub cidr_in_vpc: Cidr4,
    /// The network it really has; inside a pool the pool's counts.
    pub cidr_in_subnet: Cidr4,
    /// Properties such as `computeEngine.maxInstance`, values as JSON text; at most [`Queue::MOST_PROPERTIES`].
    #[serde(default)]
    pub properties: BTreeMap<Box<str>, Box<str>>,
    /// What it may take of its pool and when, at most [`ScalingPolicy::MOST`]; none until it is given some.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub policies: Box<[ScalingPolicy]>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Queue {
    /// The most properties of one queue.
    pub const MOST_PROPERTIES: usize = 100;

    /// What it may take of its pool and when: as it was given, else the preset.
    #[must_use]
    pub fn policies_in_force(&self) -> std::borrow::Cow<'_, [ScalingPolicy]> {
        if self.policies.is_empty() {
            vec![ScalingPolicy::preset(self.cu_count)].into()
        } else {
            (&*self.policies).into()
        }
    }
}

/// What a queue runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueueType {
    /// `sql`.
    Sql,
    /// `general`.
    General,
}

/// The engine of an SQL queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueueEngine {
    /// `spark`.
    Spark,
    /// `hetuEngine`.
    HetuEngine,
}
