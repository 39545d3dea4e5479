//! Who is asking, and what they may ask about.
//!
//! A [`Scope`] is the only way to ask the engine or the view about a project's things, and only [`State::scope`]
//! makes one: isolation can't be forgotten, because there is nothing to call without it.

use linkspan_model::{AccessKeyId, DomainId, KeyRole, ProjectId, UserId};

use crate::refusal::Refusal;
use crate::state::State;

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

/// The right of a caller to one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    principal: Principal,
    project: ProjectId,
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
    /// [`Refusal::Forbidden`], whether the project is unknown, malformed, disabled or another's; or the key only reads.
    pub fn scope(&self, principal: &Principal, project: &str, access: Access) -> Result<Scope, Refusal> {
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
        self.may_write(principal, access)?;
        Ok(Scope { principal: principal.clone(), project })
    }

    /// The right of a caller to administer the store.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]: the user is no administrator, or the key only reads.
    pub fn admin_scope(&self, principal: &Principal, access: Access) -> Result<AdminScope, Refusal> {
        let admin = self.valid_user(principal).is_some_and(|user| user.admin);
        if !admin {
            return Err(Refusal::Forbidden("This call needs the role admin.".into()));
        }
        self.may_write(principal, access)?;
        Ok(AdminScope { principal: principal.clone() })
    }

    /// Whether a right that was given on an earlier state is still one on this state, to change things: a command needs
    /// no less, whatever the right was asked for.
    pub(crate) fn still_holds(&self, scope: &Scope) -> Result<(), Refusal> {
        if self.reaches(&scope.principal, &scope.project) {
            self.may_write(&scope.principal, Access::Write)
        } else {
            Err(Refusal::Forbidden(format!("You have no permission for the project {}.", scope.project)))
        }
    }

    fn reaches(&self, principal: &Principal, project: &ProjectId) -> bool {
        self.valid_user(principal).is_some_and(|user| {
            let in_domain = self
                .projects
                .get(project)
                .is_some_and(|project| project.value.enabled && project.value.domain == user.domain);
            in_domain && user.may_call(project) && principal.via.is_good_for(project)
        })
    }

    pub(crate) fn admin_still_holds(&self, scope: &AdminScope) -> Result<(), Refusal> {
        self.admin_scope(&scope.principal, Access::Write).map(|_| ())
    }

    fn may_write(&self, principal: &Principal, access: Access) -> Result<(), Refusal> {
        let Via::Key(key) = &principal.via else { return Ok(()) };
        let role = self.keys.get(key).map(|key| key.value.role);
        if access == Access::Write && role == Some(KeyRole::ReadOnly) {
            return Err(Refusal::Forbidden(format!("The access key {key} may only read.")));
        }
        Ok(())
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
