use std::io::{self, ErrorKind, PipeReader};
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use futures_util::stream::{self, BoxStream, StreamExt};
use linkspan_plane::DriftHint;
use netlink_sys::Socket;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::time::Instant;
use tokio::sync::mpsc::{Sender, channel};

use super::Watch;
use crate::error::{Fault, Outcome};

/// What happens within this time is one change: deleting a link at one end is a dozen events.
const GATHERING: Duration = Duration::from_millis(20);
/// The least time between two hints. Making peers is heard too, and a hint costs a look at everything.
const SPACING: Duration = Duration::from_millis(400);

/// A hint for every change, or for several together. A thread waits for them, which ends when the stream is dropped.
pub(crate) fn hints(watch: Watch) -> Outcome<BoxStream<'static, DriftHint>> {
    let failed = |error| Fault::io("watch networks", &error);
    let (dropped, until_dropped) = io::pipe().map_err(failed)?;
    // One that waits stands for all that come after it.
    let (tell, told) = channel(1);
    let listen = move || {
        if let Err(error) = listen(watch, (&dropped, &tell)) {
            tracing::warn!(%error, "changes are noticed by full passes only from now on");
        }
    };
    thread::Builder::new().name("watch".to_owned()).spawn(listen).map_err(failed)?;
    let hints = stream::unfold((told, until_dropped), |(mut told, until_dropped)| async {
        told.recv().await.map(|hint| (hint, (told, until_dropped)))
    });
    // Whoever listens is not to take the end of hints for the end of the plane.
    Ok(hints.chain(stream::pending()).boxed())
}

/// Works until the other end of `dropped` is closed.
fn listen(mut watch: Watch, (dropped, tell): (&PipeReader, &Sender<DriftHint>)) -> io::Result<()> {
    let mut not_before = Instant::now();
    loop {
        if !watch.wait(dropped)? {
            return Ok(());
        }
        let pause = not_before.saturating_duration_since(Instant::now()).max(GATHERING);
        if ended_within(pause, dropped)? {
            return Ok(());
        }
        // Read away before the hint is given: what comes from here on may be missed by the look that it leads to.
        watch.forget()?;
        not_before = Instant::now() + SPACING;
        // If it is full, a hint waits to be read.
        let _full = tell.try_send(DriftHint::Resync);
    }
}

fn ended_within(pause: Duration, dropped: &PipeReader) -> io::Result<bool> {
    // Rounded up: a wait of nothing would make a hint of every event.
    let pause = PollTimeout::try_from(pause + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
    Ok(ready(&mut [PollFd::new(dropped.as_fd(), PollFlags::POLLIN)], pause)? > 0)
}

fn ready(files: &mut [PollFd<'_>], limit: PollTimeout) -> io::Result<i32> {
    loop {
        match poll(files, limit) {
            Err(Errno::EINTR) => {}
            done => return done.map_err(io::Error::from),
        }
    }
}

impl Watch {
    /// Waits until something happened; false if nobody wants to know any more.
    fn wait(&mut self, dropped: &PipeReader) -> io::Result<bool> {
        loop {
            let sockets = [&self.networks, &self.filters].map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN));
            let [networks, filters] = sockets;
            let mounts = PollFd::new(self.mounts.file.as_fd(), PollFlags::POLLPRI);
            let mut files = [PollFd::new(dropped.as_fd(), PollFlags::POLLIN), networks, filters, mounts];
            ready(&mut files, PollTimeout::NONE)?;
            let [ended, networks, filters, mounts] = files.map(|file| file.any().unwrap_or(true));
            if ended {
                return Ok(false);
            }
            if networks || filters || (mounts && self.mounts.lost_one()) {
                return Ok(true);
            }
        }
    }

    /// Reads away all that there is.
    fn forget(&mut self) -> io::Result<()> {
        self.mounts.lost_one();
        drained(&self.networks)?;
        drained(&self.filters)
    }
}

/// That events were lost is one more event.
fn drained(socket: &Socket) -> io::Result<()> {
    let mut scrap = [0_u8; 64];
    loop {
        match socket.recv(&mut &mut scrap[..], 0) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.raw_os_error() == Some(Errno::ENOBUFS as i32) => {}
            Err(error) => return Err(error),
        }
    }
}
