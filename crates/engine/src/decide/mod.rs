//! All rules of the API, without I/O: `decide(state, request, context) → changes | refusal`.
//!
//! Deciding is pure: the same state, request, time and ids give the same decision. It never changes the state; the
//! writer applies what was decided, makes it durable, and only then answers.
//!
//! To add a rule: in the file of the command it belongs to, with a unit test beside it. A rule about networks that
//! overlap belongs to `state/desired.rs`, where it is judged again whenever the networks change.

mod acting;
mod admin;
mod binding;
mod connection;
mod connectivity;
mod grant;
mod housekeeping;
mod import;
mod network;
mod network_binding;
mod peer;
mod placement;
mod plane_request;
mod pool;
mod pool_change;
mod queue;
mod queue_change;
mod rehearsal;
mod report;
mod route;
mod route_table;
mod tags;
#[cfg(test)]
mod tests;

use linkspan_model::{ProjectId, Stamp, UnixMillis};

pub use self::rehearsal::Rehearsal;
pub(crate) use self::rehearsal::rehearse;

use crate::command::{Command, Reply, Request, SystemCommand};
use crate::ids::Ids;
use crate::record::{Record, Setting};
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::state::State;

/// A change of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The record is new, or replaces what it was.
    Put(Record),
    /// The record, as it was, goes.
    Remove(Record),
}

impl Change {
    /// The record that changes.
    #[must_use]
    pub fn record(&self) -> &Record {
        match self {
            Self::Put(record) | Self::Remove(record) => record,
        }
    }
}

/// What the audit says about an accepted command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditNote {
    /// The project; none = the administration.
    pub project: Option<ProjectId>,
    /// The event's name, the cloud's where it has one (`createConnection`).
    pub action: &'static str,
    /// What was acted on.
    pub resource: String,
    /// More, for people.
    pub detail: String,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The changes, in order; none = nothing to commit.
    pub changes: Vec<Change>,
    /// The answer once they are durable.
    pub reply: Reply,
    /// What the audit says.
    pub audit: Option<AuditNote>,
}

impl Decision {
    fn new(reply: Reply) -> Self {
        Self { changes: Vec::new(), reply, audit: None }
    }

    fn put(&mut self, record: Record) {
        self.changes.push(Change::Put(record));
    }

    fn remove(&mut self, record: Record) {
        self.changes.push(Change::Remove(record));
    }

    fn audited(mut self, scope: &Scope, action: &'static str, on: (impl ToString, impl ToString)) -> Self {
        let (resource, detail) = (on.0.to_string(), on.1.to_string());
        self.audit = Some(AuditNote { project: Some(scope.project().clone()), action, resource, detail });
        self
    }
}

/// What is taken to exist when a connection names a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Directory {
    /// Whatever is named, with no CIDR known.
    #[default]
    Open,
    /// Only what the directory of networks holds.
    Strict,
}

/// The limits and choices that `decide` keeps to; each is a documented setting.
#[derive(Debug, Clone)]
pub struct Rules {
    /// What a named network must be.
    pub directory: Directory,
    /// Most peers of one connection.
    pub peers_per_connection: usize,
    /// Most custom routes of one connection.
    pub routes_per_connection: usize,
    /// Most projects that one connection is granted to.
    pub grantees_per_connection: usize,
    /// Most bytes of host records of one project.
    pub host_bytes_per_project: usize,
    /// How long a peer may be `CREATING`, in milliseconds.
    pub creation_deadline_ms: UnixMillis,
    /// How long a deleted connection is kept, in milliseconds.
    pub keep_deleted_ms: UnixMillis,
    /// Most deleted connections that a project keeps.
    pub keep_deleted: usize,
    /// Most connectivity tests of one project.
    pub tests_per_project: usize,
    /// How long a connectivity test is kept, in milliseconds.
    pub keep_tests_ms: UnixMillis,
    /// How long a connectivity test may be without a result, in milliseconds.
    pub test_deadline_ms: UnixMillis,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            directory: Directory::Open,
            peers_per_connection: 200,
            routes_per_connection: 200,
            grantees_per_connection: 20,
            host_bytes_per_project: 64 * 1024 * 1024,
            creation_deadline_ms: 120_000,
            keep_deleted_ms: 30 * 24 * 3600 * 1000,
            keep_deleted: 10_000,
            tests_per_project: 100,
            keep_tests_ms: 24 * 3600 * 1000,
            test_deadline_ms: 120_000,
        }
    }
}

/// What a decision depends on beside the state and the request.
pub struct Context<'a> {
    /// The time, UTC.
    pub now: UnixMillis,
    /// New ids.
    pub ids: &'a dyn Ids,
    /// Limits and choices.
    pub rules: &'a Rules,
}

/// Decides one request on a state.
///
/// # Errors
/// The rule that the request breaks.
pub fn decide(state: &State, request: &Request, context: &Context<'_>) -> Result<Decision, Refusal> {
    let decision = match request {
        Request::Project(scope, command) => {
            state.still_holds(scope)?;
            decide_command(&Case { state, scope, context }, command)
        }
        Request::Admin(scope, command) => {
            state.admin_still_holds(scope)?;
            admin::decide(state, command, context)
        }
        Request::System(command) => decide_system(state, command, context),
    }?;
    fits(&decision, state.head().format)?;
    Ok(decision)
}

/// Whether everyone who shares the store can read what would be written.
fn fits(decision: &Decision, format: u32) -> Result<(), Refusal> {
    let needs = decision.changes.iter().map(|change| change.record().format()).max();
    match needs.filter(|needs| *needs > format) {
        None => Ok(()),
        Some(needs) => Err(Refusal::NotSupported(format!(
            "This needs record format {needs}, and the database is kept at {format} for nodes of an earlier release. \
             Once every node runs this release, run linkspan db finalize."
        ))),
    }
}

fn decide_system(state: &State, command: &SystemCommand, context: &Context<'_>) -> Result<Decision, Refusal> {
    match command {
        SystemCommand::Report(reports) => Ok(report::decide(state, reports, context)),
        SystemCommand::Tested(finding) => Ok(connectivity::found(state, finding, context)),
        SystemCommand::Housekeeping => Ok(housekeeping::decide(state, context)),
        SystemCommand::Bootstrap(first) => admin::bootstrap(state, first),
        SystemCommand::ResetAdmin(user, hash, key) => admin::reset(state, (user, hash, key), context),
        SystemCommand::Set(setting) => Ok(set(setting)),
        SystemCommand::Introduce(setting) => match state.settings.get(&*setting.name) {
            Some(_) => Ok(Decision::new(Reply::Done)),
            None => Ok(set(setting)),
        },
        SystemCommand::Ask(scope, question) => plane_request::ask(state, (scope, question), context),
        SystemCommand::Answer(created, answer) => plane_request::answer(state, (*created, answer)),
        SystemCommand::Forget(created) => Ok(plane_request::forget(state, *created)),
        SystemCommand::TakeOver(fence, name) => acting::take_over(state, fence, name),
        SystemCommand::Fenced(fence, command) => {
            acting::still_acts(state, fence)?;
            Ok(acting::confined(decide_system(state, command, context)?, state, fence))
        }
    }
}

fn set(setting: &Setting) -> Decision {
    let mut decision = Decision::new(Reply::Done);
    decision.put(Record::Setting(setting.clone()));
    decision
}

/// A caller's command on a state: what every rule of a project's things looks at.
pub(crate) struct Case<'a> {
    state: &'a State,
    scope: &'a Scope,
    context: &'a Context<'a>,
}

impl Case<'_> {
    fn project(&self) -> &ProjectId {
        self.scope.project()
    }

    fn now(&self) -> UnixMillis {
        self.context.now
    }

    fn stamp(&self) -> Stamp {
        self.state.last.next(self.context.now)
    }

    fn owner(&self) -> Box<str> {
        self.scope.principal().user_name().into()
    }
}

fn decide_command(case: &Case<'_>, command: &Command) -> Result<Decision, Refusal> {
    match command {
        Command::CreateConnection(new) => connection::create(case, new),
        Command::DeleteConnection(id) => connection::delete(case, *id),
        Command::SetHosts(id, hosts) => connection::set_hosts(case, *id, hosts),
        Command::Bind(id, names) => binding::bind(case, *id, names),
        Command::Unbind(id, names) => binding::unbind(case, *id, names),
        Command::AddRoute(id, new) => route::add(case, *id, new),
        Command::DeleteRoute(id, name) => route::delete(case, *id, name),
        Command::Authorize(authorization) => grant::authorize(case, authorization),
        Command::CreateQueue(new) => queue::create(case, new),
        Command::DeleteQueue(name) => queue::delete(case, name),
        Command::ChangeQueue(name, change) => queue_change::decide(case, name, change),
        Command::CreatePool(new) => pool::create(case, new),
        Command::ChangePool(name, change) => pool_change::decide(case, name, change),
        Command::DeletePool(name) => pool::delete(case, name),
        Command::TestConnectivity(new) => connectivity::create(case, new),
        Command::CreateVpc(new) => network::create_vpc(case, new),
        Command::ChangeVpc(id, change) => network::change_vpc(case, id, change),
        Command::DeleteVpc(id) => network::delete_vpc(case, id),
        Command::CreateSubnet(new) => network::create_subnet(case, new),
        Command::ChangeSubnet(id, change) => network::change_subnet(case, id, change),
        Command::DeleteSubnet { vpc, id } => network::delete_subnet(case, (vpc.as_ref(), id)),
        Command::CreateRouteTable(new) => route_table::create(case, new),
        Command::ChangeRouteTable(id, change) => route_table::change(case, id, change),
        Command::DeleteRouteTable(id) => route_table::delete(case, id),
        Command::BindNetwork(new) => network_binding::bind(case, new),
        Command::UnbindNetwork(network) => network_binding::unbind(case, network),
        Command::Import(import) => import::decide(case, import),
        Command::AddTags(resource, set) => tags::add(case, resource, set),
        Command::RemoveTags(resource, keys) => tags::remove(case, resource, keys),
    }
}
