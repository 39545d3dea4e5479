//! Whose turn it is to make a diagnosis.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use linkspan_model::ProjectId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Diagnoses that are made at the same time; others wait.
const AT_ONCE: usize = 16;
/// Those of one project among them: whatever a project asks, three others get a turn.
const PER_PROJECT: usize = 4;
/// How long one waits for its turn.
const WAIT: Duration = Duration::from_secs(5);

/// Lets few diagnoses be made at once; clones share the turns.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    all: Arc<Semaphore>,
    /// Of projects that make one or wait for it.
    projects: Arc<Mutex<HashMap<ProjectId, Arc<Semaphore>>>>,
}

/// Which turns are all taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Taken {
    /// Those of the project.
    #[error(
        "This project is making {PER_PROJECT} diagnoses already, as many as it may at once; try again when one has ended."
    )]
    OfProject,
    /// Those of the node.
    #[error("{AT_ONCE} diagnoses are being made already; try again in a moment.")]
    OfNode,
}

/// A turn, until it is dropped: the project's and the node's.
pub(crate) type Turn = [OwnedSemaphorePermit; 2];

impl Default for Turns {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), projects: Arc::default() }
    }
}

impl Turns {
    /// Waits for a turn. The project's comes first, so that one who waits for it keeps none of the node's from others.
    pub(crate) async fn take(&self, project: &ProjectId) -> Result<Turn, Taken> {
        let mut why = Taken::OfProject;
        let taking = async {
            let own = self.of(project).acquire_owned().await.ok()?;
            why = Taken::OfNode;
            let nodes = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some([own, nodes])
        };
        let taken = timeout(WAIT, taking).await;
        taken.ok().flatten().ok_or(why)
    }

    fn of(&self, project: &ProjectId) -> Arc<Semaphore> {
        let mut projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
        // Turns and those who wait for one hold a clone. There are no more of them than connections.
        projects.retain(|_, turns| Arc::strong_count(turns) > 1);
        Arc::clone(projects.entry(project.clone()).or_insert_with(|| Arc::new(Semaphore::new(PER_PROJECT))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(name: &str) -> ProjectId {
        name.parse().unwrap()
    }

    async fn many(turns: &Turns, of: &str, count: usize) -> Vec<Turn> {
        let mut taken = Vec::new();
        for _ in 0..count {
            taken.push(turns.take(&project(of)).await.unwrap());
        }
        taken
    }

    #[tokio::test(start_paused = true)]
    async fn one_project_leaves_turns_to_others() {
        let turns = Turns::default();
        let mut own = many(&turns, "p1", PER_PROJECT).await;
        assert_eq!(turns.take(&project("p1")).await.unwrap_err(), Taken::OfProject);
        let others = many(&turns, "p2", PER_PROJECT).await;
        own.pop();
        own.push(turns.take(&project("p1")).await.unwrap());
        drop((own, others));
        let _other = turns.take(&project("p3")).await.unwrap();
        assert_eq!(turns.projects.lock().unwrap().len(), 1, "projects that ask nothing are forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_for_their_project_keep_no_turn_from_others() {
        let turns = Turns::default();
        let _own = many(&turns, "p1", PER_PROJECT).await;
        let waiting: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let turns = turns.clone();
                tokio::spawn(async move { turns.take(&project("p1")).await.err() })
            })
            .collect();
        let mut others = Vec::new();
        for other in ["p2", "p3", "p4"] {
            others.extend(many(&turns, other, PER_PROJECT).await);
        }
        assert_eq!(turns.take(&project("p5")).await.unwrap_err(), Taken::OfNode);
        others.pop();
        assert!(turns.take(&project("p5")).await.is_ok());
        for waited in waiting {
            assert_eq!(waited.await.unwrap(), Some(Taken::OfProject));
        }
    }
}
