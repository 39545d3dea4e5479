use std::fmt;

use serde::{Deserialize, Serialize};

use crate::action::ActionPatterns;
use crate::ids::{AccessKeyId, DomainId, ProjectId, UserId};
use crate::names::NodeName;
use crate::stamp::UnixMillis;

/// A domain (an account).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Its id.
    pub id: DomainId,
    /// Unique in the store.
    pub name: Box<str>,
    /// When it was made, UTC.
    pub create_time: UnixMillis,
}

/// A project of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// The domain it belongs to.
    pub domain: DomainId,
    /// Unique within the domain; the first bears the region's name.
    pub name: Box<str>,
    /// Whether calls to it are answered.
    pub enabled: bool,
    /// When it was made, UTC.
    pub create_time: UnixMillis,
    /// The node on whose host its queues and networks lie, where each host has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeName>,
}

/// A user of a domain.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The domain it belongs to.
    pub domain: DomainId,
    /// Unique within the domain.
    pub name: Box<str>,
    /// Argon2id in PHC form; none = no log-in by password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<Box<str>>,
    /// Whether its keys and tokens work.
    pub enabled: bool,
    /// Grows with every change that must end its tokens.
    pub generation: u32,
    /// Whether it may use Linkspan's admin API.
    pub admin: bool,
    /// The projects of its domain that it may call.
    pub access: ProjectAccess,
    /// When it was made, UTC.
    pub create_time: UnixMillis,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Which projects of its domain a user may call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProjectAccess {
    /// Every project of the domain, those made later too.
    Domain,
    /// These only.
    Projects(Box<[ProjectId]>),
}

/// An access key (AK/SK).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// The public half.
    pub id: AccessKeyId,
    /// Whose it is.
    pub user: UserId,
    /// The secret half, sealed.
    pub secret: SealedSecret,
    /// What it may do.
    pub role: KeyRole,
    /// Whether it works.
    pub enabled: bool,
    /// Free text.
    #[serde(default)]
    pub description: Box<str>,
    /// When it was made, UTC.
    pub create_time: UnixMillis,
}

/// What a key may do, never more than its user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyRole {
    /// Everything its user may.
    Full,
    /// Reads only.
    ReadOnly,
    /// These actions only.
    Actions(ActionPatterns),
}

/// A secret encrypted under the master key, which the store never sees.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedSecret(pub Box<str>);

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedSecret(…)")
    }
}

impl User {
    /// Whether the user may call a project of its domain.
    #[must_use]
    pub fn may_call(&self, project: &ProjectId) -> bool {
        match &self.access {
            ProjectAccess::Domain => true,
            ProjectAccess::Projects(projects) => projects.contains(project),
        }
    }
}
