//! Query parameters: decoding, and one parser per listing.
//!
//! Invariants: `+` and `%20` are blanks, `%` without two hex digits is literal, the first of a repeated parameter
//! counts, an empty one counts as absent, an unknown one is ignored, and invalid UTF-8 is a fault only in a known one.
//!
//! To add one more listing: a struct with `parse(raw_query)` in a file of its own, built on [`Query`].

mod connections;
mod encode;
mod identities;
mod number;
mod pools;
mod queues;
mod raw;
mod tags;

pub use connections::{Limit, ListConnectionsQuery, Order, StatusFilter};
pub use encode::{encode, join, tags_value};
pub use identities::ListIdentitiesQuery;
pub use pools::{ListPoolQueuesQuery, ListPoolsQuery, PageQuery, PoolStatus};
pub use queues::{ListQueuesQuery, QueueOrder};
pub use raw::{Query, decode};
pub use tags::TagPageQuery;
