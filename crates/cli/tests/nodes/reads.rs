//! What one node has answered, the next read of any other one sees.

use std::time::{Duration, Instant};

use linkspan_client::{Credentials, ProjectClient};
use linkspan_wire::ListConnectionsQuery;
use linkspan_wire::own::CreateKey;

use crate::calls::{is_unavailable, new_connection};
use crate::node::{SCHEMA, Stage, get};

const NAMES: [&str; 3] = ["a", "b", "c"];
const ROUNDS: usize = 10_000;
const CLIENTS: usize = 20;

/// Makes connections and deletes each one elsewhere again, looking at once from a third node each time.
async fn rounds(projects: Vec<ProjectClient>, client: usize) -> Vec<Duration> {
    let mut reads = Vec::new();
    for round in 0..ROUNDS / CLIENTS / 2 {
        let on = |step: usize| &projects[(client + round + step) % projects.len()];
        let id = on(0).create_connection(&new_connection(&format!("c{client}_{round}"))).await.unwrap();
        let began = Instant::now();
        let shown = on(1).show_connection(&id).await;
        reads.push(began.elapsed());
        assert!(shown.is_ok(), "round {round} of client {client}: not made? {shown:?}");
        on(1).delete_connection(&id).await.unwrap();
        let began = Instant::now();
        let shown = on(2).show_connection(&id).await.unwrap();
        reads.push(began.elapsed());
        assert_eq!(shown.status, "DELETED", "round {round} of client {client}: not deleted?");
    }
    reads
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_on_one_node_is_in_the_next_read_of_any_other() {
    let stage = Stage::new();
    let nodes = stage.start(&NAMES, &[]);
    let projects = stage.projects(&NAMES, &nodes);
    let began = Instant::now();
    let clients = (0..CLIENTS).map(|client| tokio::spawn(rounds(projects.clone(), client)));
    let mut reads = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        reads.extend(client.await.unwrap());
    }
    assert_eq!(reads.len(), ROUNDS);
    reads.sort();
    println!("{ROUNDS} changes and reads in {:?}, a read takes {:?} (median)", began.elapsed(), reads[ROUNDS / 2]);
}

#[tokio::test]
async fn a_key_that_one_node_makes_or_revokes_is_so_on_every_other_at_once() {
    let stage = Stage::new();
    let nodes = stage.start(&NAMES, &[]);
    let projects = stage.projects(&NAMES, &nodes);
    let admin = projects[0].client().admin();
    let user = admin.list_users().await.unwrap()[0].id.clone();
    for round in 0..20 {
        let body = format!(r#"{{"user_id":"{user}","role":"full"}}"#);
        let key = admin.create_key(&serde_json::from_str::<CreateKey>(&body).unwrap()).await.unwrap();
        let other = nodes[1 + round % 2].client(Credentials::key(key.key.id.as_str(), key.secret.expose()));
        let list = ListConnectionsQuery::default();
        other.project(projects[0].id()).list_connections(&list).await.unwrap();
        admin.enable_key(key.key.id.as_str(), false).await.unwrap();
        let refused = other.project(projects[0].id()).list_connections(&list).await.unwrap_err();
        assert_eq!(refused.api().unwrap().status, 401, "{refused}");
    }
}

#[tokio::test]
async fn without_the_database_reads_are_refused_in_time_and_then_go_on() {
    let mut stage = Stage::new();
    let nodes = stage.start(&["a"], &[]);
    let projects = stage.projects(&["a"], &nodes);
    let id = projects[0].create_connection(&new_connection("c")).await.unwrap();
    stage.cluster.stop();
    let began = Instant::now();
    let refused = projects[0].show_connection(&id).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(refused.api().unwrap().status, 503, "{refused}");
    stage.cluster.run();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match projects[0].show_connection(&id).await {
            Ok(_) => break,
            Err(error) => assert!(is_unavailable(&error) && Instant::now() < deadline, "{error}"),
        }
    }
}

#[tokio::test]
async fn a_database_that_has_lost_commits_is_read_anew_and_the_node_says_so() {
    let stage = Stage::new();
    let nodes = stage.start(&["a"], &[]);
    let project = &stage.projects(&["a"], &nodes)[0];
    let kept = project.create_connection(&new_connection("kept")).await.unwrap();
    let lost = project.create_connection(&new_connection("lost")).await.unwrap();
    assert!(get(&nodes[0].metrics, "/readyz").ends_with(r#"{"status":"ready"}"#));
    // What a standby holds that had not heard of the last commit when it became the primary.
    let back = format!(
        "BEGIN; UPDATE {SCHEMA}.head h SET revision = c.revision, commit_id = c.commit_id, audit_rows = audit_rows - 1
            FROM {SCHEMA}.commits c WHERE c.revision = h.revision - 1;
        DELETE FROM {SCHEMA}.record WHERE at >= (SELECT (revision + 1) << 20 FROM {SCHEMA}.head);
        DELETE FROM {SCHEMA}.audit WHERE at >= (SELECT (revision + 1) << 20 FROM {SCHEMA}.head);
        DELETE FROM {SCHEMA}.commits WHERE revision > (SELECT revision FROM {SCHEMA}.head); COMMIT"
    );
    let _ = stage.cluster.sql(&back);
    assert_eq!(project.show_connection(&lost).await.unwrap_err().api().unwrap().status, 404);
    project.show_connection(&kept).await.unwrap();
    let ready = get(&nodes[0].metrics, "/readyz");
    assert!(
        ready.starts_with("HTTP/1.1 200") && ready.ends_with(r#"{"status":"ready","lost_histories":1}"#),
        "{ready}"
    );
    assert_eq!(nodes[0].figure("lost_histories_total"), 1);
    let again = project.create_connection(&new_connection("lost")).await.unwrap();
    assert_ne!(again, lost);
    assert_eq!(nodes[0].figure("lost_histories_total"), 1);
}

#[tokio::test]
async fn an_eventual_read_says_how_old_it_may_be() {
    let stage = Stage::new();
    let nodes = stage.start(&["a", "b"], &["--reads", "eventual"]);
    let refused = get(&nodes[0].http, "/v2.0/p/datasource/enhanced-connections");
    let age = refused.lines().find_map(|line| line.strip_prefix("x-linkspan-staleness-ms: ")).unwrap();
    assert!(age.parse::<u64>().unwrap() < 10_000 && nodes[0].figure("view_age_milliseconds") < 10_000, "{refused}");
    assert!(!get(&nodes[0].http, "/healthz").contains("staleness"));
    let projects = stage.projects(&["a", "b"], &nodes);
    let id = projects[0].create_connection(&new_connection("c")).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while projects[1].show_connection(&id).await.is_err() {
        assert!(Instant::now() < deadline, "never heard of it");
    }
}
