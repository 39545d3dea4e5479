//! What a bad answer becomes, and which calls are made again.

use std::time::{Duration, Instant};

use linkspan_client::{Client, ClientConfig, ClientError, Credentials, Endpoints, FailureKind};
use linkspan_wire::ListConnectionsQuery;

use crate::client;
use crate::fake::Fake;

const BUSY: (&str, &str) =
    ("503 Service Unavailable\r\nRetry-After: 0", r#"{"error_code":"APIGW.0201","error_msg":"busy","request_id":"r"}"#);
const EMPTY: (&str, &str) = ("200 OK", r#"{"is_success":true,"message":"","connections":[],"count":0}"#);

async fn list(client: &Client) -> Result<usize, ClientError> {
    Ok(client.project("p1").list_connections(&ListConnectionsQuery::default()).await?.items.len())
}

#[tokio::test]
async fn a_refusal_has_code_text_and_request_id() {
    let body = r#"{"error_code":"DLI.0001","error_msg":"Connection c1 does not exist."}"#;
    let fake = Fake::start(&[("404 Not Found\r\nX-Request-Id: 0123", body)]).await;
    let error = client(&fake).project("p1").show_connection("c1").await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::NotFound);
    assert_eq!(error.to_string(), "Connection c1 does not exist. (DLI.0001, HTTP 404)");
    assert_eq!(error.api().unwrap().request_id.as_deref(), Some("0123"));
}

#[tokio::test]
async fn a_page_of_a_proxy_is_shown() {
    let fake = Fake::start(&[("502 Bad Gateway", "<html>upstream</html>"), ("200 OK", "<html>login</html>")]).await;
    let client = client(&fake);
    let bad = list(&client).await.unwrap_err();
    assert_eq!((bad.kind(), bad.to_string().as_str()), (FailureKind::Unavailable, "<html>upstream</html> (HTTP 502)"));
    let odd = list(&client).await.unwrap_err();
    assert!(matches!(odd, ClientError::Decode { .. }) && odd.to_string().contains("<html>login"), "{odd}");
}

#[tokio::test]
async fn a_redirection_is_a_failure() {
    let fake = Fake::start(&[("302 Found\r\nLocation: http://127.0.0.1:1/", "")]).await;
    let error = list(&client(&fake)).await.unwrap_err();
    assert_eq!(error.api().unwrap().status, 302);
}

#[tokio::test]
async fn what_was_shed_is_asked_again_with_a_new_signature() {
    let fake = Fake::start(&[BUSY, BUSY, EMPTY]).await;
    assert_eq!(list(&client(&fake)).await.unwrap(), 0);
    let seen = fake.seen();
    assert_eq!(seen.len(), 3);
    for seen in seen {
        seen.verified();
    }
}

#[tokio::test]
async fn repetitions_are_bounded() {
    let fake = Fake::start(&[BUSY; 5]).await;
    let error = list(&client(&fake)).await.unwrap_err();
    assert_eq!((error.kind(), fake.seen().len()), (FailureKind::Unavailable, 4));
    assert_eq!(error.api().unwrap().retry_after, Some(Duration::ZERO));
}

#[tokio::test]
async fn a_create_is_never_repeated_and_a_binding_is() {
    let fake = Fake::start(&[BUSY, BUSY, ("200 OK", r#"{"is_success":true}"#)]).await;
    let project = client(&fake).project("p1");
    let queue = linkspan_wire::CreateQueue::from_body(br#"{"queue_name":"q","cu_count":16}"#).unwrap();
    assert_eq!(project.create_queue(&queue).await.unwrap_err().kind(), FailureKind::Unavailable);
    assert_eq!(fake.seen().len(), 1);
    let names = linkspan_wire::BindRequest { queues: vec!["q".into()], elastic_resource_pools: Vec::new() };
    project.bind("c1", &names).await.unwrap();
    assert_eq!(fake.seen().len(), 3);
}

#[tokio::test]
async fn nobody_there_is_said_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let config = ClientConfig::new(Endpoints::one(&format!("http://{address}")).unwrap(), Credentials::key("AK", "SK"));
    let error = list(&Client::new(config).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::Unavailable);
    let text = error.to_string();
    assert!(text.contains(&address.to_string()) && text.contains("can't be reached"), "{text}");
    assert!(text.to_lowercase().contains("refused"), "{text}");
}

#[tokio::test]
async fn a_silent_server_costs_the_time_limit_and_no_more() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let mut config = ClientConfig::new(Endpoints::one(&endpoint).unwrap(), Credentials::key("AK", "SK"));
    config.timeout = Duration::from_millis(50);
    let begun = Instant::now();
    let error = list(&Client::new(config).unwrap()).await.unwrap_err();
    assert!(matches!(error, ClientError::Transport { timed_out: true, .. }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn the_choice_between_projects_is_the_caller_s() {
    let none = r#"{"projects":[]}"#;
    let two = r#"{"projects":[{"id":"p1","name":"a"},{"id":"p2","name":"b"}]}"#;
    let fake = Fake::start(&[("200 OK", none), ("200 OK", two)]).await;
    let client = client(&fake);
    assert!(client.only_project(Some("r")).await.unwrap_err().to_string().contains("no project of the region r"));
    assert!(client.only_project(None).await.unwrap_err().to_string().contains("p1 (a), p2 (b)"));
}

#[test]
fn a_certificate_file_that_is_none_is_named() {
    let mut config = ClientConfig::new(Endpoints::one("https://127.0.0.1:1").unwrap(), Credentials::Anonymous);
    config.tls.ca_file = Some("/nowhere/ca.pem".into());
    assert!(Client::new(config).unwrap_err().to_string().contains("/nowhere/ca.pem"));
}
