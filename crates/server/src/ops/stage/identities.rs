//! Who calls: alice of the domain `d0`, who also administers, and mallory of another domain, who does not.

use linkspan_engine::command::{AdminCommand, Bootstrap, NewKey, NewUser, Reply, Request};
use linkspan_engine::{Access, Engine, Origin, Principal};
use linkspan_model::{AccessKey, AccessKeyId, Domain, KeyRole, Project, ProjectAccess, ProjectId, SealedSecret, User};

use super::{NOW, OWN, OWN_KEY};

const STRANGERS_KEY: &str = "STRANGERSKEY";

pub(super) fn first_identities() -> Bootstrap {
    let domain = Domain { id: "d0".parse().unwrap(), name: "domain".into(), create_time: NOW };
    let project = Project {
        id: OWN.parse().unwrap(),
        domain: domain.id.clone(),
        name: "cn-north-4".into(),
        enabled: true,
        create_time: NOW,
        node: None,
    };
    let user = User {
        id: "u0".parse().unwrap(),
        domain: domain.id.clone(),
        name: "alice".into(),
        password_hash: None,
        enabled: true,
        generation: 1,
        admin: true,
        access: ProjectAccess::Domain,
        create_time: NOW,
    };
    let key = AccessKey {
        id: OWN_KEY.parse().unwrap(),
        user: user.id.clone(),
        secret: SealedSecret("sealed".into()),
        role: KeyRole::Full,
        enabled: true,
        description: "".into(),
        create_time: NOW,
    };
    Bootstrap { domain, project, user, key }
}

/// A user of another domain, who administers nothing, and a project of that domain.
pub(super) async fn strangers(engine: &Engine, admin: &Principal) -> (Principal, ProjectId) {
    let scope = engine.view().admin_scope(admin, Access::Write).unwrap();
    let submit = |command| engine.submit(Request::Admin(scope.clone(), command), Origin::default());
    let Ok(Reply::Domain(domain)) = submit(AdminCommand::CreateDomain("elsewhere".into())).await else { panic!() };
    let Ok(Reply::Project(project)) = submit(AdminCommand::CreateProject(domain.clone(), "other".into())).await else {
        panic!()
    };
    let user =
        NewUser { domain, name: "mallory".into(), password_hash: None, admin: false, access: ProjectAccess::Domain };
    let Ok(Reply::User(user)) = submit(AdminCommand::CreateUser(user)).await else { panic!() };
    let id = STRANGERS_KEY.parse().unwrap();
    let secret = SealedSecret("sealed".into());
    let key = NewKey { id, user, secret, role: KeyRole::Full, description: "".into() };
    submit(AdminCommand::CreateKey(key)).await.unwrap();
    let principal = engine.view().principal_of_key(&STRANGERS_KEY.parse().unwrap()).unwrap();
    (principal, project)
}

/// The caller with another key, which only reads.
pub(super) async fn reader(engine: &Engine, whose: &Principal) -> Principal {
    let id: AccessKeyId = "READERSKEY".parse().unwrap();
    let secret = SealedSecret("sealed".into());
    let (user, role) = (whose.user().clone(), KeyRole::ReadOnly);
    let key = NewKey { id: id.clone(), user, secret, role, description: "".into() };
    let admin = engine.view().principal_of_key(&OWN_KEY.parse().unwrap()).unwrap();
    let scope = engine.view().admin_scope(&admin, Access::Write).unwrap();
    engine.submit(Request::Admin(scope, AdminCommand::CreateKey(key)), Origin::default()).await.unwrap();
    engine.view().principal_of_key(&id).unwrap()
}
