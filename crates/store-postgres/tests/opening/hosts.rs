//! Which host of several is taken, and over what.

use std::time::Instant;

use linkspan_engine::store::{Store, StoreError};
use linkspan_store_postgres::OpenError;
use linkspan_testkit::batch::batch;
use linkspan_testkit::postgres::Cluster;
use linkspan_testkit::postgres::proxy::{Mode, Proxy};

use crate::open;

#[tokio::test]
async fn a_socket_of_this_machine_will_do() {
    let cluster = Cluster::start("listen_addresses = ''");
    let store = open(&cluster.socket_url("s")).unwrap();
    assert_eq!(store.head().await.unwrap().revision, 0);
}

/// A URL of several hosts of this machine.
fn several(cluster: &Cluster, ports: &[u16]) -> String {
    cluster.url_by(ports, "s") + "&connect_timeout=1"
}

#[tokio::test]
async fn the_first_host_that_takes_writes_is_taken() {
    let (cluster, standby) = (Cluster::start(""), Cluster::start("default_transaction_read_only = on"));
    let (silent, gone) = (Proxy::before(cluster.port()), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let gone_port = gone.local_addr().unwrap().port();
    drop(gone);
    silent.set(Mode::Silent);
    let started = Instant::now();
    let url = several(&cluster, &[gone_port, silent.port(), standby.port(), cluster.port()]);
    let store = open(&url).unwrap();
    store.commit(&batch(7, vec![]), &store.head().await.unwrap()).await.unwrap();
    assert_eq!(cluster.sql("SELECT revision FROM s.head"), "1");
    assert!(started.elapsed().as_secs() < 20, "a silent host costs more than a second a connection");
}

#[tokio::test]
async fn when_the_primary_changes_its_place_it_is_found() {
    let (first, second) = (Cluster::start(""), Cluster::start(""));
    for cluster in [&first, &second] {
        drop(open(&cluster.url("s")).unwrap());
    }
    first.set("default_transaction_read_only", "on");
    let store = open(&several(&first, &[first.port(), second.port()])).unwrap();
    let head = store.head().await.unwrap();
    let known = store.commit(&batch(7, vec![]), &head).await.unwrap();
    assert_eq!(second.sql("SELECT revision FROM s.head"), "1");
    second.set("default_transaction_read_only", "on");
    first.set("default_transaction_read_only", "off");
    // What the old one says is not believed, though the connection is there and it answers.
    let told = store.head().await;
    assert!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
    assert_ne!(store.head().await.unwrap().epoch, known.epoch);
    let refused = store.commit(&batch(8, vec![]), &known).await;
    assert!(refused.is_err(), "{refused:?}");
    // Whoever was refused looks for another host; it is a stranger here, and says so.
    let moved = store.commit(&batch(8, vec![]), &head).await;
    assert!(matches!(moved, Err(linkspan_engine::store::CommitError::HeadMoved(now)) if now.epoch != head.epoch));
}

#[test]
fn a_password_is_proved_and_never_told() {
    let cluster = Cluster::start("");
    let _ = cluster.sql("ALTER ROLE linkspan PASSWORD 'a?b@c'");
    cluster.put("pg_hba.conf", "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
    let _ = cluster.sql("SELECT pg_reload_conf()");
    let with = |password: &str| cluster.url("s").replace("linkspan@", &format!("linkspan:{password}@"));
    open(&with("a%3Fb%40c")).unwrap();
    let refused = open(&with("guess-again")).unwrap_err();
    assert!(matches!(refused, OpenError::Unreachable { .. }), "{refused}");
    assert!(!refused.to_string().contains("guess-again"), "{refused}");
    assert!(refused.to_string().contains("28P01"), "{refused}");
}
