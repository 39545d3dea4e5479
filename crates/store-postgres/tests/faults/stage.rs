//! A server, a store on it, and what both must say in the end.

use std::time::{Duration, Instant};

use linkspan_engine::store::{Batch, Changes, CommitError, CommitId, Head, Store, StoreError};
use linkspan_store_postgres::{Location, Options, PostgresStore};
use linkspan_testkit::batch::{batch, connection, create};
use linkspan_testkit::postgres::Cluster;

/// How long the store waits for an answer.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// Longer than anything may take that has an end.
pub(crate) const BOUND: Duration = Duration::from_secs(8);

pub(crate) struct Stage {
    pub(crate) cluster: Cluster,
    pub(crate) store: PostgresStore,
    /// Of the one commit that was made.
    pub(crate) head: Head,
}

pub(crate) fn open(url: &str) -> PostgresStore {
    let options = Options { answer_within: ANSWER_WITHIN, ..Options::default() };
    PostgresStore::open(&Location::parse(url).unwrap(), &options).unwrap()
}

/// A batch with one record of its own name.
pub(crate) fn one(commit_id: CommitId) -> Batch {
    batch(commit_id, vec![create(connection(u32::try_from(commit_id).unwrap()), "x")])
}

impl Stage {
    pub(crate) async fn new(settings: &str) -> Self {
        let cluster = Cluster::start(settings);
        let url = cluster.url("s");
        Self::on(cluster, &url).await
    }

    pub(crate) async fn on(cluster: Cluster, url: &str) -> Self {
        let store = open(url);
        let head = store.commit(&one(1), &store.head().await.unwrap()).await.unwrap();
        Self { cluster, store, head }
    }

    /// The commits of the test since the first one: what the database itself says. Those that settle a doubt have long
    /// names.
    pub(crate) fn stored(&self) -> Vec<CommitId> {
        let sql = "SELECT commit_id FROM s.commits WHERE revision > 1 ORDER BY revision";
        let ids = self.cluster.sql(sql);
        let ids = ids.lines().map(|line| CommitId::from_str_radix(&line.replace('-', ""), 16).unwrap());
        ids.filter(|id| *id < 100).collect()
    }

    /// The ids of the records that are stored, each with how often.
    pub(crate) fn records(&self) -> Vec<String> {
        let sql = "SELECT ltrim(right(id, 12), '0') FROM s.record ORDER BY id";
        self.cluster.sql(sql).lines().map(str::to_owned).collect()
    }

    /// Carries on as a writer does that was told of a doubt: looks for the commit, and says whether it was made and
    /// what the head is.
    pub(crate) async fn look_for(&self, commit_id: CommitId) -> (bool, Head) {
        let started = Instant::now();
        loop {
            match self.store.changes(&self.head).await {
                Ok(Changes::Since { commits, head }) => {
                    return (commits.iter().any(|commit| commit.commit_id == commit_id), head);
                }
                Err(StoreError::Unavailable(_)) if started.elapsed() < BOUND => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Runs to its end, which must come.
pub(crate) async fn bounded<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(BOUND, work).await.expect("it takes too long")
}

pub(crate) fn is_in_doubt(result: &Result<Head, CommitError>) -> bool {
    matches!(result, Err(CommitError::InDoubt(_)))
}

pub(crate) fn is_refused(result: &Result<Head, CommitError>) -> bool {
    matches!(result, Err(CommitError::Refused(_)))
}
