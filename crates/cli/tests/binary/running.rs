//! Runs of the binary in a directory of their own, with nothing of the caller's environment.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const WITHIN: Duration = Duration::from_secs(30);

/// The binary with arguments, in a directory.
pub(crate) fn linkspan(directory: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linkspan"));
    command.env_clear().env("HOME", directory).current_dir(directory).stdin(Stdio::null());
    command.args(arguments.split(' ').filter(|argument| !argument.is_empty()));
    command
}

/// Runs it to its end.
pub(crate) fn run(directory: &Path, arguments: &str) -> Output {
    linkspan(directory, arguments).output().unwrap()
}

/// Runs it to its end, which must be a good one, and answers what it printed.
pub(crate) fn printed(directory: &Path, arguments: &str) -> String {
    let output = run(directory, arguments);
    assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
    text(&output.stdout)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    /// The one line that it printed.
    pub(crate) line: String,
    pub(crate) directory: TempDir,
}

impl Server {
    /// Starts one on free ports and waits until it says that it listens.
    pub(crate) fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), "--listen 127.0.0.1:0")
    }

    pub(crate) fn start_in(directory: TempDir, more: &str) -> Self {
        let arguments = format!("serve --metrics-listen off --log warn {more}");
        let mut child = linkspan(directory.path(), &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, line, directory }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Runs a command against it: in its directory nothing needs to be said.
    pub(crate) fn run(&self, arguments: &str) -> Output {
        run(self.directory.path(), arguments)
    }

    pub(crate) fn printed(&self, arguments: &str) -> String {
        printed(self.directory.path(), arguments)
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end, and gives its directory back.
    pub(crate) fn ended(mut self) -> (ExitStatus, TempDir) {
        let deadline = Instant::now() + WITHIN;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // Moved out whole, so that the directory outlives the process.
                let directory = std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap());
                return (status, directory);
            }
            assert!(Instant::now() < deadline, "the server runs on");
            std::thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only of use when a test failed half-way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
