//! Linkspan's own API: where each call goes and what it holds.

use linkspan_client::FailureKind;
use linkspan_wire::own::{
    ChangeUser, CreateKey, CreateVpc, DiagnoseRequest, DiagnosisVerdict, FaultRules, FreeText, ImportRequest,
    ImportVerdict, PreflightBind, PreflightRequest, PreflightVerdict, Role,
};

use crate::client;
use crate::fake::{Fake, Seen};

const KEY: &str = r#"{"id":"AK2","user_id":"u","role":"read_only","enabled":true,"description":"","create_time":"2026-01-01T00:00:00.000Z","secret":"once"}"#;
const VPC: &str = r#"{"id":"v","name":"","cidr":"10.0.0.0/16","create_time":"2026-01-01T00:00:00.000Z"}"#;
const GRAPH: &str = r#"{"nodes":[],"edges":[],"left_out":3}"#;
const AUDIT: &str = r#"{"events":[],"next":"7-3"}"#;

#[tokio::test]
async fn administration() {
    let (none, rules) = (("204 No Content", ""), r#"{"rules":[]}"#);
    let fake = Fake::start(&[("201 Created", KEY), none, none, ("200 OK", AUDIT), ("200 OK", rules), none]).await;
    let admin = client(&fake).admin();
    let new = CreateKey { user_id: None, role: Some(Role::ReadOnly), actions: None, description: FreeText::default() };
    assert_eq!(admin.create_key(&new).await.unwrap().secret.expose(), "once");
    admin.change_user("u", &ChangeUser { admin: Some(false), ..ChangeUser::default() }).await.unwrap();
    admin.delete_key("AK2").await.unwrap();
    assert_eq!(admin.audit(10, Some("9-1")).await.unwrap().next.as_deref(), Some("7-3"));
    assert_eq!(admin.faults().await.unwrap(), FaultRules::default());
    admin.set_faults(&FaultRules::default()).await.unwrap();
    let seen = fake.seen();
    let lines: Vec<_> = seen.iter().map(|seen| seen.line().replace("/linkspan/v1/admin", "…")).collect();
    let expected = [
        "POST …/keys",
        "PATCH …/users/u",
        "DELETE …/keys/AK2",
        "GET …/audit?limit=10&before=9-1",
        "GET …/plane/faults",
        "PUT …/plane/faults",
    ];
    assert_eq!(lines, expected);
    assert_eq!(seen[1].json(), serde_json::json!({"admin": false}));
    for seen in seen {
        seen.verified();
    }
}

#[tokio::test]
async fn networks_and_audit_of_a_project() {
    let vpcs = format!(r#"{{"vpcs":[{VPC}]}}"#);
    let fake = Fake::start(&[
        ("201 Created", VPC),
        ("200 OK", &vpcs),
        ("204 No Content", ""),
        ("200 OK", AUDIT),
        ("200 OK", GRAPH),
    ])
    .await;
    let project = client(&fake).project("p1");
    let new = CreateVpc { id: Some("v".parse().unwrap()), ..CreateVpc::default() };
    assert_eq!(project.create_vpc(&new).await.unwrap(), project.list_vpcs().await.unwrap()[0]);
    project.delete_subnet("n").await.unwrap();
    project.audit(5, None).await.unwrap();
    assert_eq!(project.topology(9).await.unwrap().left_out, 3);
    let lines: Vec<_> = fake.seen().iter().map(|seen| seen.line().replace("/linkspan/v1/p1", "…")).collect();
    let expected = [
        "POST …/networks/vpcs",
        "GET …/networks/vpcs",
        "DELETE …/networks/subnets/n",
        "GET …/audit?limit=5",
        "GET …/topology?limit=9",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn an_import_and_what_it_reads() {
    let done =
        r#"{"dry_run":true,"outcomes":[{"kind":"queue","id":"r","name":"q","outcome":"differs","fields":["tags"]}]}"#;
    let grants = r#"{"is_success":true,"message":"","privileges":[{"project_id":"p2"}]}"#;
    let properties = r#"{"is_success":true,"properties":[{"key":"a","value":"1"}]}"#;
    let row = |number: usize| format!(r#"{{"queue_name":"q{number}","queue_scaling_policies":[]}}"#);
    let page = |numbers: std::ops::Range<usize>| {
        format!(r#"{{"is_success":true,"queues":[{}]}}"#, numbers.map(row).collect::<Vec<_>>().join(","))
    };
    let (first, second) = (page(0..100), page(100..101));
    let shed = "503 Service Unavailable\r\nRetry-After: 0";
    let bodies = [done, done, grants, properties, &first, &second];
    let answers: Vec<_> = [shed, "200 OK", "200 OK", "200 OK", "200 OK", "200 OK"].into_iter().zip(bodies).collect();
    let fake = Fake::start(&answers).await;
    let project = client(&fake).project("p1");
    let answer = project.import(&ImportRequest::default(), true).await.unwrap();
    assert_eq!((answer.outcomes[0].outcome, answer.outcomes[0].fields.len()), (ImportVerdict::Differs, 1));
    assert_eq!(project.privileges("c1").await.unwrap()[0].grantee(), "p2");
    assert_eq!(project.queue_properties("q").await.unwrap()[0].value, "1");
    assert_eq!(project.pool_queues("p").await.unwrap().len(), 101);
    let lines: Vec<_> = fake.seen().iter().map(Seen::line).collect();
    let expected = [
        "POST /linkspan/v1/p1/import?dry_run=true",
        "POST /linkspan/v1/p1/import?dry_run=true",
        "GET /v2.0/p1/datasource/enhanced-connections/c1/privileges",
        "GET /v3/p1/queues/q/properties?limit=100&offset=0",
        "GET /v3/p1/elastic-resource-pools/p/queues?limit=100&offset=0",
        "GET /v3/p1/elastic-resource-pools/p/queues?limit=100&offset=100",
    ];
    assert_eq!(lines, expected, "an import that was shed is made again: it changes nothing twice");
}

#[tokio::test]
async fn a_preflight_may_be_repeated() {
    let shed = ("503 Service Unavailable\r\nRetry-After: 0", "");
    let fake = Fake::start(&[shed, ("200 OK", r#"{"verdict":"ready","peers":[],"findings":[]}"#)]).await;
    let queues = vec!["q".to_owned()];
    let bind = PreflightBind { connection_id: "c1".into(), queues, elastic_resource_pools: Vec::new() };
    let answer = client(&fake).project("p1").preflight(&PreflightRequest::Bind(bind)).await.unwrap();
    assert_eq!(answer.verdict, PreflightVerdict::Ready);
    let seen = fake.seen();
    let lines: Vec<_> = seen.iter().map(Seen::line).collect();
    assert_eq!(lines, ["POST /linkspan/v1/p1/preflight", "POST /linkspan/v1/p1/preflight"]);
    assert_eq!(seen[1].json(), serde_json::json!({"bind": {"connection_id": "c1", "queues": ["q"]}}));
}

#[tokio::test]
async fn a_diagnosis_may_be_repeated() {
    let shed = ("503 Service Unavailable\r\nRetry-After: 0", "");
    let found = r#"{"verdict":"dns_failure","stage":"name","certainty":"proved","summary":"s","source":{"kind":"queue","name":"q"},"path":[],"probe":{"target":"h:1","address":null}}"#;
    let fake = Fake::start(&[shed, ("200 OK", found)]).await;
    let asked = DiagnoseRequest { queue: Some("q".into()), to: "h:1".into(), ..DiagnoseRequest::default() };
    let answer = client(&fake).project("p1").diagnose(&asked).await.unwrap();
    assert_eq!(answer.verdict, DiagnosisVerdict::DnsFailure);
    let seen = fake.seen();
    let lines: Vec<_> = seen.iter().map(Seen::line).collect();
    assert_eq!(lines, ["POST /linkspan/v1/p1/diagnose", "POST /linkspan/v1/p1/diagnose"]);
    assert_eq!(seen[1].json(), serde_json::json!({"queue": "q", "to": "h:1"}));
}

#[tokio::test]
async fn a_problem_is_read_like_any_failure() {
    let body = r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"in use","code":"conflict","request_id":"r"}"#;
    let fake = Fake::start(&[("409 Conflict", body)]).await;
    let error = client(&fake).project("p1").delete_vpc("v").await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (FailureKind::Conflict, "in use (conflict, HTTP 409)"));
    assert_eq!(error.api().unwrap().request_id.as_deref(), Some("r"));
}
