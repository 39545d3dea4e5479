use http::Method;
use linkspan_engine::command::NewVpc;
use linkspan_engine::{Command, Refusal, Reply};
use linkspan_wire::own::{self, CreateVpc, VpcInfo};

use super::{NETWORK_WRITE, operation};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Registers a VPC in a project's directory of networks.
pub(in crate::ops) const OPERATION: Operation =
    operation(("CreateVpc", "/linkspan/v1/{project_id}/networks/vpcs"), Method::POST, NETWORK_WRITE, |call| {
        Box::pin(run(call))
    });

async fn run(call: Call) -> Result<Answer, Fault> {
    let CreateVpc { id, name, cidr } = own::read(&call.body)?;
    let new = NewVpc { id, name: name.into_inner(), cidr, ..NewVpc::default() };
    let Reply::Network(id) = call.submit(Command::CreateVpc(new)).await? else {
        return Err(Refusal::Internal.into());
    };
    let view = call.view();
    let made = view.project(call.scope()?).vpc(&id).map(VpcInfo::from).ok_or(Refusal::Internal)?;
    Ok(Answer::json(201, own::write(&made)))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn it_is_registered_under_the_id_it_has_or_a_new_one() {
        let stage = Stage::open().await;
        let body = r#"{"id":"vpc-1","name":"data","cidr":"192.168.0.0/16"}"#;
        let made = stage.ok("CreateVpc", body).await;
        assert_eq!(made.status, 201);
        let unnamed = stage.ok("CreateVpc", "").await;
        insta::assert_json_snapshot!([made.json(), unnamed.json()]);
        let list = stage.get("ListVpcs", "").await;
        assert_eq!(list.header("x-linkspan-revision"), stage.revision().to_string());
        assert_eq!(list.json()["vpcs"].as_array().unwrap().len(), 2);
        assert_eq!(stage.refused("CreateVpc", body).await.0, 409);
        for bad in [r#"{"cidr":"x"}"#, r#"{"id":""}"#, r#"{"name":1}"#, r#"{"vpc":{}}"#] {
            assert_eq!(stage.refused("CreateVpc", bad).await.0, 400, "{bad}");
        }
    }
}
