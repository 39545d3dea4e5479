//! The body of [`crate::own::Topology`].

use super::{Schema, integer, list, may, must, object, one_of, text, uuid};

/// A project's networks as a graph.
#[must_use]
pub fn topology() -> Schema {
    let node = object([
        must("id", text().about("Names it within this answer, and later while it exists.").example("queue:etl")),
        must("kind", one_of(&["queue", "elastic_resource_pool", "connection", "subnet", "vpc"])),
        must("name", text().example("etl")),
        must("project_id", text().about("The project that owns it.")),
        may("cidr", text().about("If the project in the path may know it.").example("172.31.255.0/24")),
    ]);
    let edge = object([
        must("from", text().example("queue:etl")),
        must("to", text().example("connection:2a620c33-5609-40c9-affd-2b6453071b0f")),
        must("kind", one_of(&["lives_in", "peer", "leads_to", "part_of"])),
        may("peer", peer()),
    ]);
    object([
        must("nodes", list(node.named("TopologyNode"))),
        must("edges", list(edge.named("TopologyEdge"))),
        must("left_out", integer().about("Things beyond the limit that are not among the nodes.").example(0)),
    ])
}

fn peer() -> Schema {
    object([
        must("peer_id", uuid()),
        must("status", one_of(&["CREATING", "ACTIVE", "FAILED", "CANCELLED"])),
        may("reachability", super::diagnosis::reach()),
        may("err_msg", text()),
    ])
}
