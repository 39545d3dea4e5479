use http::Method;
use linkspan_engine::command::NewSubnet;
use linkspan_engine::{Access, Command};
use linkspan_wire::ErrorCode;
use linkspan_wire::vpc::{CreateSubnet, show_subnet};

use super::{made, shown_subnet, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Makes a subnet of a VPC (vpc_subnet01_0001). 200, which Terraform demands.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "CreateSubnetV1",
    method: Method::POST,
    path: "/v1/{project_id}/subnets",
    document: "vpc_subnet01_0001",
    action: "vpc:subnets:create",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let new = CreateSubnet::from_body(&call.body)?;
    let new = NewSubnet {
        id: None,
        vpc: new.vpc_id,
        name: new.name,
        cidr: new.cidr,
        ipv6: new.ipv6_enable,
        settings: new.settings,
        tags: new.tags,
    };
    let id = made(submit(&call, Command::CreateSubnet(new), ErrorCode::SubnetInvalid).await?)?;
    Ok(Answer::json(200, show_subnet(shown_subnet(&call, &call.view(), &id)?)))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn what_was_said_is_shown() {
        let stage = Stage::open().await;
        stage.networks().await;
        let body = r#"{"subnet":{"name":"more","cidr":"192.168.2.0/24","vpc_id":"vpc-1","gateway_ip":"192.168.2.9",
            "ipv6_enable":true,"dhcp_enable":false,"primary_dns":"192.168.2.2","dnsList":["192.168.2.2"],
            "extra_dhcp_opts":[{"opt_name":"ntp","opt_value":"192.168.2.3"}],"tags":[{"key":"env","value":"test"}]}}"#;
        let made = stage.ok("CreateSubnetV1", body).await;
        insta::assert_json_snapshot!(made.json());
        let id = made.json()["subnet"]["id"].as_str().unwrap().to_owned();
        assert_eq!(stage.on(&id).ok("ShowSubnet", "").await.json(), made.json());
        assert_eq!(stage.on(&id).ok("ShowSubnetTags", "").await.text(), r#"{"tags":[{"key":"env","value":"test"}]}"#);
        let connection = format!(r#"{{"name":"c","dest_vpc_id":"vpc-1","dest_network_id":"{id}"}}"#);
        let made = stage.ok("CreateEnhancedConnection", &connection).await.json();
        assert_eq!(stage.show(made["connection_id"].as_str().unwrap()).await["ipv6_enable"], true);
    }

    #[tokio::test]
    async fn each_rule_has_its_code() {
        let stage = Stage::open().await;
        stage.networks().await;
        let before = stage.revision();
        for (vpc, cidr, status, code) in [
            ("vpc-9", "192.168.2.0/24", 404, "VPC.0003"),
            ("vpc-1", "10.0.0.0/24", 400, "VPC.0203"),
            ("vpc-1", "192.168.0.0/15", 400, "VPC.0203"),
            ("vpc-1", "192.168.1.128/25", 400, "VPC.0204"),
            ("vpc-1", "192.168.0.0/16", 400, "VPC.0204"),
            ("vpc-1", "x", 400, "VPC.0201"),
            ("", "192.168.2.0/24", 400, "VPC.0201"),
        ] {
            let body = format!(r#"{{"subnet":{{"cidr":"{cidr}","vpc_id":"{vpc}"}}}}"#);
            let (found, why, text) = stage.refused("CreateSubnetV1", &body).await;
            assert_eq!((found, why.as_str()), (status, code), "{vpc} {cidr} {text}");
        }
        assert_eq!(stage.revision(), before);
        let body = r#"{"subnet":{"cidr":"192.168.1.0/24","vpc_id":"vpc-2"}}"#;
        stage.ok("CreateSubnetV1", body).await.json()["subnet"]["id"].as_str().expect("another VPC may overlap");
    }
}
