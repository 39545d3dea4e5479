//! Bodies about connections (dli_02_0187 to dli_02_0192, dli_02_0200, dli_02_0256, dli_02_0318, dli_02_0371).

use super::{Node, Schema, envelope, flag, integer, list, may, millis, must, object, one_of, text, uuid};

/// The id of a connection.
#[must_use]
pub fn connection_id() -> Schema {
    uuid().example("2a620c33-5609-40c9-affd-2b6453071b0f")
}

/// A tag, in every body that has tags.
#[must_use]
pub fn tag() -> Schema {
    let alphabet = "1 to 128 letters of any language, digits, blanks or any of `_ . : + - @`; not `_sys_…`.";
    object([
        must("key", text().chars(1, 128).about(alphabet).example("env")),
        must("value", text().chars(0, 255).about("At most 255 of the same characters, `=` too.").example("test")),
    ])
    .named("Tag")
}

fn tags() -> Schema {
    list(tag()).with("maxItems", 20)
}

fn name() -> Schema {
    text().with("pattern", "^[A-Za-z0-9_]{1,64}$").example("orders_db")
}

fn host() -> Schema {
    object([
        must("name", text().with("pattern", "^[A-Za-z][A-Za-z0-9_.-]{0,127}$").example("ecs-97f8-0001")),
        must("ip", text().with("format", "ipv4").example("192.168.0.1")),
    ])
    .named("Host")
}

fn hosts() -> Schema {
    list(host()).with("maxItems", 20_000)
}

fn external_id(example: &'static str) -> Schema {
    text().chars(1, 128).example(example)
}

const VPC: &str = "22094d8f-c310-4621-913d-4c4d655d8495";
const SUBNET: &str = "78f2562a-36e4-4b39-95b9-f5aab22e1281";

fn names(example: &str) -> Schema {
    list(text()).example(vec![Node::from(example)])
}

/// Creation of a connection.
#[must_use]
pub fn create_request() -> Schema {
    let none = || Node::Array(Vec::new());
    object([
        must("name", name().about("Unique among the project's connections that exist.")),
        must("dest_vpc_id", external_id(VPC).about("The VPC of the data source.")),
        must("dest_network_id", external_id(SUBNET).about("The network id of the data source's subnet.")),
        may("routetable_id", external_id("ad3be945-5920-4b43-a4b2-4a6d7c5a4d8d").about("That subnet's route table.")),
        may("queues", list(text()).about("Queues to bind.").example(none())),
        may("elastic_resource_pools", list(text()).about("Elastic resource pools to bind.").example(none())),
        may("hosts", hosts().about("Host records that jobs of the bound queues resolve names by.")),
        may("tags", tags().about("At most 20, each key once.")),
    ])
}

/// A connection was created.
#[must_use]
pub fn created() -> Schema {
    envelope([must("connection_id", connection_id())])
}

/// Binding and unbinding.
#[must_use]
pub fn bind_request() -> Schema {
    object([
        may("queues", names("q1").about("Queues outside any pool, or in one: then their pool is meant.")),
        may("elastic_resource_pools", list(text()).about("Elastic resource pools.").example(Node::Array(Vec::new()))),
    ])
    .about("At least one of the two must name something.")
}

/// Replacement of the host records.
#[must_use]
pub fn hosts_request() -> Schema {
    object([may("hosts", hosts().about("The new records; absent or null clears them."))])
}

/// A new route.
#[must_use]
pub fn route_request() -> Schema {
    object([
        must("name", text().with("pattern", "^[A-Za-z0-9_-]{1,64}$").about("Unique in the connection.").example("lab")),
        must("cidr", text().about("A CIDR or an address, kept as sent.").example("192.168.2.0/24")),
    ])
}

/// A grant, its change or its revocation.
#[must_use]
pub fn authorize_request() -> Schema {
    let object_name = "edsconnections.2a620c33-5609-40c9-affd-2b6453071b0f";
    let privileges = object([
        must("object", text().about("`edsconnections.{connection_id}`.").example(object_name)),
        must("privileges", list(one_of(&["BIND_QUEUE"])).about("Empty takes all away, with `update` only.")),
    ]);
    object([
        may("projectId", text().about("The project to grant to.").example("330e068af1334c9782f4226acc00a2e2")),
        must("action", one_of(&["grant", "revoke", "update"])),
        must("privileges", list(privileges).about("At least one object.")),
    ])
}

/// The grants of a connection.
#[must_use]
pub fn privileges() -> Schema {
    let project = || text().example("330e068af1334c9782f4226acc00a2e2");
    let entry = object([
        must("object", text().example("edsconnections.2a620c33-5609-40c9-affd-2b6453071b0f")),
        must("applicant_project_id", project().about("The grantee, as the documents name it.")),
        must("project_id", project().about("The grantee again, as Terraform's provider reads it.")),
        must("privileges", list(one_of(&["BIND_QUEUE"]))),
    ]);
    envelope([must("connection_id", connection_id()), must("privileges", list(entry))])
}

fn peer() -> Schema {
    object([
        must("peer_id", uuid().about("The id of the peering.").example("d2ae6628-fa37-4e04-806d-c59c497492d1")),
        must("status", one_of(&["CREATING", "ACTIVE", "FAILED"]).example("ACTIVE")),
        must("name", text().about("The queue or the pool.").example("q1")),
        must("err_msg", text().about("Why it failed; empty otherwise.")),
        must("update_time", millis().about("When the status last changed, in milliseconds.")),
    ])
    .named("ConnectionPeer")
}

fn route() -> Schema {
    object([
        must("name", text().example("lab")),
        must("cidr", text().example("192.168.2.0/24")),
        must("create_time", millis()),
    ])
    .named("ConnectionRoute")
}

/// The members that a row of the list and the answer of show have in common.
fn members() -> Vec<super::Field> {
    vec![
        must("id", connection_id()),
        must("name", name()),
        must("status", one_of(&["ACTIVE", "DELETED"])),
        must("available_queue_info", list(peer()).about("A peer for every bound queue outside a pool.")),
        must("elastic_resource_pools", list(peer()).about("A peer for every bound pool.")),
        must("dest_vpc_id", text().example(VPC)),
        must("dest_network_id", text().example(SUBNET)),
        must("create_time", millis().about("In milliseconds.")),
        must("isPrivis", flag().about("False once it is granted to another project.").example(true)),
        must("ipv6_enable", flag().about("Whether the data source's subnet has IPv6.")),
        must("routes", list(route()).about("Custom routes in the order added.")),
        must("hosts", list(host()).about("In the order sent.")),
    ]
}

/// A page of connections.
#[must_use]
pub fn listed() -> Schema {
    let count = integer().about("How many are on this page; `X-Total-Count` has the total.").example(1);
    envelope([must("connections", list(object(members()).named("Connection"))), must("count", count)])
}

/// One connection.
#[must_use]
pub fn shown() -> Schema {
    envelope(members())
}
