use std::path::{Path, PathBuf};
use std::process::Command;

use linkspan_testkit::postgres::Cluster;

use crate::arguments::Bench;
use crate::data::Shape;
use crate::fixture::{Fixture, empty};
use crate::outcome::Outcome;
use crate::server::{Server, Setup};

/// The connections of every list.
pub(super) const SHAPE: Shape = Shape { connections: 10_000, deleted_percent: 0, tagged: false };

/// A PostgreSQL that holds what a fixture holds; it may use every core, as it would beside nodes.
pub(super) struct Stage {
    pub(super) cluster: Cluster,
    pub(super) fixture: Fixture,
    url: String,
    key: String,
}

impl Stage {
    /// Starts a server and copies the fixture into it.
    pub(super) fn of(bench: &Bench, shape: Shape) -> Outcome<Self> {
        let (cluster, fixture) = (Cluster::start(""), Fixture::of(bench, shape)?);
        let url = cluster.url("linkspan");
        let from = format!("sqlite:{}", fixture.directory.join("linkspan.db").display());
        let copied = Command::new(&bench.server).args(["db", "copy", "--from", &from, "--to", &url]).output()?;
        if !copied.status.success() {
            return Err(format!("db copy: {}", String::from_utf8_lossy(&copied.stderr)).into());
        }
        let key = fixture.directory.join("master.key").display().to_string();
        Ok(Self { cluster, fixture, url, key })
    }

    /// The settings of a node.
    pub(super) fn settings<'a>(&'a self, reads: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![("DATABASE", &self.url), ("MASTER_KEY_FILE", &self.key), ("READS", reads)]
    }

    /// Starts nodes, each in a directory of its own; together they may use all cores.
    pub(super) fn nodes(&self, bench: &Bench, (count, reads): (usize, &str)) -> Outcome<Vec<Server>> {
        let start = |number: usize| {
            let directory: PathBuf = bench.work.join(format!("data-node{number}"));
            empty(&directory)?;
            let setup = Setup { cores: "0,1", ..Setup::of(&directory) };
            let settings = [setup.settings, &self.settings(reads)].concat();
            Server::start(bench, Setup { settings: &settings, ..setup })
        };
        (0..count).map(start).collect()
    }

    /// The same directory on the embedded store, on the same cores.
    pub(super) fn embedded(&self, bench: &Bench) -> Outcome<Server> {
        let setup = Setup { cores: "0,1", ..Setup::of(Path::new(&self.fixture.directory)) };
        Server::start(bench, setup)
    }
}

/// Ends all of them.
pub(super) fn stop(nodes: Vec<Server>) -> Outcome<()> {
    nodes.into_iter().try_for_each(Server::stop)
}
