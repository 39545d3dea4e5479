//! Domains, projects, users and access keys, as administrators see them.

use linkspan_model::{
    AccessKey, AccessKeyId, ActionPattern, ActionPatterns, Domain, DomainId, KeyRole, NodeName, Project, ProjectAccess,
    ProjectId, User, UserId,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{FreeText, Time};
use crate::error::{Problem, ProblemKind};
use crate::requests::Secret;

/// A domain (an account).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainInfo {
    /// Its id.
    pub id: DomainId,
    /// Unique in the store.
    pub name: String,
    /// When it was made.
    pub create_time: Time,
}

/// `GET /linkspan/v1/admin/domains`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainList {
    /// Every domain, in the order of their ids.
    pub domains: Vec<DomainInfo>,
}

/// `POST /linkspan/v1/admin/domains`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateDomain {
    /// 1 to 64 printable characters.
    pub name: Box<str>,
}

/// A project of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectInfo {
    /// Its id.
    pub id: ProjectId,
    /// Its domain.
    pub domain_id: DomainId,
    /// Unique within the domain.
    pub name: String,
    /// Whether calls to it are answered.
    pub enabled: bool,
    /// When it was made.
    pub create_time: Time,
    /// The node on whose host its queues and networks lie; absent where that makes no difference, or nobody has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeName>,
}

/// `GET /linkspan/v1/admin/projects`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectList {
    /// Every project, in the order of their ids.
    pub projects: Vec<ProjectInfo>,
}

/// `POST /linkspan/v1/admin/projects`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateProject {
    /// Its domain; absent = the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<DomainId>,
    /// 1 to 64 printable characters.
    pub name: Box<str>,
}

/// `PATCH /linkspan/v1/admin/projects/{id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeProject {
    /// Whether calls to it are answered.
    pub enabled: bool,
}

/// `PUT /linkspan/v1/admin/projects/{id}/node`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceProject {
    /// The node on whose host its queues and networks are to lie.
    pub node: NodeName,
    /// Whether what it has on another node is given up, because that node is gone for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub abandon: bool,
}

/// A user of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// Its id.
    pub id: UserId,
    /// Its domain.
    pub domain_id: DomainId,
    /// Unique within the domain.
    pub name: String,
    /// Whether its keys and tokens work.
    pub enabled: bool,
    /// Whether it may administer the store.
    pub admin: bool,
    /// Whether it has a password to log in with.
    pub has_password: bool,
    /// Whether it may call every project of its domain.
    pub all_projects: bool,
    /// The projects it may call, if not all.
    pub projects: Vec<ProjectId>,
    /// When it was made.
    pub create_time: Time,
}

/// `GET /linkspan/v1/admin/users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    /// Every user, in the order of their ids.
    pub users: Vec<UserInfo>,
}

/// `POST /linkspan/v1/admin/users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// Its domain; absent = the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<DomainId>,
    /// 1 to 64 printable characters.
    pub name: Box<str>,
    /// Absent = it can't log in by password.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "shown", deserialize_with = "hidden")]
    pub password: Option<Secret>,
    /// Whether it may administer the store.
    #[serde(default)]
    pub admin: bool,
    /// The projects it may call; absent = every one of its domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projects: Option<Vec<ProjectId>>,
}

/// `PATCH /linkspan/v1/admin/users/{id}`: what is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeUser {
    /// A new password; ends the user's tokens.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "shown", deserialize_with = "hidden")]
    pub password: Option<Secret>,
    /// Whether its keys and tokens work; `false` ends its tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether it may administer the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<bool>,
    /// `true`: it may call every project of its domain.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_projects: bool,
    /// The only projects it may call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projects: Option<Vec<ProjectId>>,
}

/// What an access key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything its user may.
    #[default]
    Full,
    /// Reads only.
    ReadOnly,
    /// Certain actions only.
    Actions,
}

/// An access key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// The public half.
    pub id: AccessKeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it may do.
    pub role: Role,
    /// The only actions it may do, such as `dli:*:list`, if it is limited to some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionPattern>,
    /// Whether it works.
    pub enabled: bool,
    /// Free text.
    pub description: String,
    /// When it was made.
    pub create_time: Time,
}

/// `GET /linkspan/v1/admin/keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// Every key, in the order of their ids.
    pub keys: Vec<KeyInfo>,
}

/// `POST /linkspan/v1/admin/keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// Whose it will be; absent = the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// What it may do; absent = everything its user may, or the actions if some are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The only actions it may do: `service:resource:operation`, with `*` for any run of characters within a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<ActionPattern>>,
    /// Free text.
    #[serde(default)]
    pub description: FreeText,
}

impl CreateKey {
    /// What the key may do.
    ///
    /// # Errors
    /// 400: a role and actions contradict each other, or there are no actions or too many.
    pub fn key_role(&self) -> Result<KeyRole, Problem> {
        let invalid = |text: String| Problem::new(ProblemKind::InvalidInput, text);
        match (self.role, &self.actions) {
            (None | Some(Role::Full), None) => Ok(KeyRole::Full),
            (Some(Role::ReadOnly), None) => Ok(KeyRole::ReadOnly),
            (None | Some(Role::Actions), Some(actions)) => {
                let patterns = ActionPatterns::try_from(actions.clone());
                patterns.map(KeyRole::Actions).map_err(|why| invalid(format!("actions {why}")))
            }
            (Some(Role::Actions), None) => Err(invalid("actions must be named if the role is actions".into())),
            (Some(Role::Full | Role::ReadOnly), Some(_)) => {
                Err(invalid("role and actions contradict each other: send one of them".into()))
            }
        }
    }
}

/// A new key: the only answer that ever holds its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedKey {
    /// The key.
    #[serde(flatten)]
    pub key: KeyInfo,
    /// The secret half.
    #[serde(serialize_with = "shown_always", deserialize_with = "hidden_always")]
    pub secret: Secret,
}

/// `PATCH /linkspan/v1/admin/keys/{id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeKey {
    /// Whether it works.
    pub enabled: bool,
}

fn shown<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}

fn shown_always<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

fn hidden<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}

fn hidden_always<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

impl From<&Domain> for DomainInfo {
    fn from(domain: &Domain) -> Self {
        Self { id: domain.id.clone(), name: domain.name.to_string(), create_time: Time(domain.create_time) }
    }
}

impl From<&Project> for ProjectInfo {
    fn from(project: &Project) -> Self {
        Self {
            id: project.id.clone(),
            domain_id: project.domain.clone(),
            name: project.name.to_string(),
            enabled: project.enabled,
            create_time: Time(project.create_time),
            node: project.node.clone(),
        }
    }
}

impl From<&User> for UserInfo {
    fn from(user: &User) -> Self {
        let (all_projects, projects) = match &user.access {
            ProjectAccess::Domain => (true, Vec::new()),
            ProjectAccess::Projects(projects) => (false, projects.to_vec()),
        };
        Self {
            id: user.id.clone(),
            domain_id: user.domain.clone(),
            name: user.name.to_string(),
            enabled: user.enabled,
            admin: user.admin,
            has_password: user.password_hash.is_some(),
            all_projects,
            projects,
            create_time: Time(user.create_time),
        }
    }
}

impl From<&AccessKey> for KeyInfo {
    fn from(key: &AccessKey) -> Self {
        let (role, actions) = match &key.role {
            KeyRole::Full => (Role::Full, Vec::new()),
            KeyRole::ReadOnly => (Role::ReadOnly, Vec::new()),
            KeyRole::Actions(patterns) => (Role::Actions, patterns.as_slice().to_vec()),
        };
        Self {
            id: key.id.clone(),
            user_id: key.user.clone(),
            role,
            actions,
            enabled: key.enabled,
            description: key.description.to_string(),
            create_time: Time(key.create_time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let user = CreateUser {
            domain_id: None,
            name: "alice".into(),
            password: Some(Secret::new("pass word")),
            admin: true,
            projects: Some(vec!["p1".parse().unwrap()]),
        };
        assert_eq!(read::<CreateUser>(&write(&user)).unwrap(), user);
        assert!(!format!("{user:?}").contains("pass word"));
        let key = KeyInfo {
            id: "AK".parse().unwrap(),
            user_id: "u1".parse().unwrap(),
            role: Role::ReadOnly,
            actions: Vec::new(),
            enabled: true,
            description: "d".into(),
            create_time: Time(0),
        };
        let key = CreatedKey { key, secret: Secret::new("s") };
        let json = String::from_utf8(write(&key)).unwrap();
        assert_eq!(
            json,
            r#"{"id":"AK","user_id":"u1","role":"read_only","enabled":true,"description":"d","create_time":"1970-01-01T00:00:00.000Z","secret":"s"}"#
        );
        assert_eq!(serde_json::from_str::<CreatedKey>(&json).unwrap(), key);
        assert_eq!(write(&ChangeUser::default()), b"{}");
        assert_eq!(read::<ChangeUser>(b"").unwrap(), ChangeUser::default());
        assert_eq!(read::<CreateKey>(b"{}").unwrap().key_role(), Ok(KeyRole::Full));
    }

    #[test]
    fn a_key_has_a_role_or_actions() {
        let role = |body: &str| read::<CreateKey>(body.as_bytes()).and_then(|key| key.key_role());
        for body in [r#"{"actions":["dli:*:list"]}"#, r#"{"role":"actions","actions":["dli:*:list"]}"#] {
            let KeyRole::Actions(patterns) = role(body).unwrap() else { panic!("{body}") };
            assert!(patterns.allow("dli:queue:list"));
        }
        assert_eq!(role(r#"{"role":"read_only"}"#), Ok(KeyRole::ReadOnly));
        for (body, text) in [
            (r#"{"actions":[]}"#, "actions must name 1 to 64 actions, got 0"),
            (r#"{"role":"actions"}"#, "actions must be named"),
            (r#"{"role":"full","actions":["dli:*:list"]}"#, "contradict each other"),
            (r#"{"actions":["dli:list"]}"#, "service:resource:operation"),
        ] {
            let fault = role(body).unwrap_err();
            assert_eq!((fault.status(), fault.detail.contains(text)), (400, true), "{}", fault.detail);
        }
    }
}
