//! Bodies of Linkspan's own API, in the order of the files of [`crate::own`].

mod faults;

pub use self::faults::faults;
use super::connection::tag;
use super::{Field, Node, Schema, flag, integer, list, may, must, object, one_of, text, time, uuid};

fn id(example: &'static str) -> Schema {
    text().with("pattern", "^[A-Za-z0-9]{1,64}$").example(example)
}

fn free_text() -> Schema {
    text().chars(0, 256)
}

fn title(example: &'static str) -> Schema {
    text().chars(1, 64).example(example)
}

/// Events of the audit.
#[must_use]
pub fn audit() -> Schema {
    let event = object([
        must("time", time()),
        must("action", text().about("The cloud's name of the event where it has one.").example("createConnection")),
        must("resource", text()),
        may("detail", text()),
        must("request_id", text()),
        may("user_id", text().about("Absent = the server itself.")),
        may("user_name", text().example("alice")),
        may("access_key", text().about("Absent = a token.")),
        may("remote", text().about("The caller's address.").example("127.0.0.1")),
    ]);
    let next = text().or_null().about("Asks for older events as `before`; null = there are none.").example(Node::Null);
    object([must("events", list(event.named("AuditEvent"))), must("next", next)])
}

/// A connection with all that the vendor's show leaves out.
#[must_use]
pub fn connection() -> Schema {
    let host = object([must("name", text().example("ecs-97f8-0001")), must("ip", text().example("192.168.0.1"))]);
    let route = object([
        must("name", text().example("lab")),
        must("cidr", text().example("192.168.2.0/24")),
        must("create_time", time()),
    ]);
    object([
        must("id", uuid()),
        must("name", text().example("orders_db")),
        must("project_id", text()),
        must("active", flag().about("False = deleted, and kept for a while.").example(true)),
        must("create_time", time()),
        may("delete_time", time()),
        must("dest_vpc_id", text()),
        must("dest_network_id", text()),
        must("routetable_id", text().or_null()),
        must("ipv6", flag()),
        must("tags", list(tag())),
        must("hosts", list(host)),
        must("routes", list(route)),
        must("grantees", list(text()).about("The projects it is granted to; for the owner only.")),
        must("peers", list(peer()).about("The owner sees all of them, a grantee its own.")),
    ])
}

fn peer() -> Schema {
    let progress = object([must("attempts", integer().example(1)), must("why", text().about("What is in the way."))]);
    object([
        must("peer_id", uuid()),
        must("project_id", text().about("Whose queue or pool it binds.")),
        must("kind", one_of(&["queue", "elastic_resource_pool"])),
        must("name", text().example("q1")),
        must("status", one_of(&["CREATING", "ACTIVE", "FAILED", "CANCELLED"])),
        may("err_msg", text()),
        may("deadline", time().about("When it counts as failed unless it is active by then.")),
        may("progress", progress),
        may("reachability", super::diagnosis::reachability()),
        must("create_time", time()),
        must("update_time", time()),
    ])
    .named("Peer")
}

fn created() -> Field {
    must("create_time", time())
}

/// A domain.
#[must_use]
pub fn domain() -> Schema {
    object([must("id", id("d0")), must("name", title("domain")), created()]).named("Domain")
}

/// Every domain.
#[must_use]
pub fn domains() -> Schema {
    object([must("domains", list(domain()))])
}

/// A new domain.
#[must_use]
pub fn create_domain() -> Schema {
    object([must("name", title("elsewhere"))]).closed()
}

/// A project.
#[must_use]
pub fn project() -> Schema {
    object([
        must("id", id("0a1b2c3d4e5f60718293a4b5c6d7e8f9")),
        must("domain_id", id("d0")),
        must("name", title("cn-north-4")),
        must("enabled", flag().about("Whether calls to it are answered.").example(true)),
        created(),
        may(
            "node",
            title("host-1").about("The node on whose host its queues and networks lie, where each host has its own."),
        ),
    ])
    .named("Project")
}

/// Every project.
#[must_use]
pub fn projects() -> Schema {
    object([must("projects", list(project()))])
}

/// A new project.
#[must_use]
pub fn create_project() -> Schema {
    let domain = id("d0").about("Absent = the caller's.");
    object([may("domain_id", domain), must("name", title("cn-north-4_dev"))])
        .closed()
        .example(Node::object([("name", Node::from("cn-north-4_dev"))]))
}

/// Whether a project or key works.
#[must_use]
pub fn change_enabled() -> Schema {
    object([must("enabled", flag().example(true))]).closed()
}

/// Where a project is to lie.
#[must_use]
pub fn place_project() -> Schema {
    object([
        must("node", title("host-1").about("The node on whose host its queues and networks are to lie.")),
        may(
            "abandon",
            flag()
                .about("Whether what it has on another node is given up, because that node is gone for good.")
                .example(false),
        ),
    ])
    .closed()
}

/// A user.
#[must_use]
pub fn user() -> Schema {
    object([
        must("id", id("u0")),
        must("domain_id", id("d0")),
        must("name", title("alice")),
        must("enabled", flag().example(true)),
        must("admin", flag().about("Whether it may administer the store.")),
        must("has_password", flag()),
        must("all_projects", flag().about("Whether it may call every project of its domain.").example(true)),
        must("projects", list(text()).about("The projects it may call, if not all.").example(Node::Array(Vec::new()))),
        created(),
    ])
    .named("User")
}

/// Every user.
#[must_use]
pub fn users() -> Schema {
    object([must("users", list(user()))])
}

fn password() -> Schema {
    text().with("format", "password")
}

/// A new user.
#[must_use]
pub fn create_user() -> Schema {
    object([
        may("domain_id", id("d0").about("Absent = the caller's.")),
        must("name", title("bob")),
        may("password", password().about("Absent = it can't log in by password.")),
        may("admin", flag()),
        may("projects", list(text()).about("The projects it may call; absent = every one of its domain.")),
    ])
    .closed()
    .example(Node::object([("name", Node::from("bob"))]))
}

/// A change of a user; what is absent stays.
#[must_use]
pub fn change_user() -> Schema {
    object([
        may("password", password().about("Ends the user's tokens.")),
        may("enabled", flag()),
        may("admin", flag()),
        may("all_projects", flag()),
        may("projects", list(text())),
    ])
    .closed()
    .example(Node::object([("enabled", Node::from(true))]))
}

fn role() -> Schema {
    one_of(&["full", "read_only", "actions"])
}

fn actions() -> Schema {
    let action = text().with("pattern", "^[A-Za-z0-9_*-]+:[A-Za-z0-9_*-]*:[A-Za-z0-9_*-]+$").chars(1, 128);
    list(action.about("`*` stands for any run of characters within its part.").example("dli:*:list"))
        .with("minItems", 1)
        .with("maxItems", 64)
}

fn key_fields() -> Vec<Field> {
    vec![
        must("id", id("LSAK0123456789ABCDEF").about("The public half.")),
        must("user_id", id("u0")),
        must("role", role()),
        may("actions", actions().about("The only actions it may do, if its role is `actions`.")),
        must("enabled", flag().example(true)),
        must("description", text()),
        created(),
    ]
}

/// An access key without its secret.
#[must_use]
pub fn key() -> Schema {
    object(key_fields()).named("AccessKey")
}

/// Every access key.
#[must_use]
pub fn keys() -> Schema {
    object([must("keys", list(key()))])
}

/// A new access key.
#[must_use]
pub fn create_key() -> Schema {
    object([
        may("user_id", id("u0").about("Whose it will be; absent = the caller's.")),
        may("role", role().about("Absent = `full`, or `actions` if some are named.")),
        may("actions", actions().about("The only actions it may do.")),
        may("description", free_text()),
    ])
    .closed()
    .example(Node::object([("description", Node::from("continuous integration"))]))
}

/// A new access key with its secret, which no other answer holds.
#[must_use]
pub fn key_created() -> Schema {
    object(key_fields().into_iter().chain([must("secret", text())]))
}

fn vpc() -> Schema {
    object([
        must("id", text().about("What `dest_vpc_id` names.").example("vpc-1")),
        must("name", text().example("data")),
        must("cidr", text().or_null().example("192.168.0.0/16")),
        created(),
    ])
    .named("DirectoryVpc")
}

/// A VPC that was registered.
#[must_use]
pub fn vpc_created() -> Schema {
    vpc()
}

/// Every VPC of the directory.
#[must_use]
pub fn vpcs() -> Schema {
    object([must("vpcs", list(vpc()))])
}

/// A VPC to register.
#[must_use]
pub fn create_vpc() -> Schema {
    object([
        may("id", text().chars(1, 128).about("Absent = a new one.").example("vpc-1")),
        may("name", free_text().example("data")),
        may("cidr", text().example("192.168.0.0/16")),
    ])
    .closed()
}

/// A subnet of the directory.
#[must_use]
pub fn subnet() -> Schema {
    object([
        must("id", text().about("What `dest_network_id` names.").example("net-1")),
        must("vpc_id", text().example("vpc-1")),
        must("name", text().example("data")),
        must("cidr", text().example("192.168.1.0/24")),
        must("ipv6", flag()),
        must(
            "bound_to",
            text().or_null().about("What it is bound to on the plane's host; null = nothing.").example("kafka-lan"),
        ),
        created(),
    ])
    .named("DirectorySubnet")
}

/// Every subnet of the directory.
#[must_use]
pub fn subnets() -> Schema {
    object([must("subnets", list(subnet()))])
}

/// A subnet to register.
#[must_use]
pub fn create_subnet() -> Schema {
    object([
        may("id", text().chars(1, 128).about("Absent = a new one.").example("net-1")),
        must("vpc_id", text().example("vpc-1")),
        may("name", free_text().example("data")),
        must("cidr", text().example("192.168.1.0/24")),
        may("ipv6", flag()),
    ])
    .closed()
}

/// What a network is bound to.
#[must_use]
pub fn network_binding() -> Schema {
    object([
        must("network_id", text().about("What `dest_network_id` names.").example("net-1")),
        must("to", text().about("A name that the administrator of the plane's host allows.").example("kafka-lan")),
        must("cidr", text().or_null().about("Null = the directory tells.").example("192.168.1.0/24")),
        created(),
    ])
    .named("NetworkBinding")
}

/// What every network of a project is bound to.
#[must_use]
pub fn network_bindings() -> Schema {
    object([must("bindings", list(network_binding()))])
}

/// A network to bind.
#[must_use]
pub fn bind_network() -> Schema {
    object([
        must("to", text().chars(1, 64).example("kafka-lan")),
        may("cidr", text().about("Not for a subnet of the directory.").example("192.168.1.0/24")),
    ])
    .closed()
}

/// The release.
#[must_use]
pub fn version() -> Schema {
    object([must("name", text().example("linkspan")), must("version", text().example("0.1.0"))])
}

/// Whether the process lives, or can serve.
#[must_use]
pub fn health() -> Schema {
    object([must("status", one_of(&["ok", "ready", "unavailable"]))])
}
