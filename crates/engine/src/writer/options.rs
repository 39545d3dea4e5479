use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::loading::ReadError;
use crate::clock::Clock;
use crate::command::{Command, Request, SystemCommand};
use crate::decide::Rules;
use crate::ids::Ids;
use crate::state::RenderRow;

/// How an engine works.
#[derive(Clone)]
pub struct Options {
    /// Renders the rows of lists.
    pub render: RenderRow,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn Ids>,
    /// Limits and choices of `decide`.
    pub rules: Rules,
    /// Most commands that wait.
    pub queue_commands: usize,
    /// Most bytes of commands that wait.
    pub queue_bytes: usize,
    /// Longest wait of a command before it is decided; after that it is refused as overload.
    pub longest_wait: Duration,
    /// Most commands of one transaction; 1 turns group commit off.
    pub batch_commands: usize,
    /// How long those who wait for a commit in doubt are kept waiting.
    pub doubt_deadline: Duration,
    /// How often the node looks for peers past their deadline and connections past their time.
    pub housekeeping_period: Duration,
    /// How to keep up with other nodes that write to the store; none = there are none.
    pub following: Option<Following>,
}

/// How an engine keeps up with other nodes that write to its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Following {
    /// How often the store is asked for its head, whatever anybody hints.
    pub every: Duration,
    /// What a read may rely on.
    pub reads: Reads,
    /// How long a read waits until it is known to be up to date.
    pub within: Duration,
    /// How long a change waits for its answer, whatever the store does. It may then still be made, once.
    pub answer_within: Duration,
}

/// What a read may rely on where several nodes write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// It sees every change that was answered before it came, by whichever node.
    Strong,
    /// It sees what this node has heard of, which is at most so old; beyond that it is refused.
    Eventual {
        /// The oldest that is shown.
        at_most: Duration,
    },
}

impl Following {
    /// The documented defaults.
    #[must_use]
    pub fn new(reads: Reads) -> Self {
        let (every, within) = (Duration::from_millis(200), Duration::from_secs(2));
        Self { every, reads, within, answer_within: Duration::from_secs(8) }
    }
}

impl Options {
    /// The documented defaults.
    #[must_use]
    pub fn new(render: RenderRow, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        Self {
            render,
            clock,
            ids,
            rules: Rules::default(),
            queue_commands: 4096,
            queue_bytes: 32 * 1024 * 1024,
            longest_wait: Duration::from_secs(10),
            batch_commands: 256,
            doubt_deadline: Duration::from_secs(5),
            housekeeping_period: Duration::from_secs(1),
            following: None,
        }
    }
}

/// Where a request came from, for the audit.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The id in the answer's `X-Request-Id`.
    pub request_id: String,
    /// The caller's address.
    pub remote: Option<IpAddr>,
}

/// Why an engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The writer's thread can't be started.
    #[error("the writer can't be started: {0}")]
    Thread(std::io::Error),
}

impl Request {
    /// Bytes that it takes while it waits, roughly.
    pub(crate) fn weight(&self) -> usize {
        const FIXED: usize = 1024;
        let own = match self {
            Self::Project(_, Command::CreateConnection(new)) => new.hosts.weight(),
            Self::Project(_, Command::SetHosts(_, hosts)) => hosts.weight(),
            Self::Project(_, Command::Import(import)) => import.weight(),
            Self::Project(_, Command::Authorize(it)) => {
                let texts = it.objects.iter().map(|(object, privileges)| {
                    object.len() + privileges.iter().map(String::len).sum::<usize>() + 24 * privileges.len()
                });
                texts.sum::<usize>() + 48 * it.objects.len()
            }
            Self::System(command) => system_weight(command),
            _ => 0,
        };
        FIXED + own
    }
}

fn system_weight(command: &SystemCommand) -> usize {
    match command {
        SystemCommand::Report(reports) => reports.len() * 128,
        SystemCommand::Fenced(_, command) => system_weight(command),
        _ => 0,
    }
}

/// What a writer has done since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Transactions committed.
    pub commits: u64,
    /// Commands whose changes they held.
    pub committed_commands: u64,
    /// Commands refused by a rule.
    pub refused_commands: u64,
    /// Commits that were in doubt.
    pub doubts: u64,
    /// Commits that failed.
    pub failures: u64,
    /// Time spent in commits, in microseconds.
    pub commit_micros: u64,
    /// Bytes of commands that wait now.
    pub queued_bytes: u64,
    /// How often the store was asked for its head.
    pub head_checks: u64,
    /// How often commits of other nodes were taken over.
    pub catch_ups: u64,
    /// How often the whole store was read anew, because the history that was known was gone.
    pub reloads: u64,
    /// How often the store had lost commits that it had acknowledged.
    pub lost_histories: u64,
}

#[derive(Default)]
pub(crate) struct Counters {
    pub commits: AtomicU64,
    pub committed_commands: AtomicU64,
    pub refused_commands: AtomicU64,
    pub doubts: AtomicU64,
    pub failures: AtomicU64,
    pub commit_micros: AtomicU64,
    pub head_checks: AtomicU64,
    pub catch_ups: AtomicU64,
    pub reloads: AtomicU64,
    pub lost_histories: AtomicU64,
}

impl Counters {
    pub(crate) fn read(&self, queued_bytes: usize) -> Stats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            commits: get(&self.commits),
            committed_commands: get(&self.committed_commands),
            refused_commands: get(&self.refused_commands),
            doubts: get(&self.doubts),
            failures: get(&self.failures),
            commit_micros: get(&self.commit_micros),
            queued_bytes: queued_bytes as u64,
            head_checks: get(&self.head_checks),
            catch_ups: get(&self.catch_ups),
            reloads: get(&self.reloads),
            lost_histories: get(&self.lost_histories),
        }
    }

    pub(crate) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}
