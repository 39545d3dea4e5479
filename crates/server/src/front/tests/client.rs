use std::time::Duration;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use linkspan_signing::{HeaderPairs, Payload, RequestParts, SignedDate, sign};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{NOW_SECONDS, SECRET};

/// A client that sends whatever bytes a test wants.
pub(super) struct Client {
    pub(super) stream: TcpStream,
    read: Vec<u8>,
}

/// An answer with its whole body.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answered {
    /// Status and code.
    pub(super) fn fault(&self) -> (u16, String) {
        let json: serde_json::Value =
            serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body));
        let code = json.get("error_code").or_else(|| json.get("code")).and_then(serde_json::Value::as_str);
        (self.status, code.unwrap_or_else(|| panic!("no code: {json}")).to_owned())
    }
}

impl Client {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, read: Vec::new() }
    }

    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends what may meet a connection that is closed already.
    pub(super) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    pub(super) async fn ask(&mut self, bytes: impl AsRef<[u8]>) -> Answered {
        self.send(bytes).await;
        self.answer().await
    }

    /// Reads until what came holds `end`; answers where it begins.
    async fn read_to(&mut self, end: &[u8]) -> usize {
        loop {
            if let Some(place) = self.read.windows(end.len()).position(|window| window == end) {
                return place;
            }
            assert!(self.read_some().await, "closed after {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    async fn read_some(&mut self) -> bool {
        let reading = self.stream.read_buf(&mut self.read);
        timeout(Duration::from_secs(20), reading).await.expect("no answer in time").unwrap_or(0) > 0
    }

    pub(super) async fn answer(&mut self) -> Answered {
        let end = self.read_to(b"\r\n\r\n").await;
        let head: Vec<u8> = self.read.drain(..end + 4).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = HeaderMap::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(": ").unwrap();
            headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let length = headers.get("content-length").map_or(0, |value| value.to_str().unwrap().parse().unwrap());
        while self.read.len() < length {
            assert!(self.read_some().await, "closed within a body");
        }
        let body: Vec<u8> = self.read.drain(..length).collect();
        Answered { status, headers, body: String::from_utf8(body).unwrap() }
    }

    /// The next line, for interim answers.
    pub(super) async fn line(&mut self) -> String {
        let end = self.read_to(b"\r\n").await;
        let line: Vec<u8> = self.read.drain(..end + 2).collect();
        String::from_utf8(line).unwrap().trim_end().to_owned()
    }

    /// Waits for the server to close the connection; what it sends until then is thrown away.
    pub(super) async fn is_closed(&mut self) -> bool {
        self.rest().await;
        true
    }

    /// What the server sends until it closes the connection.
    pub(super) async fn rest(&mut self) -> String {
        while self.read_some().await {}
        String::from_utf8_lossy(&std::mem::take(&mut self.read)).into_owned()
    }
}

/// A signed request, to be made into bytes.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// Path and query.
    pub(super) target: &'a str,
    pub(super) key: &'a str,
    pub(super) secret: &'a str,
    /// Seconds from the server's clock to the date that is signed.
    pub(super) skew_seconds: i64,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

impl Signed<'_> {
    pub(super) fn get(target: &str) -> Signed<'_> {
        Signed { method: "GET", target, key: "AK1", secret: SECRET, skew_seconds: 0, headers: &[], body: b"" }
    }

    pub(super) fn post<'a>(target: &'a str, body: &'a [u8]) -> Signed<'a> {
        Signed { method: "POST", body, ..Signed::get(target) }
    }

    /// The head, up to but without the empty line.
    pub(super) fn head(&self) -> String {
        let date = SignedDate::from_unix_seconds(NOW_SECONDS + self.skew_seconds).unwrap().to_string();
        let mut pairs = vec![("Host", "linkspan.test"), ("X-Sdk-Date", date.as_str())];
        pairs.extend_from_slice(self.headers);
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        let headers = HeaderPairs(&pairs);
        let payload = Payload::Body(self.body);
        let parts = RequestParts { method: self.method, path, query, headers: &headers, payload };
        let authorization = sign(&parts, &["host", "x-sdk-date"], self.key, self.secret.as_bytes()).unwrap();
        let mut head = format!("{} {} HTTP/1.1\r\nAuthorization: {authorization}\r\n", self.method, self.target);
        for (name, value) in pairs {
            head += &format!("{name}: {value}\r\n");
        }
        head
    }

    /// All of it, with `Content-Length`.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{}Content-Length: {}\r\n\r\n", self.head(), self.body.len()).into_bytes();
        bytes.extend_from_slice(self.body);
        bytes
    }
}
