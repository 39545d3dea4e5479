//! What should not pass, does not: each test opens what it can and tries to get further.

use std::io::ErrorKind;

use linkspan_plane::PlaneError;

use crate::isolated::isolated;
use crate::scene::{Scene, accept, nobody_came, project, spec, with_routes};

#[test]
fn projects_with_equal_addresses_reach_each_their_own() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let peers = [1, 2].map(|n| spec(n.into(), (&project(n), "etl", "10.10.0.0/24"), "192.168.10.0/24"));
        let [one, two] = &peers;
        scene.bind(one);
        scene.network(&two.source);
        let listener = scene.subnet(one).listen("192.168.10.2:80");
        let stranger = scene.queue(two).connect("192.168.10.2:80").unwrap_err();
        assert_eq!(stranger.kind(), ErrorKind::NetworkUnreachable);

        scene.bind(two);
        let others = scene.subnet(two).listen("192.168.10.2:80");
        scene.queue(two).connect("192.168.10.2:80").unwrap();
        accept(&others);
        assert!(nobody_came(&listener), "one project reached the other's data source");
        scene.queue(one).connect("192.168.10.2:80").unwrap();
        accept(&listener);
        assert!(nobody_came(&others));
    });
}

#[test]
fn a_forged_source_address_goes_nowhere() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let peer = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
        scene.bind(&peer);
        let receiver = scene.subnet(&peer).datagrams("192.168.10.2:53");
        let queue = scene.queue(&peer);
        for address in ["10.99.0.1", "192.168.10.77", "10.10.1.1"] {
            queue.run(&format!("ip address add {address}/32 dev lo"));
            queue.datagrams(&format!("{address}:0")).send_to(address.as_bytes(), "192.168.10.2:53").unwrap();
        }
        queue.datagrams("10.10.0.1:0").send_to(b"honest", "192.168.10.2:53").unwrap();
        let mut buffer = [0; 64];
        let (length, from) = receiver.recv_from(&mut buffer).unwrap();
        assert_eq!((&buffer[..length], from.ip().to_string().as_str()), (&b"honest"[..], "10.10.0.1"));
    });
}

#[test]
fn queues_behind_one_router_never_reach_each_other() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let one = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
        let two = spec(2, (&project(1), "bi", "10.11.0.0/24"), "192.168.10.0/24");
        scene.bind(&two);
        scene.bind(&one);
        let listener = scene.queue(&two).listen("10.11.0.1:80");
        let queue = scene.queue(&one);
        assert!(queue.connect("10.11.0.1:80").is_err());
        // Neither by a route of the connection's own, however wide.
        for route in ["10.11.0.0/24", "10.0.0.0/8", "0.0.0.0/0"] {
            scene.peer(&with_routes(&one, &[route])).unwrap();
            assert_eq!(queue.connect("10.11.0.1:80").unwrap_err().kind(), ErrorKind::HostUnreachable, "{route}");
            assert!(nobody_came(&listener));
        }
    });
}

#[test]
fn only_the_permitted_direction_and_addresses_pass() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let one = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
        let near = spec(2, (&project(1), "bi", "10.11.0.0/24"), "192.168.20.0/24");
        scene.bind(&one);
        scene.bind(&near);
        // From the data source back into the queue.
        let inside = scene.queue(&one).listen("0.0.0.0:80");
        let error = scene.subnet(&one).connect("10.10.0.1:80").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HostUnreachable);
        assert!(nobody_came(&inside));
        // To another subnet of the same router, by a route that somebody laid inside the queue.
        let queue = scene.queue(&one);
        let other = scene.subnet(&near).listen("192.168.20.2:80");
        let link = queue.run("ip -o route show 192.168.10.0/24").split(' ').nth(4).unwrap().to_owned();
        queue.run(&format!("ip route add default via 169.254.1.1 dev {link} onlink src 10.10.0.1"));
        assert_eq!(queue.connect("192.168.20.2:80").unwrap_err().kind(), ErrorKind::HostUnreachable);
        assert!(nobody_came(&other));
        // To the router itself, at any of its addresses.
        let router = scene.router();
        let listener = router.listen("0.0.0.0:80");
        for address in ["192.168.10.1:80", "192.168.20.1:80", "169.254.1.1:80"] {
            assert!(queue.connect(address).is_err(), "{address} of the router is open");
            assert!(scene.subnet(&one).connect(address).is_err(), "{address} of the router is open to a data source");
        }
        assert!(nobody_came(&listener));
    });
}

#[test]
fn a_network_forwards_nothing_even_where_the_host_does() {
    isolated(|directory| {
        std::fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap();
        let scene = Scene::new(&directory);
        let peer = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
        scene.bind(&peer);
        for place in [scene.queue(&peer), scene.subnet(&peer)] {
            assert_eq!(place.run("cat /proc/sys/net/ipv4/ip_forward").trim(), "0");
        }
        scene.queue(&peer).run("sysctl -q net.ipv4.ip_forward=1");
        assert!(scene.network(&peer.source).changed, "forwarding that somebody turned on stays on");
        assert_eq!(scene.queue(&peer).run("cat /proc/sys/net/ipv4/ip_forward").trim(), "0");
    });
}

#[test]
fn overlapping_networks_are_not_joined_to_one_router() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        scene.bind(&spec(1, (&project(1), "etl", "10.10.0.0/16"), "192.168.10.0/24"));
        let second = spec(2, (&project(1), "bi", "10.10.3.0/24"), "192.168.10.0/24");
        scene.network(&second.source);
        let error = scene.peer(&second).unwrap_err();
        assert!(matches!(&error, PlaneError::Conflict { .. }), "{error:?}");
        assert!(scene.queue(&second).connect("192.168.10.2:80").is_err());
    });
}
