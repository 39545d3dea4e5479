//! What somebody else does to the networks is seen and mended, and what is not ours is left alone.

use linkspan_plane::{Applied, Observed, PeerSpec};

use crate::isolated::{isolated, isolated_each};
use crate::scene::{Place, Scene, accept, carries, project, spec, with_routes};

pub(crate) fn peers() -> [PeerSpec; 2] {
    let owner = (&project(1), "etl", "10.10.0.0/24");
    let one = with_routes(&spec(1, owner, "192.168.10.0/24"), &["172.20.0.0/16"]);
    [one, spec(2, owner, "192.168.20.0/24")]
}

/// What to do to the networks, and in which of them; `LINK` is the link between the two in question.
const DAMAGE: &[(&str, &str)] = &[
    ("queue", "ip link delete LINK"),
    ("router", "ip link delete LINK"),
    ("queue", "ip link set LINK down"),
    ("router", "ip link set LINK down"),
    ("queue", "ip link set LINK alias mine"),
    ("queue", "ip address flush dev LINK"),
    ("router", "ip address flush dev LINK"),
    ("queue", "ip route delete 192.168.10.0/24"),
    ("queue", "ip route delete 172.20.0.0/16"),
    ("router", "ip route delete 10.10.0.0/24"),
    ("queue", "ip address delete 10.10.0.1/32 dev lo"),
    ("queue", "ip link set lo down"),
    ("queue", "ip link set lo alias mine"),
    ("router", "nft flush set inet linkspan permit"),
    ("router", "nft flush set inet linkspan peers"),
    ("router", "nft flush chain inet linkspan forward"),
    ("router", "nft flush ruleset"),
    ("router", "nft insert rule inet linkspan forward accept"),
    ("router", "nft add element inet linkspan permit { \"LINK\" . 10.10.0.0/24 . 10.200.0.0/16 }"),
    ("router", "sysctl -q net.ipv4.ip_forward=0"),
    ("queue", "umount HANDLE"),
    ("router", "umount HANDLE"),
    ("subnet", "umount HANDLE"),
    ("subnet", "ip route delete default"),
    ("subnet", "ip address flush dev LINK"),
    ("subnet", "ip link delete LINK"),
    ("hosts", "truncate"),
];

#[test]
fn damage_is_seen_and_mended_and_nothing_else_changes() {
    let cases: Vec<String> = DAMAGE.iter().map(|(place, command)| format!("{place}: {command}")).collect();
    let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
    isolated_each(&cases, |directory, case| {
        let scene = Scene::new(&directory);
        let [one, two] = peers();
        scene.bind(&one);
        scene.bind(&two);
        scene.hosts(&one, &[("kafka", "192.168.10.2")]);
        let whole = scene.list();
        scene.damage(&one, case);
        assert_ne!(scene.list(), whole, "the damage is not seen");
        // What a pass does.
        scene.network(&one.source);
        scene.hosts(&one, &[("kafka", "192.168.10.2")]);
        scene.peer(&one).unwrap();
        scene.peer(&two).unwrap();
        assert_eq!(scene.list(), whole);
        let writes = scene.plane.writes();
        assert_eq!((scene.peer(&one), scene.peer(&two)), (Ok(Applied::UNCHANGED), Ok(Applied::UNCHANGED)));
        assert_eq!(scene.plane.writes(), writes);
        let listener = scene.subnet(&one).listen("192.168.10.2:80");
        let mut client = scene.queue(&one).connect("192.168.10.2:80").unwrap();
        let mut server = accept(&listener).0;
        assert!(carries(&mut client, &mut server) && carries(&mut server, &mut client));
        assert!(scene.queue(&one).connect("10.200.0.1:80").is_err());
    });
}

impl Scene {
    pub(crate) fn damage(&self, peer: &PeerSpec, case: &str) {
        let (place, command) = case.split_once(": ").unwrap();
        let (place, other) = match place {
            "queue" => (self.queue(peer), self.router()),
            "router" => (self.router(), self.queue(peer)),
            "subnet" => (self.subnet(peer), self.router()),
            _ => {
                let file = self.plane.hosts_path(&peer.source.source);
                return std::fs::write(file, "10.6.6.6 kafka\n").unwrap();
            }
        };
        let command = command.replace("LINK", &link(&place, &other)).replace("HANDLE", place.0.to_str().unwrap());
        match command.strip_prefix("umount ") {
            Some(handle) => nix::mount::umount(handle).unwrap(),
            None => drop(place.run(&command)),
        }
    }
}

/// The interface of a place that leads to another.
fn link(place: &Place, other: &Place) -> String {
    let name = other.0.file_name().unwrap().to_str().unwrap();
    let (letter, digest) = name.split_once('-').unwrap();
    let _ = place;
    format!("{letter}{}", &digest[..12])
}

#[test]
fn what_is_not_ours_stays_as_it_is() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let [one, two] = peers();
        scene.bind(&one);
        std::fs::write(scene.settings.namespaces.join("readme"), "somebody's").unwrap();
        let router = scene.router();
        let queue = scene.queue(&one);
        router.run("ip link add mine type veth peer name yours");
        router.run("ip route add 10.200.0.0/16 via 169.254.1.2 dev lo onlink");
        router.run("nft add table inet mine");
        queue.run("ip address add 10.10.0.9/32 dev lo");
        queue.run("ip route add 10.201.0.0/16 dev lo");
        scene.bind(&two);
        scene.bind(&one);
        scene.unbind(&one);
        scene.list();
        scene.unbind(&two);
        assert!(router.run("ip -br link").contains("mine@yours"));
        assert!(router.run("ip route").contains("10.200.0.0/16"));
        assert!(router.run("nft list tables").contains("inet mine"));
        assert!(queue.run("ip address").contains("10.10.0.9/32"));
        assert!(queue.run("ip route").contains("10.201.0.0/16"));
        assert!(scene.settings.namespaces.join("readme").exists());
    });
}

#[test]
fn what_no_peer_needs_is_removed_when_it_is_found() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let [one, _] = peers();
        scene.bind(&one);
        let router = scene.router();
        router.run("nft flush set inet linkspan peers");
        let networks = scene.list();
        assert!(networks.iter().all(|object| matches!(object, Observed::Network { .. })), "{networks:?}");
        assert!(!router.run("ip -br link").lines().any(|line| line.starts_with('q')));
        assert!(!router.run("nft list ruleset").contains("elements"));
        assert!(scene.queue(&one).connect("192.168.10.2:80").is_err());
    });
}
