//! Waiting until the peers of connections have come to an end of their creation.

use std::time::{Duration, Instant};

use linkspan_client::{ConnectionInfo, PeerInfo, ProjectClient};

use crate::failure::{Exit, Failure};

const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// The peers of a connection, queues first.
pub(crate) fn peers(connection: &ConnectionInfo) -> impl Iterator<Item = &PeerInfo> {
    connection.available_queue_info.iter().chain(&connection.elastic_resource_pools)
}

/// How many peers are ACTIVE, how many failed, how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) active: usize,
    pub(crate) failed: usize,
    pub(crate) all: usize,
}

impl Tally {
    pub(crate) fn of<'a>(peers: impl Iterator<Item = &'a PeerInfo>) -> Self {
        let mut tally = Self { active: 0, failed: 0, all: 0 };
        for peer in peers {
            tally.all += 1;
            tally.active += usize::from(peer.status == "ACTIVE");
            tally.failed += usize::from(peer.status == "FAILED");
        }
        tally
    }

    pub(crate) fn is_settled(self) -> bool {
        self.active + self.failed == self.all
    }
}

/// Looks at a connection until no peer is being created any more, and answers it as it is then.
pub(crate) async fn until_settled(
    project: &ProjectClient,
    id: &str,
    within: Duration,
) -> Result<ConnectionInfo, Failure> {
    let deadline = Instant::now() + within;
    loop {
        let connection = project.show_connection(id).await?;
        let tally = Tally::of(peers(&connection));
        if tally.is_settled() {
            return Ok(connection);
        }
        if Instant::now() >= deadline {
            let pending = tally.all - tally.active - tally.failed;
            let text = format!("{pending} of {} peers of {} are still being created", tally.all, connection.name);
            return Err(
                Failure::new(Exit::Unavailable, text).hint(format!("look again with `linkspan connection show {id}`"))
            );
        }
        pause().await;
    }
}

/// Fails if a peer did, with what the server says about it.
pub(crate) fn all_active(connection: &ConnectionInfo) -> Result<(), Failure> {
    let failed: Vec<String> = peers(connection)
        .filter(|peer| peer.status == "FAILED")
        .map(|peer| format!("{}: {}", peer.name, peer.err_msg))
        .collect();
    if failed.is_empty() { Ok(()) } else { Err(Failure::failed(failed.join("\n  "))) }
}

#[expect(clippy::disallowed_methods, reason = "the pace of looks at a server, under a deadline")]
pub(crate) async fn pause() {
    tokio::time::sleep(BETWEEN_LOOKS).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_end_of_creation_settles() {
        let peer = |status: &str| PeerInfo { status: status.into(), ..PeerInfo::default() };
        let peers = [peer("ACTIVE"), peer("FAILED"), peer("CREATING")];
        let tally = Tally::of(peers.iter());
        assert_eq!(tally, Tally { active: 1, failed: 1, all: 3 });
        assert!(!tally.is_settled() && Tally::of(peers[..2].iter()).is_settled());
        assert!(Tally::of([].iter()).is_settled(), "nothing is bound, nothing is waited for");
    }

    #[test]
    fn a_failed_peer_is_told_with_its_reason() {
        let failed =
            PeerInfo { status: "FAILED".into(), name: "q".into(), err_msg: "overlaps".into(), ..PeerInfo::default() };
        let connection = ConnectionInfo { available_queue_info: vec![failed], ..ConnectionInfo::default() };
        assert_eq!(all_active(&connection).unwrap_err().text(), "error: q: overlaps");
    }
}
