use std::fmt;
use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Protocol, Socket, Type};

use super::icmp::{self, About, Heard};
use crate::error::{Fault, Outcome};
use crate::source::Source;

/// How long to wait for the message that explains an error: it is there before the error, or on its heels.
const AFTERMATH: Duration = Duration::from_millis(20);

/// A connection that was tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    pub(super) ending: Ending,
    /// What a router or host said about it.
    pub(super) heard: Option<Heard>,
    pub(super) took: Duration,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Open,
    Failed(Errno),
    TimedOut,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Failed(errno) => write!(f, "{errno:?}"),
            Self::TimedOut => f.write_str("no answer"),
        }
    }
}

/// The two sockets of an attempt; both stay in the namespace they were opened in.
struct Sockets {
    tcp: Socket,
    icmp: Socket,
    own_port: u16,
}

impl Attempt {
    /// Connects from a queue's own address and closes the connection at once.
    pub(super) fn make(source: &Source, target: (Ipv4Addr, u16), limit: Duration) -> Outcome<Self> {
        let failed = |error| Fault::io("try a connection", &error);
        let from = source.address().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let sockets = source.namespace.inside(|| Sockets::open(from).map_err(failed))?;
        let began = Instant::now();
        let (ending, heard) = sockets.connect(target, began + limit).map_err(failed)?;
        Ok(Self { ending, heard, took: began.elapsed() })
    }
}

impl Sockets {
    fn open(from: Ipv4Addr) -> io::Result<Self> {
        let icmp = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4))?;
        icmp.set_nonblocking(true)?;
        let tcp = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        tcp.set_nonblocking(true)?;
        tcp.bind(&SocketAddrV4::new(from, 0).into())?;
        let own_port = tcp.local_addr()?.as_socket_ipv4().map_or(0, |address| address.port());
        Ok(Self { tcp, icmp, own_port })
    }

    fn connect(&self, (target, port): (Ipv4Addr, u16), until: Instant) -> io::Result<(Ending, Option<Heard>)> {
        if let Err(error) = self.tcp.connect(&SocketAddrV4::new(target, port).into())
            && error.raw_os_error() != Some(Errno::EINPROGRESS as i32)
        {
            return Ok((Ending::Failed(errno(&error)), None));
        }
        let mut heard = None;
        loop {
            let done = self.wait(until, true)?;
            heard = heard.or(self.listen((target, port)));
            if done {
                let ending = self.tcp.take_error()?.map_or(Ending::Open, |error| Ending::Failed(errno(&error)));
                if ending != Ending::Open && heard.is_none() {
                    self.wait(Instant::now() + AFTERMATH, false)?;
                    heard = self.listen((target, port));
                }
                return Ok((ending, heard));
            }
            if Instant::now() >= until {
                return Ok((Ending::TimedOut, heard));
            }
        }
    }

    /// Waits until something happens; whether the connection has ended one way or the other.
    fn wait(&self, until: Instant, for_tcp: bool) -> io::Result<bool> {
        let tcp = PollFd::new(self.tcp.as_fd(), PollFlags::POLLOUT);
        let icmp = PollFd::new(self.icmp.as_fd(), PollFlags::POLLIN);
        let mut both = [icmp, tcp];
        let waiting = if for_tcp { &mut both[..] } else { both.split_at_mut(1).0 };
        let left = until.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
        match poll(waiting, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        Ok(for_tcp && waiting.last().and_then(PollFd::any).unwrap_or(false))
    }

    /// Reads what routers said so far; the first message about this connection counts.
    fn listen(&self, target: (Ipv4Addr, u16)) -> Option<Heard> {
        let mut buffer = [0; 1024];
        while let Ok(length) = (&self.icmp).read(&mut buffer) {
            let packet = buffer.get(..length).unwrap_or_default();
            if let Some(heard) = icmp::read(packet, About::Tcp { own_port: self.own_port, target }) {
                return Some(heard);
            }
        }
        None
    }
}

pub(super) fn errno(error: &io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw)
}
