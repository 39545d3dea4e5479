//! The VPC service, as far as clients need it around a connection: VPCs, subnets and route tables on the paths of its
//! first version, one look of its third, and tags. What is made here is the directory of networks of a project.
//!
//! Invariants: bodies and codes are the VPC service's, `code` and `message`; what is made is there at once, so a VPC is
//! `OK` and a subnet `ACTIVE` in the answer that made it.
//!
//! An operation whose name Linkspan's own API or another version has too is called with the version behind it
//! (`CreateVpcV1`).

pub(super) mod associate_route_table;
pub(super) mod batch_create_subnet_tags;
pub(super) mod batch_create_vpc_tags;
pub(super) mod create_route_table;
pub(super) mod create_subnet;
pub(super) mod create_vpc;
pub(super) mod delete_route_table;
pub(super) mod delete_subnet;
pub(super) mod delete_vpc;
pub(super) mod list_route_tables;
pub(super) mod list_subnets;
pub(super) mod list_vpcs;
pub(super) mod show_route_table;
pub(super) mod show_subnet;
pub(super) mod show_subnet_tags;
pub(super) mod show_vpc;
pub(super) mod show_vpc_tags;
pub(super) mod show_vpc_v3;
pub(super) mod update_route_table;
pub(super) mod update_subnet;
pub(super) mod update_vpc;

use linkspan_engine::command::{ResourceKind, ResourceRef};
use linkspan_engine::{Command, Refusal, Reply, State};
use linkspan_model::{ExternalId, Subnet, Vpc};
use linkspan_wire::vpc::{ListNetworksQuery, TagChange, show_route_table, show_tags};
use linkspan_wire::{ApiError, ErrorCode};

use crate::answer::{Answer, Fault};
use crate::call::Call;

/// Carries out a command. What is wrong with its values has this code of the VPC service.
async fn submit(call: &Call, command: Command, invalid: ErrorCode) -> Result<Reply, Fault> {
    call.submit(command).await.map_err(|fault| match fault {
        Fault::Api(error) if is_about_values(error.code()) => error.recoded(invalid).into(),
        other => other,
    })
}

/// Whether a code of DLI says that a request can't be carried out as it is.
fn is_about_values(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::InvalidInput | ErrorCode::Exists | ErrorCode::LimitReached)
}

/// The id of what was made.
fn made(reply: Reply) -> Result<ExternalId, Fault> {
    match reply {
        Reply::Network(id) => Ok(id),
        _ => Err(Refusal::Internal.into()),
    }
}

/// The VPC that the path names; a text that is no id is an unknown VPC like any other.
fn vpc_id(call: &Call) -> Result<ExternalId, Fault> {
    let text = call.param("vpc_id");
    text.parse().map_err(|_| ApiError::unknown_vpc(text).into())
}

/// The subnet that the path names.
fn subnet_id(call: &Call) -> Result<ExternalId, Fault> {
    let text = call.param("subnet_id");
    text.parse().map_err(|_| ApiError::unknown_subnet(text).into())
}

/// The route table that the path names.
fn route_table_id(call: &Call) -> Result<ExternalId, Fault> {
    let text = call.param("routetable_id");
    text.parse().map_err(|_| ApiError::unknown_route_table(text).into())
}

fn shown_vpc<'a>(call: &'a Call, view: &'a State, id: &ExternalId) -> Result<&'a Vpc, Fault> {
    let vpc = view.project(call.scope()?).vpc(id);
    vpc.ok_or_else(|| ApiError::unknown_vpc(&id.to_string()).into())
}

fn shown_subnet<'a>(call: &'a Call, view: &'a State, id: &ExternalId) -> Result<&'a Subnet, Fault> {
    let subnet = view.project(call.scope()?).subnet(id);
    subnet.ok_or_else(|| ApiError::unknown_subnet(&id.to_string()).into())
}

/// A route table as it is now, with the subnets that use it.
fn route_table_body(call: &Call, id: &ExternalId) -> Result<Vec<u8>, Fault> {
    let view = call.view();
    let project = view.project(call.scope()?);
    let table = project.route_table(id).ok_or_else(|| ApiError::unknown_route_table(&id.to_string()))?;
    Ok(show_route_table(table, project.users_of(table)))
}

/// A page of what comes in the order of ids: what is behind the marker, at most as much as was asked for.
fn page<'q, 'a: 'q, T: 'a>(
    all: impl Iterator<Item = &'a T> + 'q,
    id: fn(&T) -> &ExternalId,
    query: &'q ListNetworksQuery,
) -> impl Iterator<Item = &'a T> + 'q {
    let behind = move |row: &&T| query.marker.as_ref().is_none_or(|marker| id(row) > marker);
    let named = move |row: &&T| query.id.as_ref().is_none_or(|named| id(row) == named);
    all.filter(behind).filter(named).take(query.limit.rows())
}

/// The tags of what the path names, in the order they came.
fn show_tags_of(call: &Call, (kind, parameter): (ResourceKind, &str)) -> Result<Answer, Fault> {
    let resource = ResourceRef { kind, id: call.param(parameter).into() };
    let view = call.view();
    Ok(Answer::json(200, show_tags(view.project(call.scope()?).tags_of(&resource)?)))
}

/// Gives what the path names tags, or takes them away.
async fn change_tags(
    call: &Call,
    (kind, parameter): (ResourceKind, &str),
    invalid: ErrorCode,
) -> Result<Answer, Fault> {
    let resource = ResourceRef { kind, id: call.param(parameter).into() };
    let command = match TagChange::from_body(&call.body, invalid)? {
        TagChange::Create(tags) => Command::AddTags(resource, tags),
        TagChange::Delete(keys) => Command::RemoveTags(resource, keys),
    };
    submit(call, command, invalid).await?;
    Ok(Answer::empty(204))
}

#[cfg(test)]
mod tags_tests;
