//! Request bodies: decoded by the server, encoded by the typed client.
//!
//! Invariants: each type has `from_body`, which refuses wrong forms with 400 `DLI.0001`, and `Serialize`, whose output
//! `from_body` reads back as the same value.
//!
//! They must not look at state: whether a queue exists or a name is free is the engine's to say.
//!
//! To add one more: a file named after the operation, and its round trip in the tests beside it.

mod add_route;
mod authorize;
mod bind;
mod change_queue;
mod compute;
mod connectivity_test;
mod create_connection;
mod create_pool;
mod create_queue;
mod create_token;
mod parts;
mod resource_tags;
mod scaling_policies;
mod update_hosts;

pub(crate) use parts::write_tags;
pub(crate) use scaling_policies::PolicyBody;

pub use add_route::AddRoute;
pub use authorize::{Authorize, AuthorizeAction, ObjectPrivileges};
pub use bind::{BindRequest, UnbindRequest};
pub use change_queue::{
    AddQueueToPool, QueueAction, QueueActionKind, RemoveQueueProperties, SetQueueProperties, UpdatePool,
    UpdateQueueCidr,
};
pub use compute::Properties;
pub use connectivity_test::{CreateConnectivityTest, TestAddress, TestHost};
pub use create_connection::CreateConnection;
pub use create_pool::CreatePool;
pub use create_queue::{CreateQueue, Feature, Platform};
pub use create_token::{CreateToken, NameOrId, Secret, TokenIdentity, TokenScope, UserRef};
pub use resource_tags::{
    AddTags, FieldFilter, FilterResources, RemoveTags, ResourceField, ResourceType, TagFilter, TagHandle,
};
pub use scaling_policies::UpdateScalingPolicies;
pub use update_hosts::UpdateHosts;
