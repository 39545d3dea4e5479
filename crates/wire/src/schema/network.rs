//! Bodies of the VPC service, as far as clients need it around a connection: VPCs, subnets, route tables, tags.

use super::connection::tag;
use super::{Field, Node, Schema, any_of, flag, integer, list, map, may, must, object, one_of, text};

const VPC: &str = "22094d8f-c310-4621-913d-4c4d655d8495";
const SUBNET: &str = "78f2562a-36e4-4b39-95b9-f5aab22e1281";
const ROUTE_TABLE: &str = "ad3be945-5920-4b43-a4b2-4a6d7c5a4d8d";

fn none() -> Schema {
    list(map(text())).example(Node::Array(Vec::new()))
}

fn seconds() -> Schema {
    text().with("format", "date-time").example("2027-01-15T08:00:00Z")
}

fn times() -> [Field; 2] {
    [must("created_at", seconds()), must("updated_at", seconds())]
}

fn name() -> Field {
    may("name", text().chars(0, 64).example("data"))
}

fn description() -> Field {
    may("description", text().chars(0, 255).about("Without angle brackets."))
}

fn new_tags() -> Field {
    let pair = text().about("`key*value`.").example("env*test");
    may("tags", list(any_of([pair, sent_tag()])).with("maxItems", 20))
}

/// A tag as this service takes it.
fn sent_tag() -> Schema {
    let value = text().chars(0, 255).about("Absent = empty.").example("test");
    object([must("key", text().chars(1, 128).example("env")), may("value", value)])
}

/// Creation of a VPC.
#[must_use]
pub fn create_vpc_request() -> Schema {
    let enterprise_project = text().chars(0, 36).about("Kept and shown; nothing depends on it.").example("0");
    let cidr = may("cidr", text().example("192.168.0.0/16"));
    let vpc = object([name(), description(), cidr, may("enterprise_project_id", enterprise_project), new_tags()]);
    object([must("vpc", vpc)])
}

/// Changes of a VPC.
#[must_use]
pub fn update_vpc_request() -> Schema {
    let cidr = text().about("It must enclose every subnet.").example("192.168.0.0/16");
    object([must("vpc", object([name(), description(), may("cidr", cidr)]))])
}

fn vpc_row() -> Schema {
    let fields = [
        must("id", text().example(VPC)),
        must("name", text().example("data")),
        must("description", text()),
        must("cidr", text().example("192.168.0.0/16")),
        must("status", text().example("OK")),
        must("routes", none()),
        must("enterprise_project_id", text().example("0")),
        must("enhanced_local_route", flag().example(true)),
        must("tenant_id", text()),
    ];
    object(fields.into_iter().chain(times())).named("Vpc")
}

/// A VPC that was made or changed, or is shown.
#[must_use]
pub fn vpc() -> Schema {
    object([must("vpc", vpc_row())])
}

/// A page of VPCs.
#[must_use]
pub fn vpcs() -> Schema {
    object([must("vpcs", list(vpc_row()))])
}

/// A VPC as version 3 of the service shows it.
#[must_use]
pub fn vpc_v3() -> Schema {
    let fields = [
        must("id", text().example(VPC)),
        must("name", text().example("data")),
        must("description", text()),
        must("cidr", text().example("192.168.0.0/16")),
        must("extend_cidrs", list(text()).example(Node::Array(Vec::new()))),
        must("status", text().example("ACTIVE")),
        must("project_id", text()),
        must("enterprise_project_id", text().example("0")),
    ];
    let counted = object([
        must("resource_type", one_of(&["routetable", "virsubnet"])),
        must("resource_count", integer().example(1)),
    ]);
    let rest = [must("cloud_resources", list(counted)), must("tags", list(tag()))];
    let row = object(fields.into_iter().chain(times()).chain(rest));
    object([must("request_id", text()), must("vpc", row)])
}

fn dhcp_options() -> Schema {
    let option = object([
        must("opt_name", text().chars(0, 64).example("ntp")),
        may("opt_value", text().chars(0, 255).example("10.100.0.33")),
    ]);
    list(option.named("DhcpOption"))
}

/// What may be said of a subnet at any time.
fn subnet_settings() -> [Field; 6] {
    let address = || text().about("An IP address, or empty.");
    [
        description(),
        may("dhcp_enable", flag().with("default", true)),
        may("primary_dns", address()),
        may("secondary_dns", address()),
        may("dnsList", list(text().example("100.125.1.250")).with("maxItems", 5)),
        may("extra_dhcp_opts", dhcp_options().with("maxItems", 10)),
    ]
}

/// Creation of a subnet.
#[must_use]
pub fn create_subnet_request() -> Schema {
    let head = [
        name(),
        must("cidr", text().example("192.168.1.0/24")),
        may("gateway_ip", text().about("Absent = the first address.").example("192.168.1.1")),
        must("vpc_id", text().example(VPC)),
        may("ipv6_enable", flag()),
        may("availability_zone", text().chars(0, 64)),
        new_tags(),
    ];
    object([must("subnet", object(head.into_iter().chain(subnet_settings())))])
}

/// Changes of a subnet.
#[must_use]
pub fn update_subnet_request() -> Schema {
    let head = [name(), may("ipv6_enable", flag().about("It can't be taken away again.").example(true))];
    object([must("subnet", object(head.into_iter().chain(subnet_settings())))])
}

fn subnet_row() -> Schema {
    let fields = [
        must("id", text().example(SUBNET)),
        must("name", text().example("data")),
        must("description", text()),
        must("cidr", text().example("192.168.1.0/24")),
        must("gateway_ip", text().example("192.168.1.1")),
        must("ipv6_enable", flag()),
        must("cidr_v6", text()),
        must("gateway_ip_v6", text()),
        must("dhcp_enable", flag().example(true)),
        must("primary_dns", text()),
        must("secondary_dns", text()),
        must("dnsList", list(text()).example(Node::Array(Vec::new()))),
        must("availability_zone", text()),
        must("vpc_id", text().example(VPC)),
        must("status", text().example("ACTIVE")),
        must("neutron_network_id", text().example(SUBNET)),
        must("neutron_subnet_id", text().example(SUBNET)),
        must("neutron_subnet_id_v6", text()),
        must("extra_dhcp_opts", dhcp_options()),
        must("tenant_id", text()),
    ];
    object(fields.into_iter().chain(times())).named("VpcSubnet")
}

/// A subnet that was made, or is shown.
#[must_use]
pub fn subnet() -> Schema {
    object([must("subnet", subnet_row())])
}

/// A page of subnets.
#[must_use]
pub fn subnets() -> Schema {
    object([must("subnets", list(subnet_row()))])
}

/// A subnet that was changed.
#[must_use]
pub fn subnet_changed() -> Schema {
    object([must("subnet", object([must("id", text().example(SUBNET)), must("status", text().example("ACTIVE"))]))])
}

fn route_fields() -> [Field; 4] {
    [
        must("type", text().chars(0, 128).about("What the next hop is: `ecs`, `eni`, `vip`, `nat`, …").example("ecs")),
        must("destination", text().example("10.169.0.0/24")),
        must("nexthop", text().chars(0, 128).example("7c50463d-d36c-4417-aa85-cc11fa10f341")),
        description(),
    ]
}

fn route() -> Schema {
    object(route_fields()).named("RouteTableRoute")
}

/// Creation of a route table.
#[must_use]
pub fn create_route_table_request() -> Schema {
    let routes = may("routes", list(route()).with("maxItems", 200));
    object([must("routetable", object([must("vpc_id", text().example(VPC)), name(), description(), routes]))])
}

/// Changes of a route table.
#[must_use]
pub fn update_route_table_request() -> Schema {
    let gone = object([must("destination", text().example("10.170.0.0/24"))]);
    let routes = object([
        may("add", list(route())),
        may("mod", list(route()).about("In the place of those with the same destinations.").example(Vec::new())),
        may("del", list(gone)),
    ]);
    object([must("routetable", object([name(), description(), may("routes", routes)]))])
}

/// Subnets that are to use a route table, or no longer.
#[must_use]
pub fn associate_route_table_request() -> Schema {
    let subnets = object([
        may("associate", list(text().example(SUBNET)).with("maxItems", 1000)),
        may("disassociate", list(text()).with("maxItems", 1000).example(Node::Array(Vec::new()))),
    ]);
    object([must("routetable", object([must("subnets", subnets)]))])
}

fn route_table_fields() -> Vec<Field> {
    let subnet = object([must("id", text().example(SUBNET))]);
    let fields = [
        must("id", text().example(ROUTE_TABLE)),
        must("name", text().example("rtb-data")),
        must("description", text()),
        must("default", flag().about("Whether it is the one that its VPC came with.").example(true)),
        must("subnets", list(subnet).about("Those that use it.")),
        must("tenant_id", text()),
        must("vpc_id", text().example(VPC)),
    ];
    fields.into_iter().chain(times()).collect()
}

/// A route table that was made or changed, or is shown.
#[must_use]
pub fn route_table() -> Schema {
    let routes = must("routes", list(route()));
    object([must("routetable", object(route_table_fields().into_iter().chain([routes])).named("RouteTable"))])
}

/// A page of route tables, without their routes.
#[must_use]
pub fn route_tables() -> Schema {
    object([must("routetables", list(object(route_table_fields()).named("RouteTableRow")))])
}

/// Tags to add to a VPC or subnet, or to take away.
#[must_use]
pub fn tag_action_request() -> Schema {
    object([must("action", one_of(&["create", "delete"])), must("tags", list(sent_tag()).with("maxItems", 20))])
}

/// The tags of a VPC or subnet.
#[must_use]
pub fn tags() -> Schema {
    object([must("tags", list(tag()))])
}
