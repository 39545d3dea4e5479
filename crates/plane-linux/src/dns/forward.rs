//! Asking the upstream, from the network of this process.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use super::answer::Question;

/// The longest message of DNS.
const MOST_BYTES: usize = 65535;

/// The upstream's answer to a question that came by datagram. One that was cut short is passed on as it is: who asked
/// then asks by connection.
pub(super) async fn by_datagram(upstream: SocketAddr, question: &Question) -> io::Result<Vec<u8>> {
    let own = Own::draw(question)?;
    // A socket for each question: the kernel draws its port.
    let any = if upstream.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    // The kernel then takes datagrams from nobody else.
    socket.connect(upstream).await?;
    socket.send(&own.bytes).await?;
    let mut buffer = vec![0; MOST_BYTES];
    loop {
        let read = socket.recv(&mut buffer).await?;
        if let Some(answer) = buffer.get(..read).and_then(|answer| own.returned(answer, question)) {
            return Ok(answer);
        }
    }
}

/// The same to one that came by connection.
pub(super) async fn by_connection(upstream: SocketAddr, question: &Question) -> io::Result<Vec<u8>> {
    let own = Own::draw(question)?;
    let mut stream = TcpStream::connect(upstream).await?;
    write_message(&mut stream, &own.bytes).await?;
    let answer = read_message(&mut stream).await?.and_then(|answer| own.returned(&answer, question));
    answer.ok_or_else(|| ErrorKind::InvalidData.into())
}

/// The next message of a connection; none at its end.
pub(super) async fn read_message(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let length = match stream.read_u16().await {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        length => length?,
    };
    let mut message = vec![0; length.into()];
    stream.read_exact(&mut message).await?;
    Ok(Some(message))
}

pub(super) async fn write_message(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| io::Error::from(ErrorKind::InvalidData))?;
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend_from_slice(message);
    stream.write_all(&bytes).await
}

/// A question under a number of our own: the asker's may be known to others.
struct Own {
    bytes: Vec<u8>,
    number: [u8; 2],
}

impl Own {
    fn draw(question: &Question) -> io::Result<Self> {
        let mut number = [0; 2];
        getrandom::fill(&mut number).map_err(io::Error::other)?;
        Ok(Self { bytes: numbered(&question.bytes, number), number })
    }

    /// An answer as its asker expects it; none if it is none to this question.
    fn returned(&self, answer: &[u8], question: &Question) -> Option<Vec<u8>> {
        let is_response = answer.get(2)? & 0x80 != 0;
        let asks_one = answer.get(4..6)? == [0, 1];
        let same = answer.get(12..question.end)?.eq_ignore_ascii_case(question.bytes.get(12..question.end)?);
        let ours = answer.get(..2)? == self.number && is_response && asks_one && same;
        ours.then(|| question.bytes.first_chunk::<2>().map(|number| numbered(answer, *number)))?
    }
}

fn numbered(message: &[u8], number: [u8; 2]) -> Vec<u8> {
    number.into_iter().chain(message.iter().copied().skip(2)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::answer::{Reply, reply};
    use crate::hosts::Zone;

    /// `a.` of type A, number 0x0102.
    const ASKED: &[u8] = &[1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, b'a', 0, 0, 1, 0, 1];

    #[test]
    fn only_the_answer_to_the_question_is_taken() {
        let Reply::Ask(question) = reply(ASKED, Some(&Zone::default())) else { panic!() };
        let own = Own { bytes: numbered(ASKED, [8, 9]), number: [8, 9] };
        assert_eq!(own.bytes[..3], [8, 9, 1]);
        let mut answer = own.bytes.clone();
        answer[2] |= 0x80;
        answer[13] = b'A';
        let back = own.returned(&answer, &question).unwrap();
        assert_eq!((&back[..2], &back[2..]), (&ASKED[..2], &answer[2..]));
        for (at, other) in [(0, 7), (2, 0), (5, 0), (13, b'b'), (16, 28)] {
            let mut wrong = answer.clone();
            wrong[at] = other;
            assert_eq!(own.returned(&wrong, &question), None, "byte {at}");
        }
        assert_eq!(own.returned(&answer[..18], &question), None);
    }
}
