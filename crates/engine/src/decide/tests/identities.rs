use super::*;
use crate::command::{NewKey, NewUser, UserChange};
use linkspan_model::{AccessKeyId, UserId};

fn user(name: &str, admin: bool) -> AdminCommand {
    let access = ProjectAccess::Domain;
    AdminCommand::CreateUser(NewUser {
        domain: "d".parse().unwrap(),
        name: name.into(),
        password_hash: None,
        admin,
        access,
    })
}

fn created(answer: Result<Reply, Refusal>) -> UserId {
    match answer {
        Ok(Reply::User(id)) => id,
        other => panic!("{other:?}"),
    }
}

fn root() -> UserId {
    "root".parse().unwrap()
}

fn key(id: &str, user: &UserId, role: KeyRole) -> NewKey {
    let secret = SealedSecret("sealed".into());
    NewKey { id: id.parse().unwrap(), user: user.clone(), secret, role, description: "".into() }
}

fn change(change: UserChange) -> AdminCommand {
    AdminCommand::ChangeUser(root(), change)
}

#[test]
fn the_last_administrator_stays_one() {
    let mut world = World::new();
    let off = || change(UserChange { enabled: Some(false), ..UserChange::default() });
    let demoted = || change(UserChange { admin: Some(false), ..UserChange::default() });
    let other = created(world.admin(user("plain", false)));
    for command in [off(), demoted(), AdminCommand::DeleteUser(root())] {
        let text = refused(world.admin(command), Refusal::NotSupported);
        assert!(text.contains("root") && text.contains("give another user the role admin"), "{text}");
    }
    let promoted = UserChange { admin: Some(true), ..UserChange::default() };
    world.admin(AdminCommand::ChangeUser(other.clone(), promoted)).unwrap();
    let disabled = UserChange { enabled: Some(false), ..UserChange::default() };
    world.admin(AdminCommand::ChangeUser(other.clone(), disabled)).unwrap();
    refused(world.admin(off()), Refusal::NotSupported);
    let enabled = UserChange { enabled: Some(true), ..UserChange::default() };
    world.admin(AdminCommand::ChangeUser(other, enabled)).unwrap();
    world.admin(demoted()).expect("another enabled administrator is there");
    refused(world.admin(user("late", false)), Refusal::Forbidden);
}

#[test]
fn a_right_ends_with_whatever_it_rests_on() {
    type End = (&'static str, AdminCommand);
    let ends: [End; 4] = [
        ("user", change(UserChange { enabled: Some(false), ..UserChange::default() })),
        (
            "access",
            change(UserChange { access: Some(ProjectAccess::Projects(Box::default())), ..UserChange::default() }),
        ),
        ("key", AdminCommand::EnableKey("AKROOT".parse().unwrap(), false)),
        ("project", AdminCommand::EnableProject("a".parse().unwrap(), false)),
    ];
    for (what, end) in ends {
        let mut world = World::new();
        let admin = created(world.admin(user("other", true)));
        world.admin(AdminCommand::CreateKey(key("AKOTHER", &admin, KeyRole::Full))).unwrap();
        let (held, other) = (world.scope(), world.state.principal_of_key(&"AKOTHER".parse().unwrap()).unwrap());
        let by_other = Request::Admin(world.state.admin_scope(&other, Access::Write).unwrap(), end);
        world.carry_out(&by_other).unwrap();
        let request = Request::Project(held, Command::CreateConnection(connection("c")));
        refused(world.carry_out(&request), Refusal::Forbidden);
        let gone = world.state.principal_of_key(&"AKROOT".parse().unwrap());
        let scope = gone.map(|principal| world.state.scope(&principal, "a", Access::Read));
        assert!(scope.is_none_or(|scope| scope.is_err()), "{what}");
    }
}

#[test]
fn a_key_that_reads_changes_nothing_even_with_a_right_to_read() {
    let mut world = World::new();
    world.admin(AdminCommand::CreateKey(key("AKREAD", &root(), KeyRole::ReadOnly))).unwrap();
    let reader = world.state.principal_of_key(&"AKREAD".parse().unwrap()).unwrap();
    assert!(world.state.scope(&reader, "a", Access::Write).is_err());
    assert!(world.state.admin_scope(&reader, Access::Write).is_err());
    let scope = world.state.scope(&reader, "a", Access::Read).unwrap();
    refused(world.carry_out(&Request::Project(scope, Command::CreateConnection(connection("c")))), Refusal::Forbidden);
    let scope = world.state.admin_scope(&reader, Access::Read).unwrap();
    refused(world.carry_out(&Request::Admin(scope, user("u", true))), Refusal::Forbidden);
}

#[test]
fn a_token_is_good_for_its_generation_and_its_project() {
    let mut world = World::new();
    world.admin(AdminCommand::CreateProject("d".parse().unwrap(), "b".into())).unwrap();
    let other = world.state.projects.keys().find(|id| id.as_str() != "a").unwrap().clone();
    let token = world.state.principal_of_token(&root(), 1, Some("a".parse().unwrap())).unwrap();
    assert!(world.state.scope(&token, "a", Access::Write).is_ok());
    assert!(world.state.scope(&token, other.as_str(), Access::Read).is_err(), "it was issued for another project");
    let domain = world.state.principal_of_token(&root(), 1, None).unwrap();
    assert!(world.state.scope(&domain, other.as_str(), Access::Write).is_ok());
    world.admin(change(UserChange { password_hash: Some("new".into()), ..UserChange::default() })).unwrap();
    assert!(world.state.scope(&token, "a", Access::Read).is_err(), "a new password ends tokens");
    assert!(world.state.principal_of_token(&root(), 1, None).is_none());
    assert!(world.state.principal_of_token(&root(), 2, None).is_some());
    assert!(world.state.principal_of_key(&"AKROOT".parse().unwrap()).is_some(), "and leaves keys alone");
}

#[test]
fn names_are_unique_where_they_must_be_and_what_is_named_must_exist() {
    let mut world = World::new();
    let project = |domain: &str, name: &str| AdminCommand::CreateProject(domain.parse().unwrap(), name.into());
    refused(world.admin(AdminCommand::CreateDomain("d".into())), Refusal::Exists);
    refused(world.admin(project("d", "a")), Refusal::Exists);
    refused(world.admin(project("nowhere", "a")), Refusal::Unknown);
    refused(world.admin(user("root", false)), Refusal::Exists);
    let Ok(Reply::Domain(other)) = world.admin(AdminCommand::CreateDomain("other".into())) else { panic!("no domain") };
    world.admin(project(other.as_str(), "a")).expect("another domain has names of its own");
    let twin = NewUser {
        domain: other,
        name: "root".into(),
        password_hash: None,
        admin: false,
        access: ProjectAccess::Projects(["a".parse().unwrap()].into()),
    };
    refused(world.admin(AdminCommand::CreateUser(twin.clone())), Refusal::Unknown);
    world.admin(AdminCommand::CreateUser(NewUser { access: ProjectAccess::Domain, ..twin })).unwrap();
    refused(world.admin(AdminCommand::CreateKey(key("AKROOT", &root(), KeyRole::Full))), Refusal::Exists);
    let nobody: UserId = "nobody".parse().unwrap();
    refused(world.admin(AdminCommand::CreateKey(key("AK", &nobody, KeyRole::Full))), Refusal::Unknown);
    let long = "n".repeat(65);
    for bad in ["", " ", " a", "a ", "a\nb", long.as_str()] {
        refused(world.admin(AdminCommand::CreateDomain(bad.into())), Refusal::Invalid);
    }
}

#[test]
fn a_deleted_user_takes_its_keys_along() {
    let mut world = World::new();
    let id = created(world.admin(user("u", false)));
    for name in ["AKONE", "AKTWO"] {
        world.admin(AdminCommand::CreateKey(key(name, &id, KeyRole::Full))).unwrap();
    }
    world.admin(AdminCommand::DeleteUser(id.clone())).unwrap();
    let known: Vec<&AccessKeyId> = world.state.keys.keys().collect();
    assert_eq!(known, [&"AKROOT".parse().unwrap()]);
    refused(world.admin(AdminCommand::DeleteUser(id)), Refusal::Unknown);
}

#[test]
fn a_store_is_born_once_and_a_lost_way_in_is_found_again() {
    let mut world = World::new();
    refused(world.system(SystemCommand::Bootstrap(Box::new(first()))), Refusal::Exists);
    let id = created(world.admin(user("u", false)));
    world.admin(AdminCommand::EnableKey("AKROOT".parse().unwrap(), false)).unwrap();
    let reset = SystemCommand::ResetAdmin(id.clone(), "hash".into(), key("AKBACK", &id, KeyRole::Full));
    world.system(reset).unwrap();
    let back = world.state.principal_of_key(&"AKBACK".parse().unwrap()).unwrap();
    assert!(world.state.admin_scope(&back, Access::Write).is_ok());
    assert_eq!(world.state.user(&id).unwrap().generation, 2, "its tokens end");
}
