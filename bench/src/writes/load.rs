//! Clients that create connections over HTTP in a closed loop: a process of its own, so that it can be pinned.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;

use crate::client::Client;
use crate::outcome::Outcome;
use crate::process::{CLIENT_CORE, pinned};
use crate::quantities::{micros, quantile};
use crate::signed::{Credentials, create_body};

/// Who creates what, for how long.
#[derive(Args, Clone)]
pub struct LoadOptions {
    /// The server, on this machine
    #[arg(long)]
    pub address: SocketAddr,
    /// Data directory whose credentials are used
    #[arg(long)]
    pub directory: PathBuf,
    /// Clients, each with a connection of its own
    #[arg(long)]
    pub clients: usize,
    /// How long
    #[arg(long)]
    pub milliseconds: u64,
    /// What names start with; no two loads on one server may share it
    #[arg(long)]
    pub prefix: String,
}

/// What the clients did.
#[derive(Debug, Clone, Copy)]
pub struct Created {
    pub per_second: f64,
    pub p50_us: f64,
    pub p99_us: f64,
}

/// The load itself; prints one line.
pub fn run(options: &LoadOptions) -> Outcome<()> {
    let credentials = Credentials::read(&options.directory)?;
    let started = Instant::now();
    let workers: Vec<_> = (0..options.clients)
        .map(|client| {
            let (options, credentials) = (options.clone(), credentials.clone());
            std::thread::spawn(move || create(&options, &credentials, client).map_err(|error| error.to_string()))
        })
        .collect();
    let mut times = Vec::new();
    for worker in workers {
        times.extend(micros(&worker.join().map_err(|_| "a client failed")??));
    }
    let per_second = times.len() as f64 / started.elapsed().as_secs_f64();
    println!("created {per_second} {} {}", quantile(&times, 0.5), quantile(&times, 0.99));
    Ok(())
}

fn create(options: &LoadOptions, credentials: &Credentials, client: usize) -> Outcome<Vec<Duration>> {
    let mut connection = Client::connect(options.address)?;
    let deadline = Instant::now() + Duration::from_millis(options.milliseconds);
    let mut times = Vec::new();
    while Instant::now() < deadline {
        let name = format!("{}_{client:03}_{:07}", options.prefix, times.len());
        let request = credentials.create(options.address, &create_body(&name))?;
        let started = Instant::now();
        let (head, body) = connection.call(&request)?;
        times.push(started.elapsed());
        if head.status != 201 {
            return Err(format!("a create was answered with {}: {}", head.status, String::from_utf8_lossy(body)).into());
        }
    }
    Ok(times)
}

impl LoadOptions {
    /// Runs the load in a process on the clients' core.
    pub fn start(&self) -> Outcome<Created> {
        let output = pinned(CLIENT_CORE, Path::new(&std::env::current_exe()?))
            .args(["write-load", "--address", &self.address.to_string(), "--directory"])
            .arg(&self.directory)
            .args(["--clients", &self.clients.to_string(), "--milliseconds", &self.milliseconds.to_string()])
            .args(["--prefix", &self.prefix])
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find_map(|line| line.strip_prefix("created "));
        let line = line.ok_or_else(|| format!("the clients failed: {}", String::from_utf8_lossy(&output.stderr)))?;
        let numbers: Vec<f64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
        let [per_second, p50_us, p99_us] = numbers[..] else { return Err(format!("created `{line}`").into()) };
        Ok(Created { per_second, p50_us, p99_us })
    }
}
