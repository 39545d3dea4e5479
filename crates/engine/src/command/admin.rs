//! Changes of identities, and of where projects lie: an administrator's.

use linkspan_model::{AccessKeyId, DomainId, KeyRole, NodeName, ProjectAccess, ProjectId, SealedSecret, UserId};

/// A change of identities.
#[derive(Debug, Clone)]
pub enum AdminCommand {
    /// A new domain, named.
    CreateDomain(Box<str>),
    /// A new project of a domain.
    CreateProject(DomainId, Box<str>),
    /// Answers calls to a project again, or no more.
    EnableProject(ProjectId, bool),
    /// Puts a project's queues and networks on a node's host.
    PlaceProject(Placement),
    /// A new user.
    CreateUser(NewUser),
    /// Changes a user; what is none stays.
    ChangeUser(UserId, UserChange),
    /// Removes a user and its keys.
    DeleteUser(UserId),
    /// A new access key.
    CreateKey(NewKey),
    /// Makes a key work again, or no more.
    EnableKey(AccessKeyId, bool),
    /// Removes a key.
    DeleteKey(AccessKeyId),
}

/// Where a project is to lie.
#[derive(Debug, Clone)]
pub struct Placement {
    /// The project.
    pub project: ProjectId,
    /// The node.
    pub node: NodeName,
    /// Whether what the project has on another node is given up, because that node is gone for good.
    pub abandon: bool,
}

/// A user to create.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The domain it belongs to.
    pub domain: DomainId,
    /// Unique within the domain.
    pub name: Box<str>,
    /// Argon2id in PHC form.
    pub password_hash: Option<Box<str>>,
    /// Whether it may administer the store.
    pub admin: bool,
    /// The projects it may call.
    pub access: ProjectAccess,
}

/// Changes of a user.
#[derive(Clone, Default)]
pub struct UserChange {
    /// A new password, as its hash.
    pub password_hash: Option<Box<str>>,
    /// Whether its keys and tokens work.
    pub enabled: Option<bool>,
    /// Whether it may administer the store.
    pub admin: Option<bool>,
    /// The projects it may call.
    pub access: Option<ProjectAccess>,
}

impl std::fmt::Debug for UserChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserChange").field("enabled", &self.enabled).field("admin", &self.admin).finish_non_exhaustive()
    }
}

/// An access key to create. Its secret was made and sealed by the caller, who shows it once.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The public half.
    pub id: AccessKeyId,
    /// Whose it is.
    pub user: UserId,
    /// The secret half, sealed.
    pub secret: SealedSecret,
    /// What it may do.
    pub role: KeyRole,
    /// Free text.
    pub description: Box<str>,
}
