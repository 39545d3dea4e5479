use imbl::{OrdMap, OrdSet};
use linkspan_model::{ConnectivityTest, ProjectId, QueueName, SourceName, Stamp};

use super::{ProjectView, SourceRef, State, Stored};
use crate::store::Loc;

/// The connectivity tests of all projects, oldest first.
#[derive(Clone, Default)]
pub(crate) struct ConnectivityTests {
    all: OrdMap<Stamp, Stored<ConnectivityTest>>,
    /// Those without a result.
    pending: OrdSet<Stamp>,
}

impl ConnectivityTests {
    pub(crate) fn get(&self, created: Stamp) -> Option<&ConnectivityTest> {
        self.all.get(&created).map(|stored| &stored.value)
    }

    pub(super) fn locate(&self, created: Stamp) -> Option<Loc> {
        self.all.get(&created).map(|stored| stored.at)
    }

    pub(super) fn put(&mut self, stored: Stored<ConnectivityTest>) {
        let created = stored.value.created;
        if stored.value.result.is_none() {
            self.pending.insert(created);
        } else {
            self.pending.remove(&created);
        }
        self.all.insert(created, stored);
    }

    pub(super) fn remove(&mut self, created: Stamp) {
        self.pending.remove(&created);
        self.all.remove(&created);
    }

    /// All of them, oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &ConnectivityTest> {
        self.all.values().map(|stored| &stored.value)
    }

    /// Those without a result, oldest first.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &ConnectivityTest> {
        self.pending.iter().filter_map(|created| self.get(*created))
    }
}

impl State {
    /// The connectivity tests of all projects that wait for a result, oldest first.
    pub fn pending_tests(&self) -> impl Iterator<Item = &ConnectivityTest> {
        self.tests.pending()
    }

    /// What a queue reaches others through: its pool if it lives in one, else itself.
    #[must_use]
    pub fn source_of_queue(&self, project: &ProjectId, queue: &QueueName) -> SourceRef {
        let held = self.held(project).and_then(|held| held.queues.get(queue));
        let name = match held.and_then(|queue| queue.value.pool.clone()) {
            Some(pool) => SourceName::Pool(pool),
            None => SourceName::Queue(queue.clone()),
        };
        SourceRef { project: project.clone(), name }
    }
}

impl<'a> ProjectView<'a> {
    /// A connectivity test of the project, by its number.
    #[must_use]
    pub fn connectivity_test(&self, task_id: i64) -> Option<&'a ConnectivityTest> {
        self.state.tests.get(Stamp::of_number(task_id)).filter(|test| test.project == *self.project)
    }
}
