//! What is measured on: connections with one queue and two hosts each, 562 bytes of JSON a row.

use linkspan_engine::record::Record;
use linkspan_engine::store::{Head, Loc, RECORD_FORMAT, StoredRecord};
use linkspan_engine::{Loader, RowSource, State};
use linkspan_model::{
    Cidr4, Connection, ConnectionId, ConnectionStatus, Domain, ExternalId, Hosts, Peer, PeerId, PeerState, Project,
    ProjectAccess, ProjectId, Queue, QueueEngine, QueueType, ResourceId, SourceName, Stamp, Tags, User, UserId,
};
use linkspan_wire::{ConnectionRow, Viewer};
use std::ops::Range;
use uuid::Uuid;

/// How a project's connections look.
#[derive(Clone, Copy)]
pub struct Shape {
    /// How many.
    pub connections: u32,
    /// How many of a hundred are deleted.
    pub deleted_percent: u32,
    /// Whether each bears two tags, one connection in a thousand the rare value.
    pub tagged: bool,
}

/// A deterministic UUID for the `n`-th thing of a kind.
pub fn uuid(kind: u8, n: u64) -> Uuid {
    // A multiplicative hash spreads the ids over the key space as random ones would be.
    let spread = n.wrapping_add(u64::from(kind) << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    uuid::Builder::from_random_bytes((u128::from(spread) << 64 | u128::from(spread.rotate_left(17))).to_be_bytes())
        .into_uuid()
}

/// The project of benchmarks that start no server.
pub fn project_id() -> ProjectId {
    "48cc2c48765f481480c7db940d6409d1".parse().expect("a project id")
}

/// Its user.
pub fn user_id() -> UserId {
    "0123456789abcdef0123456789abcdef".parse().expect("a user id")
}

const QUEUES: u64 = 20;
/// 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;

/// Renders rows as the server does.
pub fn render(source: &RowSource<'_>, out: &mut Vec<u8>) -> Range<usize> {
    let entry = source.entry;
    let peers: Vec<&Peer> = entry.peers_of(source.viewer).collect();
    let viewer = if entry.connection.project == *source.viewer { Viewer::Owner } else { Viewer::Grantee };
    let row = ConnectionRow { connection: &entry.connection, hosts: entry.hosts(), peers: &peers, viewer };
    row.render(out).hosts
}

/// The domain, project and user that an engine needs before it takes commands.
pub fn identities(each: &mut impl FnMut(Record)) {
    let domain: linkspan_model::DomainId = "fedcba98765432100123456789abcdef".parse().expect("a domain id");
    each(Record::Domain(Domain { id: domain.clone(), name: "bench".into(), create_time: START_MS }));
    each(Record::Project(Project {
        id: project_id(),
        domain: domain.clone(),
        name: "cn-north-4".into(),
        enabled: true,
        create_time: START_MS,
        node: None,
    }));
    each(Record::User(User {
        id: user_id(),
        domain,
        name: "bench".into(),
        password_hash: None,
        enabled: true,
        generation: 1,
        admin: true,
        access: ProjectAccess::Domain,
        create_time: START_MS,
    }));
}

/// What a project of this shape holds, in the order of its creation.
pub fn records(shape: Shape, project: &ProjectId, each: &mut impl FnMut(Record)) {
    for n in 0..QUEUES {
        each(Record::Queue(queue(project, n)));
    }
    for n in 0..u64::from(shape.connections) {
        connection((shape, project), n, each);
    }
}

fn queue(project: &ProjectId, n: u64) -> Queue {
    let cidr: Cidr4 = format!("172.16.{n}.0/24").parse().expect("a CIDR");
    Queue {
        resource_id: ResourceId(uuid(1, n)),
        project: project.clone(),
        name: format!("resource_mode_{n}").parse().expect("a queue name"),
        created: Stamp::new(START_MS, u32::try_from(n).unwrap_or(0)),
        owner: "bench".into(),
        description: "".into(),
        queue_type: QueueType::General,
        cu_count: 16,
        charging_mode: 1,
        enterprise_project_id: "0".into(),
        platform: "x86_64".into(),
        resource_mode: 1,
        labels: Box::default(),
        feature: "basic".into(),
        engine: QueueEngine::Spark,
        pool: None,
        cidr_in_vpc: cidr,
        cidr_in_subnet: cidr,
        properties: Default::default(),
        policies: Box::default(),
        tags: Tags::default(),
    }
}

fn connection((shape, project): (Shape, &ProjectId), n: u64, each: &mut impl FnMut(Record)) {
    let id = ConnectionId(uuid(2, n));
    let created = Stamp::new(START_MS + 1 + n as i64, 0);
    // Deleted ones are spread evenly between the others.
    let deleted = (n * 61) % 100 < u64::from(shape.deleted_percent);
    let status =
        if deleted { ConnectionStatus::Deleted { at: created.millis() + 1 } } else { ConnectionStatus::Active };
    let rare = if n.is_multiple_of(1000) { "rare".to_owned() } else { format!("team{}", n % 7) };
    let tags = if shape.tagged {
        Tags::parse(&[("team", rare.as_str()), ("env", "prod")])
    } else {
        Tags::parse::<&str, &str>(&[])
    };
    each(Record::Connection(Connection {
        id,
        project: project.clone(),
        name: format!("conn_{n:07}").parse().expect("a name"),
        dest_vpc: ExternalId::Uuid(uuid(3, n % 16)),
        dest_network: ExternalId::Uuid(uuid(4, n % 64)),
        route_table: None,
        created,
        status,
        tags: tags.expect("tags"),
        routes: Box::default(),
        ipv6: false,
        grantees: Box::default(),
    }));
    each(Record::Hosts(id, hosts()));
    if !deleted {
        each(Record::Peer(Peer {
            id: PeerId(uuid(5, n)),
            connection: id,
            project: project.clone(),
            source: SourceName::Queue(format!("resource_mode_{}", n % QUEUES).parse().expect("a queue name")),
            generation: 1,
            state: PeerState::Active,
            create_time: created.millis(),
            place: 0,
            update_time: created.millis() + 3,
        }));
    }
}

/// The host records of every connection.
pub fn hosts() -> Hosts {
    Hosts::parse(&[("ecs-97f8-0001", "192.168.0.167"), ("ecs-97f8-0002", "192.168.0.168")]).expect("hosts")
}

/// The state of a store that holds such a project.
pub fn state(shape: Shape) -> State {
    let mut loader = Loader::new(render);
    let mut n = 0;
    let mut add = |record: Record| {
        let at = Loc { revision: 1, n };
        n += 1;
        let stored = StoredRecord { at, key: record.key(), body: record.to_body() };
        loader.add(&stored).expect("a readable record");
    };
    identities(&mut add);
    records(shape, &project_id(), &mut add);
    let head = Head { epoch: 1, revision: 1, commit_id: 1, create_time: START_MS, format: RECORD_FORMAT };
    loader.finish(head).expect("a state")
}
