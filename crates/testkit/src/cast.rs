//! The identities of the small world: who may do what where, before anything happens.

use std::collections::BTreeMap;

use linkspan_engine::command::{AdminCommand, Bootstrap, NewKey, NewUser, SystemCommand};
use linkspan_engine::{Access, AdminScope, Principal, Refusal, Reply, Request, Scope, State};
use linkspan_model::{
    AccessKey, AccessKeyId, Domain, DomainId, KeyRole, Project, ProjectAccess, ProjectId, SealedSecret, User, UserId,
};

use crate::commands::{CALLERS, PROJECTS, RIGHTS};
use crate::drivers::Driver;

/// Ids of callers and projects by number, and rights given when all of them were enabled.
#[derive(Debug, Clone)]
pub struct Cast {
    /// By number of the caller.
    pub users: Vec<UserId>,
    /// By number of the project.
    pub projects: Vec<ProjectId>,
    /// By caller and project; the reader's is a right to read.
    pub held: BTreeMap<(usize, usize), Scope>,
    /// Root's.
    pub admin: AdminScope,
}

/// The key of a caller.
///
/// # Panics
/// Never: the ids are well-formed.
#[must_use]
pub fn key(caller: usize) -> AccessKeyId {
    format!("AK{caller}").parse().unwrap()
}

/// The caller with its key, if the key works.
#[must_use]
pub fn principal(state: &State, caller: usize) -> Option<Principal> {
    state.principal_of_key(&key(caller))
}

impl Cast {
    /// Makes everyone in an empty store.
    ///
    /// # Panics
    /// The engine refuses to.
    pub async fn assemble(driver: &mut impl Driver) -> Self {
        let bootstrap = Request::System(SystemCommand::Bootstrap(Box::new(first())));
        assert_eq!(driver.submit(bootstrap).await, Ok(Reply::Done));
        let admin = driver.state().admin_scope(&principal(&driver.state(), 0).unwrap(), Access::Write).unwrap();
        let ask = |command| Request::Admin(admin.clone(), command);
        let Ok(Reply::Domain(other)) = driver.submit(ask(AdminCommand::CreateDomain("other".into()))).await else {
            panic!("no domain");
        };
        let domains: [DomainId; 3] = ["d".parse().unwrap(), "d".parse().unwrap(), other.clone()];
        let mut projects: Vec<ProjectId> = vec!["a".parse().unwrap()];
        for (name, domain) in PROJECTS.iter().zip(&domains).skip(1) {
            let create = AdminCommand::CreateProject(domain.clone(), (*name).into());
            let Ok(Reply::Project(id)) = driver.submit(ask(create)).await else { panic!("no project") };
            projects.push(id);
        }
        let mut users: Vec<UserId> = vec!["root".parse().unwrap()];
        for caller in 1..CALLERS.len() {
            let domain = domains[RIGHTS[caller][0]].clone();
            let Ok(Reply::User(id)) = driver.submit(ask(user(caller, domain, &projects))).await else {
                panic!("no user");
            };
            let created = driver.submit(ask(AdminCommand::CreateKey(new_key(caller, &id)))).await;
            assert_eq!(created, Ok(Reply::Key(key(caller))));
            users.push(id);
        }
        let held = rights(&driver.state(), &projects);
        Self { users, projects, held, admin }
    }

    /// The id of a project by number, of the one that never exists too.
    #[must_use]
    pub fn grantee(&self, project: usize) -> String {
        self.projects.get(project).map_or_else(|| "ghost".into(), ToString::to_string)
    }

    /// A right to look at a project, whatever has become of its owner since.
    ///
    /// # Panics
    /// There is no such project.
    #[must_use]
    pub fn onlooker(&self, project: usize) -> &Scope {
        &self.held[&([0, 0, 4][project], project)]
    }

    /// A right to change a project's things as it is now.
    ///
    /// # Errors
    /// The caller has none.
    pub fn right(&self, state: &State, caller: usize, project: usize) -> Result<Scope, Refusal> {
        let nobody = || Refusal::Forbidden("the key does not work".into());
        let principal = principal(state, caller).ok_or_else(nobody)?;
        state.scope(&principal, self.projects[project].as_str(), Access::Write)
    }
}

fn rights(state: &State, projects: &[ProjectId]) -> BTreeMap<(usize, usize), Scope> {
    let mut held = BTreeMap::new();
    for (caller, own) in RIGHTS.iter().enumerate() {
        let principal = principal(state, caller).unwrap();
        let access = if CALLERS[caller] == "reader" { Access::Read } else { Access::Write };
        for project in *own {
            held.insert((caller, *project), state.scope(&principal, projects[*project].as_str(), access).unwrap());
        }
    }
    held
}

fn first() -> Bootstrap {
    let (domain, user): (DomainId, UserId) = ("d".parse().unwrap(), "root".parse().unwrap());
    Bootstrap {
        domain: Domain { id: domain.clone(), name: "d".into(), create_time: 0 },
        project: Project {
            id: "a".parse().unwrap(),
            domain: domain.clone(),
            name: "a".into(),
            enabled: true,
            create_time: 0,
            node: None,
        },
        user: User {
            id: user.clone(),
            domain,
            name: "root".into(),
            password_hash: None,
            enabled: true,
            generation: 1,
            admin: true,
            access: ProjectAccess::Domain,
            create_time: 0,
        },
        key: AccessKey {
            id: key(0),
            user,
            secret: SealedSecret("sealed".into()),
            role: KeyRole::Full,
            enabled: true,
            description: "".into(),
            create_time: 0,
        },
    }
}

fn user(caller: usize, domain: DomainId, projects: &[ProjectId]) -> AdminCommand {
    let own = RIGHTS[caller].iter().map(|project| projects[*project].clone()).collect();
    AdminCommand::CreateUser(NewUser {
        domain,
        name: CALLERS[caller].into(),
        password_hash: None,
        admin: false,
        access: ProjectAccess::Projects(own),
    })
}

fn new_key(caller: usize, user: &UserId) -> NewKey {
    let role = if CALLERS[caller] == "reader" { KeyRole::ReadOnly } else { KeyRole::Full };
    NewKey { id: key(caller), user: user.clone(), secret: SealedSecret("sealed".into()), role, description: "".into() }
}
