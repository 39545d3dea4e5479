//! A freshly started `linkspan serve` for a suite: an empty data directory, free loopback ports, a log file.
//!
//! Invariants: it is ready when `start` returns; it is stopped by SIGTERM and must then exit with 0; whatever happens,
//! no process is left behind.
//!
//! It must not know what the suites do with it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use crate::process::Task;
use crate::workspace::Workspace;

const READY_WITHIN: Duration = Duration::from_secs(30);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
const LOG_LINES_SHOWN: usize = 40;

/// The running process and where its things are.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    tls_address: SocketAddr,
    directory: PathBuf,
}

impl Server {
    /// Builds the binary, starts it in an empty directory of its own, and waits until it says that it is ready.
    pub(crate) fn start(workspace: &Workspace, name: &str) -> Result<Self, String> {
        let binary = build(workspace)?;
        let directory = workspace.target().join("compat").join(name);
        empty(&directory)?;
        let [address, tls_address, metrics] = free_addresses()?;
        let task = Task::new(binary).args(["serve", "--listen", &address.to_string()]);
        let task = task.args(["--tls-listen", &tls_address.to_string(), "--metrics-listen", &metrics.to_string()]);
        let task = task.args(["--data-dir"]).args([directory.join("data")]);
        Self::spawn(&task, [address, tls_address], directory)
    }

    /// Three nodes on a PostgreSQL of their own, behind one address: the tests' own program starts and ends them.
    pub(crate) fn nodes(workspace: &Workspace, name: &str) -> Result<Self, String> {
        let binary = build(workspace)?;
        let build = ["build", "--locked", "-p", "linkspan-testkit", "--example", "nodes"];
        Task::cargo().args(build).in_dir(workspace.root()).run()?;
        let directory = workspace.target().join("compat").join(format!("nodes-{name}"));
        empty(&directory)?;
        let [address, tls_address, _] = free_addresses()?;
        let nodes = Task::new(workspace.target().join("debug/examples/nodes")).args([&binary, &directory]);
        Self::spawn(&nodes.args([address.to_string()]), [address, tls_address], directory)
    }

    fn spawn(task: &Task, [address, tls_address]: [SocketAddr; 2], directory: PathBuf) -> Result<Self, String> {
        let log = File::create(directory.join("server.log")).map_err(|error| format!("no log file: {error}"))?;
        let errors = log.try_clone().map_err(|error| format!("no log file: {error}"))?;
        let mut command = task.command();
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LINKSPAN_")) {
            command.env_remove(name);
        }
        println!("  $ {} &", task.line());
        let child = command.stdout(log).stderr(errors).spawn().map_err(|error| format!("no server: {error}"))?;
        let mut server = Self { child, address, tls_address, directory };
        server.wait_until_ready().map_err(|reason| format!("{reason}\n{}", server.end_of_log()))?;
        Ok(server)
    }

    pub(crate) fn credentials(&self) -> PathBuf {
        self.directory.join("data").join("credentials.json")
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same server over HTTPS, with a certificate that it made itself.
    pub(crate) fn tls_endpoint(&self) -> String {
        format!("https://{}", self.tls_address)
    }

    /// That certificate, for clients to trust.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.directory.join("data").join("tls-certificate.pem")
    }

    /// Asks it to stop, and fails unless it ends by itself, in time, with 0.
    pub(crate) fn stop(mut self) -> Result<(), String> {
        let pid = self.child.id().to_string();
        Task::new("kill").args(["-TERM", &pid]).output()?;
        let ended = poll(STOPPED_WITHIN, || self.child.try_wait().ok().flatten());
        match ended {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("after SIGTERM the server ended with {status}\n{}", self.end_of_log())),
            None => Err(format!("the server still runs {STOPPED_WITHIN:?} after SIGTERM\n{}", self.end_of_log())),
        }
    }

    /// The last lines it logged, for a report of what went wrong.
    pub(crate) fn end_of_log(&self) -> String {
        let path = self.directory.join("server.log");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let shown = lines.len().saturating_sub(LOG_LINES_SHOWN);
        format!("the end of {}:\n{}", path.display(), lines.get(shown..).unwrap_or_default().join("\n"))
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let mut ended: Option<ExitStatus> = None;
        poll(READY_WITHIN, || {
            ended = self.child.try_wait().ok().flatten();
            (ended.is_some() || answers_ready(self.address)).then_some(())
        });
        match ended {
            Some(status) => Err(format!("the server ended with {status} before it was ready")),
            None if answers_ready(self.address) => Ok(()),
            None => Err(format!("the server is not ready after {READY_WITHIN:?}")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only of use when a suite failed half-way: after `stop` the process is gone and both calls do nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the binary and says where it is.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf, String> {
    // The same selection as the test step's, so that its build of the binary and of every dependency is reused.
    Task::cargo().args(["build", "--locked", "--workspace", "--bin", "linkspan"]).in_dir(workspace.root()).run()?;
    Ok(workspace.target().join("debug").join("linkspan"))
}

fn empty(directory: &Path) -> Result<(), String> {
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    }
    fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))
}

/// Loopback addresses that were free a moment ago; all are held until all are known, so they differ.
fn free_addresses() -> Result<[SocketAddr; 3], String> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| format!("no free port: {error}"));
    let (first, second, third) = (bind()?, bind()?, bind()?);
    let address = |listener: &TcpListener| listener.local_addr().map_err(|error| format!("no free port: {error}"));
    Ok([address(&first)?, address(&second)?, address(&third)?])
}

fn answers_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut status = vec![0; "HTTP/1.1 200".len()];
        stream.read_exact(&mut status)?;
        Ok(status)
    };
    ask().is_ok_and(|status| status == b"HTTP/1.1 200")
}

/// Looks again and again until there is an answer or the time is up.
fn poll<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        let answer = look();
        if answer.is_some() || Instant::now() >= deadline {
            return answer;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_addresses_differ() {
        let [first, second, third] = free_addresses().unwrap();
        assert!(first != second && second != third && third != first);
    }

    #[test]
    fn only_a_200_counts_as_ready() {
        for (answer, ready) in [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 Busy\r\n\r\n", false)] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = listener.local_addr().unwrap();
            let serving = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 256];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            });
            assert_eq!(answers_ready(address), ready, "{answer}");
            serving.join().unwrap();
        }
    }

    #[test]
    fn polling_ends_with_the_answer_or_with_the_time() {
        let mut looks = 0;
        let found = poll(Duration::from_secs(5), || {
            looks += 1;
            (looks == 3).then_some("here")
        });
        assert_eq!((found, looks), (Some("here"), 3));
        assert_eq!(poll(Duration::ZERO, || None::<()>), None);
    }
}
