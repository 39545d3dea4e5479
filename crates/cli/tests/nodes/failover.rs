//! A standby takes the primary's place that had not heard of the last commits: they are lost, and every node says so.

use std::fs::{self, File};
use std::time::{Duration, Instant};

use linkspan_client::ProjectClient;
use linkspan_testkit::postgres::Cluster;
use linkspan_testkit::postgres::proxy::{Mode, Proxy};

use crate::calls::{is_unavailable, new_connection};
use crate::node::{Node, SCHEMA, Stage, get};

const NAMES: [&str; 3] = ["a", "b", "c"];
/// How long a node may take to answer again.
const RECOVERS_WITHIN: Duration = Duration::from_secs(30);

/// Asks until the node answers, and answers whether the connection is there. What is asked after the primary's death
/// must be answered of what the standby holds, or not at all.
async fn is_there(project: &ProjectClient, id: &str) -> bool {
    let deadline = Instant::now() + RECOVERS_WITHIN;
    loop {
        match project.show_connection(id).await {
            Ok(_) => return true,
            Err(error) if error.api().is_some_and(|failure| failure.status == 404) => return false,
            Err(error) => assert!(is_unavailable(&error) && Instant::now() < deadline, "{error}"),
        }
    }
}

/// Nodes of which the last one reads eventually, each with its log in a file.
fn start(stage: &Stage) -> Vec<Node> {
    let start = |name: &&str| {
        let reads = if *name == "c" { "eventual" } else { "strong" };
        let mut command = stage.command(name, &["--reads", reads]);
        command.stderr(File::create(stage.directory.path().join(format!("{name}.log"))).unwrap());
        Node::start(command)
    };
    NAMES.iter().map(start).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_that_a_standby_lacks_are_reported_as_lost_and_shown_by_nobody() {
    let primary = Cluster::start("");
    let way = Proxy::before(primary.port());
    let standby = primary.standby(way.port());
    let database = primary.url_by(&[primary.port(), standby.port()], SCHEMA);
    let mut stage = Stage::on(primary, database);
    let nodes = start(&stage);
    let projects = stage.projects(&NAMES, &nodes);
    let kept = projects[0].create_connection(&new_connection("kept")).await.unwrap();
    stage.cluster.wait_for_standby();
    way.set(Mode::Silent);
    let lost = projects[0].create_connection(&new_connection("lost")).await.unwrap();
    for project in &projects {
        let deadline = Instant::now() + RECOVERS_WITHIN;
        while project.show_connection(&lost).await.is_err() {
            assert!(Instant::now() < deadline, "never heard of it");
        }
    }
    stage.cluster.kill();
    standby.promote();

    for project in &projects[..2] {
        assert!(!is_there(project, &lost).await, "what is lost is shown");
        assert!(is_there(project, &kept).await, "what the standby holds is not shown");
    }
    // An eventual answer may be old, but no older than it says.
    let deadline = Instant::now() + RECOVERS_WITHIN;
    while is_there(&projects[2], &lost).await {
        assert!(Instant::now() < deadline, "what is lost is shown for ever");
    }
    for (node, name) in nodes.iter().zip(NAMES) {
        let ready = get(&node.metrics, "/readyz");
        let told = r#"{"status":"ready","lost_histories":1}"#;
        assert!(ready.starts_with("HTTP/1.1 200") && ready.ends_with(told), "{name}: {ready}");
        assert_eq!((node.figure("lost_histories_total"), node.figure("reloads_total")), (1, 1), "{name}");
        // The log is written by a thread of its own.
        let log = || fs::read_to_string(stage.directory.path().join(format!("{name}.log"))).unwrap();
        while !log().contains("has lost commits that it had acknowledged") {
            assert!(Instant::now() < deadline, "{name}: {}", log());
        }
    }
    // All goes on, on every node.
    let again = projects[1].create_connection(&new_connection("lost")).await.unwrap();
    assert_ne!(again, lost);
    for project in &projects[..2] {
        assert!(is_there(project, &again).await && !is_there(project, &lost).await);
    }
    assert_eq!(standby.sql(&format!("SELECT count(*) FROM {SCHEMA}.record WHERE kind = 6")), "2");
}
