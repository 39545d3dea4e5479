use linkspan_wire::schema::{flag, identity, integer, text};

use super::Client::{Sdk, Terraform};
use super::parameters::{Parameter, header, query};
use super::{Area, Contract};

fn describe(operation: &'static str, en: &'static str, zh: &'static str) -> Contract {
    super::describe(Area::Identity, operation, en, zh)
}

const NO_CATALOG: &str = "Anything but nothing leaves the catalog out.";

fn subject() -> Parameter {
    header("X-Subject-Token", text(), "The token that is asked about; it must be there.")
}

fn pages() -> [Parameter; 2] {
    let count = || integer().with("minimum", 1);
    [
        query("page", count(), "The page, counted from 1; without `per_page` it has no effect."),
        query("per_page", count().with("maximum", 5000), "Most rows; without `page` it has no effect."),
    ]
}

pub(super) fn contracts() -> Vec<Contract> {
    tokens().into_iter().chain(lists()).collect()
}

fn tokens() -> [Contract; 3] {
    [
        describe(
            "KeystoneCreateUserTokenByPassword",
            "Get a token for a password, or for another token",
            "以密码或已有令牌获取 IAM 用户令牌",
        )
        .with([query("nocatalog", text(), NO_CATALOG)])
        .takes(identity::token_request())
        .answers(201, identity::token())
        .tells(&["X-Subject-Token"])
        .seen_in(&[Sdk, Terraform])
        .note(
            "The token is in the header `X-Subject-Token`; it is valid for 24 hours.",
            "令牌在响应头 `X-Subject-Token` 中，有效期 24 小时。",
        )
        .lacks("No multi-factor authentication, no agencies.", "不支持多因素认证与委托。"),
        describe("KeystoneValidateToken", "Show whose a token is and what it is for", "校验令牌并查询其信息")
            .with([subject(), query("nocatalog", text(), NO_CATALOG)])
            .answers(200, identity::token())
            .tells(&["X-Subject-Token"])
            .note(
                "The caller's own, or for an administrator anyone's.",
                "普通用户只能校验自己的令牌，管理员可校验任意令牌。",
            ),
        describe("KeystoneCheckToken", "Tell whether a token is good", "校验令牌是否有效")
            .with([subject()])
            .answers_empty(200),
    ]
}

fn lists() -> [Contract; 5] {
    [
        describe("KeystoneListAuthProjects", "List all projects that the caller may call", "查询用户可访问的项目列表")
            .answers(200, identity::projects()),
        describe("KeystoneListProjects", "List the projects that the caller may call", "查询调用者可访问的项目")
            .with([
                query("name", text(), "Only the project of this name."),
                query("domain_id", text(), "Only projects of this domain."),
                query("parent_id", text(), "Only projects of this parent, which is their domain."),
                query("is_domain", flag(), "`true` finds nothing: no project is a domain."),
                query("enabled", flag(), "`false` finds nothing: a disabled project can't be called."),
            ])
            .with(pages())
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
            .with([
                query("name", text(), "Only the user of this name."),
                query("domain_id", text(), "Only users of this domain, which must be the caller's."),
                query("enabled", flag(), "Only users who are enabled, or who are not."),
            ])
            .with(pages())
            .answers(200, identity::users())
            .seen_in(&[Sdk, Terraform])
            .note("Who does not administer sees itself alone.", "非管理员只能看到自己。"),
        describe("ShowCallerIdentity", "Show whose the credential is", "查询凭证所属身份")
            .answers(200, identity::caller())
            .seen_in(&[Sdk]),
    ]
}
