//! A commit is as durable as the standby that it is kept on makes it, even if nobody heard its answer.

use linkspan_engine::store::{Store, StoreError};
use linkspan_testkit::postgres::Cluster;
use linkspan_testkit::postgres::proxy::{Mode, Proxy};

use crate::stage::{Stage, bounded, is_in_doubt, one};

#[tokio::test]
async fn a_commit_that_a_crash_let_through_is_not_answered_before_its_standby_has_it() {
    let primary = Cluster::start("");
    let way = Proxy::before(primary.port());
    let standby = primary.standby(way.port());
    primary.wait_for_standby();
    primary.set("synchronous_standby_names", "'standby'");
    primary.wait_for("SELECT sync_state FROM pg_stat_replication", "sync");
    let url = primary.url_by(&[primary.port(), standby.port()], "s");
    let mut stage = Stage::on(primary, &url).await;

    way.set(Mode::Silent);
    let answer = bounded(stage.store.commit(&one(2), &stage.head)).await;
    assert!(is_in_doubt(&answer), "{answer:?}");
    // Nobody waits for the standby any more, so everyone sees the commit, which is on one machine only.
    stage.cluster.crash();
    stage.cluster.run();
    assert_eq!(stage.records(), ["1", "2"]);
    for _ in 0..2 {
        let asked = bounded(stage.store.changes(&stage.head)).await;
        assert!(matches!(asked, Err(StoreError::Unavailable(_))), "{asked:?}");
    }
    way.set(Mode::Pass);
    assert!(bounded(stage.look_for(2)).await.0);
    stage.cluster.kill();
    standby.promote();
    assert_eq!(standby.sql("SELECT count(*) FROM s.commits WHERE revision = 2"), "1");
    stage.store.commit(&one(3), &bounded(stage.look_for(2)).await.1).await.unwrap();
}
