//! Connections that are cut around COMMIT, by a proxy in between.

use linkspan_engine::store::{Store, StoreError};
use linkspan_testkit::postgres::Cluster;
use linkspan_testkit::postgres::proxy::{Mode, Proxy};

use crate::stage::{Stage, bounded, is_in_doubt, is_refused, one};

async fn behind_a_proxy() -> (Stage, Proxy) {
    let cluster = Cluster::start("");
    let proxy = Proxy::before(cluster.port());
    let url = cluster.url_of("127.0.0.1", proxy.port(), "s");
    (Stage::on(cluster, &url).await, proxy)
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found() {
    let (stage, proxy) = behind_a_proxy().await;
    proxy.set(Mode::LoseAnswer);
    let answer = bounded(stage.store.commit(&one(2), &stage.head)).await;
    assert!(is_in_doubt(&answer), "{answer:?}");
    proxy.set(Mode::Pass);
    let (is_made, head) = bounded(stage.look_for(2)).await;
    assert!(is_made);
    stage.store.commit(&one(3), &head).await.unwrap();
    assert_eq!(stage.stored(), [2, 3]);
    assert_eq!(stage.records(), ["1", "2", "3"]);
}

#[tokio::test]
async fn a_commit_that_never_arrived_is_told_as_lost() {
    let (stage, proxy) = behind_a_proxy().await;
    proxy.set(Mode::LoseCommit);
    let answer = bounded(stage.store.commit(&one(2), &stage.head)).await;
    assert!(is_in_doubt(&answer), "{answer:?}");
    proxy.set(Mode::Pass);
    let (is_made, head) = bounded(stage.look_for(2)).await;
    assert!(!is_made);
    stage.store.commit(&one(2), &head).await.unwrap();
    assert_eq!(stage.records(), ["1", "2"]);
}

#[tokio::test]
async fn a_commit_that_arrives_after_it_was_told_as_lost_is_not_made_any_more() {
    let (stage, proxy) = behind_a_proxy().await;
    proxy.set(Mode::HoldCommit);
    let answer = bounded(stage.store.commit(&one(2), &stage.head)).await;
    assert!(is_in_doubt(&answer), "{answer:?}");
    proxy.wait_for_held();
    proxy.set(Mode::Pass);
    let (is_made, head) = bounded(stage.look_for(2)).await;
    assert!(!is_made);
    let said = proxy.release();
    assert!(said.contains("ROLLBACK"), "{said}");
    assert_eq!(stage.records(), ["1"], "the commit was made after all");
    // Decided again, under another name.
    stage.store.commit(&one(3), &head).await.unwrap();
    assert_eq!(stage.records(), ["1", "3"]);
}

#[tokio::test]
async fn a_commit_that_arrives_before_anybody_looks_is_found() {
    let (stage, proxy) = behind_a_proxy().await;
    proxy.set(Mode::HoldCommit);
    assert!(is_in_doubt(&bounded(stage.store.commit(&one(2), &stage.head)).await));
    proxy.wait_for_held();
    proxy.set(Mode::Pass);
    let said = proxy.release();
    assert!(said.contains("COMMIT"), "{said}");
    assert!(bounded(stage.look_for(2)).await.0);
    assert_eq!(stage.stored(), [2]);
}

#[tokio::test]
async fn a_silent_network_keeps_nobody_waiting_for_ever() {
    let (stage, proxy) = behind_a_proxy().await;
    proxy.set(Mode::Silent);
    let answer = bounded(stage.store.commit(&one(2), &stage.head)).await;
    assert!(is_in_doubt(&answer), "{answer:?}");
    let again = bounded(stage.store.commit(&one(3), &stage.head)).await;
    assert!(is_refused(&again), "what is in doubt is settled first: {again:?}");
    for _ in 0..3 {
        assert!(matches!(bounded(stage.store.head()).await, Err(StoreError::Unavailable(_))));
    }
    assert!(matches!(bounded(stage.store.audit(None, None, 1)).await, Err(StoreError::Unavailable(_))));
    proxy.set(Mode::Pass);
    let (is_made, head) = bounded(stage.look_for(2)).await;
    stage.store.commit(&one(4), &head).await.unwrap();
    let expected: &[&str] = if is_made { &["1", "2", "4"] } else { &["1", "4"] };
    assert_eq!(stage.records(), expected);
    assert_eq!(bounded(stage.store.head()).await.unwrap().commit_id, 4);
}
