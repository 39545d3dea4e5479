use std::time::Duration;

use super::Stage;
use super::client::Signed;
use crate::front::{Limits, limits};

const ECHO: &str = "/v1/p1/echo";
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
const SHORT: Duration = Duration::from_millis(150);

/// Whoever else calls is served, whatever a client does.
async fn others_are_served(stage: &Stage) {
    assert_eq!(stage.connect().await.ask(HEALTH).await.status, 200);
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut_off() {
    let stage = Stage::open(Limits { header_time: SHORT, ..Limits::default() }).await;
    let mut slow = stage.connect().await;
    slow.send("GET /healthz HTTP/1.1\r\nHost: x\r\n").await;
    others_are_served(&stage).await;
    assert!(slow.is_closed().await);
    stage.until("it is counted", |stage| stage.front.metrics().expired.get() == 1).await;
}

#[tokio::test]
async fn an_idle_connection_outlives_the_time_for_a_head_but_not_its_own() {
    let stage = Stage::open(Limits { header_time: SHORT, idle_time: SHORT * 8, ..Limits::default() }).await;
    let mut idle = stage.connect().await;
    assert_eq!(idle.ask(HEALTH).await.status, 200);
    let mut slow = stage.connect().await;
    slow.send("GET").await;
    // By the time that this one is cut off, the idle one has been idle for longer.
    assert!(slow.is_closed().await);
    assert_eq!(idle.ask(HEALTH).await.status, 200);
    assert!(idle.is_closed().await);
    let mut silent = stage.connect().await;
    assert!(silent.is_closed().await, "one that never says anything");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_refused() {
    let stage = Stage::open(Limits { body_time: SHORT, ..Limits::default() }).await;
    let mut slow = stage.connect().await;
    let signed = Signed::post(ECHO, b"0123456789");
    slow.send(format!("{}Content-Length: 10\r\n\r\n0123", signed.head())).await;
    others_are_served(&stage).await;
    assert_eq!(slow.answer().await.fault(), (400, "APIGW.0201".into()));
    stage.until("its bytes are given back", |stage| stage.front.held_bodies() == 0).await;
}

#[tokio::test]
async fn bodies_together_are_bounded() {
    let stage = Stage::open(Limits { bodies_bytes: 1500, ..Limits::default() }).await;
    let body = [b'1'; 1000];
    let mut slow = stage.connect().await;
    slow.send(format!("{}Content-Length: 1001\r\n\r\n{}", Signed::post(ECHO, &body).head(), "1".repeat(1000))).await;
    stage.until("its bytes are held", |stage| stage.front.held_bodies() == 1000).await;
    let shed = stage.connect().await.ask(Signed::post(ECHO, &body).bytes()).await;
    assert_eq!(shed.fault(), (503, "APIGW.0201".into()));
    assert_eq!(shed.headers["retry-after"], "1");
    assert_eq!(stage.connect().await.ask(Signed::post(ECHO, &body[..400]).bytes()).await.status, 200);
    drop(slow);
    stage.until("its bytes are given back", |stage| stage.front.held_bodies() == 0).await;
    assert_eq!(stage.connect().await.ask(Signed::post(ECHO, &body).bytes()).await.status, 200);
}

fn chunked(signed: &Signed<'_>, size: usize) -> Vec<u8> {
    let mut bytes = format!("{}Transfer-Encoding: chunked\r\n\r\n", signed.head()).into_bytes();
    for chunk in signed.body.chunks(size) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

#[tokio::test]
async fn chunks_are_counted_as_they_are_read() {
    let stage = Stage::open(Limits { body_bytes: 1000, ..Limits::default() }).await;
    let (fits, too_large) = (vec![b'1'; 1000], vec![b'1'; 1001]);
    let good = stage.connect().await.ask(chunked(&Signed::post(ECHO, &fits), 7)).await;
    assert_eq!((good.status, good.body.len()), (200, 1000));
    let refused = stage.connect().await.ask(chunked(&Signed::post(ECHO, &too_large), 7)).await;
    assert_eq!(refused.fault(), (413, "APIGW.0201".into()));
    let broken = String::from_utf8(chunked(&Signed::post(ECHO, &fits), 7)).unwrap().replace("\r\n7\r\n", "\r\nzz\r\n");
    assert_eq!(stage.connect().await.ask(broken).await.fault(), (400, "APIGW.0201".into()));
}

#[tokio::test]
async fn a_large_body_is_refused_with_an_answer_that_arrives() {
    let stage = Stage::open(Limits::default()).await;
    let body = vec![b'1'; limits::BODY_BYTES + 1];
    let refused = stage.connect().await.ask(Signed::post(ECHO, &body).bytes()).await;
    assert_eq!(refused.fault(), (413, "APIGW.0201".into()));
    let unknown = Signed { key: "AK9", ..Signed::post(ECHO, &body) }.bytes();
    assert_eq!(stage.connect().await.ask(unknown).await.fault(), (401, "APIGW.0301".into()));
    let open = format!("POST /open HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", limits::NOBODY_BODY_BYTES + 1);
    let open = [open.as_bytes(), &body[..=limits::NOBODY_BODY_BYTES]].concat();
    assert_eq!(stage.connect().await.ask(open).await.fault(), (413, "APIGW.0201".into()));
    assert_eq!(stage.connect().await.ask(Signed::post(ECHO, &body[1..]).bytes()).await.status, 200);
}

#[tokio::test]
async fn a_client_may_ask_before_it_sends() {
    let stage = Stage::open(Limits::default()).await;
    let expecting = |key| {
        let signed = Signed { key, ..Signed::post(ECHO, b"{}") };
        format!("{}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n", signed.head())
    };
    let mut known = stage.connect().await;
    known.send(expecting("AK1")).await;
    assert_eq!((known.line().await.as_str(), known.line().await.as_str()), ("HTTP/1.1 100 Continue", ""));
    assert_eq!(known.ask("{}").await.body, "{}");
    let mut unknown = stage.connect().await;
    unknown.send(expecting("AK9")).await;
    assert_eq!(unknown.answer().await.fault(), (401, "APIGW.0301".into()), "without being let on");
}

fn with_headers(count: usize, value: &str) -> String {
    let more: String = (1..count).map(|n| format!("H{n}: {value}\r\n")).collect();
    format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{more}\r\n")
}

#[tokio::test]
async fn headers_are_bounded_in_number_and_size() {
    let stage = Stage::open(Limits::default()).await;
    assert_eq!(stage.connect().await.ask(with_headers(limits::HEADERS, "v")).await.status, 200);
    let long = "v".repeat(limits::HEADER_BYTES / limits::HEADERS);
    for (name, request) in [
        ("one too many", with_headers(limits::HEADERS + 1, "v")),
        ("a hundred thousand", with_headers(100_000, "v")),
        ("too long", with_headers(limits::HEADERS, &long)),
    ] {
        let mut client = stage.connect().await;
        client.try_send(&request).await;
        let refused = client.answer().await;
        assert_eq!(refused.fault(), (431, "APIGW.0201".into()), "{name}");
        assert_eq!(refused.headers["x-request-id"].len(), 32);
        assert!(client.is_closed().await);
    }
    others_are_served(&stage).await;
}

#[tokio::test]
async fn what_is_no_request_gets_an_error_or_a_closed_connection() {
    let stage = Stage::open(Limits::default()).await;
    let requests: [&[u8]; 9] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS greeting\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nA\x00b: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n",
        b"G\xffT / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ];
    for request in requests {
        let shown = String::from_utf8_lossy(request);
        let mut client = stage.connect().await;
        let answer = client.ask(request).await;
        assert_eq!(answer.fault(), (400, "APIGW.0201".into()), "{shown}");
        assert!(client.is_closed().await, "{shown}");
    }
    let mut next_protocol = stage.connect().await;
    next_protocol.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(next_protocol.is_closed().await);
    let in_a_value = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Auth-Token: \xff\xfe\r\n\r\n";
    assert_eq!(stage.connect().await.ask(in_a_value).await.status, 200, "no one looks at it");
    others_are_served(&stage).await;
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_at_once() {
    let stage = Stage::open(Limits { connections: 2, ..Limits::default() }).await;
    let (mut one, other) = (stage.connect().await, stage.connect().await);
    assert_eq!(one.ask(HEALTH).await.status, 200);
    stage.until("both are open", |stage| stage.front.metrics().connections.get() == 2).await;
    let mut refused = stage.connect().await;
    let answer = refused.answer().await;
    assert_eq!(answer.fault(), (503, "APIGW.0201".into()));
    assert_eq!(answer.headers["retry-after"], "1");
    assert!(refused.is_closed().await);
    assert_eq!(one.ask(HEALTH).await.status, 200);
    drop(other);
    stage.until("one has gone", |stage| stage.front.metrics().connections.get() == 1).await;
    others_are_served(&stage).await;
    assert_eq!(stage.front.metrics().refused.get(), 1);
}

#[tokio::test]
async fn requests_in_a_row_get_answers_in_a_row() {
    let stage = Stage::open(Limits::default()).await;
    let mut client = stage.connect().await;
    let things = ["a", "b", "c"].map(|thing| format!("/v1/p1/things/{thing}"));
    let requests: Vec<_> = things.iter().flat_map(|target| Signed::get(target).bytes()).collect();
    client.send(requests).await;
    for expected in ["a ", "b ", "c "] {
        assert_eq!(client.answer().await.body, expected);
    }
}
