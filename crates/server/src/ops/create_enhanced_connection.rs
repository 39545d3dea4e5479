use http::Method;
use linkspan_engine::command::{NewConnection, SourceNames};
use linkspan_engine::{Access, Command, Refusal, Reply};
use linkspan_wire::{CreateConnection, success};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Makes a connection and binds what it names, all or nothing (dli_02_0187).
pub(super) const OPERATION: Operation = Operation {
    name: "CreateEnhancedConnection",
    method: Method::POST,
    path: "/v2.0/{project_id}/datasource/enhanced-connections",
    document: "dli_02_0187",
    action: "dli:edsconnection:create",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let new = new_connection(CreateConnection::from_body(&call.body)?);
    let SourceNames { queues, pools } = new.sources.clone();
    let Reply::Created(id) = call.submit(Command::CreateConnection(new)).await? else {
        return Err(Refusal::Internal.into());
    };
    Ok(Answer::json(201, success::created(id, &queues, &pools)))
}

/// What the engine is asked for.
pub(super) fn new_connection(asked: CreateConnection) -> NewConnection {
    NewConnection {
        name: asked.name,
        dest_vpc: asked.dest_vpc_id,
        dest_network: asked.dest_network_id,
        route_table: asked.routetable_id,
        sources: SourceNames { queues: asked.queues, pools: asked.elastic_resource_pools },
        hosts: asked.hosts,
        tags: asked.tags,
    }
}

#[cfg(test)]
#[path = "create_enhanced_connection_tests.rs"]
mod tests;
