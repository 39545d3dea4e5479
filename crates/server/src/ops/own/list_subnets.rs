use http::Method;
use linkspan_wire::own::{self, SubnetInfo, SubnetList};

use super::{NETWORK_READ, operation, revised};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// The subnets of a project's directory of networks.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ListSubnets", "/linkspan/v1/{project_id}/networks/subnets"), Method::GET, NETWORK_READ, |call| {
        Box::pin(run(call))
    });

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let project = view.project(call.scope()?);
    let subnets =
        project.subnets().map(|subnet| SubnetInfo::new(subnet, project.network_binding(&subnet.id))).collect();
    Ok(revised(Answer::json(200, own::write(&SubnetList { subnets })), &view))
}
