//! Nodes that follow each other: what one has answered, the next read of any other sees, or it is refused.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::command::{Command, NewTest, NewVpc};
use linkspan_engine::store::Head;
use linkspan_engine::{Engine, Following, Origin, PeerHint, Reads, Refusal, Request};
use linkspan_model::TestTarget;
use linkspan_testkit::cast::Cast;
use linkspan_testkit::commands::Limits;
use linkspan_testkit::drivers::{block_on, options};
use linkspan_testkit::fixed::{HandClock, SeededIds};
use linkspan_testkit::memory::{Call, CommitFault, Gate, MemoryStore, ReadFault};
use linkspan_testkit::simulator::START;

/// Longer than any test takes, so that only reads make a node look.
const NEVER: Duration = Duration::from_secs(3600);

struct Nodes {
    engines: Vec<Engine>,
    stores: Vec<Arc<MemoryStore>>,
    cast: Cast,
}

async fn nodes(count: u64, following: Following) -> Nodes {
    let first = Arc::new(MemoryStore::default());
    let mut nodes =
        Nodes { engines: vec![], stores: vec![], cast: Cast::assemble(&mut open(&first, 0, following).await).await };
    for number in 1..=count {
        let store = Arc::new(first.another_node());
        nodes.engines.push(open(&store, number, following).await);
        nodes.stores.push(store);
    }
    nodes
}

async fn open(store: &Arc<MemoryStore>, number: u64, following: Following) -> Engine {
    let mut options = options(&Arc::new(HandClock::at(START)), Limits::small(false));
    options.ids = Arc::new(SeededIds::new(100 + number));
    options.following = Some(following);
    Engine::open(Arc::clone(store) as Arc<_>, options).await.unwrap()
}

fn on_demand(reads: Reads) -> Following {
    Following { every: NEVER, within: Duration::from_millis(200), ..Following::new(reads) }
}

impl Nodes {
    async fn ask(&self, node: usize, name: &str) -> Result<(), Refusal> {
        let new = NewVpc { id: Some(name.parse().unwrap()), name: name.into(), ..NewVpc::default() };
        let request = Request::Project(self.cast.onlooker(0).clone(), Command::CreateVpc(new));
        self.engines[node].submit(request, Origin::default()).await.map(drop)
    }

    async fn write(&self, node: usize, name: &str) {
        let answer = self.ask(node, name).await;
        assert!(answer.is_ok(), "{answer:?}");
    }

    fn sees(&self, node: usize, name: &str) -> bool {
        self.engines[node].view().project(self.cast.onlooker(0)).vpc(&name.parse().unwrap()).is_some()
    }
}

#[test]
fn a_strong_read_on_any_node_sees_what_was_answered_on_another() {
    block_on(async {
        let nodes = nodes(3, on_demand(Reads::Strong)).await;
        for round in 0..300 {
            let name = format!("v{round}");
            nodes.write(round % 3, &name).await;
            let reader = (round + 1 + round / 3 % 2) % 3;
            assert_eq!(nodes.engines[reader].freshen().await, Ok(None));
            assert!(nodes.sees(reader, &name), "{name} on node {reader}");
        }
    });
}

#[test]
fn a_strong_read_is_not_let_go_by_a_question_asked_before_it() {
    block_on(async {
        let nodes = nodes(2, Following { within: NEVER, ..on_demand(Reads::Strong) }).await;
        let (gate, checks) = (Gate::default(), nodes.engines[1].stats().head_checks);
        nodes.stores[1].fail(Call::Head, ReadFault::Held(gate.clone()));
        let early = nodes.engines[1].freshen();
        let late = async {
            while nodes.engines[1].stats().head_checks == checks {
                tokio::task::yield_now().await;
            }
            nodes.write(0, "late").await;
            let reads = async { tokio::join!(nodes.engines[1].freshen(), nodes.engines[1].freshen()) };
            let opened = async {
                tokio::task::yield_now().await;
                gate.open();
            };
            assert_eq!(tokio::join!(reads, opened).0, (Ok(None), Ok(None)));
            assert!(nodes.sees(1, "late"));
        };
        assert_eq!(tokio::join!(early, late).0, Ok(None));
        assert_eq!(nodes.engines[1].stats().head_checks, checks + 2, "two reads that wait share one question");
    });
}

#[test]
fn a_strong_read_is_refused_in_time_while_the_store_is_silent_or_gone() {
    block_on(async {
        let nodes = nodes(2, on_demand(Reads::Strong)).await;
        nodes.stores[1].fail(Call::Head, ReadFault::Held(Gate::default()));
        assert_eq!(nodes.engines[1].freshen().await, Err(Refusal::Unavailable), "silent");
        nodes.stores[1].fail(Call::Head, ReadFault::Unavailable);
        assert_eq!(nodes.engines[1].freshen().await, Err(Refusal::Unavailable), "gone");
        nodes.write(0, "v").await;
        nodes.stores[1].fail(Call::Changes, ReadFault::Unavailable);
        assert_eq!(nodes.engines[1].freshen().await, Err(Refusal::Unavailable), "gone half-way");
        assert!(!nodes.sees(1, "v"));
        assert_eq!(nodes.engines[1].freshen().await, Ok(None));
        assert!(nodes.sees(1, "v"));
    });
}

#[test]
fn an_eventual_read_says_how_old_it_may_be_and_is_refused_beyond_that() {
    block_on(async {
        let patient = nodes(2, on_demand(Reads::Eventual { at_most: NEVER })).await;
        patient.write(0, "v").await;
        assert!(patient.engines[1].freshen().await.unwrap().unwrap() < NEVER);
        assert!(!patient.sees(1, "v"), "nobody looked");
        patient.engines[1].freshen_for_change().await.unwrap();
        assert!(patient.sees(1, "v"), "a change is decided on what is stored");
        let strict = nodes(1, on_demand(Reads::Eventual { at_most: Duration::from_millis(20) })).await;
        while strict.engines[0].freshen().await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert_eq!(strict.engines[0].freshen().await, Err(Refusal::Unavailable));
    });
}

#[test]
fn polling_alone_brings_what_others_wrote_and_hints_at_it_exactly() {
    block_on(async {
        let every = Duration::from_millis(2);
        let nodes = nodes(2, Following { every, ..on_demand(Reads::Eventual { at_most: NEVER }) }).await;
        let mut revisions = nodes.engines[1].revisions();
        nodes.write(0, "v").await;
        revisions.wait_for(|_| nodes.sees(1, "v")).await.unwrap();
        let test = NewTest { queue: "default".into(), target: TestTarget { host: "10.0.0.1".into(), port: 80 } };
        let request = Request::Project(nodes.cast.onlooker(0).clone(), Command::TestConnectivity(test));
        nodes.engines[0].submit(request, Origin::default()).await.unwrap();
        assert_eq!(nodes.engines[1].peer_hints().await, [PeerHint::Tests]);
    });
}

#[test]
fn a_change_is_refused_in_time_while_the_store_is_silent() {
    block_on(async {
        let following = Following { answer_within: Duration::from_millis(200), ..on_demand(Reads::Strong) };
        let nodes = nodes(1, following).await;
        let gate = Gate::default();
        nodes.stores[0].fail_commit(CommitFault::Held(gate.clone()));
        // The second waits behind the first, which the writer is busy with.
        let refused = tokio::join!(nodes.ask(0, "v"), nodes.ask(0, "w"));
        assert_eq!(refused, (Err(Refusal::Unavailable), Err(Refusal::Unavailable)));
        nodes.stores[0].fail(Call::Head, ReadFault::Held(gate.clone()));
        assert!(!nodes.engines[0].is_ready().await, "the store does not say that it is there");
        gate.open();
        nodes.write(0, "x").await;
        assert!(nodes.engines[0].is_ready().await && nodes.sees(0, "v"), "what was held back was made after all");
    });
}

#[test]
fn commits_that_are_lost_while_one_is_in_doubt_are_counted_once() {
    block_on(async {
        let nodes = nodes(1, on_demand(Reads::Strong)).await;
        let past = nodes.stores[0].past();
        nodes.write(0, "v").await;
        nodes.stores[0].go_back(past);
        nodes.stores[0].fail_commit(CommitFault::InDoubtLost);
        assert_eq!(nodes.ask(0, "w").await, Err(Refusal::Unavailable), "it may have been among those that are lost");
        assert_eq!(nodes.engines[0].freshen().await, Ok(None));
        assert!(!nodes.sees(0, "v") && !nodes.sees(0, "w"));
        nodes.write(0, "w").await;
        let stats = nodes.engines[0].stats();
        assert_eq!((stats.reloads, stats.lost_histories), (1, 1));
    });
}

#[test]
fn a_read_is_refused_while_the_head_and_the_changes_are_told_by_different_servers() {
    block_on(async {
        let nodes = nodes(2, on_demand(Reads::Strong)).await;
        nodes.write(0, "v").await;
        assert_eq!(nodes.engines[1].freshen().await, Ok(None));
        let known = *nodes.engines[1].view().head();
        let newer = Head { revision: known.revision + 1, commit_id: 77, ..known };
        let older = Head { revision: known.revision - 1, commit_id: 77, ..known };
        for told in [newer, older] {
            nodes.stores[1].fail(Call::Head, ReadFault::Told(told));
            assert_eq!(nodes.engines[1].freshen().await, Err(Refusal::Unavailable), "{told:?}");
            assert_eq!(nodes.engines[1].freshen().await, Ok(None));
        }
    });
}

#[test]
fn a_store_that_has_lost_commits_is_read_anew_and_the_loss_is_counted() {
    block_on(async {
        let nodes = nodes(2, on_demand(Reads::Strong)).await;
        nodes.write(0, "v").await;
        // Another commit bears the number of the one that this node knows.
        nodes.stores[1].fail(Call::Changes, ReadFault::Diverged);
        assert_eq!(nodes.engines[1].freshen().await, Ok(None));
        assert!(nodes.sees(1, "v"));
        let stats = nodes.engines[1].stats();
        assert_eq!((stats.reloads, stats.lost_histories), (1, 1));
        nodes.write(0, "w").await;
        nodes.stores[1].fail(Call::Changes, ReadFault::TooOld);
        assert_eq!(nodes.engines[1].freshen().await, Ok(None));
        assert!(nodes.sees(1, "w"));
        let stats = nodes.engines[1].stats();
        assert_eq!((stats.reloads, stats.lost_histories), (2, 1));
    });
}
