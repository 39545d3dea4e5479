//! The operations, one file each: what is extracted from a call, what is asked, and what is written.
//!
//! Invariants: an operation reaches a project's things only through the call's scope; rules are the engine's and bytes
//! are `wire`'s, so nothing here decides or formats; a wait has a deadline and a predicate of the view.
//!
//! An operation must not look at the credential, and must not answer from anything but one view.
//!
//! To add one: a file named after it with its `OPERATION` and its tests, a line in [`OPERATIONS`], a row in the
//! table of `isolation.rs`, whose test fails without it, and its contract in [`crate::contract`].

mod associate_queue_to_elastic_resource_pool;
mod associate_queue_to_enhanced_connection;
mod batch_create_resource_tags;
mod batch_delete_resource_tags;
mod count_resources_by_tags;
mod create_connectivity_task;
mod create_elastic_resource_pool;
mod create_enhanced_connection;
mod create_enhanced_connection_routes;
mod create_queue;
mod create_queue_property;
mod create_route_to_enhanced_connection;
mod delete_elastic_resource_pool;
mod delete_enhanced_connection;
mod delete_enhanced_connection_routes;
mod delete_queue;
mod delete_queue_property;
mod delete_route_from_enhanced_connection;
mod disassociate_queue_from_enhanced_connection;
#[cfg(test)]
mod grantees;
#[cfg(test)]
pub(crate) mod isolation;
mod keystone_create_user_token;
mod keystone_list_auth_domains;
mod keystone_list_auth_projects;
mod keystone_list_projects;
mod keystone_list_users;
mod keystone_validate_token;
mod list_elastic_resource_pool_queues;
mod list_elastic_resource_pools;
mod list_enhanced_connections;
mod list_queue_properties;
mod list_queues;
mod list_resources_by_tags;
mod list_resources_tags;
mod list_tag;
mod own;
mod pool_in_path;
mod preset_queue;
mod run_authorization_action;
mod run_queue_action;
mod show_caller_identity;
mod show_connectivity_task;
mod show_enhanced_connection;
mod show_enhanced_connection_privilege;
mod show_queue;
mod show_quota;
mod show_resource_tags;
#[cfg(test)]
pub(crate) mod stage;
mod tagged_resources;
mod token_answer;
mod update_elastic_resource_pool;
mod update_elastic_resource_pool_queue;
mod update_enhanced_connection;
mod update_queue_cidr;
mod update_queue_property;
mod vpc;

use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use linkspan_engine::State;
use linkspan_model::{ConnectionId, PeerId};
use linkspan_wire::ApiError;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

pub(crate) use own::show_connection::{peer_kind, peer_status};

/// Every operation that the server has.
pub static OPERATIONS: &[Operation] = &[
    list_enhanced_connections::OPERATION,
    create_enhanced_connection::OPERATION,
    show_enhanced_connection::OPERATION,
    delete_enhanced_connection::OPERATION,
    update_enhanced_connection::OPERATION,
    associate_queue_to_enhanced_connection::OPERATION,
    disassociate_queue_from_enhanced_connection::OPERATION,
    create_route_to_enhanced_connection::OPERATION,
    delete_route_from_enhanced_connection::OPERATION,
    create_enhanced_connection_routes::OPERATION,
    delete_enhanced_connection_routes::OPERATION,
    run_authorization_action::OPERATION,
    show_enhanced_connection_privilege::OPERATION,
    create_queue::OPERATION,
    list_queues::OPERATION,
    show_queue::OPERATION,
    delete_queue::OPERATION,
    run_queue_action::OPERATION,
    update_queue_cidr::OPERATION,
    list_queue_properties::OPERATION,
    create_queue_property::OPERATION,
    update_queue_property::OPERATION,
    delete_queue_property::OPERATION,
    show_quota::OPERATION,
    create_connectivity_task::OPERATION,
    show_connectivity_task::OPERATION,
    create_elastic_resource_pool::OPERATION,
    list_elastic_resource_pools::OPERATION,
    list_elastic_resource_pool_queues::OPERATION,
    delete_elastic_resource_pool::OPERATION,
    update_elastic_resource_pool::OPERATION,
    associate_queue_to_elastic_resource_pool::OPERATION,
    update_elastic_resource_pool_queue::OPERATION,
    batch_create_resource_tags::OPERATION,
    batch_delete_resource_tags::OPERATION,
    show_resource_tags::OPERATION,
    list_resources_tags::OPERATION,
    list_resources_by_tags::OPERATION,
    count_resources_by_tags::OPERATION,
    keystone_list_projects::OPERATION,
    keystone_list_auth_domains::OPERATION,
    keystone_list_auth_projects::OPERATION,
    keystone_list_users::OPERATION,
    keystone_create_user_token::OPERATION,
    keystone_validate_token::OPERATION,
    keystone_validate_token::CHECK,
    show_caller_identity::OPERATION,
    vpc::create_vpc::OPERATION,
    vpc::list_vpcs::OPERATION,
    vpc::show_vpc::OPERATION,
    vpc::update_vpc::OPERATION,
    vpc::delete_vpc::OPERATION,
    vpc::show_vpc_v3::OPERATION,
    vpc::create_subnet::OPERATION,
    vpc::list_subnets::OPERATION,
    vpc::show_subnet::OPERATION,
    vpc::update_subnet::OPERATION,
    vpc::delete_subnet::OPERATION,
    vpc::create_route_table::OPERATION,
    vpc::list_route_tables::OPERATION,
    vpc::show_route_table::OPERATION,
    vpc::update_route_table::OPERATION,
    vpc::associate_route_table::OPERATION,
    vpc::delete_route_table::OPERATION,
    vpc::show_vpc_tags::OPERATION,
    vpc::batch_create_vpc_tags::OPERATION,
    vpc::show_subnet_tags::OPERATION,
    vpc::batch_create_subnet_tags::OPERATION,
    own::show_connection::OPERATION,
    own::list_vpcs::OPERATION,
    own::create_vpc::OPERATION,
    own::delete_vpc::OPERATION,
    own::list_subnets::OPERATION,
    own::create_subnet::OPERATION,
    own::delete_subnet::OPERATION,
    own::list_network_bindings::OPERATION,
    own::bind_network::OPERATION,
    own::unbind_network::OPERATION,
    own::list_audit::OPERATION,
    own::import::OPERATION,
    own::preflight::OPERATION,
    own::diagnose::OPERATION,
    own::show_topology::OPERATION,
    own::list_domains::OPERATION,
    own::create_domain::OPERATION,
    own::list_projects::OPERATION,
    own::create_project::OPERATION,
    own::change_project::OPERATION,
    own::place_project::OPERATION,
    own::list_users::OPERATION,
    own::create_user::OPERATION,
    own::change_user::OPERATION,
    own::delete_user::OPERATION,
    own::list_access_keys::OPERATION,
    own::create_access_key::OPERATION,
    own::change_access_key::OPERATION,
    own::delete_access_key::OPERATION,
    own::list_admin_audit::OPERATION,
    own::list_faults::OPERATION,
    own::replace_faults::OPERATION,
    own::show_open_api::OPERATION,
    own::explorer::PAGE,
    own::explorer::FILE,
    own::show_version::OPERATION,
];

/// The revision of the state that a list was answered from.
const REVISION: HeaderName = HeaderName::from_static("x-linkspan-revision");

/// The answer of a list, with the revision of its state.
fn revised(answer: Answer, state: &State) -> Answer {
    answer.with(REVISION, HeaderValue::from(state.head().revision))
}

/// The connection that a path names; a text that is no id is an unknown connection like any other.
fn connection_id(call: &Call) -> Result<ConnectionId, Fault> {
    Ok(known_form(call.param("connection_id"))?)
}

fn known_form(text: &str) -> Result<ConnectionId, ApiError> {
    ConnectionId::from_wire(text).ok_or_else(|| ApiError::unknown_connection(text))
}

/// Waits for the plane to have cut peers, a while. They are gone from every answer already, and a plane that takes
/// longer cuts them all the same, so the end of the wait is no fault.
async fn until_cut(call: &Call, peers: &[PeerId]) -> Result<(), Fault> {
    let (engine, scope) = (&call.app.engine, call.scope()?);
    let mut revisions = engine.revisions();
    let cut = revisions.wait_for(|_| {
        let view = engine.view();
        let project = view.project(scope);
        !peers.iter().any(|peer| project.is_removing(*peer))
    });
    let _late = tokio::time::timeout(Duration::from_millis(call.app.settings.unbind_wait_ms), cut).await;
    Ok(())
}
