//! What should pass, passes, and only while it should.

use std::io::ErrorKind;
use std::net::Ipv4Addr;

use linkspan_plane::{Applied, Change, Plane};

use crate::isolated::isolated;
use crate::scene::{Scene, accept, carries, nobody_came, project, spec, with_routes};

#[test]
fn a_queue_reaches_its_subnet_exactly_while_the_peer_is_there() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let peer = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
        scene.network(&peer.source);
        let before = scene.queue(&peer).connect("192.168.10.2:9092").unwrap_err();
        assert_eq!(before.kind(), ErrorKind::NetworkUnreachable);

        assert_eq!(scene.peer(&peer), Ok(Applied::AT_ONCE));
        let listener = scene.subnet(&peer).listen("192.168.10.2:9092");
        let mut client = scene.queue(&peer).connect("192.168.10.2:9092").unwrap();
        let (mut server, from) = accept(&listener);
        assert_eq!(from, Ipv4Addr::new(10, 10, 0, 1));
        assert!(carries(&mut client, &mut server) && carries(&mut server, &mut client));

        scene.unbind(&peer);
        assert!(!carries(&mut client, &mut server), "an open connection goes on after the peer is gone");
        assert!(!carries(&mut server, &mut client), "the other way");
        let after = scene.queue(&peer).connect("192.168.10.2:9092").unwrap_err();
        assert_eq!(after.kind(), ErrorKind::NetworkUnreachable);
        assert!(nobody_came(&listener));
    });
}

#[test]
fn making_a_peer_again_changes_nothing_in_this_process_and_in_the_next() {
    isolated(|directory| {
        let mut scene = Scene::new(&directory);
        let peer = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
        let other = spec(2, (&project(1), "etl", "10.10.0.0/24"), "192.168.11.0/24");
        scene.bind(&peer);
        scene.bind(&other);
        for restarted in [false, true] {
            if restarted {
                scene.restart();
            }
            let before = scene.plane.writes();
            assert_eq!(scene.network(&peer.source), Applied::UNCHANGED);
            assert_eq!(scene.peer(&peer), Ok(Applied::UNCHANGED));
            assert_eq!(scene.peer(&other), Ok(Applied::UNCHANGED));
            assert!(scene.is_whole(&peer) && scene.is_whole(&other));
            assert_eq!(scene.plane.writes(), before, "restarted: {restarted}");
        }
    });
}

#[test]
fn peers_that_are_made_together_share_the_link_to_their_subnet() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let queues = [(1, "a", "10.10.0.0/24"), (2, "b", "10.11.0.0/24"), (3, "c", "10.12.0.0/24")];
        let peers = queues.map(|(number, queue, cidr)| spec(number, (&project(1), queue, cidr), "192.168.10.0/24"));
        for peer in &peers {
            scene.network(&peer.source);
        }
        let changes: Vec<_> = peers.iter().cloned().map(Change::EnsurePeer).collect();
        let made = scene.runtime.block_on(scene.plane.apply_batch(&changes));
        assert!(made.iter().all(Result::is_ok), "{made:?}");
        // The first link that a namespace gets has the number 2; one that was made again would have another.
        let links = scene.subnet(&peers[0]).run("ip -o link");
        assert!(links.lines().count() == 2 && links.lines().nth(1).unwrap().starts_with("2: "), "{links}");
    });
}

#[test]
fn two_peers_of_a_queue_to_one_router_live_and_end_on_their_own() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let owner = (&project(1), "etl", "10.10.0.0/24");
        let (one, two) = (spec(1, owner, "192.168.10.0/24"), spec(2, owner, "192.168.11.0/24"));
        // The same subnet through a second connection.
        let again = spec(3, owner, "192.168.10.0/24");
        for peer in [&one, &two, &again] {
            scene.bind(peer);
        }
        let queue = scene.queue(&one);
        let listeners = [(&one, "192.168.10.2:80"), (&two, "192.168.11.2:80")]
            .map(|(peer, at)| (scene.subnet(peer).listen(at), at));
        let mut pairs = listeners.iter().map(|(listener, at)| (queue.connect(at).unwrap(), accept(listener).0));
        let (mut first, mut second) = (pairs.next().unwrap(), pairs.next().unwrap());
        scene.unbind(&one);
        assert!(carries(&mut first.0, &mut first.1), "the second connection to the subnet is cut off with the first");
        assert!(carries(&mut second.0, &mut second.1));
        assert!(scene.is_whole(&two) && scene.is_whole(&again));
        scene.unbind(&again);
        assert!(!carries(&mut first.0, &mut first.1));
        assert!(carries(&mut second.0, &mut second.1) && scene.is_whole(&two));
    });
}

#[test]
fn custom_routes_come_and_go_with_the_generation_that_has_them() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let owner = (&project(1), "etl", "10.10.0.0/24");
        let (plain, near) =
            (spec(1, owner, "192.168.10.0/24"), spec(2, (&project(1), "bi", "10.11.0.0/24"), "192.168.20.0/24"));
        scene.bind(&plain);
        scene.bind(&near);
        let listener = scene.subnet(&near).listen("192.168.20.2:80");
        let queue = scene.queue(&plain);
        assert!(queue.connect("192.168.20.2:80").is_err());

        let routed = with_routes(&plain, &["192.168.20.0/25", "192.168.20.0/24", "192.168.20.7/32"]);
        assert_eq!(scene.peer(&routed), Ok(Applied::AT_ONCE));
        assert!(scene.is_whole(&routed));
        let mut client = queue.connect("192.168.20.2:80").unwrap();
        let mut server = accept(&listener).0;
        assert!(carries(&mut client, &mut server));

        let plain = with_routes(&routed, &[]);
        assert_eq!(scene.peer(&plain), Ok(Applied::AT_ONCE));
        assert!(scene.is_whole(&plain) && !carries(&mut client, &mut server));
        assert!(!carries(&mut server, &mut client), "answers still pass");
        assert_eq!(scene.peer(&plain), Ok(Applied::UNCHANGED));
    });
}

#[test]
fn removing_a_network_cuts_off_what_still_runs_inside() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let peer = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
        scene.bind(&peer);
        let listener = scene.subnet(&peer).listen("192.168.10.2:80");
        // The socket keeps the namespace alive.
        let mut client = scene.queue(&peer).connect("192.168.10.2:80").unwrap();
        let mut server = accept(&listener).0;
        scene.runtime.block_on(scene.plane.remove_network(&peer.source.source)).unwrap();
        assert!(!carries(&mut client, &mut server));
        assert_eq!(scene.list(), []);
        assert!(!scene.queue(&peer).0.exists());
    });
}
