use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cidr::Cidr4;
use crate::ids::{ProjectId, ResourceId};
use crate::names::PoolName;
use crate::stamp::{Stamp, UnixMillis};
use crate::tag::Tags;

/// Labels of a pool such as `spec` = `basic`.
pub type PoolLabels = BTreeMap<Box<str>, Box<str>>;

/// An elastic resource pool (dli_02_0326).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// `resource_id`.
    pub resource_id: ResourceId,
    /// The project that owns it.
    pub project: ProjectId,
    /// Its name, folded.
    pub name: PoolName,
    /// When it was created; `id` is its number.
    pub created: Stamp,
    /// When it last changed, UTC.
    pub update_time: UnixMillis,
    /// The name of the user who made it.
    pub owner: Box<str>,
    /// Free text.
    #[serde(default)]
    pub description: Box<str>,
    /// Most compute units.
    pub max_cu: u32,
    /// Fewest compute units.
    pub min_cu: u32,
    /// Always 1 so far: pay per use.
    pub charging_mode: i32,
    /// `0` is the default enterprise project.
    pub enterprise_project_id: Box<str>,
    /// What `cidr_in_vpc` reads.
    pub cidr_in_vpc: Cidr4,
    /// The network it really has.
    pub cidr_in_subnet: Cidr4,
    /// Whether it has IPv6 too.
    #[serde(default)]
    pub ipv6: bool,
    /// Labels.
    #[serde(default)]
    pub labels: PoolLabels,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
