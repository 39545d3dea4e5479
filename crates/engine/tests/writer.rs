//! What the writer does with many commands at once, with a store that proves damaged, and with one that was restored.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use linkspan_engine::command::{Command, NewVpc, SystemCommand};
use linkspan_engine::record::{Record, Setting};
use linkspan_engine::store::{Batch, Store};
use linkspan_engine::{Engine, Options, Origin, Refusal, Reply, Request, Scope, State};
use linkspan_testkit::batch::create;
use linkspan_testkit::cast::Cast;
use linkspan_testkit::commands::Limits;
use linkspan_testkit::drivers::{block_on, options, reload};
use linkspan_testkit::explore::explore;
use linkspan_testkit::fixed::HandClock;
use linkspan_testkit::memory::{Call, CommitFault, Gate, MemoryStore, Odds, ReadFault};
use linkspan_testkit::simulator::START;
use proptest::prelude::any;

struct Node {
    store: Arc<MemoryStore>,
    engine: Engine,
    cast: Cast,
}

async fn node(change: impl FnOnce(&mut Options)) -> Node {
    let mut options = options(&Arc::new(HandClock::at(START)), Limits::small(false));
    change(&mut options);
    let store = Arc::new(MemoryStore::default());
    let mut engine = Engine::open(store.clone(), options).await.unwrap();
    let cast = Cast::assemble(&mut engine).await;
    Node { store, engine, cast }
}

impl Node {
    fn scope(&self) -> &Scope {
        self.cast.onlooker(0)
    }

    /// A command that can be carried out any number of times, and leaves a trace each time.
    fn vpc(&self, name: &str) -> Request {
        let new = NewVpc { name: name.into(), ..NewVpc::default() };
        Request::Project(self.scope().clone(), Command::CreateVpc(new))
    }

    async fn submit(&self, request: Request) -> Result<Reply, Refusal> {
        self.engine.submit(request, Origin::default()).await
    }

    /// The traces by name in a state.
    fn traces(&self, state: &State) -> BTreeMap<String, usize> {
        let mut count = BTreeMap::new();
        for vpc in state.project(self.scope()).vpcs() {
            *count.entry(vpc.name.to_string()).or_default() += 1;
        }
        count
    }
}

fn setting(name: &str) -> Setting {
    Setting { name: name.into(), value: "x".into() }
}

async fn commit_elsewhere(store: &MemoryStore, name: &str) {
    let (other, record) = (store.another_node(), Record::Setting(setting(name)));
    let body = String::from_utf8(record.to_body()).unwrap();
    let changes = vec![create(record.key(), &body)];
    let batch = Batch { commit_id: 1, create_time: START, changes, audit: vec![] };
    let head = other.head().await.unwrap();
    other.commit(&batch, &head).await.unwrap();
}

#[test]
fn many_at_once_in_a_storm_are_each_carried_out_once_or_not_at_all() {
    explore(12, &any::<u64>(), |seed| {
        block_on(async {
            let node = node(|options| {
                options.batch_commands = 1 + usize::try_from(seed % 9).unwrap();
                options.doubt_deadline = Duration::from_millis(3);
            })
            .await;
            node.store.fail_at_random(seed, Odds::stormy());
            let mut answers = BTreeMap::new();
            for round in 0..12 {
                let names: Vec<String> = (0..16).map(|n| format!("{round} {n}")).collect();
                let asked = join_all(names.iter().map(|name| node.submit(node.vpc(name)))).await;
                answers.extend(names.into_iter().zip(asked));
            }
            node.store.heal();
            assert_eq!(node.submit(Request::System(SystemCommand::Set(setting("end")))).await, Ok(Reply::Done));
            let stored = node.traces(&reload(&*node.store).await);
            assert_eq!(node.traces(&node.engine.view()), stored);
            for (name, answer) in answers {
                let count = stored.get(&name).copied().unwrap_or(0);
                match answer {
                    Ok(_) => assert_eq!(count, 1, "{name} was acknowledged"),
                    Err(Refusal::StorageFull) => assert_eq!(count, 0, "{name} was refused"),
                    Err(Refusal::Unavailable) => assert!(count <= 1, "{name} was done twice"),
                    Err(other) => panic!("{name}: {other:?}"),
                }
            }
        });
    });
}

#[test]
fn commands_that_come_while_a_commit_is_under_way_share_the_next_one() {
    block_on(async {
        let node = node(|_| ()).await;
        let gate = Gate::default();
        let before = node.store.commits_asked();
        node.store.fail_commit(CommitFault::Held(gate.clone()));
        let first = node.submit(node.vpc("first"));
        let rest = async {
            gate.reached().await;
            let names: Vec<String> = (0..64).map(|n| n.to_string()).collect();
            let asked = join_all(names.iter().map(|name| node.submit(node.vpc(name))));
            let open = async { gate.open() };
            tokio::join!(asked, open).0
        };
        let (first, rest) = tokio::join!(first, rest);
        assert!(first.is_ok() && rest.iter().all(Result::is_ok), "{rest:?}");
        assert_eq!(node.store.commits_asked() - before, 2);
    });
}

#[test]
fn nothing_is_written_to_a_damaged_store() {
    block_on(async {
        let node = node(|options| options.batch_commands = 1).await;
        let (gate, before) = (Gate::default(), node.store.commits_asked());
        node.store.fail_commit(CommitFault::Held(gate.clone()));
        node.store.fail_commit(CommitFault::Damaged);
        let names: Vec<String> = (0..6).map(|n| n.to_string()).collect();
        let asked = join_all(names.iter().map(|name| node.submit(node.vpc(name))));
        let open = async {
            gate.reached().await;
            gate.open();
        };
        let (answers, ()) = tokio::join!(asked, open);
        assert!(answers[0].is_ok());
        assert!(answers[1..].iter().all(|answer| *answer == Err(Refusal::Unavailable)), "{answers:?}");
        assert_eq!(node.submit(node.vpc("late")).await, Err(Refusal::Unavailable));
        assert_eq!(node.store.commits_asked() - before, 2, "it was written to after the damage");
        assert!(!node.engine.is_ready().await);
        assert_eq!(node.traces(&node.engine.view()).len(), 1, "reads go on");
    });
}

#[test]
fn nothing_is_written_to_a_store_that_is_found_damaged_while_looking_back() {
    block_on(async {
        let node = node(|_| ()).await;
        node.store.fail_commit(CommitFault::InDoubtLost);
        node.store.fail(Call::Changes, ReadFault::Damaged);
        assert_eq!(node.submit(node.vpc("a")).await, Err(Refusal::Unavailable));
        assert_eq!(node.submit(node.vpc("b")).await, Err(Refusal::Unavailable));
        assert!(!node.engine.is_ready().await);
        assert!(node.traces(&reload(&*node.store).await).is_empty());
    });
}

#[test]
fn a_commit_that_can_no_longer_be_looked_for_is_not_made_again() {
    for why in [ReadFault::TooOld, ReadFault::Diverged] {
        block_on(async {
            let node = node(|_| ()).await;
            let gate = Gate::default();
            node.store.fail_commit(CommitFault::InDoubtApplied);
            node.store.fail(Call::Changes, why.clone());
            node.store.fail(Call::Load, ReadFault::Held(gate.clone()));
            let elsewhere = async {
                gate.reached().await;
                commit_elsewhere(&node.store, "foreign").await;
                gate.open();
            };
            let (answer, ()) = tokio::join!(node.submit(node.vpc("once")), elsewhere);
            assert_eq!(answer, Err(Refusal::Unavailable), "{why:?}");
            assert!(node.submit(node.vpc("other")).await.is_ok());
            let stored = reload(&*node.store).await;
            assert_eq!(node.traces(&stored), [("once".into(), 1), ("other".into(), 1)].into());
            assert_eq!(node.traces(&node.engine.view()), node.traces(&stored));
            assert!(node.engine.view().setting("foreign").is_some());
        });
    }
}

#[test]
fn a_restored_store_is_read_again() {
    block_on(async {
        let node = node(|_| ()).await;
        node.store.start_epoch(77);
        // It changes nothing, but finds out only by trying to write.
        let unknown = Request::System(SystemCommand::Set(setting("x")));
        assert_eq!(node.submit(unknown).await, Ok(Reply::Done));
        assert_eq!(node.engine.view().head().epoch, 77);
    });
}

#[test]
fn what_waits_when_the_engine_closes_is_carried_out() {
    block_on(async {
        let node = node(|options| options.batch_commands = 1).await;
        let gate = Gate::default();
        node.store.fail_commit(CommitFault::Held(gate.clone()));
        let asked = async {
            let callers = [node.submit(node.vpc("a")), node.submit(node.vpc("b"))];
            let own = node.submit(Request::System(SystemCommand::Set(setting("own"))));
            tokio::join!(join_all(callers), own)
        };
        let close = async {
            gate.reached().await;
            let opened = async { gate.open() };
            tokio::join!(node.engine.close(), opened)
        };
        let ((callers, own), _) = tokio::join!(asked, close);
        assert!(callers.iter().all(Result::is_ok), "{callers:?}");
        assert_eq!(own, Ok(Reply::Done));
        assert_eq!(node.submit(node.vpc("late")).await, Err(Refusal::Unavailable));
        assert!(reload(&*node.store).await.setting("own").is_some());
    });
}

#[test]
fn too_much_at_once_is_refused_and_forgotten() {
    block_on(async {
        let node = node(|options| {
            options.queue_commands = 4;
            options.batch_commands = 1;
        })
        .await;
        let gate = Gate::default();
        node.store.fail_commit(CommitFault::Held(gate.clone()));
        let first = node.submit(node.vpc("first"));
        let rest = async {
            gate.reached().await;
            let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
            let asked = join_all(names.iter().map(|name| node.submit(node.vpc(name))));
            let open = async { gate.open() };
            tokio::join!(asked, open).0
        };
        let (_, answers) = tokio::join!(first, rest);
        let refused = answers.iter().filter(|answer| **answer == Err(Refusal::Overloaded)).count();
        assert_eq!(refused, 6, "{answers:?}");
        assert_eq!(node.traces(&reload(&*node.store).await).len(), 5);
        assert_eq!(node.engine.stats().queued_bytes, 0, "what was refused still counts as waiting");
    });
}
