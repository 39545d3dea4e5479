//! The fixed words of the register, and what holds for every operation.

use super::{Language, Said};

/// The words of one language.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) intro: &'static str,
    pub(super) warning: &'static str,
    pub(super) figures: fn(usize, usize, usize) -> String,
    pub(super) everywhere: &'static str,
    pub(super) head: &'static str,
    pub(super) supported: &'static str,
    pub(super) partial: &'static str,
    pub(super) absent: &'static str,
    pub(super) absent_intro: &'static str,
    pub(super) absent_head: &'static str,
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }
}

static ENGLISH: Words = Words {
    title: "Compatibility",
    intro: "[中文](compatibility.zh-CN.md)\n\n\
            Which operations of the cloud Linkspan answers, where each comes from, which clients were seen calling it, \
            and what differs and why. This page is written by `cargo xtask generate` from the operations of the server; \
            [openapi.json](openapi.json) has their parameters and bodies, and a running server shows them at \
            `/linkspan/v1/explorer`.",
    warning: "> **Scripts that look a name up must send `status=ACTIVE`.** Without `status` the list has every record, \
              deleted ones too while they are kept (30 days), so a name that was used before is found twice. Terraform \
              and the cloud's console always send it. `list_default_status = \"active\"` in the configuration turns \
              the default around.",
    figures: |answered, all, own| {
        format!(
            "Of the {all} operations of DLI that the vendor's SDK for Python 3.1.219 has, {answered} are answered. \
             {own} operations are Linkspan's own, and those of IAM and VPC that clients need are answered too."
        )
    },
    everywhere: "Everywhere",
    head: "| operation | what it does | method and path | source | seen in | status |\n|---|---|---|---|---|---|",
    supported: "supported",
    partial: "partial",
    absent: "Not published",
    absent_intro: "These operations of DLI have nothing to do with connections, or are no part of Linkspan yet. They are \
                   answered as the cloud's gateway answers an unknown path: 404 `APIGW.0101`, before any credential is \
                   looked at. So is everything of IAM and VPC that is not listed above.",
    absent_head: "| operation | about | method and path | source |\n|---|---|---|---|",
};

static CHINESE: Words = Words {
    title: "兼容性",
    intro: "[English](compatibility.md)\n\n\
            Linkspan 提供云上的哪些接口、各接口的出处、实际调用过它的客户端，以及差异与原因。本页由 `cargo xtask generate` \
            根据服务端的接口定义生成；参数与消息体见 [openapi.json](openapi.json)，运行中的服务可在 \
            `/linkspan/v1/explorer` 查看并调试。",
    warning: "> **按名称查找的脚本必须带上 `status=ACTIVE`。** 不带 `status` 时返回全部记录，保留期内（30 天）已删除的连接也在其中，\
              曾经用过的名称会查到两条。Terraform 与云上控制台始终带此参数。可用配置项 `list_default_status = \"active\"` 改变缺省行为。",
    figures: |answered, all, own| {
        format!(
            "官方 Python SDK 3.1.219 中 DLI 共有 {all} 个接口，Linkspan 提供其中 {answered} 个；另有 {own} 个 Linkspan 自有接口，\
             以及客户端需要的 IAM 与 VPC 接口。"
        )
    },
    everywhere: "通用约定",
    head: "| 接口 | 功能 | 方法与路径 | 出处 | 调用方 | 状态 |\n|---|---|---|---|---|---|",
    supported: "支持",
    partial: "部分支持",
    absent: "未发布的接口",
    absent_intro: "以下 DLI 接口与跨源连接无关，或尚未纳入 Linkspan。对它们的请求与云上网关对未知路径的应答相同：404 `APIGW.0101`，\
                   且不校验凭证。未列出的 IAM 与 VPC 接口同此。",
    absent_head: "| 接口 | 类别 | 方法与路径 | 出处 |\n|---|---|---|---|",
};

const fn said(en: &'static str, zh: &'static str) -> Said {
    Said { en, zh }
}

/// What holds for every operation.
pub(super) const COMMON: [Said; 9] = [
    said(
        "Requests are authenticated by SDK-HMAC-SHA256 signatures or by `X-Auth-Token`; a signature wins over a token. A missing or wrong one is 401 `APIGW.0301`, clocks that differ by over 15 minutes 401 `APIGW.0303`. The cloud's lock of a key after five failures is not imitated, since anyone could lock a key.",
        "请求以 SDK-HMAC-SHA256 签名或 `X-Auth-Token` 认证，两者并存时以签名为准。缺失或错误为 401 `APIGW.0301`，时钟相差超过 15 分钟为 401 `APIGW.0303`。不模仿云上连续五次失败后锁定密钥的做法，否则任何人都能锁定他人的密钥。",
    ),
    said(
        "The project is taken from the path, never from `X-Project-Id`; one that is unknown or not the caller's is 403 `DLI.0003`.",
        "项目取自路径，不取 `X-Project-Id`；不存在或不属于调用者的项目为 403 `DLI.0003`。",
    ),
    said(
        "An unknown path or method is 404 `APIGW.0101`, before any credential is looked at.",
        "未知的路径或方法为 404 `APIGW.0101`，先于凭证校验。",
    ),
    said(
        "Bodies are JSON whatever `Content-Type` says, at most 12 MiB (413 `APIGW.0201`); unknown members are ignored, a known one of the wrong type is 400 `DLI.0001` naming its path. An empty body counts as `{}`, a null array as absent.",
        "消息体按 JSON 解析，不看 `Content-Type`，最大 12 MiB（超出为 413 `APIGW.0201`）；忽略未知字段，已知字段类型错误为 400 `DLI.0001` 并指明路径。空消息体视为 `{}`，数组为 null 视为缺省。",
    ),
    said(
        "Answers have every documented member, `[]` and `\"\"` instead of null, integers without fraction: strict clients depend on it.",
        "响应包含文档中的全部字段，以 `[]`、`\"\"` 代替 null，整数不带小数：严格的客户端依赖于此。",
    ),
    said(
        "An unknown connection is 404 `DLI.0001` on show and 400 `DLI.0001` on every other call; an unknown queue is 400 `DLI.0002`. The documents print no more than one such example; these are what the clients take as gone.",
        "连接不存在：查询详情为 404 `DLI.0001`，其他接口为 400 `DLI.0001`；队列不存在为 400 `DLI.0002`。文档仅有一处示例，此处取客户端能识别为已消失的应答。",
    ),
    said(
        "Names of queues and pools are folded to lower case; ids are 36-character lower-case UUIDs, and anything else is simply unknown.",
        "队列与资源池名称统一为小写；ID 为 36 位小写 UUID，其他写法视为不存在。",
    ),
    said(
        "Overload is 503 `APIGW.0201` with `Retry-After`, never 429, which Terraform answers with minutes of sleep. A fault of the server is 500 `DLI.0999`.",
        "过载为 503 `APIGW.0201` 并带 `Retry-After`，不用 429，因为 Terraform 遇到 429 会休眠数分钟。服务内部错误为 500 `DLI.0999`。",
    ),
    said(
        "Every answer has `X-Request-Id`, the same as in the server's log and audit.",
        "每个响应都带 `X-Request-Id`，与服务端日志和审计一致。",
    ),
];
