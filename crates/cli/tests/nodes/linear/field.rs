//! Three nodes, each with a way to the database of its own, two projects, and keys that may be revoked.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use linkspan_client::{ClientError, Credentials, ProjectClient};
use linkspan_testkit::postgres::Cluster;
use linkspan_testkit::postgres::pooler::Pooler;
use linkspan_testkit::postgres::proxy::Proxy;
use linkspan_wire::ListConnectionsQuery;
use linkspan_wire::own::{CreateKey, CreateProject};

use super::record::{KEYS, NAMES};
use crate::calls::new_queue;
use crate::node::{Node, SCHEMA, Stage};

pub(super) const NODES: usize = 3;

const DIRECTORIES: [&str; NODES] = ["a", "b", "c"];

/// The queue of either project.
pub(super) const QUEUE: &str = "etl";

/// How long all nodes may take to be ready.
pub(super) const WITHIN: Duration = Duration::from_secs(30);

/// What clients need of a node.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) owner: ProjectClient,
    pub(super) grantee: ProjectClient,
    /// The owner's project by way of each revocable key.
    pub(super) keyed: Vec<ProjectClient>,
}

/// What clients share: the way to each node, none while it is down, and the last id seen under each name.
#[derive(Default)]
pub(super) struct Shared {
    /// Whether clients have asked enough.
    pub(super) is_over: AtomicBool,
    pub(super) nodes: [Mutex<Option<Access>>; NODES],
    pub(super) ids: [Mutex<Option<String>>; NAMES.len()],
}

pub(super) struct Field {
    stage: Stage,
    /// What takes the database's place when that is lost.
    standby: Option<Cluster>,
    /// What is between the nodes and the database.
    pooler: Option<Pooler>,
    reads: String,
    nodes: Vec<Option<Node>>,
    pub(super) proxies: Vec<Proxy>,
    pub(super) shared: Arc<Shared>,
    pub(super) grantee: String,
    pub(super) keys: Vec<(String, String)>,
    credentials: PathBuf,
}

impl Field {
    /// Three nodes on one database.
    pub(super) async fn start(reads: &str) -> Self {
        Self::on(Stage::new(), (None, None), reads).await
    }

    /// Three nodes behind a pooler, which has fewer connections than they ask for.
    pub(super) async fn pooled() -> Self {
        let stage = Stage::new();
        let pooler = Pooler::before(&stage.cluster, 4);
        Self::on(stage, (None, Some(pooler)), "strong").await
    }

    /// Three nodes on a database that has every commit on a standby before it answers.
    pub(super) async fn replicated() -> Self {
        let stage = Stage::new();
        let standby = stage.cluster.standby(stage.cluster.port());
        stage.cluster.wait_for_standby();
        stage.cluster.set("synchronous_standby_names", "'standby'");
        stage.cluster.wait_for("SELECT sync_state FROM pg_stat_replication", "sync");
        Self::on(stage, (Some(standby), None), "strong").await
    }

    async fn on(stage: Stage, (standby, pooler): (Option<Cluster>, Option<Pooler>), reads: &str) -> Self {
        let port = pooler.as_ref().map_or(stage.cluster.port(), Pooler::port);
        let proxies = (0..NODES).map(|_| Proxy::before(port)).collect();
        let mut field = Self {
            stage,
            standby,
            pooler,
            reads: reads.into(),
            nodes: (0..NODES).map(|_| None).collect(),
            proxies,
            shared: Arc::default(),
            grantee: String::new(),
            keys: Vec::new(),
            credentials: PathBuf::new(),
        };
        for at in 0..NODES {
            field.nodes[at] = Some(field.begin(at));
        }
        field.credentials = field.stage.credentials(&DIRECTORIES).remove(0);
        field.furnish().await;
        for at in 0..NODES {
            field.open(at);
        }
        field.is_known_everywhere().await;
        field
    }

    fn begin(&self, at: usize) -> Node {
        let mut command = self.stage.command(DIRECTORIES[at], &["--reads", &self.reads]);
        let ports: Vec<u16> =
            [self.proxies[at].port()].into_iter().chain(self.standby.iter().map(Cluster::port)).collect();
        command.env("LINKSPAN_DATABASE", self.stage.cluster.url_by(&ports, SCHEMA));
        Node::start(command)
    }

    /// Makes the second project, queues and keys.
    async fn furnish(&mut self) {
        let owner = self.nodes[0].as_ref().unwrap().project(&self.credentials);
        let admin = owner.client().admin();
        let new: CreateProject = serde_json::from_str(r#"{"name":"other"}"#).unwrap();
        self.grantee = admin.create_project(&new).await.unwrap().id.to_string();
        for project in [owner.clone(), owner.client().project(&self.grantee)] {
            project.create_queue(&new_queue(QUEUE)).await.unwrap();
        }
        let user = admin.list_users().await.unwrap()[0].id.clone();
        for _ in 0..KEYS {
            let new: CreateKey = serde_json::from_str(&format!(r#"{{"user_id":"{user}","role":"full"}}"#)).unwrap();
            let made = admin.create_key(&new).await.unwrap();
            self.keys.push((made.key.id.to_string(), made.secret.expose().to_owned()));
        }
    }

    /// Lets clients come to a node.
    fn open(&self, at: usize) {
        let node = self.nodes[at].as_ref().unwrap();
        let owner = node.project(&self.credentials);
        let grantee = owner.client().project(&self.grantee);
        let keyed = |(id, secret): &(String, String)| {
            node.client(Credentials::key(id.as_str(), secret.as_str())).project(owner.id())
        };
        let keyed = self.keys.iter().map(keyed).collect();
        *self.shared.nodes[at].lock().unwrap() = Some(Access { owner, grantee, keyed });
    }

    /// Eventual nodes hear of keys and projects later, which is not what is to be found out.
    async fn is_known_everywhere(&self) {
        let deadline = Instant::now() + WITHIN;
        for access in self.all() {
            for project in access.keyed.iter().chain([&access.grantee]) {
                while list(project).await.is_err() {
                    assert!(Instant::now() < deadline, "a node does not hear of what another has made");
                }
            }
        }
    }

    /// The way to every node.
    pub(super) fn all(&self) -> Vec<Access> {
        self.shared.nodes.iter().map(|node| node.lock().unwrap().clone().unwrap()).collect()
    }

    pub(super) fn signal(&self, at: usize, name: &str) {
        self.nodes[at].as_ref().unwrap().signal(name);
    }

    /// Lets commits through that were held back, which their node has given up.
    pub(super) fn release(&self, at: usize) {
        while self.proxies[at].is_holding() {
            let _said = tokio::task::block_in_place(|| self.proxies[at].release());
        }
    }

    /// Kills the database and starts it again.
    pub(super) fn crash_database(&mut self) {
        tokio::task::block_in_place(|| {
            self.stage.cluster.crash();
            self.stage.cluster.run();
            if let Some(pooler) = &self.pooler {
                // A node that starts meanwhile would be turned away.
                pooler.wait_for(&self.stage.cluster);
            }
        });
    }

    /// Kills the database for good and makes its standby the primary.
    pub(super) fn fail_over(&mut self) {
        tokio::task::block_in_place(|| {
            self.stage.cluster.kill();
            self.standby.as_ref().unwrap().promote();
        });
    }

    /// Cuts every connection of the pooler.
    pub(super) fn restart_pooler(&mut self) {
        tokio::task::block_in_place(|| self.pooler.as_mut().unwrap().restart());
    }

    /// The node that acts for the plane, if one does.
    pub(super) fn acting(&self) -> Option<usize> {
        let acts = |node: &Option<Node>| node.as_ref().is_some_and(|node| node.figure("acts_for_plane") == 1);
        self.nodes.iter().position(acts)
    }

    /// Kills a node without a warning.
    pub(super) fn kill(&mut self, at: usize) {
        self.nodes[at].take();
        self.shared.nodes[at].lock().unwrap().take();
    }

    /// Starts it again.
    pub(super) fn restart(&mut self, at: usize) {
        self.nodes[at] = Some(tokio::task::block_in_place(|| self.begin(at)));
        self.open(at);
    }
}

pub(super) async fn list(
    project: &ProjectClient,
) -> Result<linkspan_client::Page<linkspan_client::ConnectionInfo>, ClientError> {
    let query = ListConnectionsQuery { status: Some(linkspan_wire::StatusFilter::Active), ..Default::default() };
    project.list_connections(&query).await
}
