use http::Method;
use linkspan_wire::own::{self, VpcInfo, VpcList};

use super::{NETWORK_READ, operation, revised};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// The VPCs of a project's directory of networks.
pub(in crate::ops) const OPERATION: Operation =
    operation(("ListVpcs", "/linkspan/v1/{project_id}/networks/vpcs"), Method::GET, NETWORK_READ, |call| {
        Box::pin(run(call))
    });

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let vpcs = view.project(call.scope()?).vpcs().map(VpcInfo::from).collect();
    Ok(revised(Answer::json(200, own::write(&VpcList { vpcs })), &view))
}
