//! A right to one project neither changes another project's things nor tells anything about them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

use std::sync::Arc;

use linkspan_engine::command::{
    Authorization, Command, GrantAction, NewRoute, RouteTableChange, SourceNames, SubnetChange, VpcChange,
};
use linkspan_engine::{Access, Engine, Origin, Refusal, Reply, Request};
use linkspan_model::{ConnectionId, ExternalId, Hosts, PeerId};
use linkspan_testkit::cast::principal;
use linkspan_testkit::commands::{ANY, CALLERS, Call, Op, PROJECTS, Play, RIGHTS, plays};
use linkspan_testkit::drivers::{block_on, options};
use linkspan_testkit::explore::explore;
use linkspan_testkit::fixed::HandClock;
use linkspan_testkit::memory::MemoryStore;
use linkspan_testkit::seen::{Look, look};
use linkspan_testkit::simulator::{START, Simulator, same_look};
use linkspan_testkit::words::refusal_text;
use linkspan_testkit::world::{Peer, World};
use uuid::Uuid;

async fn start(play: &Play) -> Simulator<Engine> {
    let (clock, limits) = (Arc::new(HandClock::at(START)), play.limits());
    let engine = Engine::open(Arc::new(MemoryStore::default()), options(&clock, limits)).await.unwrap();
    Simulator::start(engine, clock, limits).await
}

/// Whether a call concerns the whole store and not one project.
fn is_global(op: &Op) -> bool {
    matches!(op, Op::Move(_) | Op::Housekeeping | Op::Report(_) | Op::Enable(..))
}

/// The projects that a call may change something in: the one it is made in, and whoever is, or was, granted the
/// connection it is about, if what it changes is common to all who see it.
fn concerned(call: &Call, before: &World, after: &World) -> Vec<usize> {
    let mut projects = vec![call.project];
    if let Op::Delete(at) | Op::SetHosts(at, _) | Op::Route(at, ..) | Op::Grant(at, ..) | Op::Retag(at, ..) = call.op
        && let Some(at) = before.picked(call.project, at)
    {
        projects.extend((0..PROJECTS.len()).filter(|project| before.sees(*project, at) || after.sees(*project, at)));
    }
    projects
}

/// What belongs to one project, but for whether its peers can be made: that may depend on peers of others where they
/// share a connection.
fn part_but_clashes(seen: &Look, project: usize) -> Look {
    let mut part = part(seen, project);
    for line in part.values_mut().flatten() {
        *line = line.split(" clashes=").next().unwrap_or_default().to_owned();
    }
    part
}

/// What belongs to one project.
fn part(seen: &Look, project: usize) -> Look {
    let own = format!("{} ", PROJECTS[project]);
    seen.iter().filter(|(what, _)| what.starts_with(&own)).map(|(what, lines)| (what.clone(), lines.clone())).collect()
}

#[test]
fn a_call_changes_only_the_project_it_is_made_in() {
    explore(24, &plays(100), |play| {
        block_on(async {
            let mut simulator = start(&play).await;
            for call in play.all() {
                let before = look(&simulator.driver.view(), &simulator.cast);
                let (revisions, world) = (list_revisions(&simulator), simulator.world.clone());
                simulator.step(&call).await;
                if is_global(&call.op) {
                    continue;
                }
                let after = look(&simulator.driver.view(), &simulator.cast);
                let is_shared = |world: &World| world.conns.iter().any(|conn| !conn.grantees.is_empty());
                let shared = is_shared(&world) || is_shared(&simulator.world);
                let part = if shared { part_but_clashes } else { part };
                let concerned = concerned(&call, &world, &simulator.world);
                for other in (0..PROJECTS.len()).filter(|other| !concerned.contains(other)) {
                    assert_eq!(part(&before, other), part(&after, other), "{call:?}");
                    assert_eq!(revisions[other], list_revisions(&simulator)[other], "{call:?}");
                }
            }
            tells_nothing(&simulator).await;
        });
    });
}

fn list_revisions(simulator: &Simulator<Engine>) -> Vec<u64> {
    let state = simulator.driver.view();
    (0..PROJECTS.len()).map(|project| state.project(simulator.cast.onlooker(project)).list_revision()).collect()
}

/// Asks in every project for the things of every other one: each question is answered as for what never was.
async fn tells_nothing(simulator: &Simulator<Engine>) {
    let (world, cast, engine) = (&simulator.world, &simulator.cast, &simulator.driver);
    for project in 0..PROJECTS.len() {
        let state = engine.view();
        let scope = cast.onlooker(project);
        let view = state.project(scope);
        for (_, conn) in
            world.conns.iter().enumerate().filter(|(at, conn)| conn.project != project && !world.sees(project, *at))
        {
            let id = ConnectionId::from_wire(conn.id.as_deref().unwrap()).unwrap();
            assert!(view.row(id).is_none() && view.connection(id).is_none() && !view.has_unsettled_peer(id));
            for (known, never) in commands(id).into_iter().zip(commands(ConnectionId(Uuid::max()))) {
                let ask = |command| engine.submit(Request::Project(scope.clone(), command), Origin::default());
                let (known, never) = (ask(known).await, ask(never).await);
                assert_eq!(known.as_ref().map_err(refusal_text), never.as_ref().map_err(refusal_text));
                let text = |answer: Result<Reply, Refusal>, id: ConnectionId| {
                    answer.map_or_else(|refusal| refusal.to_string(), |_| "done".into()).replace(&id.to_string(), "ID")
                };
                assert_eq!(text(known, id), text(never, ConnectionId(Uuid::max())));
            }
        }
        let others = |peer: &&Peer| peer.project != project && world.conns[peer.conn].project != project;
        for peer in world.peers.iter().filter(others) {
            assert!(!view.is_removing(peer.id.unwrap_or(PeerId(Uuid::max()))));
        }
        let own = cast.projects[project].as_str();
        let audit = engine.audit(scope, None, 1000).await.unwrap();
        assert!(audit.iter().all(|event| event.row.project.as_ref().is_some_and(|project| project.as_str() == own)));
    }
    tells_nothing_of_projects(simulator);
}

fn commands(id: ConnectionId) -> Vec<Command> {
    let names = SourceNames { queues: vec!["nobody_has_it".into()], pools: vec![] };
    vec![
        Command::DeleteConnection(id),
        Command::SetHosts(id, Hosts::parse(&[("h", "10.0.0.1")]).unwrap()),
        Command::Bind(id, names.clone()),
        Command::Unbind(id, names),
        Command::AddRoute(id, NewRoute { name: "r".parse().unwrap(), cidr: "10.0.0.0/8".into() }),
        Command::DeleteRoute(id, "r".into()),
        Command::Authorize(Authorization {
            action: GrantAction::Grant,
            project: Some("somebody".into()),
            user: None,
            objects: vec![(format!("edsconnections.{id}"), vec!["BIND_QUEUE".into()])],
        }),
        Command::DeleteQueue("nobody_has_it".into()),
        Command::DeletePool("nobody_has_it".into()),
        Command::DeleteVpc(ExternalId::Uuid(id.0)),
        Command::DeleteSubnet { vpc: None, id: ExternalId::Uuid(id.0) },
        Command::ChangeVpc(ExternalId::Uuid(id.0), VpcChange::default()),
        Command::ChangeSubnet(ExternalId::Uuid(id.0), SubnetChange::default()),
        Command::ChangeRouteTable(ExternalId::Uuid(id.0), RouteTableChange::default()),
        Command::DeleteRouteTable(ExternalId::Uuid(id.0)),
    ]
}

/// A project that is another's is refused in the words for one that never was.
fn tells_nothing_of_projects(simulator: &Simulator<Engine>) {
    let state = simulator.driver.view();
    for (caller, own) in RIGHTS.iter().enumerate().take(CALLERS.len()) {
        let Some(principal) = principal(&state, caller) else { continue };
        let refusal = |project: &str| {
            let refusal = state.scope(&principal, project, Access::Read).unwrap_err();
            assert!(matches!(refusal, Refusal::Forbidden(_)), "{refusal:?}");
            refusal.to_string().replace(&format!("project {project}."), "PROJECT")
        };
        for other in (0..PROJECTS.len()).filter(|other| !own.contains(other)) {
            assert_eq!(refusal(simulator.cast.projects[other].as_str()), refusal("neverwas"));
        }
    }
}

/// The call as it is in a world that holds nothing of other projects.
fn alone(call: &Call, project: usize, full: &World, lonely: &World) -> Call {
    let op = match &call.op {
        Op::Report(findings) => {
            let of_project = |at: usize| full.peers[at].project == project;
            let mapped = findings.iter().filter_map(|finding| {
                let at = finding.peer % (full.peers.len() + 1);
                let own =
                    (at < full.peers.len() && of_project(at)).then(|| (0..at).filter(|at| of_project(*at)).count());
                own.map(|peer| linkspan_testkit::commands::Finding { peer, ..finding.clone() })
            });
            Op::Report(mapped.collect())
        }
        Op::Delete(at) => Op::Delete(alone_at(*at, project, full, lonely)),
        Op::SetHosts(at, hosts) => Op::SetHosts(alone_at(*at, project, full, lonely), *hosts),
        Op::Bind(at, names) => Op::Bind(alone_at(*at, project, full, lonely), names.clone()),
        Op::Unbind(at, names) => Op::Unbind(alone_at(*at, project, full, lonely), names.clone()),
        Op::Route(at, name, to) => Op::Route(alone_at(*at, project, full, lonely), name, *to),
        other => other.clone(),
    };
    Call { op, ..call.clone() }
}

fn alone_at(at: usize, project: usize, full: &World, lonely: &World) -> usize {
    let of_project = |at: usize| full.conns[at].project == project;
    match at.checked_sub(ANY).map(|_| at % (full.conns.len() + 1)) {
        None => at,
        Some(at) => {
            let own = at < full.conns.len() && of_project(at);
            let place = if own { (0..at).filter(|at| of_project(*at)).count() } else { lonely.conns.len() };
            // The number is taken modulo one more than there are.
            (ANY..).find(|number| number % (lonely.conns.len() + 1) == place).unwrap()
        }
    }
}

/// What a project sees, without ids, which differ from run to run.
fn without_ids(seen: &Look, project: usize) -> Look {
    let mut part = part(seen, project);
    for (what, lines) in &mut part {
        lines.iter_mut().for_each(|line| *line = without_id(line));
        if what.ends_with("peers") {
            lines.sort();
        }
    }
    part
}

/// A line of what is seen holds one id at most.
fn without_id(line: &str) -> String {
    let is_id = |start: &usize| line.get(*start..start + 36).is_some_and(|id| Uuid::try_parse(id).is_ok());
    match (0..line.len()).find(is_id) {
        Some(start) => [&line[..start], "ID", &line[start + 36..]].concat(),
        None => line.to_owned(),
    }
}

#[test]
fn a_project_is_answered_as_if_it_were_alone() {
    explore(16, &plays(90), |play| {
        block_on(async {
            let (mut full, mut lonely) = (start(&play).await, start(&play).await);
            // What is granted to it or by it is what it is not alone with; others may grant each other what they like.
            let shares = |call: &Call| matches!(call.op, Op::Grant(_, to, _) if to == 0 || call.project == 0);
            for call in play.all().filter(|call| !shares(call)) {
                let call_alone = alone(&call, 0, &full.world, &lonely.world);
                let mine = is_global(&call.op) || call.project == 0;
                if mine {
                    assert_eq!(expected(&full, &call), expected(&lonely, &call_alone), "{call:?}, {call_alone:?}");
                    lonely.step(&call_alone).await;
                }
                full.step(&call).await;
                let (seen, alone) = (look(&full.driver.view(), &full.cast), look(&lonely.driver.view(), &lonely.cast));
                same_look(&without_ids(&seen, 0), &without_ids(&alone, 0));
            }
        });
    });
}

/// The answer to a call; the step that follows holds the engine to it.
fn expected(simulator: &Simulator<Engine>, call: &Call) -> Result<String, Vec<String>> {
    simulator.world.clone().call(call)
}
