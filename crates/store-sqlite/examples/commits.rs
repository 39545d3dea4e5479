//! Commits one batch after another and says of each what became of it: what `tests/crashes.rs` watches and breaks.
//!
//! `commits DIR full|normal COUNT` prints `answered ID`, `lost ID`, `applied ID`, `refused ID` or `unknown ID` in hex
//! and ends without closing anything, as a crash does.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "only tests run this")]

use std::io::Write;

use linkspan_engine::store::{Changes, CommitError, CommitId, Head, Store};
use linkspan_store_sqlite::{Location, Options, SqliteStore, Synchronous};
use linkspan_testkit::batch::{batch, setting};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [dir, synchronous, count] = arguments.as_slice() else { std::process::exit(2) };
    let synchronous = if synchronous == "full" { Synchronous::Full } else { Synchronous::Normal };
    let options = Options { synchronous, ..Options::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    if let Ok(store) = SqliteStore::open(&Location::in_dir(dir), &options) {
        runtime.block_on(commit_all(&store, count.parse().unwrap()));
        // What is not closed is not checkpointed either.
        std::process::abort();
    }
    println!("closed");
}

async fn commit_all(store: &SqliteStore, count: u32) {
    let Ok(mut head) = store.head().await else { return };
    for number in 0..count {
        let commit_id = (head.epoch << 32) | u128::from(number);
        let batch = batch(commit_id, vec![setting(&format!("{commit_id:x}"), &"x".repeat(6000))]);
        match store.commit(&batch, &head).await {
            Ok(new) => {
                say("answered", commit_id);
                head = new;
            }
            Err(CommitError::InDoubt(_)) => return say(look(store, &head, commit_id).await, commit_id),
            Err(_) => return say("refused", commit_id),
        }
    }
}

async fn look(store: &SqliteStore, head: &Head, commit_id: CommitId) -> &'static str {
    match store.changes(head).await {
        Ok(Changes::Since { commits, .. }) if commits.iter().any(|commit| commit.commit_id == commit_id) => "applied",
        Ok(Changes::Since { .. }) => "lost",
        _ => "unknown",
    }
}

/// One write a line, so that a trace shows what came before it.
fn say(what: &str, commit_id: CommitId) {
    let line = format!("{what} {commit_id:x}\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}
