//! Linkspan's own operations, under `/linkspan/v1/…`: what the cloud lacks.
//!
//! Invariants: bodies are those of `linkspan_wire::own`; a creation answers 201 with the thing made, a deletion 204; a
//! fault is problem details: 404 for what is unknown, 409 for what exists already or is in use.
//!
//! To add one: as every operation; a path that is about a project names it as `{project_id}`.

mod audit_page;
pub(super) mod bind_network;
pub(super) mod change_access_key;
pub(super) mod change_project;
pub(super) mod change_user;
pub(super) mod create_access_key;
pub(super) mod create_domain;
pub(super) mod create_project;
pub(super) mod create_subnet;
pub(super) mod create_user;
pub(super) mod create_vpc;
pub(super) mod delete_access_key;
pub(super) mod delete_subnet;
pub(super) mod delete_user;
pub(super) mod delete_vpc;
pub(super) mod diagnose;
pub(super) mod explorer;
pub(super) mod import;
mod imported;
pub(super) mod list_access_keys;
pub(super) mod list_admin_audit;
pub(super) mod list_audit;
pub(super) mod list_domains;
pub(super) mod list_faults;
pub(super) mod list_network_bindings;
pub(super) mod list_projects;
pub(super) mod list_subnets;
pub(super) mod list_users;
pub(super) mod list_vpcs;
pub(super) mod place_project;
pub(super) mod preflight;
pub(super) mod replace_faults;
pub(super) mod show_connection;
pub(super) mod show_open_api;
pub(super) mod show_topology;
pub(super) mod show_version;
pub(super) mod unbind_network;

use std::str::FromStr;

use http::Method;
use linkspan_engine::command::AdminCommand;
use linkspan_engine::{Access, PlaneScope, Refusal, Reply, Request};
use linkspan_model::{DomainId, ExternalId, ProjectId, UserId};
use linkspan_wire::own::{self, FaultRules, ProjectInfo, UserInfo};
use linkspan_wire::{Problem, ProblemKind, Secret};

use super::revised;
use crate::answer::Fault;
use crate::auth::PasswordError;
use crate::call::Call;
use crate::faults;
use crate::operation::{Auth, Handler, Operation};
use crate::plane_requests::{self, Question, Told};

/// Who may call it, and the action that the key needs.
type Right = (Auth, &'static str);

const ADMIN_READ: Right = (Auth::Admin(Access::Read), "linkspan:admin:read");
const ADMIN_WRITE: Right = (Auth::Admin(Access::Write), "linkspan:admin:write");
const NETWORK_READ: Right = (Auth::Project(Access::Read), "linkspan:network:read");
const NETWORK_WRITE: Right = (Auth::Project(Access::Write), "linkspan:network:write");

/// One of the operations about identities, the plane and networks, which differ in name, path and right alone.
const fn operation(
    (name, path): (&'static str, &'static str),
    method: Method,
    (auth, action): Right,
    handler: Handler,
) -> Operation {
    Operation { name, method, path, document: "linkspan", action, auth, handler }
}

/// Carries out a command of an administrator.
async fn submit(call: &Call, command: AdminCommand) -> Result<Reply, Fault> {
    let request = Request::Admin(call.admin()?.clone(), command);
    Ok(call.app.engine.submit(request, call.origin()).await?)
}

/// The id in the path; a text that is no id names nothing.
fn named<T: FromStr>(call: &Call, what: &str) -> Result<T, Fault> {
    let text = call.param("id");
    text.parse().map_err(|_| unknown(&format!("The {what} {text} does not exist.")))
}

/// The id of a network in the path.
fn network_id(call: &Call, parameter: &str, what: &str) -> Result<ExternalId, Fault> {
    let text = call.param(parameter);
    text.parse().map_err(|_| unknown(&format!("{what} {text} does not exist.")))
}

fn unknown(text: &str) -> Fault {
    Problem::new(ProblemKind::NotFound, text).into()
}

/// The faults of the simulated plane, after they were replaced if others are given; asked of the node that acts for it.
async fn chosen_faults(call: &Call, new: Option<FaultRules>) -> Result<FaultRules, Fault> {
    let side = &call.app.plane;
    let told = match (side.simulated(), side.scope()) {
        (Some(plane), _) => return Ok(faults::answer(&plane, new)?),
        (None, Some(scope @ PlaneScope::Simulated)) => {
            plane_requests::ask(&call.app.engine, scope, Question::Faults(new), ()).await?
        }
        (None, _) => {
            return Err(unknown("This server's plane is not the simulated one: its faults are not to be chosen."));
        }
    };
    match told {
        Told::Faults(rules) => Ok(rules),
        Told::No(why) => Err(Problem::new(ProblemKind::Unavailable, why).into()),
        Told::Diagnosis(_) => Err(Refusal::Internal.into()),
    }
}

/// The domain that is named, or the caller's own.
fn domain_or_own(call: &Call, named: Option<DomainId>) -> Result<DomainId, Fault> {
    match named {
        Some(domain) => Ok(domain),
        None => Ok(call.principal()?.domain().clone()),
    }
}

/// A project as it is now.
fn project_body(call: &Call, id: &ProjectId) -> Result<Vec<u8>, Fault> {
    let view = call.view();
    let project = view.administration(call.admin()?).projects().find(|project| project.id == *id);
    Ok(own::write(&ProjectInfo::from(project.ok_or(Refusal::Internal)?)))
}

/// A user as it is now.
fn user_body(call: &Call, id: &UserId) -> Result<Vec<u8>, Fault> {
    let view = call.view();
    Ok(own::write(&UserInfo::from(view.user(id).ok_or(Refusal::Internal)?)))
}

/// The hash of a password, if one was sent.
async fn password_hash(call: &Call, password: Option<Secret>) -> Result<Option<Box<str>>, Fault> {
    let Some(password) = password else { return Ok(None) };
    let hashed = call.app.auth.hash_password(&password.expose().into()).await;
    hashed.map(Some).map_err(|why| {
        let kind = match why {
            PasswordError::Length => ProblemKind::InvalidInput,
            PasswordError::Busy => ProblemKind::Unavailable,
            PasswordError::Wrong | PasswordError::Failed => ProblemKind::Internal,
        };
        Problem::new(kind, why.to_string()).into()
    })
}

#[cfg(test)]
mod granted_failures_tests;
