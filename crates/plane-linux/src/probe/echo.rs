use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Protocol, Socket, Type};

use super::attempt::{Attempt, Ending, errno};
use super::icmp::{self, About};
use crate::error::{Fault, Outcome};
use crate::source::Source;

/// Tells our questions apart, and from those of whoever works in the same queue at the same time.
static NEXT: AtomicU16 = AtomicU16::new(0x4c53);

/// Asks a host whether it is there (ICMP echo), from a queue's own address.
pub(super) fn ask(source: &Source, target: Ipv4Addr, limit: Duration) -> Outcome<Attempt> {
    let failed = |error| Fault::io("ask a host for an echo", &error);
    let from = source.address().unwrap_or(Ipv4Addr::UNSPECIFIED);
    let socket = source.namespace.inside(|| open(from).map_err(failed))?;
    let began = Instant::now();
    let about = About::Echo { id: NEXT.fetch_add(1, Ordering::Relaxed), target };
    let (ending, heard) = match socket.send_to(&icmp::question(about), &SocketAddrV4::new(target, 0).into()) {
        Ok(_) => listen(&socket, about, began + limit).map_err(failed)?,
        Err(error) => (Ending::Failed(errno(&error)), None),
    };
    Ok(Attempt { ending, heard, took: began.elapsed() })
}

fn open(from: Ipv4Addr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4))?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddrV4::new(from, 0).into())?;
    Ok(socket)
}

/// Waits for the echo, or for somebody on the way to say why there will be none.
fn listen(socket: &Socket, about: About, until: Instant) -> io::Result<(Ending, Option<icmp::Heard>)> {
    let mut buffer = [0; 1024];
    loop {
        while let Ok(length) = (&*socket).read(&mut buffer) {
            let packet = buffer.get(..length).unwrap_or_default();
            if icmp::is_echo(packet, about) {
                return Ok((Ending::Open, None));
            }
            if let Some(heard) = icmp::read(packet, about) {
                return Ok((Ending::Failed(Errno::EHOSTUNREACH), Some(heard)));
            }
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok((Ending::TimedOut, None));
        }
        let mut wanted = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
        let left = left + Duration::from_millis(1);
        match poll(&mut wanted, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}
