//! A typed client for Linkspan, and for the cloud whose API it answers.
//!
//! ```no_run
//! # async fn example() -> Result<(), linkspan_client::ClientError> {
//! use linkspan_client::{Client, ClientConfig, Credentials, Endpoints};
//! use linkspan_wire::{ListConnectionsQuery, StatusFilter};
//!
//! let endpoints = Endpoints::one("http://127.0.0.1:8780")?;
//! let client = Client::new(ClientConfig::new(endpoints, Credentials::key("AK", "SK")))?;
//! let project = client.only_project(Some("cn-north-4")).await?;
//! let query = ListConnectionsQuery { status: Some(StatusFilter::Active), ..Default::default() };
//! for connection in client.project(&project.id).list_connections(&query).await?.items {
//!     println!("{} {}", connection.id, connection.name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Invariants: every call is signed anew, retries included; a call is repeated only if repeating it changes nothing
//! more, only on 503 with `Retry-After`, and a bounded number of times; a 2xx that says `is_success: false` is an
//! error; an id is put into the path encoded, whatever it holds; no `Debug` or error text shows a secret.
//!
//! It must not hold rules of the API: what a name may be and what exists is the server's to say.
//!
//! To add a call: its shapes in `linkspan-wire`, and a method in the file of its family that builds a `Call`.

mod admin;
mod answer;
mod call;
mod config;
mod connections;
mod connectivity;
mod endpoint;
mod error;
mod identity;
mod own;
mod pools;
mod project;
mod queues;
mod retry;
mod sharing;
mod tags;
mod transport;

pub use admin::AdminClient;
pub use answer::Page;
pub use config::{ClientConfig, Credentials, TlsOptions};
pub use endpoint::{Endpoint, Endpoints};
pub use error::{ApiFailure, ClientError, FailureKind};
pub use identity::IssuedToken;
pub use project::ProjectClient;
pub use retry::RetryPolicy;
pub use transport::Client;

pub use linkspan_wire::decode::{
    ConnectionInfo, Connectivity, HostInfo, NamedInfo, PeerInfo, PolicyInfo, PoolInfo, PoolQueueInfo, PrivilegeInfo,
    ProjectInfo, QueueInfo, QueueProperty, QuotaInfo, ResourceInfo, RouteInfo, TagInfo, TagKeyInfo, TokenInfo,
};
