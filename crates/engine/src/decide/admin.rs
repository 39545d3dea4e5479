use linkspan_model::{AccessKey, Domain, DomainId, Project, ProjectAccess, ProjectId, User, UserId};

use super::{AuditNote, Context, Decision, placement};
use crate::command::{AdminCommand, Bootstrap, NewKey, NewUser, Reply, UserChange};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::scope;
use crate::state::State;

pub(super) fn decide(state: &State, command: &AdminCommand, context: &Context<'_>) -> Result<Decision, Refusal> {
    match command {
        AdminCommand::CreateDomain(name) => create_domain(state, name, context),
        AdminCommand::CreateProject(domain, name) => create_project(state, (domain, name), context),
        AdminCommand::EnableProject(id, enabled) => {
            let known = state.project_record(id).ok_or_else(|| unknown("project", id))?;
            let project = Project { enabled: *enabled, ..known.clone() };
            Ok(noted(Reply::Done, Record::Project(project), "updateProject", id))
        }
        AdminCommand::PlaceProject(new) => placement::place(state, new, context),
        AdminCommand::CreateUser(new) => create_user(state, new, context),
        AdminCommand::ChangeUser(id, change) => change_user(state, id, change),
        AdminCommand::DeleteUser(id) => delete_user(state, id),
        AdminCommand::CreateKey(new) => create_key(state, new, context),
        AdminCommand::EnableKey(id, enabled) => {
            let known = state.key(id).ok_or_else(|| unknown("access key", id))?;
            if !enabled {
                keeps_an_admin_key(state, known)?;
            }
            let key = AccessKey { enabled: *enabled, ..known.clone() };
            Ok(noted(Reply::Done, Record::AccessKey(key), "updateAccessKey", id))
        }
        AdminCommand::DeleteKey(id) => {
            let known = state.key(id).ok_or_else(|| unknown("access key", id))?;
            keeps_an_admin_key(state, known)?;
            let mut decision = Decision::new(Reply::Done);
            decision.remove(Record::AccessKey(known.clone()));
            Ok(note(decision, "deleteAccessKey", id))
        }
    }
}

pub(super) fn unknown(what: &str, id: impl std::fmt::Display) -> Refusal {
    Refusal::Unknown(format!("The {what} {id} does not exist."))
}

pub(super) fn note(mut decision: Decision, action: &'static str, resource: impl ToString) -> Decision {
    decision.audit = Some(AuditNote { project: None, action, resource: resource.to_string(), detail: String::new() });
    decision
}

fn noted(reply: Reply, record: Record, action: &'static str, resource: impl ToString) -> Decision {
    let mut decision = Decision::new(reply);
    decision.put(record);
    note(decision, action, resource)
}

/// Names of identities are shown in lists and logs: one line of printable text.
fn readable(what: &str, name: &str) -> Result<(), Refusal> {
    let legal = (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control) && name.trim() == name;
    if legal {
        Ok(())
    } else {
        Err(Refusal::Invalid(format!("The name of a {what} is 1 to 64 printable characters without blanks around.")))
    }
}

fn hex_id<T: std::str::FromStr>(context: &Context<'_>) -> Result<T, Refusal> {
    context.ids.uuid().simple().to_string().parse().map_err(|_| Refusal::Internal)
}

fn create_domain(state: &State, name: &str, context: &Context<'_>) -> Result<Decision, Refusal> {
    readable("domain", name)?;
    if let Some(known) = state.domain_named(name) {
        return Err(Refusal::Exists(format!("A domain named {name} exists already, with the id {}.", known.id)));
    }
    let domain = Domain { id: hex_id(context)?, name: name.into(), create_time: context.now };
    let id = domain.id.clone();
    Ok(noted(Reply::Domain(id.clone()), Record::Domain(domain), "createDomain", id))
}

fn create_project(
    state: &State,
    (domain, name): (&DomainId, &str),
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    readable("project", name)?;
    state.domain(domain).ok_or_else(|| unknown("domain", domain))?;
    let known = state.projects.values().map(|it| &it.value).find(|it| it.domain == *domain && *it.name == *name);
    if let Some(known) = known {
        return Err(Refusal::Exists(format!("A project named {name} exists already, with the id {}.", known.id)));
    }
    let id: ProjectId = hex_id(context)?;
    let project = Project {
        id: id.clone(),
        domain: domain.clone(),
        name: name.into(),
        enabled: true,
        create_time: context.now,
        node: None,
    };
    Ok(noted(Reply::Project(id.clone()), Record::Project(project), "createProject", id))
}

fn access_is_known(state: &State, domain: &DomainId, access: &ProjectAccess) -> Result<(), Refusal> {
    let ProjectAccess::Projects(projects) = access else { return Ok(()) };
    let stranger = projects.iter().find(|id| state.project_record(id).is_none_or(|project| project.domain != *domain));
    stranger.map_or(Ok(()), |id| Err(unknown("project", id)))
}

fn create_user(state: &State, new: &NewUser, context: &Context<'_>) -> Result<Decision, Refusal> {
    readable("user", &new.name)?;
    state.domain(&new.domain).ok_or_else(|| unknown("domain", &new.domain))?;
    access_is_known(state, &new.domain, &new.access)?;
    if let Some(known) = state.user_named(&new.domain, &new.name) {
        return Err(Refusal::Exists(format!("A user named {} exists already, with the id {}.", new.name, known.id)));
    }
    let id: UserId = hex_id(context)?;
    let user = User {
        id: id.clone(),
        domain: new.domain.clone(),
        name: new.name.clone(),
        password_hash: new.password_hash.clone(),
        enabled: true,
        generation: 1,
        admin: new.admin,
        access: new.access.clone(),
        create_time: context.now,
    };
    Ok(noted(Reply::User(id.clone()), Record::User(user), "createUser", id))
}

fn change_user(state: &State, id: &UserId, change: &UserChange) -> Result<Decision, Refusal> {
    let known = state.user(id).ok_or_else(|| unknown("user", id))?;
    if let Some(access) = &change.access {
        access_is_known(state, &known.domain, access)?;
    }
    let mut user = known.clone();
    if let Some(hash) = &change.password_hash {
        user.password_hash = Some(hash.clone());
    }
    user.enabled = change.enabled.unwrap_or(user.enabled);
    user.admin = change.admin.unwrap_or(user.admin);
    if let Some(access) = &change.access {
        user.access = access.clone();
    }
    if change.password_hash.is_some() || change.enabled == Some(false) {
        user.generation = user.generation.saturating_add(1);
    }
    keeps_an_admin(state, known, Some(&user))?;
    Ok(noted(Reply::Done, Record::User(user), "updateUser", id))
}

fn delete_user(state: &State, id: &UserId) -> Result<Decision, Refusal> {
    let known = state.user(id).ok_or_else(|| unknown("user", id))?;
    keeps_an_admin(state, known, None)?;
    let mut decision = Decision::new(Reply::Done);
    for key in state.keys.values().filter(|key| key.value.user == *id) {
        decision.remove(Record::AccessKey(key.value.clone()));
    }
    decision.remove(Record::User(known.clone()));
    Ok(note(decision, "deleteUser", id))
}

/// A store without an administrator could only be mended offline.
fn keeps_an_admin(state: &State, before: &User, after: Option<&User>) -> Result<(), Refusal> {
    let administers = |user: &User| user.admin && user.enabled;
    let gets_in = |user: &User| user.password_hash.is_some() || admin_keys(state).any(|key| key.user == user.id);
    let mut others = state.users.values().map(|user| &user.value).filter(|user| user.id != before.id);
    if administers(before) && !after.is_some_and(administers) && !others.any(|user| administers(user) && gets_in(user))
    {
        return Err(Refusal::NotSupported(format!(
            "The user {} is the last administrator who can get in: give another user the role admin and a key first.",
            before.name
        )));
    }
    Ok(())
}

/// The keys that work and administer.
fn admin_keys(state: &State) -> impl Iterator<Item = &AccessKey> {
    let user_may = |key: &AccessKey| state.user(&key.user).is_some_and(|user| user.admin && user.enabled);
    let keys = state.keys.values().map(|key| &key.value);
    keys.filter(move |key| key.enabled && scope::administers(&key.role) && user_may(key))
}

/// The command line administers by keys, so the last of them stays until there is another.
fn keeps_an_admin_key(state: &State, goes: &AccessKey) -> Result<(), Refusal> {
    let (its, others): (Vec<_>, Vec<_>) = admin_keys(state).partition(|key| key.id == goes.id);
    if its.is_empty() || !others.is_empty() {
        return Ok(());
    }
    Err(Refusal::NotSupported(format!(
        "The access key {} is the last that administers: create another for an administrator first.",
        goes.id
    )))
}

fn key_from(new: &NewKey, context: &Context<'_>) -> AccessKey {
    AccessKey {
        id: new.id.clone(),
        user: new.user.clone(),
        secret: new.secret.clone(),
        role: new.role.clone(),
        enabled: true,
        description: new.description.clone(),
        create_time: context.now,
    }
}

fn create_key(state: &State, new: &NewKey, context: &Context<'_>) -> Result<Decision, Refusal> {
    state.user(&new.user).ok_or_else(|| unknown("user", &new.user))?;
    if state.key(&new.id).is_some() {
        return Err(Refusal::Exists(format!("The access key {} exists already.", new.id)));
    }
    let record = Record::AccessKey(key_from(new, context));
    Ok(noted(Reply::Key(new.id.clone()), record, "createAccessKey", &new.id))
}

/// The first identities of a store; one that has some is left as it is.
pub(super) fn bootstrap(state: &State, first: &Bootstrap) -> Result<Decision, Refusal> {
    if !state.is_unborn() {
        return Err(Refusal::Exists("The store has users already.".into()));
    }
    let mut decision = Decision::new(Reply::Done);
    decision.put(Record::Domain(first.domain.clone()));
    decision.put(Record::Project(first.project.clone()));
    decision.put(Record::User(first.user.clone()));
    decision.put(Record::AccessKey(first.key.clone()));
    Ok(note(decision, "bootstrap", &first.user.id))
}

/// The way back in: the user becomes an administrator with a new password and a new key.
pub(super) fn reset(
    state: &State,
    (id, hash, key): (&UserId, &str, &NewKey),
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    let known = state.user(id).ok_or_else(|| unknown("user", id))?;
    let user = User {
        password_hash: Some(hash.into()),
        enabled: true,
        admin: true,
        generation: known.generation.saturating_add(1),
        ..known.clone()
    };
    let mut decision = Decision::new(Reply::Done);
    decision.put(Record::User(user));
    decision.put(Record::AccessKey(key_from(key, context)));
    Ok(note(decision, "resetAdmin", id))
}
