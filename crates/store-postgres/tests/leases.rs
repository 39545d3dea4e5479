//! Leases: one holder at a time, by the database's clock.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::time::Duration;

use linkspan_engine::store::{Lease, LeaseAsk, Store};
use linkspan_store_postgres::{Location, Options, PostgresStore};
use linkspan_testkit::postgres::Cluster;

const LONG: Duration = Duration::from_secs(3600);

struct Stage {
    cluster: Cluster,
    stores: Vec<PostgresStore>,
}

impl Stage {
    fn new(nodes: usize) -> Self {
        let cluster = Cluster::start("");
        let location = Location::parse(&cluster.url("s")).unwrap();
        let open = |_| PostgresStore::open(&location, &Options::default()).unwrap();
        let stores = (0..nodes).map(open).collect();
        Self { cluster, stores }
    }

    async fn ask(&self, node: usize, held: Option<u64>, keep: Duration) -> Lease {
        let holder = 1 + node as u128;
        let ask = LeaseAsk { scope: "x".into(), holder, name: format!("n{node}").into(), held, after: 0, keep };
        self.stores[node].lease(&ask).await.unwrap()
    }

    /// Lets the lease end now.
    fn end(&self) {
        let _ =
            self.cluster.sql("UPDATE s.lease SET until = CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)");
    }
}

fn of(node: usize, generation: u64) -> Lease {
    Lease { generation, holder: 1 + node as u128, name: format!("n{node}").into() }
}

#[tokio::test]
async fn a_lease_is_kept_given_back_and_taken_by_one_at_a_time() {
    let stage = Stage::new(2);
    assert_eq!(stage.ask(0, None, LONG).await, of(0, 1));
    assert_eq!(stage.ask(1, None, LONG).await, of(0, 1), "it is another's");
    assert_eq!(stage.ask(0, Some(1), LONG).await, of(0, 1), "kept");
    assert_eq!(stage.ask(0, Some(1), Duration::ZERO).await, of(0, 1), "given back");
    assert_eq!(stage.ask(1, None, LONG).await, of(1, 2));
    assert_eq!(stage.ask(0, Some(1), LONG).await, of(1, 2), "what was held once is kept no more");
    stage.end();
    assert_eq!(stage.ask(1, Some(2), LONG).await, of(1, 3), "what has ended is taken anew, not kept");
    let forgotten = LeaseAsk { scope: "x".into(), holder: 9, name: "n".into(), held: None, after: 40, keep: LONG };
    stage.end();
    assert_eq!(stage.stores[0].lease(&forgotten).await.unwrap().generation, 41, "later than what is on record");
    let elsewhere = LeaseAsk { scope: "y".into(), after: 7, ..forgotten };
    assert_eq!(stage.stores[0].lease(&elsewhere).await.unwrap().generation, 8, "each scope has its own");
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_gets_it() {
    let stage = Stage::new(6);
    for round in 0..10 {
        let asked = (0..stage.stores.len()).map(|node| stage.ask(node, None, LONG));
        let answers = futures_util::future::join_all(asked).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(answers[0].generation, round + 1);
        stage.end();
    }
}
