use futures_util::future::BoxFuture;
use http::Method;
use linkspan_engine::Access;

use crate::answer::{Answer, Fault};
use crate::call::Call;

/// What runs an operation.
pub type Handler = fn(Call) -> BoxFuture<'static, Result<Answer, Fault>>;

/// One operation of the API: what it is called, where it is, who may call it, and what runs it.
///
/// Routing, the isolation test and the register of compatibility are made from the list of these, so none can be
/// forgotten in one of them.
pub struct Operation {
    /// The vendor's name of the operation (`ListEnhancedConnections`), or Linkspan's own.
    pub name: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path; a segment in braces is a parameter: `/v2.0/{project_id}/datasource/enhanced-connections`.
    pub path: &'static str,
    /// The document it comes from (`dli_02_0190`); `linkspan` for Linkspan's own.
    pub document: &'static str,
    /// The vendor's permission (`dli:edsconnection:list`), or Linkspan's own.
    pub action: &'static str,
    /// Who may call it.
    pub auth: Auth,
    /// What runs it.
    pub handler: Handler,
}

impl Operation {
    /// Whether its answer depends on what is stored, be it only for who may call it.
    pub(crate) fn reads_records(&self) -> bool {
        self.auth != Auth::Nobody || self.document != "linkspan"
    }

    /// Whether it changes what is stored.
    pub(crate) fn changes_records(&self) -> bool {
        matches!(self.auth, Auth::Project(Access::Write) | Auth::Admin(Access::Write))
    }
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Anyone.
    Nobody,
    /// Anyone with a valid credential.
    Principal,
    /// A caller with a right to the project that the parameter `project_id` names.
    Project(Access),
    /// A caller with the role admin.
    Admin(Access),
}
