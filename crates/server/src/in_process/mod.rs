//! The compatibility cases of `compat/` without a socket: captured requests, byte for byte, through the whole server.
//!
//! Over the wire a capture has to be signed again and its ids exchanged. Here nothing is: the clock shows the time at
//! which the client signed, the key is the client's, the project has its id, and what is made gets the ids that the
//! client was told, so the bytes that arrive are the very bytes that were sent, signature included.
//!
//! Invariants: status, error code and shape are compared with what `compat/replay` compares them with over HTTP and
//! HTTPS, out of the same files.
//!
//! It must not change a byte of a capture. To add a suite: a module with its test, and what the captures speak of in
//! [`world`].

mod captures;
mod expectations;
mod furniture;
mod golden;
mod pipe;
mod python_sdk;
mod shape;
mod terraform;
mod world;
