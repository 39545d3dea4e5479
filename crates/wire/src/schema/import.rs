//! The bodies of [`crate::own::ImportRequest`] and its answer.

use super::{Node, Schema, flag, integer, list, may, must, object, one_of, text, time, uuid};
use super::{compute, connection};
use crate::own::ImportRequest;

fn place() -> Schema {
    integer().between(0, 999).about("Its place among what was created in the same millisecond.")
}

fn kind() -> Schema {
    one_of(&["elastic_resource_pool", "queue", "connection"])
}

fn birth() -> Schema {
    object([
        must("resource_id", uuid()),
        must("create_time", time()),
        may("place", place()),
        may("owner", text().chars(0, 128).about("Absent = the caller.")),
        may("cidr_in_subnet", text().about("The network it really has.").example("172.16.0.0/18")),
    ])
    .closed()
    .named("ImportBirth")
    .about("What creation elsewhere chose by itself.")
}

fn pool() -> Schema {
    let create = compute::create_pool_request().about("The body that would create it.");
    object([must("birth", birth()), may("update_time", time()), must("create", create)]).closed()
}

fn queue() -> Schema {
    let network = text().about("What `cidr_in_vpc` reads; absent = the default.").example("172.16.0.0/12");
    let create = compute::create_queue_request().about("The body that would create it.");
    let policies = list(compute::scaling_policy()).about("In its pool; absent = not known, and not compared.");
    object([
        must("birth", birth()),
        may("cidr_in_vpc", network),
        may("scaling_policies", policies),
        must("create", create),
    ])
    .closed()
}

fn one_connection() -> Schema {
    let route = object([
        must("name", text().example("lab")),
        must("cidr", text().example("192.168.2.0/24")),
        must("create_time", time()),
    ]);
    let peer = object([
        must("kind", one_of(&["queue", "elastic_resource_pool"])),
        must("name", text().example("q1")),
        must("peer_id", uuid()),
    ]);
    object([
        must("id", uuid()),
        must("create_time", time()),
        may("place", place()),
        may("ipv6_enable", flag()),
        may("routes", list(route)),
        may("grantees", list(text()).about("Absent = not known, and not compared.").example(Node::Array(Vec::new()))),
        may("peer_ids", list(peer).about("A peer without one gets a new id.")),
        must("create", connection::create_request().about("The body that would create it, with what it binds.")),
    ])
    .closed()
}

/// Things to take over from elsewhere.
#[must_use]
pub fn request() -> Schema {
    let most = i64::try_from(ImportRequest::MOST).unwrap_or(i64::MAX);
    let all = |items: Schema| list(items).with("maxItems", most);
    object([
        may("elastic_resource_pools", all(pool())),
        may("queues", all(queue())),
        may("connections", all(one_connection())),
    ])
    .closed()
}

/// What became of them.
#[must_use]
pub fn answer() -> Schema {
    let one = object([
        must("kind", kind()),
        must("id", text().about("As sent.").example("2a620c33-5609-40c9-affd-2b6453071b0f")),
        must("name", text().about("As sent.").example("orders_db")),
        must("outcome", one_of(&["created", "identical", "differs", "refused"])),
        may("fields", list(text()).about("Where it differs.").example(Node::Array(Vec::new()))),
        may("reason", text().about("Why it was refused.")),
    ]);
    object([
        must("dry_run", flag()),
        must("outcomes", list(one.named("ImportedThing")).about("One for each thing, in the order taken over.")),
    ])
}
