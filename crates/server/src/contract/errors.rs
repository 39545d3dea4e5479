//! What an operation answers when it does not succeed, by the kind of its path and what it asks for.

use linkspan_wire::schema::{Components, Node, Schema, any_of, resource};

use super::Area;
use crate::operation::{Auth, Operation};

/// A response that many operations share.
struct Shared {
    name: &'static str,
    status: u16,
    about: &'static str,
}

const fn shared(status: u16, name: &'static str, about: &'static str) -> Shared {
    Shared { name, status, about }
}

const SHARED: [Shared; 8] = [
    shared(400, "BadRequest", "A malformed parameter or body, or a rule of the contract; the text says which."),
    shared(
        401,
        "Unauthorized",
        "No valid credential: `APIGW.0301`, or `APIGW.0303` if the clocks differ by over 15 minutes.",
    ),
    shared(403, "Forbidden", "The caller may not call this about this project."),
    shared(404, "NotFound", "There is no such thing, or no such path."),
    shared(409, "Conflict", "It exists already, or is in use."),
    shared(413, "TooLarge", "The body is over 12 MiB."),
    shared(500, "Internal", "A fault of the server; its log has the cause under the `X-Request-Id`."),
    shared(503, "Unavailable", "Overload, or the store is out of reach; `Retry-After` says when to try again."),
];

/// Who writes the body of a fault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writer {
    Vendor,
    Vpc,
    Own,
}

impl Writer {
    const ALL: [Self; 3] = [Self::Vendor, Self::Vpc, Self::Own];

    fn of(operation: &Operation, area: Area) -> Self {
        match area {
            Area::Networks => Self::Vpc,
            _ if operation.path.starts_with("/linkspan/") => Self::Own,
            _ => Self::Vendor,
        }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Vendor => "",
            Self::Vpc => "Vpc",
            Self::Own => "Own",
        }
    }

    fn body(self) -> (&'static str, Schema) {
        match self {
            Self::Vendor => ("application/json", resource::fault()),
            Self::Vpc => ("application/json", any_of([resource::vpc_fault(), resource::fault()])),
            Self::Own => ("application/problem+json", resource::problem()),
        }
    }
}

/// The responses of an operation's failures: status and reference.
pub(super) fn responses(operation: &Operation, area: Area) -> Vec<(String, Node)> {
    let writer = Writer::of(operation, area);
    let asks = operation.auth != Auth::Nobody;
    let reads_body = operation.method != http::Method::GET && operation.method != http::Method::HEAD;
    let is_fixed = !asks && !reads_body;
    let applies = |status| match status {
        400 => !is_fixed,
        401 | 403 => asks || reads_body,
        404 => asks || operation.path.contains('{'),
        409 => writer != Writer::Vendor && reads_body,
        413 => reads_body,
        _ => true,
    };
    let of_use = SHARED.iter().filter(|shared| applies(shared.status));
    of_use
        .map(|shared| {
            let place = format!("#/components/responses/{}{}", writer.prefix(), shared.name);
            (shared.status.to_string(), Node::object([("$ref", Node::from(place))]))
        })
        .collect()
}

/// All of them, for the document's `components`.
pub(super) fn components(schemas: &mut Components) -> Node {
    let mut responses = Vec::new();
    for writer in Writer::ALL {
        let (media_type, schema) = writer.body();
        let schema = schema.render(schemas);
        for Shared { name, about, .. } in SHARED {
            let content = Node::object([(media_type, Node::object([("schema", schema.clone())]))]);
            let response =
                Node::object([("description", Node::from(about)), ("headers", headers(&[])), ("content", content)]);
            responses.push((format!("{}{name}", writer.prefix()), response));
        }
    }
    Node::Object(responses)
}

const REQUEST_ID: &str = "X-Request-Id";

/// Headers of answers, and what they tell.
const HEADERS: [(&str, &str); 5] = [
    (REQUEST_ID, "The id of this call in the server's log and audit."),
    ("X-Linkspan-Revision", "The revision that the list was answered from: pages of the same one partition the list."),
    ("X-Total-Count", "How many match, whatever the page."),
    ("ETag", "For `If-None-Match`: 304 while nothing changed."),
    ("X-Subject-Token", "The token."),
];

/// References to these headers, and to the one that every answer has.
pub(super) fn headers(names: &[&str]) -> Node {
    let names = std::iter::once(&REQUEST_ID).chain(names);
    Node::object(names.map(|name| {
        let reference = Node::from(format!("#/components/headers/{name}"));
        ((*name).to_owned(), Node::object([("$ref", reference)]))
    }))
}

/// All of them, for the document's `components`.
pub(super) fn header_components() -> Node {
    Node::object(HEADERS.map(|(name, about)| {
        let schema = Node::object([("type", Node::from("string"))]);
        (name, Node::object([("description", Node::from(about)), ("schema", schema)]))
    }))
}
