use secrecy::ExposeSecret;

use super::client::Signed;
use super::{Stage, strangers_project};
use crate::app::Settings;
use crate::auth::{TokenGrant, TokenMethod};
use crate::front::Limits;

const ECHO: &str = "/v1/p1/echo";
const THING: &str = "/v1/p1/things/a%20b?x=1&y";

fn gateway(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn a_signed_request_is_carried_out() {
    let stage = Stage::open(Limits::default()).await;
    let mut client = stage.connect().await;
    let answer = client.ask(Signed::get(THING).bytes()).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "a b x=1&y"));
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["x-request-id"].len(), 32);
    let again = client.ask(Signed::post(ECHO, b"{\"a\": 1}\n").bytes()).await;
    assert_eq!((again.status, again.body.as_str()), (200, "{\"a\": 1}\n"));
    assert_ne!(again.headers["x-request-id"], answer.headers["x-request-id"]);
}

#[tokio::test]
async fn paths_come_first_then_the_credential_then_the_project() {
    let stage = Stage::open(Limits::default()).await;
    let stranger = format!("/v1/{}/things/x", strangers_project(&stage));
    let gzip: &[(&str, &str)] = &[("Content-Encoding", "gzip")];
    let good = || Signed::get(THING);
    let cases = [
        ("no such path", Signed::get("/v1/p1/nothing").bytes(), gateway(404, "APIGW.0101")),
        ("no such method", Signed { method: "DELETE", ..good() }.bytes(), gateway(404, "APIGW.0101")),
        ("no path, no credential", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), gateway(404, "APIGW.0101")),
        ("a double slash", Signed::get("/v1//p1/things/x").bytes(), gateway(404, "APIGW.0101")),
        ("no credential", format!("GET {THING} HTTP/1.1\r\nHost: x\r\n\r\n").into(), gateway(401, "APIGW.0301")),
        ("an unknown key", Signed { key: "AK9", ..good() }.bytes(), gateway(401, "APIGW.0301")),
        ("a wrong secret", Signed { secret: "guess", ..good() }.bytes(), gateway(401, "APIGW.0301")),
        ("a date too early", Signed { skew_seconds: -901, ..good() }.bytes(), gateway(401, "APIGW.0303")),
        ("a date too late", Signed { skew_seconds: 901, ..good() }.bytes(), gateway(401, "APIGW.0303")),
        (
            "an old date and a wrong secret",
            Signed { secret: "x", skew_seconds: 901, ..good() }.bytes(),
            gateway(401, "APIGW.0303"),
        ),
        (
            "a wrong secret, another's project",
            Signed { secret: "x", ..Signed::get(&stranger) }.bytes(),
            gateway(401, "APIGW.0301"),
        ),
        ("another's project", Signed::get(&stranger).bytes(), gateway(403, "DLI.0003")),
        ("no such project", Signed::get("/v1/p9/things/x").bytes(), gateway(403, "DLI.0003")),
        ("no project at all", Signed::get("/v1/%7Bproject_id%7D/things/x").bytes(), gateway(403, "DLI.0003")),
        (
            "another's project, packed",
            Signed { headers: gzip, ..Signed::get(&stranger) }.bytes(),
            gateway(403, "DLI.0003"),
        ),
        ("packed", Signed { headers: gzip, ..good() }.bytes(), gateway(400, "APIGW.0201")),
        (
            "no administrator",
            Signed { key: "AK2", ..Signed::get("/linkspan/v1/admin") }.bytes(),
            gateway(403, "forbidden"),
        ),
        ("no such path of our own", Signed::get("/linkspan/v1/x").bytes(), gateway(404, "not_found")),
    ];
    for (name, bytes, expected) in cases {
        let answer = stage.connect().await.ask(bytes).await;
        assert_eq!(answer.fault(), expected, "{name}");
        assert_eq!(answer.headers["x-request-id"].len(), 32, "{name}");
    }
    let admin = stage.connect().await.ask(Signed::get("/linkspan/v1/admin").bytes()).await;
    assert_eq!(admin.status, 200);
}

#[tokio::test]
async fn the_same_order_holds_for_bodies() {
    let stage = Stage::open(Limits { body_bytes: 1000, ..Limits::default() }).await;
    let stranger = format!("/v1/{}/echo", strangers_project(&stage));
    let (fits, too_large) = (vec![b'1'; 1000], vec![b'1'; 1001]);
    let post = |target| Signed::post(target, &fits);
    let unsigned: &[(&str, &str)] = &[("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")];
    let changed =
        String::from_utf8(post(ECHO).bytes()).unwrap().replace("111\u{0}", "").replacen("\r\n\r\n1", "\r\n\r\n2", 1);
    let cases = [
        ("good", post(ECHO).bytes(), None),
        ("not signed, on this machine", Signed { headers: unsigned, ..post(ECHO) }.bytes(), None),
        ("too large", Signed::post(ECHO, &too_large).bytes(), Some(gateway(413, "APIGW.0201"))),
        (
            "too large, unknown key",
            Signed { key: "AK9", ..Signed::post(ECHO, &too_large) }.bytes(),
            Some(gateway(401, "APIGW.0301")),
        ),
        ("another body than was signed", changed.into_bytes(), Some(gateway(401, "APIGW.0301"))),
        ("another's project", post(&stranger).bytes(), Some(gateway(403, "DLI.0003"))),
        (
            "another's project, wrong secret",
            Signed { secret: "x", ..post(&stranger) }.bytes(),
            Some(gateway(401, "APIGW.0301")),
        ),
        (
            "packed, wrong secret",
            Signed { secret: "x", headers: &[("Content-Encoding", "gzip")], ..post(ECHO) }.bytes(),
            Some(gateway(401, "APIGW.0301")),
        ),
        (
            "packed",
            Signed { headers: &[("Content-Encoding", "br")], ..post(ECHO) }.bytes(),
            Some(gateway(400, "APIGW.0201")),
        ),
        ("said to be as it is", Signed { headers: &[("Content-Encoding", "identity")], ..post(ECHO) }.bytes(), None),
    ];
    for (name, bytes, expected) in cases {
        let answer = stage.connect().await.ask(bytes).await;
        match expected {
            Some(expected) => assert_eq!(answer.fault(), expected, "{name}"),
            None => assert_eq!((answer.status, answer.body.len()), (200, 1000), "{name}"),
        }
    }
    stage.until("all bodies are given back", |stage| stage.front.held_bodies() == 0).await;
}

#[tokio::test]
async fn the_expected_canonical_request_is_shown_only_when_asked_for() {
    for debug_signatures in [false, true] {
        let settings = Settings { debug_signatures, ..Settings::default() };
        let stage = Stage::with(Limits::default(), settings).await;
        let answer = stage.connect().await.ask(Signed { secret: "guess", ..Signed::get(THING) }.bytes()).await;
        assert!(answer.body.contains("verify aksk signature fail"), "{}", answer.body);
        let shown = answer.body.contains("canonicalRequest:GET|/v1/p1/things/a%20b/|x=1&y=|host:linkspan.test|");
        assert_eq!(shown, debug_signatures, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_token_is_good_and_a_signature_wins_over_it() {
    let stage = Stage::open(Limits::default()).await;
    let token = {
        let state = stage.app.engine.view();
        let user = state.user(&"u1".parse().unwrap()).unwrap();
        let grant = TokenGrant { user, project: None, ends_by: None, method: TokenMethod::Password };
        stage.app.auth.issue_token(&state, grant, stage.app.clock.now()).unwrap().text
    };
    let with =
        |token: &str, more: &str| format!("GET {THING} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {token}\r\n{more}\r\n");
    let good = stage.connect().await.ask(with(token.expose_secret(), "")).await;
    assert_eq!(good.status, 200, "{}", good.body);
    let other_scheme = with(token.expose_secret(), "Authorization: Basic YTpi\r\n");
    assert_eq!(stage.connect().await.ask(other_scheme).await.status, 200);
    let signature = Signed { secret: "guess", ..Signed::get(THING) }.head();
    let wins = with(token.expose_secret(), &signature.split_inclusive("\r\n").skip(1).collect::<String>());
    assert_eq!(stage.connect().await.ask(wins).await.fault(), gateway(401, "APIGW.0301"));
    for bad in ["x", "ls1.e30.AAAA"] {
        let refused = stage.connect().await.ask(with(bad, "")).await;
        assert_eq!(refused.fault(), gateway(401, "APIGW.0301"), "{bad}");
    }
}

#[tokio::test]
async fn health_needs_no_credential_and_answers_head() {
    let stage = Stage::open(Limits::default()).await;
    let mut client = stage.connect().await;
    for (path, body) in [("/healthz", r#"{"status":"ok"}"#), ("/readyz/", r#"{"status":"ready"}"#)] {
        let answer = client.ask(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, body));
    }
    client.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert_eq!(client.line().await, "HTTP/1.1 200 OK");
    assert!(client.is_closed().await);
}
