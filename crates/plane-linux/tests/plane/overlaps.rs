//! Networks of one VPC that would take each other's traffic.

use linkspan_plane::{Applied, PeerSpec, PlaneError};

use crate::bindings::{bridge_with_machine, lan_for};
use crate::isolated::isolated;
use crate::scene::{Scene, bound, project, spec};

/// Leads to more than `lan` does, by way of another machine.
const WIDE: &str = r#"
[[allow]]
name = "wide"
project = "*"
kind = "bridge"
bridge = "br0"
address = "192.168.10.2/24"
cidrs = ["192.168.0.0/16"]
gateway = "192.168.10.254"
"#;

fn from_queue(number: u128, subnet: &str) -> PeerSpec {
    spec(number, (&project(1), "etl", "10.10.0.0/24"), subnet)
}

/// Refused for good, with these words; nothing of it is there.
fn refused(scene: &Scene, peer: &PeerSpec, words: &[&str]) {
    scene.network(&peer.source);
    let error = scene.peer(peer).unwrap_err();
    assert!(matches!(error, PlaneError::Conflict { .. }), "{error:?}");
    let said = error.to_string();
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
    assert!(!format!("{:?}", scene.list()).contains(&peer.peer.to_string()));
}

#[test]
fn what_would_take_the_traffic_of_something_else_is_refused() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let _machine = bridge_with_machine(&directory);
        scene.allow(&format!("{}{WIDE}", lan_for("*")));
        let narrow = bound(&from_queue(1, "192.168.10.0/25"), "lan");
        let wide = bound(&from_queue(2, "192.168.77.0/24"), "wide");
        let subnet = from_queue(3, "192.168.10.64/26");
        let queue = spec(4, (&project(1), "other", "192.168.10.96/27"), "172.20.0.0/24");

        scene.bind(&narrow);
        refused(&scene, &wide, &["`wide`", "192.168.0.0/16", "192.168.10.0/25, to which another binding", "netd.toml"]);
        refused(&scene, &subnet, &["subnet 192.168.10.64/26", "192.168.10.0/25, to which another binding"]);
        refused(&scene, &queue, &["192.168.10.96/27", "192.168.10.0/25, to which another binding", "another CIDR"]);
        assert!(scene.is_whole(&narrow));
        scene.unbind(&narrow);

        scene.bind(&subnet);
        refused(&scene, &narrow, &["`lan`", "192.168.10.64/26 of another subnet of the same VPC"]);
        refused(&scene, &queue, &["192.168.10.96/27", "192.168.10.64/26 of another subnet"]);
        refused(&scene, &from_queue(5, "192.168.10.0/24"), &["192.168.10.64/26 of another subnet"]);
        assert!(scene.is_whole(&subnet));
        scene.unbind(&subnet);

        scene.bind(&queue);
        refused(&scene, &narrow, &["`lan`", "192.168.10.96/27 of another queue or pool"]);
        assert!(scene.is_whole(&queue));
        scene.unbind(&queue);
        scene.bind(&wide);
        assert!(scene.is_whole(&wide));
    });
}

#[test]
fn what_is_left_of_a_subnet_gives_way_to_what_has_its_addresses_now() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let before = from_queue(1, "192.168.10.0/24");
        scene.bind(&before);
        scene.unbind(&before);
        let after = from_queue(2, "192.168.10.0/25");
        scene.bind(&after);
        let listener = scene.subnet(&after).listen("192.168.10.2:80");
        scene.queue(&after).connect("192.168.10.2:80").unwrap();
        crate::scene::accept(&listener);
        assert!(scene.is_whole(&after));
        assert_eq!(scene.peer(&after), Ok(Applied::UNCHANGED));
    });
}
