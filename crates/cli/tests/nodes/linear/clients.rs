//! Clients that ask at random and write down what they are answered. A call that was not answered may have been carried
//! out, and so may one that was answered 503: the writer can have given up on a commit that is made in the end. Reads
//! without an answer say nothing. What never reached a node was not asked.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use linkspan_client::{ClientError, ConnectionInfo, FailureKind, Page, ProjectClient};
use linkspan_testkit::linear::connection::{Call, Change, End, Row};
use linkspan_testkit::linear::{Listed, key};
use linkspan_wire::BindRequest;
use tokio::time::{Instant, timeout};

use super::Dice;
use super::field::{Access, Field, NODES, QUEUE, Shared, list};
use super::record::{KEYS, NAMES, Record, Span};
use crate::calls::new_connection;

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a client that was not answered waits at most for somebody to be.
const PAUSE: Duration = Duration::from_millis(300);

/// How long nodes may take to answer again when nothing goes wrong any more.
const RECOVERS_WITHIN: Duration = Duration::from_secs(30);

pub(super) struct Client {
    number: usize,
    dice: Dice,
    shared: Arc<Shared>,
    record: Arc<Record>,
    grantee: String,
    keys: Vec<String>,
}

/// An answer, or none: the client gave up, or the connection broke.
type Answer<T> = Option<Result<T, ClientError>>;

impl Client {
    pub(super) fn new(number: usize, dice: Dice, (field, record): (&Field, &Arc<Record>)) -> Self {
        let keys = field.keys.iter().map(|(id, _)| id.clone()).collect();
        let (shared, record) = (Arc::clone(&field.shared), Arc::clone(record));
        Self { number, dice, shared, record, grantee: field.grantee.clone(), keys }
    }

    pub(super) async fn run(mut self) {
        while !self.shared.is_over.load(Ordering::Relaxed) {
            // Mostly to a node of its own, so that one that hangs does not hold up everyone.
            let first = if self.dice.roll(8) == 0 { self.dice.roll(NODES) } else { self.number };
            let access = |node: usize| Some((node, self.shared.nodes[node].lock().unwrap().clone()?));
            let up = (0..NODES).find_map(|further| access((first + further) % NODES));
            // No more than one is down at a time.
            let (node, access) = up.unwrap();
            self.ask(node, &access).await;
        }
    }

    async fn ask(&mut self, node: usize, access: &Access) {
        let who = format!("client {} of node {node}", self.number);
        let name = self.dice.roll(NAMES.len());
        let id = self.shared.ids[name].lock().unwrap().clone();
        match (self.dice.roll(20), id) {
            (0..3, _) => self.create(access, (name, who)).await,
            (3, Some(id)) => self.change(access, (name, who), (id, Change::Delete)).await,
            (4, Some(id)) => self.change(access, (name, who), (id, Change::Bind)).await,
            (5, Some(id)) => self.change(access, (name, who), (id, Change::Unbind)).await,
            (6, Some(id)) => self.change(access, (name, who), (id, Change::Grant)).await,
            (7, Some(id)) => self.change(access, (name, who), (id, Change::Revoke)).await,
            (8, Some(id)) => self.change(access, (name, who), (id, Change::BindThere)).await,
            (9, Some(id)) => self.change(access, (name, who), (id, Change::UnbindThere)).await,
            (10, _) => self.set_key(access, who).await,
            (11..14, _) => self.use_key(access, who).await,
            (14..16, _) => self.list(&access.grantee, (1, who)).await,
            _ => self.list(&access.owner, (0, who)).await,
        }
    }

    async fn create(&self, access: &Access, (name, who): (usize, String)) {
        let new = new_connection(NAMES[name]);
        let (span, answer) = self.timed(who, access.owner.create_connection(&new)).await;
        let call = match answer {
            Some(Ok(id)) => Call::Created(id),
            Some(Err(error)) if error.kind() == FailureKind::Conflict => Call::Taken(id_in(&error.to_string())),
            Some(Err(error)) => panic!("{}: {error}", span.who),
            None => Call::MaybeCreated(Vec::new()),
        };
        if let Call::Created(id) | Call::Taken(id) = &call {
            *self.shared.ids[name].lock().unwrap() = Some(id.clone());
        }
        self.record.name(name, span, call);
    }

    async fn change(&self, access: &Access, (name, who): (usize, String), (id, change): (String, Change)) {
        let queue = BindRequest { queues: vec![QUEUE.into()], elastic_resource_pools: vec![] };
        let (owner, there) = (&access.owner, &access.grantee);
        let asked = async {
            match change {
                Change::Delete => owner.delete_connection(&id).await,
                Change::Bind => owner.bind(&id, &queue).await.map(drop),
                Change::Unbind => owner.unbind(&id, &queue).await.map(drop),
                Change::Grant => owner.grant(&id, &self.grantee).await,
                Change::Revoke => owner.revoke(&id, &self.grantee).await,
                Change::BindThere => there.bind(&id, &queue).await.map(drop),
                Change::UnbindThere => there.unbind(&id, &queue).await.map(drop),
            }
        };
        let (span, answer) = self.timed(who, asked).await;
        let end = match answer {
            Some(Ok(())) => End::Done,
            Some(Err(error)) if error.kind() == FailureKind::NotFound => End::Unknown,
            Some(Err(error)) if error.to_string().contains("is called off") => End::Waits,
            Some(Err(error)) => panic!("{}: {change:?}: {error}", span.who),
            None => End::Open,
        };
        self.record.name(name, span, Call::Change(id, change, end));
    }

    async fn set_key(&mut self, access: &Access, who: String) {
        let (key, enabled) = (self.dice.roll(KEYS), self.dice.roll(2) == 0);
        let admin = access.owner.client().admin();
        let (span, answer) = self.timed(who, admin.enable_key(&self.keys[key], enabled)).await;
        assert!(answer.is_none_or(|answer| answer.is_ok()), "{}", span.who);
        self.record.key(key, span, key::Call::Set(enabled));
    }

    async fn use_key(&mut self, access: &Access, who: String) {
        let key = self.dice.roll(KEYS);
        let answer = read(&self.record, &access.keyed[key], (0, who), Some(&self.shared)).await;
        let Some((span, was_let_in)) = answer else { return };
        self.record.key(key, span, key::Call::Used(was_let_in));
    }

    async fn list(&self, project: &ProjectClient, (number, who): (usize, String)) {
        let answer = read(&self.record, project, (number, who), Some(&self.shared)).await;
        assert!(answer.as_ref().is_none_or(|(_, was_let_in)| *was_let_in), "refused: {answer:?}");
    }

    /// Asks and looks at the clock. A refusal for want of time or of the database is no answer.
    async fn timed<T>(&self, who: String, asked: impl Future<Output = Result<T, ClientError>>) -> (Span, Answer<T>) {
        timed(&self.record, who, asked).await
    }
}

async fn timed<T>(
    record: &Record,
    who: String,
    asked: impl Future<Output = Result<T, ClientError>>,
) -> (Span, Answer<T>) {
    let began = record.now();
    let answer = timeout(PATIENCE, asked).await.ok();
    let ended = record.now();
    let answer = answer.filter(|answer| !answer.as_ref().is_err_and(|it| it.kind() == FailureKind::Unavailable));
    if answer.is_none() {
        // To ask on at once would only leave more calls of which nothing is known.
        let _late = timeout(PAUSE, record.answers().changed()).await;
    }
    (Span { who, began, ended: answer.is_some().then_some(ended) }, answer)
}

/// Lists a project and writes it down; answers whether the key was let in, if anything was answered.
async fn read(
    record: &Record,
    project: &ProjectClient,
    (number, who): (usize, String),
    shared: Option<&Shared>,
) -> Option<(Span, bool)> {
    let (span, answer) = timed(record, who, list(project)).await;
    let page = match answer? {
        Ok(page) => page,
        Err(error) => {
            assert_eq!(error.kind(), FailureKind::Refused, "{}: {error}", span.who);
            return Some((span, false));
        }
    };
    for (name, ids) in NAMES.iter().zip(shared.iter().flat_map(|shared| &shared.ids)) {
        if let Some(row) = page.items.iter().find(|row| row.name == *name) {
            *ids.lock().unwrap() = Some(row.id.clone());
        }
    }
    let calls = NAMES.map(|name| seen(&page, number, name));
    let content = serde_json::to_string(&page.items).unwrap();
    let (who, began, ended) = (span.who.clone(), span.began, span.ended.unwrap());
    record.list(Listed { who, began, ended, revision: page.revision.unwrap(), project: number, content }, calls);
    Some((span, true))
}

/// What a list says about a name.
fn seen(page: &Page<ConnectionInfo>, project: usize, name: &str) -> Call {
    let mut rows = page.items.iter().filter(|row| row.name == name);
    let row = rows.next();
    assert!(rows.next().is_none(), "{name} is there twice: {:?}", page.items);
    let row = row.map(|row| {
        let granted = row.is_privis.map(|is_private| !is_private).filter(|_| project == 0);
        Row { id: row.id.clone(), bound: !row.available_queue_info.is_empty(), granted }
    });
    if project == 0 { Call::Listed(row) } else { Call::ListedThere(row) }
}

/// Lists both projects by way of every node when all is over, which shows what was lost.
pub(super) async fn look_at_all(field: &Field, record: &Record) {
    let deadline = Instant::now() + RECOVERS_WITHIN;
    for (node, access) in field.all().iter().enumerate() {
        for (number, project) in [&access.owner, &access.grantee].into_iter().enumerate() {
            while read(record, project, (number, format!("the last look at node {node}")), None).await.is_none() {
                assert!(Instant::now() < deadline, "node {node} does not answer again");
            }
        }
    }
}

fn id_in(text: &str) -> String {
    text.split([' ', '.']).rfind(|word| word.len() == 36).unwrap_or_else(|| panic!("no id in {text}")).to_owned()
}
