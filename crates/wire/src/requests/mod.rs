//! Request bodies: decoded by the server, encoded by the typed client.
//!
//! Invariants: each type has `from_body`, which refuses wrong forms with 400 `DLI.0001`, and `Serialize`, whose output
//! `from_body` reads back as the same value.
//!
//! They must not look at state: whether a queue exists or a name is free is the engine's to say.
//!
//! To add one more: a file named after the operation, and its round trip in the tests beside it.

mod bind;
mod compute;
mod create_connection;
mod create_pool;
mod create_queue;
mod create_token;
mod parts;
mod scaling_policies;
mod update_hosts;

pub use bind::{BindRequest, UnbindRequest};
pub use compute::Properties;
pub use create_connection::CreateConnection;
pub use create_pool::CreatePool;
pub use create_queue::{CreateQueue, Feature, Platform};
pub use create_token::{CreateToken, NameOrId, Secret, TokenIdentity, TokenScope, UserRef};
pub use scaling_policies::{ScalingPolicy, UpdateScalingPolicies};
pub use update_hosts::UpdateHosts;
