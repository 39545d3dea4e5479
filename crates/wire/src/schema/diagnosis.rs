//! The bodies of [`crate::own::DiagnoseRequest`] and its answer.

use super::{Schema, any_of, flag, integer, list, map, may, must, object, one_of, text, time, uuid};

/// Who wants to reach what.
#[must_use]
pub fn request() -> Schema {
    let to =
        || must("to", text().about("An address, or a name of the host records, with its port.").example("kafka:9092"));
    let limit = integer().between(100, 30_000).with("default", 5_000).about("How long the plane may try.");
    let queue = text().about("One that lives in a pool asks through its pool's network.").example("q1");
    any_of([
        object([must("queue", queue), to(), may("limit_ms", limit.clone())]).closed(),
        object([must("elastic_resource_pool", text().example("pool_1")), to(), may("limit_ms", limit)]).closed(),
    ])
}

/// What stands in the way of an address.
#[must_use]
pub(super) fn verdict() -> Schema {
    one_of(&[
        "reachable",
        "dns_failure",
        "connection_refused",
        "no_route_in_queue",
        "peer_link_down",
        "blocked_by_policy",
        "no_route_at_router",
        "destination_host_down",
        "silently_dropped_by_destination",
        "no_return_route_at_destination",
        "no_return_route_at_router",
        "foreign_rule_at_router",
    ])
    .named("Verdict")
}

fn stage() -> Schema {
    one_of(&["name", "queue", "peering", "router", "destination"])
}

/// What was found.
#[must_use]
pub fn answer() -> Schema {
    let act = object([
        must("who", one_of(&["tenant", "data_source_owner", "operator"])),
        must("what", text().example("add a route for 192.168.20.20 to the connection")),
    ]);
    let source = object([
        must("kind", one_of(&["queue", "elastic_resource_pool"])),
        must("name", text().about("The pool, for a queue that lives in one.").example("q1")),
    ]);
    let hop = object([
        must("stage", stage()),
        must("hop", text().example("queue q1")),
        must("ok", flag().or_null().about("Null = the traffic did not come that far.")),
        must("evidence", map(text()).about("What was seen there: `via`, `dev`, `icmp`, `neighbour`, …")),
    ]);
    object([
        must("verdict", verdict()),
        must("stage", stage().about("The part of the way it is about.")),
        must("certainty", one_of(&["proved", "inferred"])),
        must("summary", text()),
        may("act", act.about("Who should do what; absent if nothing is wrong.")),
        must("source", source),
        must("path", list(hop.named("DiagnosisHop"))),
        must("probe", probe()),
        may("peer_state", peer_state().about("The peer that carries the traffic or stops it.")),
    ])
}

fn probe() -> Schema {
    object([
        must("target", text().example("192.168.0.1:3306")),
        must("address", text().or_null()),
        may("resolved_by", one_of(&["literal", "host_record"])),
        may("errno", text().example("ECONNREFUSED")),
        may("ms", text().about("How long the connection took.").example("2.3")),
    ])
}

fn peer_state() -> Schema {
    object([
        must("peer_id", uuid()),
        must("connection_id", uuid()),
        must("connection_name", text().example("orders_db")),
        must("status", one_of(&["CREATING", "ACTIVE", "FAILED", "CANCELLED"])),
        must("desired_generation", integer().example(1)),
        must("applied_generation", integer().or_null().about("What the plane has; null = nothing, or not known.")),
        must("drift", flag().or_null().about("Whether the plane differs from what it was made as.")),
        must("settled", flag()),
    ])
}

/// What a check of an active peer comes down to.
pub(super) fn reach() -> Schema {
    one_of(&["unknown", "reachable", "partly_reachable", "unreachable"])
}

/// What the last check of an active peer found.
pub(super) fn reachability() -> Schema {
    let target = object([
        must("address", text().example("192.168.0.1")),
        may("host", text().about("The host record that names it; absent for the subnet's gateway.")),
        must("verdict", verdict()),
    ]);
    object([
        must("state", reach()),
        may("verdict", verdict()),
        must("summary", text()),
        may("checked_at", time().about("Absent if it was not checked yet.")),
        must("targets", list(target).about("What was tried, without a port.")),
    ])
    .named("Reachability")
}
