use http::Method;
use linkspan_engine::command::SubnetChange;
use linkspan_engine::{Access, Command};
use linkspan_wire::ErrorCode;
use linkspan_wire::vpc::{UpdateSubnet, subnet_changed};

use super::{submit, subnet_id, vpc_id};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Changes what can be changed of a subnet: its addresses never are (vpc_subnet01_0004).
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "UpdateSubnet",
    method: Method::PUT,
    path: "/v1/{project_id}/vpcs/{vpc_id}/subnets/{subnet_id}",
    document: "vpc_subnet01_0004",
    action: "vpc:subnets:update",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let (vpc, id) = (vpc_id(&call)?, subnet_id(&call)?);
    let change = UpdateSubnet::from_body(&call.body)?;
    let change = SubnetChange {
        vpc: Some(vpc),
        name: change.name,
        description: change.description,
        ipv6: change.ipv6_enable,
        dhcp: change.dhcp_enable,
        primary_dns: change.primary_dns,
        secondary_dns: change.secondary_dns,
        dns: change.dns,
        dhcp_options: change.dhcp_options,
    };
    submit(&call, Command::ChangeSubnet(id.clone(), change), ErrorCode::SubnetInvalid).await?;
    Ok(Answer::json(200, subnet_changed(&id)))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn what_is_not_named_stays() {
        let stage = Stage::open().await;
        stage.networks().await;
        let body = r#"{"subnet":{"name":"new","dnsList":["10.0.0.2","10.0.0.3"],"dhcp_enable":false}}"#;
        let answer = stage.on("vpc-1/net-1").ok("UpdateSubnet", body).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, r#"{"subnet":{"id":"net-1","status":"ACTIVE"}}"#));
        stage.on("vpc-1/net-1").ok("UpdateSubnet", r#"{"subnet":{"name":"newer"}}"#).await;
        let shown = stage.on("net-1").ok("ShowSubnet", "").await.json()["subnet"].clone();
        assert_eq!((&shown["name"], &shown["dhcp_enable"]), (&"newer".into(), &false.into()));
        assert_eq!(shown["dnsList"], serde_json::json!(["10.0.0.2", "10.0.0.3"]));
        for (target, body, code) in [
            ("vpc-2/net-1", r#"{"subnet":{}}"#, "VPC.0202"),
            ("vpc-1/net-9", r#"{"subnet":{}}"#, "VPC.0202"),
            ("vpc-1/net-1", r#"{"subnet":{"ipv6_enable":false}}"#, "VPC.0201"),
            ("vpc-1/net-1", r#"{"subnet":{"name":1}}"#, "VPC.0201"),
            ("vpc-1/net-1", "", "VPC.0201"),
        ] {
            assert_eq!(stage.on(target).refused("UpdateSubnet", body).await.1, code, "{target} {body}");
        }
    }
}
