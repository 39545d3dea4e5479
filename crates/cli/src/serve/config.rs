//! What the server is made of, read from the layers of settings.
//!
//! Every value is judged before anything is opened, so a wrong one changes nothing.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use linkspan_engine::{Directory, Reads, Rules};
use linkspan_model::NodeName;
use linkspan_server::Settings;
use linkspan_server::telemetry::LogFormat;

use super::database::{Database, reads};
use super::layers::Layers;
use crate::durations;
use crate::environment::Environment;
use crate::failure::Failure;

const MOST_THREADS: usize = 1024;

/// What the server is made of.
#[derive(Debug, Clone)]
pub(crate) struct NodeConfig {
    /// Database, keys, certificate, credentials.
    pub(crate) data_dir: PathBuf,
    /// Where the records are.
    pub(crate) database: Database,
    /// What reads may rely on where other nodes write too.
    pub(crate) reads: Reads,
    /// What makes networks reach each other.
    pub(crate) plane: PlaneChoice,
    /// What this node is called among those on one database; none = as its host.
    pub(crate) node: Option<NodeName>,
    /// The key that secrets are sealed with; none = in the data directory.
    pub(crate) master_key_file: Option<PathBuf>,
    /// HTTP.
    pub(crate) listen: SocketAddr,
    /// HTTPS.
    pub(crate) tls: Option<TlsConfig>,
    /// Metrics.
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Worker threads.
    pub(crate) threads: usize,
    /// Limits and choices of the engine.
    pub(crate) rules: Rules,
    /// Most changes of one transaction.
    pub(crate) batch_commands: usize,
    /// How the server behaves.
    pub(crate) settings: Settings,
    /// What is logged.
    pub(crate) log: String,
    /// How it is logged.
    pub(crate) log_format: LogFormat,
}

/// What makes networks reach each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlaneChoice {
    /// Nothing: it is only pretended.
    Simulated,
    /// This host, by a `netd`.
    Linux {
        /// Where it listens; none = the server starts one of its own.
        socket: Option<PathBuf>,
        /// What the one that the server starts allows; none = what it allows by default.
        allowed: Option<PathBuf>,
    },
}

/// HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsConfig {
    /// Where.
    pub(crate) listen: SocketAddr,
    /// Certificate and key; without them the server makes its own.
    pub(crate) files: Option<(PathBuf, PathBuf)>,
}

impl NodeConfig {
    /// Reads every setting. `cores` is the default for the threads.
    pub(crate) fn read(layers: &Layers, environment: &Environment, cores: usize) -> Result<Self, Failure> {
        let data_dir = layers.required("data_dir", |text| Ok::<_, String>(environment.at(text)))?;
        let database = Database::read(layers, environment)?;
        Ok(Self {
            master_key_file: database.master_key_file(layers, environment)?,
            reads: layers.required("reads", reads)?,
            plane: plane(layers, environment)?,
            node: layers.optional("node", str::parse)?,
            database,
            data_dir,
            listen: layers.required("listen", address)?,
            tls: tls(layers, environment)?,
            metrics_listen: layers
                .required("metrics_listen", |text| if text == "off" { Ok(None) } else { address(text).map(Some) })?,
            threads: layers.optional("threads", threads)?.unwrap_or(cores.clamp(1, MOST_THREADS)),
            rules: rules(layers)?,
            batch_commands: layers.required("batch_commands", |text| match number(text)? {
                0 => Err("a transaction holds at least one change".to_owned()),
                count => Ok(count),
            })?,
            settings: settings(layers)?,
            log: layers.required("log", |text| Ok::<_, String>(text.to_owned()))?,
            log_format: layers.required("log_format", |text| match text {
                "text" => Ok(LogFormat::Text),
                "json" => Ok(LogFormat::Json),
                other => Err(format!("`{other}` is neither text nor json")),
            })?,
        })
    }
}

fn plane(layers: &Layers, environment: &Environment) -> Result<PlaneChoice, Failure> {
    let socket = layers.optional("netd_socket", |text| Ok::<_, String>(environment.at(text)))?;
    let is_linux = layers.required("plane", |text| match text {
        "simulated" => Ok(false),
        "linux" => Ok(true),
        other => Err(format!("there is no plane `{other}`, only simulated and linux")),
    })?;
    let allowed = layers.optional("netd_config", |text| Ok::<_, String>(environment.at(text)))?;
    match (is_linux, socket, allowed) {
        (true, Some(_), Some(_)) => Err(Failure::usage(
            "--netd-config is for a netd that the server starts; give the other one its own --config",
        )),
        (true, socket, allowed) => Ok(PlaneChoice::Linux { socket, allowed }),
        (false, None, None) => Ok(PlaneChoice::Simulated),
        (false, ..) => {
            Err(Failure::usage("each of --netd-socket and --netd-config needs --plane linux: nothing else asks a netd"))
        }
    }
}

fn tls(layers: &Layers, environment: &Environment) -> Result<Option<TlsConfig>, Failure> {
    let path = |key: &str| layers.optional(key, |text| Ok::<_, String>(environment.at(text)));
    let files = match (path("tls_cert")?, path("tls_key")?) {
        (Some(cert), Some(key)) => Some((cert, key)),
        (None, None) => None,
        (Some(_), None) => return Err(Failure::usage("--tls-cert needs --tls-key beside it")),
        (None, Some(_)) => return Err(Failure::usage("--tls-key needs --tls-cert beside it")),
    };
    match (layers.optional("tls_listen", address)?, files) {
        (None, Some(_)) => Err(Failure::usage("--tls-cert needs --tls-listen: nothing would use the certificate")),
        (None, None) => Ok(None),
        (Some(listen), files) => Ok(Some(TlsConfig { listen, files })),
    }
}

fn rules(layers: &Layers) -> Result<Rules, Failure> {
    let milliseconds = |key: &str| {
        layers.required(key, |text| {
            durations::parse(text).and_then(|time| i64::try_from(time.as_millis()).map_err(|error| error.to_string()))
        })
    };
    Ok(Rules {
        directory: layers.required("directory", |text| match text {
            "open" => Ok(Directory::Open),
            "strict" => Ok(Directory::Strict),
            other => Err(format!("`{other}` is neither open nor strict")),
        })?,
        creation_deadline_ms: milliseconds("creation_deadline")?,
        keep_deleted_ms: milliseconds("keep_deleted")?,
        keep_deleted: layers.required("keep_deleted_count", number)?,
        ..Rules::default()
    })
}

fn settings(layers: &Layers) -> Result<Settings, Failure> {
    let milliseconds = |key: &str| layers.required(key, |text| durations::parse(text).map(milliseconds));
    Ok(Settings {
        region: layers.required("region", |text| Ok::<_, String>(text.to_owned()))?,
        debug_signatures: layers.required("debug_signatures", |text| match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            other => Err(format!("`{other}` is neither true nor false")),
        })?,
        list_active_by_default: layers.required("list_default_status", |text| match text {
            "all" => Ok(false),
            "active" => Ok(true),
            other => Err(format!("`{other}` is neither all nor active")),
        })?,
        delete_wait_ms: milliseconds("delete_wait")?,
        unbind_wait_ms: milliseconds("unbind_wait")?,
        test_wait_ms: milliseconds("test_wait")?,
    })
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// An address with a port; a host's name is looked up.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let fault =
        |why: &dyn std::fmt::Display| format!("`{text}` is no address with a port, such as 127.0.0.1:8780: {why}");
    let mut found = text.to_socket_addrs().map_err(|error| fault(&error))?;
    found.next().ok_or_else(|| fault(&"the name has no address"))
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=MOST_THREADS) => Ok(count),
        _ => Err(format!("`{text}` is no number from 1 to {MOST_THREADS}")),
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
