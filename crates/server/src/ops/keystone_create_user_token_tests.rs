use super::super::stage::{NOW, OWN, Stage};
use crate::auth::TOKEN_LIFE_MS;

const CREATE: &str = "KeystoneCreateUserTokenByPassword";
const BY_NAME: &str = r#"{"name":"bob","domain":{"name":"domain"},"password":"correct horse"}"#;
const NO_SCOPE: &str = "{}";

fn by_password(user: &str, scope: &str) -> String {
    format!(r#"{{"auth":{{"identity":{{"methods":["password"],"password":{{"user":{user}}}}},"scope":{scope}}}}}"#)
}

fn by_token(token: &str, scope: &str) -> String {
    format!(r#"{{"auth":{{"identity":{{"methods":["token"],"token":{{"id":"{token}"}}}},"scope":{scope}}}}}"#)
}

fn project(scope: &str) -> String {
    format!(r#"{{"project":{scope}}}"#)
}

/// A stage with the user `bob`, whose password is `correct horse`.
async fn stage() -> Stage {
    let stage = Stage::open().await;
    stage.ok("CreateUser", r#"{"name":"bob","password":"correct horse"}"#).await;
    stage
}

async fn token(stage: &Stage, body: &str) -> String {
    stage.ok(CREATE, body).await.header("x-subject-token")
}

#[tokio::test]
async fn a_password_gets_a_token_for_a_project() {
    let stage = stage().await;
    let answer = stage.call(CREATE, &by_password(BY_NAME, &project(r#"{"name":"cn-north-4"}"#))).await;
    assert_eq!(answer.status, 201);
    insta::assert_json_snapshot!(answer.json());
    let state = stage.app.engine.view();
    let good = stage.app.auth.verify_token(&state, &answer.header("x-subject-token"), NOW).unwrap();
    assert_eq!(good.principal.user_name(), "bob");
    assert_eq!(good.expires_at, NOW + TOKEN_LIFE_MS);
    assert!(state.scope(&good.principal, OWN, linkspan_engine::Access::Write).is_ok());
}

#[tokio::test]
async fn every_way_to_name_user_domain_and_project() {
    let stage = stage().await;
    let users = stage.get("KeystoneListUsers", "name=bob").await.json();
    let id = users["users"][0]["id"].as_str().unwrap();
    let by_id = format!(r#"{{"id":"{id}","password":"correct horse"}}"#);
    let by_domain_id = r#"{"name":"bob","domain":{"id":"d0"},"password":"correct horse"}"#;
    let in_domain = r#"{"name":"cn-north-4","domain":{"name":"domain"}}"#;
    for (user, scope) in [
        (by_id.as_str(), project(&format!(r#"{{"id":"{OWN}"}}"#))),
        (by_domain_id, project(in_domain)),
        (BY_NAME, r#"{"domain":{"name":"domain"}}"#.into()),
        (BY_NAME, r#"{"domain":{"id":"d0"}}"#.into()),
        (BY_NAME, NO_SCOPE.into()),
    ] {
        let answer = stage.call(CREATE, &by_password(user, &scope)).await;
        assert_eq!(answer.status, 201, "{user} {scope} {}", answer.text());
        let token = &answer.json()["token"];
        let for_project = scope.contains("project");
        assert_eq!((token["project"]["id"] == OWN, token["domain"]["id"] == "d0"), (for_project, !for_project));
    }
}

#[tokio::test]
async fn a_wrong_password_or_user_is_told_nothing() {
    let stage = stage().await;
    let text = "The username or password is wrong.";
    for user in [
        r#"{"name":"bob","domain":{"name":"domain"},"password":"wrong"}"#,
        r#"{"name":"bob","domain":{"name":"domain"},"password":""}"#,
        r#"{"name":"nobody","domain":{"name":"domain"},"password":"correct horse"}"#,
        r#"{"name":"bob","domain":{"name":"elsewhere"},"password":"correct horse"}"#,
        r#"{"name":"alice","domain":{"name":"domain"},"password":"correct horse"}"#,
        r#"{"id":"nobody","password":"correct horse"}"#,
    ] {
        let refused = stage.refused(CREATE, &by_password(user, NO_SCOPE)).await;
        assert_eq!(refused, (401, "APIGW.0301".into(), text.into()), "{user}");
    }
    let users = stage.get("KeystoneListUsers", "name=bob").await.json();
    let id = users["users"][0]["id"].as_str().unwrap();
    stage.on(id).ok("ChangeUser", r#"{"enabled":false}"#).await;
    assert_eq!(stage.refused(CREATE, &by_password(BY_NAME, NO_SCOPE)).await.0, 401, "disabled");
}

#[tokio::test]
async fn scopes_that_are_not_the_users() {
    let stage = stage().await;
    let other = stage.at_strangers_home().project().to_string();
    for scope in [
        project(r#"{"name":"nope"}"#),
        project(&format!(r#"{{"id":"{other}"}}"#)),
        project(r#"{"name":"cn-north-4","domain":{"name":"elsewhere"}}"#),
        r#"{"domain":{"name":"elsewhere"}}"#.into(),
    ] {
        let (status, code, _) = stage.refused(CREATE, &by_password(BY_NAME, &scope)).await;
        assert_eq!((status, code.as_str()), (403, "DLI.0003"), "{scope}");
    }
    for body in ["", "{}", r#"{"auth":{"identity":{"methods":["totp"]}}}"#] {
        assert_eq!(stage.refused(CREATE, body).await.0, 400, "{body}");
    }
}

#[tokio::test]
async fn a_token_gets_another_that_is_good_for_no_more_and_no_longer() {
    let stage = stage().await;
    stage.ok("CreateProject", r#"{"name":"second"}"#).await;
    let of_domain = token(&stage, &by_password(BY_NAME, NO_SCOPE)).await;
    let narrowed = token(&stage, &by_token(&of_domain, &project(r#"{"name":"cn-north-4"}"#))).await;
    let again = stage.ok(CREATE, &by_token(&narrowed, r#"{"domain":{"name":"domain"}}"#)).await;
    assert_eq!(again.json()["token"]["domain"]["id"], "d0", "what Terraform asks for");
    let state = stage.app.engine.view();
    let good = stage.app.auth.verify_token(&state, &again.header("x-subject-token"), NOW).unwrap();
    assert_eq!(good.expires_at, NOW + TOKEN_LIFE_MS);
    let may = |project: &str| state.scope(&good.principal, project, linkspan_engine::Access::Read).is_ok();
    let second = state.projects_of(&good.principal).find(|project| &*project.name == "second").unwrap().id.clone();
    assert_eq!((may(OWN), may(second.as_str())), (true, false));
    let widened = stage.refused(CREATE, &by_token(&narrowed, &project(r#"{"name":"second"}"#))).await;
    assert_eq!((widened.0, widened.1.as_str()), (403, "DLI.0003"));
    assert_eq!(stage.refused(CREATE, &by_token("ls1.x.y", NO_SCOPE)).await.0, 401);
    let no_token = r#"{"auth":{"identity":{"methods":["token"]}}}"#;
    assert_eq!(stage.refused(CREATE, no_token).await.0, 401);
}

#[tokio::test]
async fn the_catalog_names_services_where_they_were_reached() {
    let stage = stage().await;
    let login = by_password(BY_NAME, &project(r#"{"name":"cn-north-4"}"#));
    let catalog = async |stage: Stage, host: &str, query: &str| {
        let made = stage.send(CREATE, (query, &login), &[("Host", host)]).await.json();
        let services = made["token"]["catalog"].as_array().unwrap().clone();
        let line = |service: &serde_json::Value| {
            let endpoint = &service["endpoints"][0];
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            format!("{} {} {}", text(&service["type"]), text(&endpoint["region"]), text(&endpoint["url"]))
        };
        services.iter().map(line).collect::<Vec<_>>()
    };
    let expected = |base: &str| {
        vec![
            format!("dli cn-north-4 {base}/v1.0/{OWN}"),
            format!("vpc cn-north-4 {base}/v1/{OWN}"),
            format!("iam * {base}/v3"),
            format!("sts * {base}"),
        ]
    };
    let (plain, tls) = (stage.clone(), stage.over_tls());
    assert_eq!(catalog(plain, "127.0.0.1:8780", "").await, expected("http://127.0.0.1:8780"));
    assert_eq!(catalog(tls.clone(), "linkspan.test", "").await, expected("https://linkspan.test"));
    for no_host in ["", "a b", "user@evil.test", "evil.test/path", "<script>"] {
        assert_eq!(catalog(tls.clone(), no_host, "").await, expected("https://localhost"), "{no_host}");
    }
    assert_eq!(catalog(tls.clone(), "x", "nocatalog=true").await, [""; 0]);
    assert_eq!(catalog(tls, "x", "nocatalog=").await, expected("https://x"), "empty counts as absent");
}

/// Every way in which a token ends before its time, and what it says then on the paths of a project.
#[tokio::test]
async fn a_token_ends_with_password_user_and_project() {
    for (operation, body, again) in [
        ("ChangeUser", r#"{"password":"another horse"}"#.to_owned(), None),
        ("ChangeUser", r#"{"enabled":false}"#.to_owned(), Some(r#"{"enabled":true}"#)),
        ("DeleteUser", String::new(), None),
        ("ChangeProject", r#"{"enabled":false}"#.to_owned(), None),
        ("ChangeUser", r#"{"projects":[]}"#.to_owned(), None),
    ] {
        let stage = stage().await;
        let users = stage.get("KeystoneListUsers", "name=bob").await.json();
        let bob = users["users"][0]["id"].as_str().unwrap();
        let text = token(&stage, &by_password(BY_NAME, &project(r#"{"name":"cn-north-4"}"#))).await;
        let good = async |text: &str| {
            let state = stage.app.engine.view();
            stage.app.auth.verify_token(&state, text, NOW).is_ok()
        };
        assert!(good(&text).await);
        stage.with_token(&text).ok("ListEnhancedConnections", "").await;
        let target = if operation == "ChangeProject" { OWN } else { bob };
        stage.on(target).ok(operation, &body).await;
        assert!(!good(&text).await, "{operation} {body}");
        if let Some(again) = again {
            stage.on(target).ok(operation, again).await;
            assert!(!good(&text).await, "it stays ended: {operation} {body}");
        }
    }
}

#[tokio::test]
async fn a_token_for_a_project_is_no_way_to_administer() {
    let stage = Stage::open().await;
    stage.ok("CreateUser", r#"{"name":"bob","password":"correct horse","admin":true}"#).await;
    let of_project = token(&stage, &by_password(BY_NAME, &project(r#"{"name":"cn-north-4"}"#))).await;
    let (status, code, text) = stage.with_token(&of_project).refused("CreateAccessKey", "{}").await;
    assert_eq!((status, code.as_str()), (403, "forbidden"), "{text}");
    let widened = token(&stage, &by_token(&of_project, r#"{"domain":{"name":"domain"}}"#)).await;
    assert_eq!(stage.with_token(&widened).refused("CreateAccessKey", "{}").await.0, 403, "nor by a detour");
    let of_domain = token(&stage, &by_password(BY_NAME, NO_SCOPE)).await;
    stage.with_token(&of_domain).ok("CreateAccessKey", "{}").await;
}

#[tokio::test(start_paused = true)]
async fn guessing_is_slowed_down_and_shed_and_locks_nobody_out() {
    let stage = stage().await;
    let home = stage.from("10.0.0.1");
    let right = by_password(BY_NAME, NO_SCOPE);
    home.ok(CREATE, &right).await;
    let wrong = by_password(&BY_NAME.replace("correct", "wrong"), NO_SCOPE);
    let guesser = stage.from("10.6.6.6");
    let guesses = (0..40).map(|_| guesser.call(CREATE, &wrong));
    let mut codes = futures_util::future::join_all(guesses).await;
    for _ in 0..20 {
        codes.push(guesser.call(CREATE, &wrong).await);
    }
    let shed = futures_util::future::join_all((0..5).map(|_| guesser.call(CREATE, &wrong))).await;
    assert!(codes.iter().all(|answer| answer.status == 401 || answer.status == 503));
    let last = shed.iter().find(|answer| answer.status == 503).expect("too many at once");
    assert_eq!(last.json()["error_code"], "APIGW.0201");
    let before = tokio::time::Instant::now();
    home.ok(CREATE, &right).await;
    assert!(before.elapsed() < std::time::Duration::from_millis(250), "the user's own place waits for nobody");
    stage.from("10.0.0.2").ok(CREATE, &right).await;
}

/// Three wrong ones under one name of the domain, then one under its other handle: that takes as long whoever is named.
#[tokio::test(start_paused = true)]
async fn waiting_times_do_not_tell_who_exists() {
    let stage = stage().await;
    for user in ["bob", "nobody"] {
        let login = |domain: &str| {
            by_password(&format!(r#"{{"name":"{user}","domain":{domain},"password":"wrong"}}"#), NO_SCOPE)
        };
        for _ in 0..3 {
            assert_eq!(stage.call(CREATE, &login(r#"{"name":"domain"}"#)).await.status, 401);
        }
        let before = tokio::time::Instant::now();
        assert_eq!(stage.call(CREATE, &login(r#"{"id":"d0"}"#)).await.status, 401);
        assert!(before.elapsed() >= std::time::Duration::from_millis(250), "{user}");
    }
}
