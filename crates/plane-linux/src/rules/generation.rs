use std::sync::{Arc, Mutex, PoisonError};

use netlink_packet_core::{NLM_F_REQUEST, NLMSG_ERROR, NetlinkBuffer, NlasIterator, parse_u32_be};
use netlink_sys::protocols::NETLINK_NETFILTER;
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;

use super::Rules;
use crate::error::{Fault, Outcome};

/// `NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN`.
const GET_GENERATION: u16 = 10 << 8 | 16;
/// `NFTA_GEN_ID`.
const GENERATION: u16 = 1;
/// Length, kind, flags, number and port of a message, then family, version and resource of this protocol.
const QUESTION_LENGTH: u32 = 20;

/// The number that the kernel counts up whenever the rules of a namespace change, and what they said at one.
#[derive(Debug)]
pub(crate) struct Generations {
    socket: Mutex<Socket>,
    known: Mutex<Option<(u32, Arc<Rules>)>>,
}

impl Generations {
    /// Of the namespace of the calling thread.
    pub(crate) fn open() -> Outcome<Self> {
        let open = || {
            let mut socket = Socket::new(NETLINK_NETFILTER)?;
            socket.bind_auto()?;
            socket.connect(&SocketAddr::new(0, 0))?;
            Ok(socket)
        };
        let socket = open().map_err(|error| Fault::io("open a socket to the packet filter", &error))?;
        Ok(Self { socket: Mutex::new(socket), known: Mutex::default() })
    }

    /// What was read last, or what `read` says by now.
    pub(super) fn unless_changed(&self, read: impl FnOnce() -> Outcome<Arc<Rules>>) -> Outcome<Arc<Rules>> {
        // Asked before reading: a change in between makes the next one read again.
        let generation = self.now()?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, rules)) = known.filter(|(at, _)| *at == generation) {
            return Ok(rules);
        }
        let rules = read()?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((generation, rules.clone()));
        Ok(rules)
    }

    /// What the rules say after a change of our own, if it was the only one since they were read: a transaction counts
    /// the number up by one. Reading them costs more than everything else about a peer once there are many.
    pub(super) fn after_own(&self, (before, after): (&Rules, Rules)) -> Outcome<()> {
        let generation = self.now()?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let follows = known
            .as_ref()
            .is_some_and(|(at, rules)| std::ptr::eq(&raw const **rules, before) && at.wrapping_add(1) == generation);
        if follows {
            *known = Some((generation, Arc::new(after)));
        }
        Ok(())
    }

    fn now(&self) -> Outcome<u32> {
        let socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        let mut question = Vec::with_capacity(QUESTION_LENGTH as usize);
        question.extend(QUESTION_LENGTH.to_ne_bytes());
        question.extend(GET_GENERATION.to_ne_bytes());
        question.extend(NLM_F_REQUEST.to_ne_bytes());
        question.resize(QUESTION_LENGTH as usize, 0);
        socket.send(&question, 0).map_err(|error| Fault::io("ask the packet filter", &error))?;
        let (answer, _) = socket.recv_from_full().map_err(|error| Fault::io("ask the packet filter", &error))?;
        generation(&answer)
    }
}

fn generation(answer: &[u8]) -> Outcome<u32> {
    let unreadable = || Fault::Unreadable("the packet filter answered".into());
    let message = NetlinkBuffer::new_checked(answer).map_err(|_| unreadable())?;
    let payload = message.payload();
    if message.message_type() == NLMSG_ERROR {
        let code = payload.get(..4).and_then(|code| code.try_into().ok()).map_or(0, i32::from_ne_bytes);
        return Err(Fault::kernel("ask the packet filter", Errno::from_raw(code.wrapping_neg())));
    }
    let attributes = payload.get(4..).ok_or_else(unreadable)?;
    let found = NlasIterator::new(attributes).flatten().find(|attribute| attribute.kind() == GENERATION);
    found.and_then(|attribute| parse_u32_be(attribute.value()).ok()).ok_or_else(unreadable)
}
