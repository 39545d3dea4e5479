use http::Method;
use linkspan_engine::command::NewNetworkBinding;
use linkspan_engine::{Command, Refusal};
use linkspan_wire::own::{self, BindNetwork, NetworkBindingInfo};

use super::{NETWORK_WRITE, network_id, operation};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Binds a network to something of the plane's host, by a name that its administrator allows. Whether he does is found
/// out by the peers that lead there.
pub(in crate::ops) const OPERATION: Operation = operation(
    ("BindNetwork", "/linkspan/v1/{project_id}/networks/bindings/{network_id}"),
    Method::PUT,
    NETWORK_WRITE,
    |call| Box::pin(run(call)),
);

async fn run(call: Call) -> Result<Answer, Fault> {
    let network = network_id(&call, "network_id", "Network")?;
    let BindNetwork { to, cidr } = own::read(&call.body)?;
    call.submit(Command::BindNetwork(NewNetworkBinding { network: network.clone(), to, cidr })).await?;
    let view = call.view();
    let bound = view.project(call.scope()?).network_binding(&network).map(NetworkBindingInfo::from);
    Ok(Answer::json(200, own::write(&bound.ok_or(Refusal::Internal)?)))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn a_network_is_bound_bound_elsewhere_and_unbound() {
        let stage = Stage::open().await;
        stage.networks().await;
        let network = stage.on("elsewhere");
        let bound = network.ok("BindNetwork", r#"{"to":"kafka-lan","cidr":"10.77.0.0/24"}"#).await.json();
        assert_eq!((&bound["to"], &bound["cidr"]), (&"kafka-lan".into(), &"10.77.0.0/24".into()));
        let again = network.ok("BindNetwork", r#"{"to":"db","cidr":"10.77.0.0/24"}"#).await.json();
        assert_eq!((&again["to"], &again["create_time"]), (&"db".into(), &bound["create_time"]));
        stage.on("net-1").ok("BindNetwork", r#"{"to":"db"}"#).await;
        let later = r#"{"id":"elsewhere","vpc_id":"vpc-1","cidr":"10.77.0.0/24"}"#;
        assert_eq!(stage.ok("CreateVpc", r#"{"id":"vpc-7","cidr":"10.77.0.0/16"}"#).await.status, 201);
        let registered = stage.ok("CreateSubnet", &later.replace("vpc-1", "vpc-7")).await.json();
        assert_eq!(registered["bound_to"], "db", "bound before it was registered");
        let list = stage.ok("ListNetworkBindings", "").await.json();
        let networks: Vec<_> = list["bindings"].as_array().unwrap().iter().map(|it| &it["network_id"]).collect();
        assert_eq!(networks, ["elsewhere", "net-1"]);
        assert_eq!(network.ok("UnbindNetwork", "").await.status, 204);
        assert_eq!(network.refused("UnbindNetwork", "").await.0, 404);
    }

    #[tokio::test]
    async fn refusals() {
        let stage = Stage::open().await;
        stage.networks().await;
        for (network, body) in [
            ("elsewhere", r#"{"to":"kafka-lan"}"#),
            ("net-1", r#"{"to":"kafka-lan","cidr":"10.77.0.0/24"}"#),
            ("net-1", r#"{"to":"/run/netns/x"}"#),
            ("net-1", r#"{"to":"lan","path":"/run/netns/x"}"#),
            ("net-1", "{}"),
        ] {
            assert_eq!(stage.on(network).refused("BindNetwork", body).await.0, 400, "{body}");
        }
    }
}
