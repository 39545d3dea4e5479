//! The commands that speak to a server, one file a family.
//!
//! They hold no rules: what a name may be and what exists is the server's to say. They read arguments, call the typed
//! client, and print.

pub(crate) mod audit;
pub(crate) mod connection;
mod connection_grants;
mod connection_routes;
mod connection_rows;
pub(crate) mod connectivity;
pub(crate) mod database;
pub(crate) mod diagnose;
pub(crate) mod domain;
pub(crate) mod fault;
mod host_rows;
pub(crate) mod key;
mod named;
pub(crate) mod netd;
pub(crate) mod network;
mod network_binding;
pub(crate) mod pairs;
pub(crate) mod pool;
mod pool_changes;
mod preflight;
pub(crate) mod project;
pub(crate) mod queue;
mod queue_changes;
mod queue_exec;
pub(crate) mod quota;
mod tags;
pub(crate) mod topology;
pub(crate) mod user;
pub(crate) mod waiting;

use std::fmt::Display;
use std::str::FromStr;

use clap::Subcommand;

pub(crate) use connection_rows::ConnectionRow;

use crate::arguments::Group;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::Output;
use crate::profile::{self, Target};

/// A command of a family.
pub(crate) trait Act: Subcommand {
    /// Carries it out.
    async fn act(&self, target: &Target, output: &Output) -> Result<(), Failure>;
}

/// Runs a command of a family: finds the server, and says where address and key came from if it is refused.
pub(crate) async fn run<A: Act>(group: &Group<A>, environment: &Environment, output: &Output) -> Result<(), Failure> {
    let target = Target::find(&group.client, environment)?;
    let done = group.action.act(&target, output).await;
    done.map_err(|failure| profile::explained(failure, &target.origin))
}

/// What a command line that can't be sent is told.
fn parsed<T: FromStr<Err: Display>>(what: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error| Failure::usage(format!("{what}: {error}")))
}
