//! What is sent, and what a good answer becomes.

use linkspan_client::{Client, ClientConfig, Credentials, Endpoints};
use linkspan_model::{Hosts, ScalingPolicy, Tags};
use linkspan_wire::{
    AddQueueToPool, AddRoute, BindRequest, CreateConnection, CreateConnectivityTest, CreateToken, ListConnectionsQuery,
    NameOrId, QueueAction, RemoveQueueProperties, Secret, SetQueueProperties, StatusFilter, TestAddress, TokenIdentity,
    TokenScope, UpdateHosts, UpdatePool, UpdateQueueCidr, UpdateScalingPolicies, UserRef,
};

use crate::client;
use crate::fake::Fake;

const CREATED: &str = r#"{"is_success":true,"message":"","connection_id":"c1"}"#;
const LIST: &str = r#"{"is_success":true,"message":"","connections":[{"id":"c1","name":"a","status":"ACTIVE","create_time":5}],"count":1}"#;

fn new_connection() -> CreateConnection {
    CreateConnection {
        name: "orders".parse().unwrap(),
        dest_vpc_id: "22094d8f-c310-4621-913d-4c4d655d8495".parse().unwrap(),
        dest_network_id: "78f2562a-36e4-4b39-95b9-f5aab22e1281".parse().unwrap(),
        routetable_id: None,
        queues: vec!["q1".into()],
        elastic_resource_pools: Vec::new(),
        hosts: Hosts::parse(&[("node", "10.0.0.1")]).unwrap(),
        tags: Tags::parse(&[("环境", "测试")]).unwrap(),
    }
}

#[tokio::test]
async fn a_create_is_signed_with_its_body() {
    let fake = Fake::start(&[("201 Created", CREATED)]).await;
    let id = client(&fake).project("p1").create_connection(&new_connection()).await.unwrap();
    assert_eq!(id, "c1");
    let seen = fake.only();
    assert_eq!(seen.line(), "POST /v2.0/p1/datasource/enhanced-connections");
    assert_eq!(seen.verified(), "content-type;host;x-project-id;x-sdk-date");
    assert_eq!(seen.header("x-project-id"), Some("p1"));
    assert_eq!(seen.json()["queues"], serde_json::json!(["q1"]));
    assert_eq!(seen.json()["tags"][0]["value"], "测试");
}

#[tokio::test]
async fn a_list_has_its_filters_and_its_totals() {
    let fake = Fake::start(&[("200 OK\r\nX-Total-Count: 7\r\nX-Linkspan-Revision: 42", LIST), ("200 OK", LIST)]).await;
    let project = client(&fake).project("p1");
    let query = ListConnectionsQuery {
        offset: 3,
        status: Some(StatusFilter::Active),
        name: Some("连 *".into()),
        tags: vec![("k".into(), "v=1".into())],
        ..Default::default()
    };
    let page = project.list_connections(&query).await.unwrap();
    assert_eq!((page.items[0].name.as_str(), page.total, page.revision), ("a", Some(7), Some(42)));
    let all = project.all_connections(&query).await.unwrap();
    assert_eq!((all.total, all.revision), (None, None), "the cloud says neither");

    let [first, second] = &fake.seen()[..] else { panic!("two requests") };
    let path = "GET /v2.0/p1/datasource/enhanced-connections";
    let filters = "status=ACTIVE&name=%E8%BF%9E%20%2A&tags=k%3Dv%3D1";
    assert_eq!(first.line(), format!("{path}?offset=3&{filters}"));
    assert_eq!(second.line(), format!("{path}?limit=0&{filters}"));
    assert_eq!(first.verified(), "host;x-project-id;x-sdk-date");
    second.verified();
}

#[tokio::test]
async fn an_id_stays_one_segment() {
    let shown = r#"{"is_success":true,"id":"c1","name":"a"}"#;
    let fake = Fake::start(&[("200 OK", shown)]).await;
    client(&fake).project("p1").show_connection("../queues?x=1#y").await.unwrap();
    let seen = fake.only();
    assert_eq!(seen.target, "/v2.0/p1/datasource/enhanced-connections/..%2Fqueues%3Fx%3D1%23y");
    seen.verified();
}

#[tokio::test]
async fn changes_of_a_connection() {
    let done = r#"{"is_success":true,"message":"what was done"}"#;
    let fake = Fake::start(&[("200 OK", done), ("200 OK", done), ("200 OK", done), ("200 OK", done)]).await;
    let project = client(&fake).project("p1");
    let names = BindRequest { queues: vec!["q".into()], elastic_resource_pools: vec!["p".into()] };
    assert_eq!(project.bind("c1", &names).await.unwrap(), "what was done");
    project.unbind("c1", &names).await.unwrap();
    project.set_hosts("c1", &UpdateHosts { hosts: Hosts::default() }).await.unwrap();
    project.delete_connection("c1").await.unwrap();
    let seen = fake.seen();
    let path = "/v2.0/p1/datasource/enhanced-connections/c1";
    let lines: Vec<_> = seen.iter().map(|seen| seen.line().replace(path, "…")).collect();
    assert_eq!(lines, ["POST …/associate-queue", "POST …/disassociate-queue", "PUT …", "DELETE …"]);
    assert_eq!(seen[0].json(), serde_json::json!({"queues": ["q"], "elastic_resource_pools": ["p"]}));
    assert_eq!(seen[2].json(), serde_json::json!({"hosts": []}));
    for seen in &seen {
        seen.verified();
    }
}

#[tokio::test]
async fn routes_and_grants_of_a_connection() {
    let done = r#"{"is_success":true,"message":""}"#;
    let granted = r#"{"is_success":true,"privileges":[{"applicant_project_id":"p2","privileges":["BIND_QUEUE"]}]}"#;
    let answers = [("200 OK", done), ("200 OK", done), ("200 OK", done), ("200 OK", done), ("200 OK", granted)];
    let fake = Fake::start(&answers).await;
    let project = client(&fake).project("p1");
    let route = AddRoute { name: "r".parse().unwrap(), cidr: "10.1.2.3/16".into() };
    project.add_route("c1", &route).await.unwrap();
    project.delete_route("c1", "a/b").await.unwrap();
    project.grant("c1", "p2").await.unwrap();
    project.revoke("c1", "p2").await.unwrap();
    assert_eq!(project.privileges("c1").await.unwrap()[0].grantee(), "p2");
    let seen = fake.seen();
    let lines: Vec<_> =
        seen.iter().map(|seen| seen.line().replace("/datasource/enhanced-connections/c1", "/…")).collect();
    assert_eq!(
        lines,
        [
            "POST /v3/p1/…/routes",
            "DELETE /v3/p1/…/routes/a%2Fb",
            "PUT /v1.0/p1/authorization",
            "PUT /v1.0/p1/authorization",
            "GET /v2.0/p1/…/privileges",
        ]
    );
    assert_eq!(seen[0].json(), serde_json::json!({"name": "r", "cidr": "10.1.2.3/16"}));
    let privileges = serde_json::json!([{"object": "edsconnections.c1", "privileges": ["BIND_QUEUE"]}]);
    for (seen, action) in seen[2..4].iter().zip(["grant", "revoke"]) {
        let expected = serde_json::json!({"projectId": "p2", "action": action, "privileges": privileges});
        assert_eq!(seen.json(), expected);
    }
    seen.iter().for_each(|seen| drop(seen.verified()));
}

#[tokio::test]
async fn pools_are_read_to_the_last_page() {
    let pool = |number: usize| format!(r#"{{"id":{number},"elastic_resource_pool_name":"p{number}"}}"#);
    let page = |numbers: std::ops::Range<usize>| {
        let rows: Vec<_> = numbers.map(pool).collect();
        format!(r#"{{"is_success":true,"elastic_resource_pools":[{}],"count":101}}"#, rows.join(","))
    };
    // The second page repeats a pool, as it does when one is made between the two calls.
    let (first, second) = (page(0..100), page(99..101));
    let fake = Fake::start(&[("200 OK", &first), ("200 OK", &second)]).await;
    let pools = client(&fake).project("p1").all_pools(None).await.unwrap();
    assert_eq!(pools.len(), 101);
    let targets: Vec<_> = fake.seen().into_iter().map(|seen| seen.target).collect();
    let path = "/v3/p1/elastic-resource-pools";
    assert_eq!(targets, [format!("{path}?limit=100&offset=0"), format!("{path}?limit=100&offset=100")]);
}

#[tokio::test]
async fn a_token_needs_no_key_and_is_then_the_credential() {
    let body = r#"{"token":{"expires_at":"2030-01-01T00:00:00.000000Z","project":{"id":"p1","name":"r"}}}"#;
    let projects = r#"{"projects":[{"id":"p1","name":"r"}]}"#;
    let fake = Fake::start(&[("201 Created\r\nX-Subject-Token: tok", body), ("200 OK", projects)]).await;
    let endpoints = Endpoints::one(&fake.endpoint).unwrap();
    let nobody = Client::new(ClientConfig::new(endpoints.clone(), Credentials::Anonymous)).unwrap();
    let domain = NameOrId::Name("d".into());
    let request = CreateToken {
        identity: TokenIdentity::Password {
            user: UserRef::Name { name: "u".into(), domain },
            password: Secret::new("word"),
        },
        scope: TokenScope::Project { project: NameOrId::Name("r".into()), domain: None },
    };
    let issued = nobody.create_token(&request).await.unwrap();
    assert_eq!((issued.token.expose(), issued.info.project.unwrap().id.as_str()), ("tok", "p1"));

    let bearer = Client::new(ClientConfig::new(endpoints, Credentials::token("tok"))).unwrap();
    assert_eq!(bearer.only_project(Some("r")).await.unwrap().id, "p1");
    let [asked, used] = &fake.seen()[..] else { panic!("two requests") };
    assert_eq!((asked.line().as_str(), asked.header("authorization")), ("POST /v3/auth/tokens", None));
    assert_eq!((used.line().as_str(), used.header("x-auth-token")), ("GET /v3/projects?name=r", Some("tok")));
    assert_eq!(used.header("authorization"), None);
}

#[tokio::test]
async fn changes_of_queues_and_pools() {
    let done = r#"{"is_success":true,"message":""}"#;
    let fake = Fake::start(&[("200 OK", done); 7]).await;
    let project = client(&fake).project("p1");
    let action = QueueAction::from_body(br#"{"action":"scale_out","cu_count":16}"#).unwrap();
    project.act_on_queue("q", &action).await.unwrap();
    project.set_queue_cidr("q", &UpdateQueueCidr { cidr_in_vpc: "10.0.0.0/16".parse().unwrap() }).await.unwrap();
    let set = SetQueueProperties { properties: [("k".into(), "2".into())].into() };
    project.set_queue_properties("q", &set).await.unwrap();
    project.remove_queue_properties("q", &RemoveQueueProperties { keys: vec!["k".into()] }).await.unwrap();
    let update = UpdatePool { description: None, max_cu: Some(64), min_cu: None };
    project.update_pool("p", &update).await.unwrap();
    project.add_queue_to_pool("p", &AddQueueToPool { queue_name: "q".parse().unwrap() }).await.unwrap();
    let policies = UpdateScalingPolicies { queue_scaling_policies: vec![ScalingPolicy::preset(16)] };
    project.set_scaling_policies("p", "q", &policies).await.unwrap();
    let seen = fake.seen();
    let lines: Vec<_> = seen.iter().map(crate::fake::Seen::line).collect();
    let expected = [
        "PUT /v1.0/p1/queues/q/action",
        "PUT /v1.0/p1/queues/q",
        "PUT /v3/p1/queues/q/properties",
        "DELETE /v3/p1/queues/q/properties",
        "PUT /v3/p1/elastic-resource-pools/p",
        "POST /v3/p1/elastic-resource-pools/p/queues",
        "PUT /v3/p1/elastic-resource-pools/p/queues/q",
    ];
    assert_eq!(lines, expected);
    assert_eq!(seen[2].json(), serde_json::json!({"properties": {"k": 2}}));
    assert_eq!(seen[3].json(), serde_json::json!({"keys": ["k"]}));
    assert_eq!(seen[4].json(), serde_json::json!({"max_cu": 64}));
    assert_eq!(seen[6].json()["queue_scaling_policies"][0]["impact_stop_time"], "24:00");
    for seen in &seen {
        seen.verified();
    }
}

#[tokio::test]
async fn a_connectivity_test_is_begun_and_asked_about() {
    let (begun, shown) = (r#"{"is_success":true,"task_id":9}"#, r#"{"connectivity":"UNREACHABLE","reason":"why"}"#);
    let fake = Fake::start(&[("200 OK", begun), ("200 OK", shown)]).await;
    let project = client(&fake).project("p1");
    let test = CreateConnectivityTest { address: TestAddress::parse("10.0.0.1:80").unwrap() };
    assert_eq!(project.begin_connectivity_test("q", &test).await.unwrap(), 9);
    let found = project.connectivity("q", 9).await.unwrap();
    assert_eq!((found.connectivity.as_str(), found.reason.as_str()), ("UNREACHABLE", "why"));
    let [asked, looked] = &fake.seen()[..] else { panic!("two requests") };
    assert_eq!(asked.line(), "POST /v1.0/p1/queues/q/connection-test");
    assert_eq!(asked.json(), serde_json::json!({"address": "10.0.0.1:80"}));
    assert_eq!(looked.line(), "GET /v1.0/p1/queues/q/connection-test/9");
}

#[tokio::test]
async fn scaling_is_not_done_twice_and_a_restart_may_be() {
    let shed = ("503 Service Unavailable\r\nRetry-After: 0", r#"{"error_code":"APIGW.0201","error_msg":"later"}"#);
    let done = ("200 OK", r#"{"is_success":true}"#);
    let fake = Fake::start(&[shed]).await;
    let scale = QueueAction::from_body(br#"{"action":"scale_out","cu_count":16}"#).unwrap();
    client(&fake).project("p1").act_on_queue("q", &scale).await.unwrap_err();
    let fake = Fake::start(&[shed, done]).await;
    let restart = QueueAction::from_body(br#"{"action":"restart"}"#).unwrap();
    client(&fake).project("p1").act_on_queue("q", &restart).await.unwrap();
    assert_eq!(fake.seen().len(), 2);
}
