use super::*;
use crate::conformance::{samples, violations};

const SUBNET: &str = "192.168.0.0/24";
const INSIDE: &str = "192.168.0.9";

async fn plane_with_peer() -> (SimulatedPlane, PeerSpec) {
    let (plane, spec) = (SimulatedPlane::new(), samples::spec(1, "q", SUBNET));
    plane.ensure_network(&spec.source).await.unwrap();
    plane.ensure_peer(&spec).await.unwrap();
    (plane, spec)
}

async fn verdict(plane: &SimulatedPlane) -> Verdict {
    plane.probe(&samples::probe("q", INSIDE)).await.unwrap().verdict
}

fn any(plane: &SimulatedPlane, effect: FaultEffect) -> RuleId {
    plane.faults().add(FaultRule { matches: FaultMatch::Any, effect })
}

#[tokio::test]
async fn it_conforms() {
    let violations = violations(async || SimulatedPlane::new()).await;
    assert!(violations.is_empty(), "{violations:#?}");
}

#[tokio::test(start_paused = true)]
async fn it_conforms_while_it_is_slow() {
    let slow = async || {
        let plane = SimulatedPlane::new();
        any(&plane, FaultEffect::Latency(Duration::from_secs(3)));
        plane
    };
    let violations = violations(slow).await;
    assert!(violations.is_empty(), "{violations:#?}");
}

#[tokio::test]
async fn damage_has_its_verdict_its_hint_and_its_remedy() {
    let damages = [
        (Drift::PeerGone, Verdict::NoRouteInQueue),
        (Drift::RouteGone, Verdict::NoRouteInQueue),
        (Drift::PermitGone, Verdict::BlockedByPolicy),
        (Drift::LinkDown, Verdict::PeerLinkDown),
    ];
    for (drift, expected) in damages {
        let (plane, spec) = plane_with_peer().await;
        let mut hints = plane.watch();
        assert!(plane.damage(spec.peer, drift));
        assert_eq!(hints.next().await, Some(DriftHint::Peer(spec.peer)));
        assert_eq!(verdict(&plane).await, expected);
        let intact =
            plane.list().await.unwrap().iter().any(|object| matches!(object, Observed::Peer { intact: true, .. }));
        assert!(!intact);
        assert!(plane.ensure_peer(&spec).await.unwrap().changed);
        assert_eq!(verdict(&plane).await, Verdict::Reachable);
        assert!(!plane.damage(samples::mark(99).peer, drift));
    }
}

#[tokio::test(start_paused = true)]
async fn damage_comes_when_it_is_due_with_and_without_a_watcher() {
    let (plane, spec) = plane_with_peer().await;
    any(&plane, FaultEffect::DriftAfter { after: Duration::from_secs(5), drift: Drift::LinkDown });
    let mut hints = plane.watch();
    let made = PeerSpec { generation: 2, ..spec.clone() };
    let started = Instant::now();
    let (hint, _) = tokio::join!(hints.next(), async {
        yield_now().await;
        plane.ensure_peer(&made).await
    });
    assert_eq!((hint, started.elapsed().as_secs()), (Some(DriftHint::Peer(spec.peer)), 5));
    drop(hints);
    assert!(plane.ensure_peer(&made).await.unwrap().changed);
    assert_eq!(verdict(&plane).await, Verdict::Reachable);
    sleep_until(started + Duration::from_secs(10)).await;
    assert_eq!(verdict(&plane).await, Verdict::PeerLinkDown);
}

#[tokio::test(start_paused = true)]
async fn latency_delays_what_is_in_force() {
    let plane = SimulatedPlane::new();
    any(&plane, FaultEffect::Latency(Duration::from_millis(300)));
    let spec = samples::spec(1, "q", SUBNET);
    plane.ensure_network(&spec.source).await.unwrap();
    let started = Instant::now();
    let token = plane.ensure_peer(&spec).await.unwrap().token;
    assert_eq!(verdict(&plane).await, Verdict::NoRouteInQueue);
    assert!(matches!(plane.settled(token, Duration::from_millis(100)).await.unwrap(), Settled::NotYet(_)));
    let again = plane.ensure_peer(&spec).await.unwrap();
    assert_eq!(again, Applied { changed: false, token });
    assert_eq!(plane.settled(token, Duration::from_secs(9)).await.unwrap(), Settled::Yes);
    assert_eq!(started.elapsed().as_millis(), 301, "the timer's granularity, rounded up");
    assert_eq!(verdict(&plane).await, Verdict::Reachable);
    assert_eq!(plane.ensure_peer(&spec).await.unwrap(), Applied::UNCHANGED);
}

#[tokio::test(start_paused = true)]
async fn what_is_stuck_comes_loose_with_its_rule() {
    let plane = SimulatedPlane::new();
    let rule = any(&plane, FaultEffect::StuckCreating);
    let spec = samples::spec(1, "q", SUBNET);
    plane.ensure_network(&spec.source).await.unwrap();
    for _ in 0..2 {
        let token = plane.ensure_peer(&spec).await.unwrap().token;
        assert!(matches!(plane.settled(token, Duration::from_secs(60)).await.unwrap(), Settled::NotYet(_)));
    }
    assert_eq!(verdict(&plane).await, Verdict::NoRouteInQueue);
    plane.faults().remove(rule);
    assert_eq!(plane.ensure_peer(&spec).await.unwrap(), Applied::UNCHANGED);
    assert_eq!(verdict(&plane).await, Verdict::Reachable);
}

#[tokio::test]
async fn a_rule_decides_what_is_wrong_beyond_the_peer() {
    let (plane, _) = plane_with_peer().await;
    for wanted in Verdict::ALL {
        let rule = any(&plane, FaultEffect::Unreachable(wanted));
        assert_eq!(verdict(&plane).await, wanted);
        plane.faults().remove(rule);
    }
}

#[tokio::test]
async fn a_destination_of_unknown_addresses_covers_every_address() {
    let plane = SimulatedPlane::new();
    let net = samples::source("q", "10.0.0.0/24");
    let spec = PeerSpec::new(samples::mark(1), net, samples::destination("n", None), Arc::default());
    plane.ensure_network(&spec.source).await.unwrap();
    plane.ensure_peer(&spec).await.unwrap();
    assert_eq!(verdict(&plane).await, Verdict::Reachable);
}

#[tokio::test]
async fn a_hundred_thousand_peers_of_one_queue_are_listed_and_probed() {
    let plane = SimulatedPlane::new();
    let (net, subnet) = (samples::source("q", "10.0.0.0/24"), samples::destination("n", Some("192.168.1.0/24")));
    plane.ensure_network(&net).await.unwrap();
    for number in 0..100_000 {
        let spec = PeerSpec::new(samples::mark(number), net.clone(), subnet.clone(), Arc::default());
        assert!(plane.ensure_peer(&spec).await.unwrap().changed);
    }
    assert_eq!(plane.list().await.unwrap().len(), 100_001);
    assert_eq!(verdict(&plane).await, Verdict::NoRouteInQueue);
    for number in 0..100_000 {
        plane.remove_peer(samples::mark(number).peer).await.unwrap();
    }
    assert_eq!(plane.peer_count(), 0);
}
