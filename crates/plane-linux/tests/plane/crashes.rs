//! The process ends before any single change, and the next one goes on: the same comes out, and at no moment is
//! anything forwarded that no rule drops.

use std::path::Path;

use linkspan_plane::conformance::samples;
use linkspan_plane::{Change, HostTable, PeerSpec, Plane};

use crate::isolated::isolated;
use crate::scene::{Place, Scene, accept, bound, project, soon, spec, with_routes};

/// Two queues, three peers, host records.
fn wanted() -> Vec<PeerSpec> {
    let one = (&project(1), "etl", "10.10.0.0/24");
    let two = (&project(1), "bi", "10.11.0.0/24");
    let routed = with_routes(&spec(1, one, "192.168.10.0/24"), &["192.168.20.0/24", "172.20.0.0/16"]);
    vec![routed, spec(2, one, "192.168.20.0/24"), spec(3, two, "192.168.10.0/24")]
}

fn changes(peers: &[PeerSpec]) -> Vec<Change> {
    let hosts = HostTable::new(vec![samples::host_part(1, &[("kafka", "192.168.10.2")])]);
    let networks = peers.iter().map(|peer| Change::EnsureNetwork(peer.source.clone()));
    let hosts = peers.iter().map(|peer| Change::EnsureHosts(peer.source.source.clone().into(), hosts.clone()));
    let all = networks.chain(hosts).chain(peers.iter().cloned().map(Change::EnsurePeer));
    all.collect()
}

fn removals(peers: &[PeerSpec]) -> Vec<Change> {
    let networks = peers.iter().map(|peer| Change::RemoveNetwork(peer.source.source.clone().into()));
    peers.iter().map(|peer| Change::RemovePeer(peer.peer)).chain(networks).collect()
}

impl Scene {
    /// Carries out changes until the process "ends"; whether it came through.
    fn carry_out(&self, changes: &[Change]) -> bool {
        // One by one, as a caller that gives every peer a batch of its own.
        changes.iter().all(|change| {
            let results = self.runtime.block_on(self.plane.apply_batch(std::slice::from_ref(change)));
            results.iter().all(Result::is_ok)
        })
    }

    /// What there is, without what differs from one making to the next.
    fn shape(&self) -> String {
        let mut shape: Vec<String> = self.list().iter().map(|object| format!("{object:?}")).collect();
        for router in self.routers() {
            let rules = router.run("nft list ruleset");
            let links = router.run("ip -br link").lines().map(first_word).collect::<Vec<_>>().join(" ");
            // The kernel notes that a link is up some time after it carries packets.
            let routes = router.run("ip route").replace(" linkdown", "");
            shape.push(format!("{rules} {links} {routes}"));
        }
        shape.sort();
        shape.join("\n")
    }

    /// No router forwards without dropping by default.
    fn fails_closed(&self) {
        for router in self.routers() {
            let forwards = router.run("cat /proc/sys/net/ipv4/ip_forward").trim() == "1";
            let rules = router.run("nft list ruleset");
            let drops = rules.contains("hook forward priority filter; policy drop");
            assert!(!forwards || drops, "forwards with {rules}");
        }
    }
}

/// `name@peer state …` without what the kernel numbered.
fn first_word(line: &str) -> String {
    line.split(['@', ' ']).next().unwrap().to_owned()
}

#[test]
fn whatever_change_comes_last_the_next_process_arrives_at_the_same() {
    isolated(|directory| ends_everywhere(&directory, "", &wanted()));
}

#[test]
fn so_it_does_with_something_of_the_host() {
    isolated(|directory| {
        Place::host().run("ip link add br0 type bridge");
        let peers = [bound(&spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24"), "lan")];
        ends_everywhere(&directory, BRIDGE, &peers);
        assert!(!Place::host().run("ip -br link").contains("lsp-"));
        assert_eq!(Place::host().run("/usr/sbin/nft list tables"), "");
    });
}

const BRIDGE: &str = r#"
[[allow]]
name = "lan"
project = "*"
kind = "bridge"
bridge = "br0"
address = "192.168.10.1/24"
cidrs = ["192.168.10.0/24"]
"#;

fn ends_everywhere(directory: &Path, allowed: &str, wanted: &[PeerSpec]) {
    let whole = Scene::new(&directory.join("whole"));
    whole.allow(allowed);
    // Never reached, but every change is then made by itself, and counted.
    whole.plane.end_after(Some(1_000_000));
    assert!(whole.carry_out(&changes(wanted)));
    let (expected, count) = (whole.shape(), whole.plane.writes());
    assert!(count > 20, "{count}");
    assert!(whole.carry_out(&removals(wanted)));
    let mut ended = 0;
    for after in 0.. {
        let mut scene = Scene::new(&directory.join(after.to_string()));
        scene.allow(allowed);
        scene.plane.end_after(Some(after));
        let through = scene.carry_out(&changes(wanted));
        scene.fails_closed();
        scene.restart();
        // One pass: what is unknown to the records is looked at, then all that is wanted is made.
        scene.list();
        assert!(scene.carry_out(&changes(wanted)), "after {after} changes");
        assert_eq!(scene.shape(), expected, "after {after} changes");
        let writes = scene.plane.writes();
        assert!(scene.carry_out(&changes(wanted)));
        assert_eq!(scene.plane.writes(), writes, "a second pass changes something after {after} changes");
        ended = after;
        assert!(scene.carry_out(&removals(wanted)));
        scene.list();
        if through {
            break;
        }
    }
    println!("ended before each of {ended} changes");
    assert!(ended >= count, "{ended} of {count}");
}

#[test]
fn whatever_removal_comes_last_nothing_stays() {
    isolated(|directory| {
        for after in 0.. {
            let mut scene = Scene::new(&directory.join(after.to_string()));
            let peers = wanted();
            assert!(scene.carry_out(&changes(&peers)));
            let listener = scene.subnet(&peers[2]).listen("192.168.10.2:80");
            // The kernel takes its time to use a new link while many come and go.
            soon("the subnet is reached", || scene.queue(&peers[2]).connect("192.168.10.2:80").is_ok());
            accept(&listener);
            scene.plane.end_after(Some(after));
            let through = scene.carry_out(&removals(&peers));
            scene.fails_closed();
            scene.restart();
            scene.list();
            assert!(scene.carry_out(&removals(&peers)), "after {after} changes");
            assert_eq!(scene.list(), [], "after {after} changes");
            let router = scene.router();
            let rules = router.run("nft list ruleset");
            assert!(!rules.contains("elements"), "after {after} changes: {rules}");
            let links = router.run("ip -br link");
            assert!(!links.lines().any(|line| line.starts_with('q')), "after {after} changes: {links}");
            if through {
                assert!(after > 10, "{after}");
                break;
            }
        }
    });
}
