//! Nobody reaches another project's things, whatever the operation. One table over all operations: a new one without
//! a row fails the test.

use super::OPERATIONS;
use super::stage::Stage;
use crate::operation::Auth;

/// What a call of an operation needs to succeed, so that only the caller's rights stand in its way.
struct Row {
    operation: &'static str,
    target: Target,
    body: &'static str,
}

/// What the path names behind the project.
#[derive(Clone, Copy)]
enum Target {
    Nothing,
    Connection,
    Queue,
    Pool,
}

const fn row(operation: &'static str, target: Target, body: &'static str) -> Row {
    Row { operation, target, body }
}

const ROWS: &[Row] = &[
    row("ListEnhancedConnections", Target::Nothing, ""),
    row(
        "CreateEnhancedConnection",
        Target::Nothing,
        r#"{"name":"new","dest_vpc_id":"v","dest_network_id":"n","queues":["q1"]}"#,
    ),
    row("ShowEnhancedConnection", Target::Connection, ""),
    row("UpdateEnhancedConnection", Target::Connection, r#"{"hosts":[{"name":"h","ip":"10.0.0.1"}]}"#),
    row("AssociateQueueToEnhancedConnection", Target::Connection, r#"{"queues":["q2"]}"#),
    row("DisassociateQueueFromEnhancedConnection", Target::Connection, r#"{"queues":["q1"]}"#),
    row("DeleteEnhancedConnection", Target::Connection, ""),
    row("CreateQueue", Target::Nothing, r#"{"queue_name":"new","cu_count":16}"#),
    row("ListQueues", Target::Nothing, ""),
    row("ShowQueue", Target::Queue, ""),
    row("DeleteQueue", Target::Queue, ""),
    row(
        "CreateElasticResourcePool",
        Target::Nothing,
        r#"{"elastic_resource_pool_name":"new","max_cu":16,"min_cu":16}"#,
    ),
    row("ListElasticResourcePools", Target::Nothing, ""),
    row("DeleteElasticResourcePool", Target::Pool, ""),
];

impl Row {
    /// The stage, called about what the row needs.
    fn set(&self, stage: &Stage, connection: &str) -> Stage {
        match self.target {
            Target::Nothing => stage.clone(),
            Target::Connection => stage.on(connection),
            Target::Queue => stage.on("q2"),
            Target::Pool => stage.on("pool_2"),
        }
    }
}

/// A project with one of everything.
async fn furnished() -> (Stage, String) {
    let stage = Stage::open().await;
    let id = stage.full_connection("c").await;
    stage.ok("CreateQueue", r#"{"queue_name":"q2","cu_count":16,"resource_mode":1}"#).await;
    stage.ok("CreateElasticResourcePool", r#"{"elastic_resource_pool_name":"pool_2","max_cu":16,"min_cu":16}"#).await;
    stage.settle_peers().await;
    (stage, id)
}

#[test]
fn every_operation_about_a_project_has_a_row() {
    let about_a_project = |auth| matches!(auth, Auth::Project(_));
    for operation in OPERATIONS {
        let rows = ROWS.iter().filter(|row| row.operation == operation.name).count();
        assert_eq!(rows, usize::from(about_a_project(operation.auth)), "rows of {}", operation.name);
        assert_eq!(operation.path.contains("{project_id}"), about_a_project(operation.auth), "{}", operation.path);
    }
}

#[tokio::test]
async fn a_stranger_is_refused_and_changes_nothing() {
    let (stage, connection) = furnished().await;
    let before = stage.revision();
    for row in ROWS {
        let (status, code, text) = row.set(&stage.by_stranger(), &connection).refused(row.operation, row.body).await;
        assert_eq!((status, code.as_str()), (403, "DLI.0003"), "{} {text}", row.operation);
        assert_eq!(stage.revision(), before, "{} changed something", row.operation);
    }
}

#[tokio::test]
async fn from_its_own_project_a_stranger_finds_none_of_it() {
    let (stage, connection) = furnished().await;
    let all = |stage: Stage| async move {
        let mut seen = stage.get("ListEnhancedConnections", "").await.text();
        seen += &stage.get("ListQueues", "queue_type=all").await.text();
        seen + &stage.get("ListElasticResourcePools", "").await.text()
    };
    let before = all(stage.clone()).await;
    let home = stage.at_strangers_home();
    for row in ROWS {
        let answer = row.set(&home, &connection).call(row.operation, row.body).await;
        let names_it = !matches!(row.target, Target::Nothing);
        assert_eq!(answer.status >= 400, names_it || row.body.contains("q1"), "{} {}", row.operation, answer.text());
        for name in ["q_pooled", "pool_1", "192.168.0.1"] {
            assert!(!answer.text().contains(name), "{} {}", row.operation, answer.text());
        }
        // What the caller named itself may come back in a fault.
        assert!(names_it || !answer.text().contains(&connection), "{} {}", row.operation, answer.text());
    }
    assert_eq!(all(stage.clone()).await, before);
}

/// The table itself works: with the right to the project, every call succeeds.
#[tokio::test]
async fn the_owner_is_not_refused() {
    for row in ROWS {
        let (stage, connection) = furnished().await;
        row.set(&stage, &connection).ok(row.operation, row.body).await;
    }
}
