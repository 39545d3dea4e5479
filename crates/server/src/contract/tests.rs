//! The document against the operations and their real answers.

use serde_json::{Value, json};

use super::openapi::all_operations;
use super::{Contract, contracts, document, shape};
use crate::ops::OPERATIONS;
use crate::ops::isolation;
use crate::ops::stage::{Answered, Stage};

fn parsed() -> Value {
    serde_json::from_str(&document().to_json()).unwrap()
}

/// The entry of an operation in the document.
fn entry<'d>(document: &'d Value, name: &str) -> &'d Value {
    let operation = all_operations().find(|operation| operation.name == name).unwrap();
    &document["paths"][operation.path][operation.method.as_str().to_ascii_lowercase()]
}

/// Holds an answer of success to the document.
fn assert_promised(document: &Value, name: &str, answer: &Answered) {
    let entry = entry(document, name);
    let response = &entry["responses"][answer.status.to_string()];
    assert!(response.is_object(), "{name} answers {}, which is not described", answer.status);
    for header in response["headers"].as_object().unwrap().keys().filter(|header| *header != "X-Request-Id") {
        assert!(answer.headers.contains_key(header.as_str()), "{name} has no {header}");
    }
    match response.pointer("/content/application~1json/schema") {
        Some(schema) => {
            let faults = shape::faults(document, schema, &answer.json());
            assert!(faults.is_empty(), "{name}: {faults:#?}");
        }
        None => assert!(answer.body.is_empty() || response.get("content").is_some(), "{name}: {}", answer.text()),
    }
}

fn assert_takes(document: &Value, name: &str, body: &str) {
    if body.is_empty() {
        return;
    }
    let schema = entry(document, name).pointer("/requestBody/content/application~1json/schema");
    let schema = schema.unwrap_or_else(|| panic!("{name} describes no body"));
    let faults = shape::faults(document, schema, &serde_json::from_str(body).unwrap());
    assert!(faults.is_empty(), "{name}: {faults:#?}");
}

#[test]
fn no_contract_comes_twice() {
    let all = contracts();
    for (index, one) in all.iter().enumerate() {
        assert!(all.iter().skip(index + 1).all(|other| other.operation != one.operation), "{}", one.operation);
    }
}

/// Whoever adds an operation describes it. A contract may stand here before its operation does, under the vendor's name.
#[test]
fn no_operation_is_undescribed() {
    let all = contracts();
    for operation in all_operations() {
        assert!(all.iter().any(|contract| contract.operation == operation.name), "{} has no contract", operation.name);
    }
    for Contract { operation, .. } in &all {
        let is_here = all_operations().any(|here| here.name == *operation);
        let is_known = super::family::members().any(|member| member.name == *operation);
        assert!(is_here || is_known, "{operation} is no operation");
    }
}

#[tokio::test]
async fn operations_about_a_project_answer_what_the_document_promises() {
    let document = parsed();
    for (name, body, answer) in isolation::answers_to_the_owner().await {
        assert_takes(&document, name, &body);
        assert_promised(&document, name, &answer);
    }
}

#[tokio::test]
async fn the_other_operations_answer_what_the_document_promises() {
    let document = parsed();
    let (stage, _work) = Stage::with_plane().await;
    stage.with_host("host-1").await;
    let password = json!({"name": "bob", "password": "correct horse battery"}).to_string();
    let login = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": {
        "name": "bob", "password": "correct horse battery", "domain": {"name": "domain"}}}}}});
    let fault = r#"{"rules":[{"matches":"any","effect":{"latency_ms":5}}]}"#;
    let calls = [
        ("CreateUser", "", password.as_str()),
        ("KeystoneCreateUserTokenByPassword", "", &login.to_string()),
        ("KeystoneListProjects", "", ""),
        ("KeystoneListAuthProjects", "", ""),
        ("KeystoneListAuthDomains", "", ""),
        ("KeystoneListUsers", "", ""),
        ("ShowCallerIdentity", "", ""),
        ("ListUsers", "", ""),
        ("ChangeUser", "u0", r#"{"enabled":true}"#),
        ("CreateDomain", "", r#"{"name":"third"}"#),
        ("ListDomains", "", ""),
        ("CreateProject", "", r#"{"name":"second"}"#),
        ("ListProjects", "", ""),
        ("ChangeProject", crate::ops::stage::OWN, r#"{"enabled":true}"#),
        ("PlaceProject", crate::ops::stage::OWN, r#"{"node":"host-1"}"#),
        ("CreateAccessKey", "", r#"{"description":"ci"}"#),
        ("CreateAccessKey", "", r#"{"actions":["dli:*:list","dli::operateAuth"]}"#),
        ("ListAccessKeys", "", ""),
        ("ChangeAccessKey", "OWNKEY", r#"{"enabled":true}"#),
        ("ListAdminAudit", "", ""),
        ("ReplaceFaults", "", fault),
        ("ListFaults", "", ""),
        ("ShowVersion", "", ""),
        ("ShowOpenApi", "", ""),
        ("ShowExplorer", "", ""),
        ("ShowExplorerFile", "app.js", ""),
        ("DeleteAccessKey", "STRANGERSKEY", ""),
    ];
    for (name, target, body) in calls {
        assert_takes(&document, name, body);
        let answer = stage.on(target).ok(name, body).await;
        assert_promised(&document, name, &answer);
    }
}

/// Where the document lets the body be left out, that is as good as an empty object.
#[tokio::test]
async fn a_body_that_requires_nothing_may_be_left_out() {
    let document = parsed();
    let stage = Stage::open().await;
    stage.sources().await;
    stage.networks().await;
    let body = r#"{"name":"c","dest_vpc_id":"vpc-1","dest_network_id":"net-1"}"#;
    let made = stage.ok("CreateEnhancedConnection", body).await.json();
    let connection = made["connection_id"].as_str().unwrap();
    for operation in OPERATIONS {
        let name = operation.name;
        if entry(&document, name).pointer("/requestBody/required") != Some(&json!(false)) {
            continue;
        }
        let target = match name {
            "UpdateElasticResourcePool" => "pool_1",
            "ListResourcesByTags" | "CountResourcesByTags" => "dli_enhanced_datasource",
            "ChangeUser" => "u0",
            _ => connection,
        };
        let stage = stage.on(target);
        let (without, empty) = (stage.call(name, "").await, stage.call(name, "{}").await);
        assert_eq!(without.status, empty.status, "{name}: {} {}", without.text(), empty.text());
        assert!(![404, 500].contains(&empty.status), "{name}: {}", empty.text());
    }
}

#[test]
fn every_example_fits_its_schema() {
    let document = parsed();
    for operation in OPERATIONS {
        let entry = entry(&document, operation.name);
        let of_body = entry.pointer("/requestBody/content/application~1json");
        let responses = entry["responses"].as_object().unwrap().values();
        let of_answers = responses.filter_map(|response| response.pointer("/content/application~1json"));
        for content in of_body.into_iter().chain(of_answers) {
            let faults = shape::faults(&document, &content["schema"], &content["example"]);
            assert!(faults.is_empty(), "{}: {faults:#?}", operation.name);
        }
    }
}

/// A reference that leads nowhere makes a document useless to every tool.
#[test]
fn references_lead_somewhere() {
    fn visit(document: &Value, value: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(place)) = members.get("$ref") {
                    assert!(document.pointer(place.trim_start_matches('#')).is_some(), "{place}");
                }
                members.values().for_each(|member| visit(document, member));
            }
            Value::Array(items) => items.iter().for_each(|item| visit(document, item)),
            _ => {}
        }
    }
    let document = parsed();
    visit(&document, &document);
}
