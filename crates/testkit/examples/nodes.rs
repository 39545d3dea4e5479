//! Three nodes on one PostgreSQL behind one address, for suites that know nothing but an address: every request goes to
//! the next node. The first one comes to the database directly, the others by way of PgBouncer.
//!
//! `nodes BINARY DIRECTORY ADDRESS` keeps the first node's data, with its `credentials.json`, in `DIRECTORY/data`, listens
//! on `ADDRESS` when all three are ready, and ends all of it on SIGTERM.
#![allow(clippy::print_stderr, reason = "it says on standard error why it ended")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use linkspan_testkit::postgres::Cluster;
use linkspan_testkit::postgres::pooler::Pooler;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const NODES: usize = 3;
/// Connections of the pooler to the database: fewer than nodes ask for.
const POOLED: u32 = 4;
/// How long a node may take to start or to end.
const WITHIN: Duration = Duration::from_secs(30);
/// No head of a request is longer.
const MOST_HEAD: usize = 64 << 10;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [binary, directory, address] = &arguments[..] else { return Err("nodes BINARY DIRECTORY ADDRESS".into()) };
    let mut terminated = signal(SignalKind::terminate())?;
    let cluster = Cluster::start("");
    let pooler = Pooler::before(&cluster, POOLED);
    let (mut nodes, mut addresses) = (Vec::new(), Vec::new());
    for number in 0..NODES {
        let name = if number == 0 { "data".to_owned() } else { format!("data{number}") };
        let port = if number == 0 { cluster.port() } else { pooler.port() };
        let database = cluster.url_by(&[port], "linkspan");
        let (node, at) = node(Path::new(binary), (Path::new(directory), &name), &database).await?;
        nodes.push(node);
        addresses.push(at);
    }
    let listener = TcpListener::bind(address).await?;
    tokio::select! {
        ended = forward(listener, &addresses) => ended?,
        _ = terminated.recv() => {}
    }
    for node in &mut nodes {
        end(node).await?;
    }
    Ok(())
}

/// Starts a node, which ends with this process at the latest, and says where it listens.
async fn node(binary: &Path, (directory, name): (&Path, &str), database: &str) -> Outcome<(Child, String)> {
    let key = directory.join("master.key");
    fs::write(&key, "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n")?;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(binary).args(["serve", "-o", "jsonl", "--listen", "127.0.0.1:0"]);
    command.args(["--metrics-listen", "off", "--data-dir"]).arg(directory.join(name));
    command.env("LINKSPAN_DATABASE", database).env("LINKSPAN_MASTER_KEY_FILE", key);
    let mut node = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    let stdout = node.stdout.take().ok_or("a node without output")?;
    timeout(WITHIN, BufReader::new(stdout).read_line(&mut line)).await??;
    let said: serde_json::Value = serde_json::from_str(&line)?;
    let http = said.get("http").and_then(|http| http.as_str()).ok_or("a node that does not say where it listens")?;
    Ok((node, http.trim_start_matches("http://").to_owned()))
}

/// Ends a node in order.
async fn end(node: &mut Child) -> Outcome<()> {
    let pid = node.id().ok_or("a node has ended by itself")?;
    Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
    let status = timeout(WITHIN, node.wait()).await??;
    if status.success() { Ok(()) } else { Err(format!("a node ended with {status}").into()) }
}

/// Takes connections of one request each, which goes to the next node.
async fn forward(listener: TcpListener, nodes: &[String]) -> Outcome<()> {
    for node in nodes.iter().cycle() {
        let (client, _) = listener.accept().await?;
        let node = node.clone();
        // A client that goes away in the middle is its own affair.
        tokio::spawn(async move { drop(relay(client, &node).await) });
    }
    Ok(())
}

async fn relay(mut client: TcpStream, node: &str) -> Outcome<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        if head.len() > MOST_HEAD || client.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let line = head.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (line, rest) = head.split_at(line);
    let mut server = TcpStream::connect(node).await?;
    server.write_all(line).await?;
    // The answer ends with the connection, so the client's next request comes on another one.
    server.write_all(b"Connection: close\r\n").await?;
    server.write_all(rest).await?;
    let ((mut from_server, mut to_server), (mut from_client, mut to_client)) = (server.split(), client.split());
    tokio::select! {
        answered = copy(&mut from_server, &mut to_client) => drop(answered?),
        // It never ends before the answer does, unless the client has gone.
        broken = async { copy(&mut from_client, &mut to_server).await?; std::future::pending::<Outcome<()>>().await } => broken?,
    }
    Ok(client.shutdown().await?)
}
