//! What happens by itself when time passes.

use super::*;

fn keep_house(world: &mut World) {
    world.system(SystemCommand::Housekeeping).unwrap();
}

#[test]
fn a_peer_past_its_deadline_fails_and_may_become_active_later() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q"]);
    let peer = world.peer(id, &a_queue("q")).clone();
    world.now += 119_999;
    keep_house(&mut world);
    assert_eq!(world.peers(id), ["queue q CREATING"]);
    world.now += 1;
    keep_house(&mut world);
    let late = world.peer(id, &a_queue("q"));
    let PeerState::Failed(linkspan_model::Failure { reason, .. }) = &late.state else { panic!("{late:?}") };
    assert!(reason.contains("120 seconds") && reason.contains("goes on trying"), "{reason}");
    assert_eq!((late.generation, late.update_time), (peer.generation, world.now), "what is wanted is the same");
    world.report(peer.id, peer.generation, PeerOutcome::Active);
    assert_eq!(world.peers(id), ["queue q ACTIVE"]);
    world.now += 1_000_000;
    keep_house(&mut world);
    assert_eq!(world.peers(id), ["queue q ACTIVE"]);
}

#[test]
fn a_calling_off_ends_by_itself_so_that_a_connection_can_be_deleted_without_a_reconciler() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q"]);
    world.now += 100_000;
    assert_eq!(world.ask(Command::DeleteConnection(id)), Ok(Reply::Cancelling(a_queue("q"))));
    world.now += 119_999;
    keep_house(&mut world);
    assert_eq!(world.peers(id), ["queue q CANCELLED"]);
    world.now += 1;
    keep_house(&mut world);
    assert_eq!(world.peers(id), ["queue q FAILED"]);
    assert_eq!(world.ask(Command::DeleteConnection(id)), Ok(Reply::Done));
}

#[test]
fn a_peer_that_was_tried_again_has_a_deadline_of_its_own() {
    let mut world = World::furnished();
    let id = world.connect("c", &["q"]);
    let peer = world.peer(id, &a_queue("q")).clone();
    world.report(peer.id, 1, PeerOutcome::Failed("why".into()));
    world.now += 119_000;
    world.ask(Command::Bind(id, names(&["q"], &[]))).unwrap();
    world.now += 1000;
    keep_house(&mut world);
    assert_eq!(world.peers(id), ["queue q CREATING"], "the first deadline is past");
    world.now += 119_000;
    keep_house(&mut world);
    assert_eq!(world.peers(id), ["queue q FAILED"]);
}

#[test]
fn a_deleted_connection_is_kept_thirty_days() {
    let mut world = World::new();
    let id = world.connect("c", &[]);
    world.ask(Command::SetHosts(id, Hosts::parse(&[("h", "10.0.0.1")]).unwrap())).unwrap();
    world.ask(Command::DeleteConnection(id)).unwrap();
    world.now += 30 * 24 * 3600 * 1000 - 1;
    keep_house(&mut world);
    assert!(world.state.connection(id).is_some());
    world.now += 1;
    let request = Request::System(SystemCommand::Housekeeping);
    assert_eq!(world.decide(&request).unwrap().changes.len(), 2, "its hosts go with it");
    keep_house(&mut world);
    assert!(world.state.connection(id).is_none());
    let scope = world.scope();
    assert_eq!(world.state.project(&scope).row_count(), 0);
    assert!(world.decide(&request).unwrap().changes.is_empty());
}

#[test]
fn the_newest_deleted_connections_of_a_project_are_kept() {
    let mut world = World::new();
    assert_eq!(world.rules.keep_deleted, 10_000);
    world.rules.keep_deleted = 2;
    let ids: Vec<_> = (0..4).map(|n| world.connect(&format!("c{n}"), &[])).collect();
    // Deleted in another order than created: the order of the deletions counts.
    for at in [2, 0, 3, 1] {
        world.now += 1;
        world.ask(Command::DeleteConnection(ids[at])).unwrap();
        keep_house(&mut world);
    }
    let kept: Vec<_> = ids.iter().map(|id| world.state.connection(*id).is_some()).collect();
    assert_eq!(kept, [false, true, false, true]);
}

#[test]
fn one_housekeeping_removes_a_bounded_number() {
    let mut world = World::new();
    world.rules.keep_deleted = 0;
    for n in 0..300 {
        let id = world.connect(&format!("c{n}"), &[]);
        world.ask(Command::DeleteConnection(id)).unwrap();
    }
    let scope = world.scope();
    for left in [44, 0, 0] {
        keep_house(&mut world);
        assert_eq!(world.state.project(&scope).row_count(), left);
    }
}
