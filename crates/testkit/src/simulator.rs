//! Carries out calls on an engine and on the oracle side by side, and compares all that can be seen after each.

use std::ops::Range;
use std::sync::Arc;

use linkspan_engine::{Access, Order, PageQuery, Refusal, Reply, State};
use linkspan_model::{ConnectionId, UnixMillis};

use crate::cast::{Cast, principal};
use crate::commands::{CALLERS, Call, Limits, NAMES, Op, PROJECTS, TAGS};
use crate::drivers::Driver;
use crate::fixed::HandClock;
use crate::requests::request;
use crate::seen::{Look, look, rows_of};
use crate::words::{refusal_text, reply_text};
use crate::world::World;

/// A name and tags that a list is asked for.
type Filter = (Option<String>, Vec<(String, String)>);

/// The time at which every run starts.
pub const START: UnixMillis = 1_700_000_000_000;

/// An engine, or `decide` alone, and the oracle beside it.
pub struct Simulator<D> {
    /// What should be.
    pub world: World,
    /// Who is there.
    pub cast: Cast,
    /// What is.
    pub driver: D,
    clock: Arc<HandClock>,
    last_created: UnixMillis,
    steps: usize,
}

/// How a call ended that the oracle agrees with.
#[derive(Debug)]
pub enum Step {
    /// Answered.
    Answered,
    /// Answered in a way that leaves open whether it was carried out; the world in which it was.
    Open(Box<World>),
}

impl<D: Driver> Simulator<D> {
    /// Makes the cast in an empty store.
    pub async fn start(mut driver: D, clock: Arc<HandClock>, limits: Limits) -> Self {
        let cast = Cast::assemble(&mut driver).await;
        Self { world: World::new(limits, START), cast, driver, clock, last_created: 0, steps: 0 }
    }

    /// Carries out a call and compares everything.
    ///
    /// # Panics
    /// Engine and oracle differ.
    pub async fn step(&mut self, call: &Call) {
        let step = self.ask(call).await;
        assert!(matches!(step, Step::Answered), "{call:?} was not answered");
        self.steps += 1;
        // Every list in every way takes time; what the call was about is looked at each time, the rest now and then.
        let all = 0..PROJECTS.len();
        self.compare(if self.steps.is_multiple_of(16) { all } else { call.project..call.project + 1 });
    }

    /// Carries out a call and compares the answer only.
    ///
    /// # Panics
    /// Engine and oracle differ.
    pub async fn ask(&mut self, call: &Call) -> Step {
        if let Op::Move(by) = call.op {
            self.clock.move_by(by);
        }
        let mut after = self.world.clone();
        let expected = after.call(call);
        let answer = match request(&self.world, &self.cast, &self.driver.state(), call) {
            Ok(Some(request)) => self.driver.submit(request).await,
            Ok(None) => Ok(Reply::Done),
            Err(refusal) => Err(refusal),
        };
        match (&answer, expected) {
            (Err(Refusal::Unavailable), _) => return Step::Open(Box::new(after)),
            (Err(Refusal::StorageFull), _) => return Step::Answered,
            (Ok(reply), Ok(expected)) => assert_eq!(reply_text(reply), expected, "{call:?}"),
            (Err(refusal), Err(faults)) => {
                assert!(faults.contains(&refusal_text(refusal)), "{call:?}: {refusal:?}, expected one of {faults:?}");
            }
            (answer, expected) => panic!("{call:?}: {answer:?}, expected {expected:?}"),
        }
        self.world = after;
        Step::Answered
    }

    /// Finds out from what is stored whether a call that was left open was carried out.
    ///
    /// # Panics
    /// It was carried out in part, or more than once.
    pub fn close(&mut self, stored: &State, carried_out: World) {
        let seen = look(stored, &self.cast);
        for mut world in [self.world.clone(), carried_out] {
            if learn(&mut world, stored, &self.cast).is_ok() && world.look() == seen {
                self.world = world;
                return;
            }
        }
        panic!("neither the world before nor the one after: {seen:#?}");
    }

    /// Compares everything that can be seen, and the lists of some projects in every way.
    ///
    /// # Panics
    /// Engine and oracle differ.
    pub fn compare(&mut self, projects: Range<usize>) {
        let state = self.driver.state();
        learn(&mut self.world, &state, &self.cast).unwrap();
        same_look(&look(&state, &self.cast), &self.world.look());
        self.compare_lists(&state, projects);
        self.compare_shows(&state);
        for caller in 0..CALLERS.len() {
            for (project, id) in self.cast.projects.iter().enumerate() {
                let seen =
                    principal(&state, caller).is_some_and(|it| state.scope(&it, id.as_str(), Access::Read).is_ok());
                assert_eq!(seen, self.world.may_see(caller, project), "{caller} in {project}");
            }
        }
    }

    fn compare_lists(&self, state: &State, projects: Range<usize>) {
        let names = NAMES.iter().copied().chain(["a*b"]).map(|name| Some(name.to_owned()));
        let tags = TAGS.iter().map(|tags| tags.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect());
        let filters: Vec<Filter> = names.map(|name| (name, vec![])).chain(tags.map(|tags| (None, tags))).collect();
        for p in projects {
            let view = state.project(self.cast.onlooker(p));
            assert_eq!(view.row_count(), self.world.rows(p, &PageQuery::default()).len());
            for active in [None, Some(true), Some(false)] {
                for order in [Order::Desc, Order::Asc] {
                    for (name, tags) in &filters {
                        let query =
                            PageQuery { active, order, name: name.clone(), tags: tags.clone(), ..PageQuery::default() };
                        let (page, expected) = (view.page(&query), self.world.rows(p, &query));
                        assert_eq!(page.total, expected.len(), "{query:?}");
                        assert_eq!(rows_of(page), expected, "{query:?}");
                        let part = PageQuery { offset: 1, limit: Some(2), ..query };
                        let (page, part) =
                            (view.page(&part), expected.iter().skip(1).take(2).cloned().collect::<Vec<_>>());
                        assert_eq!((page.total, rows_of(page)), (expected.len(), part));
                    }
                }
            }
        }
    }

    fn compare_shows(&mut self, state: &State) {
        for (at, conn) in self.world.conns.iter().enumerate() {
            let id = ConnectionId::from_wire(conn.id.as_deref().unwrap()).unwrap();
            for p in 0..PROJECTS.len() {
                let view = state.project(self.cast.onlooker(p));
                let expected = self.world.sees(p, at).then(|| self.world.row(p, at));
                let row = view.row(id).map(|row| String::from_utf8(row.to_vec()).unwrap());
                assert_eq!(row, expected, "{id} seen by {p}");
                assert_eq!(view.connection(id).is_some(), expected.is_some());
            }
        }
        let newest = self.world.conns.last().filter(|conn| !conn.purged);
        if let Some(newest) = newest {
            let id = ConnectionId::from_wire(newest.id.as_deref().unwrap()).unwrap();
            let entry = state.project(self.cast.onlooker(newest.project)).connection(id).unwrap();
            let created = entry.connection.created.millis();
            assert!(created >= self.last_created, "created {created} after {}", self.last_created);
            self.last_created = created;
        }
    }
}

/// Tells the world the ids of what was made since.
///
/// # Errors
/// More was made than the world knows of.
pub fn learn(world: &mut World, state: &State, cast: &Cast) -> Result<(), String> {
    for p in 0..PROJECTS.len() {
        let rows = rows_of(state.project(cast.onlooker(p)).page(&PageQuery::default()));
        for row in rows {
            let row: serde_json::Value = serde_json::from_str(&row).unwrap();
            let (id, name) = (row["id"].as_str().unwrap(), row["name"].as_str().unwrap());
            if world.conns.iter().any(|conn| conn.id.as_deref() == Some(id)) {
                continue;
            }
            let unnamed =
                |at: &usize| world.sees(p, *at) && world.conns[*at].id.is_none() && world.conns[*at].new.name == name;
            let unnamed = (0..world.conns.len()).find(unnamed).ok_or_else(|| format!("nobody created {row}"))?;
            world.conns[unnamed].id = Some(id.to_owned());
        }
    }
    let mut strangers = Vec::new();
    state.for_each_desired_peer(&mut |desired| {
        let peer = &desired.peer;
        if world.peers.iter().any(|it| it.id == Some(peer.id)) {
            return;
        }
        let conn = peer.connection.to_string();
        let conn = world.conns.iter().position(|it| it.id.as_ref() == Some(&conn));
        let source = peer.source.to_string();
        let project = cast.projects.iter().position(|id| *id == peer.project);
        let is = |it: &crate::world::Peer| (Some(it.conn), Some(it.project), &it.source) == (conn, project, &source);
        let unnamed = world.peers.iter_mut().find(|it| it.id.is_none() && is(it));
        match unnamed {
            Some(unnamed) => unnamed.id = Some(peer.id),
            None => strangers.push(format!("nobody bound {peer:?}")),
        }
    });
    strangers.pop().map_or(Ok(()), Err)
}

/// Compares what is seen with what should be, and tells only what differs.
///
/// # Panics
/// They differ.
pub fn same_look(seen: &Look, expected: &Look) {
    let all: std::collections::BTreeSet<_> = seen.keys().chain(expected.keys()).collect();
    let differ: Vec<String> = all
        .into_iter()
        .filter(|what| seen.get(*what) != expected.get(*what))
        .map(|what| format!("{what}\n  is        {:#?}\n  should be {:#?}", seen.get(what), expected.get(what)))
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
