//! The composition root: store, engine, plane and server, put together and taken apart in order.
//!
//! Invariants: a start that fails leaves nothing running; the plane's reconciler ends before the engine does, so that
//! what it found is on record; the store is closed last.
//!
//! It must not hold rules. To add a backend or a plane: a choice in `config.rs` and its arm here.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use linkspan_engine::store::Store;
use linkspan_engine::{Engine, Options as EngineOptions, RandomIds, SystemClock};
use linkspan_server::auth::Keys;
use linkspan_server::tls::Certificate;
use linkspan_server::{Addresses, App, Running, Server, ServerConfig, StartError, render_row};

use super::config::{NodeConfig, TlsConfig};
use super::database::{Database, MAKE_KEY};
use super::faults::of_start;
use super::identities::{self, First};
use super::planes::Planes;
use crate::failure::Failure;

/// A server that runs, with everything behind it.
pub(crate) struct Node {
    running: Running,
    plane: Planes,
    /// The file with the first key.
    pub(crate) credentials: PathBuf,
}

impl Node {
    /// Opens everything and starts to serve; answers once requests can come.
    pub(crate) async fn start(config: &NodeConfig, first: &First) -> Result<Self, Failure> {
        let http = free(config.listen)?;
        let others = config.tls.iter().map(|tls| tls.listen).chain(config.metrics_listen);
        others.map(free).collect::<Result<Vec<_>, _>>()?;
        make_private(&config.data_dir)?;
        let engine = open_engine(config, config.database.open().await?).await?;
        let auth = open_keys(config, &engine)?;
        let plane = Planes::start((config, http), &engine).await?;
        let (clock, side) = (Arc::new(SystemClock), plane.work.side());
        let app = App { engine, auth, clock, plane: side, settings: first.settings(config) };
        let credentials = identities::prepare(&app, &identities::Place { config, http }, first).await?;
        let running = Server::start(server_config(config, http), app).await.map_err(|error| of_start(&error))?;
        Ok(Self { running, plane, credentials })
    }

    /// Where it listens.
    pub(crate) fn addresses(&self) -> Addresses {
        self.running.addresses()
    }

    /// The address of its API for a client on this machine.
    pub(crate) fn endpoint(&self) -> String {
        self.addresses().http.map(reachable).map(|address| format!("http://{address}")).unwrap_or_default()
    }

    /// Ends in order: the plane, what is in flight, the engine, the store.
    pub(crate) async fn stop(self) {
        self.plane.stop().await;
        self.running.shutdown().await;
    }
}

/// Whether an address can be listened on, found out before anything is opened or made; port 0 becomes a free one, since
/// the credentials name the address and are written before anyone can call it.
fn free(address: SocketAddr) -> Result<SocketAddr, Failure> {
    let bound = std::net::TcpListener::bind(address);
    let chosen = bound.and_then(|listener| listener.local_addr());
    chosen.map_err(|cause| of_start(&StartError::Listen { address, cause }))
}

/// An address that can be called: a listener on every address is reached on the loopback one.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let loopback = match address {
        SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    if address.ip().is_unspecified() { SocketAddr::new(loopback, address.port()) } else { address }
}

/// The data directory: it will hold credentials, whatever else.
fn make_private(data_dir: &Path) -> Result<(), Failure> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir);
    made.map_err(|error| Failure::failed(format!("{}: {error}", data_dir.display())))
}

async fn open_engine(config: &NodeConfig, store: Arc<dyn Store>) -> Result<Engine, Failure> {
    let mut options = EngineOptions::new(render_row, Arc::new(SystemClock), Arc::new(RandomIds));
    options.rules = config.rules.clone();
    options.batch_commands = config.batch_commands;
    options.following = config.database.following(config.reads);
    Engine::open(store, options).await.map_err(|error| Failure::failed(error.to_string()))
}

/// A store that has been written to needs the key it was written with; only an empty one gets a new key.
fn open_keys(config: &NodeConfig, engine: &Engine) -> Result<Keys, Failure> {
    let path = config.master_key_file.clone().unwrap_or_else(|| config.data_dir.join("master.key"));
    let is_new = engine.view().head().revision == 0;
    // Of nodes that share a database none may make a key that the others don't have.
    let is_shared = matches!(config.database, Database::Postgres(_));
    let keys = if is_new && !is_shared { Keys::open(&path) } else { Keys::open_existing(&path) };
    let way_on = match is_new {
        true => MAKE_KEY,
        false => {
            "the database's secrets are sealed under this key: put the copy back, or name it with LINKSPAN_MASTER_KEY_FILE"
        }
    };
    keys.map_err(|error| Failure::failed(error.to_string()).hint(way_on))
}

fn server_config(config: &NodeConfig, http: SocketAddr) -> ServerConfig {
    ServerConfig {
        http: Some(http),
        https: config.tls.as_ref().map(|tls| (tls.listen, certificate(tls, config))),
        metrics: config.metrics_listen,
        ..ServerConfig::default()
    }
}

fn certificate(tls: &TlsConfig, config: &NodeConfig) -> Certificate {
    match &tls.files {
        Some((certificate, key)) => Certificate::Files { certificate: certificate.clone(), key: key.clone() },
        None => {
            let named = Some(tls.listen.ip()).filter(|ip| !ip.is_unspecified()).map(|ip| ip.to_string());
            Certificate::SelfSigned { directory: config.data_dir.clone(), names: named.into_iter().collect() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_chosen_only_where_none_was() {
        let any = free("127.0.0.1:0".parse().unwrap()).unwrap();
        assert_ne!(any.port(), 0);
        let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = held.local_addr().unwrap();
        assert!(free(address).unwrap_err().text().contains("in use"));
        drop(held);
        assert_eq!(free(address).unwrap(), address);
    }

    #[test]
    fn a_listener_on_every_address_is_called_on_loopback() {
        let shown = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(shown("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(shown("[::]:80"), "[::1]:80");
        assert_eq!(shown("10.0.0.1:80"), "10.0.0.1:80");
    }
}
