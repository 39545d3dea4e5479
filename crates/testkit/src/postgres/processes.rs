//! What happens to the processes of a server from outside: they are killed, or stand still.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use super::account::signal;
use super::{Cluster, WITHIN, pause};

impl Cluster {
    /// Kills every process of the server at once, as a machine that loses its power does.
    ///
    /// # Panics
    /// It does not run, or does not end.
    pub fn kill(&mut self) {
        let processes = self.stopped();
        let segment = self.shared_memory();
        processes.iter().for_each(|pid| signal("KILL", *pid));
        self.server.take().unwrap().wait().unwrap();
        let is_there = |pid: &u32| is_running(*pid);
        let deadline = Instant::now() + WITHIN;
        while processes.iter().any(is_there) {
            assert!(Instant::now() < deadline, "processes of the server do not end");
            pause();
        }
        // The system keeps it for the next server on the same data, which there will not be.
        if let Some(segment) = segment {
            let mut remove = self.account.command(Path::new("ipcrm"));
            let _removed = remove.args(["-m", &segment]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
    }

    /// Lets every process of the server stand still: connections are taken by the system, and nothing is answered.
    ///
    /// # Panics
    /// It does not run.
    pub fn freeze(&self) {
        let _all = self.stopped();
    }

    /// Lets them go on.
    ///
    /// # Panics
    /// It does not run.
    pub fn thaw(&self) {
        let server = self.server.as_ref().unwrap().id();
        let stopped = children(server).into_iter().chain([server]).filter(|pid| state(*pid) == Some('T'));
        stopped.for_each(|pid| signal("CONT", pid));
    }

    /// The server, which starts no more processes once it stands still, and then all of those.
    fn stopped(&self) -> Vec<u32> {
        let server = self.server.as_ref().unwrap().id();
        signal("STOP", server);
        let deadline = Instant::now() + WITHIN;
        while state(server) != Some('T') {
            assert!(Instant::now() < deadline, "the server does not stand still");
            pause();
        }
        let children = children(server);
        children.iter().for_each(|pid| signal("STOP", *pid));
        children.into_iter().chain([server]).collect()
    }

    /// The id of the memory that its processes share.
    fn shared_memory(&self) -> Option<String> {
        let status = fs::read_to_string(self.data.join("postmaster.pid")).ok()?;
        status.lines().nth(6)?.split_whitespace().nth(1).map(str::to_owned)
    }
}

/// The processes that one has started.
fn children(pid: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|child| field(*child, 1).is_some_and(|parent| parent == pid.to_string())).collect()
}

fn is_running(pid: u32) -> bool {
    state(pid).is_some_and(|state| state != 'Z')
}

/// What the system says about a process: R, S, T and so on; none if there is no such process.
fn state(pid: u32) -> Option<char> {
    field(pid, 0)?.chars().next()
}

/// A field of `/proc/PID/stat` after the name, which may hold anything.
fn field(pid: u32, place: usize) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(')')?.1.split_whitespace().nth(place).map(str::to_owned)
}
