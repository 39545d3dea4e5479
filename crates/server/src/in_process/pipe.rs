//! A request in, an answer out, through a pipe in memory.

use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::timeout;

use crate::front::Connections;

const PIPE_BYTES: usize = 64 * 1024;
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answered {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Null if there is no body.
    pub(super) fn json(&self) -> serde_json::Value {
        if self.body.is_empty() {
            return serde_json::Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

/// Sends the bytes of one request over a connection of its own.
pub(super) async fn exchange(connections: &Arc<Connections>, request: &[u8]) -> Answered {
    let (mut ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    let serving = Arc::clone(connections);
    let task = tokio::spawn(async move { serving.serve_in_process(theirs).await });
    ours.write_all(request).await.unwrap();
    let answer = timeout(ANSWERED_WITHIN, read(&mut ours, !request.starts_with(b"HEAD "))).await.unwrap_or_else(|_| {
        panic!("no answer within {ANSWERED_WITHIN:?} to {}", String::from_utf8_lossy(request));
    });
    drop(ours);
    task.await.unwrap();
    answer
}

async fn read(stream: &mut DuplexStream, has_body: bool) -> Answered {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(place) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break place;
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "closed after {}", String::from_utf8_lossy(&bytes));
    };
    let mut body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).unwrap();
    let mut lines = head.lines();
    let status: StatusCode = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = HeaderMap::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let length = headers.get("content-length").map_or(0, |value| value.to_str().unwrap().parse().unwrap());
    while has_body && body.len() < length {
        assert_ne!(stream.read_buf(&mut body).await.unwrap(), 0, "closed within a body");
    }
    Answered { status: status.as_u16(), headers, body }
}
