use linkspan_engine::command::PeerOutcome;
use linkspan_model::SourceName;
use serde_json::Value;

use super::super::super::stage::Stage;

const SHOW: &str = "ShowTopology";

/// `kind from→to status` of every edge.
fn edges(graph: &Value) -> Vec<String> {
    let text = |edge: &Value, name: &str| edge[name].as_str().unwrap().to_owned();
    let edges = graph["edges"].as_array().unwrap().iter();
    edges
        .map(|edge| {
            let status = edge["peer"]["status"].as_str().unwrap_or_default();
            format!("{} {}→{} {status}", text(edge, "kind"), text(edge, "from"), text(edge, "to")).trim_end().to_owned()
        })
        .collect()
}

fn ids(graph: &Value) -> Vec<&str> {
    graph["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect()
}

async fn furnished() -> (Stage, String) {
    let stage = Stage::open().await;
    stage.sources().await;
    stage.networks().await;
    let body = r#"{"name":"orders","dest_vpc_id":"vpc-1","dest_network_id":"net-1","queues":["q1"],
        "elastic_resource_pools":["pool_1"]}"#;
    let id = stage.ok("CreateEnhancedConnection", body).await.json()["connection_id"].as_str().unwrap().to_owned();
    stage
        .report_peers(|peer| match peer.source {
            SourceName::Queue(_) => PeerOutcome::Failed("why".into()),
            SourceName::Pool(_) => PeerOutcome::Active,
        })
        .await;
    (stage, id)
}

#[tokio::test]
async fn everything_there_is_and_how_it_hangs_together() {
    let (stage, _) = furnished().await;
    let answer = stage.get(SHOW, "").await;
    assert_eq!(answer.header("x-linkspan-revision"), stage.revision().to_string());
    insta::assert_json_snapshot!(answer.json());
    let graph = answer.json();
    let ids = ids(&graph);
    for edge in graph["edges"].as_array().unwrap() {
        assert!(ids.contains(&edge["from"].as_str().unwrap()) && ids.contains(&edge["to"].as_str().unwrap()), "{edge}");
    }
    let unique: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
}

#[tokio::test]
async fn a_limit_leaves_out_what_is_older_and_says_so() {
    let (stage, id) = furnished().await;
    let newer = stage.connection("newer").await;
    let graph = stage.get(SHOW, "limit=1").await.json();
    assert!(ids(&graph).contains(&format!("connection:{newer}").as_str()));
    assert!(!ids(&graph).contains(&format!("connection:{id}").as_str()));
    // The older connection, two of three queues, vpc-1 and vpc-2 beside v, and the subnet net-1 beside n.
    assert_eq!(graph["left_out"], 1 + 2 + 2 + 1, "{graph}");
    assert_eq!(stage.get(SHOW, "limit=0").await.status, 400);
}

#[tokio::test]
async fn a_grantee_sees_its_own_peers_and_nothing_of_the_owners_directory() {
    let (stage, id) = furnished().await;
    let home = stage.at_strangers_home();
    home.sources().await;
    stage.grant(&id, home.project().as_str()).await;
    home.on(&id).ok("AssociateQueueToEnhancedConnection", r#"{"queues":["q1"]}"#).await;
    let seen = home.get(SHOW, "").await.json();
    let owner = super::super::super::stage::OWN;
    assert_eq!(
        edges(&seen),
        [
            format!("peer queue:q1→connection:{id} CREATING"),
            format!("leads_to connection:{id}→subnet:net-1@{owner}"),
            format!("part_of subnet:net-1@{owner}→vpc:vpc-1@{owner}"),
            "lives_in queue:q_pooled→pool:pool_1".to_owned(),
        ]
    );
    assert!(!seen.to_string().contains("192.168."), "the owner's addresses: {seen}");
    let owners = stage.get(SHOW, "").await.json();
    let shared = format!("peer queue:q1@{}→connection:{id} CREATING", home.project());
    assert!(edges(&owners).contains(&shared), "{owners}");
}
