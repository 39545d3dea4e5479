//! The rules one by one, each on a small state of its own.

mod acting;
mod binding;
mod changes;
mod compute;
mod connections;
mod connectivity;
mod grants;
mod identities;
mod import;
mod networks;
mod overlaps;
mod placement;
mod plane_requests;
mod rehearsals;
mod reports;
mod route_tables;
mod routes;
mod tags;
mod time;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use linkspan_model::{
    AccessKey, ConnectionId, Domain, Failure, Hosts, KeyRole, NodeName, Peer, PeerId, PeerState, Project,
    ProjectAccess, ProjectId, QueueEngine, QueueType, SealedSecret, SourceName, SubnetSettings, Tags, User,
};
use uuid::Uuid;

use super::{Context, Decision, Rules, decide};
use crate::command::{
    AdminCommand, Bootstrap, Command, NewConnection, NewPool, NewQueue, NewSubnet, NewVpc, PeerOutcome, PeerReport,
    QueueTemplate, Reply, Request, SourceNames, SystemCommand,
};
use crate::ids::Ids;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::scope::{Access, Need, Principal, Scope};
use crate::state::{ConnectionEntry, RowSource, State};
use crate::store::{Head, Loc, RECORD_FORMAT};

const NOW: i64 = 1_700_000_000_000;

struct Counted(AtomicU64);

impl Ids for Counted {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

fn render(_: &RowSource<'_>, _: &mut Vec<u8>) -> Range<usize> {
    0..0
}

/// A state that commands are carried out on, with one project `a` of the user `root`.
struct World {
    state: State,
    rules: Rules,
    now: i64,
    ids: Counted,
    revision: u64,
}

impl World {
    fn new() -> Self {
        let head = Head { epoch: 1, revision: 0, commit_id: 0, create_time: 0, format: RECORD_FORMAT };
        let state = State::empty(head, render);
        let mut world = Self { state, rules: Rules::default(), now: NOW, ids: Counted(AtomicU64::new(1)), revision: 0 };
        world.system(SystemCommand::Bootstrap(Box::new(first()))).unwrap();
        world
    }

    /// With a dedicated queue `q`, a shared one `shared`, a pool `p` and a queue `inside` it.
    fn furnished() -> Self {
        let mut world = Self::new();
        world.ask(pool("p", None)).unwrap();
        world.ask(queue("q", None, Some(1))).unwrap();
        world.ask(queue("shared", None, None)).unwrap();
        world.ask(queue("inside", Some("p"), None)).unwrap();
        world
    }

    fn principal(&self) -> Principal {
        self.state.principal_of_key(&"AKROOT".parse().unwrap()).unwrap()
    }

    fn scope(&self) -> Scope {
        self.state.scope(&self.principal(), "a", Access::Write).unwrap()
    }

    fn decide(&self, request: &Request) -> Result<Decision, Refusal> {
        decide(&self.state, request, &Context { now: self.now, ids: &self.ids, rules: &self.rules })
    }

    fn carry_out(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let decision = self.decide(request)?;
        self.revision += 1;
        for (change, n) in decision.changes.iter().zip(0..) {
            self.state.apply(change, Loc { revision: self.revision, n });
        }
        self.state.settle(self.revision);
        Ok(decision.reply)
    }

    fn ask(&mut self, command: Command) -> Result<Reply, Refusal> {
        self.carry_out(&Request::Project(self.scope(), command))
    }

    /// As [`World::ask`], in another project of the domain.
    fn ask_in(&mut self, project: &ProjectId, command: Command) -> Result<Reply, Refusal> {
        let scope = self.state.scope(&self.principal(), project.as_str(), Access::Write)?;
        self.carry_out(&Request::Project(scope, command))
    }

    fn admin(&mut self, command: AdminCommand) -> Result<Reply, Refusal> {
        let scope = self.state.admin_scope(&self.principal(), Access::Write)?;
        self.carry_out(&Request::Admin(scope, command))
    }

    fn system(&mut self, command: SystemCommand) -> Result<Reply, Refusal> {
        self.carry_out(&Request::System(command))
    }

    /// Puts a record there as another node might have.
    fn import(&mut self, record: Record) {
        self.revision += 1;
        self.state.apply(&super::Change::Put(record), Loc { revision: self.revision, n: 0 });
        self.state.settle(self.revision);
    }

    /// Creates a connection with queues bound.
    fn connect(&mut self, name: &str, queues: &[&str]) -> ConnectionId {
        let new = NewConnection { sources: names(queues, &[]), ..connection(name) };
        match self.ask(Command::CreateConnection(new)) {
            Ok(Reply::Created(id)) => id,
            other => panic!("{other:?}"),
        }
    }

    fn entry(&self, id: ConnectionId) -> &ConnectionEntry {
        self.state.connection(id).unwrap()
    }

    /// The peers of a connection as `queue q CREATING`.
    fn peers(&self, id: ConnectionId) -> Vec<String> {
        let text = |peer: &Peer| format!("{} {}", peer.source, stage(peer));
        self.entry(id).peers.iter().map(|peer| text(&peer.value)).collect()
    }

    fn peer(&self, id: ConnectionId, source: &SourceName) -> &Peer {
        self.entry(id).peers.iter().map(|peer| &peer.value).find(|peer| peer.source == *source).unwrap()
    }

    fn report(&mut self, peer: PeerId, generation: u32, outcome: PeerOutcome) {
        let report = PeerReport { peer, generation, outcome };
        self.system(SystemCommand::Report(vec![report])).unwrap();
    }

    /// Reports every peer of a connection as installed.
    fn activate(&mut self, id: ConnectionId) {
        let peers: Vec<_> = self.entry(id).peers.iter().map(|peer| (peer.value.id, peer.value.generation)).collect();
        for (peer, generation) in peers {
            self.report(peer, generation, PeerOutcome::Active);
        }
    }
}

fn stage(peer: &Peer) -> &'static str {
    match peer.state {
        PeerState::Creating { .. } => "CREATING",
        PeerState::Active => "ACTIVE",
        PeerState::Failed { .. } => "FAILED",
        PeerState::Cancelled => "CANCELLED",
        PeerState::Removing => "REMOVING",
    }
}

fn first() -> Bootstrap {
    Bootstrap {
        domain: Domain { id: "d".parse().unwrap(), name: "d".into(), create_time: 0 },
        project: Project {
            id: "a".parse().unwrap(),
            domain: "d".parse().unwrap(),
            name: "a".into(),
            enabled: true,
            create_time: 0,
            node: None,
        },
        user: User {
            id: "root".parse().unwrap(),
            domain: "d".parse().unwrap(),
            name: "root".into(),
            password_hash: None,
            enabled: true,
            generation: 1,
            admin: true,
            access: ProjectAccess::Domain,
            create_time: 0,
        },
        key: AccessKey {
            id: "AKROOT".parse().unwrap(),
            user: "root".parse().unwrap(),
            secret: SealedSecret("sealed".into()),
            role: KeyRole::Full,
            enabled: true,
            description: "".into(),
            create_time: 0,
        },
    }
}

fn names(queues: &[&str], pools: &[&str]) -> SourceNames {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    SourceNames { queues: owned(queues), pools: owned(pools) }
}

fn connection(name: &str) -> NewConnection {
    NewConnection {
        name: name.parse().unwrap(),
        dest_vpc: "v".parse().unwrap(),
        dest_network: "n".parse().unwrap(),
        route_table: None,
        sources: SourceNames::default(),
        hosts: Hosts::default(),
        tags: Tags::default(),
    }
}

fn queue(name: &str, pool: Option<&str>, resource_mode: Option<u8>) -> Command {
    let template = QueueTemplate {
        name: name.parse().unwrap(),
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
    Command::CreateQueue(NewQueue { template, pool: pool.map(Into::into), resource_mode })
}

fn pool(name: &str, cidr: Option<&str>) -> Command {
    Command::CreatePool(NewPool {
        name: name.parse().unwrap(),
        description: "".into(),
        max_cu: 64,
        min_cu: 64,
        cidr: cidr.map(|cidr| cidr.parse().unwrap()),
        enterprise_project_id: "0".into(),
        ipv6: false,
        labels: BTreeMap::new(),
        tags: Tags::default(),
    })
}

fn vpc(id: &str, cidr: Option<&str>) -> Command {
    let cidr = cidr.map(|cidr| cidr.parse().unwrap());
    Command::CreateVpc(NewVpc { id: Some(id.parse().unwrap()), cidr, ..NewVpc::default() })
}

fn subnet(id: &str, vpc: &str, cidr: &str) -> Command {
    Command::CreateSubnet(NewSubnet {
        id: Some(id.parse().unwrap()),
        vpc: vpc.parse().unwrap(),
        name: "".into(),
        cidr: cidr.parse().unwrap(),
        ipv6: false,
        settings: SubnetSettings::default(),
        tags: Tags::default(),
    })
}

fn a_queue(name: &str) -> SourceName {
    SourceName::Queue(name.parse().unwrap())
}

fn a_pool(name: &str) -> SourceName {
    SourceName::Pool(name.parse().unwrap())
}

/// The text of a refusal, which must be of the wanted kind.
fn refused(answer: Result<Reply, Refusal>, kind: fn(String) -> Refusal) -> String {
    let refusal = answer.unwrap_err();
    let same = std::mem::discriminant(&kind(String::new())) == std::mem::discriminant(&refusal);
    assert!(same, "{refusal:?}");
    refusal.to_string()
}
