//! Who is asking, and what they may ask about.
//!
//! A [`Scope`] is the only way to ask the engine or the view about a project's things, and only [`State::scope`]
//! makes one: isolation can't be forgotten, because there is nothing to call without it.

use linkspan_model::{AccessKeyId, DomainId, KeyRole, ProjectId, UserId};

use crate::refusal::Refusal;
use crate::state::State;
use crate::state::identity::opens;

/// A caller whose credential has been proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub(crate) user: UserId,
    pub(crate) user_name: Box<str>,
    pub(crate) domain: DomainId,
    pub(crate) via: Via,
}

/// The credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// A signature with this key.
    Key(AccessKeyId),
    /// A token, issued to this generation of the user, for one project or for the domain.
    Token {
        /// The user's generation at that time.
        generation: u32,
        /// The only project it is good for; none = the domain.
        project: Option<ProjectId>,
    },
}

impl Principal {
    /// The user.
    #[must_use]
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The user's name.
    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.user_name
    }

    /// The user's domain.
    #[must_use]
    pub fn domain(&self) -> &DomainId {
        &self.domain
    }

    /// The credential.
    #[must_use]
    pub fn via(&self) -> &Via {
        &self.via
    }
}

/// What a call does to a project's things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It reads.
    Read,
    /// It changes.
    Write,
}

/// What a call needs its caller to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    access: Access,
    action: &'static str,
}

impl Need {
    /// A call of this action (`dli:edsconnection:list`).
    #[must_use]
    pub const fn new(access: Access, action: &'static str) -> Self {
        Self { access, action }
    }

    /// What a command needs that is given with a right to this: a right to read is none to change.
    fn to_change(self) -> Self {
        match self.access {
            Access::Read => Access::Write.into(),
            Access::Write => self,
        }
    }
}

/// A call of no action that has a name: a key that is limited to named actions is never allowed it.
impl From<Access> for Need {
    fn from(access: Access) -> Self {
        Self { access, action: "" }
    }
}

/// The action of changing identities; who may do it may give itself every right.
const ADMINISTER: &str = "linkspan:admin:write";

/// Whether a key of this role may do what is needed.
fn may(role: &KeyRole, need: Need) -> bool {
    match role {
        KeyRole::Full => true,
        KeyRole::ReadOnly => need.access == Access::Read,
        KeyRole::Actions(patterns) => patterns.allow(need.action),
    }
}

/// Whether a key of this role may administer the store, if its user may.
pub(crate) fn administers(role: &KeyRole) -> bool {
    may(role, Need::new(Access::Write, ADMINISTER))
}

/// The right of a caller to one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    principal: Principal,
    project: ProjectId,
    need: Need,
}

impl Scope {
    /// The project.
    #[must_use]
    pub fn project(&self) -> &ProjectId {
        &self.project
    }

    /// The caller.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

/// The right of a caller to administer the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminScope {
    principal: Principal,
    need: Need,
}

impl AdminScope {
    /// The caller.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

impl State {
    /// The right of a caller to the project that a path names.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], whether the project is unknown, malformed, disabled or another's; or the key lacks the action.
    pub fn scope(&self, principal: &Principal, project: &str, need: impl Into<Need>) -> Result<Scope, Refusal> {
        let forbidden = || Refusal::Forbidden(format!("You have no permission for the project {project}."));
        if project == "{project_id}" {
            return Err(Refusal::Forbidden(
                "You have no permission for the project {project_id}: the client was made without a project id, give it one."
                    .into(),
            ));
        }
        let project: ProjectId = project.parse().map_err(|_| forbidden())?;
        if !self.reaches(principal, &project) {
            return Err(forbidden());
        }
        let need = need.into();
        self.may(principal, need)?;
        Ok(Scope { principal: principal.clone(), project, need })
    }

    /// The right of a caller to administer the store.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]: the user is no administrator, the key lacks the action, or the token is for one project.
    pub fn admin_scope(&self, principal: &Principal, need: impl Into<Need>) -> Result<AdminScope, Refusal> {
        let admin = self.valid_user(principal).is_some_and(|user| user.admin);
        if !admin {
            return Err(Refusal::Forbidden("This call needs the role admin.".into()));
        }
        // Whoever was handed a token for one project must not get at the others by way of their identities.
        if matches!(principal.via, Via::Token { project: Some(_), .. }) {
            return Err(Refusal::Forbidden(
                "This call needs a token for the domain; this one is for a project.".into(),
            ));
        }
        let need = need.into();
        self.may(principal, need)?;
        Ok(AdminScope { principal: principal.clone(), need })
    }

    /// Whether a right that was given on an earlier state is still one on this state, to change things: a command needs
    /// no less, whatever the right was asked for.
    pub(crate) fn still_holds(&self, scope: &Scope) -> Result<(), Refusal> {
        if self.reaches(&scope.principal, &scope.project) {
            self.may(&scope.principal, scope.need.to_change())
        } else {
            Err(Refusal::Forbidden(format!("You have no permission for the project {}.", scope.project)))
        }
    }

    fn reaches(&self, principal: &Principal, id: &ProjectId) -> bool {
        let user = self.valid_user(principal).filter(|_| principal.via.is_good_for(id));
        user.is_some_and(|user| self.project_record(id).is_some_and(|project| opens(user, project)))
    }

    pub(crate) fn admin_still_holds(&self, scope: &AdminScope) -> Result<(), Refusal> {
        self.admin_scope(&scope.principal, scope.need.to_change()).map(|_| ())
    }

    /// Whether the credential of a caller, whose user may, may too.
    fn may(&self, principal: &Principal, need: Need) -> Result<(), Refusal> {
        let Via::Key(id) = &principal.via else { return Ok(()) };
        let Some(key) = self.keys.get(id).map(|key| &key.value).filter(|key| !may(&key.role, need)) else {
            return Ok(());
        };
        let what = match &key.role {
            KeyRole::ReadOnly => "may only read",
            KeyRole::Full | KeyRole::Actions(_) => "is limited to certain actions",
        };
        let lacks = if need.action.is_empty() { String::new() } else { format!("; it lacks {}", need.action) };
        Err(Refusal::Forbidden(format!("The access key {id} {what}{lacks}.")))
    }
}

impl Via {
    fn is_good_for(&self, project: &ProjectId) -> bool {
        match self {
            Self::Key(_) | Self::Token { project: None, .. } => true,
            Self::Token { project: Some(only), .. } => only == project,
        }
    }
}
