use linkspan_wire::schema::{Schema, diagnosis, flag, foresight, import, integer, map, own, text, topology};

use super::Client::Cli;
use super::{Area, Contract, Parameter, query};

/// What every list tells.
const REVISION: &[&str] = &["X-Linkspan-Revision"];

fn describe(operation: &'static str, en: &'static str, zh: &'static str) -> Contract {
    super::describe(Area::Own, operation, en, zh).seen_in(&[Cli])
}

fn admin(operation: &'static str, en: &'static str, zh: &'static str) -> Contract {
    super::describe(Area::Admin, operation, en, zh).seen_in(&[Cli])
}

pub(super) fn contracts() -> Vec<Contract> {
    let projects = networks().into_iter().chain(about_projects());
    let admin = tenants().into_iter().chain(users()).chain(keys()).chain(plane());
    projects.chain(admin).chain(server()).collect()
}

fn audit_page() -> [Parameter; 2] {
    [
        query("limit", integer().between(1, 1000).with("default", 100), "Most events."),
        query("before", text(), "Only events older than the page whose `next` this is."),
    ]
}

fn about_projects() -> [Contract; 6] {
    [
        describe(
            "ShowConnection",
            "Show a connection with every peer, its tags and progress",
            "查询连接详情：全部对等连接、标签与进度",
        )
        .answers(200, own::connection())
        .tells(REVISION),
        describe(
            "Import",
            "Take over queues, pools and connections from elsewhere with their ids and times",
            "导入他处的队列、弹性资源池与连接，保留 ID 与创建时间",
        )
        .with([query("dry_run", flag().with("default", false), "Only say what would become of them.")])
        .takes(import::request())
        .answers(200, import::answer())
        .tells(REVISION),
        describe(
            "Preflight",
            "Tell what creating, binding or routing would meet, and change nothing",
            "预检：创建、绑定或添加路由会遇到什么，不做任何改动",
        )
        .takes(foresight::preflight())
        .answers(200, foresight::preflight_answer())
        .tells(REVISION)
        .note(
            "Decided by the very rules that the call itself is held to, on the state as it is: a refusal is what the call would answer, an error is the `err_msg` that a peer would have. Needs the right to read only.",
            "按实际接口的同一套规则在当前状态上判定：refusal 即该接口会返回的错误，error 即对等连接会得到的 `err_msg`。只需读权限。",
        ),
        describe(
            "ShowTopology",
            "Show a project's networks as a graph: queues, pools, connections, subnets and VPCs, and how they hang together",
            "查询网络拓扑：队列、弹性资源池、连接、子网、VPC 及其关系",
        )
        .with([query(
            "limit",
            integer().between(1, 5_000).with("default", 500),
            "Most things of each kind, connections newest first; what their edges lead to comes beside.",
        )])
        .answers(200, topology::topology())
        .tells(REVISION),
        describe(
            "Diagnose",
            "Try the way from a queue or pool to an address, and name what stands in it and who can mend it",
            "诊断：从队列或弹性资源池探测目的地址，指出哪一跳不通、由谁处理",
        )
        .takes(diagnosis::request())
        .answers(200, diagnosis::answer())
        .tells(REVISION)
        .note(
            "Sends a TCP connection on a plane with packets, so it needs the right to change, as a connectivity test does; it changes nothing. 404 if there is no such queue or pool, 503 if the plane can't try, or 4 diagnoses of the project or 16 in all are under way.",
            "在真实数据面上会发起一次 TCP 连接，因此与连通性测试一样需要写权限，但不改动任何资源。队列或资源池不存在返回 404；数据面无法探测，或本项目已有 4 个、全部已有 16 个诊断在进行时返回 503。",
        ),
        describe("ListAudit", "List what users changed in a project, newest first", "查询项目内的变更审计，按时间倒序")
            .with(audit_page())
            .answers(200, own::audit())
            .tells(REVISION),
    ]
}

fn networks() -> [Contract; 9] {
    [
        describe("ListVpcs", "List the VPCs of a project's directory", "查询目录中的 VPC")
            .answers(200, own::vpcs())
            .tells(REVISION),
        describe("CreateVpc", "Register a VPC", "登记 VPC").takes(own::create_vpc()).answers(201, own::vpc_created()),
        describe("DeleteVpc", "Take a VPC out of the directory", "从目录移除 VPC").answers_empty(204),
        describe("ListSubnets", "List the subnets of a project's directory", "查询目录中的子网")
            .answers(200, own::subnets())
            .tells(REVISION),
        describe("CreateSubnet", "Register a subnet of a VPC", "登记子网")
            .takes(own::create_subnet())
            .answers(201, own::subnet()),
        describe("DeleteSubnet", "Take a subnet out of the directory", "从目录移除子网").answers_empty(204),
        describe("ListNetworkBindings", "List what a project's networks are bound to", "查询网络的绑定")
            .answers(200, own::network_bindings())
            .tells(REVISION),
        describe("BindNetwork", "Bind a network to a name that the administrator of the plane's host allows", "将网络绑定到数据面主机管理员允许的名称")
            .takes(own::bind_network())
            .answers(200, own::network_binding())
            .note(
                "Any other binding of the network is replaced. Whether the host allows the name to this project is found out by the peers that lead there, and by a preflight.",
                "会替换该网络已有的绑定。主机是否允许本项目使用该名称，由通向该网络的对等连接或预检得知。",
            ),
        describe("UnbindNetwork", "Take back what a network is bound to", "取消网络的绑定").answers_empty(204),
    ]
}

fn tenants() -> [Contract; 6] {
    [
        admin("ListDomains", "List the domains", "查询账号").answers(200, own::domains()).tells(REVISION),
        admin("CreateDomain", "Create a domain", "创建账号").takes(own::create_domain()).answers(201, own::domain()),
        admin("ListProjects", "List the projects", "查询项目").answers(200, own::projects()).tells(REVISION),
        admin("CreateProject", "Create a project", "创建项目")
            .takes(own::create_project())
            .answers(201, own::project()),
        admin("ChangeProject", "Enable or disable a project", "启用或停用项目")
            .takes(own::change_enabled())
            .answers(200, own::project()),
        admin("PlaceProject", "Put a project's queues and networks on a node's host", "将项目的队列与网络放置到某个节点的主机")
            .takes(own::place_project())
            .answers(200, own::project())
            .note(
                "For nodes with --plane linux on one PostgreSQL database: each host has networks of its own, and a project lies on one of them. 404 if no such node has served the database, 409 while the project has peers on another node, unless that is given up.",
                "用于多个 --plane linux 节点共享一个 PostgreSQL 的部署：每台主机有自己的网络，一个项目只位于其中一台。没有该节点返回 404；项目在另一节点上仍有对等连接时返回 409，除非声明放弃该节点。",
            ),
    ]
}

fn users() -> [Contract; 4] {
    [
        admin("ListUsers", "List the users", "查询用户").answers(200, own::users()).tells(REVISION),
        admin("CreateUser", "Create a user", "创建用户").takes(own::create_user()).answers(201, own::user()),
        admin("ChangeUser", "Change a user", "修改用户").takes(own::change_user()).answers(200, own::user()),
        admin("DeleteUser", "Remove a user with its keys", "删除用户及其访问密钥").answers_empty(204),
    ]
}

fn keys() -> [Contract; 4] {
    [
        admin("ListAccessKeys", "List the access keys, without their secrets", "查询访问密钥（不含密钥内容）")
            .answers(200, own::keys())
            .tells(REVISION),
        admin(
            "CreateAccessKey",
            "Create an access key; only this answer has its secret",
            "创建访问密钥，仅此响应包含 SK",
        )
        .takes(own::create_key())
        .answers(201, own::key_created()),
        admin("ChangeAccessKey", "Enable or disable an access key", "启用或停用访问密钥")
            .takes(own::change_enabled())
            .answers(200, own::key()),
        admin("DeleteAccessKey", "Remove an access key", "删除访问密钥").answers_empty(204),
    ]
}

fn plane() -> [Contract; 3] {
    [
        admin("ListAdminAudit", "List what administrators changed, newest first", "查询管理操作审计，按时间倒序")
            .with(audit_page())
            .answers(200, own::audit())
            .tells(REVISION),
        admin("ListFaults", "List the faults of the simulated plane", "查询模拟数据面的故障规则")
            .answers(200, own::faults())
            .tells(REVISION),
        admin("ReplaceFaults", "Replace the faults of the simulated plane", "替换模拟数据面的故障规则")
            .takes(own::faults())
            .answers(200, own::faults()),
    ]
}

fn server() -> [Contract; 8] {
    let about = |operation, en, zh| super::describe(Area::Server, operation, en, zh);
    [
        about("ShowVersion", "Show which release answers", "查询版本").answers(200, own::version()).seen_in(&[Cli]),
        about("ShowOpenApi", "Show this document", "查询本接口文档").answers(200, map(Schema::default())),
        about("ShowExplorer", "Show the interactive explorer", "打开接口调试页面").answers_text("text/html"),
        about("ShowExplorerFile", "Show a script or style of the explorer", "接口调试页面的脚本与样式")
            .answers_text("text/javascript"),
        about("Healthz", "Tell that the process lives", "存活检查").answers(200, own::health()),
        about("HealthzHead", "Tell that the process lives, without a body", "存活检查（无响应体）").answers_empty(200),
        about("Readyz", "Tell whether the server can serve", "就绪检查").answers(200, own::health()),
        about("ReadyzHead", "Tell whether the server can serve, without a body", "就绪检查（无响应体）")
            .answers_empty(200),
    ]
}
