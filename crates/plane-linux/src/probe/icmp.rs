use std::net::Ipv4Addr;

/// A message that a router or host sent about one of our packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) kind: u8,
    pub(super) code: u8,
    /// Who sent it.
    pub(super) from: Ipv4Addr,
}

const DESTINATION_UNREACHABLE: u8 = 3;
const TIME_EXCEEDED: u8 = 11;
const TCP: u8 = 6;

/// Reads a packet as a raw socket gives it. Only a message about a TCP packet from `own_port` to `target` counts: others
/// of the queue may be in trouble at the same time.
pub(super) fn read(packet: &[u8], own_port: u16, (target, port): (Ipv4Addr, u16)) -> Option<Heard> {
    let (outer, message) = split_header(packet)?;
    let (kind, code) = (*message.first()?, *message.get(1)?);
    if !matches!(kind, DESTINATION_UNREACHABLE | TIME_EXCEEDED) {
        return None;
    }
    let (inner, segment) = split_header(message.get(8..)?)?;
    let ours =
        inner.protocol == TCP && inner.to == target && number(segment, 0)? == own_port && number(segment, 2)? == port;
    ours.then_some(Heard { kind, code, from: outer.from })
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

    #[test]
    fn a_message_about_our_packet_is_heard_and_no_other() {
        let target = (Ipv4Addr::new(192, 168, 0, 9), 80);
        let heard = read(&packet(), 0x1234, target);
        assert_eq!(heard, Some(Heard { kind: 3, code: 13, from: Ipv4Addr::new(169, 254, 1, 1) }));
        assert_eq!(read(&packet(), 0x1235, target), None);
        assert_eq!(read(&packet(), 0x1234, (target.0, 81)), None);
        assert_eq!(read(&packet(), 0x1234, (Ipv4Addr::new(192, 168, 0, 8), 80)), None);
        for (at, value) in [(20, 0), (37, 17)] {
            let mut other = packet();
            other[at] = value;
            assert_eq!(read(&other, 0x1234, target), None);
        }
    }

    #[test]
    fn a_packet_that_was_cut_short_is_nothing() {
        let target = (Ipv4Addr::new(192, 168, 0, 9), 80);
        for end in 0..52 {
            assert_eq!(read(&packet()[..end], 0x1234, target), None, "{end}");
        }
    }
}
