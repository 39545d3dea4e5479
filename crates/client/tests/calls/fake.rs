//! A server that gives scripted answers and remembers what it was sent, byte for byte.

use std::sync::{Arc, Mutex};

use linkspan_signing::{Authorization, HeaderPairs, Payload, RequestParts, verify};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The secret of every key of these tests.
pub(crate) const SECRET: &str = "SK-of-the-tests";

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The running server.
pub(crate) struct Fake {
    pub(crate) endpoint: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Verifies the signature from the wire alone, as the server does, and answers which headers it covers.
    pub(crate) fn verified(&self) -> String {
        let value = self.header("authorization").expect("no signature");
        let authorization = Authorization::parse(value).unwrap();
        assert_eq!(authorization.access_key(), "AK");
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let headers = HeaderPairs(&self.headers);
        let payload = Payload::Body(&self.body);
        let parts = RequestParts { method: &self.method, path, query, headers: &headers, payload };
        verify(&parts, &authorization, SECRET.as_bytes()).unwrap();
        let (_, names) = value.split_once("SignedHeaders=").unwrap();
        names.split(',').next().unwrap().to_owned()
    }
}

impl Fake {
    /// Starts a server that gives these answers, one a request, each a head without `Content-Length` and a body.
    pub(crate) async fn start(answers: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<_> = answers.iter().map(|(head, body)| whole(head, body)).collect();
        tokio::spawn(serve(listener, answers, Arc::clone(&seen)));
        Self { endpoint, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request there was.
    pub(crate) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.into_iter().next().unwrap()
    }
}

fn whole(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

async fn serve(listener: TcpListener, answers: Vec<Vec<u8>>, seen: Arc<Mutex<Vec<Seen>>>) {
    for answer in answers {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await;
        seen.lock().unwrap().push(request);
        stream.write_all(&answer).await.unwrap();
        // The peer closes once it has read everything.
        let _ = stream.shutdown().await;
    }
}

async fn read(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let got = stream.read(&mut buffer).await.unwrap();
        assert_ne!(got, 0, "the request ended early");
        bytes.extend_from_slice(&buffer[..got]);
        if let Some(seen) = parsed(&bytes) {
            return seen;
        }
    }
}

fn parsed(bytes: &[u8]) -> Option<Seen> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ').map(str::to_owned);
    let headers: Vec<(String, String)> =
        lines.map(|line| line.split_once(": ").unwrap()).map(|(name, value)| (name.into(), value.into())).collect();
    let seen = Seen { method: words.next()?, target: words.next()?, headers, body: bytes[end + 4..].to_vec() };
    let length: usize = seen.header("content-length").map_or(0, |length| length.parse().unwrap());
    (seen.body.len() >= length).then_some(seen)
}
