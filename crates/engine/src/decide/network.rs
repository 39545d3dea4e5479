//! The directory of networks: VPCs and their subnets. Route tables are in `route_table.rs`.

use linkspan_model::{ExternalId, Subnet, SubnetSettings, Vpc};

use super::{Case, Decision, route_table};
use crate::command::{NewSubnet, NewVpc, Reply, SubnetChange, VpcChange};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::ProjectState;

/// `vpc_api01_0001`: a VPC comes with its default route table.
pub(super) fn create_vpc(case: &Case<'_>, new: &NewVpc) -> Result<Decision, Refusal> {
    let id = id_or_new(case, new.id.as_ref());
    if case.state.held(case.project()).is_some_and(|held| held.vpcs.contains_key(&id)) {
        return Err(Refusal::Exists(format!("VPC {id} is registered already.")));
    }
    let vpc = Vpc {
        id: id.clone(),
        project: case.project().clone(),
        name: new.name.clone(),
        description: new.description.clone(),
        cidr: new.cidr,
        enterprise_project_id: new.enterprise_project_id.clone(),
        tags: new.tags.clone(),
        created: case.stamp(),
        changed: None,
    };
    let mut decision = Decision::new(Reply::Network(id.clone()));
    let table = route_table::default_of(case, &vpc);
    decision.put(Record::Vpc(vpc));
    decision.put(Record::RouteTable(table));
    Ok(decision.audited(case.scope, "createVpc", (id, "")))
}

/// `vpc_api01_0004`: other addresses must enclose those of all its subnets.
pub(super) fn change_vpc(case: &Case<'_>, id: &ExternalId, change: &VpcChange) -> Result<Decision, Refusal> {
    let (held, vpc) = known_vpc(case, id)?;
    let next = Vpc {
        name: chosen(&change.name, &vpc.name),
        description: chosen(&change.description, &vpc.description),
        cidr: change.cidr.or(vpc.cidr),
        ..vpc.clone()
    };
    if let Some(cidr) = next.cidr
        && let Some(subnet) = held.subnets_of(id).find(|subnet| !cidr.encloses(subnet.cidr))
    {
        return Err(Refusal::Invalid(format!("cidr {cidr} leaves out {} of subnet {}.", subnet.cidr, subnet.id)));
    }
    let mut decision = Decision::new(Reply::Done);
    if next != *vpc {
        decision.put(Record::Vpc(Vpc { changed: Some(case.now()), ..next }));
    }
    Ok(decision.audited(case.scope, "modifyVpc", (id, "")))
}

/// `vpc_api01_0005`: nothing may be left in it, and no peer may lead there.
pub(super) fn delete_vpc(case: &Case<'_>, id: &ExternalId) -> Result<Decision, Refusal> {
    let (held, vpc) = known_vpc(case, id)?;
    if let Some(subnet) = held.subnets_of(id).next() {
        return Err(Refusal::InUse(format!("VPC {id} still has the subnet {}: delete it first.", subnet.id)));
    }
    if let Some(table) = held.tables_of(id).find(|table| !table.is_default) {
        return Err(Refusal::InUse(format!("VPC {id} still has the route table {}: delete it first.", table.id)));
    }
    if case.state.leading_to_vpc(case.project(), id).next().is_some() {
        return Err(Refusal::InUse(format!("A connection leads to VPC {id}: unbind its queues and pools first.")));
    }
    let mut decision = Decision::new(Reply::Done);
    held.tables_of(id).for_each(|table| decision.remove(Record::RouteTable(table.clone())));
    decision.remove(Record::Vpc(vpc.clone()));
    Ok(decision.audited(case.scope, "deleteVpc", (id, "")))
}

/// `vpc_subnet01_0001`: a subnet lies inside its VPC and beside its siblings.
pub(super) fn create_subnet(case: &Case<'_>, new: &NewSubnet) -> Result<Decision, Refusal> {
    let (held, vpc) = known_vpc(case, &new.vpc)?;
    if let Some(cidr) = vpc.cidr.filter(|cidr| !cidr.encloses(new.cidr)) {
        return Err(Refusal::Outside(format!("cidr {} is not inside {cidr} of VPC {}.", new.cidr, new.vpc)));
    }
    let id = id_or_new(case, new.id.as_ref());
    if held.subnets.contains_key(&id) {
        return Err(Refusal::Exists(format!("Subnet {id} is registered already.")));
    }
    if let Some(other) = held.subnets_of(&new.vpc).find(|other| other.cidr.overlaps(new.cidr)) {
        return Err(Refusal::Overlaps(format!(
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
        route_table: None,
        settings: new.settings.clone(),
        tags: new.tags.clone(),
        created: case.stamp(),
        changed: None,
    };
    let mut decision = Decision::new(Reply::Network(id.clone()));
    decision.put(Record::Subnet(subnet));
    Ok(decision.audited(case.scope, "createSubnet", (id, "")))
}

/// `vpc_subnet01_0004`: addresses never change, and IPv6 is there to stay.
pub(super) fn change_subnet(case: &Case<'_>, id: &ExternalId, change: &SubnetChange) -> Result<Decision, Refusal> {
    let subnet = subnet_of(case, id, change.vpc.as_ref())?;
    if subnet.ipv6 && change.ipv6 == Some(false) {
        return Err(Refusal::Invalid(format!("Subnet {id} has IPv6, which can't be taken away again.")));
    }
    let old = &subnet.settings;
    let settings = SubnetSettings {
        description: chosen(&change.description, &old.description),
        dhcp: change.dhcp.unwrap_or(old.dhcp),
        primary_dns: chosen(&change.primary_dns, &old.primary_dns),
        secondary_dns: chosen(&change.secondary_dns, &old.secondary_dns),
        dns: chosen(&change.dns, &old.dns),
        dhcp_options: chosen(&change.dhcp_options, &old.dhcp_options),
        ..old.clone()
    };
    let name = chosen(&change.name, &subnet.name);
    let next = Subnet { name, ipv6: change.ipv6.unwrap_or(subnet.ipv6), settings, ..subnet.clone() };
    let mut decision = Decision::new(Reply::Done);
    if next != *subnet {
        decision.put(Record::Subnet(Subnet { changed: Some(case.now()), ..next }));
    }
    Ok(decision.audited(case.scope, "modifySubnet", (id, "")))
}

/// `vpc_subnet01_0005`: no peer may lead there.
pub(super) fn delete_subnet(
    case: &Case<'_>,
    (vpc, id): (Option<&ExternalId>, &ExternalId),
) -> Result<Decision, Refusal> {
    let subnet = subnet_of(case, id, vpc)?;
    if case.state.leading_to(subnet).next().is_some() {
        return Err(Refusal::InUse(format!("A connection leads to subnet {id}: unbind its queues and pools first.")));
    }
    let mut decision = Decision::new(Reply::Done);
    decision.remove(Record::Subnet(subnet.clone()));
    Ok(decision.audited(case.scope, "deleteSubnet", (id, "")))
}

/// What a change says, or what there was.
pub(super) fn chosen<T: Clone>(new: &Option<T>, old: &T) -> T {
    new.as_ref().unwrap_or(old).clone()
}

/// The id that was chosen, or a new one.
pub(super) fn id_or_new(case: &Case<'_>, chosen: Option<&ExternalId>) -> ExternalId {
    chosen.cloned().unwrap_or_else(|| ExternalId::Uuid(case.context.ids.uuid()))
}

/// A VPC of the caller's project, and what else the project holds.
pub(super) fn known_vpc<'a>(case: &Case<'a>, id: &ExternalId) -> Result<(&'a ProjectState, &'a Vpc), Refusal> {
    let held = case.state.held(case.scope.project());
    let known = held.and_then(|held| held.vpcs.get(id).map(|vpc| (held, &vpc.value)));
    known.ok_or_else(|| Refusal::UnknownVpc(id.to_string()))
}

/// A subnet of the caller's project; in another VPC than the one that is named there is none.
fn subnet_of<'a>(case: &Case<'a>, id: &ExternalId, vpc: Option<&ExternalId>) -> Result<&'a Subnet, Refusal> {
    let known = case.state.subnet(case.scope.project(), id);
    let known = known.filter(|subnet| vpc.is_none_or(|vpc| *vpc == subnet.vpc));
    known.ok_or_else(|| Refusal::UnknownSubnet(id.to_string()))
}
