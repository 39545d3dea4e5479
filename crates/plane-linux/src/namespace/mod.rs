//! Network namespaces: making them, finding them again, and working inside of them.
//!
//! Invariants: a namespace is held by a handle (a file it is mounted on) in one directory that is ours alone, so it
//! outlives this process and is never met half made: it is complete before its handle appears. No thread of a pool ever
//! enters a namespace, because a failure to return would leave the pool poisoned: a thread is made for it and ends.
//!
//! It must not know what a namespace is for.

mod handles;

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::panic;
use std::thread;

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::stat::fstat;

pub(crate) use self::handles::{Namespaces, foreign};

use crate::error::{Fault, Outcome};
use crate::names::NamespaceName;
use crate::netlink::{Netlink, Request, View};
use crate::rules::Generations;
use crate::writes::Writes;

/// The namespace of the thread that looks.
const OWN: &str = "/proc/thread-self/ns/net";

/// A namespace, with the sockets that were opened in it.
#[derive(Debug)]
pub(crate) struct Namespace {
    pub(crate) name: NamespaceName,
    file: File,
    /// Tells it from another of the same name: device and inode.
    pub(crate) identity: (u64, u64),
    pub(crate) netlink: Netlink,
    /// Tells whether the packet filter's rules changed.
    pub(crate) generations: Generations,
}

impl Namespace {
    /// The namespace of the calling thread.
    fn own(name: NamespaceName) -> Outcome<Self> {
        let file = File::open(OWN).map_err(|error| Fault::io("open a network namespace", &error))?;
        Self::with_sockets(name, file)
    }

    /// The namespace that an open handle stands for.
    fn behind(name: NamespaceName, file: File) -> Outcome<Self> {
        on_a_thread(|| {
            enter(&file)?;
            let again = file.try_clone().map_err(|error| Fault::io("open a network namespace", &error))?;
            Self::with_sockets(name, again)
        })
    }

    fn with_sockets(name: NamespaceName, file: File) -> Outcome<Self> {
        let identity = identity(&file)?;
        Ok(Self { name, file, identity, netlink: Netlink::open()?, generations: Generations::open()? })
    }

    /// Does something inside: opens sockets or files, or starts processes.
    pub(crate) fn inside<T: Send>(&self, work: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
        on_a_thread(|| {
            enter(&self.file)?;
            work()
        })
    }

    pub(crate) fn view(&self) -> Outcome<View> {
        View::read(&self.netlink)
    }

    /// Carries out changes, the same whether all are needed or not.
    pub(crate) fn apply(&self, (what, requests): (&'static str, Vec<Request>), writes: &Writes) -> Outcome<()> {
        self.apply_unless((what, requests), &[], writes)
    }

    /// The same; some refusals say that there is nothing to change.
    pub(crate) fn apply_unless(
        &self,
        (what, requests): (&'static str, Vec<Request>),
        fine: &[Errno],
        writes: &Writes,
    ) -> Outcome<()> {
        let together = if writes.one_by_one() { 1 } else { requests.len().max(1) };
        for chunk in requests.chunks(together) {
            writes.before(what)?;
            let refused = self.netlink.execute(chunk)?.into_iter().filter_map(Result::err);
            if let Some(errno) = refused.into_iter().find(|errno| !fine.contains(errno)) {
                return Err(Fault::kernel(what, errno));
            }
        }
        Ok(())
    }

    /// Sets a parameter of the kernel.
    pub(crate) fn set(&self, (path, value): (&'static str, &'static str), writes: &Writes) -> Outcome<()> {
        writes.before(path)?;
        self.inside(|| {
            let failed = |error| Fault::io(format!("set {path}"), &error);
            std::fs::write(format!("/proc/sys/{path}"), value).map_err(failed)
        })
    }
}

impl AsFd for Namespace {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

fn identity(file: &File) -> Outcome<(u64, u64)> {
    let stat = fstat(file).map_err(|errno| Fault::kernel("look at a network namespace", errno))?;
    Ok((stat.st_dev, stat.st_ino))
}

fn enter(file: &File) -> Outcome<()> {
    setns(file, CloneFlags::CLONE_NEWNET).map_err(|errno| Fault::kernel("enter a network namespace", errno))
}

fn leave_for_a_new_one() -> Outcome<()> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| Fault::kernel("make a network namespace", errno))
}

/// Runs `work` on a thread that ends with it.
fn on_a_thread<T: Send>(work: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("namespace".to_owned()).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| Fault::io("start a thread", &error))?;
        thread.join().unwrap_or_else(|payload| panic::resume_unwind(payload))
    })
}
