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
    let late = created(world.admin(user("without a way in", true)));
    for command in [off(), demoted(), AdminCommand::DeleteUser(root())] {
        let text = refused(world.admin(command), Refusal::NotSupported);
        assert!(text.contains("root") && text.contains("give another user the role admin"), "{text}");
    }
    world.admin(AdminCommand::DeleteUser(late)).unwrap();
    let promoted = UserChange { admin: Some(true), password_hash: Some("hash".into()), ..UserChange::default() };
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

fn actions(patterns: &[&str]) -> KeyRole {
    let patterns: Vec<_> = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
    KeyRole::Actions(patterns.try_into().unwrap())
}

#[test]
fn a_key_of_certain_actions_may_do_these_and_nothing_else() {
    let mut world = World::new();
    let role = actions(&["dli:*:list", "dli:edsconnection:create"]);
    world.admin(AdminCommand::CreateKey(key("AKSOME", &root(), role))).unwrap();
    let some = world.state.principal_of_key(&"AKSOME".parse().unwrap()).unwrap();
    let scope = |world: &World, need: Need| world.state.scope(&some, "a", need);
    assert!(scope(&world, Need::new(Access::Read, "dli:edsconnection:list")).is_ok());
    for refused in [Need::new(Access::Read, "dli:edsconnection:get"), Access::Read.into(), Access::Write.into()] {
        assert!(scope(&world, refused).is_err(), "{refused:?}");
    }
    let text = scope(&world, Need::new(Access::Write, "dli:edsconnection:delete")).unwrap_err().to_string();
    assert_eq!(text, "The access key AKSOME is limited to certain actions; it lacks dli:edsconnection:delete.");
    assert!(world.state.admin_scope(&some, Need::new(Access::Read, "linkspan:admin:read")).is_err());

    let listing = scope(&world, Need::new(Access::Read, "dli:edsconnection:list")).unwrap();
    let creating = scope(&world, Need::new(Access::Write, "dli:edsconnection:create")).unwrap();
    let create = |scope, name| Request::Project(scope, Command::CreateConnection(connection(name)));
    refused(world.carry_out(&create(listing, "c")), Refusal::Forbidden);
    world.carry_out(&create(creating.clone(), "c")).expect("the action is allowed");
    world.admin(AdminCommand::DeleteKey("AKSOME".parse().unwrap())).unwrap();
    refused(world.carry_out(&create(creating, "d")), Refusal::Forbidden);
}

#[test]
fn the_last_key_that_administers_stays_until_there_is_another() {
    let mut world = World::new();
    let plain = created(world.admin(user("plain", false)));
    for (id, user, role) in [
        ("AKREAD", &root(), KeyRole::ReadOnly),
        ("AKLIST", &root(), actions(&["dli:*:*", "linkspan:admin:read"])),
        ("AKPLAIN", &plain, KeyRole::Full),
        ("AKOFF", &root(), KeyRole::Full),
    ] {
        world.admin(AdminCommand::CreateKey(key(id, user, role))).unwrap();
    }
    let id = |id: &str| id.parse::<AccessKeyId>().unwrap();
    world.admin(AdminCommand::EnableKey(id("AKOFF"), false)).unwrap();
    for command in [AdminCommand::DeleteKey(id("AKROOT")), AdminCommand::EnableKey(id("AKROOT"), false)] {
        let text = refused(world.admin(command), Refusal::NotSupported);
        assert!(text.contains("AKROOT is the last that administers: create another"), "{text}");
    }
    world.admin(AdminCommand::DeleteKey(id("AKREAD"))).expect("it does not administer");
    world.admin(AdminCommand::CreateKey(key("AKNEW", &root(), actions(&["linkspan:admin:*"])))).unwrap();
    world.admin(AdminCommand::EnableKey(id("AKROOT"), false)).expect("two were active at once, one is left");
    let new = world.state.principal_of_key(&id("AKNEW")).unwrap();
    let scope = world.state.admin_scope(&new, Need::new(Access::Write, "linkspan:admin:write")).unwrap();
    let delete = |key: &str| Request::Admin(scope.clone(), AdminCommand::DeleteKey(id(key)));
    refused(world.carry_out(&delete("AKNEW")), Refusal::NotSupported);
    world.carry_out(&delete("AKROOT")).expect("a key that is off takes nothing away");
}

#[test]
fn a_token_for_one_project_ends_with_it_and_never_administers() {
    let mut world = World::new();
    let token = |world: &World| world.state.principal_of_token(&root(), 1, Some("a".parse().unwrap()));
    let held = token(&world).unwrap();
    let text = world.state.admin_scope(&held, Access::Read).unwrap_err().to_string();
    assert!(text.contains("token for the domain"), "{text}");
    let domain = world.state.principal_of_token(&root(), 1, None).unwrap();
    assert!(world.state.admin_scope(&domain, Access::Write).is_ok());
    let access = |access| change(UserChange { access: Some(access), ..UserChange::default() });
    for (end, again) in [
        (
            AdminCommand::EnableProject("a".parse().unwrap(), false),
            AdminCommand::EnableProject("a".parse().unwrap(), true),
        ),
        (access(ProjectAccess::Projects(Box::default())), access(ProjectAccess::Domain)),
    ] {
        world.admin(end).unwrap();
        assert!(token(&world).is_none());
        assert_eq!(world.state.projects_of(&held).count(), 0);
        world.admin(again).unwrap();
        assert!(token(&world).is_some());
    }
    assert!(world.state.principal_of_token(&root(), 1, Some("elsewhere".parse().unwrap())).is_none());
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
    let reset = SystemCommand::ResetAdmin(id.clone(), "hash".into(), key("AKBACK", &id, KeyRole::Full));
    world.system(reset).unwrap();
    let back = world.state.principal_of_key(&"AKBACK".parse().unwrap()).unwrap();
    assert!(world.state.admin_scope(&back, Access::Write).is_ok());
    assert_eq!(world.state.user(&id).unwrap().generation, 2, "its tokens end");
}

#[test]
fn stored_keys_of_every_release_are_read() {
    use crate::record::{Record, key::access_key};
    let role = |text: &str| {
        let body =
            format!(r#"{{"id":"AK","user":"u","secret":"sealed","role":{text},"enabled":true,"create_time":0}}"#);
        let read = Record::from_stored(&access_key(&"AK".parse().unwrap()), body.as_bytes());
        let Ok(Record::AccessKey(key)) = read else { panic!("{text}: {read:?}") };
        let again = Record::from_stored(&access_key(&key.id), &Record::AccessKey(key.clone()).to_body()).unwrap();
        assert_eq!(again, Record::AccessKey(key.clone()));
        key.role
    };
    assert_eq!(role(r#""Full""#), KeyRole::Full);
    assert_eq!(role(r#""ReadOnly""#), KeyRole::ReadOnly);
    assert_eq!(role(r#"{"Actions":["dli:*:list"]}"#), actions(&["dli:*:list"]));
}
