use linkspan_wire::schema::{identity, text};

use super::Client::{Sdk, Terraform};
use super::{Area, Contract, query};

fn describe(operation: &'static str, en: &'static str, zh: &'static str) -> Contract {
    super::describe(Area::Identity, operation, en, zh)
}

pub(super) fn contracts() -> Vec<Contract> {
    vec![
        describe(
            "KeystoneCreateUserTokenByPassword",
            "Get a token for a password, or for another token",
            "以密码或已有令牌获取 IAM 用户令牌",
        )
        .takes(identity::token_request())
        .answers(201, identity::token())
        .tells(&["X-Subject-Token"])
        .seen_in(&[Sdk, Terraform])
        .note(
            "The token is in the header `X-Subject-Token`; it is valid for 24 hours.",
            "令牌在响应头 `X-Subject-Token` 中，有效期 24 小时。",
        )
        .lacks("No multi-factor authentication, no agencies.", "不支持多因素认证与委托。"),
        describe("KeystoneListProjects", "List the projects that the caller may call", "查询调用者可访问的项目")
            .with([
                query("name", text(), "Only the project of this name."),
                query("domain_id", text(), "Only projects of this domain."),
            ])
            .answers(200, identity::projects())
            .seen_in(&[Sdk, Terraform])
            .note(
                "The first project bears the name of the region, so an SDK finds exactly one by it.",
                "首个项目以区域名命名，SDK 按区域查找时恰好得到一个。",
            ),
        describe("KeystoneListAuthDomains", "Show the caller's domain", "查询调用者所属账号")
            .answers(200, identity::domains())
            .seen_in(&[Sdk, Terraform]),
        describe("KeystoneListUsers", "List the users of the caller's domain", "查询用户列表")
            .with([query("name", text(), "Only the user of this name.")])
            .answers(200, identity::users())
            .seen_in(&[Sdk, Terraform])
            .note("Who does not administer sees itself alone.", "非管理员只能看到自己。"),
        describe("ShowCallerIdentity", "Show whose the credential is", "查询凭证所属身份")
            .answers(200, identity::caller())
            .seen_in(&[Sdk]),
    ]
}
