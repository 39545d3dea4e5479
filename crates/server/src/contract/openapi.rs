//! The OpenAPI 3.1 document of every operation.

use std::collections::BTreeMap;

use linkspan_wire::schema::{Components, Node};

use super::{Area, Contract, contracts, errors, family, parameters};
use crate::front::HEALTH_OPERATIONS;
use crate::operation::{Auth, Operation};
use crate::ops::OPERATIONS;

const ABOUT: &str = "A self-hosted, wire-compatible implementation of Huawei Cloud DLI's enhanced datasource connections. \
                     On the vendor's paths bodies and errors are the vendor's; under `/linkspan/v1` errors are \
                     problem details (RFC 9457).";

const SIGNATURE: &str = "`SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…`, as the vendor's SDKs sign: HMAC-SHA256 \
                         under the secret key over the algorithm, the header `X-Sdk-Date` (`YYYYMMDDTHHMMSSZ`, at \
                         most 15 minutes off) and the SHA-256 of the canonical request.";

const TOKEN: &str = "A token of `POST /v3/auth/tokens`, out of its header `X-Subject-Token`.";

/// The document, its members in the order for reading.
#[must_use]
pub fn document() -> Node {
    let mut schemas = Components::new();
    let paths = paths(&mut schemas);
    let responses = errors::components(&mut schemas);
    let info = [
        ("title", Node::from("Linkspan")),
        ("version", Node::from(env!("CARGO_PKG_VERSION"))),
        ("summary", Node::from("Enhanced datasource connections, self-hosted")),
        ("description", Node::from(ABOUT)),
        ("license", Node::object([("name", Node::from("Apache-2.0")), ("identifier", Node::from("Apache-2.0"))])),
    ];
    let components = [
        ("securitySchemes", security_schemes()),
        ("headers", errors::header_components()),
        ("responses", responses),
        ("schemas", Node::object(schemas)),
    ];
    Node::object([
        ("openapi", Node::from("3.1.0")),
        ("info", Node::object(info)),
        ("servers", servers()),
        ("tags", tags()),
        ("paths", paths),
        ("components", Node::object(components)),
    ])
}

fn servers() -> Node {
    let server = |url: &str, about: &str| Node::object([("url", Node::from(url)), ("description", Node::from(about))]);
    Node::Array(vec![
        server("/", "The server that this document came from"),
        server("http://127.0.0.1:8780", "`linkspan serve` as it starts by default"),
    ])
}

fn tags() -> Node {
    let tag = |area: Area| {
        let name = area.name();
        Node::object([("name", Node::from(name.en)), ("x-name-zh", Node::from(name.zh))])
    };
    Node::Array(Area::ALL.into_iter().map(tag).collect())
}

fn security_schemes() -> Node {
    let header = |name: &str, about: &str| {
        Node::object([
            ("type", Node::from("apiKey")),
            ("in", Node::from("header")),
            ("name", Node::from(name)),
            ("description", Node::from(about)),
        ])
    };
    Node::object([("signature", header("Authorization", SIGNATURE)), ("token", header("X-Auth-Token", TOKEN))])
}

/// The paths in the order of the contracts, so that what belongs together stands together.
fn paths(schemas: &mut Components) -> Node {
    let contracts = contracts();
    let rank: BTreeMap<&str, usize> = contracts.iter().enumerate().map(|(at, one)| (one.operation, at)).collect();
    let mut operations: Vec<&Operation> = all_operations().collect();
    operations.sort_by_key(|operation| rank.get(operation.name).copied().unwrap_or(usize::MAX));
    let mut paths: Vec<(String, Vec<(String, Node)>)> = Vec::new();
    for operation in operations {
        let contract = rank.get(operation.name).and_then(|at| contracts.get(*at));
        let described = describe(operation, contract, schemas);
        let method = operation.method.as_str().to_ascii_lowercase();
        match paths.iter_mut().find(|(path, _)| path == operation.path) {
            Some((_, methods)) => methods.push((method, described)),
            None => paths.push((operation.path.to_owned(), vec![(method, described)])),
        }
    }
    Node::object(paths.into_iter().map(|(path, methods)| (path, Node::Object(methods))))
}

/// Every operation that the server routes.
pub(super) fn all_operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().chain(HEALTH_OPERATIONS)
}

fn describe(operation: &Operation, contract: Option<&Contract>, schemas: &mut Components) -> Node {
    let area = contract.map_or(Area::Server, |contract| contract.area);
    let mut members = vec![
        ("operationId".to_owned(), Node::from(operation.name)),
        ("tags".to_owned(), Node::texts([area.name().en])),
    ];
    if let Some(contract) = contract {
        members.push(("summary".into(), contract.summary.en.into()));
        members.push(("x-summary-zh".into(), contract.summary.zh.into()));
        let (en, zh) = notes(contract);
        if !en.is_empty() {
            members.push(("description".into(), en.into()));
            members.push(("x-description-zh".into(), zh.into()));
        }
        if contract.is_deprecated {
            members.push(("deprecated".into(), true.into()));
        }
        members.push(("x-clients".into(), Node::texts(contract.clients.iter().map(|client| client.name()))));
    }
    if let Some(member) = family::members().find(|member| member.is_answered_by(operation)) {
        members.push(("x-sdk".into(), Node::from(member.name)));
    }
    members.push(("x-document".into(), operation.document.into()));
    members.push(("x-action".into(), operation.action.into()));
    let parameters = parameters_of(operation, contract, schemas);
    if !parameters.is_empty() {
        members.push(("parameters".into(), Node::Array(parameters)));
    }
    if let Some(body) = contract.and_then(|contract| contract.body.as_ref()) {
        let content = content("application/json", body.render(schemas), body.sample());
        members.push((
            "requestBody".into(),
            Node::object([("required", Node::from(body.requires_something())), ("content", content)]),
        ));
    }
    members.push(("responses".into(), responses(operation, contract, area, schemas)));
    members.push(("security".into(), security(operation)));
    Node::Object(members)
}

/// What stands below the summary, as Markdown.
fn notes(contract: &Contract) -> (String, String) {
    let all = || contract.lacks.iter().chain(&contract.notes);
    let joined = |texts: Vec<&str>| texts.join("\n\n");
    (joined(all().map(|said| said.en).collect()), joined(all().map(|said| said.zh).collect()))
}

fn parameters_of(operation: &Operation, contract: Option<&Contract>, schemas: &mut Components) -> Vec<Node> {
    let mut parameters = Vec::new();
    for name in path_parameters(operation.path) {
        let (schema, about) = parameters::of_path(name);
        parameters.push(Node::object([
            ("name", Node::from(name)),
            ("in", Node::from("path")),
            ("required", Node::from(true)),
            ("description", Node::from(about)),
            ("schema", schema.render(schemas)),
        ]));
    }
    for parameter in contract.into_iter().flat_map(|contract| &contract.parameters) {
        parameters.push(Node::object([
            ("name", Node::from(parameter.name)),
            ("in", Node::from(parameter.place)),
            ("description", Node::from(parameter.about)),
            ("schema", parameter.schema.render(schemas)),
        ]));
    }
    parameters
}

/// The names in the braces of a path.
pub(super) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn content(media_type: &str, schema: Node, example: Node) -> Node {
    Node::object([(media_type, Node::object([("schema", schema), ("example", example)]))])
}

fn responses(operation: &Operation, contract: Option<&Contract>, area: Area, schemas: &mut Components) -> Node {
    let status = contract.map_or(200, |contract| contract.status);
    let headers = contract.map_or(&[][..], |contract| contract.headers);
    let mut success =
        vec![("description".to_owned(), Node::from("Success.")), ("headers".to_owned(), errors::headers(headers))];
    if let Some(contract) = contract
        && let Some(answer) = &contract.answer
    {
        let body = match contract.media_type {
            "application/json" => content("application/json", answer.render(schemas), answer.sample()),
            other => Node::object([(other, Node::object([("schema", answer.render(schemas))]))]),
        };
        success.push(("content".into(), body));
    }
    let mut responses = vec![(status.to_string(), Node::Object(success))];
    if headers.contains(&"ETag") {
        let unchanged = [("description", Node::from("Nothing changed.")), ("headers", errors::headers(&[]))];
        responses.push(("304".into(), Node::object(unchanged)));
    }
    responses.extend(errors::responses(operation, area));
    Node::Object(responses)
}

fn security(operation: &Operation) -> Node {
    let scheme = |name: &str| Node::object([(name, Node::Array(Vec::new()))]);
    match operation.auth {
        Auth::Nobody => Node::Array(Vec::new()),
        Auth::Principal | Auth::Project(_) | Auth::Admin(_) => Node::Array(vec![scheme("signature"), scheme("token")]),
    }
}
