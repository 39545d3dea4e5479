use std::sync::Arc;

use super::fake::Fake;
use crate::conformance::samples;
use crate::*;

/// A peer of the one queue, to a subnet of its own.
fn spec(net: &Arc<SourceNet>, number: u128, subnet: u128) -> PeerSpec {
    let subnet = format!("{}.{}.{}.0/24", 20 + subnet / 65_536, subnet / 256 % 256, subnet % 256);
    PeerSpec::new(samples::mark(number), net.clone(), samples::destination(&subnet, Some(&subnet)), Arc::default())
}

fn all_active(fake: &Fake) -> bool {
    fake.peers().iter().all(|peer| peer.recorded == Recorded::Active)
}

#[tokio::test]
async fn a_queue_of_very_many_peers_is_made_and_changed_with_one_call_each() {
    const COUNT: u128 = 20_000;
    let (records, plane) = (Fake::new(), SimulatedPlane::new());
    let (reconciler, handle) = Reconciler::new(Arc::new(plane.clone()), records.clone(), Settings::default());
    let task = tokio::spawn(reconciler.run());
    let net = samples::source("q", "10.0.0.0/24");
    for number in 0..COUNT {
        let spec = spec(&net, number, number);
        records.bind_unchecked(spec.clone(), Ok(spec));
    }
    records.until_reports(COUNT as usize, all_active).await;
    // The peers, and the network with its (empty) host records.
    assert_eq!(handle.stats().changes, COUNT as u64 + 2);
    // All of them give way to others that need their addresses.
    for number in 0..COUNT {
        records.alter(samples::mark(number).peer, |desired| desired.wish = Wish::Removing);
        let spec = spec(&net, COUNT + number, COUNT - 1 - number);
        records.bind_unchecked(spec.clone(), Ok(spec));
    }
    records.until_reports(3 * COUNT as usize, all_active).await;
    assert_eq!((plane.peer_count(), handle.stats().changes), (COUNT as usize, 3 * COUNT as u64 + 2));
    assert!((100..=256).contains(&records.largest_batch()), "{}", records.largest_batch());
    handle.stop();
    assert_eq!(task.await.unwrap(), Ok(()));
}
