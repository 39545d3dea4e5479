//! Clients that take their answer slowly, on a clock that stands still until everyone waits.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, MissedTickBehavior, interval, pause};

use super::Stage;
use crate::front::{Limits, limits};

const BIG: &str = "GET /big/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const MIB: usize = 1024 * 1024;
/// What lies between server and client and was written though nobody took it yet.
const UNDER_WAY: usize = 4096;
/// What has to be taken each second, on average.
const PACE: usize = limits::ANSWER_PACE_BYTES as usize / limits::ANSWER_PACE_TIME.as_secs() as usize;

async fn ask(stage: &Stage, request: &str) -> DuplexStream {
    let (mut ours, theirs) = tokio::io::duplex(UNDER_WAY);
    let connections = Arc::clone(&stage.connections);
    tokio::spawn(async move { connections.serve_in_process(theirs).await });
    ours.write_all(request.as_bytes()).await.unwrap();
    ours
}

/// Reads so many bytes a second until nothing comes; answers how many came.
async fn read(client: &mut DuplexStream, bytes_a_second: usize) -> usize {
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut took, mut buffer) = (0, vec![0; bytes_a_second]);
    loop {
        seconds.tick().await;
        let mut left = bytes_a_second;
        while left > 0 {
            match client.read(&mut buffer[..left]).await.unwrap_or(0) {
                0 => return took,
                bytes => (took, left) = (took + bytes, left - bytes),
            }
        }
    }
}

#[tokio::test]
async fn an_answer_must_be_taken_at_a_pace() {
    let stage = Stage::open(Limits::default()).await;
    pause();
    for (bytes_a_second, gets_it) in [(PACE + PACE / 8, true), (PACE - PACE / 8, false), (64, false)] {
        let began = Instant::now();
        let took = read(&mut ask(&stage, BIG).await, bytes_a_second).await;
        assert_eq!(took >= MIB, gets_it, "{bytes_a_second} a second: {took}");
        if !gets_it {
            let most = limits::ANSWER_PACE_BYTES as usize + 2 * UNDER_WAY;
            assert!(took < most, "one pace is too slow already: {took} in {:?}", began.elapsed());
        }
    }
}

#[tokio::test]
async fn who_takes_nothing_keeps_no_place_of_a_large_answer() {
    let stage = Stage::open(Limits { large_answers: 1, large_answer_bytes: MIB as u64 - 1, ..Limits::default() }).await;
    pause();
    let began = Instant::now();
    let mut silent = ask(&stage, BIG).await;
    let mut first = [0; 12];
    silent.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let mut shed = 0;
    let mut seconds = interval(Duration::from_secs(1));
    loop {
        let mut answer = String::new();
        ask(&stage, BIG).await.read_to_string(&mut answer).await.unwrap();
        if answer.starts_with("HTTP/1.1 200") {
            break;
        }
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(began.elapsed() < 2 * limits::ANSWER_PACE_TIME, "its place is still taken");
        shed += 1;
        seconds.tick().await;
    }
    assert!(shed > 0, "the place was free at once");
}
