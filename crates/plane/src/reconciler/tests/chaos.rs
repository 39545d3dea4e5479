use std::time::Duration;

use super::{Fake, Rig, advance};
use crate::conformance::samples;
use crate::*;

/// Everything is as the records want it, and the records say so.
async fn assert_converged(rig: &Rig) {
    let possible = |fake: &Fake| {
        fake.peers().into_iter().all(|peer| match (&peer.spec, &peer.recorded) {
            _ if peer.wish != Wish::Present => false,
            (Ok(_), recorded) => *recorded == Recorded::Active,
            (Err(why), recorded) => *recorded == Recorded::Failed(why.clone()),
        })
    };
    rig.records.until(possible).await;
    // Host records and objects without a record follow within two passes.
    advance(Duration::from_secs(700)).await;
    let mut desired = Desired::default();
    rig.records.for_each_peer(&mut |peer| desired.add(&peer));
    let left = plan(desired, rig.plane.inner.list().await.unwrap(), &Suspects::new());
    assert_eq!(left, Plan::default());
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
