//! Hints that another node has committed: they come where they can, and nothing else depends on them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::time::Duration;

use futures_util::FutureExt;
use linkspan_engine::store::Store;
use linkspan_store_postgres::{Location, Options, PostgresStore};
use linkspan_testkit::batch::{batch, connection, create};
use linkspan_testkit::postgres::Cluster;

const WITHIN: Duration = Duration::from_secs(10);

fn open(url: &str) -> PostgresStore {
    PostgresStore::open(&Location::parse(url).unwrap(), &Options::default()).unwrap()
}

async fn commit(store: &PostgresStore, number: u32) {
    let batch = batch(u128::from(number), vec![create(connection(number), "x")]);
    store.commit(&batch, &store.head().await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_commit_is_heard_of_by_the_other_nodes_of_its_schema_alone() {
    let cluster = Cluster::start("");
    let [writer, listener, stranger] = ["s", "s", "other"].map(|schema| open(&cluster.url(schema)));
    for store in [&listener, &stranger] {
        // Whoever asks for the head listens from then on.
        store.head().await.unwrap();
    }
    // One after the other, so that most become due while it is not yet time for the next hint.
    for number in 1..=30 {
        commit(&writer, number).await;
        tokio::time::timeout(WITHIN, listener.moved()).await.expect("no hint came");
    }
    // Whatever came to its connection came before this answer.
    stranger.head().await.unwrap();
    assert!(stranger.moved().now_or_never().is_none(), "a hint of another schema came");
}

#[tokio::test]
async fn a_node_listens_again_after_its_connection_was_cut() {
    let cluster = Cluster::start("");
    let [writer, listener] = ["s", "s"].map(|schema| open(&cluster.url(schema)));
    listener.head().await.unwrap();
    let _ = cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'linkspan'");
    // The first question may find out that the connection is gone.
    while listener.head().await.is_err() {}
    while writer.head().await.is_err() {}
    commit(&writer, 1).await;
    tokio::time::timeout(WITHIN, listener.moved()).await.expect("no hint came");
}
