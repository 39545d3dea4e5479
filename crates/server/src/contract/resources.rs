use linkspan_wire::schema::resource;

use super::Client::{Cli, Sdk, Terraform};
use super::parameters::tag_paging;
use super::{Area, Contract};

fn describe(operation: &'static str, en: &'static str, zh: &'static str) -> Contract {
    super::describe(Area::Resources, operation, en, zh)
}

pub(super) fn contracts() -> Vec<Contract> {
    let quota = describe("ShowQuota", "Show the quotas of a project", "查询配额")
        .answers(200, resource::quotas())
        .seen_in(&[Sdk, Terraform, Cli])
        .note(
            "The cloud has no quota for connections; Linkspan tells each limit that it keeps to, and −1 where there is none. What is limited per connection is told of the connection that has most.",
            "云上没有针对连接的配额；Linkspan 列出实际执行的每一项限制，无限制时为 −1。按连接计的限制给出占用最多的连接的数量。",
        );
    changes().into_iter().chain(looks()).chain([quota]).collect()
}

fn changes() -> [Contract; 2] {
    [
        describe("BatchCreateResourceTags", "Add tags to a resource", "批量添加资源标签")
            .takes(resource::tags_request())
            .answers_empty(204)
            .seen_in(&[Sdk, Terraform])
            .note(
                "204, as Terraform insists; the cloud's own definition says 200.",
                "返回 204，因为 Terraform 只接受 204；云上定义写的是 200。",
            ),
        describe("BatchDeleteResourceTags", "Remove tags from a resource", "批量删除资源标签")
            .takes(resource::tag_keys_request())
            .answers_empty(204)
            .seen_in(&[Sdk, Terraform]),
    ]
}

fn looks() -> [Contract; 4] {
    [
        describe("ShowResourceTags", "List the tags of a resource", "查询资源标签")
            .with(tag_paging())
            .answers(200, resource::tags_shown())
            .seen_in(&[Sdk]),
        describe("ListResourcesTags", "List the tags that resources of a type bear", "查询某类资源的全部标签")
            .with(tag_paging())
            .answers(200, resource::tag_values())
            .seen_in(&[Sdk]),
        describe("ListResourcesByTags", "List the resources that bear tags", "按标签查询资源实例")
            .with(tag_paging())
            .takes(resource::tag_filter_request())
            .answers(200, resource::resources_found())
            .seen_in(&[Sdk]),
        describe("CountResourcesByTags", "Count the resources that bear tags", "按标签统计资源实例数")
            .takes(resource::tag_filter_request())
            .answers(200, resource::resources_counted())
            .seen_in(&[Sdk]),
    ]
}
