//! A server that the tests start, call and kill.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use linkspan_client::{Client, ClientConfig, Credentials, Endpoints, ProjectClient};
use serde_json::Value;

/// A server process in a directory.
pub(crate) struct Serving {
    child: Child,
    /// From the start of the process to the line that says where it listens.
    pub(crate) ready_in: Duration,
    /// Calls to its first project.
    pub(crate) project: ProjectClient,
}

impl Serving {
    /// Starts one on a free port; `wrapped` is put before it on the command line.
    pub(crate) fn start(directory: &Path, wrapped: &[&str]) -> Self {
        let binary = env!("CARGO_BIN_EXE_linkspan");
        let words: Vec<&str> = wrapped.iter().copied().chain([binary]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--metrics-listen",
            "off",
            "--log",
            "warn",
        ]);
        command.env("HOME", directory).current_dir(directory).stdin(Stdio::null()).stdout(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready_in = started.elapsed();
        let endpoint = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_default();
        let endpoint = endpoint.trim_end_matches([';', ',', '.']);
        assert!(!endpoint.is_empty(), "the server did not say where it listens: {line:?}");
        let project = project_at(endpoint, directory);
        Self { child, ready_in, project }
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self, pid: u32) {
        assert!(Command::new("kill").args(["-TERM", &pid.to_string()]).status().unwrap().success());
        self.child.wait().unwrap();
    }
}

fn project_at(endpoint: &str, directory: &Path) -> ProjectClient {
    let file = std::fs::read(directory.join("linkspan-data/credentials.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let text = |name: &str| file[name].as_str().unwrap().to_owned();
    let credentials = Credentials::key(text("access_key"), text("secret_key"));
    let config = ClientConfig::new(Endpoints::one(endpoint).unwrap(), credentials);
    Client::new(config).unwrap().project(&text("project_id"))
}
