//! The vocabulary of Linkspan: ids, names, CIDRs, hosts, tags, routes, connections, peers, queues, pools, networks and identities.
//!
//! Invariants: a value of a type here is valid (parse, don't validate); a name that the service folds is
//! folded when it is parsed; nothing here holds a secret in clear text.
//!
//! This crate must not do I/O, be async, read a clock, or know the JSON names of the wire. The `serde` form of
//! its types is the body of a stored record; a field may be added with a default, never renamed.
//!
//! To add one more thing: give it a file of its own, parse it in one constructor that returns [`Invalid`], and
//! re-export it below.

mod action;
mod cidr;
mod connection;
mod connectivity_test;
mod error;
mod host;
mod identity;
mod ids;
mod names;
mod network;
mod peer;
mod plane_request;
mod pool;
mod queue;
mod route;
mod scaling;
mod stamp;
mod tag;

pub use action::{ActionPattern, ActionPatterns};
pub use cidr::{Cidr, Cidr4};
pub use connection::{Connection, ConnectionStatus};
pub use connectivity_test::{ConnectivityTest, TestResult, TestTarget};
pub use error::{Invalid, quote};
pub use host::{Host, Hosts};
pub use identity::{AccessKey, Domain, KeyRole, Project, ProjectAccess, SealedSecret, User};
pub use ids::{AccessKeyId, ConnectionId, DomainId, ExternalId, PeerId, ProjectId, ResourceId, UserId};
pub use names::{BindingName, ConnectionName, NodeName, PoolName, QueueName, RouteName};
pub use network::{DhcpOptions, NetworkBinding, RouteTable, Subnet, SubnetSettings, TableRoute, Vpc};
pub use peer::{Failure, Peer, PeerState, SourceKind, SourceName};
pub use plane_request::PlaneRequest;
pub use pool::{Pool, PoolLabels};
pub use queue::{Queue, QueueEngine, QueueType};
pub use route::Route;
pub use scaling::ScalingPolicy;
pub use stamp::{Stamp, UnixMillis};
pub use tag::{Tag, TagKey, TagValue, Tags};
