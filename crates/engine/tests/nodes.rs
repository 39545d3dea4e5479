//! Two engines on one store: what one commits, the other takes over, and it is what a reload would say.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

use std::sync::Arc;

use linkspan_engine::command::{Command, NewVpc};
use linkspan_engine::record::{Record, key};
use linkspan_engine::{Engine, Origin, PageQuery, Refusal, Reply, Request, State};
use linkspan_model::{Connection, ConnectionId, ConnectionStatus, Peer, PeerId, PeerState, SourceName, Stamp};
use linkspan_testkit::cast::Cast;
use linkspan_testkit::commands::{Limits, PROJECTS, plays};
use linkspan_testkit::drivers::{Driver, block_on, catch_up, options, reload};
use linkspan_testkit::elsewhere::Elsewhere;
use linkspan_testkit::explore::explore;
use linkspan_testkit::fixed::{HandClock, SeededIds};
use linkspan_testkit::memory::MemoryStore;
use linkspan_testkit::seen::{look, rows_of};
use linkspan_testkit::simulator::{START, Simulator, same_look};
use proptest::prelude::*;
use uuid::Uuid;

/// Two engines of which one is asked at a time.
struct Pair {
    engines: [Engine; 2],
    asked: usize,
}

impl Pair {
    async fn ask(&mut self, which: usize) {
        if self.asked != which {
            self.asked = which;
            catch_up(&self.engines[which]).await;
        }
    }
}

impl Driver for Pair {
    async fn submit(&mut self, request: Request) -> Result<Reply, Refusal> {
        self.engines[self.asked].submit(request, Origin::default()).await
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.engines[self.asked].view())
    }
}

async fn pair(store: &Arc<MemoryStore>, clocks: [&Arc<HandClock>; 2], limits: Limits) -> Pair {
    let first = Engine::open(store.clone(), options(clocks[0], limits)).await.unwrap();
    let mut other = options(clocks[1], limits);
    other.ids = Arc::new(SeededIds::new(8));
    let second = Engine::open(Arc::new(store.another_node()), other).await.unwrap();
    Pair { engines: [first, second], asked: 0 }
}

#[test]
fn nodes_that_take_turns_agree_with_the_oracle_and_with_a_reload() {
    explore(24, &(plays(100), prop::collection::vec(0..2_usize, 1..40)), |(play, turns)| {
        let (clock, limits) = (Arc::new(HandClock::at(START)), play.limits());
        block_on(async {
            let store = Arc::new(MemoryStore::default());
            let pair = pair(&store, [&clock, &clock], limits).await;
            let mut simulator = Simulator::start(pair, clock, limits).await;
            for (call, turn) in play.all().zip(turns.iter().cycle()) {
                simulator.driver.ask(*turn).await;
                simulator.step(&call).await;
            }
            for which in [0, 1] {
                simulator.driver.ask(which).await;
                simulator.compare(0..PROJECTS.len());
                let reloaded = reload(&*store).await;
                same_look(&look(&reloaded, &simulator.cast), &look(&simulator.driver.state(), &simulator.cast));
            }
        });
    });
}

#[test]
fn nothing_is_created_before_what_another_node_created_and_removed() {
    block_on(async {
        let store = Arc::new(MemoryStore::default());
        let (early, late) = (Arc::new(HandClock::at(START)), Arc::new(HandClock::at(START + 3_600_000)));
        let mut pair = pair(&store, [&early, &late], Limits::small(false)).await;
        let cast = Cast::assemble(&mut pair).await;
        let scope = cast.onlooker(0);
        let create = |name: &str| {
            let new = NewVpc { id: Some(name.parse().unwrap()), name: name.into(), ..NewVpc::default() };
            Request::Project(scope.clone(), Command::CreateVpc(new))
        };
        pair.ask(1).await;
        assert!(pair.submit(create("gone")).await.is_ok());
        let gone = pair.state().project(scope).vpc(&"gone".parse().unwrap()).unwrap().created;
        let delete = Command::DeleteVpc("gone".parse().unwrap());
        assert!(pair.submit(Request::Project(scope.clone(), delete)).await.is_ok());
        pair.ask(0).await;
        assert!(pair.submit(create("next")).await.is_ok());
        let next = pair.state().project(scope).vpc(&"next".parse().unwrap()).unwrap().created;
        assert!(next > gone, "{next:?} after {gone:?}");
    });
}

fn granted(cast: &Cast, grantees: &[usize], status: ConnectionStatus) -> Record {
    Record::Connection(Connection {
        id: ConnectionId(Uuid::from_u128(1)),
        project: cast.projects[0].clone(),
        name: "shared".parse().unwrap(),
        dest_vpc: "v1".parse().unwrap(),
        dest_network: "s1".parse().unwrap(),
        route_table: None,
        created: Stamp::new(START, 1),
        status,
        tags: linkspan_model::Tags::default(),
        routes: Box::default(),
        ipv6: false,
        grantees: grantees.iter().map(|project| cast.projects[*project].clone()).collect(),
    })
}

fn peer(cast: &Cast, project: usize, state: PeerState) -> Record {
    Record::Peer(Peer {
        id: PeerId(Uuid::from_u128(10 + project as u128)),
        connection: ConnectionId(Uuid::from_u128(1)),
        project: cast.projects[project].clone(),
        source: SourceName::Queue(format!("q{project}").parse().unwrap()),
        generation: 1,
        state,
        create_time: START,
        place: 10 - u32::try_from(project).unwrap(),
        update_time: START,
    })
}

/// Who lists the connection, each with the peers in its row.
fn listed(state: &State, cast: &Cast) -> Vec<Option<String>> {
    let row = |project: usize| {
        let rows = rows_of(state.project(cast.onlooker(project)).page(&PageQuery::default()));
        let row: serde_json::Value = serde_json::from_str(rows.first()?).unwrap();
        Some(row["peers"].as_array().unwrap().iter().map(|peer| peer.as_str().unwrap()[..8].to_owned()).collect())
    };
    (0..PROJECTS.len()).map(row).collect()
}

#[test]
fn a_grant_that_comes_and_goes_elsewhere_is_seen_by_exactly_those_it_concerns() {
    block_on(async {
        let store = Arc::new(MemoryStore::default());
        let clock = Arc::new(HandClock::at(START));
        let mut engine = Engine::open(store.clone(), options(&clock, Limits::small(false))).await.unwrap();
        let cast = Cast::assemble(&mut engine).await;
        let mut elsewhere = Elsewhere::of(&store);
        let (active, deleted) = (ConnectionStatus::Active, ConnectionStatus::Deleted { at: START });
        let queue = |number: usize| Some(format!("queue q{number}"));
        let removing = |project| peer(&cast, project, PeerState::Removing);
        let history = [
            (vec![granted(&cast, &[1], active)], [Some(String::new()), Some(String::new()), None]),
            (vec![peer(&cast, 1, PeerState::Active), peer(&cast, 0, PeerState::Active)], [queue(0), queue(1), None]),
            (vec![granted(&cast, &[2], active), removing(1)], [queue(0), None, Some(String::new())]),
            (vec![peer(&cast, 2, PeerState::Active)], [queue(0), None, queue(2)]),
            (vec![granted(&cast, &[], deleted), removing(0), removing(2)], [Some(String::new()), None, None]),
        ];
        for (records, expected) in history {
            elsewhere.write(&records, &[]).await;
            catch_up(&engine).await;
            assert_eq!(listed(&engine.view(), &cast), expected, "caught up with {records:?}");
            let reloaded = reload(&*store).await;
            assert_eq!(listed(&reloaded, &cast), expected, "loaded with {records:?}");
            same_look(&look(&engine.view(), &cast), &look(&reloaded, &cast));
            for (project, row) in expected.iter().enumerate() {
                let view = engine.view();
                let shown = view.project(cast.onlooker(project)).connection(ConnectionId(Uuid::from_u128(1))).is_some();
                assert_eq!(shown, row.is_some(), "shown to {project}");
            }
        }
        elsewhere.write(&[], &[key::connection(ConnectionId(Uuid::from_u128(1)))]).await;
        catch_up(&engine).await;
        assert_eq!(listed(&engine.view(), &cast), [None, None, None]);
        same_look(&look(&engine.view(), &cast), &look(&reload(&*store).await, &cast));
    });
}
