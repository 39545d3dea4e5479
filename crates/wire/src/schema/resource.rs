//! Bodies of the calls around connections and queues: tags (dli_02_0396 to dli_02_0399, dli_02_0501, dli_02_0513),
//! connectivity tests (dli_02_0284, dli_02_0285), quotas (dli_02_0503), faults (dli_02_0056).

use super::connection::tag;
use super::{Field, Node, Schema, envelope, flag, integer, list, may, must, object, one_of, text};

/// Tags to add.
#[must_use]
pub fn tags_request() -> Schema {
    object([must("tags", list(tag()).with("maxItems", 20))])
}

/// Tags to remove; the key alone decides.
#[must_use]
pub fn tag_keys_request() -> Schema {
    let handle = object([must("key", text().example("env")), may("value", text())]);
    object([must("tags", list(handle).with("maxItems", 20))])
}

/// What resources must bear to be found.
#[must_use]
pub fn tag_filter_request() -> Schema {
    let values = vec![Node::from("test")];
    let wanted =
        object([must("key", text().chars(1, 128).example("env")), may("values", list(text()).example(values))]);
    let field = object([
        must("key", one_of(&["resource_name", "resource_id"])),
        must("value", text().chars(1, 255).example("orders_db")),
    ]);
    let none = || list(wanted.clone()).with("maxItems", 20).example(Node::Array(Vec::new()));
    object([
        may("without_any_tag", flag().about("Only resources that bear no tag at all.")),
        may("tags", list(wanted.clone()).with("maxItems", 20).about("Each key with one of its values.")),
        may("tags_any", none().about("At least one key with one of its values.")),
        may("not_tags", none().about("Not those that bear each key with one of its values.")),
        may("not_tags_any", none().about("Not those that bear any key with one of its values.")),
        may("matches", list(field).with("maxItems", 20).about("All of them.").example(Node::Array(Vec::new()))),
    ])
}

fn total(name: &'static str) -> Field {
    must(name, integer().about("How many there are, whatever the page.").example(1))
}

/// The tags of one resource.
#[must_use]
pub fn tags_shown() -> Schema {
    object([must("tags", list(tag())), total("count")])
}

/// The keys of a resource type with their values.
#[must_use]
pub fn tag_values() -> Schema {
    let values = vec![Node::from("test")];
    let entry = object([must("key", text().example("env")), must("values", list(text()).example(values))]);
    object([must("tags", list(entry)), total("count")])
}

/// A page of the resources that were found.
#[must_use]
pub fn resources_found() -> Schema {
    let nothing = Schema::default().with("type", "null").about("Always null.").example(Node::Null);
    let row = object([
        must("resource_id", text().example("2a620c33-5609-40c9-affd-2b6453071b0f")),
        must("resource_name", text().example("orders_db")),
        must("resource_detail", nothing),
        must("tags", list(tag())),
    ]);
    object([total("total_count"), must("resources", list(row.named("TaggedResource")))])
}

/// How many resources were found.
#[must_use]
pub fn resources_counted() -> Schema {
    object([total("total_count")])
}

/// An address to test.
#[must_use]
pub fn connectivity_request() -> Schema {
    let about = "`ip:port`, `name:port` or `[ipv6]:port`.";
    object([must("address", text().about(about).example("192.168.0.1:3306"))])
}

/// The test was begun.
#[must_use]
pub fn connectivity_created() -> Schema {
    envelope([must("task_id", integer().with("format", "int64").example(9))])
}

/// What the test has found.
#[must_use]
pub fn connectivity_shown() -> Schema {
    let reason = text().about("Why it is unreachable and what to do; an addition of Linkspan.");
    envelope([must("connectivity", one_of(&["REACHABLE", "UNREACHABLE", "TESTING"])), must("reason", reason)])
}

/// The quotas of a project.
#[must_use]
pub fn quotas() -> Schema {
    let number = |example: i32| integer().with("format", "int64").example(example);
    let row = object([
        must("type", text().example("CU")),
        must("min", number(0)),
        must("max", number(1000)),
        must("quota", number(1000)),
        must("used", number(16)),
    ]);
    envelope([must("quotas", object([must("resources", list(row.named("Quota")))]))])
}

/// A change that has nothing to tell but that it was made.
#[must_use]
pub fn done() -> Schema {
    envelope([]).named("Done")
}

/// A fault on the vendor's paths.
#[must_use]
pub fn fault() -> Schema {
    object([
        must("error_code", text().about("A code of the contract.").example("DLI.0001")),
        must("error_msg", text().about("What happened, for people.").example("Parameter check errors occur.")),
        may("request_id", text().about("In faults of the gateway; the header `X-Request-Id` is on every answer.")),
    ])
    .named("Fault")
}

/// A fault of the VPC service.
#[must_use]
pub fn vpc_fault() -> Schema {
    object([must("code", text().example("VPC.0101")), must("message", text().example("vpc.cidr must be an IPv4 CIDR"))])
        .named("VpcFault")
}

/// A fault on Linkspan's own paths (RFC 9457).
#[must_use]
pub fn problem() -> Schema {
    object([
        must("type", text().example("about:blank")),
        must("title", text().example("Not Found")),
        must("status", integer().example(404)),
        must("detail", text().about("What happened, for people.").example("The user u1 does not exist.")),
        must("code", text().about("What programs look at.").example("not_found")),
        must("request_id", text().example("0123456789abcdef0123456789abcdef")),
    ])
    .named("Problem")
}
