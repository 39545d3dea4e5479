//! The requests that calls stand for.

use std::collections::BTreeMap;

use linkspan_engine::command::{
    AdminCommand, Authorization, Command, GrantAction, NewConnection, NewPool, NewQueue, NewRoute, NewRouteTable,
    NewSubnet, NewVpc, PeerOutcome, PeerReport, QueueTemplate, ResourceKind, ResourceRef, RouteTableChange,
    SourceNames, SystemCommand, UserChange,
};
use linkspan_engine::{Access, Refusal, Request, State};
use linkspan_model::{ConnectionId, Hosts, QueueEngine, QueueType, SubnetSettings, Tags};
use uuid::Uuid;

use crate::cast::{Cast, key, principal};
use crate::commands::{Call, Finding, Found, HOSTS, NewOp, Op, POOL, QUEUE, SourceOp, TAGS};
use crate::world::World;

/// The request that a call stands for; none if it only moves the clock.
///
/// # Errors
/// The caller has no right that could be asked with.
pub fn request(world: &World, cast: &Cast, state: &State, call: &Call) -> Result<Option<Request>, Refusal> {
    match &call.op {
        Op::Move(_) => return Ok(None),
        Op::Housekeeping => return Ok(Some(Request::System(SystemCommand::Housekeeping))),
        Op::Report(findings) => {
            let reports = findings.iter().filter_map(|it| report(world, it)).collect();
            return Ok(Some(Request::System(SystemCommand::Report(reports))));
        }
        Op::Enable(kind, which, on) => {
            return enable(cast, state, (call.caller, call.held), (kind, *which, *on)).map(Some);
        }
        _ => {}
    }
    let scope = match cast.held.get(&(call.caller, call.project)) {
        Some(held) if call.held => held.clone(),
        _ => cast.right(state, call.caller, call.project)?,
    };
    Ok(Some(Request::Project(scope, command(world, cast, (call.project, &call.op)))))
}

fn enable(cast: &Cast, state: &State, caller: (usize, bool), it: (&str, usize, bool)) -> Result<Request, Refusal> {
    let (kind, which, on) = it;
    let command = match kind {
        "user" => {
            let change = UserChange { enabled: Some(on), ..UserChange::default() };
            AdminCommand::ChangeUser(cast.users[which].clone(), change)
        }
        "key" => AdminCommand::EnableKey(key(which), on),
        _ => AdminCommand::EnableProject(cast.projects[which].clone(), on),
    };
    let nobody = || Refusal::Forbidden("the key does not work".into());
    let scope = match caller {
        (0, true) => cast.admin.clone(),
        (caller, _) => state.admin_scope(&principal(state, caller).ok_or_else(nobody)?, Access::Write)?,
    };
    Ok(Request::Admin(scope, command))
}

fn command(world: &World, cast: &Cast, (p, op): (usize, &Op)) -> Command {
    let id = |at: &usize| {
        let conn = world.picked(p, *at).and_then(|it| world.conns[it].id.as_deref());
        conn.map_or(ConnectionId(Uuid::from_u128(7)), |id| ConnectionId::from_wire(id).unwrap())
    };
    match op {
        Op::Create(new) => Command::CreateConnection(new_connection(new)),
        Op::Delete(at) => Command::DeleteConnection(id(at)),
        Op::SetHosts(at, hosts) => Command::SetHosts(id(at), Hosts::parse(HOSTS[*hosts]).unwrap()),
        Op::Retag(at, tags, set) => retag(id(at), TAGS[*tags], *set),
        Op::Bind(at, names) => Command::Bind(id(at), source_names(names)),
        Op::Unbind(at, names) => Command::Unbind(id(at), source_names(names)),
        Op::Route(at, name, Some(to)) => {
            Command::AddRoute(id(at), NewRoute { name: name.parse().unwrap(), cidr: (*to).into() })
        }
        Op::Route(at, name, None) => Command::DeleteRoute(id(at), (*name).into()),
        Op::Grant(at, to, on) => Command::Authorize(authorization(id(at), cast.grantee(*to), *on)),
        Op::CreateSource(new) if new.name.0 == QUEUE => Command::CreateQueue(new_queue(new)),
        Op::CreateSource(new) => Command::CreatePool(new_pool(new)),
        Op::DeleteSource((QUEUE, name)) => Command::DeleteQueue((*name).into()),
        Op::DeleteSource((_, name)) => Command::DeletePool((*name).into()),
        Op::Register(id, None, cidr) => Command::CreateVpc(NewVpc {
            id: Some(id.parse().unwrap()),
            cidr: cidr.map(|cidr| cidr.parse().unwrap()),
            ..NewVpc::default()
        }),
        Op::Register(id, Some(vpc), cidr) => Command::CreateSubnet(NewSubnet {
            id: Some(id.parse().unwrap()),
            vpc: vpc.parse().unwrap(),
            name: "".into(),
            cidr: cidr.unwrap().parse().unwrap(),
            ipv6: false,
            settings: SubnetSettings::default(),
            tags: Tags::default(),
        }),
        Op::Table(id, vpc) => Command::CreateRouteTable(NewRouteTable {
            id: Some(id.parse().unwrap()),
            vpc: vpc.parse().unwrap(),
            name: "".into(),
            description: "".into(),
            routes: vec![],
        }),
        Op::Use(table, subnet, on) => {
            let (subnets, mut change) = (vec![subnet.parse().unwrap()], RouteTableChange::default());
            *if *on { &mut change.associated } else { &mut change.disassociated } = subnets;
            Command::ChangeRouteTable(table.parse().unwrap(), change)
        }
        Op::Unregister(id) if id.starts_with('v') => Command::DeleteVpc(id.parse().unwrap()),
        Op::Unregister(id) if id.starts_with('t') => Command::DeleteRouteTable(id.parse().unwrap()),
        Op::Unregister(id) => Command::DeleteSubnet { vpc: None, id: id.parse().unwrap() },
        other => panic!("{other:?} is no command of a project"),
    }
}

/// Asked for by its own action, or by an update to the same end.
fn authorization(id: ConnectionId, project: String, on: bool) -> Authorization {
    let update = id.0.as_u128().is_multiple_of(2);
    let action = match on {
        _ if update => GrantAction::Update,
        true => GrantAction::Grant,
        false => GrantAction::Revoke,
    };
    let privileges = if on || !update { vec!["BIND_QUEUE".into()] } else { vec![] };
    Authorization {
        action,
        project: Some(project),
        user: None,
        objects: vec![(format!("edsconnections.{id}"), privileges)],
    }
}

fn retag(id: ConnectionId, tags: &[(&str, &str)], set: bool) -> Command {
    let resource = ResourceRef { kind: ResourceKind::Connection, id: id.to_string().into() };
    if set {
        return Command::AddTags(resource, Tags::parse(tags).unwrap());
    }
    Command::RemoveTags(resource, tags.iter().map(|tag| tag.0.to_owned()).collect())
}

/// The report about a peer of the world, if the finding picks one.
fn report(world: &World, finding: &Finding) -> Option<PeerReport> {
    let peer = world.peers.get(finding.peer % (world.peers.len() + 1))?;
    let outcome = match finding.found {
        Found::Active => PeerOutcome::Active,
        Found::Failed(reason) => PeerOutcome::Failed(reason.into()),
        Found::Removed => PeerOutcome::Removed,
    };
    Some(PeerReport { peer: peer.id?, generation: peer.generation.saturating_sub(finding.behind), outcome })
}

fn source_names(names: &[(&str, &str)]) -> SourceNames {
    let of = |kind| names.iter().filter(|it| it.0 == kind).map(|it| it.1.to_owned()).collect();
    SourceNames { queues: of(QUEUE), pools: of(POOL) }
}

fn new_connection(new: &NewOp) -> NewConnection {
    NewConnection {
        name: new.name.parse().unwrap(),
        dest_vpc: new.vpc.parse().unwrap(),
        dest_network: new.net.parse().unwrap(),
        route_table: new.table.map(|id| id.parse().unwrap()),
        sources: source_names(&new.sources),
        hosts: Hosts::parse(HOSTS[new.hosts]).unwrap(),
        tags: Tags::parse(TAGS[new.tags]).unwrap(),
    }
}

fn new_queue(new: &SourceOp) -> NewQueue {
    let template = QueueTemplate {
        name: new.name.1.parse().unwrap(),
        description: "".into(),
        queue_type: QueueType::Sql,
        cu_count: 16,
        enterprise_project_id: "0".into(),
        platform: "x86_64".into(),
        labels: Box::default(),
        feature: "basic".into(),
        engine: QueueEngine::Spark,
        properties: BTreeMap::new(),
        tags: Tags::default(),
    };
    NewQueue { template, pool: new.pool.map(Into::into), resource_mode: new.mode }
}

fn new_pool(new: &SourceOp) -> NewPool {
    NewPool {
        name: new.name.1.parse().unwrap(),
        description: "".into(),
        max_cu: 64,
        min_cu: 64,
        cidr: new.cidr.map(|cidr| cidr.parse().unwrap()),
        enterprise_project_id: "0".into(),
        ipv6: false,
        labels: BTreeMap::new(),
        tags: Tags::default(),
    }
}
