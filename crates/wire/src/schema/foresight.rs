//! The bodies of [`crate::own::PreflightRequest`] and its answer.

use super::{Schema, any_of, connection, flag, integer, list, may, must, object, one_of, text};

/// A call to try.
#[must_use]
pub fn preflight() -> Schema {
    let create = connection::create_request().about("The body that would create a connection.");
    let bind = object([
        must("connection_id", connection_id()),
        may("queues", list(text().example("q1"))),
        may("elastic_resource_pools", list(text().example("pool_1"))),
    ]);
    let route = object([
        must("connection_id", connection_id()),
        must("name", text().example("lab")),
        must("cidr", text().example("192.168.2.0/24")),
    ]);
    any_of([
        object([must("create", create)]).closed(),
        object([must("bind", bind.closed())]).closed(),
        object([must("add_route", route.closed())]).closed(),
    ])
}

/// One that is no id names nothing, which the answer says as it does of any other unknown connection.
fn connection_id() -> Schema {
    text()
        .about("An unknown one is what the call would be refused for.")
        .example("2a620c33-5609-40c9-affd-2b6453071b0f")
}

fn kind() -> Schema {
    one_of(&["queue", "elastic_resource_pool"])
}

/// What the call would meet.
#[must_use]
pub fn preflight_answer() -> Schema {
    let refusal = object([
        must("status", integer().example(400)),
        must("error_code", text().example("DLI.0002")),
        must("error_msg", text().example("There is no queue named q1.")),
    ]);
    let peer = object([
        must("kind", kind()),
        must("name", text().example("q1")),
        must("cidr", text().or_null().about("The network of what it binds.").example("172.31.255.0/24")),
        must("ok", flag().about("Whether nothing stands against it.").example(true)),
    ]);
    let codes = one_of(&[
        "overlap",
        "plane_refuses",
        "plane_busy",
        "unknown_network",
        "reserved_range",
        "route_conflict",
        "uncovered_host",
        "host_conflict",
    ]);
    let subject = object([must("kind", kind()), must("name", text().example("q1"))]);
    let finding = object([
        must("severity", one_of(&["error", "warning"]).about("An error makes the peer `FAILED`.")),
        must("code", codes),
        may("peer", subject.about("Absent = it is about the connection.")),
        must("text", text().about("What it means and what to do.")),
    ]);
    object([
        must("verdict", one_of(&["ready", "cautioned", "fails", "refused"])),
        may("refusal", refusal.about("What the call itself would answer if it is refused.")),
        must("peers", list(peer).about("What it would make, try again or lead elsewhere.")),
        must("findings", list(finding.named("PreflightFinding"))),
    ])
}
