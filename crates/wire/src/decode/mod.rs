//! Answers as the typed client reads them, from Linkspan and from the cloud.
//!
//! Invariants: unknown fields are ignored; an absent or null field is empty, 0, or for `is_success` true; a number or
//! boolean that was written as a text is read all the same, as examples in the documents print them so.
//!
//! A thing in an answer (a connection, a queue) is also written, under the names that the documents give its fields: it
//! is what a tool prints as JSON.
//!
//! It must not judge: whether `is_success` is false, or a status unknown, is the client's to say.
//!
//! To add one more: a struct whose fields all have a default, and an answer of the document in its test.

mod compute;
mod compute_details;
mod connection;
mod failure;
mod identity;
mod lenient;
mod operations;

pub use compute::{
    PoolInfo, PoolList, PoolQueueInfo, PoolQueueList, QueueInfo, QueueList, QueueProperties, QueueProperty, ShownQueue,
};
pub use compute_details::{PolicyInfo, QuotaAnswer, QuotaInfo, QuotaList};
pub use connection::{
    ConnectionInfo, ConnectionList, CreatedConnection, HostInfo, PeerInfo, PrivilegeInfo, PrivilegeList, RouteInfo,
    ShownConnection,
};
pub use failure::Failure;
pub use identity::{DomainList, NamedInfo, ProjectInfo, ProjectList, TokenBody, TokenInfo};
pub use operations::{
    Connectivity, CreatedTest, Outcome, ResourceInfo, ResourceList, TagInfo, TagKeyInfo, TagKeyList, TagList,
};
