//! Whose process a server is: the caller's, or, where that is root, another user's.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Command;

/// Users that a server can run as if the caller is root; the first one that there is.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// The user of servers.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// None = the caller.
    other: Option<Other>,
}

#[derive(Debug, Clone)]
struct Other {
    uid: u32,
    gid: u32,
}

impl Account {
    pub(crate) fn of_servers() -> Self {
        // What this process writes belongs to it.
        let scratch = tempfile::tempdir().unwrap();
        if std::fs::metadata(scratch.path()).unwrap().uid() != 0 {
            return Self { other: None };
        }
        let other = USERS.iter().find_map(|name| Some(Other { uid: id("-u", name)?, gid: id("-g", name)? }));
        Self { other: Some(other.expect("there is no user that a server can run as")) }
    }

    /// A program as this user, which ends with the thread that starts it.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        if let Some(other) = &self.other {
            command.arg("--clear-groups");
            command.args(["--reuid", &other.uid.to_string(), "--regid", &other.gid.to_string()]);
        }
        command.args(["--pdeathsig", "QUIT"]).arg(program);
        command
    }

    /// Makes a file or directory the user's own.
    pub(crate) fn give(&self, path: &Path) {
        if let Some(other) = &self.other {
            chown(path, Some(other.uid), Some(other.gid)).unwrap();
        }
    }

    /// Whether the user can get to a directory that is its own.
    pub(crate) fn can_write(&self, directory: &Path) -> bool {
        self.command(Path::new("test")).arg("-w").arg(directory).status().is_ok_and(|status| status.success())
    }
}

fn id(what: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([what, user]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Sends a signal to one process.
pub(crate) fn signal(name: &str, pid: u32) {
    // A process that has ended by itself is as good as one that was told to.
    let _sent = Command::new("kill").args(["-s", name, &pid.to_string()]).status();
}
