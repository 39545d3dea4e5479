//! What networks are bound to: a name is chosen here, and what it stands for, and for whom, is said on the plane's host.

use linkspan_model::{ExternalId, NetworkBinding};

use super::{Case, Decision};
use crate::command::{NewNetworkBinding, Reply};
use crate::record::Record;
use crate::refusal::Refusal;

/// A network is bound to one name. Its addresses are told once: by the directory, or else with the binding.
pub(super) fn bind(case: &Case<'_>, new: &NewNetworkBinding) -> Result<Decision, Refusal> {
    let NewNetworkBinding { network, to, cidr } = new;
    match (case.state.subnet(case.project(), network), cidr) {
        (Some(subnet), Some(cidr)) if subnet.cidr != *cidr => {
            return Err(Refusal::Invalid(format!(
                "Subnet {network} has the CIDR {}, not {cidr}: leave the CIDR out.",
                subnet.cidr
            )));
        }
        (None, None) => {
            return Err(Refusal::Invalid(format!(
                "Subnet {network} is not in the directory of networks: name its CIDR."
            )));
        }
        _ => {}
    }
    let before = case.state.network_binding(case.project(), network);
    let binding = NetworkBinding {
        network: network.clone(),
        project: case.project().clone(),
        to: to.clone(),
        cidr: *cidr,
        created: before.map_or_else(|| case.stamp(), |before| before.created),
    };
    let mut decision = Decision::new(Reply::Done);
    if before != Some(&binding) {
        decision.put(Record::NetworkBinding(binding));
    }
    Ok(decision.audited(case.scope, "bindNetwork", (network, to)))
}

/// Peers that lead there are cut, and fail.
pub(super) fn unbind(case: &Case<'_>, network: &ExternalId) -> Result<Decision, Refusal> {
    let unknown = || Refusal::Unknown(format!("Network {network} is not bound to anything."));
    let binding = case.state.network_binding(case.project(), network).ok_or_else(unknown)?;
    let mut decision = Decision::new(Reply::Done);
    decision.remove(Record::NetworkBinding(binding.clone()));
    Ok(decision.audited(case.scope, "unbindNetwork", (network, &binding.to)))
}
