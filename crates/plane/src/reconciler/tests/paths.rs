use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::fake::{Fake, OVERLAP};
use super::watched::Watched;
use super::{Rig, advance};
use crate::conformance::samples;
use crate::simulated::{Drift, FailOn, FaultEffect, FaultMatch, FaultRule};
use crate::*;

const SUBNET: &str = "192.168.0.0/24";

fn any(rig: &Rig, effect: FaultEffect) {
    rig.plane.inner.faults().add(FaultRule { matches: FaultMatch::Any, effect });
}

fn failing(on: FailOn, times: u32, error: PlaneError) -> FaultEffect {
    FaultEffect::Fail { on, times, error }
}

fn conflict() -> PlaneError {
    PlaneError::Conflict { with: "route 192.168.0.0/24".into(), why: "remove the other route".into() }
}

#[tokio::test(start_paused = true)]
async fn a_bind_becomes_active_at_once_and_then_nothing_moves() {
    let rig = Rig::new();
    let began = Instant::now();
    let peer = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(peer).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(rig.records.outcomes(peer), [Outcome::Active]);
    rig.assert_at_rest().await;
}

#[tokio::test(start_paused = true)]
async fn an_unbind_removes_the_peer_then_reports_and_later_drops_the_network() {
    let rig = Rig::new();
    let peer = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(peer).await;
    rig.records.unbind(peer);
    rig.records.until(|fake| fake.recorded(peer).is_none()).await;
    assert_eq!(rig.records.outcomes(peer), [Outcome::Active, Outcome::Removed]);
    assert_eq!(rig.peers_on_plane().await, 0);
    let calls = rig.plane.take_calls();
    assert!(!calls.iter().any(|call| call.starts_with("drop")), "{calls:?}");
    advance(Duration::from_secs(310)).await;
    assert_eq!(rig.plane.take_calls(), Vec::<String>::new(), "seen without a record once");
    advance(Duration::from_secs(300)).await;
    assert_eq!(rig.plane.take_calls(), ["drop queue q"]);
    rig.assert_at_rest().await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_without_drift_changes_nothing() {
    let rig = Rig::new();
    for number in 1..=20 {
        rig.records.bind(number, &format!("q{}", number % 3), &format!("192.168.{number}.0/24"));
    }
    rig.records.set_hosts(4, &[("kafka", "192.168.4.7")]);
    rig.records.until(|fake| fake.peers().iter().all(|peer| peer.recorded == Recorded::Active)).await;
    let rig = rig.crash().await;
    rig.assert_at_rest().await;
    // The simulated plane dies with its process and is resumed.
    let plane = Watched::new(SimulatedPlane::resume(&*rig.records), 1);
    rig.task.abort();
    Rig::on(rig.records, plane).assert_at_rest().await;
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_keeps_a_peer_creating_and_is_shown_as_progress() {
    let rig = Rig::new();
    any(&rig, failing(FailOn::Ensure, 4, PlaneError::Unavailable("the database is away".into())));
    let peer = rig.records.bind(1, "q", SUBNET);
    advance(Duration::from_millis(10)).await;
    assert_eq!(rig.records.recorded(peer), Some(Recorded::Creating));
    let progress = Progress { attempts: 1, why: PlaneError::Unavailable("the database is away".into()).to_both() };
    assert_eq!(rig.handle.progress(peer), Some(progress));
    rig.records.until_active(peer).await;
    assert_eq!(rig.handle.progress(peer), None);
    assert_eq!(rig.records.outcomes(peer), [Outcome::Active]);
}

#[tokio::test(start_paused = true)]
async fn the_plane_may_ask_to_be_left_alone_for_longer() {
    let rig = Rig::new();
    let error = PlaneError::Retry { after: Duration::from_secs(20), why: "reloading".into() };
    any(&rig, failing(FailOn::Ensure, 1, error));
    let began = Instant::now();
    let peer = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(peer).await;
    assert_eq!(began.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_fails_at_once_is_reported_once_and_may_still_pass() {
    let rig = Rig::new();
    any(&rig, failing(FailOn::Ensure, 5, conflict()));
    let began = Instant::now();
    let peer = rig.records.bind(1, "q", SUBNET);
    let failed = Recorded::Failed("remove the other route (it collides with route 192.168.0.0/24)".into());
    rig.records.until(|fake| fake.recorded(peer) == Some(failed.clone())).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    rig.records.until_active(peer).await;
    let outcomes = rig.records.outcomes(peer);
    assert!(matches!(outcomes.as_slice(), [Outcome::Failed(_), Outcome::Active]), "{outcomes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hint_cuts_the_pause_short() {
    let rig = Rig::new();
    any(&rig, failing(FailOn::Ensure, 12, conflict()));
    let peer = rig.records.bind(1, "q", SUBNET);
    rig.records.until(|fake| matches!(fake.recorded(peer), Some(Recorded::Failed(_)))).await;
    advance(Duration::from_secs(100)).await;
    rig.plane.inner.faults().clear();
    let began = Instant::now();
    rig.records.hint(peer);
    rig.records.until_active(peer).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn an_impossible_peer_fails_with_exactly_the_text_it_came_with() {
    let rig = Rig::new();
    let first = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(first).await;
    let second = rig.records.bind(2, "q", SUBNET);
    rig.records.until(|fake| fake.recorded(second) == Some(Recorded::Failed(OVERLAP.into()))).await;
    advance(Duration::from_secs(700)).await;
    assert_eq!(rig.records.outcomes(second), [Outcome::Failed(OVERLAP.into())]);
    let began = Instant::now();
    rig.records.unbind(first);
    rig.records.until_active(second).await;
    assert_eq!(began.elapsed(), Duration::ZERO, "although nobody hinted at it");
    assert_eq!(rig.peers_on_plane().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_restart_remembers_who_waits_for_room() {
    let rig = Rig::new();
    let first = rig.records.bind(1, "q", SUBNET);
    let second = rig.records.bind(2, "q", SUBNET);
    rig.records.until(|fake| fake.reports().len() == 2).await;
    let rig = rig.crash().await;
    advance(Duration::from_secs(1)).await;
    let began = Instant::now();
    rig.records.unbind(first);
    rig.records.until_active(second).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_vanished_unseen_is_made_anew_for_the_next_peer() {
    let rig = Rig::new();
    let first = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(first).await;
    rig.plane.inner.remove_network(&samples::queue("q")).await.unwrap();
    let began = Instant::now();
    let second = rig.records.bind(2, "q", "192.168.1.0/24");
    rig.records.until_active(second).await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_active_peer_that_becomes_impossible_is_taken_away() {
    let rig = Rig::new();
    let peer = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(peer).await;
    rig.records.alter(peer, |desired| desired.spec = Err("the subnet is gone".into()));
    rig.records.until(|fake| fake.recorded(peer) == Some(Recorded::Failed("the subnet is gone".into()))).await;
    assert_eq!(rig.peers_on_plane().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_stuck_peer_stays_creating_and_holds_up_nobody() {
    let rig = Rig::new();
    let stuck = FaultMatch::Source(samples::queue("stuck"));
    rig.plane.inner.faults().add(FaultRule { matches: stuck, effect: FaultEffect::StuckCreating });
    let peers: Vec<_> =
        (0..2000).map(|n| rig.records.bind(n, "stuck", &format!("10.{}.{}.0/24", 8 + n / 256, n % 256))).collect();
    advance(Duration::from_secs(30)).await;
    assert_eq!(rig.records.reports(), []);
    let began = Instant::now();
    let other = rig.records.bind(5000, "q", SUBNET);
    rig.records.until_active(other).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(rig.handle.progress(peers[7]).is_some_and(|progress| progress.attempts > 1));
    rig.plane.inner.faults().clear();
    rig.records.until(|fake| fake.peers().iter().all(|peer| peer.recorded == Recorded::Active)).await;
    rig.assert_at_rest().await;
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_peer_is_cleared_away_and_reported_as_failed() {
    let rig = Rig::new();
    any(&rig, FaultEffect::StuckCreating);
    let peer = rig.records.bind(1, "q", SUBNET);
    advance(Duration::from_secs(1)).await;
    assert_eq!(rig.peers_on_plane().await, 1);
    rig.records.alter(peer, |desired| desired.wish = Wish::Cancelled);
    rig.records.until(|fake| fake.recorded(peer) != Some(Recorded::Creating)).await;
    assert_eq!(rig.peers_on_plane().await, 0);
    let outcomes = rig.records.outcomes(peer);
    assert!(
        matches!(outcomes.as_slice(), [Outcome::Failed(why)] if why.reason.starts_with("cancelled")),
        "{outcomes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_addition_waits_for_the_removal_that_shares_its_cidr_and_says_so() {
    let rig = Rig::new();
    let old = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(old).await;
    any(&rig, failing(FailOn::Remove, 3, conflict()));
    rig.records.unbind(old);
    let (new, apart) = (rig.records.bind(2, "q", SUBNET), rig.records.bind(3, "q", "192.168.7.0/24"));
    rig.records.until_active(apart).await;
    assert_eq!(rig.records.recorded(new), Some(Recorded::Creating));
    assert!(rig.handle.progress(new).is_some_and(|progress| progress.why.reason.contains("is removed")));
    assert!(rig.handle.progress(old).is_some());
    rig.records.until_active(new).await;
    assert_eq!(rig.records.outcomes(old), [Outcome::Active, Outcome::Removed], "a removal never fails");
}

#[tokio::test(start_paused = true)]
async fn drift_is_mended_on_its_hint_without_a_report() {
    let rig = Rig::new();
    let peer = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(peer).await;
    for drift in [Drift::PeerGone, Drift::RouteGone, Drift::PermitGone, Drift::LinkDown] {
        rig.plane.inner.damage(peer, drift);
        advance(Duration::from_millis(1)).await;
        let probed = rig.handle.probe(&samples::probe("q", "192.168.0.9")).await.unwrap();
        assert_eq!(probed.verdict, Verdict::Reachable, "{drift:?}");
    }
    assert_eq!(rig.records.outcomes(peer), [Outcome::Active]);
    rig.plane.inner.remove_network(&samples::queue("q")).await.unwrap();
    advance(Duration::from_secs(310)).await;
    assert_eq!(rig.peers_on_plane().await, 1, "a full pass mends what no hint told of");
    rig.assert_at_rest().await;
}

#[tokio::test(start_paused = true)]
async fn objects_without_a_record_go_at_the_second_sight() {
    let plane = SimulatedPlane::new();
    let stray = samples::spec(9, "stray", SUBNET);
    plane.ensure_network(&stray.source).await.unwrap();
    plane.ensure_peer(&stray).await.unwrap();
    let rig = Rig::on(Fake::new(), Watched::new(plane, 1));
    advance(Duration::from_secs(10)).await;
    assert_eq!(rig.plane.take_calls(), Vec::<String>::new());
    advance(Duration::from_secs(300)).await;
    let calls = rig.plane.take_calls();
    assert_eq!(calls, [format!("remove {}", stray.peer), "drop queue stray".to_owned()]);
    assert_eq!(rig.records.reports(), []);
    rig.assert_at_rest().await;
}

#[tokio::test(start_paused = true)]
async fn a_probe_by_name_sees_the_host_records_of_this_moment() {
    let rig = Rig::new();
    let peer = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(peer).await;
    let probe = samples::probe("q", "kafka");
    for (hosts, verdict) in [
        (&[][..], Verdict::DnsFailure),
        (&[("kafka", "192.168.0.9")], Verdict::Reachable),
        (&[("kafka", "192.168.1.9")], Verdict::NoRouteInQueue),
        (&[], Verdict::DnsFailure),
    ] {
        rig.records.set_hosts(1, hosts);
        assert_eq!(rig.handle.probe(&probe).await.unwrap().verdict, verdict, "{hosts:?}");
    }
    rig.assert_at_rest().await;
}

#[tokio::test(start_paused = true)]
async fn refused_reports_are_handed_over_again_and_deposition_ends_it() {
    let rig = Rig::new();
    rig.records.refuse(&[ReportRefused::Later; 3]);
    let peer = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(peer).await;
    assert_eq!(rig.records.outcomes(peer), [Outcome::Active]);
    rig.assert_at_rest().await;
    rig.records.refuse(&[ReportRefused::Deposed]);
    rig.records.bind(2, "q", "192.168.1.0/24");
    assert_eq!(rig.task.await.unwrap(), Err(Deposed));
}

#[tokio::test(start_paused = true)]
async fn stopping_completes_what_is_under_way_and_begins_nothing() {
    let rig = Rig::new();
    let first = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(first).await;
    rig.handle.stop();
    let second = rig.records.bind(2, "q", "192.168.1.0/24");
    let Rig { task, records, plane, handle } = rig;
    assert_eq!(task.await.unwrap(), Ok(()));
    let made = plane.take_calls().contains(&format!("ensure {second}"));
    assert_eq!(records.recorded(second) == Some(Recorded::Active), made);
    // Whoever still holds the handle gets answers from what is in place.
    assert_eq!(handle.probe(&samples::probe("q", "kafka")).await.unwrap().verdict, Verdict::DnsFailure);
    let rig = Rig::on(records, plane);
    rig.records.until_active(second).await;
}

#[tokio::test(start_paused = true)]
async fn a_network_that_cannot_be_made_fails_whoever_waits_for_it() {
    let rig = Rig::new();
    rig.plane.fail_one_in(1);
    let peers: Vec<_> = (1..=5).map(|n| rig.records.bind(n, "q", &format!("192.168.{n}.0/24"))).collect();
    advance(Duration::from_secs(5)).await;
    assert_eq!(rig.peers_on_plane().await, 0);
    rig.plane.fail_one_in(0);
    for peer in peers {
        rig.records.until_active(peer).await;
    }
    rig.assert_at_rest().await;
}

#[tokio::test(start_paused = true)]
async fn another_generation_is_applied_and_an_old_report_changes_nothing() {
    let rig = Rig::new();
    let peer = rig.records.bind(1, "q", SUBNET);
    rig.records.until_active(peer).await;
    rig.records.alter(peer, |desired| {
        let plain = desired.spec.clone().unwrap();
        let mark = PeerMark { generation: desired.generation, ..samples::mark(1) };
        let routes = Arc::from([samples::cidr("172.20.0.0/16")]);
        desired.spec = Ok(PeerSpec::new(mark, plain.source, plain.destination, routes));
    });
    advance(Duration::from_millis(1)).await;
    let probed = rig.handle.probe(&samples::probe("q", "172.20.3.4")).await.unwrap();
    assert_eq!(probed.verdict, Verdict::Reachable);
    rig.assert_at_rest().await;
}
