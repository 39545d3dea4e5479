//! What was answered is on disk, and what was said to be lost never comes back.
//!
//! A child process commits under `strace`, which shows its flushes and makes them fail. Without `strace` nothing is
//! tested here, and the tests say so.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use linkspan_engine::store::Store;
use linkspan_store_sqlite::{Location, Options, SqliteStore, check};

/// Commits of a child.
const COUNT: &str = "6";

/// The example that commits; cargo builds it with the tests.
fn child() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.ancestors().nth(2).unwrap().join("examples/commits");
    assert!(path.exists(), "{} is not built: run the tests of the whole package", path.display());
    path
}

fn strace_is_there() -> bool {
    let there = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !there {
        eprintln!("skipped: there is no strace on this machine");
    }
    there
}

/// Runs the child under `strace` and answers its lines: what became of each commit, by id.
fn run(dir: &Path, synchronous: &str, strace: &[&str]) -> BTreeMap<String, String> {
    let mut command = Command::new("strace");
    command.arg("-f").args(strace).arg(child()).arg(dir).args([synchronous, COUNT]);
    let output = command.stderr(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(what, id)| (id.to_owned(), what.to_owned())).collect()
}

/// How many commits were answered, and how many of them before the log was flushed.
fn answered_and_unflushed(synchronous: &str) -> (usize, usize) {
    let scratch = tempfile::tempdir().unwrap();
    let trace = scratch.path().join("trace");
    let arguments = ["-y", "-e", "trace=pwrite64,fsync,fdatasync,write", "-o", trace.to_str().unwrap()];
    let outcomes = run(&scratch.path().join("data"), synchronous, &arguments);
    let (mut answered, mut unflushed, mut dirty) = (0, 0, false);
    for line in std::fs::read_to_string(trace).unwrap().lines() {
        if line.contains("pwrite64(") && line.contains("-wal>") {
            dirty = true;
        } else if line.contains("sync(") && line.contains("-wal>") {
            dirty = false;
        } else if line.contains("\"answered ") {
            answered += 1;
            unflushed += usize::from(dirty);
        }
    }
    assert_eq!(answered, outcomes.len());
    (answered, unflushed)
}

#[test]
fn the_log_is_flushed_before_a_commit_is_answered() {
    if strace_is_there() {
        assert_eq!(answered_and_unflushed("full"), (6, 0));
    }
}

#[test]
fn the_test_would_notice_a_missing_flush() {
    if strace_is_there() {
        assert_eq!(answered_and_unflushed("normal"), (6, 6));
    }
}

/// Lets the n-th call fail (and all later ones, with a `+`) for every n that the child reaches.
fn survives(calls: &str, error: &str, when: &str) -> BTreeMap<String, u32> {
    let mut seen = BTreeMap::new();
    for n in 1..300 {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("data");
        let inject = format!("inject={calls}:error={error}:when={n}{when}");
        let outcomes = run(&dir, "full", &["-e", &inject, "-o", "/dev/null"]);
        let names = after_the_crash(&dir);
        for (id, outcome) in &outcomes {
            let there = names.contains(id);
            match outcome.as_str() {
                "answered" | "applied" => assert!(there, "{calls} {n}: {id} was {outcome} and is gone"),
                "lost" | "refused" => assert!(!there, "{calls} {n}: {id} was {outcome} and came back"),
                _ => {}
            }
            *seen.entry(outcome.clone()).or_default() += 1;
        }
        let undisturbed = outcomes.len() == 6 && outcomes.values().all(|outcome| outcome == "answered");
        if undisturbed && n > 20 {
            return seen;
        }
    }
    panic!("the child makes no end of {calls}");
}

/// The commits that the next process finds.
fn after_the_crash(dir: &Path) -> Vec<String> {
    let location = Location::in_dir(dir);
    let store = SqliteStore::open(&location, &Options::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut names = Vec::new();
    runtime.block_on(store.load(&mut |record| names.push(record.key.id))).unwrap();
    let report = check(&location).unwrap();
    assert!(report.is_sound(), "{report:?}");
    names
}

#[test]
fn a_failed_flush_is_in_doubt_once_and_then_surely_lost() {
    if strace_is_there() {
        let seen = survives("fsync,fdatasync", "EIO", "");
        assert!(seen.get("lost").is_some_and(|times| *times >= 6), "no commit came into doubt: {seen:?}");
    }
}

#[test]
fn flushes_that_go_on_failing_leave_no_false_answer() {
    if strace_is_there() {
        let seen = survives("fsync,fdatasync", "EIO", "+");
        assert!(seen.get("unknown").is_some_and(|times| *times >= 6), "no commit stayed in doubt: {seen:?}");
    }
}

#[test]
fn a_failed_write_is_never_answered() {
    if strace_is_there() {
        let seen = survives("pwrite64", "EIO", "");
        assert!(seen.contains_key("lost"), "no commit came into doubt: {seen:?}");
    }
}

#[test]
fn a_full_disk_is_refused_and_never_comes_back() {
    if strace_is_there() {
        let seen = survives("pwrite64", "ENOSPC", "+");
        assert!(seen.contains_key("refused"), "no commit was refused: {seen:?}");
    }
}
