//! Peers made, made again, looked at and removed, in batches as the reconciler hands them over.

use std::path::Path;
use std::time::{Duration, Instant};

use linkspan_plane::conformance::samples;
use linkspan_plane::{Change, PeerSpec, Plane};
use linkspan_plane_linux::{LinuxPlane, Settings};
use nix::sys::resource::{UsageWho, getrusage};
use tokio::runtime::Runtime;

use crate::arguments::Bench;
use crate::outcome::Outcome;
use crate::quantities::{figure, median};
use crate::table::Table;

const COUNTS: [usize; 2] = [100, 500];
/// Subnets that the peers lead to, all of one VPC.
const SUBNETS: usize = 10;
const STEPS: [&str; 6] = [
    "network of a queue made",
    "peer made",
    "peer made again",
    "peer looked at by a full pass",
    "peer removed",
    "network of a queue removed",
];

/// Processor time and time on the clock, of all peers together.
#[derive(Debug, Clone, Copy)]
struct Cost {
    cpu: Duration,
    wall: Duration,
}

pub(super) fn table(bench: &Bench) -> Outcome<String> {
    let mut table = Table::new(["a peer, in ms of processor time (clock)", "100 peers", "500 peers"]);
    let mut cells = STEPS.map(|_| Vec::new());
    for count in COUNTS {
        let rounds: Vec<[Cost; 6]> = (0..bench.rounds).map(|round| measured(count, round)).collect::<Outcome<_>>()?;
        for (place, cells) in cells.iter_mut().enumerate() {
            let each = |of: fn(&Cost) -> Duration| {
                let all: Vec<f64> =
                    rounds.iter().map(|round| of(&round[place]).as_secs_f64() * 1e3 / count as f64).collect();
                figure(median(&all))
            };
            cells.push(format!("{} ({})", each(|cost| cost.cpu), each(|cost| cost.wall)));
        }
        eprintln!("  {count} peers: {:?}", cells.iter().filter_map(|cells| cells.last()).collect::<Vec<_>>());
    }
    for (step, cells) in STEPS.iter().zip(cells) {
        let [few, many] = cells.try_into().map_err(|_| "a count is missing")?;
        table.row([(*step).to_owned(), few, many]);
    }
    Ok(table.into_markdown())
}

/// One round on a plane of its own.
fn measured(count: usize, round: usize) -> Outcome<[Cost; 6]> {
    let directory = Path::new("/run").join(format!("cost-{count}-{round}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let plane = plane(&directory);
    // The rules that never change are found out when a plane starts.
    runtime.block_on(plane.check())?;
    let peers: Vec<PeerSpec> = (0..count).map(peer).collect();
    let networks: Vec<_> = peers.iter().map(|peer| Change::EnsureNetwork(peer.source.clone())).collect();
    let made: Vec<_> = peers.iter().cloned().map(Change::EnsurePeer).collect();
    let removed: Vec<_> = peers.iter().map(|peer| Change::RemovePeer(peer.peer)).collect();
    let gone: Vec<_> = peers.iter().map(|peer| Change::RemoveNetwork(peer.source.source.clone().into())).collect();
    let apply = |changes: &[Change]| timed(|| apply(&runtime, &plane, changes));
    let steps = [apply(&networks)?, apply(&made)?];
    let before = plane.writes();
    let again = apply(&made)?;
    let looked = timed(|| {
        let there = runtime.block_on(plane.list())?.len();
        if there == 2 * count { Ok(()) } else { Err(format!("{there} things are listed").into()) }
    })?;
    if plane.writes() != before {
        return Err("making peers again has changed something".into());
    }
    Ok([steps[0], steps[1], again, looked, apply(&removed)?, apply(&gone)?])
}

pub(super) fn plane(directory: &Path) -> LinuxPlane {
    let settings =
        Settings { namespaces: directory.join("netns"), hosts: directory.join("hosts"), ..Settings::default() };
    LinuxPlane::new(&settings)
}

/// The peer of that number: a queue with a network of its own to one of the subnets.
fn peer(number: usize) -> PeerSpec {
    let source = samples::source(&format!("q{number}"), &format!("10.{}.{}.0/24", number / 250, number % 250));
    samples::spec_from(number as u128 + 1, source, &format!("192.168.{}.0/24", number % SUBNETS))
}

pub(super) fn apply(runtime: &Runtime, plane: &LinuxPlane, changes: &[Change]) -> Outcome<()> {
    for batch in changes.chunks(plane.capabilities().batch) {
        for result in runtime.block_on(plane.apply_batch(batch)) {
            result?;
        }
    }
    Ok(())
}

/// What some work takes, the programs that it starts included.
fn timed(work: impl FnOnce() -> Outcome<()>) -> Outcome<Cost> {
    let (began, before) = (Instant::now(), used()?);
    work()?;
    Ok(Cost { cpu: used()?.saturating_sub(before), wall: began.elapsed() })
}

fn used() -> Outcome<Duration> {
    let mut sum = Duration::ZERO;
    for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
        let usage = getrusage(who)?;
        for time in [usage.user_time(), usage.system_time()] {
            sum += Duration::new(time.tv_sec().try_into()?, 0) + Duration::from_micros(time.tv_usec().try_into()?);
        }
    }
    Ok(sum)
}
