//! The client against a server that gives scripted answers: what it sends, and what it makes of what it gets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

mod failures;
mod fake;
mod own;
mod requests;
mod tags;

use linkspan_client::{Client, ClientConfig, Credentials, Endpoints};

use fake::{Fake, SECRET};

/// A client that signs with the key of the tests.
fn client(fake: &Fake) -> Client {
    let endpoints = Endpoints::one(&fake.endpoint).unwrap();
    Client::new(ClientConfig::new(endpoints, Credentials::key("AK", SECRET))).unwrap()
}
