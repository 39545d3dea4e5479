use http::Method;
use linkspan_engine::command::VpcChange;
use linkspan_engine::{Access, Command};
use linkspan_wire::ErrorCode;
use linkspan_wire::vpc::{UpdateVpc, show_vpc};

use super::{shown_vpc, submit, vpc_id};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Changes the name, description or addresses of a VPC (vpc_api01_0004).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "UpdateVpc",
    method: Method::PUT,
    path: "/v1/{project_id}/vpcs/{vpc_id}",
    document: "vpc_api01_0004",
    action: "vpc:vpcs:update",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let id = vpc_id(&call)?;
    let UpdateVpc { name, description, cidr } = UpdateVpc::from_body(&call.body)?;
    let change = Command::ChangeVpc(id.clone(), VpcChange { name, description, cidr });
    submit(&call, change, ErrorCode::VpcInvalid).await?;
    Ok(Answer::json(200, show_vpc(shown_vpc(&call, &call.view(), &id)?)))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn what_is_not_named_stays() {
        let stage = Stage::open().await;
        stage.networks().await;
        let vpc = stage.on("vpc-1");
        let changed = vpc.ok("UpdateVpc", r#"{"vpc":{"name":"new","description":"d"}}"#).await.json();
        assert_eq!((&changed["vpc"]["name"], &changed["vpc"]["cidr"]), (&"new".into(), &"192.168.0.0/16".into()));
        assert_eq!(vpc.ok("ShowVpcV1", "").await.json(), changed);
        let (status, code, text) = vpc.refused("UpdateVpc", r#"{"vpc":{"cidr":"192.168.1.128/25"}}"#).await;
        assert_eq!((status, code.as_str()), (400, "VPC.0101"));
        assert!(text.contains("net-1"), "{text}");
        assert_eq!(stage.on("vpc-9").refused("UpdateVpc", r#"{"vpc":{}}"#).await.1, "VPC.0003");
        assert_eq!(vpc.refused("UpdateVpc", "").await.2, "vpc is required");
    }
}
