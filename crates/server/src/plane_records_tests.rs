use std::time::Duration;

use linkspan_model::SourceName;

use super::*;
use crate::ops::stage::Stage;

const BIND: &str = "AssociateQueueToEnhancedConnection";
const UNBIND: &str = "DisassociateQueueFromEnhancedConnection";
const DELETE: &str = "DeleteEnhancedConnection";

fn records(stage: &Stage) -> Arc<EngineRecords> {
    EngineRecords::new(stage.app.engine.clone(), None)
}

fn all(records: &EngineRecords) -> Vec<DesiredPeer> {
    let mut peers = Vec::new();
    records.for_each_peer(&mut |peer| peers.push(peer));
    peers.sort_by_key(|peer| peer.peer);
    peers
}

fn queue(stage: &Stage, name: &str) -> SourceRef {
    SourceRef { project: stage.project().clone(), name: SourceName::Queue(name.parse().unwrap()) }
}

#[tokio::test]
async fn a_full_reading_says_what_single_ones_say_and_shares_networks() {
    let stage = Stage::open().await;
    stage.full_connection("a").await;
    stage.full_connection("b").await;
    let records = records(&stage);
    let peers = all(&records);
    assert_eq!(peers.len(), 4);
    for peer in &peers {
        assert_eq!(records.peer(peer.peer).as_ref(), Some(peer));
        assert_eq!((peer.wish, &peer.recorded, peer.generation), (Wish::Present, &Recorded::Creating, 1));
        assert_ne!(peer.hosts, 0);
    }
    let specs: Vec<_> = peers.iter().map(|peer| peer.spec.as_ref().unwrap()).collect();
    let of_queue: Vec<_> =
        specs.iter().filter(|spec| matches!(spec.source.source.name, SourceName::Queue(_))).collect();
    assert!(Arc::ptr_eq(&of_queue[0].source, &of_queue[1].source));
    assert_eq!(of_queue[0].source.cidr.to_string(), "172.31.255.0/24");
    assert_eq!(of_queue[0].destination.cidr, None, "an open directory knows no addresses");
    let of_one: Vec<_> = specs.iter().filter(|spec| spec.connection == specs[0].connection).collect();
    assert!(Arc::ptr_eq(&of_one[0].destination, &of_one[1].destination));
    assert!(records.peer(PeerId(uuid::Uuid::nil())).is_none());
}

#[tokio::test]
async fn every_state_has_its_wish() {
    let stage = Stage::with(|settings| settings.delete_wait_ms = 0).await;
    let id = stage.full_connection("c").await;
    let records = records(&stage);
    let seen = |records: &EngineRecords| {
        let peers = all(records);
        peers.into_iter().map(|peer| (peer.wish, peer.recorded, peer.generation)).collect::<Vec<_>>()
    };
    stage.settle_peers().await;
    assert_eq!(seen(&records), vec![(Wish::Present, Recorded::Active, 1); 2]);
    stage.report_peers(|_| PeerOutcome::Failed("no way".into())).await;
    assert_eq!(seen(&records), vec![(Wish::Present, Recorded::Failed("no way".into()), 1); 2]);
    stage.on(&id).ok(BIND, r#"{"queues":["q1"],"elastic_resource_pools":["pool_1"]}"#).await;
    stage.on(&id).refused(DELETE, "").await;
    assert_eq!(seen(&records), vec![(Wish::Cancelled, Recorded::Creating, 3); 2]);
    assert!(records.hosts(&queue(&stage, "q1")).is_empty(), "what is called off brings no host records");
    stage.on(&id).ok(UNBIND, r#"{"queues":["q1"],"elastic_resource_pools":["pool_1"]}"#).await;
    assert_eq!(seen(&records), vec![(Wish::Removing, Recorded::Creating, 4); 2]);
}

#[tokio::test]
async fn reports_reach_the_records() {
    let stage = Stage::open().await;
    let id = stage.full_connection("c").await;
    let records = records(&stage);
    let report = |peer: DesiredPeer, outcome| PeerReport {
        peer: peer.peer,
        connection: peer.connection,
        generation: peer.generation,
        outcome,
    };
    let active = all(&records).into_iter().map(|peer| report(peer, Outcome::Active)).collect();
    records.report(active).await.unwrap();
    assert_eq!(stage.show(&id).await["available_queue_info"][0]["status"], "ACTIVE");
    stage.on(&id).ok(UNBIND, r#"{"queues":["q1"]}"#).await;
    let removed = all(&records).into_iter().filter(|peer| peer.wish == Wish::Removing);
    records.report(removed.map(|peer| report(peer, Outcome::Removed)).collect()).await.unwrap();
    assert_eq!(all(&records).len(), 1);
    stage.app.engine.close().await;
    assert_eq!(records.report(Vec::new()).await, Err(ReportRefused::Later));
}

#[tokio::test]
async fn host_records_are_merged_in_the_order_of_binding() {
    let stage = Stage::open().await;
    stage.sources().await;
    let records = records(&stage);
    let with_host = |name: &str, ip: &str| {
        format!(
            r#"{{"name":"{name}","dest_vpc_id":"v","dest_network_id":"n","queues":["q1"],"hosts":[{{"name":"Kafka","ip":"{ip}"}}]}}"#
        )
    };
    stage.ok("CreateEnhancedConnection", &with_host("a", "10.0.0.1")).await;
    stage.ok("CreateEnhancedConnection", &with_host("b", "10.0.0.2")).await;
    let table = records.hosts(&queue(&stage, "q1"));
    assert_eq!(table.parts().len(), 2);
    assert_eq!(table.resolve("kafka").unwrap().address.to_string(), "10.0.0.1");
    let digests: Vec<u64> = all(&records).iter().map(|peer| peer.hosts).collect();
    let in_parts: Vec<u64> = table.parts().iter().map(|part| part.digest).collect();
    assert!(in_parts.iter().all(|digest| digests.contains(digest)), "both say the same");
    let a = stage.id_of("a").await;
    stage.on(&a).ok("UpdateEnhancedConnection", r#"{"hosts":[{"name":"kafka","ip":"10.0.0.3"}]}"#).await;
    let changed = records.hosts(&queue(&stage, "q1"));
    assert_ne!(changed.digest(), table.digest());
    stage.on(&a).ok("UpdateEnhancedConnection", "{}").await;
    let cleared = records.hosts(&queue(&stage, "q1"));
    assert_eq!(cleared.resolve("kafka").unwrap().address.to_string(), "10.0.0.2");
    assert_eq!(cleared.parts().len(), 1);
}

#[tokio::test]
async fn removals_are_hinted_before_additions() {
    let stage = Stage::open().await;
    let (records, hints) = {
        let records = records(&stage);
        (Arc::clone(&records), records.hints())
    };
    let id = stage.full_connection("c").await;
    stage.settle_peers().await;
    stage.ok("CreateQueue", r#"{"queue_name":"q2","cu_count":16,"resource_mode":1}"#).await;
    stage.on(&id).ok(BIND, r#"{"queues":["q2"]}"#).await;
    stage.on(&id).ok(UNBIND, r#"{"queues":["q1"]}"#).await;
    let going = all(&records).into_iter().find(|peer| peer.wish == Wish::Removing).unwrap();
    let pump = tokio::spawn(records.pass_on_hints());
    let taken = tokio::time::timeout(Duration::from_secs(20), hints.take()).await.unwrap();
    pump.abort();
    assert_eq!(taken.front(), Some(&Hint::Peer(going.peer)));
    assert!(taken.contains(&Hint::Hosts(going.source)));
    assert_eq!(taken.iter().filter(|hint| matches!(hint, Hint::Peer(_))).count(), 3);
}

#[tokio::test]
async fn host_records_of_what_lies_elsewhere_are_not_hinted() {
    let stage = Stage::open().await;
    for name in ["host-1", "host-2"] {
        stage.with_host(name).await;
    }
    stage.on(stage.project().as_str()).ok("PlaceProject", r#"{"node":"host-1"}"#).await;
    let scope = PlaneScope::Host("host-2".parse().unwrap());
    let records = EngineRecords::new(stage.app.engine.clone(), Some(Fence { scope, generation: 1 }));
    let hints = records.hints();
    let pump = tokio::spawn(records.pass_on_hints());
    let next = || async { tokio::time::timeout(Duration::from_secs(20), hints.take()).await.unwrap() };
    assert_eq!(next().await, [Hint::Resync], "it was placed");
    let id = stage.full_connection("c").await;
    let mut taken = Vec::new();
    while taken.iter().filter(|hint| matches!(hint, Hint::Peer(_))).count() < 2 {
        taken.extend(next().await);
    }
    // Whatever the connection hinted at has been passed on when the next change is.
    stage.on(&id).ok(UNBIND, r#"{"queues":["q1"]}"#).await;
    taken.extend(next().await);
    pump.abort();
    assert!(!taken.iter().any(|hint| matches!(hint, Hint::Hosts(_))), "{taken:?}");
}
