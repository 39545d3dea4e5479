use super::*;

fn round_trip(body: &str) -> CreateToken {
    let request = CreateToken::from_body(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
    let written: serde_json::Value = serde_json::to_value(&request).unwrap();
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(body).unwrap(), "{body}");
    request
}

#[test]
fn what_the_python_sdk_sends() {
    let request = round_trip(
        r#"{"auth": {"identity": {"methods": ["password"], "password": {"user": {"domain": {"name": "localdomain"}, "name": "alice", "password": "fake-password"}}}, "scope": {"project": {"name": "local-1"}}}}"#,
    );
    let user = UserRef::Name { name: "alice".into(), domain: NameOrId::Name("localdomain".into()) };
    assert_eq!(request.identity, TokenIdentity::Password { user, password: Secret::new("fake-password") });
    assert_eq!(request.scope, TokenScope::Project { project: NameOrId::Name("local-1".into()), domain: None });
    assert!(!format!("{request:?}").contains("fake-password"));
}

#[test]
fn the_other_forms() {
    for body in [
        r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"u","password":""}}}}}"#,
        r#"{"auth":{"identity":{"methods":["token"],"token":{"id":"t"}},"scope":{"domain":{"name":"d"}}}}"#,
        r#"{"auth":{"identity":{"methods":["token"]},"scope":{"domain":{"id":"d"}}}}"#,
        r#"{"auth":{"identity":{"methods":["token"]},"scope":{"project":{"id":"p"}}}}"#,
        r#"{"auth":{"identity":{"methods":["token"]},"scope":{"project":{"id":"p","domain":{"id":"d"}}}}}"#,
        r#"{"auth":{"identity":{"methods":["token"]},"scope":{"project":{"name":"p","domain":{"name":"d"}}}}}"#,
    ] {
        round_trip(body);
    }
}

#[test]
fn faults_name_the_path_and_never_the_secret() {
    let user =
        |user: &str| format!(r#"{{"auth":{{"identity":{{"methods":["password"],"password":{{"user":{user}}}}}}}}}"#);
    let identity = |identity: &str| format!(r#"{{"auth":{{"identity":{identity}}}}}"#);
    let texts: Vec<_> = [
        "{}".to_owned(),
        r#"{"auth":{}}"#.to_owned(),
        identity("{}"),
        identity(r#"{"methods":["password","totp"]}"#),
        identity(r#"{"methods":["hw_assume_role"]}"#),
        identity(r#"{"methods":[1]}"#),
        identity(r#"{"methods":["password"]}"#),
        identity(r#"{"methods":["password"],"password":{}}"#),
        user(r#"{"name":"n","domain":{"name":"d"}}"#),
        user(r#"{"name":"n","domain":{"name":"d"},"password":["hush"]}"#),
        user(r#"{"domain":{"name":"d"},"password":"hush"}"#),
        user(r#"{"name":"n","password":"hush"}"#),
        user(r#"{"name":"n","domain":{"name":""},"password":"hush"}"#),
        r#"{"auth":{"identity":{"methods":["token"]},"scope":{"project":{}}}}"#.to_owned(),
    ]
    .map(|body| CreateToken::from_body(body.as_bytes()).unwrap_err().message().to_owned())
    .into();
    assert!(!texts.join("").contains("hush"));
    insta::assert_snapshot!(texts.join("\n"));
}
