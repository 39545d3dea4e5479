//! The plane in a process of its own: `netd` holds the capabilities, the server holds none.
//!
//! A server asks over a unix socket, in requests that name networks and peers and never a path or a command; `netd`
//! carries them out on its plane. Whoever may open the socket is the server's user and nobody else: that is checked for
//! every connection, whatever the file's mode says.
//!
//! Invariants: an answer belongs to its question by number; what a server no longer waits for is called off; a server
//! that goes away leaves everything as it is.
//!
//! It must not decide anything, nor read records. To add a question: a variant in `protocol.rs`, its arm in `daemon.rs`
//! and its method in `remote.rs`.

mod daemon;
mod frame;
mod protocol;
mod remote;

pub use daemon::{BindError, Netd};
pub use remote::RemotePlane;

#[cfg(test)]
mod tests;
