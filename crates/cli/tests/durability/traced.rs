//! The proof that a flush of the log precedes the answer to a change: a kill alone proves nothing, since the kernel
//! keeps what was written.

use std::path::Path;
use std::process::{Command, Stdio};

use linkspan_wire::CreateQueue;

use crate::serving::Serving;

fn strace_is_there() -> bool {
    let there = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !there {
        let forbidden = std::env::var_os("LINKSPAN_FORBID_SKIPS").is_some();
        assert!(!forbidden, "strace is missing, and no test may be skipped");
        println!("skipped: there is no strace on this machine");
    }
    there
}

/// How many changes were answered, and how many of them while the log held what was not flushed.
async fn answered_and_unflushed() -> (usize, usize) {
    let directory = tempfile::tempdir().unwrap();
    let trace = directory.path().join("trace");
    let mut wrapped =
        vec!["strace", "-f", "-y", "-s", "24", "-e", "trace=pwrite64,fsync,fdatasync,write,writev,sendto"];
    wrapped.extend(["-o", trace.to_str().unwrap()]);
    let serving = Serving::start(directory.path(), &wrapped);
    for n in 0..5 {
        let body = format!(r#"{{"queue_name":"q{n}","cu_count":16,"resource_mode":1}}"#);
        serving.project.create_queue(&CreateQueue::from_body(body.as_bytes()).unwrap()).await.unwrap();
    }
    serving.stop(holder(directory.path()));
    read(&std::fs::read_to_string(trace).unwrap())
}

/// The server's own process, below `strace`: it wrote its id into the lock file.
fn holder(directory: &Path) -> u32 {
    let lock = std::fs::read_to_string(directory.join("linkspan-data/linkspan.db.lock")).unwrap();
    lock.trim().parse().unwrap()
}

fn read(trace: &str) -> (usize, usize) {
    let (mut answered, mut unflushed, mut dirty) = (0, 0, false);
    for line in trace.lines() {
        if line.contains("pwrite64(") && line.contains("-wal>") {
            dirty = true;
        } else if line.contains("sync(") && line.contains("-wal>") {
            dirty = false;
        } else if line.contains("HTTP/1.1 200") {
            answered += 1;
            unflushed += usize::from(dirty);
        }
    }
    (answered, unflushed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_log_is_flushed_before_a_change_is_answered() {
    if strace_is_there() {
        assert_eq!(answered_and_unflushed().await, (5, 0));
    }
}
