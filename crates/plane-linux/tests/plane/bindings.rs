//! Networks that are bound to something of the host: real traffic, and no more than the administrator allows.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;

use linkspan_plane::{Applied, PeerSpec, Plane, PlaneError};

use crate::isolated::{isolated, isolated_each};
use crate::scene::{Place, Scene, accept, bound, carries, nobody_came, project, soon, spec, with_routes};

const LAN: &str = r#"
[[allow]]
name = "lan"
project = "PROJECT"
kind = "bridge"
bridge = "br0"
address = "192.168.10.1/24"
cidrs = ["192.168.10.0/25"]
"#;

/// The address of the machine on the bridge, and that of the host.
const MACHINE: &str = "192.168.10.7";
pub(crate) const HOST: &str = "192.168.10.100";

pub(crate) fn lan_for(project: &str) -> String {
    LAN.replace("PROJECT", project)
}

pub(crate) fn peer(number: u8, subnet: &str) -> PeerSpec {
    spec(number.into(), (&project(number), "etl", "10.10.0.0/24"), subnet)
}

/// A bridge of the host, which has an address on it, and a machine at one of its ports.
pub(crate) fn bridge_with_machine(directory: &Path) -> Place {
    let (host, machine) = (Place::host(), Place::foreign(&directory.join("machine")));
    for command in [
        "ip link set lo up",
        "ip link add br0 type bridge",
        "ip link set br0 up",
        "ip address add 192.168.10.100/24 dev br0",
        "ip link add port type veth peer name eth0",
        "ip link set port master br0 up",
        &format!("ip link set eth0 netns {}", machine.0.display()),
    ] {
        host.run(command);
    }
    for command in
        ["ip link set eth0 up", "ip address add 192.168.10.7/24 dev eth0", "ip address add 192.168.10.200/24 dev eth0"]
    {
        machine.run(command);
    }
    machine
}

/// A bridge takes up to a second to use a new port.
pub(crate) fn connected(queue: &Place) -> TcpStream {
    let mut client = None;
    soon("the machine is reached", || {
        client = queue.connect(&format!("{MACHINE}:80")).ok();
        client.is_some()
    });
    client.unwrap()
}

fn refused(scene: &Scene, peer: &PeerSpec) -> String {
    scene.network(&peer.source);
    let error = scene.peer(peer).unwrap_err();
    assert_eq!(scene.runtime.block_on(scene.plane.foresee(peer)), Err(error.clone()), "what was foreseen");
    assert!(!error.is_passing(), "{error:?}");
    error.to_string()
}

#[test]
fn a_machine_on_a_bridge_is_reached_exactly_while_the_peer_is_there() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let machine = bridge_with_machine(&directory);
        scene.allow(&lan_for("*"));
        let peer = bound(&peer(1, "192.168.10.0/25"), "lan");
        assert_eq!(scene.runtime.block_on(scene.plane.foresee(&peer)), Ok(()));
        scene.bind(&peer);
        assert!(scene.is_whole(&peer));
        assert_eq!(scene.peer(&peer), Ok(Applied::UNCHANGED));

        let listener = machine.listen("0.0.0.0:80");
        let queue = scene.queue(&peer);
        let mut client = connected(&queue);
        let (mut server, from) = accept(&listener);
        assert_eq!(from, Ipv4Addr::new(192, 168, 10, 1), "the machine sees the router");
        assert!(carries(&mut client, &mut server) && carries(&mut server, &mut client));

        scene.unbind(&peer);
        assert!(!carries(&mut client, &mut server) && !carries(&mut server, &mut client));
        scene.list();
        let host = Place::host();
        assert!(!host.run("ip -br link").contains("lsp-"), "the link stays on the bridge");
        assert_eq!(host.run("/usr/sbin/nft list tables"), "", "the guard stays");
        assert!(host.run("ip -br link").contains("port@"));
        assert!(nobody_came(&listener));
    });
}

#[test]
fn nothing_behind_a_bridge_is_reached_but_what_is_allowed() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let machine = bridge_with_machine(&directory);
        scene.allow(&lan_for("*"));
        let plain = bound(&peer(1, "192.168.10.0/25"), "lan");
        // As wide a route as a tenant can ask for.
        let wide = with_routes(&plain, &["0.0.0.0/0"]);
        scene.bind(&wide);
        let (queue, host) = (scene.queue(&wide), Place::host());
        let listener = machine.listen("0.0.0.0:80");
        let of_host = host.listen("0.0.0.0:80");
        let _client = connected(&queue);
        accept(&listener);
        for address in [HOST, "192.168.10.200", "192.168.10.1", "127.0.0.1"] {
            assert!(queue.connect(&format!("{address}:80")).is_err(), "{address} is open");
        }
        assert!(nobody_came(&of_host) && nobody_came(&listener));
        // The other way: from the network into the queue, and to the router.
        let inside = queue.listen("0.0.0.0:81");
        machine.run("ip route add 10.10.0.0/24 via 192.168.10.1");
        host.run("ip route add 10.10.0.0/24 via 192.168.10.1");
        for place in [&machine, &host] {
            assert!(place.connect("10.10.0.1:81").is_err() && place.connect("192.168.10.1:22").is_err());
        }
        assert!(nobody_came(&inside));
    });
}

#[test]
fn a_name_that_is_not_allowed_fails_with_what_to_do() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let one = bound(&peer(1, "192.168.10.0/25"), "lan");
        for allowed in ["", &lan_for(project(2).as_str())] {
            scene.allow(allowed);
            let why = refused(&scene, &one);
            assert!(why.contains("`lan`") && why.contains("netd.toml") && why.contains(project(1).as_str()), "{why}");
        }
        scene.allow(&lan_for("*"));
        let why = refused(&scene, &one);
        assert!(why.contains("the bridge that `lan` stands for is not there"), "{why}");
        bridge_with_machine(&directory);
        let why = refused(&scene, &bound(&peer(1, "192.168.10.0/24"), "lan"));
        assert!(why.contains("192.168.10.0/24") && why.contains("cidrs"), "{why}");
        let unknown = refused(&scene, &peer(3, "192.168.10.2/32"));
        assert!(unknown.contains("no room"), "{unknown}");

        scene.bind(&one);
        let two = bound(&peer(2, "192.168.10.0/25"), "lan");
        scene.network(&two.source);
        let error = scene.peer(&two).unwrap_err();
        assert!(error.to_string().contains("one VPC at a time"), "{error}");
        assert!(scene.is_whole(&one));
    });
}

#[test]
fn what_is_no_longer_allowed_is_cut() {
    isolated_each(&["", "192.168.10.64/26"], |directory, left| {
        let scene = Scene::new(&directory);
        let machine = bridge_with_machine(&directory);
        scene.allow(&lan_for("*"));
        let peer = bound(&peer(1, "192.168.10.0/25"), "lan");
        scene.bind(&peer);
        let listener = machine.listen("0.0.0.0:80");
        let mut client = connected(&scene.queue(&peer));
        let mut server = accept(&listener).0;
        scene.allow(&if left.is_empty() { String::new() } else { lan_for("*").replace("192.168.10.0/25", left) });
        assert!(!scene.is_whole(&peer), "nobody would look at it again");
        assert!(matches!(scene.peer(&peer), Err(PlaneError::Denied(_))));
        assert!(!carries(&mut client, &mut server) && !carries(&mut server, &mut client));
        assert!(scene.list().iter().all(|object| !format!("{object:?}").contains("Peer")));
        assert!(!Place::host().run("ip -br link").contains("lsp-"));
        scene.allow(&lan_for("*"));
        assert_eq!(scene.peer(&peer), Ok(Applied::AT_ONCE));
        connected(&scene.queue(&peer));
    });
}

#[test]
fn what_can_no_longer_be_made_is_cut() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let machine = bridge_with_machine(&directory);
        scene.allow(&lan_for("*"));
        let peer = bound(&peer(1, "192.168.10.0/25"), "lan");
        scene.bind(&peer);
        let listener = machine.listen("0.0.0.0:80");
        let mut client = connected(&scene.queue(&peer));
        let mut server = accept(&listener).0;
        // No IPv6 can be led here, and meanwhile the network is no longer allowed.
        let wider = with_routes(&peer, &["2001:db8::/32"]);
        scene.allow("");
        assert!(matches!(scene.peer(&wider), Err(PlaneError::Unsupported(_))));
        assert!(!carries(&mut client, &mut server) && !carries(&mut server, &mut client));
        assert!(scene.list().iter().all(|object| !format!("{object:?}").contains("Peer")));
    });
}

const DAMAGE: &[(&str, &str)] = &[
    ("host", "ip link delete LINK"),
    ("host", "ip link set LINK nomaster"),
    ("host", "ip link set LINK down"),
    ("host", "ip link set LINK alias mine"),
    ("host", "/usr/sbin/nft flush ruleset"),
    ("host", "/usr/sbin/nft flush chain inet linkspan input"),
    ("router", "ip route delete 192.168.10.0/25"),
    ("router", "/usr/sbin/nft flush chain inet linkspan postrouting"),
];

#[test]
fn damage_to_what_is_bound_is_seen_and_mended() {
    let cases: Vec<String> = DAMAGE.iter().map(|(place, command)| format!("{place}: {command}")).collect();
    let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
    isolated_each(&cases, |directory, case| {
        let scene = Scene::new(&directory);
        let machine = bridge_with_machine(&directory);
        scene.allow(&lan_for("*"));
        let peer = bound(&peer(1, "192.168.10.0/25"), "lan");
        scene.bind(&peer);
        let (place, command) = case.split_once(": ").unwrap();
        let host = Place::host();
        let links = host.run("ip -br link");
        let link = links.lines().find(|line| line.starts_with("lsp-")).unwrap().split('@').next().unwrap();
        if place == "host" { host } else { scene.router() }.run(&command.replace("LINK", link));
        assert!(!scene.is_whole(&peer), "the damage is not seen");
        assert_eq!(scene.peer(&peer), Ok(Applied::AT_ONCE));
        assert!(scene.is_whole(&peer));
        assert_eq!(scene.peer(&peer), Ok(Applied::UNCHANGED));
        let listener = machine.listen("0.0.0.0:80");
        let _client = connected(&scene.queue(&peer));
        assert_eq!(accept(&listener).1, Ipv4Addr::new(192, 168, 10, 1));
    });
}

#[test]
fn a_namespace_of_somebody_else_is_reached_and_left_as_it_was() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let handle = directory.join("db");
        let theirs = Place::foreign(&handle);
        theirs.run("ip address add 10.88.0.5/32 dev lo");
        theirs.run("ip link add mine type veth peer name yours");
        theirs.run("/usr/sbin/nft add table inet linkspan");
        let before = ["ip address", "ip route", "/usr/sbin/nft list ruleset"].map(|command| theirs.run(command));
        let entry = |masquerade| {
            format!(
                "[[allow]]\nname = \"db\"\nproject = \"*\"\nkind = \"namespace\"\nnamespace = \"{}\"\n\
                 address = \"10.1.0.1/30\"\ninside = \"10.1.0.2\"\ncidrs = [\"10.88.0.5/32\", \"10.1.0.2/32\"]\n\
                 gateway = \"10.1.0.2\"\nmasquerade = {masquerade}\n",
                handle.display()
            )
        };
        let peer = with_routes(&bound(&peer(1, "10.88.0.5/32"), "db"), &["10.1.0.2/32"]);
        let listener = theirs.listen("0.0.0.0:5432");
        for (masquerade, seen) in [(true, Ipv4Addr::new(10, 1, 0, 1)), (false, Ipv4Addr::new(10, 10, 0, 1))] {
            scene.allow(&entry(masquerade));
            scene.bind(&peer);
            assert!(scene.is_whole(&peer));
            if !masquerade {
                theirs.run("ip route add 10.10.0.0/24 via 10.1.0.1");
            }
            for address in ["10.88.0.5:5432", "10.1.0.2:5432"] {
                scene.queue(&peer).connect(address).unwrap();
                assert_eq!(accept(&listener).1, seen, "{address}, masquerade: {masquerade}");
            }
            assert_eq!(scene.peer(&peer), Ok(Applied::UNCHANGED));
            assert!(!Place::host().run("ip -br link").contains("lsp-"), "nothing of it is among the host's interfaces");
        }
        scene.unbind(&peer);
        let error = scene.queue(&peer).connect("10.88.0.5:5432").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NetworkUnreachable);
        let after = ["ip address", "ip route", "/usr/sbin/nft list ruleset"].map(|command| theirs.run(command));
        assert_eq!(after, before);
    });
}

#[test]
fn a_namespace_that_was_replaced_is_joined_anew() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let handle = directory.join("db");
        Place::foreign(&handle);
        scene.allow(&format!(
            "[[allow]]\nname = \"db\"\nproject = \"*\"\nkind = \"namespace\"\nnamespace = \"{}\"\n\
             address = \"10.1.0.1/30\"\ninside = \"10.1.0.2\"\ncidrs = [\"10.1.0.0/30\"]\n",
            handle.display()
        ));
        let peer = bound(&peer(1, "10.1.0.0/30"), "db");
        scene.bind(&peer);
        nix::mount::umount(&handle).unwrap();
        assert!(!scene.is_whole(&peer));
        assert!(scene.peer(&peer).unwrap_err().to_string().contains("is not there on this host"));
        let again = Place::foreign(&handle);
        assert_eq!(scene.peer(&peer), Ok(Applied::AT_ONCE));
        let listener = again.listen("10.1.0.2:80");
        scene.queue(&peer).connect("10.1.0.2:80").unwrap();
        accept(&listener);
    });
}

#[test]
fn a_bridge_leads_out_through_a_host_that_forwards() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        bridge_with_machine(&directory);
        let (host, outside) = (Place::host(), Place::foreign(&directory.join("outside")));
        for command in [
            "ip link add wan type veth peer name eth0",
            "ip link set wan up",
            "ip address add 203.0.113.1/24 dev wan",
            &format!("ip link set eth0 netns {}", outside.0.display()),
            "sysctl -q net.ipv4.ip_forward=1",
            "/usr/sbin/nft add table ip own",
            "/usr/sbin/nft add chain ip own out { type nat hook postrouting priority srcnat; }",
            "/usr/sbin/nft add rule ip own out oifname wan masquerade",
        ] {
            host.run(command);
        }
        outside.run("ip link set eth0 up");
        outside.run("ip address add 203.0.113.2/24 dev eth0");
        let lan = "cidrs = [\"192.168.10.0/25\"]";
        let both = format!("cidrs = [\"192.168.10.0/25\", \"203.0.113.0/24\"]\ngateway = \"{HOST}\"");
        scene.allow(&lan_for("*").replace(lan, &both));
        let peer = bound(&peer(1, "203.0.113.0/24"), "lan");
        scene.bind(&peer);
        let (listener, of_host) = (outside.listen("0.0.0.0:443"), host.listen("0.0.0.0:443"));
        let queue = scene.queue(&peer);
        soon("what is outside is reached", || queue.connect("203.0.113.2:443").is_ok());
        assert_eq!(accept(&listener).1, Ipv4Addr::new(203, 0, 113, 1), "the host hides the router");
        assert!(queue.connect("203.0.113.1:443").is_err() && nobody_came(&of_host), "the host itself");
        scene.unbind(&peer);
        scene.list();
        assert_eq!(host.run("/usr/sbin/nft list tables").trim(), "table ip own");
    });
}
