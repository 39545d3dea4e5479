//! A program in the network of a queue or pool.
//!
//! Whoever calls this needs the capability to enter namespaces (CAP_SYS_ADMIN) itself; `netd` runs nothing for anybody.
//! The program runs as the caller and never with more than it.

use std::convert::Infallible;
use std::ffi::CString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::prctl::set_no_new_privs;
use nix::unistd::{Gid, Uid, User, execvp, geteuid, getgid, getuid, initgroups, setgid, setgroups, setuid};

/// Where a program is to run.
#[derive(Debug, Clone)]
pub struct Place {
    /// The handle of the network's namespace.
    pub namespace: PathBuf,
    /// Its hosts file; rewritten in place, so the program sees changes while it runs.
    pub hosts: PathBuf,
    /// What it is told of who answers names.
    pub resolver: PathBuf,
}

/// As whom it is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    uid: Uid,
    gid: Gid,
}

impl Caller {
    /// Whoever started this process: behind `sudo` the user who typed it (`SUDO_UID` and `SUDO_GID`, which only root is
    /// believed), else the real user.
    #[must_use]
    pub fn of(sudo: Option<(u32, u32)>) -> Self {
        match sudo.filter(|_| getuid().is_root()) {
            Some((uid, gid)) => Self { uid: Uid::from_raw(uid), gid: Gid::from_raw(gid) },
            None => Self { uid: getuid(), gid: getgid() },
        }
    }
}

/// Why a program does not run.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// There is no such network on this host.
    #[error("{} is not there: the queue's network is made when it is first bound to a connection", .0.display())]
    Absent(PathBuf),
    /// The caller may not enter namespaces.
    #[error("entering a network needs the capability CAP_SYS_ADMIN: run this with sudo")]
    Denied,
    /// A step failed.
    #[error("{step}: {cause}")]
    Step {
        /// What was tried.
        step: &'static str,
        /// Why it failed.
        cause: io::Error,
    },
    /// The program can't be started.
    #[error("{program} can't be run: {cause}")]
    Program {
        /// Which.
        program: String,
        /// Why.
        cause: io::Error,
    },
}

/// Replaces this process by a program that runs in a network, with its names, as the caller.
///
/// # Errors
/// [`EnterError`]; this process is then of no more use, since it may be halfway in.
pub fn run(place: &Place, caller: Caller, command: &[String]) -> Result<Infallible, EnterError> {
    let namespace = File::open(&place.namespace).map_err(|_| EnterError::Absent(place.namespace.clone()))?;
    setns(&namespace, CloneFlags::CLONE_NEWNET).map_err(|error| denied("enter the network", error))?;
    unshare(CloneFlags::CLONE_NEWNS).map_err(|error| denied("get mounts of its own", error))?;
    let nothing = None::<&str>;
    mount(nothing, "/", nothing, MsFlags::MS_SLAVE | MsFlags::MS_REC, nothing).map_err(step("set mounts apart"))?;
    for (file, over) in [(&place.hosts, "/etc/hosts"), (&place.resolver, "/etc/resolv.conf")] {
        if file.exists() && Path::new(over).exists() {
            mount(Some(file), over, nothing, MsFlags::MS_BIND, nothing)
                .map_err(step("lay a file over that of /etc"))?;
        }
    }
    become_caller(caller)?;
    let words: Vec<CString> = command.iter().filter_map(|word| CString::new(word.as_str()).ok()).collect();
    let program = command.first().cloned().unwrap_or_default();
    let (Some(first), true) = (words.first(), words.len() == command.len()) else {
        let cause = io::Error::new(io::ErrorKind::InvalidInput, "a program and its arguments hold no NUL");
        return Err(EnterError::Program { program, cause });
    };
    execvp(first, &words).map_err(|error| EnterError::Program { program, cause: error.into() })
}

/// Gives up everything that the caller does not have.
fn become_caller(caller: Caller) -> Result<(), EnterError> {
    set_no_new_privs().map_err(step("give up new privileges"))?;
    if geteuid() == caller.uid {
        return Ok(());
    }
    match User::from_uid(caller.uid).ok().flatten().and_then(|user| CString::new(user.name).ok()) {
        Some(name) => initgroups(&name, caller.gid),
        None => setgroups(&[caller.gid]),
    }
    .map_err(step("take the caller's groups"))?;
    setgid(caller.gid).map_err(step("become the caller's group"))?;
    setuid(caller.uid).map_err(step("become the caller"))
}

fn denied(what: &'static str, error: nix::Error) -> EnterError {
    match error {
        nix::Error::EPERM => EnterError::Denied,
        other => EnterError::Step { step: what, cause: other.into() },
    }
}

fn step(step: &'static str) -> impl FnOnce(nix::Error) -> EnterError {
    move |error| EnterError::Step { step, cause: error.into() }
}
