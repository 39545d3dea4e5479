use linkspan_wire::schema::{connection, resource, text};

use super::Client::{Airflow, Cli, Sdk, Terraform};
use super::parameters::{header, of_connections, paging};
use super::{Area, Contract};

fn describe(operation: &'static str, en: &'static str, zh: &'static str) -> Contract {
    super::describe(Area::Connections, operation, en, zh)
}

pub(super) fn contracts() -> Vec<Contract> {
    vec![list(), create(), show(), delete(), hosts(), bind(), unbind()]
        .into_iter()
        .chain(routes())
        .chain(grants())
        .collect()
}

fn list() -> Contract {
    describe("ListEnhancedConnections", "List the connections of a project, newest first", "查询增强型跨源连接列表，按创建时间倒序")
        .with(paging(100))
        .with(of_connections())
        .with([header("If-None-Match", text(), "The `ETag` of an earlier answer to the same call.")])
        .tells(&["X-Linkspan-Revision", "X-Total-Count", "ETag"])
        .answers(200, connection::listed())
        .seen_in(&[Sdk, Terraform, Airflow, Cli])
        .note(
            "**Without `status` the list has every record, deleted ones too while they are kept (30 days): scripts that look a name up must send `status=ACTIVE`.** The document calls the filter optional and does not say what its absence means; Terraform and the cloud's console always send it. `list_default_status = \"active\"` in the configuration turns the default around.",
            "**不带 `status` 时返回全部记录，保留期内（30 天）已删除的连接也在其中：按名称查找的脚本必须带上 `status=ACTIVE`。** 文档只说该参数可选，未说明缺省含义；Terraform 与云上控制台始终带 `status=ACTIVE`。可用配置项 `list_default_status = \"active\"` 改变缺省行为。",
        )
        .note(
            "`count` is the number on the page, as documented; the total of the filter is in the header `X-Total-Count`.",
            "`count` 按文档为本页返回的数量；过滤后的总数在响应头 `X-Total-Count` 中。",
        )
        .note(
            "Newest first; the documents say \"by creation time\", and Terraform's tests expect the newest at index 0. `order=asc|desc` is an addition.",
            "按创建时间倒序；文档只写按创建时间排序，而 Terraform 的测试要求最新的在最前。`order=asc|desc` 为新增参数。",
        )
        .note(
            "`name` is matched exactly; `tags` must all match. `ETag` and `If-None-Match` answer 304 to a poll that finds nothing new.",
            "`name` 精确匹配；`tags` 须全部匹配。支持 `ETag` 与 `If-None-Match`，无变化时返回 304。",
        )
        .note(
            "`elastic_resource_pools`, `isPrivis`, `ipv6_enable` and `routes` are always there, since Terraform and the SDKs read them.",
            "`elastic_resource_pools`、`isPrivis`、`ipv6_enable`、`routes` 始终返回，因为 Terraform 与 SDK 会读取它们。",
        )
}

fn create() -> Contract {
    describe("CreateEnhancedConnection", "Create a connection and bind queues and pools to it", "创建增强型跨源连接，并可同时绑定队列与弹性资源池")
        .takes(connection::create_request())
        .answers(201, connection::created())
        .seen_in(&[Sdk, Terraform, Airflow, Cli])
        .note(
            "Queues and pools are bound all or nothing; an unknown one is 400 `DLI.0002`. A name that a connection bears already is 400 `DLI.0006`.",
            "队列与资源池全部绑定或全部不绑定；不存在的为 400 `DLI.0002`。名称已被占用为 400 `DLI.0006`。",
        )
        .note(
            "Overlapping addresses are accepted; the peer becomes `FAILED` and its `err_msg` names both networks and the remedy, as in the cloud.",
            "网段冲突时请求仍被接受，对应对等连接变为 `FAILED`，`err_msg` 给出冲突的两个网段与处理办法，与云上一致。",
        )
}

fn show() -> Contract {
    describe("ShowEnhancedConnection", "Show a connection", "查询增强型跨源连接")
        .answers(200, connection::shown())
        .seen_in(&[Sdk, Terraform, Cli])
        .note(
            "A deleted connection is shown with `status` `DELETED` while its record is kept; an unknown one is 404 `DLI.0001`, which Terraform takes as gone.",
            "已删除的连接在保留期内仍可查询，`status` 为 `DELETED`；不存在的为 404 `DLI.0001`，Terraform 视为已消失。",
        )
}

fn delete() -> Contract {
    describe("DeleteEnhancedConnection", "Delete a connection", "删除增强型跨源连接")
        .answers(200, resource::done())
        .seen_in(&[Sdk, Terraform, Airflow, Cli])
        .note(
            "While a peer is being created the call calls its creation off, waits up to 30 seconds, and only then refuses with 400 `DLI.0007`. A second delete is 400 `DLI.0001`.",
            "对等连接仍在创建时，先取消创建并最多等待 30 秒，之后才以 400 `DLI.0007` 拒绝。再次删除为 400 `DLI.0001`。",
        )
}

fn hosts() -> Contract {
    describe("UpdateEnhancedConnection", "Replace the host records of a connection", "更新增强型跨源连接的主机信息")
        .takes(connection::hosts_request())
        .answers(200, resource::done())
        .seen_in(&[Sdk, Terraform, Cli])
        .note(
            "An absent `hosts` clears the records: that is how Terraform empties its list.",
            "缺省 `hosts` 即清空：Terraform 正是这样清空列表的。",
        )
}

fn bind() -> Contract {
    describe("AssociateQueueToEnhancedConnection", "Bind queues and pools to a connection", "绑定队列与弹性资源池")
        .takes(connection::bind_request())
        .answers(200, resource::done())
        .seen_in(&[Sdk, Terraform, Airflow, Cli])
        .note(
            "A queue that lives in a pool binds its pool. What is bound already stays bound, and a `FAILED` peer is tried again.",
            "绑定资源池内的队列即绑定其资源池。已绑定的保持不变，`FAILED` 的会重试。",
        )
}

fn unbind() -> Contract {
    describe(
        "DisassociateQueueFromEnhancedConnection",
        "Unbind queues and pools from a connection",
        "解绑队列与弹性资源池",
    )
    .takes(connection::bind_request())
    .answers(200, resource::done())
    .seen_in(&[Sdk, Terraform, Airflow, Cli])
    .note(
        "A `FAILED` or `CREATING` peer may be unbound too; the cloud refuses the former.",
        "`FAILED` 或 `CREATING` 的也可解绑；云上会拒绝前者。",
    )
}

fn routes() -> [Contract; 4] {
    let add = |operation, en, zh| {
        describe(operation, en, zh).takes(connection::route_request()).answers(200, resource::done()).note(
            "The same name with the same CIDR succeeds; with another CIDR it is 400 `DLI.0006`. The same CIDR under another name is accepted, since Terraform adds before it removes.",
            "同名同网段成功；同名不同网段为 400 `DLI.0006`。不同名同网段可接受，因为 Terraform 先加后删。",
        )
        .note(
            "A connection has at most 200 custom routes; one more is 400 `DLI.0009`.",
            "一个连接最多 200 条自定义路由，超出为 400 `DLI.0009`。",
        )
    };
    let remove = |operation, en, zh| describe(operation, en, zh).answers(200, resource::done());
    [
        add("CreateRouteToEnhancedConnection", "Add a route to a connection", "添加路由").seen_in(&[Sdk]),
        remove("DeleteRouteFromEnhancedConnection", "Remove a route from a connection", "删除路由").seen_in(&[Sdk]),
        add("CreateEnhancedConnectionRoutes", "Add a route to a connection (deprecated path)", "添加路由（废弃路径）")
            .deprecated()
            .seen_in(&[Sdk, Terraform, Airflow]),
        remove(
            "DeleteEnhancedConnectionRoutes",
            "Remove a route from a connection (deprecated path)",
            "删除路由（废弃路径）",
        )
        .deprecated()
        .seen_in(&[Sdk, Terraform, Airflow]),
    ]
}

fn grants() -> [Contract; 2] {
    [
        describe("ShowEnhancedConnectionPrivilege", "Show the projects that a connection is granted to", "查询增强型跨源连接授权")
            .answers(200, connection::privileges())
            .seen_in(&[Sdk, Terraform])
            .note(
                "Each entry names the grantee twice: `applicant_project_id` as documented, `project_id` as Terraform's provider reads it.",
                "每项同时给出 `applicant_project_id`（文档）与 `project_id`（Terraform 读取）。",
            ),
        describe("RunAuthorizationAction", "Grant a connection to another project, or revoke it", "跨项目授权：授予、回收或更新")
            .takes(connection::authorize_request())
            .answers(200, resource::done())
            .seen_in(&[Sdk, Terraform])
            .lacks(
                "Only connections (`edsconnections.{id}`) with `BIND_QUEUE` are granted; other objects are 400 `DLI.0007`.",
                "仅支持连接（`edsconnections.{id}`）的 `BIND_QUEUE` 权限；其他对象为 400 `DLI.0007`。",
            )
            .lacks(
                "A grant to a single user (`user_name`) is 400 `DLI.0007`: ignoring the name would grant more than was asked.",
                "不支持授权给单个用户（`user_name`）：400 `DLI.0007`，忽略该字段会授出多于所请求的权限。",
            )
            .note(
                "A connection is granted to at most 20 projects; one more is 400 `DLI.0009`.",
                "一个连接最多授权给 20 个项目，超出为 400 `DLI.0009`。",
            ),
    ]
}
