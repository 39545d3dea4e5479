//! Changes of queues and elastic resource pools.

use std::collections::BTreeMap;

use linkspan_model::{Cidr4, ScalingPolicy};

/// A change of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueChange {
    /// So many compute units more (dli_02_0249).
    ScaleOut(u32),
    /// So many compute units fewer.
    ScaleIn(u32),
    /// Ends and begins what it runs; changes nothing on record.
    Restart,
    /// Another network (dli_02_0222).
    Cidr(Cidr4),
    /// Sets properties, values as JSON text; others stay.
    SetProperties(BTreeMap<Box<str>, Box<str>>),
    /// Removes properties; absent ones are removed already.
    RemoveProperties(Vec<String>),
}

/// A change of an elastic resource pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PoolChange {
    /// Another text or other bounds (dli_02_0329); what is none stays.
    Update {
        /// Free text.
        description: Option<Box<str>>,
        /// Most compute units.
        max_cu: Option<u32>,
        /// Fewest compute units.
        min_cu: Option<u32>,
    },
    /// A queue moves into it (dli_02_0331).
    AddQueue(String),
    /// What a queue of it may take and when (dli_02_0332): all its policies.
    SetPolicies(String, Vec<ScalingPolicy>),
}
