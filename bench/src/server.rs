//! `linkspan serve` as it is measured: the release build in its default configuration, one worker thread on one core,
//! its log in a file of the data directory.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::arguments::Bench;
use crate::client::Client;
use crate::outcome::Outcome;
use crate::process::{Running, SERVER_CORE, Usage, pinned, wait_for};

const READY_WITHIN: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_micros(500);
const READYZ: &[u8] = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A server that is ready.
pub struct Server {
    running: Running,
    pub address: SocketAddr,
    /// From the start of the process to the first 200 of `/readyz`.
    pub ready_in: Duration,
}

/// How a server is started.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    pub directory: &'a Path,
    /// `LINKSPAN_…` beside the defaults.
    pub settings: &'a [(&'a str, &'a str)],
    /// Cores it may use, as taskset names them.
    pub cores: &'a str,
    pub threads: usize,
}

impl<'a> Setup<'a> {
    /// One thread on one core; deleted connections stay, however many there are.
    pub fn of(directory: &'a Path) -> Self {
        const KEEP: &[(&str, &str)] = &[("KEEP_DELETED", "36500d"), ("KEEP_DELETED_COUNT", "100000000")];
        Self { directory, settings: KEEP, cores: SERVER_CORE, threads: 1 }
    }
}

impl Server {
    pub fn start(bench: &Bench, setup: Setup<'_>) -> Outcome<Self> {
        let [address, metrics] = free_addresses()?;
        let log = setup.directory.with_extension("log");
        let mut command = pinned(setup.cores, &bench.server);
        command
            .arg("serve")
            .args(["--threads", &setup.threads.to_string(), "--listen", &address.to_string()])
            .args(["--metrics-listen", &metrics.to_string(), "--data-dir"])
            .arg(setup.directory)
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?);
        // What the caller's shell says about a server is not the default configuration.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LINKSPAN_")) {
            command.env_remove(name);
        }
        for (name, value) in setup.settings {
            command.env(format!("LINKSPAN_{name}"), value);
        }
        let started = Instant::now();
        let mut running = Running::start(&mut command)?;
        let ready = wait_for(READY_WITHIN, BETWEEN_LOOKS, || {
            let ended = running.ended();
            (ended.is_some() || is_ready(address)).then_some(ended)
        });
        let ready_in = started.elapsed();
        match ready {
            Some(None) => Ok(Self { running, address, ready_in }),
            Some(Some(status)) => Err(format!("the server ended with {status}; see {}", log.display()).into()),
            None => Err(format!("the server was not ready in time; see {}", log.display()).into()),
        }
    }

    pub fn usage(&self) -> Outcome<Usage> {
        self.running.usage()
    }

    pub fn client(&self) -> Outcome<Client> {
        Client::connect(self.address)
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) -> Outcome<()> {
        self.running.signal(name)
    }

    /// Ends it as a service manager would.
    pub fn stop(self) -> Outcome<()> {
        self.running.stop()
    }
}

/// Whether a server answers its probe with 200.
fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> Outcome<u16> { Ok(Client::connect(address)?.call(READYZ)?.0.status) };
    ask().is_ok_and(|status| status == 200)
}

/// Two loopback addresses that were free a moment ago.
pub fn free_addresses() -> Outcome<[SocketAddr; 2]> {
    let (one, other) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
    Ok([one.local_addr()?, other.local_addr()?])
}
