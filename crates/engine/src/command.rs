//! What can be asked of the engine, in the words of the model.
//!
//! To add a command: a variant here, its rules in `decide`, its audit name beside its siblings'.

mod admin;
mod compute;
mod connectivity;
pub mod import;
mod network;
mod resource;

use linkspan_model::{
    AccessKeyId, Cidr4, ConnectionId, ConnectionName, DomainId, ExternalId, Hosts, PeerId, Pool, PoolName, ProjectId,
    Queue, QueueName, RouteName, SourceName, Stamp, Tags, UserId,
};

pub use self::admin::{AdminCommand, NewKey, NewUser, Placement, UserChange};
pub use self::compute::{PoolChange, QueueChange};
pub use self::connectivity::{NewTest, TestFinding};
use self::import::{Import, ImportOutcome};
pub use self::network::{
    NewNetworkBinding, NewRouteTable, NewSubnet, NewVpc, RouteTableChange, SubnetChange, VpcChange,
};
pub use self::resource::{ResourceKind, ResourceRef};
use crate::acting::PlaneScope;
use crate::record::Setting;
use crate::scope::{AdminScope, Scope};

/// A request to the writer.
#[derive(Debug, Clone)]
pub enum Request {
    /// A caller changes a project's things.
    Project(Scope, Command),
    /// An administrator changes identities.
    Admin(AdminScope, AdminCommand),
    /// The node itself: nobody's credential, no audit.
    System(SystemCommand),
}

/// Queues and pools as a caller names them, each once, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceNames {
    /// Queues.
    pub queues: Vec<String>,
    /// Elastic resource pools.
    pub pools: Vec<String>,
}

/// A change of a project's things.
#[derive(Debug, Clone)]
pub enum Command {
    /// `dli_02_0187`. Replies [`Reply::Created`].
    CreateConnection(NewConnection),
    /// `dli_02_0188`. Replies [`Reply::Done`], or [`Reply::Cancelling`] while peers are being created.
    DeleteConnection(ConnectionId),
    /// `dli_02_0200`: replaces all host records.
    SetHosts(ConnectionId, Hosts),
    /// `dli_02_0191`.
    Bind(ConnectionId, SourceNames),
    /// `dli_02_0192`. Replies [`Reply::Unbound`].
    Unbind(ConnectionId, SourceNames),
    /// `dli_02_0371`, `dli_02_0344`: adds a custom route.
    AddRoute(ConnectionId, NewRoute),
    /// `dli_02_0372`, `dli_02_0345`: takes the route of this name away.
    DeleteRoute(ConnectionId, String),
    /// `dli_02_0318`. Replies [`Reply::Unbound`] with the peers that the project loses.
    Authorize(Authorization),
    /// `dli_02_0194`.
    CreateQueue(NewQueue),
    /// `dli_02_0195`.
    DeleteQueue(String),
    /// Changes the queue of this name. Replies [`Reply::Queue`] with the queue as it is then.
    ChangeQueue(String, QueueChange),
    /// `dli_02_0326`.
    CreatePool(NewPool),
    /// Changes the pool of this name.
    ChangePool(String, PoolChange),
    /// `dli_02_0328`.
    DeletePool(String),
    /// `dli_02_0284`. Replies [`Reply::Test`].
    TestConnectivity(NewTest),
    /// Registers a VPC in the directory of networks. Replies [`Reply::Network`].
    CreateVpc(NewVpc),
    /// Changes a VPC.
    ChangeVpc(ExternalId, VpcChange),
    /// Takes a VPC out of the directory, with its default route table.
    DeleteVpc(ExternalId),
    /// Registers a subnet. Replies [`Reply::Network`].
    CreateSubnet(NewSubnet),
    /// Changes a subnet.
    ChangeSubnet(ExternalId, SubnetChange),
    /// Takes a subnet out of the directory.
    DeleteSubnet {
        /// The VPC that it must be part of, if the caller names one.
        vpc: Option<ExternalId>,
        /// Its id.
        id: ExternalId,
    },
    /// Registers a custom route table. Replies [`Reply::Network`].
    CreateRouteTable(NewRouteTable),
    /// Changes a route table.
    ChangeRouteTable(ExternalId, RouteTableChange),
    /// Takes a custom route table out of the directory.
    DeleteRouteTable(ExternalId),
    /// Binds a network to a name that the administrator of the plane's host allows, in place of any other.
    BindNetwork(NewNetworkBinding),
    /// Takes back what a network is bound to.
    UnbindNetwork(ExternalId),
    /// Takes over things from elsewhere with their ids and times. Replies [`Reply::Imported`].
    Import(Import),
    /// `dli_02_0396`: sets tags; those with other keys stay.
    AddTags(ResourceRef, Tags),
    /// `dli_02_0397`: takes away the tags with these keys, whether they are there or not.
    RemoveTags(ResourceRef, Vec<String>),
}

/// A connection to create.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// Its name.
    pub name: ConnectionName,
    /// The VPC of the data source.
    pub dest_vpc: ExternalId,
    /// The subnet of the data source.
    pub dest_network: ExternalId,
    /// The route table of that subnet.
    pub route_table: Option<ExternalId>,
    /// What to bind at once.
    pub sources: SourceNames,
    /// Its host records.
    pub hosts: Hosts,
    /// Its tags.
    pub tags: Tags,
}

/// A custom route to add.
#[derive(Debug, Clone)]
pub struct NewRoute {
    /// Its name.
    pub name: RouteName,
    /// Its destination as sent: a CIDR or a bare address.
    pub cidr: Box<str>,
}

/// A change of what a project is granted, as the caller words it: `decide` says what may be granted to whom.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// What to do.
    pub action: GrantAction,
    /// The project it is about; it need not exist here.
    pub project: Option<String>,
    /// A user it is about, by name.
    pub user: Option<String>,
    /// Objects (`edsconnections.{connection_id}`), each with the privileges on it (`BIND_QUEUE`).
    pub objects: Vec<(String, Vec<String>)>,
}

/// What is done with privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantAction {
    /// They are added.
    Grant,
    /// They are taken away.
    Revoke,
    /// They replace those there were; none takes all away.
    Update,
}

/// A queue to create; what a caller may choose.
#[derive(Debug, Clone)]
pub struct NewQueue {
    /// As [`Queue`], with id, times, owner, project and networks still unset.
    pub template: QueueTemplate,
    /// The pool to create it in, as named.
    pub pool: Option<String>,
    /// 0 shared, 1 dedicated; absent = 1 in a pool, else 0.
    pub resource_mode: Option<u8>,
}

/// The free choices of a new queue.
#[derive(Debug, Clone)]
pub struct QueueTemplate {
    /// Its name.
    pub name: QueueName,
    /// Free text.
    pub description: Box<str>,
    /// What it runs.
    pub queue_type: linkspan_model::QueueType,
    /// Compute units.
    pub cu_count: u32,
    /// `0` is the default enterprise project.
    pub enterprise_project_id: Box<str>,
    /// `x86_64` or `aarch64`.
    pub platform: Box<str>,
    /// As sent.
    pub labels: Box<[Box<str>]>,
    /// `basic` or `ai`.
    pub feature: Box<str>,
    /// The engine of an SQL queue.
    pub engine: linkspan_model::QueueEngine,
    /// Properties, values as JSON text.
    pub properties: std::collections::BTreeMap<Box<str>, Box<str>>,
    /// Tags.
    pub tags: Tags,
}

/// A pool to create.
#[derive(Debug, Clone)]
pub struct NewPool {
    /// Its name.
    pub name: PoolName,
    /// Free text.
    pub description: Box<str>,
    /// Most compute units.
    pub max_cu: u32,
    /// Fewest compute units.
    pub min_cu: u32,
    /// Its network; absent = the lowest free /18 of the documented default.
    pub cidr: Option<Cidr4>,
    /// `0` is the default enterprise project.
    pub enterprise_project_id: Box<str>,
    /// Whether it has IPv6 too.
    pub ipv6: bool,
    /// Labels.
    pub labels: linkspan_model::PoolLabels,
    /// Tags.
    pub tags: Tags,
}

/// What a node does by itself.
#[derive(Debug, Clone)]
pub enum SystemCommand {
    /// Makes the first domain, project, user and key in a store that has none. Replies [`Reply::Done`].
    Bootstrap(Box<Bootstrap>),
    /// Gives a user the role admin, a password and a key: the way back in.
    ResetAdmin(UserId, Box<str>, NewKey),
    /// Sets a setting.
    Set(Setting),
    /// Sets a setting that has no value yet: of nodes that start together, the first one does.
    Introduce(Setting),
    /// Puts on record that a node acts for a plane from now on, by name.
    TakeOver(Fence, Box<str>),
    /// A command of a node that acts for a plane, refused once another one does.
    Fenced(Fence, Box<SystemCommand>),
    /// Asks something of whoever acts for a part of the plane. Replies [`Reply::PlaneRequest`].
    Ask(PlaneScope, Box<str>),
    /// The answer to it.
    Answer(Stamp, Box<str>),
    /// The answer has been read, or is no longer waited for.
    Forget(Stamp),
    /// What a reconciler found.
    Report(Vec<PeerReport>),
    /// What came out of a connectivity test.
    Tested(TestFinding),
    /// Fails peers and tests past their deadline, purges deleted connections and tests past their time: a bounded number
    /// each.
    Housekeeping,
}

/// Under which lease a node acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// What it acts for.
    pub scope: PlaneScope,
    /// The lease's generation.
    pub generation: u64,
}

/// The first identities of a store.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    /// The domain.
    pub domain: linkspan_model::Domain,
    /// The project.
    pub project: linkspan_model::Project,
    /// The user, with the role admin.
    pub user: linkspan_model::User,
    /// Its key.
    pub key: linkspan_model::AccessKey,
}

/// What a reconciler found about one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerReport {
    /// The peer.
    pub peer: PeerId,
    /// The desired state it is about; a report about an older one is dropped.
    pub generation: u32,
    /// What it found.
    pub outcome: PeerOutcome,
}

/// What became of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerOutcome {
    /// Installed and verified.
    Active,
    /// It could not be made.
    Failed(linkspan_model::Failure),
    /// Nothing of it is left.
    Removed,
}

/// What the writer answers once a change is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is done.
    Done,
    /// The connection was created.
    Created(ConnectionId),
    /// The connection has peers that are being created; their creation is called off. Ask again when they have settled.
    Cancelling(SourceName),
    /// These peers were unbound; the plane is still to cut them.
    Unbound(Vec<PeerId>),
    /// The queue was created or changed; as it is now.
    Queue(Box<Queue>),
    /// The pool was created.
    Pool(Box<Pool>),
    /// What became of each thing of an import, in order.
    Imported(Vec<ImportOutcome>),
    /// The connectivity test was begun; its number is its `task_id`.
    Test(Stamp),
    /// The request to whoever acts for the plane was made; this names it.
    PlaneRequest(Stamp),
    /// The network was registered under this id.
    Network(ExternalId),
    /// The domain was created.
    Domain(DomainId),
    /// The project was created.
    Project(ProjectId),
    /// The user was created.
    User(UserId),
    /// The key was created.
    Key(AccessKeyId),
}
