//! `linkspan serve`: the settings, and the server made of them.
//!
//! Settings come from `settings.rs` (what there is), `layers.rs` (who said what) and `config.rs` (what it means);
//! `node.rs` puts the parts together.

mod config;
mod database;
mod faults;
mod identities;
mod layers;
mod node;
mod options;
mod planes;
pub(crate) mod settings;
mod signals;

use std::collections::BTreeMap;

use linkspan_server::telemetry::{self, Log, TelemetryError};
use serde::Serialize;

pub(crate) use config::NodeConfig;
pub(crate) use database::Database;
pub(crate) use faults::of_open_postgres;
pub(crate) use identities::First;
pub(crate) use layers::Layers;
pub(crate) use node::Node;
pub(crate) use options::ServeOptions;
pub(crate) use signals::Signals;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{self, Cell, Output, Row};

/// Serves until a signal ends it.
pub(crate) fn run(options: &ServeOptions, environment: &Environment, output: &Output) -> Result<(), Failure> {
    let config = NodeConfig::read(&Layers::collect(options, environment)?, environment, cores())?;
    let first = First::read(environment, options.reset_admin)?;
    let _log = log(&config)?;
    runtime(config.threads)?.block_on(async {
        let mut signals = Signals::catch()?;
        let node = tokio::select! {
            node = Node::start(&config, &first) => node?,
            _ = signals.next() => return Ok(()),
        };
        output.one(&Started::of(&node))?;
        signals.next().await;
        output::note("Stopping: answering what is in flight. Another signal ends it at once.");
        signals.or_at_once(node.stop()).await;
        Ok(())
    })
}

/// Begins to log as the configuration says; what is held to the end writes what waits then.
pub(crate) fn log(config: &NodeConfig) -> Result<Log, Failure> {
    telemetry::init(config.log_format, &config.log).map_err(|error| match error {
        TelemetryError::Filter(_) => Failure::usage(format!("{error}: {}", config.log)),
        _ => Failure::failed(error.to_string()),
    })
}

/// The SQLite database that flags, environment and file name together, for commands that work on it without a server.
pub(crate) fn database(given: BTreeMap<&'static str, String>, environment: &Environment) -> Result<Database, Failure> {
    let options = ServeOptions { given, ..ServeOptions::default() };
    Database::read(&Layers::collect(&options, environment)?, environment)
}

/// How many cores this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The runtime of a server. A single thread needs none of what keeps several from getting in each other's way.
pub(crate) fn runtime(threads: usize) -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = match threads {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = builder.worker_threads(threads).thread_name("linkspan-worker").enable_all().build();
    runtime.map_err(|error| Failure::failed(format!("no runtime can be made: {error}")))
}

/// What a server says once it runs.
#[derive(Serialize)]
struct Started {
    http: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    https: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<String>,
}

impl Started {
    fn of(node: &Node) -> Self {
        let addresses = node.addresses();
        Self {
            http: addresses.http.map(|address| format!("http://{address}")),
            https: addresses.https.map(|address| format!("https://{address}")),
            metrics: addresses.metrics.map(|address| format!("http://{address}/metrics")),
            // Another node that started on the same database has them.
            credentials: node.credentials.exists().then(|| node.credentials.display().to_string()),
        }
    }
}

impl Row for Started {
    const PLURAL: &'static str = "servers";
    const COLUMNS: &'static [(&'static str, bool)] = &[("", false)];

    fn name(&self) -> String {
        self.http.clone().or_else(|| self.https.clone()).unwrap_or_default()
    }

    /// One line, which supervisors log and people read.
    fn line(&self) -> Option<String> {
        let listens: Vec<&str> = self.http.iter().chain(&self.https).map(String::as_str).collect();
        let metrics = self.metrics.as_ref().map(|metrics| format!(", metrics on {metrics}")).unwrap_or_default();
        let credentials = self.credentials.as_ref().map(|path| format!("; credentials in {path}")).unwrap_or_default();
        Some(format!("Linkspan listens on {}{metrics}{credentials}", listens.join(" and ")))
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        Vec::new()
    }
}
