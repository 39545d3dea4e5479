//! While nodes get nothing out of the database, every answer is in time and honest; afterwards all goes on, and what was
//! answered is there.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use linkspan_client::{ClientError, ProjectClient};
use linkspan_testkit::postgres::Cluster;
use linkspan_testkit::postgres::pooler::Pooler;
use linkspan_wire::{Limit, ListConnectionsQuery};
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::timeout;

use crate::calls::{is_unavailable, new_connection};
use crate::node::{Node, SCHEMA, Stage, get};
use crate::turns::{SUCCESSION, acting};

/// One node of each kind of reads.
const NAMES: [&str; 2] = ["strong", "eventual"];
/// Within these a node says that it can't answer, as the documentation has it.
const READ_WITHIN: Duration = Duration::from_secs(2);
const CHANGE_WITHIN: Duration = Duration::from_secs(10);
/// The oldest that an eventual read may be.
const OLDEST: Duration = Duration::from_secs(10);
/// What a machine may need on top of any limit, which other tests keep busy.
const MARGIN: Duration = Duration::from_secs(10);
/// How long nodes may take to answer again.
const RECOVERS_WITHIN: Duration = Duration::from_secs(30);
/// Clients of each node that make changes all the time.
const WRITERS: usize = 2;

struct Outage {
    nodes: Vec<Node>,
    projects: Vec<ProjectClient>,
    kept: String,
    is_over: Arc<AtomicBool>,
    writers: Vec<JoinHandle<BTreeMap<String, String>>>,
}

impl Outage {
    /// Nodes that answer, and clients that make changes on them.
    async fn before(stage: &Stage) -> Self {
        let start = |name: &&str| Node::start(stage.command(name, &["--reads", name]));
        let nodes: Vec<Node> = NAMES.iter().map(start).collect();
        let projects = stage.projects(&NAMES, &nodes);
        let kept = projects[0].create_connection(&new_connection("kept")).await.unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let mut writers = Vec::new();
        for (number, project) in (0..WRITERS).flat_map(|round| projects.iter().map(move |project| (round, project))) {
            let name = format!("{}_{number}", NAMES[writers.len() % NAMES.len()]);
            writers.push(tokio::spawn(write(project.clone(), name, Arc::clone(&is_over))));
        }
        let me = Self { nodes, projects, kept, is_over, writers };
        let has_heard = async || me.projects[1].show_connection(&me.kept).await.is_ok();
        until("an eventual node hears of nothing", has_heard).await;
        me
    }

    /// What must be true while the database gives nothing, since this time at the latest.
    async fn is_told(&self, since: Instant) {
        let [strong, eventual] = &self.projects[..] else { panic!("two nodes") };
        let (one, two) = (new_connection("refused_1"), new_connection("refused_2"));
        let list = ListConnectionsQuery::default();
        tokio::join!(
            refused(READ_WITHIN, strong.list_connections(&list)),
            refused(READ_WITHIN, strong.show_connection(&self.kept)),
            refused(CHANGE_WITHIN, strong.create_connection(&one)),
            refused(CHANGE_WITHIN, eventual.create_connection(&two)),
            refused(CHANGE_WITHIN, strong.delete_connection(&self.kept)),
        );
        for (node, name) in self.nodes.iter().zip(NAMES) {
            for address in [&node.http, &node.metrics] {
                assert!(said(address, "/healthz").await.starts_with("HTTP/1.1 200"), "{name} lives");
                let ready = said(address, "/readyz").await;
                assert!(ready.starts_with("HTTP/1.1 503") && ready.ends_with(r#"{"status":"unavailable"}"#), "{ready}");
            }
            let silent_ms = u64::try_from(since.elapsed().as_millis()).unwrap();
            let known_ms = block_in_place(|| node.figure("view_age_milliseconds"));
            assert!(known_ms >= silent_ms, "{name} knows all that is stored since {known_ms} ms, or so it says");
        }
        if since.elapsed() < OLDEST {
            self.is_old_and_says_so(since).await;
        }
    }

    /// Whether an eventual read is answered; how old it may be is then at least the time since the database was silent.
    async fn is_old_and_says_so(&self, since: Instant) -> bool {
        let silent_ms = since.elapsed().as_millis();
        let answer = said(&self.nodes[1].http, "/v2.0/p/datasource/enhanced-connections").await;
        let age = answer.lines().find_map(|line| line.strip_prefix("x-linkspan-staleness-ms: "));
        let Some(age) = age.map(|age| age.parse::<u128>().unwrap()) else {
            assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
            return false;
        };
        assert!(age >= silent_ms && age <= OLDEST.as_millis(), "{age} ms old after {silent_ms} ms of silence");
        true
    }

    /// What must be true soon after the database is back.
    async fn end(self) {
        for node in &self.nodes {
            let is_ready = async || said(&node.http, "/readyz").await.starts_with("HTTP/1.1 200");
            until("a node is not ready again", is_ready).await;
        }
        for (project, name) in self.projects.iter().zip(NAMES) {
            // A connection of one purpose may be found broken later than another's.
            let new = new_connection(&format!("after_{name}"));
            until("a node takes no changes again", async || project.create_connection(&new).await.is_ok()).await;
        }
        acting(&self.nodes, SUCCESSION).await;
        self.is_over.store(true, Ordering::Relaxed);
        let mut written = BTreeMap::new();
        for writer in self.writers {
            written.extend(writer.await.unwrap());
        }
        let all = ListConnectionsQuery { limit: Limit::All, ..Default::default() };
        let all = self.projects[0].list_connections(&all).await.unwrap().items;
        let mut stored = BTreeMap::new();
        for connection in &all {
            let twice = stored.insert(connection.name.clone(), connection.id.clone());
            assert_eq!(twice, None, "{} is there twice", connection.name);
        }
        for (name, id) in &written {
            assert_eq!(stored.get(name), Some(id), "{name} was answered and is lost");
        }
        assert!(stored.get("kept") == Some(&self.kept) && written.len() > 10, "{} were written", written.len());
    }
}

/// Waits for something that must come true.
async fn until(otherwise: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + RECOVERS_WITHIN;
    while !is_so().await {
        assert!(Instant::now() < deadline, "{otherwise}");
        tokio::task::yield_now().await;
    }
}

/// Makes one connection after the other; answers the ids of those that were answered. Each must be answered in time.
async fn write(project: ProjectClient, name: String, is_over: Arc<AtomicBool>) -> BTreeMap<String, String> {
    let mut answered = BTreeMap::new();
    for number in 0.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("{name}_{number}");
        let new = new_connection(&name);
        let asked = timeout(CHANGE_WITHIN + MARGIN, project.create_connection(&new));
        match asked.await.unwrap_or_else(|_| panic!("{name} is not answered in time")) {
            Ok(id) => drop(answered.insert(name, id)),
            Err(error) => assert!(is_unavailable(&error), "{error}"),
        }
    }
    answered
}

/// What is asked must be refused in time.
async fn refused<T: Debug>(within: Duration, asked: impl Future<Output = Result<T, ClientError>>) {
    let answer = timeout(within + MARGIN, asked).await.unwrap_or_else(|_| panic!("nothing is answered in time"));
    let Err(error) = answer else { panic!("it is answered without the database: {answer:?}") };
    assert!(is_unavailable(&error), "{error}");
    assert!(error.api().unwrap().retry_after.is_some(), "it does not say when to come again");
}

/// What a node says about itself, in time.
async fn said(address: &str, path: &'static str) -> String {
    let address = address.to_owned();
    let asked = tokio::task::spawn_blocking(move || get(&address, path));
    timeout(READ_WITHIN + MARGIN, asked).await.unwrap_or_else(|_| panic!("{path} says nothing in time")).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stands_still_is_told_of_and_everything_goes_on_with_it() {
    let stage = Stage::new();
    let outage = Outage::before(&stage).await;
    block_in_place(|| stage.cluster.freeze());
    let since = Instant::now();
    outage.is_told(since).await;
    until("eventual reads are answered for ever", async || !outage.is_old_and_says_so(since).await).await;
    refused(READ_WITHIN, outage.projects[1].show_connection(&outage.kept)).await;
    block_in_place(|| stage.cluster.thaw());
    outage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_only_read_is_told_of_and_everything_goes_on_when_it_takes_writes() {
    let stage = Stage::new();
    let outage = Outage::before(&stage).await;
    block_in_place(|| stage.cluster.set("default_transaction_read_only", "on"));
    let since = Instant::now();
    outage.is_told(since).await;
    block_in_place(|| stage.cluster.set("default_transaction_read_only", "off"));
    outage.end().await;
}

/// Nodes behind a pooler of which all connections share one to the server.
fn behind_a_pooler() -> (Stage, Pooler) {
    let cluster = Cluster::start("");
    let pooler = Pooler::before(&cluster, 1);
    let database = cluster.url_by(&[pooler.port()], SCHEMA);
    (Stage::on(cluster, database), pooler)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_without_a_free_connection_is_told_of_and_everything_goes_on_when_it_has_one() {
    let (stage, pooler) = behind_a_pooler();
    let outage = Outage::before(&stage).await;
    let visitor = block_in_place(|| stage.cluster.visitor_by(pooler.port(), "BEGIN"));
    outage.is_told(Instant::now()).await;
    drop(visitor);
    outage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_takes_no_more_clients_is_told_of_and_everything_goes_on_when_it_does() {
    let (stage, mut pooler) = behind_a_pooler();
    let outage = Outage::before(&stage).await;
    block_in_place(|| pooler.restart_for(0));
    outage.is_told(Instant::now()).await;
    block_in_place(|| pooler.restart());
    outage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_that_can_not_be_put_in_order_are_made_once_or_not_at_all() {
    let stage = Stage::new();
    let outage = Outage::before(&stage).await;
    for is_late in [false, true] {
        block_in_place(|| stage.cluster.forbid_order(SCHEMA, (is_late, false)));
        for (number, place) in (0..5).flat_map(|number| [(number, 0), (number, 1)]) {
            // Two of three times it fails, so now and then four times in a row.
            let new = new_connection(&format!("{}_{is_late}_{number}", NAMES[place]));
            let made = async || outage.projects[place].create_connection(&new).await.is_ok();
            until("nothing is made any more", made).await;
        }
    }
    block_in_place(|| stage.cluster.allow_order(SCHEMA));
    outage.end().await;
}
