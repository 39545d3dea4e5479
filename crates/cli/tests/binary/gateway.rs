//! A gateway before a server, as the cloud has one: it knows some paths only, throttles, and lets nothing through that
//! only Linkspan says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Every so many calls one is throttled.
const THROTTLED_EVERY: usize = 7;

/// A running gateway; it ends with the tests.
pub(crate) struct Gateway {
    pub(crate) endpoint: String,
    throttled: Arc<AtomicUsize>,
}

impl Gateway {
    /// A gateway that does not know any path that holds one of these texts.
    pub(crate) fn before(endpoint: &str, unknown: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = endpoint.trim_start_matches("http://").to_owned();
        let (calls, throttled) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&throttled);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let number = calls.fetch_add(1, Ordering::Relaxed);
                let is_throttled = number % THROTTLED_EVERY == THROTTLED_EVERY - 1;
                count.fetch_add(usize::from(is_throttled), Ordering::Relaxed);
                answer(stream.unwrap(), &server, (unknown, is_throttled));
            }
        });
        Self { endpoint: address, throttled }
    }

    /// How many calls were throttled.
    pub(crate) fn throttled(&self) -> usize {
        self.throttled.load(Ordering::Relaxed)
    }
}

fn answer(mut caller: TcpStream, server: &str, (unknown, is_throttled): (&[&str], bool)) {
    let request = head(&mut caller);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let answer = if is_throttled {
        let body = r#"{"error_msg":"throttled","error_code":"APIGW.0308"}"#;
        failure("429 Too Many Requests\r\nRetry-After: 0", body)
    } else if unknown.iter().any(|text| path.contains(text)) {
        failure("404 Not Found", r#"{"error_msg":"The API does not exist","error_code":"APIGW.0101"}"#)
    } else {
        passed_on(&request, server)
    };
    // A caller that is gone needs no answer.
    let _ = caller.write_all(answer.as_bytes());
}

/// The head of a request; those that an import reads with have no body.
fn head(caller: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") && caller.read(&mut byte).unwrap_or(0) == 1 {
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

fn failure(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn passed_on(request: &str, server: &str) -> String {
    let mut upstream = TcpStream::connect(server).unwrap();
    let request = request.trim_end_matches("\r\n");
    upstream.write_all(format!("{request}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    upstream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let is_ours = |line: &&str| {
        let line = line.to_ascii_lowercase();
        line.starts_with("x-linkspan") || line.starts_with("x-total-count") || line.starts_with("connection")
    };
    let head: Vec<&str> = head.split("\r\n").filter(|line| !is_ours(line)).collect();
    format!("{}\r\nConnection: close\r\n\r\n{body}", head.join("\r\n"))
}
