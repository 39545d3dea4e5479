//! Networks that are bound to an interface of the host, or a VLAN of it.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use linkspan_plane::{Applied, PlaneError};

use crate::bindings::{HOST, connected, lan_for, peer};
use crate::isolated::isolated;
use crate::scene::{Place, Scene, accept, bound, carries, nobody_came};

/// An interface of the host, and the machine at the other end of its cable.
fn interface_with_machine(directory: &Path) -> Place {
    let (host, machine) = (Place::host(), Place::foreign(&directory.join("machine")));
    for command in [
        "ip link set lo up",
        "ip link add eth1 type veth peer name eth0",
        "ip link set eth1 up",
        "ip address add 192.168.10.100/24 dev eth1",
        &format!("ip link set eth0 netns {}", machine.0.display()),
    ] {
        host.run(command);
    }
    machine.run("ip link set eth0 up");
    machine.run("ip address add 192.168.10.7/24 dev eth0");
    machine
}

fn interface_for(vlan: &str) -> String {
    lan_for("*")
        .replace("kind = \"bridge\"\nbridge = \"br0\"", &format!("kind = \"interface\"\ninterface = \"eth1\"{vlan}"))
}

#[test]
fn the_network_of_an_interface_is_reached_and_the_host_is_not() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let machine = interface_with_machine(&directory);
        scene.allow(&interface_for(""));
        let peer = bound(&peer(1, "192.168.10.0/25"), "lan");
        scene.bind(&peer);
        assert!(scene.is_whole(&peer));
        assert_eq!(scene.peer(&peer), Ok(Applied::UNCHANGED));
        let (listener, of_host) = (machine.listen("0.0.0.0:80"), Place::host().listen("0.0.0.0:80"));
        let queue = scene.queue(&peer);
        let mut client = connected(&queue);
        let (mut server, from) = accept(&listener);
        assert_eq!(from, Ipv4Addr::new(192, 168, 10, 1));
        assert!(queue.connect(&format!("{HOST}:80")).is_err() && nobody_came(&of_host));

        let two = bound(&crate::bindings::peer(2, "192.168.10.0/25"), "lan");
        scene.network(&two.source);
        assert!(scene.peer(&two).unwrap_err().to_string().contains("one VPC at a time"));

        let router =
            Place(scene.routers().into_iter().find(|router| router.run("ip -br link").contains("@if")).unwrap().0);
        for command in ["ip route delete 192.168.10.0/25", "ip link delete LINK"] {
            let links = router.run("ip -br link");
            let link = links.lines().find(|line| line.starts_with('m')).unwrap().split('@').next().unwrap();
            router.run(&command.replace("LINK", link));
            assert!(!scene.is_whole(&peer), "{command}");
            assert_eq!(scene.peer(&peer), Ok(Applied::AT_ONCE));
            assert!(scene.is_whole(&peer), "{command}");
        }
        scene.unbind(&peer);
        assert!(!carries(&mut client, &mut server));
        assert!(!router.run("ip -br link").lines().any(|line| line.starts_with('m')));
        assert_eq!(Place::host().run("/usr/sbin/nft list tables"), "");
    });
}

#[test]
fn a_vlan_is_reached_or_the_kernel_is_said_to_have_none() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let machine = interface_with_machine(&directory);
        scene.allow(&interface_for("\nvlan = 7"));
        let peer = bound(&peer(1, "192.168.10.0/25"), "lan");
        scene.network(&peer.source);
        let tagged = "ip link add link eth0 name eth0.7 type vlan id 7";
        let has_vlans = machine.inside(|| {
            let words: Vec<_> = tagged.split(' ').collect();
            Command::new(words[0]).args(&words[1..]).output().unwrap().status.success()
        });
        if !has_vlans {
            println!("this kernel has no VLAN interfaces: only the refusal was tried");
            let error = scene.peer(&peer).unwrap_err();
            assert!(matches!(error, PlaneError::Unsupported(_)) && error.to_string().contains("8021q"), "{error:?}");
            assert!(scene.list().iter().all(|object| !format!("{object:?}").contains("Peer")));
            return;
        }
        machine.run("ip address flush dev eth0");
        machine.run("ip link set eth0.7 up");
        machine.run("ip address add 192.168.10.7/24 dev eth0.7");
        assert_eq!(scene.peer(&peer), Ok(Applied::AT_ONCE));
        let listener = machine.listen("0.0.0.0:80");
        let _client = connected(&scene.queue(&peer));
        assert_eq!(accept(&listener).1, Ipv4Addr::new(192, 168, 10, 1));
        assert!(scene.is_whole(&peer));
    });
}
