//! One check: the gateway of the subnet, and the hosts in it that the connection's records name.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::{Clock, Engine, PlaneScope, SystemClock};
use linkspan_model::{Cidr4, PeerId, PeerState};
use linkspan_plane::{Handle, PlaneError, ProbeReport, ProbeSpec, ProbeTarget, SourceRef, Stage, Verdict};
use linkspan_wire::own::{Reachability, ReachabilityState, ReachabilityTarget, Time};

use crate::diagnosis::verdict;
use crate::plane_records::to_plane;

/// Hosts that are tried: the first of the records.
const HOSTS: usize = 4;
/// How long each is tried. A router needs 3 s to find that a host is not there.
const LIMIT: Duration = Duration::from_secs(4);
/// How long the plane is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is to be tried, in the order in which it is.
struct Plan {
    source: SourceRef,
    /// An address, and the host record that names it; the gateway has none.
    targets: Vec<(Ipv4Addr, Option<String>)>,
    /// Why nothing can be.
    why_not: Option<String>,
}

/// Checks a peer; none if it is not active or another node's, so that there is nothing to check here.
pub(super) async fn check(
    peer: PeerId,
    scope: Option<&PlaneScope>,
    (engine, plane): (&Engine, &Handle),
) -> Option<Reachability> {
    let Plan { source, targets, why_not } = plan(peer, scope, engine)?;
    let mut tried = Vec::with_capacity(targets.len());
    for (address, host) in targets {
        let target = ProbeTarget::Address(IpAddr::V4(address));
        let probe = ProbeSpec { source: source.clone(), target, port: None, limit: LIMIT };
        match tokio::time::timeout(PATIENCE, plane.probe(&probe)).await {
            Ok(Ok(report)) => tried.push((address, host, report)),
            Ok(Err(why)) => return Some(untried(&format!("The plane can't try it: {why}"))),
            Err(_late) => {
                let why = PlaneError::Unavailable("it gave no answer".into());
                return Some(untried(&format!("The plane can't try it: {why}")));
            }
        }
    }
    if let Some(why_not) = why_not.filter(|_| tried.is_empty()) {
        return Some(untried(&why_not));
    }
    Some(found(tried))
}

fn plan(peer: PeerId, scope: Option<&PlaneScope>, engine: &Engine) -> Option<Plan> {
    let state = Arc::clone(&engine.view());
    let desired = state.desired_peer(peer).filter(|desired| desired.peer.state == PeerState::Active)?;
    scope.is_none_or(|scope| state.is_within(scope, &desired.peer.project)).then_some(())?;
    let source = to_plane(&linkspan_engine::SourceRef::of(&desired.peer));
    let joint = desired.joint.ok()?;
    let gateway = joint.dest_cidr.map(|cidr| (gateway(cidr), None));
    let is_inside = |address| joint.dest_cidr.is_none_or(|cidr| cidr.contains(address));
    let mut targets: Vec<(Ipv4Addr, Option<String>)> = gateway.into_iter().collect();
    for host in joint.entry.hosts().iter().filter(|host| is_inside(host.ip)) {
        if targets.len() > HOSTS {
            break;
        }
        if !targets.iter().any(|(address, _)| *address == host.ip) {
            targets.push((host.ip, Some(host.name.to_string())));
        }
    }
    let why_not = targets.is_empty().then(|| {
        "The directory does not know the subnet's addresses, and no host record names a data source in it.".to_owned()
    });
    Some(Plan { source, targets, why_not })
}

/// The first address that a host may have, which a subnet's gateway has.
fn gateway(cidr: Cidr4) -> Ipv4Addr {
    let first = u32::from(cidr.network()) + u32::from(cidr.prefix() < 31);
    Ipv4Addr::from(first.min(u32::from(cidr.last())))
}

fn now() -> Time {
    Time(SystemClock.now())
}

fn untried(why: &str) -> Reachability {
    let (state, summary) = (ReachabilityState::Unknown, why.to_owned());
    Reachability { state, verdict: None, summary, checked_at: Some(now()), targets: Vec::new() }
}

/// What all that was tried comes down to.
fn found(tried: Vec<(Ipv4Addr, Option<String>, ProbeReport)>) -> Reachability {
    // A router that tells of a silent gateway is itself proof that the way to the subnet is open.
    let is_open = |host: &Option<String>, report: &ProbeReport| {
        let verdict = report.verdict;
        verdict == Verdict::Reachable || (host.is_none() && verdict.stage() == Stage::Destination)
    };
    let hosts = tried.iter().filter(|(_, host, _)| host.is_some()).count();
    let silent = tried.iter().filter(|(_, host, report)| host.is_some() && !is_open(host, report)).count();
    let worst = tried.iter().find(|(_, host, report)| !is_open(host, report)).map(|(_, _, report)| report);
    let (state, summary) = match worst {
        None if hosts == 0 => (
            ReachabilityState::Reachable,
            "The way to the subnet is open; no host record names a data source, so none was tried.".to_owned(),
        ),
        None => (ReachabilityState::Reachable, format!("{hosts} of {hosts} hosts answer.")),
        Some(worst) if worst.verdict.stage() == Stage::Destination && silent < hosts => {
            let answer = hosts - silent;
            (ReachabilityState::PartlyReachable, format!("{answer} of {hosts} hosts answer. {}", worst.summary))
        }
        Some(worst) => (ReachabilityState::Unreachable, worst.summary.clone()),
    };
    let worst = worst.map_or(Verdict::Reachable, |report| report.verdict);
    let targets = tried.into_iter().map(|(address, host, report)| {
        let verdict = verdict(report.verdict);
        ReachabilityTarget { address: IpAddr::V4(address), host, verdict }
    });
    let targets = targets.collect();
    Reachability { state, verdict: Some(verdict(worst)), summary, checked_at: Some(now()), targets }
}
