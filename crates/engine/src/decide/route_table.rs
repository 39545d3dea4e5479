//! Route tables: each VPC has a default one, and custom ones beside it. Their routes are kept and shown; what joins
//! networks is a connection, so nothing here changes what reaches what.

use linkspan_model::{Cidr, ExternalId, RouteTable, Subnet, TableRoute, Vpc};

use super::network::{chosen, id_or_new, known_vpc};
use super::{Case, Decision};
use crate::command::{NewRouteTable, Reply, RouteTableChange};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::ProjectState;

/// The table that a new VPC comes with.
pub(super) fn default_of(case: &Case<'_>, vpc: &Vpc) -> RouteTable {
    RouteTable {
        id: ExternalId::Uuid(case.context.ids.uuid()),
        project: vpc.project.clone(),
        vpc: vpc.id.clone(),
        name: format!("rtb-{}", vpc.name).into(),
        description: Box::default(),
        is_default: true,
        routes: Box::default(),
        created: vpc.created.next(case.now()),
        changed: None,
    }
}

/// `vpc_apiroutetab_0003`.
pub(super) fn create(case: &Case<'_>, new: &NewRouteTable) -> Result<Decision, Refusal> {
    let (held, _) = known_vpc(case, &new.vpc)?;
    let id = id_or_new(case, new.id.as_ref());
    if held.route_tables.contains_key(&id) {
        return Err(Refusal::Exists(format!("Route table {id} is registered already.")));
    }
    let mut routes = Vec::new();
    new.routes.iter().try_for_each(|route| add(&mut routes, route))?;
    let table = RouteTable {
        id: id.clone(),
        project: case.project().clone(),
        vpc: new.vpc.clone(),
        name: new.name.clone(),
        description: new.description.clone(),
        is_default: false,
        routes: routes.into(),
        created: case.stamp(),
        changed: None,
    };
    let mut decision = Decision::new(Reply::Network(id.clone()));
    decision.put(Record::RouteTable(table));
    Ok(decision.audited(case.scope, "createRouteTable", (id, "")))
}

/// `vpc_apiroutetab_0004` to `vpc_apiroutetab_0006`: everything or nothing.
pub(super) fn change(case: &Case<'_>, id: &ExternalId, change: &RouteTableChange) -> Result<Decision, Refusal> {
    let (held, table) = known(case, id)?;
    let next = RouteTable {
        name: chosen(&change.name, &table.name),
        description: chosen(&change.description, &table.description),
        routes: changed_routes(table, change)?,
        ..table.clone()
    };
    let mut decision = Decision::new(Reply::Done);
    if next != *table {
        decision.put(Record::RouteTable(RouteTable { changed: Some(case.now()), ..next }));
    }
    for id in &change.disassociated {
        let subnet = subnet_of(held, table, id)?;
        if subnet.uses(table) && !change.associated.contains(id) {
            use_table(&mut decision, subnet, None);
        }
    }
    for (place, id) in change.associated.iter().enumerate() {
        let subnet = subnet_of(held, table, id)?;
        let is_first = change.associated.iter().position(|other| other == id) == Some(place);
        if is_first && !subnet.uses(table) {
            use_table(&mut decision, subnet, (!table.is_default).then(|| table.id.clone()));
        }
    }
    Ok(decision.audited(case.scope, "modifyRouteTable", (id, "")))
}

/// `vpc_apiroutetab_0007`: no subnet may use it, and no peer may lead through it.
pub(super) fn delete(case: &Case<'_>, id: &ExternalId) -> Result<Decision, Refusal> {
    let (held, table) = known(case, id)?;
    if table.is_default {
        return Err(Refusal::InUse(format!(
            "Route table {id} is the default one of VPC {}: it goes with it.",
            table.vpc
        )));
    }
    if let Some(subnet) = held.users_of(table).next() {
        return Err(Refusal::InUse(format!("Subnet {} uses route table {id}: disassociate it first.", subnet.id)));
    }
    let mut leading = case.state.leading_to_vpc(case.project(), &table.vpc);
    if leading.any(|entry| entry.connection.route_table.as_ref() == Some(id)) {
        return Err(Refusal::InUse(format!("A connection names route table {id}: unbind its queues and pools first.")));
    }
    let mut decision = Decision::new(Reply::Done);
    decision.remove(Record::RouteTable(table.clone()));
    Ok(decision.audited(case.scope, "deleteRouteTable", (id, "")))
}

fn known<'a>(case: &Case<'a>, id: &ExternalId) -> Result<(&'a ProjectState, &'a RouteTable), Refusal> {
    let held = case.state.held(case.scope.project());
    let known = held.and_then(|held| held.route_tables.get(id).map(|table| (held, &table.value)));
    known.ok_or_else(|| Refusal::UnknownRouteTable(id.to_string()))
}

/// A subnet of the table's VPC.
fn subnet_of<'a>(held: &'a ProjectState, table: &RouteTable, id: &ExternalId) -> Result<&'a Subnet, Refusal> {
    let subnet = held.subnets.get(id).ok_or_else(|| Refusal::UnknownSubnet(id.to_string()))?;
    if subnet.value.vpc == table.vpc {
        return Ok(&subnet.value);
    }
    Err(Refusal::Invalid(format!(
        "Subnet {id} is part of VPC {}, route table {} of VPC {}.",
        subnet.value.vpc, table.id, table.vpc
    )))
}

/// Which table a subnet uses is no change of the subnet that anyone reads of it, so its time of change stays.
fn use_table(decision: &mut Decision, subnet: &Subnet, table: Option<ExternalId>) {
    decision.put(Record::Subnet(Subnet { route_table: table, ..subnet.clone() }));
}

fn changed_routes(table: &RouteTable, change: &RouteTableChange) -> Result<Box<[TableRoute]>, Refusal> {
    let mut routes = table.routes.to_vec();
    for destination in &change.removed {
        let gone = parsed(destination)?;
        routes.retain(|route| parsed(&route.destination) != Ok(gone));
    }
    for new in &change.replaced {
        let destination = parsed(&new.destination)?;
        let old = routes.iter_mut().find(|route| parsed(&route.destination) == Ok(destination));
        let old = old.ok_or_else(|| {
            Refusal::Invalid(format!("Route table {} has no route to {}.", table.id, new.destination))
        })?;
        *old = new.clone();
    }
    change.added.iter().try_for_each(|route| add(&mut routes, route))?;
    Ok(routes.into())
}

fn add(routes: &mut Vec<TableRoute>, new: &TableRoute) -> Result<(), Refusal> {
    let destination = parsed(&new.destination)?;
    if routes.iter().any(|route| parsed(&route.destination) == Ok(destination)) {
        return Err(Refusal::Exists(format!("The route table has a route to {} already.", new.destination)));
    }
    if routes.len() >= RouteTable::MOST_ROUTES {
        let most = RouteTable::MOST_ROUTES;
        return Err(Refusal::Exceeds(format!("A route table holds at most {most} routes; remove some first.")));
    }
    routes.push(new.clone());
    Ok(())
}

fn parsed(destination: &str) -> Result<Cidr, Refusal> {
    destination.parse().map_err(|why| Refusal::Invalid(format!("destination {why}")))
}
