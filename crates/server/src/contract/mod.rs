//! What each operation promises, in words and schemas: the OpenAPI document and the register of compatibility are made
//! from this and from [`OPERATIONS`](crate::ops::OPERATIONS), so neither can name a path that is not there.
//!
//! Invariants: every operation has exactly one contract, found by its name; what stands in the operation's own entry
//! (method, path, document, permission, who may call) is not said again here; the schemas are `wire`'s.
//!
//! Nothing here may decide anything about a call.
//!
//! To describe a new operation: a `Contract` in the file of its area. The test in `tests.rs` names those that lack
//! one, and holds real answers to the schemas.

mod compatibility;
mod compute;
mod connections;
mod errors;
mod family;
mod identity;
mod networks;
mod openapi;
mod own;
mod parameters;
mod resources;
#[cfg(test)]
mod shape;
#[cfg(test)]
mod tests;
mod words;

pub use compatibility::{Language, register};
pub use openapi::document;
use parameters::{Parameter, query};

use linkspan_wire::schema::{Schema, text};

/// A sentence in the two languages of the readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said {
    en: &'static str,
    zh: &'static str,
}

/// What operations are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Area {
    /// Enhanced connections, their routes and grants.
    Connections,
    /// Queues and connectivity tests.
    Queues,
    /// Elastic resource pools.
    Pools,
    /// Tags and quotas.
    Resources,
    /// The identity service.
    Identity,
    /// The VPC service.
    Networks,
    /// Linkspan's own calls about a project.
    Own,
    /// Linkspan's own calls of administrators.
    Admin,
    /// What is told about the server itself.
    Server,
}

/// Who was seen calling an operation: captured, or read in the client's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    /// The vendor's SDKs.
    Sdk,
    /// The vendor's Terraform provider.
    Terraform,
    /// The hook of Airflow's provider.
    Airflow,
    /// Linkspan's own command line.
    Cli,
}

/// What one operation promises.
struct Contract {
    /// The operation's name.
    operation: &'static str,
    /// Its group.
    area: Area,
    /// What it does.
    summary: Said,
    /// The parameters of its query and its headers; those of the path are known by their names.
    parameters: Vec<Parameter>,
    /// The body of a request.
    body: Option<Schema>,
    /// The status of success.
    status: u16,
    /// The body of success; none = an answer without one.
    answer: Option<Schema>,
    /// Other media types of success than JSON.
    media_type: &'static str,
    /// Headers of success beside `X-Request-Id`.
    headers: &'static [&'static str],
    /// Whether the vendor's documents call it deprecated.
    is_deprecated: bool,
    /// Who was seen calling it.
    clients: &'static [Client],
    /// What is different from the cloud's, or decided where the documents are silent, and why.
    notes: Vec<Said>,
    /// What of the cloud's operation is missing; empty = it is supported whole.
    lacks: Vec<Said>,
}

/// Begins the contract of an operation: its name, and what it does in English and Chinese.
fn describe(area: Area, operation: &'static str, en: &'static str, zh: &'static str) -> Contract {
    Contract {
        operation,
        area,
        summary: Said { en, zh },
        parameters: Vec::new(),
        body: None,
        status: 200,
        answer: None,
        media_type: "application/json",
        headers: &[],
        is_deprecated: false,
        clients: &[],
        notes: Vec::new(),
        lacks: Vec::new(),
    }
}

impl Contract {
    fn with(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    fn takes(self, body: Schema) -> Self {
        Self { body: Some(body), ..self }
    }

    fn answers(self, status: u16, answer: Schema) -> Self {
        Self { status, answer: Some(answer), ..self }
    }

    /// Success with a text of this media type.
    fn answers_text(self, media_type: &'static str) -> Self {
        Self { media_type, answer: Some(text()), ..self }
    }

    /// Success without a body.
    fn answers_empty(self, status: u16) -> Self {
        Self { status, answer: None, ..self }
    }

    /// Success with these headers.
    fn tells(self, headers: &'static [&'static str]) -> Self {
        Self { headers, ..self }
    }

    fn deprecated(self) -> Self {
        Self { is_deprecated: true, ..self }
    }

    fn seen_in(self, clients: &'static [Client]) -> Self {
        Self { clients, ..self }
    }

    fn note(mut self, en: &'static str, zh: &'static str) -> Self {
        self.notes.push(Said { en, zh });
        self
    }

    fn lacks(mut self, en: &'static str, zh: &'static str) -> Self {
        self.lacks.push(Said { en, zh });
        self
    }
}

/// Every contract, in the order in which documents show them.
fn contracts() -> Vec<Contract> {
    let areas = [
        connections::contracts(),
        compute::contracts(),
        resources::contracts(),
        identity::contracts(),
        networks::contracts(),
        own::contracts(),
    ];
    areas.into_iter().flatten().collect()
}

impl Area {
    /// Every variant, in the order in which documents show them.
    const ALL: [Self; 9] = [
        Self::Connections,
        Self::Queues,
        Self::Pools,
        Self::Resources,
        Self::Identity,
        Self::Networks,
        Self::Own,
        Self::Admin,
        Self::Server,
    ];

    /// Its name.
    const fn name(self) -> Said {
        let (en, zh) = match self {
            Self::Connections => ("Enhanced connections", "增强型跨源连接"),
            Self::Queues => ("Queues", "队列"),
            Self::Pools => ("Elastic resource pools", "弹性资源池"),
            Self::Resources => ("Tags and quotas", "标签与配额"),
            Self::Identity => ("Identity", "统一身份认证"),
            Self::Networks => ("VPC", "虚拟私有云"),
            Self::Own => ("Linkspan: projects", "Linkspan：项目"),
            Self::Admin => ("Linkspan: administration", "Linkspan：管理"),
            Self::Server => ("Linkspan: server", "Linkspan：服务自身"),
        };
        Said { en, zh }
    }
}

impl Client {
    /// How documents name it.
    const fn name(self) -> &'static str {
        match self {
            Self::Sdk => "SDK",
            Self::Terraform => "Terraform",
            Self::Airflow => "Airflow",
            Self::Cli => "CLI",
        }
    }
}
