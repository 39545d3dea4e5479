use std::time::Duration;

use linkspan_model::PeerId;

use super::watched::{Dice, Watched};
use super::{Fake, Rig, advance};
use crate::conformance::samples;
use crate::simulated::{Drift, FaultEffect, FaultMatch, FaultRule};
use crate::*;

/// One random thing that users, the host or the operator do.
fn disturb(rig: &Rig, dice: &Dice, next: u128) {
    let peers: Vec<PeerId> = rig.records.peers().iter().map(|peer| peer.peer).collect();
    let some = (!peers.is_empty()).then(|| peers[dice.roll(peers.len() as u64) as usize]);
    let faults = rig.plane.inner.faults();
    match (dice.roll(12), some) {
        (0..=3, _) | (_, None) => {
            rig.records.bind(next, &format!("q{}", dice.roll(3)), &format!("192.168.{}.0/24", dice.roll(4)));
        }
        (4..=6, Some(peer)) => rig.records.unbind(peer),
        (7, Some(peer)) => rig.records.alter(peer, |desired| {
            if desired.wish == Wish::Present && desired.recorded == Recorded::Creating {
                desired.wish = Wish::Cancelled;
            }
        }),
        (8, Some(peer)) => {
            let drifts = [Drift::PeerGone, Drift::RouteGone, Drift::PermitGone, Drift::LinkDown];
            rig.plane.inner.damage(peer, drifts[dice.roll(4) as usize]);
        }
        (9, Some(peer)) => {
            let latency = Duration::from_millis(dice.roll(9000));
            let effect = if dice.roll(2) == 0 { FaultEffect::StuckCreating } else { FaultEffect::Latency(latency) };
            faults.add(FaultRule { matches: FaultMatch::Peer(peer), effect });
        }
        (10, Some(peer)) => {
            let hosts: &[_] = if dice.roll(3) == 0 { &[] } else { &[("kafka", "192.168.0.9")] };
            rig.records.set_hosts(peer.0.as_u128(), hosts);
        }
        _ => faults.clear(),
    }
}

/// Everything is as the records want it, and the records say so.
async fn assert_converged(rig: &Rig) {
    let possible = |fake: &Fake| {
        fake.peers().into_iter().all(|peer| match (&peer.spec, &peer.recorded) {
            _ if peer.wish != Wish::Present => false,
            (Ok(_), recorded) => *recorded == Recorded::Active,
            (Err(why), recorded) => *recorded == Recorded::Failed(why.clone().into()),
        })
    };
    rig.records.until(possible).await;
    // Host records and objects without a record follow within two passes.
    advance(Duration::from_secs(700)).await;
    let mut desired = Desired::default();
    rig.records.for_each_peer(&mut |peer| desired.add(&peer));
    let left = plan(desired, rig.plane.inner.list().await.unwrap(), &Suspects::new());
    assert_eq!((left.steps, left.suspects), (Vec::new(), Suspects::new()));
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_any_number_of_calls_is_mended() {
    for calls in 0..60 {
        let rig = Rig::new();
        let peers: Vec<_> = (1..=6).map(|n| rig.records.bind(n, "q", &format!("192.168.{n}.0/24"))).collect();
        rig.records.until(|fake| fake.reports().len() == 6).await;
        rig.plane.take_calls();
        // Half of the peers give way to others that need their addresses.
        peers.iter().take(3).for_each(|peer| rig.records.unbind(*peer));
        for n in 11..=13 {
            rig.records.bind(n, "q", &format!("192.168.{}.0/24", n - 10));
        }
        while rig.plane.calls.lock().unwrap().len() < calls && rig.handle.stats().busy > 0 {
            tokio::task::yield_now().await;
        }
        let rig = rig.crash().await;
        assert_converged(&rig).await;
        assert_eq!(rig.peers_on_plane().await, 6);
        assert_eq!(rig.records.peer(samples::mark(11).peer).map(|peer| peer.recorded), Some(Recorded::Active));
    }
}

async fn run(seed: u64) {
    let dice = Dice::new(seed);
    let mut rig = Rig::on(Fake::new(), Watched::new(SimulatedPlane::new(), seed));
    rig.plane.fail_one_in(2 + dice.roll(8) as usize);
    for step in 0..60 {
        disturb(&rig, &dice, step);
        match dice.roll(8) {
            0 => rig = rig.crash().await,
            1 => advance(Duration::from_millis(dice.roll(20_000))).await,
            2..=4 => {}
            _ => {
                for _ in 0..dice.roll(40) {
                    tokio::task::yield_now().await;
                }
            }
        }
    }
    rig.plane.inner.faults().clear();
    rig.plane.fail_one_in(0);
    assert_converged(&rig).await;
    rig.assert_at_rest().await;
}

#[test]
fn it_converges_whatever_happens_and_comes_to_rest() {
    for seed in 1..=200 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(run(seed))));
        assert!(outcome.is_ok(), "seed {seed}");
    }
}
