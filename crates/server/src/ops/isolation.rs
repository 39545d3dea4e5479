//! Nobody reaches another project's things, whatever the operation. One table over all operations: a new one without
//! a row fails the test.

use super::OPERATIONS;
use super::stage::{Answered, Stage, operation};
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
    Route,
    Queue,
    Pool,
    PoolQueue,
    Task,
    Vpc,
    Subnet,
    /// A subnet as paths below its VPC name it.
    VpcSubnet,
    /// A custom route table.
    RouteTable,
    /// A kind of resource that bears tags.
    Kind,
    /// A connection as the tag API names it.
    Tagged,
}

const fn row(operation: &'static str, target: Target, body: &'static str) -> Row {
    Row { operation, target, body }
}

const POLICIES: &str = r#"{"queue_scaling_policies":[{"priority":1,"impact_start_time":"00:00","impact_stop_time":"24:00","min_cu":16,"max_cu":64}]}"#;

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
    row("CreateRouteToEnhancedConnection", Target::Connection, r#"{"name":"new","cidr":"10.9.0.0/16"}"#),
    row("DeleteRouteFromEnhancedConnection", Target::Route, ""),
    row("CreateEnhancedConnectionRoutes", Target::Connection, r#"{"name":"new","cidr":"10.9.0.0/16"}"#),
    row("DeleteEnhancedConnectionRoutes", Target::Route, ""),
    row(
        "RunAuthorizationAction",
        Target::Connection,
        r#"{"projectId":"p2","action":"grant","privileges":[{"object":"edsconnections.ID","privileges":["BIND_QUEUE"]}]}"#,
    ),
    row("ShowEnhancedConnectionPrivilege", Target::Connection, ""),
    row("CreateQueue", Target::Nothing, r#"{"queue_name":"new","cu_count":16}"#),
    row("ListQueues", Target::Nothing, ""),
    row("ShowQueue", Target::Queue, ""),
    row("DeleteQueue", Target::Queue, ""),
    row("RunQueueAction", Target::Queue, r#"{"action":"scale_out","cu_count":16}"#),
    row("UpdateQueueCidr", Target::Queue, r#"{"cidr_in_vpc":"10.9.0.0/16"}"#),
    row("ListQueueProperties", Target::Queue, ""),
    row("CreateQueueProperty", Target::Queue, r#"{"properties":{"k":1}}"#),
    row("UpdateQueueProperty", Target::Queue, r#"{"properties":{"k":2}}"#),
    row("DeleteQueueProperty", Target::Queue, r#"{"keys":["k"]}"#),
    row("CreateConnectivityTask", Target::Queue, r#"{"address":"10.0.0.1:80"}"#),
    row("ShowConnectivityTask", Target::Task, ""),
    row("ShowQuota", Target::Nothing, ""),
    row(
        "CreateElasticResourcePool",
        Target::Nothing,
        r#"{"elastic_resource_pool_name":"new","max_cu":16,"min_cu":16}"#,
    ),
    row("ListElasticResourcePools", Target::Nothing, ""),
    row("ListElasticResourcePoolQueues", Target::Pool, ""),
    row("DeleteElasticResourcePool", Target::Pool, ""),
    row("UpdateElasticResourcePool", Target::Pool, r#"{"max_cu":64}"#),
    row("AssociateQueueToElasticResourcePool", Target::Pool, r#"{"queue_name":"q2"}"#),
    row("UpdateElasticResourcePoolQueue", Target::PoolQueue, POLICIES),
    row("BatchCreateResourceTags", Target::Tagged, r#"{"tags":[{"key":"k","value":"v"}]}"#),
    row("BatchDeleteResourceTags", Target::Tagged, r#"{"tags":[{"key":"env"}]}"#),
    row("ShowResourceTags", Target::Tagged, ""),
    row("ListResourcesTags", Target::Kind, ""),
    row("ListResourcesByTags", Target::Kind, ""),
    row("CountResourcesByTags", Target::Kind, ""),
    row("CreateVpcV1", Target::Nothing, r#"{"vpc":{"name":"new","cidr":"10.168.0.0/16"}}"#),
    row("ListVpcsV1", Target::Nothing, ""),
    row("ShowVpcV1", Target::Vpc, ""),
    row("UpdateVpc", Target::Vpc, r#"{"vpc":{"name":"new"}}"#),
    row("DeleteVpcV1", Target::Vpc, ""),
    row("ShowVpc", Target::Vpc, ""),
    row("CreateSubnetV1", Target::Nothing, r#"{"subnet":{"vpc_id":"vpc-1","cidr":"192.168.9.0/24"}}"#),
    row("ListSubnetsV1", Target::Nothing, ""),
    row("ShowSubnet", Target::Subnet, ""),
    row("UpdateSubnet", Target::VpcSubnet, r#"{"subnet":{"name":"new"}}"#),
    row("DeleteSubnetV1", Target::VpcSubnet, ""),
    row("CreateRouteTable", Target::Nothing, r#"{"routetable":{"vpc_id":"vpc-1"}}"#),
    row("ListRouteTables", Target::Nothing, ""),
    row("ShowRouteTable", Target::RouteTable, ""),
    row(
        "UpdateRouteTable",
        Target::RouteTable,
        r#"{"routetable":{"routes":{"add":[{"type":"ecs","destination":"10.1.0.0/16","nexthop":"e"}]}}}"#,
    ),
    row("AssociateRouteTable", Target::RouteTable, r#"{"routetable":{"subnets":{"associate":["net-1"]}}}"#),
    row("DeleteRouteTable", Target::RouteTable, ""),
    row("ShowVpcTags", Target::Vpc, ""),
    row("BatchCreateVpcTags", Target::Vpc, r#"{"action":"create","tags":[{"key":"k","value":"v"}]}"#),
    row("ShowSubnetTags", Target::Subnet, ""),
    row("BatchCreateSubnetTags", Target::Subnet, r#"{"action":"delete","tags":[{"key":"k","value":"v"}]}"#),
    row("ShowConnection", Target::Connection, ""),
    row("ListVpcs", Target::Nothing, ""),
    row("CreateVpc", Target::Nothing, r#"{"id":"vpc-9"}"#),
    row("DeleteVpc", Target::Vpc, ""),
    row("ListSubnets", Target::Nothing, ""),
    row("CreateSubnet", Target::Nothing, r#"{"vpc_id":"vpc-1","cidr":"192.168.9.0/24"}"#),
    row("DeleteSubnet", Target::Subnet, ""),
    row("ListNetworkBindings", Target::Nothing, ""),
    row("BindNetwork", Target::Subnet, r#"{"to":"lan"}"#),
    row("UnbindNetwork", Target::Subnet, ""),
    row("ListAudit", Target::Nothing, ""),
    row("Import", Target::Nothing, IMPORTED),
    row(
        "Preflight",
        Target::Nothing,
        r#"{"create":{"name":"new","dest_vpc_id":"v","dest_network_id":"n","queues":["q2"]}}"#,
    ),
    row("ShowTopology", Target::Nothing, ""),
    row("Diagnose", Target::Nothing, r#"{"queue":"q1","to":"192.168.0.1:3306"}"#),
];

/// A connection that binds a queue of the project.
const IMPORTED: &str = r#"{"connections":[{"id":"4c693ecc-bab8-4113-a838-129cedc9a563","create_time":"2019-08-27T06:40:11.125Z",
    "create":{"name":"imported","dest_vpc_id":"v","dest_network_id":"n"}}]}"#;

impl Row {
    /// The stage, called about what the row needs.
    fn set(&self, stage: &Stage, connection: &str) -> Stage {
        match self.target {
            Target::Nothing => stage.clone(),
            Target::Connection => stage.on(connection),
            Target::Route => stage.on(&format!("{connection}/r")),
            Target::Queue => stage.on("q2"),
            Target::Pool => stage.on("pool_2"),
            Target::PoolQueue => stage.on("pool_3/q3"),
            Target::Task => {
                let view = stage.app.engine.view();
                let task = view.pending_tests().find(|test| test.queue.as_str() == "q3").unwrap();
                stage.on(&format!("q3/{}", task.created.number()))
            }
            Target::Vpc => stage.on("vpc-2"),
            Target::Subnet => stage.on("net-1"),
            Target::VpcSubnet => stage.on("vpc-1/net-1"),
            Target::RouteTable => {
                let (view, project) = (stage.app.engine.view(), stage.by_owner().scope());
                let table = view.project(&project).route_tables().find(|table| !table.is_default).unwrap();
                stage.on(&table.id.to_string())
            }
            Target::Kind => stage.on("dli_enhanced_datasource"),
            Target::Tagged => stage.on(&format!("dli_enhanced_datasource/{connection}")),
        }
    }

    /// The body, about the connection where it names one.
    fn body(&self, connection: &str) -> String {
        self.body.replace("ID", connection)
    }
}

/// A project with one of everything.
async fn furnished() -> (Stage, String) {
    let stage = Stage::open().await.with_idle_plane();
    let id = stage.full_connection("c").await;
    stage.ok("CreateQueue", r#"{"queue_name":"q2","cu_count":16,"resource_mode":1}"#).await;
    stage.ok("CreateElasticResourcePool", r#"{"elastic_resource_pool_name":"pool_2","max_cu":16,"min_cu":16}"#).await;
    stage.ok("CreateElasticResourcePool", r#"{"elastic_resource_pool_name":"pool_3","max_cu":64,"min_cu":16}"#).await;
    stage.ok("CreateQueue", r#"{"queue_name":"q3","cu_count":16,"elastic_resource_pool_name":"pool_3"}"#).await;
    stage.on("q3").ok("CreateConnectivityTask", r#"{"address":"10.0.0.1:80"}"#).await;
    stage.networks().await;
    stage.on("net-1").ok("BindNetwork", r#"{"to":"lan"}"#).await;
    stage.ok("CreateRouteTable", r#"{"routetable":{"vpc_id":"vpc-1","name":"custom"}}"#).await;
    stage.on(&id).ok("CreateRouteToEnhancedConnection", r#"{"name":"r","cidr":"10.8.0.0/16"}"#).await;
    stage.settle_peers().await;
    (stage, id)
}

#[test]
fn names_and_places_are_unique() {
    for (place, one) in OPERATIONS.iter().enumerate() {
        for other in OPERATIONS.iter().skip(place + 1) {
            assert_ne!(one.name, other.name);
            assert_ne!((&one.method, one.path), (&other.method, other.path));
        }
    }
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
        let (status, code, text) =
            row.set(&stage.by_stranger(), &connection).refused(row.operation, &row.body(&connection)).await;
        let forbidden = if operation(row.operation).path.starts_with("/linkspan/") { "forbidden" } else { "DLI.0003" };
        assert_eq!((status, code.as_str()), (403, forbidden), "{} {text}", row.operation);
        assert_eq!(stage.revision(), before, "{} changed something", row.operation);
    }
}

#[tokio::test]
async fn from_its_own_project_a_stranger_finds_none_of_it() {
    let (stage, connection) = furnished().await;
    let all = |stage: Stage| async move {
        let mut seen = stage.get("ListEnhancedConnections", "").await.text();
        for list in ["ListElasticResourcePools", "ListVpcsV1", "ListSubnetsV1", "ListRouteTables", "ListAudit"] {
            seen += &stage.get(list, "").await.text();
        }
        seen + &stage.get("ListQueues", "queue_type=all").await.text()
    };
    let before = all(stage.clone()).await;
    let home = stage.at_strangers_home();
    for row in ROWS {
        let answer = row.set(&home, &connection).call(row.operation, &row.body(&connection)).await;
        let names_it = !matches!(row.target, Target::Nothing | Target::Kind);
        let needs_it = row.body.contains("q1") || row.body.contains("vpc-1");
        assert_eq!(answer.status >= 400, names_it || needs_it, "{} {}", row.operation, answer.text());
        for name in ["q_pooled", "pool_1", "192.168.0.1", "alice"] {
            assert!(!answer.text().contains(name), "{} {}", row.operation, answer.text());
        }
        // What the caller named itself may come back in a fault.
        assert!(names_it || !answer.text().contains(&connection), "{} {}", row.operation, answer.text());
    }
    assert_eq!(all(stage.clone()).await, before);
}

/// What an administrator's operations are called with here. A stranger is refused before any of it is read.
#[tokio::test]
async fn only_an_administrator_administers() {
    let (stage, _) = furnished().await;
    let before = stage.revision();
    for operation in OPERATIONS.iter().filter(|operation| matches!(operation.auth, Auth::Admin(_))) {
        let (status, code, _) = stage.by_stranger().on("u0").refused(operation.name, r#"{"enabled":false}"#).await;
        assert_eq!((status, code.as_str()), (403, "forbidden"), "{}", operation.name);
        assert!(operation.path.starts_with("/linkspan/v1/admin/"), "{}", operation.path);
    }
    assert_eq!(stage.revision(), before);
}

/// Questions that are too long for a query, or about a body.
const ASKED_BY_POST: [&str; 3] = ["ListResourcesByTags", "CountResourcesByTags", "Preflight"];

/// A read is never an excuse to write: what a key that only reads may call is what reads.
#[test]
fn a_method_says_what_its_operation_asks_for() {
    use linkspan_engine::Access;
    for operation in OPERATIONS {
        let (Auth::Project(access) | Auth::Admin(access)) = operation.auth else { continue };
        let reads = operation.method == http::Method::GET || ASKED_BY_POST.contains(&operation.name);
        assert_eq!(access == Access::Read, reads, "{}", operation.name);
    }
}

/// What the owner is answered to every row, each in a project of its own: operation, request body and answer.
pub(crate) async fn answers_to_the_owner() -> Vec<(&'static str, String, Answered)> {
    let mut answers = Vec::with_capacity(ROWS.len());
    for row in ROWS {
        let (stage, connection) = furnished().await;
        let body = row.body(&connection);
        let answer = row.set(&stage, &connection).ok(row.operation, &body).await;
        answers.push((row.operation, body, answer));
    }
    answers
}

/// A key may be limited to actions, so each call about a project or the administration has one, of the form that
/// patterns have; and whoever may change identities may do so by one action only, which the last key that has it keeps.
#[test]
fn every_right_has_an_action() {
    use linkspan_engine::Access;
    for operation in OPERATIONS.iter().filter(|operation| !matches!(operation.auth, Auth::Nobody | Auth::Principal)) {
        assert!(operation.action.parse::<linkspan_model::ActionPattern>().is_ok(), "{}", operation.name);
        assert!(!operation.action.contains('*'), "{}", operation.name);
        let administers = operation.auth == Auth::Admin(Access::Write);
        assert_eq!(operation.action == "linkspan:admin:write", administers, "{}", operation.name);
    }
}

/// The table itself works: with the right to the project, every call succeeds.
#[tokio::test]
async fn the_owner_is_not_refused() {
    assert_eq!(answers_to_the_owner().await.len(), ROWS.len());
}
