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
    let CreateConnection {
        name,
        dest_vpc_id,
        dest_network_id,
        routetable_id,
        queues,
        elastic_resource_pools,
        hosts,
        tags,
    } = CreateConnection::from_body(&call.body)?;
    let new = NewConnection {
        name,
        dest_vpc: dest_vpc_id,
        dest_network: dest_network_id,
        route_table: routetable_id,
        sources: SourceNames { queues: queues.clone(), pools: elastic_resource_pools.clone() },
        hosts,
        tags,
    };
    let Reply::Created(id) = call.submit(Command::CreateConnection(new)).await? else {
        return Err(Refusal::Internal.into());
    };
    Ok(Answer::json(201, success::created(id, &queues, &elastic_resource_pools)))
}

#[cfg(test)]
#[path = "create_enhanced_connection_tests.rs"]
mod tests;
