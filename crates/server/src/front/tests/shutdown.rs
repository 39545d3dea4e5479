use std::sync::Arc;

use super::{ENTERED, RELEASE, Stage};
use crate::front::Limits;

#[tokio::test]
async fn what_is_in_flight_is_answered_and_idle_connections_are_closed() {
    let stage = Stage::open(Limits::default()).await;
    let (mut busy, mut idle) = (stage.connect().await, stage.connect().await);
    assert_eq!(idle.ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.status, 200);
    busy.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n").await;
    ENTERED.notified().await;
    stage.stop.notify_one();
    let connections = Arc::clone(&stage.connections);
    let stopping = tokio::spawn(async move { connections.stop().await });
    assert!(idle.is_closed().await);
    assert!(!stopping.is_finished(), "a request is in flight");
    RELEASE.notify_one();
    let answer = busy.answer().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "released"));
    assert_eq!(answer.headers["connection"], "close");
    stopping.await.unwrap();
}
