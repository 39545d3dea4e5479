use linkspan_model::{ExternalId, Subnet, Vpc};

use super::{Case, Decision};
use crate::command::{NewSubnet, NewVpc, Reply};
use crate::record::Record;
use crate::refusal::Refusal;

pub(super) fn create_vpc(case: &Case<'_>, new: &NewVpc) -> Result<Decision, Refusal> {
    let id = new.id.clone().unwrap_or_else(|| ExternalId::Uuid(case.context.ids.uuid()));
    if case.state.held(case.project()).is_some_and(|held| held.vpcs.contains_key(&id)) {
        return Err(Refusal::Exists(format!("VPC {id} is registered already.")));
    }
    let project = case.project().clone();
    let vpc = Vpc { id: id.clone(), project, name: new.name.clone(), cidr: new.cidr, created: case.stamp() };
    let mut decision = Decision::new(Reply::Network(id.clone()));
    decision.put(Record::Vpc(vpc));
    Ok(decision.audited(case.scope, "createVpc", (id, "")))
}

pub(super) fn delete_vpc(case: &Case<'_>, id: &ExternalId) -> Result<Decision, Refusal> {
    let unknown = || Refusal::Unknown(format!("VPC {id} does not exist."));
    let held = case.state.held(case.project()).ok_or_else(unknown)?;
    let vpc = held.vpcs.get(id).ok_or_else(unknown)?;
    if let Some(subnet) = held.subnets.values().find(|subnet| subnet.value.vpc == *id) {
        return Err(Refusal::InUse(format!("VPC {id} still has the subnet {}: delete it first.", subnet.value.id)));
    }
    if case.state.leading_to_vpc(case.project(), id).next().is_some() {
        return Err(Refusal::InUse(format!("A connection leads to VPC {id}: unbind its queues and pools first.")));
    }
    let mut decision = Decision::new(Reply::Done);
    decision.remove(Record::Vpc(vpc.value.clone()));
    Ok(decision.audited(case.scope, "deleteVpc", (id, "")))
}

pub(super) fn create_subnet(case: &Case<'_>, new: &NewSubnet) -> Result<Decision, Refusal> {
    let held = case.state.held(case.project());
    let vpc = held
        .and_then(|held| held.vpcs.get(&new.vpc))
        .ok_or_else(|| Refusal::Unknown(format!("VPC {} does not exist.", new.vpc)))?;
    if let Some(cidr) =
        vpc.value.cidr.filter(|cidr| !cidr.contains(new.cidr.network()) || cidr.prefix() > new.cidr.prefix())
    {
        return Err(Refusal::Invalid(format!("cidr {} is not inside {cidr} of VPC {}.", new.cidr, new.vpc)));
    }
    let id = new.id.clone().unwrap_or_else(|| ExternalId::Uuid(case.context.ids.uuid()));
    if held.is_some_and(|held| held.subnets.contains_key(&id)) {
        return Err(Refusal::Exists(format!("Subnet {id} is registered already.")));
    }
    let siblings = held.into_iter().flat_map(|held| held.subnets.values()).filter(|other| other.value.vpc == new.vpc);
    if let Some(other) = siblings.map(|other| &other.value).find(|other| other.cidr.overlaps(new.cidr)) {
        return Err(Refusal::Invalid(format!(
            "cidr {} overlaps {} of subnet {} in the same VPC.",
            new.cidr, other.cidr, other.id
        )));
    }
    let subnet = Subnet {
        id: id.clone(),
        project: case.project().clone(),
        vpc: new.vpc.clone(),
        name: new.name.clone(),
        cidr: new.cidr,
        ipv6: new.ipv6,
        created: case.stamp(),
    };
    let mut decision = Decision::new(Reply::Network(id.clone()));
    decision.put(Record::Subnet(subnet));
    Ok(decision.audited(case.scope, "createSubnet", (id, "")))
}

pub(super) fn delete_subnet(case: &Case<'_>, id: &ExternalId) -> Result<Decision, Refusal> {
    let held = case.state.held(case.project());
    let subnet = held
        .and_then(|held| held.subnets.get(id))
        .ok_or_else(|| Refusal::Unknown(format!("Subnet {id} does not exist.")))?;
    if case.state.leading_to(&subnet.value).next().is_some() {
        return Err(Refusal::InUse(format!("A connection leads to subnet {id}: unbind its queues and pools first.")));
    }
    let mut decision = Decision::new(Reply::Done);
    decision.remove(Record::Subnet(subnet.value.clone()));
    Ok(decision.audited(case.scope, "deleteSubnet", (id, "")))
}
