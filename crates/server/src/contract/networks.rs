use linkspan_wire::schema::{integer, network, text};

use super::Client::{Sdk, Terraform};
use super::parameters::{Parameter, query};
use super::{Area, Contract};

fn describe(operation: &'static str, en: &'static str, zh: &'static str) -> Contract {
    super::describe(Area::Networks, operation, en, zh)
}

pub(super) fn contracts() -> Vec<Contract> {
    vpcs().into_iter().chain(subnets()).chain(route_tables()).chain(associations()).chain(tags()).collect()
}

const REVISION: &[&str] = &["X-Linkspan-Revision"];

/// `limit` and `marker`.
fn paging() -> [Parameter; 2] {
    let limit = integer().with("format", "int64").with("minimum", 0);
    [
        query("limit", limit, "Most rows; absent or 0 = all."),
        query("marker", text(), "Only what comes behind this id; rows are in the order of their ids."),
    ]
}

fn of_vpc() -> Parameter {
    query("vpc_id", text(), "Only what is part of this VPC.")
}

fn vpcs() -> [Contract; 6] {
    let enterprise_project = query("enterprise_project_id", text(), "Only VPCs in this enterprise project.");
    [
        describe("CreateVpcV1", "Create a VPC", "创建 VPC")
            .takes(network::create_vpc_request())
            .answers(200, network::vpc())
            .seen_in(&[Sdk, Terraform])
            .note(
                "It is `OK` at once and comes with a default route table. What is made here is the directory of networks, the same that `linkspan network` shows.",
                "立即为 `OK`，并附带默认路由表。此处创建的 VPC 即目录中的网络，与 `linkspan network` 所见相同。",
            )
            .note(
                "Any CIDR is accepted, not private ranges alone.",
                "接受任意网段，不限于私有网段。",
            ),
        describe("ListVpcsV1", "List VPCs", "查询 VPC 列表")
            .with(paging())
            .with([query("id", text(), "Only this VPC."), enterprise_project])
            .answers(200, network::vpcs())
            .tells(REVISION)
            .seen_in(&[Sdk]),
        describe("ShowVpcV1", "Show a VPC", "查询 VPC").answers(200, network::vpc()).seen_in(&[Sdk, Terraform]),
        describe("UpdateVpc", "Change name, description or addresses of a VPC", "更新 VPC")
            .takes(network::update_vpc_request())
            .answers(200, network::vpc())
            .seen_in(&[Sdk, Terraform])
            .lacks("The routes of old, which route tables replaced, are ignored.", "忽略已被路由表取代的旧式 `routes`。"),
        describe("DeleteVpcV1", "Delete a VPC", "删除 VPC").answers_empty(204).seen_in(&[Sdk, Terraform]).note(
            "409 `VPC.0104` while it holds a subnet or a custom route table, or while the peer of a connection leads there; a connection that nothing is bound to holds nothing.",
            "仍有子网或自定义路由表，或有连接的对等连接通向它时为 409 `VPC.0104`；未绑定队列或资源池的连接不构成占用。",
        ),
        describe("ShowVpc", "Show a VPC as version 3 does", "查询 VPC 详情（V3）")
            .answers(200, network::vpc_v3())
            .seen_in(&[Sdk, Terraform])
            .note("A VPC has no extended addresses here.", "此处的 VPC 没有扩展网段。"),
    ]
}

fn subnets() -> [Contract; 5] {
    [
        describe("CreateSubnetV1", "Create a subnet", "创建子网")
            .takes(network::create_subnet_request())
            .answers(200, network::subnet())
            .seen_in(&[Sdk, Terraform])
            .note(
                "It is `ACTIVE` at once. 400 `VPC.0203` outside the VPC's addresses, 400 `VPC.0204` where it overlaps another one of the VPC. Its `id` is what `dest_network_id` of a connection names.",
                "立即为 `ACTIVE`。不在 VPC 网段内为 400 `VPC.0203`，与同一 VPC 的其他子网重叠为 400 `VPC.0204`。其 `id` 即连接的 `dest_network_id`。",
            )
            .lacks(
                "Gateway, name servers and DHCP options are kept and shown; nothing acts on them. IPv6 is a flag without addresses.",
                "网关、DNS 与 DHCP 选项仅保存并返回，不生效；IPv6 只是开关，不分配地址。",
            ),
        describe("ListSubnetsV1", "List subnets", "查询子网列表")
            .with(paging())
            .with([of_vpc()])
            .answers(200, network::subnets())
            .tells(REVISION)
            .seen_in(&[Sdk]),
        describe("ShowSubnet", "Show a subnet", "查询子网").answers(200, network::subnet()).seen_in(&[Sdk, Terraform]),
        describe("UpdateSubnet", "Change a subnet", "更新子网")
            .takes(network::update_subnet_request())
            .answers(200, network::subnet_changed())
            .seen_in(&[Sdk, Terraform])
            .note("IPv6 can't be taken away again.", "IPv6 开启后不可关闭。"),
        describe("DeleteSubnetV1", "Delete a subnet", "删除子网").answers_empty(204).seen_in(&[Sdk, Terraform]).note(
            "409 `VPC.0104` while the peer of a connection leads there.",
            "有连接的对等连接通向它时为 409 `VPC.0104`。",
        ),
    ]
}

const NOT_INSTALLED: (&str, &str) = (
    "Routes are kept and shown; what joins networks is a connection with its own routes.",
    "路由仅保存并返回；网络互通由连接及其自定义路由负责。",
);

fn route_tables() -> [Contract; 3] {
    let (en, zh) = NOT_INSTALLED;
    [
        describe("CreateRouteTable", "Create a custom route table", "创建自定义路由表")
            .takes(network::create_route_table_request())
            .answers(200, network::route_table())
            .seen_in(&[Sdk, Terraform])
            .lacks(en, zh),
        describe("ListRouteTables", "List route tables", "查询路由表列表")
            .with(paging())
            .with([
                query("id", text(), "Only this route table."),
                of_vpc(),
                query("subnet_id", text(), "Only the route table that this subnet uses."),
            ])
            .answers(200, network::route_tables())
            .tells(REVISION)
            .seen_in(&[Sdk]),
        describe("ShowRouteTable", "Show a route table", "查询路由表")
            .answers(200, network::route_table())
            .seen_in(&[Sdk, Terraform]),
    ]
}

fn associations() -> [Contract; 3] {
    let (en, zh) = NOT_INSTALLED;
    [
        describe("UpdateRouteTable", "Change name, description or routes of a route table", "更新路由表")
            .takes(network::update_route_table_request())
            .answers(200, network::route_table())
            .seen_in(&[Sdk, Terraform])
            .note(
                "Routes are deleted first, then changed, then added: everything or nothing. To delete one that is gone succeeds.",
                "依次删除、修改、添加路由，要么全部生效要么都不生效；删除已不存在的路由视为成功。",
            )
            .lacks(en, zh),
        describe("AssociateRouteTable", "Associate subnets with a route table, or disassociate them", "路由表关联或解关联子网")
            .takes(network::associate_route_table_request())
            .answers(200, network::route_table())
            .seen_in(&[Sdk, Terraform])
            .note(
                "Also `DisassociateRouteTable` of the SDK, which is the same call. A subnet that is disassociated uses the default route table again.",
                "SDK 的 `DisassociateRouteTable` 是同一个接口。解关联后的子网恢复使用默认路由表。",
            ),
        describe("DeleteRouteTable", "Delete a custom route table", "删除路由表")
            .answers_empty(204)
            .seen_in(&[Sdk, Terraform])
            .note(
                "409 `VPC.0104` while a subnet uses it, while a connection with peers names it, and for a default one, which goes with its VPC.",
                "仍有子网使用、被有对等连接的连接引用，或为默认路由表（随 VPC 删除）时为 409 `VPC.0104`。",
            ),
    ]
}

fn tags() -> [Contract; 4] {
    let both = (
        "Also `BatchDelete…Tags` of the SDK, which is the same call with another `action`.",
        "SDK 的 `BatchDelete…Tags` 是同一个接口，仅 `action` 不同。",
    );
    let change = |operation, en, zh| {
        describe(operation, en, zh)
            .takes(network::tag_action_request())
            .answers_empty(204)
            .seen_in(&[Sdk, Terraform])
            .note(both.0, both.1)
    };
    [
        describe("ShowVpcTags", "List the tags of a VPC", "查询 VPC 标签")
            .answers(200, network::tags())
            .seen_in(&[Sdk, Terraform]),
        change("BatchCreateVpcTags", "Add or remove tags of a VPC", "批量添加或删除 VPC 标签"),
        describe("ShowSubnetTags", "List the tags of a subnet", "查询子网标签")
            .answers(200, network::tags())
            .seen_in(&[Sdk, Terraform]),
        change("BatchCreateSubnetTags", "Add or remove tags of a subnet", "批量添加或删除子网标签"),
    ]
}
