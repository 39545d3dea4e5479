use std::net::Ipv4Addr;

/// A message that a router or host sent about one of our packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) kind: u8,
    pub(super) code: u8,
    /// Who sent it.
    pub(super) from: Ipv4Addr,
}

/// Which of our packets a message is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum About {
    /// A TCP connection from a port of ours to a target.
    Tcp { own_port: u16, target: (Ipv4Addr, u16) },
    /// A question for an echo.
    Echo { id: u16, target: Ipv4Addr },
}

const ECHO_REPLY: u8 = 0;
const DESTINATION_UNREACHABLE: u8 = 3;
const ECHO_REQUEST: u8 = 8;
const TIME_EXCEEDED: u8 = 11;
const ICMP: u8 = 1;
const TCP: u8 = 6;

/// Reads a packet as a raw socket gives it. Only a message about our own packet counts: others of the queue may be in
/// trouble at the same time.
pub(super) fn read(packet: &[u8], about: About) -> Option<Heard> {
    let (outer, message) = split_header(packet)?;
    let (kind, code) = (*message.first()?, *message.get(1)?);
    if !matches!(kind, DESTINATION_UNREACHABLE | TIME_EXCEEDED) {
        return None;
    }
    let (inner, sent) = split_header(message.get(8..)?)?;
    let ours = match about {
        About::Tcp { own_port, target: (target, port) } => {
            inner.protocol == TCP && inner.to == target && number(sent, 0)? == own_port && number(sent, 2)? == port
        }
        About::Echo { id, target } => {
            inner.protocol == ICMP
                && inner.to == target
                && sent.first() == Some(&ECHO_REQUEST)
                && number(sent, 4)? == id
        }
    };
    ours.then_some(Heard { kind, code, from: outer.from })
}

/// Whether a packet is the echo that was asked for.
pub(super) fn is_echo(packet: &[u8], about: About) -> bool {
    let (About::Echo { id, target }, Some((outer, message))) = (about, split_header(packet)) else { return false };
    outer.from == target && message.first() == Some(&ECHO_REPLY) && number(message, 4) == Some(id)
}

/// A question for an echo, to be sent by a raw socket.
pub(super) fn question(about: About) -> [u8; 8] {
    let id = if let About::Echo { id, .. } = about { id } else { 0 };
    let ([high, low], kind) = (id.to_be_bytes(), u16::from(ECHO_REQUEST) << 8);
    // The sum of the words in ones' complement (RFC 1071); all but these two are zero.
    let sum = u32::from(kind) + u32::from(id);
    let folded = (sum & 0xffff) + (sum >> 16);
    let [first, second] = (!u16::try_from(folded).unwrap_or(u16::MAX)).to_be_bytes();
    [ECHO_REQUEST, 0, first, second, high, low, 0, 0]
}

struct Header {
    protocol: u8,
    from: Ipv4Addr,
    to: Ipv4Addr,
}

/// An IPv4 header and what follows it.
fn split_header(packet: &[u8]) -> Option<(Header, &[u8])> {
    let length = usize::from(packet.first()? & 0x0f) * 4;
    let address = |at: usize| {
        let bytes: [u8; 4] = packet.get(at..at + 4)?.try_into().ok()?;
        Some(Ipv4Addr::from(bytes))
    };
    let header = Header { protocol: *packet.get(9)?, from: address(12)?, to: address(16)? };
    Some((header, packet.get(length.max(20)..)?))
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message from 169.254.1.1 about a TCP packet 10.0.0.1:4660 → 192.168.0.9:80.
    fn packet() -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 169, 254, 1, 1, 10, 0, 0, 1];
        packet.extend([3, 13, 0, 0, 0, 0, 0, 0]);
        packet.extend([0x45, 0, 0, 60, 0, 0, 0, 0, 63, 6, 0, 0, 10, 0, 0, 1, 192, 168, 0, 9]);
        packet.extend([0x12, 0x34, 0, 80, 0, 0, 0, 0]);
        packet
    }

    fn tcp(own_port: u16, target: (Ipv4Addr, u16)) -> About {
        About::Tcp { own_port, target }
    }

    /// A packet from 192.168.0.9 with this ICMP message in it.
    fn from_host(message: &[u8]) -> Vec<u8> {
        let header = vec![0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 192, 168, 0, 9, 10, 0, 0, 1];
        [header, message.to_vec()].concat()
    }

    #[test]
    fn an_echo_is_that_of_our_question_from_the_host_that_was_asked() {
        let target = Ipv4Addr::new(192, 168, 0, 9);
        let about = About::Echo { id: 0x1234, target };
        let mut answer = question(about);
        let sum = answer.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum::<u32>();
        assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff, "the checksum holds");
        assert!(!is_echo(&from_host(&answer), about), "our own question is no answer");
        answer[0] = ECHO_REPLY;
        assert!(is_echo(&from_host(&answer), about));
        assert!(!is_echo(&from_host(&answer), About::Echo { id: 0x1235, target }));
        assert!(!is_echo(&from_host(&answer), About::Echo { id: 0x1234, target: Ipv4Addr::new(192, 168, 0, 8) }));
        assert!(!is_echo(&from_host(&answer)[..22], about));
        let inner = [0x45, 0, 0, 28, 0, 0, 0, 0, 63, 1, 0, 0, 10, 0, 0, 1, 192, 168, 0, 9];
        let unreachable = [&[3, 1, 0, 0, 0, 0, 0, 0][..], &inner, &question(about)].concat();
        assert_eq!(read(&from_host(&unreachable), about).map(|heard| heard.code), Some(1));
        assert_eq!(read(&from_host(&unreachable), About::Echo { id: 7, target }), None);
        assert_eq!(read(&from_host(&unreachable), tcp(0x1234, (target, 80))), None);
    }

    #[test]
    fn a_message_about_our_packet_is_heard_and_no_other() {
        let target = (Ipv4Addr::new(192, 168, 0, 9), 80);
        let heard = read(&packet(), tcp(0x1234, target));
        assert_eq!(heard, Some(Heard { kind: 3, code: 13, from: Ipv4Addr::new(169, 254, 1, 1) }));
        assert_eq!(read(&packet(), tcp(0x1235, target)), None);
        assert_eq!(read(&packet(), tcp(0x1234, (target.0, 81))), None);
        assert_eq!(read(&packet(), tcp(0x1234, (Ipv4Addr::new(192, 168, 0, 8), 80))), None);
        for (at, value) in [(20, 0), (37, 17)] {
            let mut other = packet();
            other[at] = value;
            assert_eq!(read(&other, tcp(0x1234, target)), None);
        }
    }

    #[test]
    fn a_packet_that_was_cut_short_is_nothing() {
        let target = (Ipv4Addr::new(192, 168, 0, 9), 80);
        for end in 0..52 {
            assert_eq!(read(&packet()[..end], tcp(0x1234, target)), None, "{end}");
        }
    }
}
