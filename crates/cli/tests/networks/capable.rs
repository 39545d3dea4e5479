//! `netd` with exactly the capabilities of its unit, as an ordinary user that can gain no more, and a server with none.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::lasting::{handles, inside};
use super::{Server, isolated_by, text, until};

/// An ordinary user who may give capabilities to the programs that it starts.
const ORDINARY: &[&str] = &["--map-user=1000", "--map-group=1000", "--keep-caps"];
const SOCKET: &str = "/run/linkspan/netd.sock";

#[test]
fn netd_needs_the_capabilities_of_its_unit_and_the_server_none() {
    isolated_by(ORDINARY, "capable::netd_needs_the_capabilities_of_its_unit_and_the_server_none", || {
        std::fs::create_dir_all("/run/linkspan").unwrap();
        let unit = unit();
        let ambient = capabilities(&unit, "AmbientCapabilities");
        assert_eq!(ambient, capabilities(&unit, "CapabilityBoundingSet"));
        for (without, complaint) in [
            ("CAP_NET_ADMIN", "can't be changed"),
            ("CAP_SYS_ADMIN", "can't be changed"),
            ("CAP_NET_BROADCAST", "needs CAP_NET_BROADCAST"),
        ] {
            let fewer: Vec<_> = ambient.iter().filter(|one| *one != without).cloned().collect();
            assert_eq!(fewer.len() + 1, ambient.len(), "the unit has no {without}");
            let said = first_words(&fewer);
            assert!(said.contains(complaint), "without {without}: {said}");
        }
        let netd = Started(netd(&ambient).spawn().unwrap());
        until("netd listens", || std::os::unix::net::UnixStream::connect(SOCKET).is_ok());
        assert_eq!(held(netd.0.id()), ambient);
        let server = Server::start_by(with(&[]), tempfile::tempdir().unwrap(), &["--netd-socket", SOCKET]);
        assert_eq!(held(server.process.id()), Vec::<String>::new());

        // Networks, rules, forwarding.
        server.done("network vpc create --id v --cidr 192.168.0.0/16");
        server.done("network subnet create --vpc v --id n --cidr 192.168.10.0/24");
        server.done("queue create near --dedicated");
        server.done("connection create kafka --vpc v --subnet n --queue near --host broker=192.168.10.2 --wait");
        let _listening = super::DataSource::listen("192.168.10.2");
        let tested = server.said(&format!("connectivity test --queue near --to broker:{}", super::PORT));
        assert!(tested.status.success(), "{}", text(&tested));
        // What a router says by ICMP is heard.
        let diagnosed = text(&server.said("diagnose --queue near --to 192.168.10.77:9092 -o json"));
        assert!(diagnosed.contains("destination_host_down") && diagnosed.contains("\"icmp\""), "{diagnosed}");
        // Names are answered on port 53.
        let queue = handles().into_iter().find(|path| path.to_str().unwrap().contains("/q-")).unwrap();
        let responder = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 53), 53));
        assert!(inside(&queue, || TcpStream::connect(responder)).is_ok());
        // What somebody takes away is noticed long before the next full pass.
        let routes = || inside(&queue, || text(&Command::new("ip").args(["route"]).output().unwrap()));
        let before = routes();
        assert!(before.contains("192.168.10.0/24"), "{before}");
        inside(&queue, || {
            assert!(Command::new("ip").args(["route", "flush", "proto", "201"]).status().unwrap().success())
        });
        until("the route is there again", || routes() == before);
    });
}

/// A process that ends with this.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _collected = self.0.wait();
    }
}

fn unit() -> String {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/systemd/linkspan-netd.service");
    let unit = std::fs::read_to_string(unit).unwrap();
    assert!(unit.lines().any(|line| line == "NoNewPrivileges=yes"));
    unit
}

/// A list of the unit, in order.
fn capabilities(unit: &str, key: &str) -> Vec<String> {
    let line = unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap();
    let mut names: Vec<_> = line.split(' ').map(str::to_owned).collect();
    names.sort();
    names
}

/// `linkspan` with some capabilities and no way to others.
fn with(names: &[String]) -> Command {
    let set = names.iter().map(|name| name.strip_prefix("CAP_").unwrap().to_lowercase());
    let set =
        std::iter::once("-all".to_owned()).chain(set.map(|name| format!("+{name}"))).collect::<Vec<_>>().join(",");
    let mut command = Command::new("setpriv");
    command.arg("--no-new-privs");
    for kind in ["bounding-set", "inh-caps", "ambient-caps"] {
        command.arg(format!("--{kind}={set}"));
    }
    command.arg(env!("CARGO_BIN_EXE_linkspan"));
    command
}

fn netd(names: &[String]) -> Command {
    let mut netd = with(names);
    netd.args(["netd", "--socket", SOCKET]);
    netd
}

/// What `netd` says when it starts.
fn first_words(names: &[String]) -> String {
    let mut attached = netd(names);
    // It ends by itself: there is nothing to read for it.
    let output = attached.arg("--attached").stdin(Stdio::null()).output().unwrap();
    text(&output)
}

/// The capabilities that a process has, by the kernel's own list.
fn held(process: u32) -> Vec<String> {
    let status = std::fs::read_to_string(PathBuf::from(format!("/proc/{process}/status"))).unwrap();
    let field = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim().to_owned()
    };
    assert_eq!(field("NoNewPrivs:"), "1");
    assert_ne!(field("Uid:").split_whitespace().next(), Some("0"));
    let sets = ["CapPrm:", "CapEff:", "CapBnd:"].map(field);
    assert!(sets.iter().all(|set| *set == sets[0]), "{sets:?}");
    let bits = u64::from_str_radix(&sets[0], 16).unwrap();
    let names =
        [(10, "NET_BIND_SERVICE"), (11, "NET_BROADCAST"), (12, "NET_ADMIN"), (13, "NET_RAW"), (21, "SYS_ADMIN")];
    let known: u64 = names.iter().map(|(bit, _)| 1 << bit).sum();
    assert_eq!(bits & !known, 0, "{bits:x}");
    let mut held: Vec<_> =
        names.iter().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, name)| format!("CAP_{name}")).collect();
    held.sort();
    held
}
