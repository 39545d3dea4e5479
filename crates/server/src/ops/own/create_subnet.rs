use http::Method;
use linkspan_engine::command::NewSubnet;
use linkspan_engine::{Command, Refusal, Reply};
use linkspan_model::{SubnetSettings, Tags};
use linkspan_wire::own::{self, CreateSubnet, SubnetInfo};

use super::{NETWORK_WRITE, operation};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Registers a subnet of a VPC.
pub(in crate::ops) const OPERATION: Operation =
    operation(("CreateSubnet", "/linkspan/v1/{project_id}/networks/subnets"), Method::POST, NETWORK_WRITE, |call| {
        Box::pin(run(call))
    });

async fn run(call: Call) -> Result<Answer, Fault> {
    let CreateSubnet { id, vpc_id, name, cidr, ipv6 } = own::read(&call.body)?;
    let (settings, tags) = (SubnetSettings::default(), Tags::default());
    let new = NewSubnet { id, vpc: vpc_id, name: name.into_inner(), cidr, ipv6, settings, tags };
    let Reply::Network(id) = call.submit(Command::CreateSubnet(new)).await? else {
        return Err(Refusal::Internal.into());
    };
    let view = call.view();
    let project = view.project(call.scope()?);
    let made = project.subnet(&id).ok_or(Refusal::Internal)?;
    Ok(Answer::json(201, own::write(&SubnetInfo::new(made, project.network_binding(&id)))))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn what_is_registered_counts_for_connections() {
        let stage = Stage::open().await;
        stage.networks().await;
        insta::assert_json_snapshot!(stage.get("ListSubnets", "").await.json());
        let connection =
            |vpc: &str| format!(r#"{{"name":"in_{vpc}","dest_vpc_id":"vpc-{vpc}","dest_network_id":"net-1"}}"#);
        let made = stage.ok("CreateEnhancedConnection", &connection("1")).await.json();
        assert_eq!(stage.show(made["connection_id"].as_str().unwrap()).await["ipv6_enable"], true);
        let (status, code, text) = stage.refused("CreateEnhancedConnection", &connection("2")).await;
        assert_eq!((status, code.as_str()), (400, "DLI.0001"));
        assert!(text.contains("vpc-1") && text.contains("vpc-2"), "{text}");
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        stage.networks().await;
        for (body, status) in [
            (r#"{"vpc_id":"nope","cidr":"192.168.9.0/24"}"#, 404),
            (r#"{"vpc_id":"vpc-1","cidr":"10.0.0.0/24"}"#, 400),
            (r#"{"vpc_id":"vpc-1","cidr":"192.168.1.128/25"}"#, 400),
            (r#"{"vpc_id":"vpc-1","cidr":"192.168.9.0/24","id":"net-1"}"#, 409),
            (r#"{"vpc_id":"vpc-1"}"#, 400),
        ] {
            assert_eq!(stage.refused("CreateSubnet", body).await.0, status, "{body}");
        }
    }
}
