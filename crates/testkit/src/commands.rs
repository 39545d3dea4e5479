//! Random calls on a small world: few names, so that they collide, and many of them wrong.
//!
//! To add a command: a variant of [`Op`], a line in `calls`, its rule in [`oracle`](crate::oracle) and its request
//! in [`simulator`](crate::simulator).

use proptest::prelude::*;
use proptest::sample::select;

/// The callers of the world by number; each has one key of that number, which reads only for the one called so.
pub const CALLERS: [&str; 5] = ["root", "alice", "reader", "bob", "carol"];
/// The projects that each caller may call.
pub const RIGHTS: [&[usize]; 5] = [&[0, 1], &[0], &[0], &[1], &[2]];
/// The projects of the world by number. The last belongs to another domain.
pub const PROJECTS: [&str; 3] = ["a", "b", "c"];
/// Names that connections are given.
pub const NAMES: [&str; 4] = ["alpha", "Alpha", "beta", "gamma_9"];
/// Queues.
pub const QUEUE: &str = "queue";
/// Elastic resource pools.
pub const POOL: &str = "elastic resource pool";
/// A queue or pool as it is asked for.
pub type Name = (&'static str, &'static str);
/// Names that queues and pools are asked for by: some alike but for their case, one preset, some that none can have.
pub const SOURCES: [Name; 10] = [
    (QUEUE, "q1"),
    (QUEUE, "Q1"),
    (QUEUE, "q2"),
    (QUEUE, "q3"),
    (POOL, "p1"),
    (POOL, "P1"),
    (POOL, "p2"),
    (QUEUE, "default"),
    (QUEUE, "1"),
    (POOL, "p-3"),
];
/// Those that a furnished project has.
pub const FURNITURE: [Name; 6] =
    [(QUEUE, "q1"), (QUEUE, "Q1"), (QUEUE, "q2"), (POOL, "p1"), (POOL, "p2"), (POOL, "P2")];
/// VPCs.
pub const VPCS: [&str; 2] = ["v1", "v2"];
/// Subnets.
pub const SUBNETS: [&str; 4] = ["s1", "s2", "s3", "s4"];
/// Route tables.
pub const TABLES: [&str; 2] = ["t1", "t2"];
/// Networks: a few that overlap each other, and the first ones that queues and pools are given.
pub const CIDRS: [&str; 6] =
    ["10.0.0.0/24", "10.0.0.128/25", "10.0.1.0/24", "172.31.255.0/24", "172.16.0.0/17", "192.168.0.0/16"];
/// Host records, as `(name, address)`; the last are too long for a small budget.
pub const HOSTS: [&[(&str, &str)]; 4] = [
    &[],
    &[("h1", "10.0.0.1")],
    &[("h1", "10.0.0.2"), ("H1", "10.0.0.2"), ("h2", "10.0.0.3")],
    &[("a-name-that-takes-more-room-than-the-whole-project-has-left-for-host-records", "10.0.0.9"); 3],
];
/// Tags.
pub const TAGS: [&[(&str, &str)]; 4] =
    [&[], &[("env", "test")], &[("env", "prod"), ("k", "")], &[("k", ""), ("env", "test")]];

/// Names that routes are given.
pub const ROUTES: [&str; 3] = ["r1", "R1", "r2"];
/// Destinations of routes: one twice in other words, one that needs IPv6, which no connection of the world has.
pub const DESTINATIONS: [&str; 4] = ["10.9.0.0/16", "10.9.0.1/16", "10.8.0.0/16", "2001:db8::/32"];
/// A project by number that is granted things and never exists.
pub const GHOST: usize = PROJECTS.len();

/// From this number on a pick is one of any connection, whatever became of it and whoever owns it.
pub const ANY: usize = 100;

/// The limits of the world: small, so that they are met.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Whether only networks of the directory may be named.
    pub strict: bool,
    /// Most peers of a connection.
    pub peers: usize,
    /// Most custom routes of a connection.
    pub routes: usize,
    /// Most projects that a connection is granted to.
    pub grantees: usize,
    /// Most bytes of host records of a project.
    pub host_bytes: usize,
    /// How long a peer may be `CREATING`.
    pub deadline_ms: i64,
    /// How long deleted connections are kept.
    pub keep_ms: i64,
    /// How many of them.
    pub keep: usize,
}

impl Limits {
    /// Limits that a dozen calls can reach.
    #[must_use]
    pub const fn small(strict: bool) -> Self {
        Self { strict, peers: 3, routes: 2, grantees: 2, host_bytes: 500, deadline_ms: 1000, keep_ms: 10_000, keep: 3 }
    }
}

/// What is asked for. A small number picks from the connections that the project has, one from [`ANY`] on from all
/// that ever were; one past the end is something unknown.
#[derive(Debug, Clone)]
pub enum Op {
    /// Creates a connection.
    Create(NewOp),
    /// Deletes one.
    Delete(usize),
    /// Replaces its hosts by these of [`HOSTS`].
    SetHosts(usize, usize),
    /// Sets these tags of [`TAGS`], or takes away those that bear their keys.
    Retag(usize, usize, bool),
    /// Binds queues and pools.
    Bind(usize, Vec<Name>),
    /// Unbinds them.
    Unbind(usize, Vec<Name>),
    /// Adds a route with a destination, or deletes one.
    Route(usize, &'static str, Option<&'static str>),
    /// Grants a connection to a project, or takes it back.
    Grant(usize, usize, bool),
    /// Creates a queue or pool.
    CreateSource(SourceOp),
    /// Deletes one.
    DeleteSource(Name),
    /// Registers a VPC, or a subnet of a VPC, with its network.
    Register(&'static str, Option<&'static str>, Option<&'static str>),
    /// Registers a route table of a VPC.
    Table(&'static str, &'static str),
    /// Lets a subnet use a route table, or no longer.
    Use(&'static str, &'static str, bool),
    /// Takes a VPC, subnet or route table out.
    Unregister(&'static str),
    /// Enables or disables a `user`, `key` or `project`.
    Enable(&'static str, usize, bool),
    /// A reconciler's batch.
    Report(Vec<Finding>),
    /// The node looks for what is past its time.
    Housekeeping,
    /// The clock moves, perhaps back.
    Move(i64),
}

/// A connection to create.
#[derive(Debug, Clone)]
pub struct NewOp {
    /// Its name.
    pub name: &'static str,
    /// Its VPC.
    pub vpc: &'static str,
    /// Its subnet.
    pub net: &'static str,
    /// The route table that is named.
    pub table: Option<&'static str>,
    /// What to bind.
    pub sources: Vec<Name>,
    /// Its hosts, of [`HOSTS`].
    pub hosts: usize,
    /// Its tags, of [`TAGS`].
    pub tags: usize,
}

/// A queue or pool to create.
#[derive(Debug, Clone)]
pub struct SourceOp {
    /// Its name.
    pub name: Name,
    /// The pool that a queue is to live in.
    pub pool: Option<&'static str>,
    /// The resource mode of a queue.
    pub mode: Option<u8>,
    /// The network of a pool.
    pub cidr: Option<&'static str>,
}

/// One report of a batch.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Picks a peer, removed ones included.
    pub peer: usize,
    /// How many desired states it is behind.
    pub behind: u32,
    /// What it says.
    pub found: Found,
}

/// What a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Installed.
    Active,
    /// Not possible.
    Failed(&'static str),
    /// Nothing left.
    Removed,
}

/// An [`Op`] and who asks for it where.
#[derive(Debug, Clone)]
pub struct Call {
    /// Of [`CALLERS`].
    pub caller: usize,
    /// Of [`PROJECTS`].
    pub project: usize,
    /// Whether the right was given at the very beginning, when everyone was enabled, instead of just now.
    pub held: bool,
    /// What for.
    pub op: Op,
}

/// What happens in one run.
#[derive(Debug, Clone)]
pub struct Play {
    /// Whether only networks of the directory may be named.
    pub strict: bool,
    /// Whether there is something to bind and somewhere to lead to from the start.
    pub furnished: bool,
    /// What is asked for, one after the other.
    pub calls: Vec<Call>,
}

/// Runs of up to `most` calls.
pub fn plays(most: usize) -> impl Strategy<Value = Play> {
    let calls = prop::collection::vec(call(), most / 3..most);
    (any::<bool>(), prop::bool::weighted(0.8), calls).prop_map(|(strict, furnished, calls)| Play {
        strict,
        furnished,
        calls,
    })
}

impl Play {
    /// The limits of its world.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits::small(self.strict)
    }

    /// All calls, those that furnish the world first.
    pub fn all(&self) -> impl Iterator<Item = Call> {
        let furniture = if self.furnished { furniture() } else { Vec::new() };
        furniture.into_iter().chain(self.calls.iter().cloned())
    }
}

/// What the projects have to begin with: something that can be bound, and somewhere to lead to.
fn furniture() -> Vec<Call> {
    let source = |name, pool, cidr| Op::CreateSource(SourceOp { name, pool, mode: Some(1), cidr });
    let ops = [
        source((POOL, "p1"), None, None),
        source((POOL, "p2"), None, Some("10.0.0.0/24")),
        source((QUEUE, "q1"), None, None),
        source((QUEUE, "q2"), Some("p1"), None),
        Op::Register("v1", None, None),
        Op::Register("s1", Some("v1"), Some("192.168.0.0/16")),
        Op::Register("s2", Some("v1"), Some("10.0.0.128/25")),
        Op::Register("v2", None, None),
        Op::Register("s3", Some("v2"), Some("10.0.0.128/25")),
        Op::Table("t1", "v1"),
    ];
    let by = |caller, project| ops.iter().map(move |op| Call { caller, project, held: false, op: op.clone() });
    // The project of the other domain has nowhere to lead to: it has what it can bind to what it is granted.
    (0..2).flat_map(|project| by(0, project)).chain(by(4, 2).take(4)).collect()
}

/// One call; most come from someone with a right to the project.
pub fn call() -> impl Strategy<Value = Call> {
    let who = prop_oneof![
        20 => select(vec![(0, 0), (1, 0)]),
        6 => select(vec![(0, 1), (3, 1)]),
        3 => Just((4, 2)),
        1 => (0..CALLERS.len(), 0..PROJECTS.len()),
    ];
    (who, prop::bool::weighted(0.3), op()).prop_map(|((caller, project), held, op)| Call { caller, project, held, op })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        40 => connections(),
        8 => sources(),
        8 => networks(),
        2 => identities(),
        24 => prop::collection::vec(finding(), 0..5).prop_map(Op::Report),
        4 => Just(Op::Housekeeping),
        8 => prop_oneof![4 => 0..400_i64, 1 => -300..0_i64, 1 => 500..6000_i64].prop_map(Op::Move),
    ]
}

/// Names that are mostly good ones, queues before pools as every request has them.
fn names(most: usize) -> impl Strategy<Value = Vec<Name>> {
    let one = prop_oneof![9 => select(&FURNITURE[..]), 1 => select(&SOURCES[..])];
    let any = prop_oneof![15 => prop::collection::vec(one, 1..=most), 1 => Just(Vec::new())];
    any.prop_map(|mut names: Vec<Name>| {
        names.sort_by_key(|name| name.0 == POOL);
        names
    })
}

fn connections() -> impl Strategy<Value = Op> {
    let place = prop_oneof![
        6 => select(&[("v1", "s1"), ("v1", "s2"), ("v2", "s3")][..]),
        1 => (select(&VPCS[..]), select(&SUBNETS[..])),
    ];
    let to = (select(&NAMES[..]), place, prop::option::weighted(0.2, select(&TABLES[..])));
    let with = (prop_oneof![3 => names(3), 2 => Just(vec![])], 0..HOSTS.len(), 0..TAGS.len());
    let create = (to, with).prop_map(|((name, (vpc, net), table), (sources, hosts, tags))| {
        Op::Create(NewOp { name, vpc, net, table, sources, hosts, tags })
    });
    let which = || prop_oneof![5 => 0..6_usize, 1 => ANY..ANY + 12];
    prop_oneof![
        8 => create,
        3 => which().prop_map(Op::Delete),
        2 => (which(), 0..HOSTS.len()).prop_map(|(at, hosts)| Op::SetHosts(at, hosts)),
        2 => (which(), 0..TAGS.len(), any::<bool>()).prop_map(|(at, tags, set)| Op::Retag(at, tags, set)),
        5 => (which(), names(3)).prop_map(|(at, names)| Op::Bind(at, names)),
        4 => (which(), names(3)).prop_map(|(at, names)| Op::Unbind(at, names)),
        3 => (which(), select(&ROUTES[..]), prop::option::weighted(0.7, select(&DESTINATIONS[..])))
            .prop_map(|(at, name, to)| Op::Route(at, name, to)),
        4 => (which(), 0..=GHOST, prop::bool::weighted(0.7)).prop_map(|(at, to, on)| Op::Grant(at, to, on)),
    ]
}

fn sources() -> impl Strategy<Value = Op> {
    let pool = prop::option::weighted(0.4, select(&["p1", "P1", "p2", "p-3"][..]));
    let mode = prop_oneof![4 => Just(Some(1)), 1 => Just(None), 1 => Just(Some(0))];
    let cidr = prop::option::of(select(&CIDRS[..]));
    // Names that can't be parsed never come as far as a command that creates.
    let create = (select(&SOURCES[..8]), pool, mode, cidr)
        .prop_map(|(name, pool, mode, cidr)| Op::CreateSource(SourceOp { name, pool, mode, cidr }));
    prop_oneof![2 => create, 1 => select(&SOURCES[..]).prop_map(Op::DeleteSource)]
}

fn networks() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (select(&VPCS[..]), prop::option::weighted(0.3, select(&CIDRS[..])))
            .prop_map(|(id, cidr)| Op::Register(id, None, cidr)),
        4 => (select(&SUBNETS[..3]), select(&VPCS[..]), select(&CIDRS[..]))
            .prop_map(|(id, vpc, cidr)| Op::Register(id, Some(vpc), Some(cidr))),
        1 => (select(&TABLES[..]), select(&VPCS[..])).prop_map(|(id, vpc)| Op::Table(id, vpc)),
        3 => (select(&TABLES[..]), select(&SUBNETS[..3]), prop::bool::weighted(0.7))
            .prop_map(|(table, subnet, on)| Op::Use(table, subnet, on)),
        1 => select(&VPCS[..]).prop_map(Op::Unregister),
        2 => select(&SUBNETS[..]).prop_map(Op::Unregister),
        1 => select(&TABLES[..]).prop_map(Op::Unregister),
    ]
}

fn identities() -> impl Strategy<Value = Op> {
    let which = prop_oneof![
        (0..CALLERS.len()).prop_map(|user| ("user", user)),
        // Without the key of root nobody could turn anything on again.
        (1..CALLERS.len()).prop_map(|key| ("key", key)),
        (0..PROJECTS.len()).prop_map(|project| ("project", project)),
    ];
    (which, prop::bool::weighted(0.7)).prop_map(|((kind, which), on)| Op::Enable(kind, which, on))
}

fn finding() -> impl Strategy<Value = Finding> {
    let found = prop_oneof![
        4 => Just(Found::Active),
        2 => select(&["because of a fault", "because of another fault"][..]).prop_map(Found::Failed),
        3 => Just(Found::Removed),
    ];
    let behind = prop_oneof![5 => Just(0_u32), 1 => 1..3_u32];
    (0..12_usize, behind, found).prop_map(|(peer, behind, found)| Finding { peer, behind, found })
}
