use linkspan_model::{AccessKey, AccessKeyId, Domain, DomainId, Project, ProjectId, User, UserId};

use super::State;
use crate::record::Setting;
use crate::scope::{AdminScope, Principal, Scope, Via};

impl State {
    /// An access key by its public half, disabled ones included.
    #[must_use]
    pub fn key(&self, id: &AccessKeyId) -> Option<&AccessKey> {
        self.keys.get(id).map(|key| &key.value)
    }

    /// The caller behind a key whose secret the caller has proved to hold; none if key or user is disabled or gone.
    #[must_use]
    pub fn principal_of_key(&self, id: &AccessKeyId) -> Option<Principal> {
        let key = self.key(id).filter(|key| key.enabled)?;
        self.principal(&key.user, Via::Key(id.clone()))
    }

    /// The caller behind a token that was proved genuine; none if its user is disabled, gone, or past that generation.
    #[must_use]
    pub fn principal_of_token(&self, user: &UserId, generation: u32, project: Option<ProjectId>) -> Option<Principal> {
        let principal = self.principal(user, Via::Token { generation, project })?;
        self.valid_user(&principal).map(|_| principal.clone())
    }

    fn principal(&self, user: &UserId, via: Via) -> Option<Principal> {
        let user = self.user(user).filter(|user| user.enabled)?;
        Some(Principal { user: user.id.clone(), user_name: user.name.clone(), domain: user.domain.clone(), via })
    }

    /// The user behind a caller, if the credential is still good.
    pub(crate) fn valid_user(&self, principal: &Principal) -> Option<&User> {
        let user = self.user(&principal.user).filter(|user| user.enabled)?;
        let good = match &principal.via {
            Via::Key(id) => self.key(id).is_some_and(|key| key.enabled && key.user == user.id),
            Via::Token { generation, project } => {
                // A token for one project is good for nothing while its user may not call that project.
                let is_open = |id| self.project_record(id).is_some_and(|project| opens(user, project));
                *generation == user.generation && project.as_ref().is_none_or(is_open)
            }
        };
        good.then_some(user)
    }

    /// A user by id.
    #[must_use]
    pub fn user(&self, id: &UserId) -> Option<&User> {
        self.users.get(id).map(|user| &user.value)
    }

    /// A user by the name of the domain and its own name.
    #[must_use]
    pub fn user_named(&self, domain: &DomainId, name: &str) -> Option<&User> {
        self.users.values().map(|user| &user.value).find(|user| user.domain == *domain && *user.name == *name)
    }

    /// The administrator that was made first, disabled ones included, or without any the user that was: whom the node
    /// gives a new key when the last one is lost.
    #[must_use]
    pub fn first_administrator(&self) -> Option<&User> {
        self.users.values().map(|user| &user.value).min_by_key(|user| (!user.admin, user.create_time, &user.id))
    }

    /// A domain by id.
    #[must_use]
    pub fn domain(&self, id: &DomainId) -> Option<&Domain> {
        self.domains.get(id).map(|domain| &domain.value)
    }

    /// A domain by name.
    #[must_use]
    pub fn domain_named(&self, name: &str) -> Option<&Domain> {
        self.domains.values().map(|domain| &domain.value).find(|domain| *domain.name == *name)
    }

    /// A project by id, whoever asks: for identity's own answers about the caller's domain.
    pub(crate) fn project_record(&self, id: &ProjectId) -> Option<&Project> {
        self.projects.get(id).map(|project| &project.value)
    }

    /// The record of the scope's project.
    #[must_use]
    pub fn project_of(&self, scope: &Scope) -> Option<&Project> {
        self.project_record(scope.project())
    }

    /// The enabled projects that a caller may call, in the order of their ids.
    pub fn projects_of<'a>(&'a self, principal: &Principal) -> impl Iterator<Item = &'a Project> + use<'a> {
        let user = self.valid_user(principal);
        let projects = self.projects.values().map(|project| &project.value);
        projects.filter(move |project| user.is_some_and(|user| opens(user, project)))
    }

    /// A setting of the store.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.get(name).map(|setting| &setting.value)
    }

    /// Whether nobody has been made yet.
    #[must_use]
    pub fn is_unborn(&self) -> bool {
        self.users.is_empty()
    }

    /// Everyone and everything that an administrator may see.
    #[must_use]
    pub fn administration<'a>(&'a self, _scope: &AdminScope) -> Administration<'a> {
        Administration { state: self }
    }
}

/// Whether a user may call a project as things stand.
pub(crate) fn opens(user: &User, project: &Project) -> bool {
    project.enabled && project.domain == user.domain && user.may_call(&project.id)
}

/// What an administrator sees: identities of every domain.
pub struct Administration<'a> {
    state: &'a State,
}

impl<'a> Administration<'a> {
    /// Every domain.
    pub fn domains(&self) -> impl Iterator<Item = &'a Domain> + use<'a> {
        self.state.domains.values().map(|it| &it.value)
    }

    /// Every project, disabled ones included.
    pub fn projects(&self) -> impl Iterator<Item = &'a Project> + use<'a> {
        self.state.projects.values().map(|it| &it.value)
    }

    /// Every user.
    pub fn users(&self) -> impl Iterator<Item = &'a User> + use<'a> {
        self.state.users.values().map(|it| &it.value)
    }

    /// Every access key.
    pub fn keys(&self) -> impl Iterator<Item = &'a AccessKey> + use<'a> {
        self.state.keys.values().map(|it| &it.value)
    }
}
