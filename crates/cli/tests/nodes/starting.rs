//! Nodes that start together, and nodes that must not start.

use std::fs;

use linkspan_wire::ListConnectionsQuery;

use crate::node::{SCHEMA, Stage};

const NAMES: [&str; 3] = ["a", "b", "c"];

#[test]
fn nodes_that_start_together_make_one_of_everything() {
    for _ in 0..3 {
        let stage = Stage::new();
        let nodes = stage.start(&NAMES, &[]);
        let found = stage.credentials(&NAMES);
        assert_eq!(found.len(), 1, "one node has the first key: {found:?}");
        let sql = format!(
            "SELECT string_agg(n || ' of kind ' || kind, ', ' ORDER BY kind) FROM (SELECT kind, count(*) AS n FROM {SCHEMA}.record WHERE id NOT LIKE 'acting:%' GROUP BY kind) k"
        );
        let kinds = stage.cluster.sql(&sql);
        assert_eq!(kinds, "1 of kind 1, 1 of kind 2, 1 of kind 3, 1 of kind 4, 1 of kind 5");
        nodes.into_iter().for_each(crate::node::Node::stop);
        // What started once starts again, as the same.
        let again = stage.start(&NAMES, &[]);
        assert_eq!((again.len(), stage.cluster.sql(&sql)), (3, kinds));
    }
}

#[tokio::test]
async fn nodes_that_start_together_in_one_directory_keep_the_credentials_of_the_first() {
    for _ in 0..2 {
        let stage = Stage::new();
        let nodes = stage.start(&["a"; 3], &[]);
        let entries = fs::read_dir(stage.directory.path().join("a")).unwrap();
        let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["credentials.json"]);
        for project in stage.projects(&["a"], &nodes) {
            project.list_connections(&ListConnectionsQuery::default()).await.unwrap();
        }
    }
}

#[test]
fn a_node_that_can_not_work_says_why_and_changes_nothing() {
    let stage = Stage::new();
    let text = |output: std::process::Output| String::from_utf8(output.stderr).unwrap();
    fs::rename(stage.directory.path().join("key"), stage.directory.path().join("gone")).unwrap();
    let told = text(stage.refused("a", &[]));
    assert!(told.contains("master key") && told.contains("/dev/urandom"), "{told}");
    fs::rename(stage.directory.path().join("gone"), stage.directory.path().join("key")).unwrap();
    drop(stage.start(&["a"], &[]));
    let revision = || stage.cluster.sql(&format!("SELECT revision FROM {SCHEMA}.head"));
    let before = revision();
    fs::write(stage.directory.path().join("key"), "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=\n").unwrap();
    let told = text(stage.refused("b", &[]));
    assert!(told.contains("not the one"), "{told}");
    let nowhere = format!("postgres://u:hidden@127.0.0.1:{}/db?sslmode=disable", stage.cluster.port());
    let told = text(stage.refused("b", &["--database", &nowhere]));
    assert!(told.contains("can't be reached") && !told.contains("hidden"), "{told}");
    assert_eq!(revision(), before);
    assert!(stage.credentials(&["b"]).is_empty());
}
