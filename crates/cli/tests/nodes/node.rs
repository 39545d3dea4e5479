//! Servers that the tests start on a database of their own.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use linkspan_client::{Client, ClientConfig, Credentials, Endpoints, ProjectClient, RetryPolicy};
use linkspan_testkit::postgres::Cluster;
use serde_json::Value;
use tempfile::TempDir;

/// The schema of the nodes.
pub(crate) const SCHEMA: &str = "linkspan";

/// A database, and what all nodes on it share.
pub(crate) struct Stage {
    pub(crate) cluster: Cluster,
    /// Where nodes are told that it is.
    pub(crate) database: String,
    pub(crate) directory: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let cluster = Cluster::start("");
        let database = cluster.url(SCHEMA);
        Self::on(cluster, database)
    }

    pub(crate) fn on(cluster: Cluster, database: String) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n";
        fs::write(directory.path().join("key"), key).unwrap();
        fs::set_permissions(directory.path().join("key"), fs::Permissions::from_mode(0o600)).unwrap();
        Self { cluster, database, directory }
    }

    /// The command that starts a node, which ends with the test at the latest.
    pub(crate) fn command(&self, name: &str, more: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command.args([
            "--pdeathsig",
            "KILL",
            env!("CARGO_BIN_EXE_linkspan"),
            "serve",
            "--log",
            "info,linkspan::access=off",
        ]);
        command.args(["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--data-dir"]);
        command.arg(self.data_dir(name)).args(["-o", "jsonl"]).args(more);
        // A flag would show a password to every user of the machine.
        command.env("LINKSPAN_DATABASE", &self.database);
        command.env("LINKSPAN_MASTER_KEY_FILE", self.directory.path().join("key"));
        command.current_dir(&self.directory).stdin(Stdio::null());
        command
    }

    fn data_dir(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Starts nodes at the same time and waits until all of them listen.
    pub(crate) fn start(&self, names: &[&str], more: &[&str]) -> Vec<Node> {
        let begun = |name: &&str| self.command(name, more).stdout(Stdio::piped()).spawn().unwrap();
        let begun: Vec<Child> = names.iter().map(begun).collect();
        begun.into_iter().map(Node::listening).collect()
    }

    /// Runs one to its end, which must come by itself.
    pub(crate) fn refused(&self, name: &str, more: &[&str]) -> Output {
        self.command(name, more).output().unwrap()
    }

    /// Where the first key is: in the directory of the node that made it.
    pub(crate) fn credentials(&self, names: &[&str]) -> Vec<PathBuf> {
        let files = names.iter().map(|name| self.data_dir(name).join("credentials.json"));
        files.filter(|file| file.exists()).collect()
    }

    /// The first project, by way of each node.
    pub(crate) fn projects(&self, names: &[&str], nodes: &[Node]) -> Vec<ProjectClient> {
        let files = self.credentials(names);
        nodes.iter().map(|node| node.project(&files[0])).collect()
    }
}

/// A server process.
pub(crate) struct Node {
    child: Child,
    pub(crate) http: String,
    pub(crate) metrics: String,
}

impl Node {
    /// Starts one and waits until it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        Self::listening(command.stdout(Stdio::piped()).spawn().unwrap())
    }

    fn listening(mut child: Child) -> Self {
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("it does not serve: {line:?}"));
        let text = |name: &str| started[name].as_str().unwrap().to_owned();
        Self { http: text("http"), metrics: text("metrics"), child }
    }

    pub(crate) fn project(&self, credentials: &Path) -> ProjectClient {
        let file: Value = serde_json::from_slice(&fs::read(credentials).unwrap()).unwrap();
        let text = |name: &str| file[name].as_str().unwrap().to_owned();
        let credentials = Credentials::key(text("access_key"), text("secret_key"));
        self.client(credentials).project(&text("project_id"))
    }

    pub(crate) fn client(&self, credentials: Credentials) -> Client {
        let mut config = ClientConfig::new(Endpoints::one(&self.http).unwrap(), credentials);
        // What a node refuses is to be seen.
        config.retry = RetryPolicy { most: 0, ..RetryPolicy::default() };
        Client::new(config).unwrap()
    }

    /// What the node says about itself.
    pub(crate) fn figure(&self, name: &str) -> u64 {
        let text = get(&self.metrics, "/metrics");
        let line = text.lines().find(|line| line.starts_with(&format!("linkspan_{name} ")));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) {
        self.signal("-TERM");
        assert!(self.child.wait().unwrap().success());
    }
}

/// A plain GET, answered with its head and body.
pub(crate) fn get(url: &str, path: &str) -> String {
    let address = url.trim_start_matches("http://").trim_end_matches("/metrics");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Sends a head and a body with a bar between them; answers the head and the body as they came.
pub(crate) fn exchange(url: &str, request: &str) -> (String, Vec<u8>) {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let (head, body) = request.split_once('|').unwrap();
    write!(stream, "{head}host: {address}\r\nconnection: close\r\n\r\n{body}").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    (String::from_utf8(answer).unwrap(), body)
}

impl Drop for Node {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}
