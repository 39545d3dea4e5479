use http::Method;
use linkspan_engine::Access;
use linkspan_wire::vpc::{self, Holdings};

use super::{shown_vpc, vpc_id};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// A VPC as version 3 shows it (vpc_apiv3_0004), which Terraform needs beside the older one. Tested with that.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ShowVpc",
    method: Method::GET,
    path: "/v3/{project_id}/vpc/vpcs/{vpc_id}",
    document: "vpc_apiv3_0004",
    action: "vpc:vpcs:get",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let (id, view) = (vpc_id(&call)?, call.view());
    let project = view.project(call.scope()?);
    let holds = Holdings {
        route_tables: project.route_tables().filter(|table| table.vpc == id).count(),
        subnets: project.subnets().filter(|subnet| subnet.vpc == id).count(),
    };
    let body = vpc::show_vpc_v3(shown_vpc(&call, &view, &id)?, holds, call.request_id.as_str());
    Ok(Answer::json(200, body))
}
