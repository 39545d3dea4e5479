//! What a schema holds, and who may make one.

use std::thread;

use linkspan_engine::store::{Changes, CommitError, RECORD_FORMAT, Store, StoreError};
use linkspan_store_postgres::{Location, OpenError, Options, PostgresStore, finalize};
use linkspan_testkit::batch::{batch, setting};
use linkspan_testkit::postgres::Cluster;

use crate::open;

/// Everything in a schema, and when it was written.
fn content(cluster: &Cluster, schema: &str) -> String {
    let tables = cluster.sql(&format!("SELECT tablename FROM pg_tables WHERE schemaname = '{schema}' ORDER BY 1"));
    let rows = |table: &str| cluster.sql(&format!("SELECT xmin, t.* FROM {schema}.{table} t ORDER BY 2"));
    tables.lines().map(|table| format!("{table}: {}\n", rows(table))).collect()
}

#[tokio::test]
async fn nodes_that_start_at_the_same_time_share_one_store() {
    let cluster = Cluster::start("");
    for schema in ["a", "b", "c"] {
        let url = cluster.url(schema);
        let nodes: Vec<_> = (0..4)
            .map(|_| {
                thread::spawn({
                    let url = url.clone();
                    move || open(&url)
                })
            })
            .collect();
        let stores: Vec<_> = nodes.into_iter().map(|node| node.join().unwrap().unwrap()).collect();
        let head = stores[0].head().await.unwrap();
        assert_ne!(head.epoch, 0);
        for store in &stores {
            assert_eq!(store.head().await.unwrap(), head);
        }
        assert_eq!(cluster.sql(&format!("SELECT number FROM {schema}.migration ORDER BY 1")), "0\n1\n2");
    }
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    let cluster = Cluster::start("");
    let store = open(&cluster.url("s")).unwrap();
    store.commit(&batch(7, vec![setting("a", "1")]), &store.head().await.unwrap()).await.unwrap();
    let before = content(&cluster, "s");
    drop(open(&cluster.url("s")).unwrap());
    assert_eq!(content(&cluster, "s"), before);
}

#[tokio::test]
async fn the_epoch_is_the_one_asked_for() {
    let cluster = Cluster::start("");
    let location = Location::parse(&cluster.url("s")).unwrap();
    let options = Options { epoch: Some(42), ..Options::default() };
    assert_eq!(PostgresStore::open(&location, &options).unwrap().head().await.unwrap().epoch, 42);
}

#[test]
fn a_newer_or_foreign_schema_is_refused_and_left_as_it_is() {
    let cluster = Cluster::start("");
    for schema in ["schema", "format", "foreign_one"] {
        drop(open(&cluster.url(schema)).unwrap());
    }
    let _ = cluster.sql("INSERT INTO schema.migration VALUES (99)");
    let _ = cluster.sql("UPDATE format.head SET format = 99");
    let _ = cluster.sql("DROP TABLE foreign_one.migration");
    for schema in ["schema", "format", "foreign_one"] {
        let before = content(&cluster, schema);
        let refused = open(&cluster.url(schema)).unwrap_err();
        match schema {
            "foreign_one" => assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}"),
            _ => assert!(matches!(refused, OpenError::Newer { found: 99, .. }), "{refused}"),
        }
        assert_eq!(content(&cluster, schema), before, "a refused schema has changed");
    }
}

#[test]
fn who_may_not_make_a_schema_is_told_how_it_is_made() {
    let cluster = Cluster::start("");
    let _ = cluster.sql("CREATE ROLE guest LOGIN");
    let url = cluster.url("s").replace("linkspan@", "guest@");
    let refused = open(&url).unwrap_err();
    assert!(matches!(refused, OpenError::Forbidden { .. }), "{refused}");
    assert!(refused.to_string().contains("CREATE SCHEMA s AUTHORIZATION"), "{refused}");
    let _ = cluster.sql("CREATE SCHEMA s AUTHORIZATION guest");
    open(&url).unwrap();
}

#[test]
fn a_server_that_does_not_flush_is_refused() {
    let cluster = Cluster::start("fsync = off");
    let refused = open(&cluster.url("s")).unwrap_err();
    assert!(matches!(refused, OpenError::Unfit { .. }) && refused.to_string().contains("fsync is off"), "{refused}");
    assert_eq!(cluster.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 's'"), "0");
}

#[test]
fn a_database_of_another_encoding_is_refused() {
    let cluster = Cluster::start("");
    let _ = cluster.sql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 OWNER linkspan");
    let refused = open(&cluster.url("s").replace("/linkspan?", "/latin?")).unwrap_err();
    assert!(matches!(refused, OpenError::Unfit { .. }) && refused.to_string().contains("LATIN1"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_format_stays_until_it_is_finalized() {
    let cluster = Cluster::start("");
    let location = Location::parse(&cluster.url("s")).unwrap();
    let finalized = || finalize(&location, &Options::default());
    assert!(matches!(finalized(), Err(OpenError::Empty { .. })));
    drop(open(&cluster.url("s")).unwrap());
    assert_eq!(finalized().unwrap(), RECORD_FORMAT, "a new store is of the newest");
    let _ = cluster.sql("UPDATE s.head SET format = 1");
    let store = open(&cluster.url("s")).unwrap();
    let before = store.head().await.unwrap();
    let head = store.commit(&batch(7, vec![setting("a", "1")]), &before).await.unwrap();
    assert_eq!((head.format, store.head().await.unwrap().format), (1, 1), "an older node can go on");
    assert_eq!(finalized().unwrap(), 1);
    let raised = store.head().await.unwrap();
    assert_eq!((raised.format, raised.revision), (RECORD_FORMAT, head.revision + 1));
    // Who was serving follows it as any other commit.
    let Changes::Since { commits, head: told } = store.changes(&head).await.unwrap() else {
        panic!("its history is gone")
    };
    assert_eq!((commits.len(), told), (1, raised));
    assert!(commits[0].records.is_empty());
    let refused = store.commit(&batch(8, vec![setting("b", "1")]), &head).await;
    assert!(matches!(refused, Err(CommitError::HeadMoved(_))), "{refused:?}");
    store.commit(&batch(9, vec![setting("b", "1")]), &raised).await.unwrap();
    assert_eq!(finalized().unwrap(), RECORD_FORMAT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_know_the_format_stops() {
    let cluster = Cluster::start("");
    let store = open(&cluster.url("s")).unwrap();
    let head = store.head().await.unwrap();
    let raise = format!(
        "WITH moved AS (UPDATE s.head SET revision = 1, format = {} RETURNING commit_id)
         INSERT INTO s.commits SELECT 1, commit_id FROM moved",
        RECORD_FORMAT + 1
    );
    let _ = cluster.sql(&raise);
    let refused = store.commit(&batch(7, vec![setting("a", "1")]), &head).await;
    assert!(!matches!(refused, Ok(_) | Err(CommitError::InDoubt(_))), "{refused:?}");
    let refused = store.changes(&head).await;
    assert!(matches!(refused, Err(StoreError::Format { found, .. }) if found == RECORD_FORMAT + 1), "{refused:?}");
    assert!(matches!(open(&cluster.url("s")), Err(OpenError::Newer { what: "record format", .. })));
    let location = Location::parse(&cluster.url("s")).unwrap();
    assert!(matches!(finalize(&location, &Options::default()), Err(OpenError::Newer { .. })));
}
