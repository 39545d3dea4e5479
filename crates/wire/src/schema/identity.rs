//! Bodies of the identity service: tokens, projects, domains, users.

use super::{Field, Node, Schema, flag, list, map, may, must, object, one_of, text};

fn id() -> Schema {
    text().example("0a1b2c3d4e5f60718293a4b5c6d7e8f9")
}

fn handle() -> Schema {
    object([may("id", text()), may("name", text().example("domain"))])
}

/// A token by password, or by another token.
#[must_use]
pub fn token_request() -> Schema {
    let user = object([
        may("id", text()),
        may("name", text().example("alice")),
        must("password", text().with("format", "password").example("your password")),
        may("domain", handle().about("The user's domain, unless the user is named by id.")),
    ]);
    let identity = object([
        must("methods", list(one_of(&["password", "token"])).with("minItems", 1).with("maxItems", 1)),
        may("password", object([must("user", user)])),
        may("token", object([may("id", text().about("Absent = the one in `X-Auth-Token`."))])),
    ]);
    let project = object([may("id", text()), may("name", text().example("cn-north-4")), may("domain", handle())]);
    let scope = object([may("project", project), may("domain", handle())]);
    let auth = object([must("identity", identity), may("scope", scope.about("Absent = the user's domain."))]);
    object([must("auth", auth)]).example(token_example())
}

fn token_example() -> Node {
    let name = |text: &str| Node::object([("name", Node::from(text))]);
    let user = [("name", Node::from("alice")), ("password", Node::from("your password")), ("domain", name("domain"))];
    let identity = [("methods", Node::texts(["password"])), ("password", Node::object([("user", Node::object(user))]))];
    let scope = Node::object([("project", name("cn-north-4"))]);
    Node::object([("auth", Node::object([("identity", Node::object(identity)), ("scope", scope)]))])
}

fn named() -> Schema {
    object([must("id", id()), must("name", text().example("domain"))])
}

fn in_domain() -> Schema {
    object([must("id", id()), must("name", text().example("alice")), must("domain", named())])
}

/// What a new token says; the token itself is in the header `X-Subject-Token`.
#[must_use]
pub fn token() -> Schema {
    let time = || text().with("format", "date-time").example("2027-01-15T08:00:00.000000Z");
    let endpoint = object([
        must("id", text().example("dli")),
        must("interface", text().example("public")),
        must("region", text().example("cn-north-4")),
        must("region_id", text().example("cn-north-4")),
        must("url", text().with("format", "uri").example("http://127.0.0.1:8780")),
    ]);
    let service = object([
        must("id", text().example("dli")),
        must("name", text().example("dli")),
        must("type", text().example("dli")),
        must("endpoints", list(endpoint)),
    ]);
    let token = object([
        must("issued_at", time()),
        must("expires_at", time()),
        must("methods", list(text()).example(Node::texts(["password"]))),
        must("catalog", list(service)),
        must("roles", list(map(text())).example(Node::Array(Vec::new()))),
        may("project", in_domain()),
        may("domain", named()),
        must("user", in_domain()),
    ]);
    object([must("token", token)])
}

fn links() -> Schema {
    let link = || text().or_null().example(Node::Null);
    object([must("self", text()), must("previous", link()), must("next", link())])
}

fn own_link() -> Field {
    must("links", object([must("self", text())]))
}

/// The projects that the caller may call.
#[must_use]
pub fn projects() -> Schema {
    let row = object([
        must("id", id()),
        must("name", text().example("cn-north-4")),
        must("domain_id", id()),
        must("parent_id", id()),
        must("is_domain", flag()),
        must("enabled", flag().example(true)),
        must("description", text()),
        own_link(),
    ]);
    object([must("links", links()), must("projects", list(row.named("IamProject")))])
}

/// The caller's domain.
#[must_use]
pub fn domains() -> Schema {
    let row = object([
        must("id", id()),
        must("name", text().example("domain")),
        must("enabled", flag().example(true)),
        must("description", text()),
        own_link(),
    ]);
    object([must("domains", list(row.named("IamDomain"))), must("links", links())])
}

fn user() -> Schema {
    object([
        must("id", id()),
        must("name", text().example("alice")),
        must("domain_id", id()),
        must("enabled", flag().example(true)),
        must("description", text()),
        own_link(),
    ])
    .named("IamUser")
}

/// Users of the caller's domain.
#[must_use]
pub fn users() -> Schema {
    object([must("links", links()), must("users", list(user()))])
}

/// One user.
#[must_use]
pub fn user_shown() -> Schema {
    object([must("user", user())])
}

/// Whose the credential is.
#[must_use]
pub fn caller() -> Schema {
    object([
        must("account_id", id()),
        must("principal_urn", text().example("iam::d0:user:alice")),
        must("principal_id", id()),
    ])
}
