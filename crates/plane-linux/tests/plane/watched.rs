//! A reconciler over real networks, whose full passes are too far apart to matter: what somebody else changes is mended
//! because it was noticed, and then there is rest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use linkspan_model::PeerId;
use linkspan_plane::{
    DesiredPeer, Hints, HostTable, Outcome, PeerReport, PeerSpec, Reconciler, Recorded, Records, ReportRefused,
    Settings, SourceRef, Wish,
};

use crate::drift::peers;
use crate::isolated::isolated;
use crate::scene::{Place, Scene, accept, carries, soon};

/// What noticing, looking at everything and mending may take together.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Longer than any hint is held back.
const REST: Duration = Duration::from_millis(600);

/// The kernel tells of a link's state at most once a second.
const SETTLED: Duration = Duration::from_millis(1500);

/// What to do to the networks, as for drift, and the foreign things that stay.
const CHANGES: &[&str] = &[
    "queue: ip link delete LINK",
    "router: ip link delete LINK",
    "subnet: ip link delete LINK",
    "queue: ip link set LINK down",
    "queue: ip link set lo down",
    "queue: ip address flush dev LINK",
    "queue: ip address delete 10.10.0.1/32 dev lo",
    "queue: ip route delete 192.168.10.0/24",
    "router: ip route delete 10.10.0.0/24",
    "subnet: ip route delete default",
    "router: nft flush set inet linkspan permit",
    "router: nft flush set inet linkspan peers",
    "router: nft flush ruleset",
    "router: nft insert rule inet linkspan forward accept",
    "router: nft add element inet linkspan permit { \"LINK\" . 10.10.0.0/24 . 10.200.0.0/16 }",
    "router: sysctl -q net.ipv4.ip_forward=0",
    "queue: umount HANDLE",
    "router: umount HANDLE",
    "subnet: umount HANDLE",
];

#[test]
fn what_somebody_changes_is_mended_within_a_second_and_then_there_is_rest() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let reconciled = Reconciled::begin(&scene, &peers());
        let whole = scene.seen().unwrap();
        for change in CHANGES {
            let writes = scene.plane.writes();
            let began = Instant::now();
            scene.damage(&peers()[0], change);
            soon(change, || scene.seen().as_ref() == Some(&whole));
            let took = began.elapsed();
            println!("{change}: {took:?}");
            assert!(took < AT_ONCE, "{change} was mended after {took:?}");
            assert!(scene.plane.writes() > writes, "{change} was no change");
            reconciled.rests(&scene);
            let listener = scene.subnet(&peers()[0]).listen("192.168.10.2:80");
            let mut client = scene.queue(&peers()[0]).connect("192.168.10.2:80").unwrap();
            assert!(carries(&mut client, &mut accept(&listener).0), "{change}");
        }
    });
}

#[test]
fn what_is_not_ours_leads_to_no_change_and_stays() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let reconciled = Reconciled::begin(&scene, &peers());
        let writes = scene.plane.writes();
        let (router, queue) = (scene.router(), scene.queue(&peers()[0]));
        router.run("ip link add mine type veth peer name yours");
        router.run("nft add table inet mine");
        queue.run("ip address add 10.10.0.9/32 dev lo");
        queue.run("ip route add 10.201.0.0/16 dev lo");
        soon("it is looked at", || reconciled.passes() > 1);
        reconciled.rests(&scene);
        assert_eq!(scene.plane.writes(), writes);
        assert!(router.run("ip -br link").contains("mine@yours"));
        assert!(router.run("nft list tables").contains("inet mine"));
        assert!(queue.run("ip address").contains("10.10.0.9/32"));
        assert!(queue.run("ip route").contains("10.201.0.0/16"));
    });
}

#[test]
fn a_restart_without_drift_changes_nothing_and_what_changed_meanwhile_is_mended() {
    isolated(|directory| {
        let mut scene = Scene::new(&directory);
        let wanted = peers();
        drop(Reconciled::begin(&scene, &wanted));
        scene.restart();
        let reconciled = Reconciled::begin(&scene, &wanted);
        reconciled.rests(&scene);
        assert_eq!(scene.plane.writes(), 0);
        drop(reconciled);
        let whole = scene.seen().unwrap();
        scene.damage(&wanted[0], "queue: ip route flush proto 201");
        scene.restart();
        let _reconciled = Reconciled::begin(&scene, &wanted);
        soon("it is mended", || scene.seen().as_ref() == Some(&whole));
    });
}

#[test]
fn what_happens_elsewhere_on_the_host_is_not_heard() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let reconciled = Reconciled::begin(&scene, &peers());
        reconciled.rests_for(SETTLED, &scene);
        let passes = reconciled.passes();
        let elsewhere = directory.join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        let mount = format!("mount -t tmpfs none {}", elsewhere.display());
        for command in ["ip link add mine type veth peer name yours", "ip link set mine up", &mount] {
            let words: Vec<_> = command.split(' ').collect();
            assert!(std::process::Command::new(words[0]).args(&words[1..]).status().unwrap().success(), "{command}");
        }
        reconciled.rests(&scene);
        assert_eq!(reconciled.passes(), passes);
    });
}

/// Peers that are kept in place until this is dropped.
struct Reconciled {
    handle: linkspan_plane::Handle,
    task: tokio::task::JoinHandle<()>,
}

impl Reconciled {
    fn begin(scene: &Scene, peers: &[PeerSpec]) -> Self {
        let records = Arc::new(Wanted::new(peers));
        let settings = Settings { full_pass_every: Duration::from_secs(3600), ..Settings::default() };
        let _within = scene.runtime.enter();
        let (reconciler, handle) = Reconciler::new(Arc::new(scene.plane.clone()), records.clone(), settings);
        let task = scene.runtime.spawn(reconciler.run().map(|ended| ended.unwrap()));
        soon("the peers are made", || records.all_active() && handle.stats().passes > 0);
        let reconciled = Self { handle, task };
        reconciled.rests(scene);
        reconciled
    }

    fn passes(&self) -> u64 {
        self.handle.stats().passes
    }

    /// Neither looks nor changes follow any more, for longer than hints are held back.
    fn rests(&self, scene: &Scene) {
        self.rests_for(REST, scene);
    }

    fn rests_for(&self, rest: Duration, scene: &Scene) {
        let state = || (self.passes(), scene.plane.writes());
        let mut since = (Instant::now(), state());
        soon("there is rest", || {
            if state() != since.1 {
                since = (Instant::now(), state());
            }
            since.0.elapsed() > rest
        });
    }
}

impl Drop for Reconciled {
    fn drop(&mut self) {
        self.task.abort();
        soon("the reconciler ends", || self.task.is_finished());
    }
}

/// Records that want some peers, for ever.
struct Wanted {
    peers: Mutex<BTreeMap<PeerId, DesiredPeer>>,
    hints: Arc<Hints>,
}

impl Wanted {
    fn new(peers: &[PeerSpec]) -> Self {
        let desired = |spec: &PeerSpec| DesiredPeer {
            peer: spec.peer,
            connection: spec.connection,
            generation: spec.generation,
            source: spec.source.source.clone(),
            wish: Wish::Present,
            recorded: Recorded::Creating,
            spec: Ok(spec.clone()),
            hosts: 0,
        };
        let peers = peers.iter().map(|spec| (spec.peer, desired(spec))).collect();
        Self { peers: Mutex::new(peers), hints: Arc::new(Hints::new(16)) }
    }

    fn all_active(&self) -> bool {
        self.peers.lock().unwrap().values().all(|peer| peer.recorded == Recorded::Active)
    }
}

impl Records for Wanted {
    fn for_each_peer(&self, each: &mut dyn FnMut(DesiredPeer)) {
        let peers = self.peers.lock().unwrap().clone();
        peers.into_values().for_each(each);
    }

    fn peer(&self, id: PeerId) -> Option<DesiredPeer> {
        self.peers.lock().unwrap().get(&id).cloned()
    }

    fn hosts(&self, _: &SourceRef) -> HostTable {
        HostTable::default()
    }

    fn report(&self, reports: Vec<PeerReport>) -> BoxFuture<'_, Result<(), ReportRefused>> {
        let mut peers = self.peers.lock().unwrap();
        for report in reports {
            assert_eq!(report.outcome, Outcome::Active, "{report:?}");
            peers.get_mut(&report.peer).unwrap().recorded = Recorded::Active;
        }
        std::future::ready(Ok(())).boxed()
    }

    fn hints(&self) -> Arc<Hints> {
        self.hints.clone()
    }
}

impl Scene {
    /// What there is, as other programs see it, without numbers that differ from one making to the next; none while
    /// something can't be looked at.
    fn seen(&self) -> Option<String> {
        let entries = std::fs::read_dir(&self.settings.namespaces).unwrap();
        let mut places: Vec<_> = entries.map(|entry| Place(entry.unwrap().path())).collect();
        places.sort_by(|one, other| one.0.cmp(&other.0));
        places.iter().map(Place::shape).collect()
    }
}

impl Place {
    fn shape(&self) -> Option<String> {
        let said = self.inside_if_there(|| {
            let said = |command: &str| {
                let words: Vec<_> = command.split(' ').collect();
                let output = std::process::Command::new(words[0]).args(&words[1..]).output().unwrap();
                String::from_utf8(output.stdout).unwrap()
            };
            ["ip -o link", "ip -o -4 address", "ip route", "sysctl net.ipv4.ip_forward", "nft list ruleset"].map(said)
        })?;
        let [links, rest @ ..] = said;
        let link = |line: &str| -> Option<String> {
            let name = line.split(['@', ':']).nth(1)?;
            let alias = line.split("alias ").nth(1).unwrap_or_default();
            Some(format!("{name} {} {alias}", line.contains("LOWER_UP")))
        };
        let mut links: Vec<_> = links.lines().filter_map(link).collect();
        links.sort();
        let numbered = |line: &str| line.split_once(": ").map_or(line, |(_, rest)| rest).to_owned();
        let mut rest: Vec<_> = rest.iter().flat_map(|text| text.lines()).map(numbered).collect();
        rest.sort();
        Some(format!("{} {links:?} {rest:?}\n", self.0.display()))
    }
}
