//! The plane of a Linux host on real networks, each test in namespaces of its own.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "clippy knows test functions, but not the functions beside them"
)]

mod bindings;
mod conformance;
mod crashes;
mod diagnosis;
mod documented;
mod drift;
mod faults;
mod interfaces;
mod isolated;
mod leaks;
mod names;
mod overlaps;
mod revoked;
mod scene;
mod traffic;
mod watched;
