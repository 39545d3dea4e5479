//! What someone tries who has a key of one project and wants at another's, or sits between a client and the server.

use linkspan_engine::command::AdminCommand;
use linkspan_engine::{Access, Origin, Request};
use secrecy::ExposeSecret;

use super::client::Signed;
use super::{NOW_SECONDS, SECRET, Stage, strangers_project};
use crate::auth::{TokenGrant, TokenMethod};
use crate::front::Limits;

const OWN: &str = "/v1/p1/things/x";
const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";

fn token(stage: &Stage, user: &str) -> String {
    let state = stage.app.engine.view();
    let user = state.user(&user.parse().unwrap()).unwrap();
    let grant = TokenGrant { user, project: None, ends_by: None, method: TokenMethod::Password };
    stage.app.auth.issue_token(&state, grant, NOW_SECONDS * 1000).unwrap().text.expose_secret().to_owned()
}

async fn status(stage: &Stage, bytes: impl AsRef<[u8]>) -> u16 {
    stage.connect().await.ask(bytes).await.status
}

/// Only the path says which project is meant, whatever headers say and whether they are signed.
#[tokio::test]
async fn no_header_names_another_project() {
    let stage = Stage::open(Limits::default()).await;
    let (own, strangers) = ("p1".to_owned(), strangers_project(&stage).to_string());
    let theirs = format!("/v1/{strangers}/things/x");
    for name in
        ["X-Project-Id", "X-Domain-Id", "X-Auth-Project-Id", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri"]
    {
        for value in [&own, &strangers, &theirs] {
            let signed: &[(&str, &str)] = &[(name, value)];
            assert_eq!(status(&stage, Signed { headers: signed, ..Signed::get(OWN) }.bytes()).await, 200, "{name}");
            assert_eq!(status(&stage, Signed { headers: signed, ..Signed::get(&theirs) }.bytes()).await, 403, "{name}");
        }
    }
    let overridden: &[(&str, &str)] = &[("X-HTTP-Method-Override", "POST")];
    let echo = Signed { headers: overridden, ..Signed::get("/v1/p1/echo") };
    assert_eq!(status(&stage, echo.bytes()).await, 404, "nor another method");
}

#[tokio::test]
async fn a_credential_that_comes_twice_is_none() {
    let stage = Stage::open(Limits::default()).await;
    let (good, bad) = (token(&stage, "u1"), "ls1.e30.AAAA");
    let signed = Signed::get(OWN).head();
    let authorization = signed.lines().find(|line| line.starts_with("Authorization")).unwrap().to_owned();
    let date = signed.lines().find(|line| line.starts_with("X-Sdk-Date")).unwrap();
    let plain = format!("GET {OWN} HTTP/1.1\r\nHost: linkspan.test\r\n{date}\r\n");
    for (what, head) in [
        ("two tokens", format!("{plain}X-Auth-Token: {good}\r\nx-auth-token: {bad}\r\n")),
        ("the same token", format!("{plain}X-Auth-Token: {good}\r\nX-Auth-Token: {good}\r\n")),
        ("two signatures", format!("{signed}{authorization}\r\n")),
        (
            "another scheme first",
            format!("{plain}Authorization: Basic eA==\r\n{authorization}\r\nX-Auth-Token: {good}\r\n"),
        ),
        ("two dates", format!("{signed}X-Sdk-Date: 20250102T030405Z\r\n")),
        ("two signed hosts", format!("{signed}Host: linkspan.test\r\n")),
        ("a signed header folded", signed.replace("Host: linkspan.test", "Host: linkspan.test\r\n evil")),
        ("a token in the query", format!("GET {OWN}?x-auth-token={good} HTTP/1.1\r\nHost: x\r\n")),
        ("a token in a cookie", format!("{plain}Cookie: X-Auth-Token={good}\r\n")),
        ("a token of underscores", format!("{plain}X_Auth_Token: {good}\r\n")),
    ] {
        let refused = status(&stage, format!("{head}\r\n")).await;
        assert!(refused == 401 || refused == 400, "{what}: {refused}");
    }
    assert_eq!(status(&stage, format!("{signed}\r\n")).await, 200);
    assert_eq!(status(&stage, format!("{plain}X-Auth-Token: {good}\r\n\r\n")).await, 200);
}

/// A path is split and then decoded, so no spelling of it reaches what its signature and its segments do not say.
#[tokio::test]
async fn no_spelling_of_a_path_reaches_another_project() {
    let stage = Stage::open(Limits::default()).await;
    let strangers = strangers_project(&stage).to_string();
    for path in [
        format!("/v1/p1/../{strangers}/things/x"),
        format!("/v1/p1/%2e%2e/{strangers}/things/x"),
        format!("/v1/p1%2f..%2f{strangers}/things/x"),
        format!("/v1/p1;/v1/{strangers}/things/x"),
        format!("/v1/p1%00{strangers}/things/x"),
        format!("//v1/{strangers}/things/x"),
        format!("/v1/{strangers}%20/things/x"),
        format!("/v1/{}/things/x", strangers.to_uppercase()),
    ] {
        let answer = status(&stage, Signed::get(&path).bytes()).await;
        assert!(answer == 404 || answer == 403, "{path}: {answer}");
    }
    let signed = Signed::get(OWN).head();
    let elsewhere = signed.replace(OWN, &format!("/v1/{strangers}/things/x"));
    assert_eq!(status(&stage, format!("{elsewhere}\r\n")).await, 401, "a signature is good for its own path only");
    let whole = signed.replace(&format!("GET {OWN}"), &format!("GET http://{strangers}{OWN}"));
    assert_eq!(status(&stage, format!("{whole}\r\n")).await, 200, "a whole address has the same path");
}

/// One head with two lengths must never be two requests: a proxy in front may have seen one.
#[tokio::test]
async fn no_request_hides_in_the_body_of_another() {
    let stage = Stage::open(Limits::default()).await;
    let hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    for lengths in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length : 5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding\u{b}: chunked\r\n",
    ] {
        let mut client = stage.connect().await;
        client.send(format!("POST /open HTTP/1.1\r\nHost: x\r\n{lengths}\r\n0\r\n\r\n{hidden}")).await;
        assert_eq!(client.answer().await.status, 400, "{lengths}");
        assert!(client.is_closed().await, "{lengths}");
    }
}

/// With a length and chunks both, the chunks count (RFC 9112 §6.3 allows it), and the connection ends with the answer: what
/// someone in front took for the rest of the body, or for another request, is never carried out.
#[tokio::test]
async fn a_request_with_a_length_and_chunks_is_the_last_of_its_connection() {
    let stage = Stage::open(Limits::default()).await;
    let hidden = "POST /open HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nhidden";
    let lengths =
        ["Content-Length: 5\r\n", "Content-Length: 500\r\n", "Content-Length: 0\r\n", "content-length: 5\r\n"];
    for length in lengths {
        for framing in [format!("{length}{CHUNKED}"), format!("{CHUNKED}{length}")] {
            let mut client = stage.connect().await;
            client.send(format!("POST /open HTTP/1.1\r\nHost: x\r\n{framing}\r\n2\r\nab\r\n0\r\n\r\n{hidden}")).await;
            let answer = client.answer().await;
            assert_eq!((answer.status, answer.body.as_str()), (200, "ab"), "{framing}");
            assert_eq!(answer.headers["connection"], "close", "{framing}");
            assert_eq!(client.rest().await, "", "{framing}");
        }
    }
    let mut client = stage.connect().await;
    client.send(format!("POST /open HTTP/1.1\r\nHost: x\r\n{CHUNKED}\r\n2\r\nab\r\n0\r\n\r\n{hidden}")).await;
    assert_eq!(
        (client.answer().await.body, client.answer().await.body),
        ("ab".into(), "hidden".into()),
        "chunks alone"
    );
    let both = format!("Content-Length: 5\r\n{CHUNKED}Transfer-Encoding: identity\r\n");
    assert_eq!(status(&stage, format!("POST /open HTTP/1.1\r\nHost: x\r\n{both}\r\n0\r\n\r\n")).await, 400);
}

/// A key that was stopped, and a user's token after it, are refused from the next request on, on a connection that is
/// open already too.
#[tokio::test]
async fn what_was_taken_away_is_gone_at_once() {
    let stage = Stage::open(Limits::default()).await;
    let strangers = format!("/v1/{}/things/x", strangers_project(&stage));
    let held = Signed { key: "AK2", secret: SECRET, ..Signed::get(&strangers) };
    let mut client = stage.connect().await;
    assert_eq!(client.ask(held.bytes()).await.status, 200);
    let admin = stage.app.engine.view().principal_of_key(&"AK1".parse().unwrap()).unwrap();
    let scope = stage.app.engine.view().admin_scope(&admin, Access::Write).unwrap();
    let stop = Request::Admin(scope, AdminCommand::EnableKey("AK2".parse().unwrap(), false));
    stage.app.engine.submit(stop, Origin::default()).await.unwrap();
    let refused = client.ask(held.bytes()).await;
    let unknown = client.ask(Signed { key: "AK9", ..held }.bytes()).await;
    assert_eq!((refused.status, unknown.status), (401, 401));
    assert_eq!(refused.body.replace("AK2", "AK9").len(), unknown.body.len(), "stopped and unknown look alike");
}
