use linkspan_wire::schema::{compute, one_of, resource, text};

use super::Client::{Airflow, Cli, Sdk, Terraform};
use super::parameters::{of_queues, paging, query, tags};
use super::{Area, Contract};

/// What every list tells.
const REVISION: &[&str] = &["X-Linkspan-Revision"];

fn queue(operation: &'static str, en: &'static str, zh: &'static str) -> Contract {
    super::describe(Area::Queues, operation, en, zh)
}

fn pool(operation: &'static str, en: &'static str, zh: &'static str) -> Contract {
    super::describe(Area::Pools, operation, en, zh)
}

pub(super) fn contracts() -> Vec<Contract> {
    queues()
        .into_iter()
        .chain(changes())
        .chain(properties())
        .chain(tests())
        .chain(pools())
        .chain(pool_queues())
        .collect()
}

fn queues() -> [Contract; 4] {
    [
        queue("ListQueues", "List the queues of a project", "查询队列列表")
            .with(of_queues())
            .answers(200, compute::queues()).tells(REVISION)
            .seen_in(&[Sdk, Terraform, Cli])
            .note("The preset queue `default` is among them.", "列表包含预置队列 `default`。"),
        queue("CreateQueue", "Create a queue, alone or in a pool", "创建队列，可位于弹性资源池中")
            .takes(compute::create_queue_request())
            .answers(200, compute::queue_created())
            .seen_in(&[Sdk, Terraform, Cli])
            .note(
                "200, as Terraform insists, although the cloud's own definition says 201.",
                "返回 200，因为 Terraform 只接受 200，尽管云上定义写的是 201。",
            )
            .note(
                "Without a network of its own a queue gets the highest free /24 of `172.16.0.0/12`, shown as `cidr_in_subnet`.",
                "未指定网段时，从 `172.16.0.0/12` 中取最高的空闲 /24，显示在 `cidr_in_subnet`。",
            ),
        queue("ShowQueue", "Show a queue", "查询队列详情")
            .answers(200, compute::queue_shown())
            .seen_in(&[Sdk, Terraform, Cli])
            .note(
                "Letter cases are mixed as documented (`queueName`, but `resource_id`).",
                "字段大小写按文档混用（`queueName` 与 `resource_id` 并存）。",
            ),
        queue("DeleteQueue", "Delete a queue", "删除队列")
            .answers(200, resource::done())
            .seen_in(&[Sdk, Terraform, Cli])
            .note("Where the queue is bound, it is unbound in the same commit.", "已绑定的连接在同一次提交中解绑。"),
    ]
}

fn changes() -> [Contract; 2] {
    [
        queue("RunQueueAction", "Restart or scale a queue", "重启或扩缩容队列")
            .takes(compute::queue_action_request())
            .answers(200, compute::queue_acted())
            .seen_in(&[Sdk, Terraform, Cli])
            .note("Linkspan runs no jobs, so a restart is done at once.", "Linkspan 不运行作业，重启立即完成。"),
        queue("UpdateQueueCidr", "Change the network of a queue", "修改队列网段")
            .takes(compute::queue_cidr_request())
            .answers(200, compute::queue_created())
            .seen_in(&[Sdk, Terraform, Cli])
            .note("A bound queue keeps its network: 400 `DLI.0007`.", "已绑定的队列不能修改：400 `DLI.0007`。"),
    ]
}

fn properties() -> [Contract; 4] {
    let set = |operation, en, zh| {
        queue(operation, en, zh)
            .takes(compute::properties_request())
            .answers(200, resource::done())
            .seen_in(&[Sdk, Terraform])
    };
    [
        queue("ListQueueProperties", "List the properties of a queue", "查询队列属性")
            .with(paging(1000))
            .answers(200, compute::properties_shown())
            .tells(REVISION)
            .seen_in(&[Sdk, Terraform, Cli]),
        set("CreateQueueProperty", "Set properties of a queue", "新增队列属性"),
        set("UpdateQueueProperty", "Change properties of a queue", "更新队列属性"),
        queue("DeleteQueueProperty", "Remove properties of a queue", "删除队列属性")
            .takes(compute::property_keys_request())
            .answers(200, resource::done())
            .seen_in(&[Sdk, Terraform, Cli]),
    ]
}

fn tests() -> [Contract; 2] {
    [
        queue("CreateConnectivityTask", "Test whether a queue reaches an address", "创建地址连通性测试请求")
            .takes(resource::connectivity_request())
            .answers(200, resource::connectivity_created())
            .seen_in(&[Sdk, Airflow, Cli])
            .note("A port is required: a test without one says nothing.", "必须带端口：不带端口的测试没有意义。"),
        queue("ShowConnectivityTask", "Show what a connectivity test has found", "查询地址连通性测试结果")
            .answers(200, resource::connectivity_shown())
            .seen_in(&[Sdk, Airflow, Cli])
            .note(
                "The documents print `REACHABLE` only; `UNREACHABLE` and `TESTING` are Linkspan's choice. The call waits up to 10 seconds for the result.",
                "文档只出现 `REACHABLE`；`UNREACHABLE` 与 `TESTING` 为 Linkspan 的取值。查询最多等待 10 秒。",
            )
            .note(
                "`reason` is an addition: what is in the way, and who should do what. Tests are kept for 24 hours, 100 of a project.",
                "`reason` 为附加字段：说明原因与处理建议。测试记录保留 24 小时，每个项目最多 100 条。",
            ),
    ]
}

fn pools() -> [Contract; 4] {
    let status = one_of(&["AVAILABLE", "SCALING", "CREATING", "FAILED"]);
    [
        pool("ListElasticResourcePools", "List the elastic resource pools of a project", "查询弹性资源池列表")
            .with(paging(100))
            .with([
                query("name", text(), "Only pools whose name holds this text."),
                query("status", status, "Only pools that stand so."),
                tags(),
            ])
            .answers(200, compute::pools()).tells(REVISION)
            .seen_in(&[Sdk, Terraform, Cli])
            .note("Every pool is `AVAILABLE` as soon as it exists.", "资源池一经创建即为 `AVAILABLE`。"),
        pool("CreateElasticResourcePool", "Create an elastic resource pool", "创建弹性资源池")
            .takes(compute::create_pool_request())
            .answers(200, compute::pool_created())
            .seen_in(&[Sdk, Terraform, Cli]),
        pool("UpdateElasticResourcePool", "Change the size or description of a pool", "修改弹性资源池")
            .takes(compute::update_pool_request())
            .answers(200, compute::pool_created())
            .seen_in(&[Sdk, Terraform, Cli]),
        pool("DeleteElasticResourcePool", "Delete an elastic resource pool that holds no queues", "删除弹性资源池")
            .answers(200, resource::done())
            .seen_in(&[Sdk, Terraform, Cli])
            .note(
                "An unknown pool is 400 `DLI.0002`, which Terraform takes as gone; other calls about pools answer 404. No minimum age is asked for.",
                "不存在的资源池为 400 `DLI.0002`，Terraform 视为已删除；其他接口为 404。不要求最短存在时间。",
            ),
    ]
}

fn pool_queues() -> [Contract; 3] {
    [
        pool("ListElasticResourcePoolQueues", "List the queues of a pool", "查询弹性资源池下的队列")
            .with(paging(100))
            .with([query("queue_name", text(), "Only queues whose name holds this text.")])
            .answers(200, compute::pool_queues())
            .tells(REVISION)
            .seen_in(&[Sdk, Terraform, Cli]),
        pool("AssociateQueueToElasticResourcePool", "Move a queue into a pool", "关联队列到弹性资源池")
            .takes(compute::pool_queue_request())
            .answers(200, resource::done())
            .seen_in(&[Sdk, Terraform, Cli]),
        pool(
            "UpdateElasticResourcePoolQueue",
            "Replace the scaling policies of a queue in a pool",
            "修改资源池中队列的扩缩容策略",
        )
        .takes(compute::policies_request())
        .answers(200, resource::done())
        .seen_in(&[Sdk, Terraform, Cli]),
    ]
}
