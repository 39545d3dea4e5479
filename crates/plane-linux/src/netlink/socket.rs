use std::sync::{Mutex, PoisonError};

use netlink_packet_core::{
    ErrorMessage, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST,
    NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;

use crate::error::{Fault, Outcome};

/// Requests in one send. Their answers must fit into the socket's buffer, for nobody reads while the kernel works.
const PER_SEND: usize = 64;
/// How often a dump that was changed under way is taken again.
const DUMPS: usize = 16;

/// One change, and what to do if the object is there or is not.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    message: RouteNetlinkMessage,
    flags: u16,
}

impl Request {
    /// Makes it; an error if it is there.
    pub(crate) fn create(message: RouteNetlinkMessage) -> Self {
        Self { message, flags: NLM_F_CREATE | NLM_F_EXCL }
    }

    /// Makes it, or changes it into this.
    pub(crate) fn put(message: RouteNetlinkMessage) -> Self {
        Self { message, flags: NLM_F_CREATE | NLM_F_REPLACE }
    }

    /// Changes or deletes what is there.
    pub(crate) fn change(message: RouteNetlinkMessage) -> Self {
        Self { message, flags: 0 }
    }
}

/// A socket for NETLINK_ROUTE.
#[derive(Debug)]
pub(crate) struct Netlink {
    /// And the last number of a request.
    socket: Mutex<(Socket, u32)>,
}

impl Netlink {
    /// A socket in the namespace of the calling thread.
    pub(crate) fn open() -> Outcome<Self> {
        let open = || {
            let mut socket = Socket::new(NETLINK_ROUTE)?;
            socket.bind_auto()?;
            socket.connect(&SocketAddr::new(0, 0))?;
            // Makes the kernel apply the filters of a dump instead of ignoring them.
            socket.set_netlink_get_strict_chk(true)?;
            // Answers that repeat the request would only fill the buffer.
            socket.set_cap_ack(true)?;
            Ok(socket)
        };
        let socket = open().map_err(|error| Fault::io("open a netlink socket", &error))?;
        Ok(Self { socket: Mutex::new((socket, 0)) })
    }

    /// Carries out all requests in order, whatever becomes of the ones before; one answer each.
    pub(crate) fn execute(&self, requests: &[Request]) -> Outcome<Vec<Result<(), Errno>>> {
        let mut guard = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let (socket, last) = &mut *guard;
        let mut answers = Vec::with_capacity(requests.len());
        for chunk in requests.chunks(PER_SEND) {
            let first = last.wrapping_add(1);
            let mut bytes = Vec::new();
            for request in chunk {
                *last = last.wrapping_add(1);
                append(&mut bytes, request.message.clone(), (NLM_F_REQUEST | NLM_F_ACK | request.flags, *last));
            }
            socket.send(&bytes, 0).map_err(|error| Fault::io("send to the kernel", &error))?;
            let mut got = vec![None; chunk.len()];
            while got.iter().any(Option::is_none) {
                for message in receive(socket)? {
                    let NetlinkPayload::Error(error) = &message.payload else { continue };
                    let place = message.header.sequence_number.wrapping_sub(first) as usize;
                    if let Some(slot) = got.get_mut(place) {
                        *slot = Some(if error.code.is_none() { Ok(()) } else { Err(errno(error)) });
                    }
                }
            }
            answers.extend(got.into_iter().flatten());
        }
        Ok(answers)
    }

    /// One object; none if the kernel knows none, or has a route that leads nowhere on purpose.
    pub(crate) fn get(&self, question: &RouteNetlinkMessage) -> Outcome<Option<RouteNetlinkMessage>> {
        let mut guard = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let (socket, last) = &mut *guard;
        *last = last.wrapping_add(1);
        let mut bytes = Vec::new();
        append(&mut bytes, question.clone(), (NLM_F_REQUEST, *last));
        socket.send(&bytes, 0).map_err(|error| Fault::io("send to the kernel", &error))?;
        loop {
            for message in receive(socket)? {
                match message.payload {
                    _ if message.header.sequence_number != *last => {}
                    NetlinkPayload::InnerMessage(inner) => return Ok(Some(inner)),
                    NetlinkPayload::Error(error) => {
                        return match errno(&error) {
                            Errno::ENODEV | Errno::ENOENT | Errno::ESRCH => Ok(None),
                            Errno::ENETUNREACH | Errno::EHOSTUNREACH | Errno::EINVAL | Errno::EACCES => Ok(None),
                            errno => Err(Fault::kernel("read networks", errno)),
                        };
                    }
                    _ => {}
                }
            }
        }
    }

    /// Everything of one kind.
    pub(crate) fn dump(&self, question: &RouteNetlinkMessage) -> Outcome<Vec<RouteNetlinkMessage>> {
        for _ in 0..DUMPS {
            if let Some(found) = self.dump_once(question)? {
                return Ok(found);
            }
        }
        Err(Fault::kernel("read networks that change all the time", Errno::EAGAIN))
    }

    /// None if what was read changed meanwhile.
    fn dump_once(&self, question: &RouteNetlinkMessage) -> Outcome<Option<Vec<RouteNetlinkMessage>>> {
        let mut guard = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let (socket, last) = &mut *guard;
        *last = last.wrapping_add(1);
        let mut bytes = Vec::new();
        append(&mut bytes, question.clone(), (NLM_F_REQUEST | NLM_F_DUMP, *last));
        socket.send(&bytes, 0).map_err(|error| Fault::io("send to the kernel", &error))?;
        let (mut found, mut torn) = (Vec::new(), false);
        loop {
            for message in receive(socket)? {
                if message.header.sequence_number != *last {
                    continue;
                }
                torn |= message.header.flags & NLM_F_DUMP_INTR != 0;
                match message.payload {
                    NetlinkPayload::InnerMessage(inner) => found.push(inner),
                    NetlinkPayload::Done(_) => return Ok((!torn).then_some(found)),
                    NetlinkPayload::Error(error) => {
                        return Err(Fault::kernel("read networks", errno(&error)));
                    }
                    _ => {}
                }
            }
        }
    }
}

fn errno(error: &ErrorMessage) -> Errno {
    Errno::from_raw(error.code.map_or(0, |code| code.get().wrapping_neg()))
}

fn append(bytes: &mut Vec<u8>, message: RouteNetlinkMessage, (flags, number): (u16, u32)) {
    let mut header = NetlinkHeader::default();
    header.flags = flags;
    header.sequence_number = number;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::from(message));
    message.finalize();
    let mut own = vec![0; message.buffer_len()];
    message.serialize(&mut own);
    bytes.append(&mut own);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

fn receive(socket: &Socket) -> Outcome<Vec<NetlinkMessage<RouteNetlinkMessage>>> {
    let (bytes, _) = socket.recv_from_full().map_err(|error| Fault::io("hear from the kernel", &error))?;
    let mut messages = Vec::new();
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let unreadable = |error| Fault::Unreadable(format!("the kernel answered: {error}").into());
        let message = NetlinkMessage::deserialize(rest).map_err(unreadable)?;
        let length = (message.header.length as usize).next_multiple_of(4).max(4);
        rest = rest.get(length..).unwrap_or_default();
        messages.push(message);
    }
    Ok(messages)
}
