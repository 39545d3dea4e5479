//! A blocking HTTP/1.1 client that adds as little as can be to what it measures: one connection, raw requests.
//!
//! It only talks to loopback, and it understands what our servers answer: a status line, headers, `Content-Length` or
//! chunks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::outcome::Outcome;

const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that is kept alive.
pub struct Client {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

/// The head of an answer.
pub struct Head {
    pub status: u16,
    /// Names as sent, values trimmed.
    pub headers: Vec<(String, String)>,
}

impl Head {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// How long it was on the wire, for a status whose reason is `OK`.
    pub fn bytes(&self) -> usize {
        let lines: usize = self.headers.iter().map(|(name, value)| name.len() + value.len() + ": \r\n".len()).sum();
        "HTTP/1.1 200 OK\r\n\r\n".len() + lines
    }
}

/// How a long answer came.
pub struct Streamed {
    pub head: Head,
    pub bytes: u64,
    /// From the request to the first byte of the answer.
    pub to_first_byte: Duration,
    pub total: Duration,
}

impl Client {
    /// Connects to a server on this machine.
    pub fn connect(address: SocketAddr) -> Outcome<Self> {
        assert!(address.ip().is_loopback(), "load goes to loopback only");
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream), body: Vec::new() })
    }

    /// Sends a request and reads the whole answer; its body is good until the next request.
    pub fn call(&mut self, request: &[u8]) -> Outcome<(Head, &[u8])> {
        self.stream.get_mut().write_all(request)?;
        let head = self.head()?;
        self.body.clear();
        match length(&head)? {
            Some(length) => {
                self.body.resize(length, 0);
                self.stream.read_exact(&mut self.body)?;
            }
            None => self.chunks(|body, chunk| body.extend_from_slice(chunk))?,
        }
        Ok((head, &self.body))
    }

    /// Sends a request and reads the answer without keeping it.
    pub fn stream(&mut self, request: &[u8]) -> Outcome<Streamed> {
        let started = Instant::now();
        self.stream.get_mut().write_all(request)?;
        let _first = self.stream.fill_buf()?;
        let to_first_byte = started.elapsed();
        let head = self.head()?;
        let mut bytes = 0;
        match length(&head)? {
            Some(length) => {
                while bytes < length as u64 {
                    let got = self.stream.fill_buf()?.len().min(length - bytes as usize);
                    if got == 0 {
                        return Err("the answer breaks off".into());
                    }
                    self.stream.consume(got);
                    bytes += got as u64;
                }
            }
            None => self.chunks(|_, chunk| bytes += chunk.len() as u64)?,
        }
        Ok(Streamed { head, bytes, to_first_byte, total: started.elapsed() })
    }

    fn head(&mut self) -> Outcome<Head> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| format!("no status line: `{status_line}`"))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Head { status, headers })
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(line.trim_end().to_owned())
    }

    fn chunks(&mut self, mut each: impl FnMut(&mut Vec<u8>, &[u8])) -> Outcome<()> {
        let mut chunk = Vec::new();
        loop {
            let size = usize::from_str_radix(self.line()?.split(';').next().unwrap_or_default(), 16)?;
            chunk.resize(size, 0);
            self.stream.read_exact(&mut chunk)?;
            each(&mut self.body, &chunk);
            let _line_end = self.line()?;
            if size == 0 {
                return Ok(());
            }
        }
    }
}

/// The length of the body; none = it comes in chunks.
fn length(head: &Head) -> Outcome<Option<usize>> {
    match head.header("content-length") {
        Some(length) => Ok(Some(length.parse()?)),
        None if head.header("transfer-encoding").is_some() => Ok(None),
        None => Ok(Some(0)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn answered(answer: &'static [u8]) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 64];
            while stream.read(&mut request).unwrap_or(0) > 0 {
                stream.write_all(answer).unwrap();
            }
        });
        Client::connect(address).unwrap()
    }

    #[test]
    fn bodies_of_both_kinds_are_read_to_their_end() {
        for answer in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello"[..],
            &b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nx-a: b\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"[..],
        ] {
            let mut client = answered(answer);
            for _ in 0..2 {
                let (head, body) = client.call(b"GET / HTTP/1.1\r\n\r\n").unwrap();
                assert_eq!((head.status, head.header("x-A"), body), (200, Some("b"), &b"hello"[..]));
            }
            assert_eq!(client.stream(b"GET / HTTP/1.1\r\n\r\n").unwrap().bytes, 5);
        }
    }
}
