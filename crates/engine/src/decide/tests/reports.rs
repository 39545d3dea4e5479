use super::*;

fn failed(reason: &str) -> PeerOutcome {
    PeerOutcome::Failed(reason.into())
}

/// The peer of a new connection with the queue `q`.
fn bound() -> (World, ConnectionId, Peer) {
    let mut world = World::furnished();
    let id = world.connect("c", &["q"]);
    let peer = world.peer(id, &a_queue("q")).clone();
    (world, id, peer)
}

#[test]
fn a_report_moves_a_peer_and_its_update_time() {
    let (mut world, id, peer) = bound();
    for (outcome, expected) in [
        (PeerOutcome::Active, PeerState::Active),
        (failed("why"), PeerState::Failed("why".into())),
        (failed("other"), PeerState::Failed("other".into())),
        (PeerOutcome::Active, PeerState::Active),
    ] {
        world.now += 7;
        world.report(peer.id, 1, outcome.clone());
        let now = world.peer(id, &a_queue("q"));
        assert_eq!((&now.state, now.update_time, now.generation), (&expected, world.now, 1));
        let again = Request::System(SystemCommand::Report(vec![PeerReport { peer: peer.id, generation: 1, outcome }]));
        assert!(world.decide(&again).unwrap().changes.is_empty(), "what is known is not written again");
    }
}

#[test]
fn a_report_about_another_desired_state_changes_nothing() {
    let (mut world, id, peer) = bound();
    for generation in [0, 2, u32::MAX] {
        world.report(peer.id, generation, PeerOutcome::Active);
    }
    world.report(PeerId(Uuid::max()), 1, PeerOutcome::Active);
    assert_eq!(world.peers(id), ["queue q CREATING"]);
    world.ask(Command::Unbind(id, names(&["q"], &[]))).unwrap();
    world.report(peer.id, 1, PeerOutcome::Removed);
    world.report(peer.id, 2, PeerOutcome::Active);
    world.report(peer.id, 2, failed("why"));
    assert_eq!(world.state.removing.len(), 1, "only the end of the removal ends it");
    world.report(peer.id, 2, PeerOutcome::Removed);
    assert_eq!(world.state.removing.len(), 0);
}

#[test]
fn a_stale_report_does_not_hide_a_good_one_of_its_batch() {
    let (mut world, id, peer) = bound();
    let report = |generation, outcome| PeerReport { peer: peer.id, generation, outcome };
    let batch = vec![report(0, failed("old")), report(1, PeerOutcome::Active), report(0, failed("old"))];
    world.system(SystemCommand::Report(batch)).unwrap();
    assert_eq!(world.peers(id), ["queue q ACTIVE"]);
    let batch = vec![report(1, failed("first")), report(1, failed("second"))];
    world.system(SystemCommand::Report(batch)).unwrap();
    assert_eq!(world.peer(id, &a_queue("q")).state, PeerState::Failed("second".into()));
}

#[test]
fn a_removal_may_be_reported_twice_in_a_batch() {
    let (mut world, id, peer) = bound();
    world.ask(Command::Unbind(id, names(&["q"], &[]))).unwrap();
    let report = PeerReport { peer: peer.id, generation: 2, outcome: PeerOutcome::Removed };
    let twice = Request::System(SystemCommand::Report(vec![report.clone(), report]));
    assert_eq!(world.decide(&twice).unwrap().changes.len(), 1);
}

#[test]
fn a_removal_outlives_its_connection() {
    let (mut world, id, peer) = bound();
    world.activate(id);
    world.ask(Command::DeleteConnection(id)).unwrap();
    world.now += world.rules.keep_deleted_ms;
    world.system(SystemCommand::Housekeeping).unwrap();
    assert!(world.state.connection(id).is_none(), "purged");
    assert!(world.state.desired_peer(peer.id).is_some(), "the plane still has to remove it");
    world.report(peer.id, 2, PeerOutcome::Removed);
    assert!(world.state.desired_peer(peer.id).is_none());
}

#[test]
fn a_failure_is_written_as_ever_and_tells_a_grantee_what_it_may_know() {
    let open = PeerState::Failed("no way".into());
    assert_eq!(serde_json::to_string(&open).unwrap(), r#"{"Failed":{"reason":"no way"}}"#);
    let closed = Failure { reason: "behind `lan`".into(), to_grantee: Some("ask the owner".into()) };
    let text = serde_json::to_string(&PeerState::Failed(closed.clone())).unwrap();
    assert_eq!(text, r#"{"Failed":{"reason":"behind `lan`","to_grantee":"ask the owner"}}"#);
    assert_eq!(serde_json::from_str::<PeerState>(&text).unwrap(), PeerState::Failed(closed.clone()));
    assert_eq!((closed.told(true), closed.told(false)), ("behind `lan`", "ask the owner"));
    assert_eq!(Failure::from("no way").told(false), "no way");
}
