//! The plane of a Linux host: networks are namespaces, peers are routes and permits between them, packets are real.
//!
//! Every queue and pool has a namespace with its address; every VPC that a peer leads to has a router, a namespace that
//! forwards nothing but what a permit names. Links are made directly between two namespaces, so nothing of it ever
//! appears among the host's own interfaces, and equal addresses of different owners never meet.
//!
//! Invariants: nothing is forwarded before everything is dropped by default; what is made bears a mark, what bears none
//! of ours is left alone; what is as specified is only read; the kernel is the only memory, so that another process, or
//! this one after a crash, finds everything again.
//!
//! This crate must not know records, the engine or HTTP, run a command for anybody, or assume which process it is in:
//! it needs the capabilities of whoever hosts it, and threads that may block.
//!
//! To add a kind of destination: see `router/subnet.rs` and `router/bound.rs`. To change a rule of the packet filter: see `rules/table.rs`.

mod addressing;
mod allowed;
mod batch;
mod dns;
pub mod enter;
mod error;
mod host;
mod hosts;
pub mod identity;
mod locks;
mod marks;
mod names;
mod namespace;
pub mod netd;
mod netlink;
mod plane;
mod probe;
mod router;
mod rules;
mod source;
mod watch;
mod work;
mod writes;

pub use allowed::BadConfig;
pub use host::Settings;
pub use plane::LinuxPlane;
