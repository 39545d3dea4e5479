//! One node acts for the plane at a time, and another one soon after it is gone.

use std::time::{Duration, Instant};

use linkspan_client::ProjectClient;
use linkspan_wire::CreateConnection;
use linkspan_wire::own::FaultRules;

use crate::calls::{new_connection, new_queue};
use crate::node::{Node, Stage};

const NAMES: [&str; 3] = ["a", "b", "c"];
/// How soon a node that is gone is succeeded.
pub(crate) const SUCCESSION: Duration = Duration::from_secs(10);

fn acts(node: &Node) -> bool {
    node.figure("acts_for_plane") == 1
}

/// Waits until one of the nodes acts, and answers which.
pub(crate) async fn acting(nodes: &[Node], within: Duration) -> usize {
    let deadline = Instant::now() + within;
    loop {
        let acting: Vec<usize> = (0..nodes.len()).filter(|node| acts(&nodes[*node])).collect();
        assert!(acting.len() < 2, "two act at the same time: {acting:?}");
        if let Some(one) = acting.first() {
            return *one;
        }
        assert!(Instant::now() < deadline, "nobody acts");
        tokio::task::yield_now().await;
    }
}

async fn bound(project: &ProjectClient, name: &str) -> String {
    let (subnet, queues) = (name.parse().unwrap(), vec!["etl".into()]);
    let new = CreateConnection { dest_network_id: subnet, queues, ..new_connection(name) };
    project.create_connection(&new).await.unwrap()
}

async fn status(project: &ProjectClient, id: &str) -> String {
    let shown = project.show_connection(id).await.unwrap();
    shown.available_queue_info[0].status.clone()
}

async fn until_active(project: &ProjectClient, id: &str, within: Duration) {
    let deadline = Instant::now() + within;
    loop {
        let status = status(project, id).await;
        if status == "ACTIVE" {
            return;
        }
        assert!(Instant::now() < deadline, "the peer is {status}");
    }
}

async fn furnished(stage: &Stage) -> (Vec<Node>, Vec<ProjectClient>) {
    let nodes = stage.start(&NAMES, &[]);
    let projects = stage.projects(&NAMES, &nodes);
    projects[0].create_queue(&new_queue("etl")).await.unwrap();
    (nodes, projects)
}

#[tokio::test]
async fn a_node_that_ends_or_is_killed_is_succeeded() {
    let stage = Stage::new();
    let (mut nodes, mut projects) = furnished(&stage).await;
    let first = acting(&nodes, SUCCESSION).await;
    for (turn, project) in projects.iter().enumerate() {
        let id = bound(project, &format!("c{turn}")).await;
        until_active(&projects[(turn + 1) % 3], &id, Duration::from_secs(5)).await;
    }
    // One that ends in order gives its turn back.
    nodes.remove(first).stop();
    projects.remove(first);
    let began = Instant::now();
    let second = acting(&nodes, Duration::from_secs(4)).await;
    println!("succeeded {:?} after an end in order", began.elapsed());
    let killed = nodes.remove(second);
    projects.remove(second);
    killed.signal("-KILL");
    let began = Instant::now();
    let id = bound(&projects[0], "late").await;
    acting(&nodes, SUCCESSION).await;
    println!("succeeded {:?} after a kill", began.elapsed());
    until_active(&projects[0], &id, SUCCESSION).await;
    println!("at work {:?} after a kill", began.elapsed());
}

/// A connection whose peer the acting node knows and has not reported on. What it reports may be faster than who looks.
async fn about_to_fail(project: &ProjectClient, acting: &ProjectClient) -> String {
    for attempt in 0..50 {
        let id = bound(project, &format!("c{attempt}")).await;
        if status(acting, &id).await == "CREATING" {
            return id;
        }
    }
    panic!("every peer was reported on before it was seen");
}

#[tokio::test]
async fn a_node_that_sleeps_through_its_succession_can_do_no_harm() {
    let stage = Stage::new();
    let (nodes, projects) = furnished(&stage).await;
    let old = acting(&nodes, SUCCESSION).await;
    let others: Vec<usize> = (0..3).filter(|node| *node != old).collect();
    // What it is about to report when it falls asleep: that the peer can't be made.
    let rules = r#"{"rules":[{"matches":"any","effect":{"latency_ms":1000}},
        {"matches":"any","effect":{"fail":{"on":"ensure","error":"invalid","why":"it dreams"}}}]}"#;
    let rules: FaultRules = serde_json::from_str(rules).unwrap();
    // Whichever node is asked passes it on.
    projects[others[0]].client().admin().set_faults(&rules).await.unwrap();
    for project in &projects {
        assert_eq!(project.client().admin().faults().await.unwrap().rules.len(), 2);
    }
    let id = about_to_fail(&projects[others[0]], &projects[old]).await;
    nodes[old].signal("-STOP");
    let began = Instant::now();
    while !others.iter().any(|node| acts(&nodes[*node])) {
        assert!(began.elapsed() < SUCCESSION, "nobody succeeds it");
        tokio::task::yield_now().await;
    }
    println!("succeeded {:?} after it fell asleep", began.elapsed());
    // What it reported before it fell asleep is mended by the successor, in a moment of its own.
    until_active(&projects[others[0]], &id, Duration::from_secs(5)).await;
    let refused = nodes[others[0]].figure("commands_refused_total");
    nodes[old].signal("-CONT");
    let deadline = Instant::now() + SUCCESSION;
    while acts(&nodes[old]) {
        assert!(Instant::now() < deadline, "it goes on acting");
    }
    // Time enough for what it was about to report.
    let awake = Instant::now();
    while awake.elapsed() < Duration::from_secs(2) {
        for project in &projects {
            assert_eq!(status(project, &id).await, "ACTIVE");
        }
    }
    assert_eq!(nodes[others[0]].figure("commands_refused_total"), refused);
    assert_eq!(others.iter().filter(|node| acts(&nodes[**node])).count(), 1);
}
