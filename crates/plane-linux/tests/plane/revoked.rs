//! Allowances that are taken out of `netd.toml` while they are used, and no server that asks for anything.

use std::net::TcpStream;

use linkspan_plane::{Applied, PeerSpec};
use tokio::task::JoinHandle;

use crate::bindings::{bridge_with_machine, connected, lan_for, peer};
use crate::isolated::{isolated, isolated_each};
use crate::scene::{Place, Scene, accept, bound, carries, soon, spec};

/// What nobody revokes, of the same queue and VPC.
const STAYING: &str = "192.168.20.0/24";

/// A bound peer and one that leads to a subnet, each with a connection that is open.
struct Stage {
    scene: Scene,
    machine: Place,
    peer: PeerSpec,
    bound: [TcpStream; 2],
    staying: [TcpStream; 2],
}

impl Stage {
    fn new(directory: &std::path::Path) -> Self {
        let scene = Scene::new(directory);
        let machine = bridge_with_machine(directory);
        scene.allow(&lan_for("*"));
        let peer = bound(&peer(1, "192.168.10.0/25"), "lan");
        scene.bind(&peer);
        let staying = spec(2, (&peer.destination.project, "etl", "10.10.0.0/24"), STAYING);
        scene.bind(&staying);
        let listener = machine.listen("0.0.0.0:80");
        let client = connected(&scene.queue(&peer));
        let bound = [client, accept(&listener).0];
        let listener = scene.subnet(&staying).listen("192.168.20.2:80");
        let client = scene.queue(&staying).connect("192.168.20.2:80").unwrap();
        let staying = [client, accept(&listener).0];
        let mut stage = Self { scene, machine, peer, bound, staying };
        assert!(stage.passes());
        stage
    }

    fn passes(&mut self) -> bool {
        let [client, server] = &mut self.bound;
        carries(client, server)
    }

    /// Another process of `netd`'s, which nobody asks for anything.
    fn alone(&mut self) -> JoinHandle<()> {
        self.scene.restart();
        let plane = self.scene.plane.clone();
        self.scene.runtime.spawn(async move { plane.keep_to_allowances().await })
    }

    fn is_cut(&mut self) {
        soon("the connection is cut", || !self.passes());
        let [client, server] = &mut self.bound;
        assert!(!carries(server, client), "the other way");
        soon("the link is gone", || !Place::host().run("ip -br link").contains("lsp-"));
        soon("the guard is gone", || Place::host().run("/usr/sbin/nft list tables").is_empty());
        let [client, server] = &mut self.staying;
        assert!(carries(client, server) && carries(server, client), "what stays allowed");
    }

    /// What the server does with its next pass.
    fn is_restored(&mut self) {
        self.scene.allow(&lan_for("*"));
        assert!(!self.scene.is_whole(&self.peer));
        assert_eq!(self.scene.peer(&self.peer), Ok(Applied::AT_ONCE));
        let listener = self.machine.listen("0.0.0.0:80");
        let client = connected(&self.scene.queue(&self.peer));
        self.bound = [client, accept(&listener).0];
        assert!(self.passes());
    }
}

/// What is left of the entry: nothing, fewer addresses, another project's only.
const LEFT: &[&str] = &["", "192.168.10.64/26", "other"];

fn left_of(entry: &str) -> String {
    match entry {
        "" => String::new(),
        "other" => lan_for("ffffffffffffffffffffffffffffffff"),
        cidr => lan_for("*").replace("192.168.10.0/25", cidr),
    }
}

#[test]
fn what_is_taken_out_of_the_file_is_cut_though_nobody_asks() {
    isolated_each(LEFT, |directory, left| {
        let mut stage = Stage::new(&directory);
        let keeping = stage.alone();
        stage.scene.allow(&left_of(left));
        stage.is_cut();
        stage.is_restored();
        std::fs::remove_file(&stage.scene.settings.allowed).unwrap();
        stage.is_cut();
        assert!(!keeping.is_finished());
    });
}

#[test]
fn what_was_taken_out_while_netd_was_away_is_cut_when_it_starts() {
    isolated(|directory| {
        let mut stage = Stage::new(&directory);
        stage.scene.allow("");
        let _keeping = stage.alone();
        stage.is_cut();
        stage.is_restored();
    });
}

#[test]
fn a_look_at_everything_cuts_what_is_no_longer_allowed() {
    isolated_each(LEFT, |directory, left| {
        let mut stage = Stage::new(&directory);
        stage.scene.allow(&left_of(left));
        let listed = stage.scene.list();
        assert!(!format!("{listed:?}").contains(&stage.peer.peer.to_string()), "{listed:?}");
        stage.is_cut();
        stage.is_restored();
    });
}
