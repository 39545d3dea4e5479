//! Faults put into real networks, and what a probe makes of them.

use std::time::Duration;

use linkspan_plane::{Certainty, PeerSpec, Plane, ProbeReport, ProbeSpec, Stage, Verdict};

use crate::faults::{CASES, HOST};
use crate::isolated::isolated_each;
use crate::scene::{Scene, project, spec, with_routes};

#[test]
fn every_fault_gets_its_verdict() {
    let names: Vec<_> = CASES.iter().map(|case| case.name.0).collect();
    isolated_each(&names, |directory, name| {
        let case = CASES.iter().find(|case| case.name.0 == name).unwrap();
        let scene = Scene::new(&directory);
        let peer = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
        let peer = with_routes(&peer, &["172.20.0.0/16"]);
        scene.bind(&peer);
        scene.hosts(&peer, &[("kafka", HOST)]);
        let _listener = match case.fault {
            "listener: close" => None,
            "listener: loopback" => Some(scene.subnet(&peer).listen("127.0.0.1:9092")),
            _ => Some(scene.subnet(&peer).listen("0.0.0.0:9092")),
        };
        match case.fault {
            "" | "listener: close" | "listener: loopback" => {}
            "unbind" => scene.unbind(&peer),
            fault => scene.damage(&peer, &with_firewall(&scene, &peer, fault)),
        }
        let (target, port) = case.target.split_once(":90").map_or((case.target, "92"), |split| split);
        let port = format!("90{port}").parse().unwrap();
        let report = scene.ask(&peer, (target, Some(port)), Duration::from_millis(700));
        assert_eq!((report.verdict, report.certainty), (case.verdict, case.certainty), "{report:#?}");
        assert_eq!(report.act.as_ref().map(|act| act.who), case.verdict.who());
        let led = case.verdict.stage() > Stage::Queue;
        assert_eq!(report.peer, led.then_some(peer.peer), "{report:#?}");
        assert_eq!(report.resolved_by, (case.target == "kafka").then_some(peer.connection));
        let stop = report.path.iter().find(|hop| hop.ok == Some(false));
        assert!(stop.is_none_or(|hop| hop.stage == case.verdict.stage()), "{report:#?}");
        assert!(case.seen.is_empty() || evidence(&report).contains(&case.seen.to_owned()), "{report:#?}");
    });
}

/// `stage what: value` of everything that was seen.
fn evidence(report: &ProbeReport) -> Vec<String> {
    let all = report.path.iter().flat_map(|hop| hop.evidence.iter().map(move |seen| (hop.stage.as_str(), seen)));
    all.map(|(stage, seen)| format!("{stage} {}: {}", seen.what, seen.value)).collect()
}

#[test]
fn a_router_tells_of_a_dead_host_when_it_is_given_the_time() {
    crate::isolated::isolated(|directory| {
        let scene = Scene::new(&directory);
        let peer = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
        scene.bind(&peer);
        let report = scene.try_way(&peer, "192.168.10.77", Duration::from_secs(8));
        assert_eq!((report.verdict, report.certainty), (Verdict::DestinationHostDown, Certainty::Proved));
        let said = report.path.iter().flat_map(|hop| &hop.evidence).find(|seen| seen.what == "icmp");
        assert_eq!(said.map(|seen| seen.value.as_str()), Some("3/1"), "{report:#?}");
    });
}

impl Scene {
    fn try_way(&self, peer: &PeerSpec, target: &str, limit: Duration) -> ProbeReport {
        self.ask(peer, (target, Some(9092)), limit)
    }

    fn ask(&self, peer: &PeerSpec, (target, port): (&str, Option<u16>), limit: Duration) -> ProbeReport {
        let probe = ProbeSpec { source: peer.source.source.clone(), target: target.into(), port, limit };
        self.runtime.block_on(self.plane.probe(&probe)).unwrap()
    }
}

/// Sets the firewall of a data source up, and returns the command that makes it do what a fault says.
fn with_firewall(scene: &Scene, peer: &PeerSpec, fault: &str) -> String {
    let by_port = fault.split_once("FIREWALL ").map(|split| (split, "tcp dport 9092"));
    if let Some((place, rest)) = fault.split_once("FOREIGN") {
        let policy = if rest == " policy drop" { "drop" } else { "accept" };
        let chain = format!("inet theirs forward {{ type filter hook forward priority -10 ; policy {policy} ; }}");
        let router = scene.router();
        router.run("nft add table inet theirs");
        router.run(&format!("nft add chain {chain}"));
        return match rest.split_once(' ') {
            Some(("-IDLE", command)) => format!("{place}nft {command}"),
            _ if policy == "drop" => format!("{place}nft list tables"),
            _ => format!("{place}nft add rule inet theirs forward{rest}"),
        };
    }
    let Some(((place, verdict), what)) =
        by_port.or_else(|| Some((fault.split_once("FIREWALL-ICMP ")?, "icmp type echo-request")))
    else {
        return fault.to_owned();
    };
    let subnet = scene.subnet(peer);
    subnet.run("nft add table inet firewall");
    subnet.run("nft add chain inet firewall input { type filter hook input priority 0 ; }");
    format!("{place}nft add rule inet firewall input {what} {verdict}")
}

/// Without a port: what is done, which address is asked for an echo, and what must come out.
const ECHOES: &[(&str, &str, &str, Verdict, Certainty)] = &[
    ("a host that serves nothing", "", HOST, Verdict::Reachable, Certainty::Proved),
    ("the gateway", "", "192.168.10.1", Verdict::Reachable, Certainty::Proved),
    ("no such host", "", "192.168.10.77", Verdict::DestinationHostDown, Certainty::Proved),
    ("it drops the question", "subnet: FIREWALL-ICMP drop", HOST, Verdict::Reachable, Certainty::Inferred),
    (
        "it forbids the question",
        "subnet: FIREWALL-ICMP reject with icmpx admin-prohibited",
        HOST,
        Verdict::Reachable,
        Certainty::Inferred,
    ),
    (
        "the permit is gone",
        "router: nft flush set inet linkspan permit",
        HOST,
        Verdict::BlockedByPolicy,
        Certainty::Proved,
    ),
    ("the link is gone", "queue: ip link delete LINK", HOST, Verdict::NoRouteInQueue, Certainty::Proved),
    (
        "no route back at the host",
        "subnet: ip route delete default",
        HOST,
        Verdict::NoReturnRouteAtDestination,
        Certainty::Proved,
    ),
];

#[test]
fn without_a_port_a_host_is_asked_for_an_echo() {
    let names: Vec<_> = ECHOES.iter().map(|echo| echo.0).collect();
    isolated_each(&names, |directory, name| {
        let (_, fault, target, verdict, certainty) = ECHOES.iter().find(|echo| echo.0 == name).unwrap();
        let scene = Scene::new(&directory);
        let peer = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
        scene.bind(&peer);
        if !fault.is_empty() {
            scene.damage(&peer, &with_firewall(&scene, &peer, fault));
        }
        let report = scene.ask(&peer, (target, None), Duration::from_millis(4500));
        assert_eq!((report.verdict, report.certainty), (*verdict, *certainty), "{report:#?}");
        assert_eq!(report.path.last().unwrap().hop, *target);
    });
}
