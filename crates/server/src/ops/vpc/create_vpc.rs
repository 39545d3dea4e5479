use http::Method;
use linkspan_engine::command::NewVpc;
use linkspan_engine::{Access, Command};
use linkspan_wire::ErrorCode;
use linkspan_wire::vpc::{CreateVpc, show_vpc};

use super::{made, shown_vpc, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Makes a VPC, with its default route table (vpc_api01_0001). 200, which Terraform demands.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "CreateVpcV1",
    method: Method::POST,
    path: "/v1/{project_id}/vpcs",
    document: "vpc_api01_0001",
    action: "vpc:vpcs:create",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let CreateVpc { name, description, cidr, enterprise_project_id, tags } = CreateVpc::from_body(&call.body)?;
    let new = NewVpc { id: None, name, description, cidr, enterprise_project_id, tags };
    let id = made(submit(&call, Command::CreateVpc(new), ErrorCode::VpcInvalid).await?)?;
    Ok(Answer::json(200, show_vpc(shown_vpc(&call, &call.view(), &id)?)))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn it_is_there_at_once_with_a_default_route_table() {
        let stage = Stage::open().await;
        let body = r#"{"vpc":{"name":"data","description":"d","cidr":"10.168.0.0/16","tags":["env*test"]}}"#;
        let made = stage.ok("CreateVpcV1", body).await;
        insta::assert_json_snapshot!(made.json());
        let id = made.json()["vpc"]["id"].as_str().unwrap().to_owned();
        assert_eq!(stage.on(&id).ok("ShowVpcV1", "").await.json(), made.json());
        let tables = stage.get("ListRouteTables", &format!("vpc_id={id}")).await.json();
        let (table, rest) = tables["routetables"].as_array().unwrap().split_first().unwrap();
        assert_eq!((&table["name"], &table["default"], rest.len()), (&"rtb-data".into(), &true.into(), 0));
        assert_eq!(stage.on(&id).ok("ShowVpcTags", "").await.text(), r#"{"tags":[{"key":"env","value":"test"}]}"#);
        let known = stage.get("ListVpcs", "").await.json();
        assert_eq!(known["vpcs"][0]["id"], id, "it is the directory's");
        let (status, code, text) = stage.refused("CreateVpcV1", r#"{"vpc":{"cidr":"here"}}"#).await;
        assert_eq!((status, code.as_str()), (400, "VPC.0101"), "{text}");
    }
}
