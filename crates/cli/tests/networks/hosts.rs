//! Two hosts with networks of their own on one PostgreSQL database: each joins what lies on it, and any of them answers.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use linkspan_testkit::postgres::Cluster;

use super::{DataSource, INSIDE, PORT, isolated_with, namespace_of, text, until};

const DATABASE: &str = "LINKSPAN_DATABASE";
const ADDRESS: &str = "192.168.10.2";

#[test]
fn each_host_joins_the_projects_that_lie_on_it() {
    let cluster = std::env::var_os(INSIDE).is_none().then(|| Cluster::start(""));
    let url = cluster.as_ref().map(|cluster| cluster.socket_url("linkspan")).unwrap_or_default();
    let test = "hosts::each_host_joins_the_projects_that_lie_on_it";
    isolated_with(&[(DATABASE, &url)], &["--map-root-user"], (test, inside));
}

fn inside() {
    let shared = tempfile::tempdir().unwrap();
    let key = shared.path().join("key");
    std::fs::write(&key, "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let here = Host::start("here", shared.path());
    let there = Host::start("there", shared.path());
    for line in [
        "network vpc create --id v --cidr 192.168.0.0/16",
        "network subnet create --vpc v --id n --cidr 192.168.10.0/24",
        "queue create etl --dedicated",
        "connection create kafka --vpc v --subnet n --queue etl --host broker=192.168.10.2",
    ] {
        here.done(line);
    }
    let shows = |host: &Host, what: &str| text(&host.said("connection show kafka")).contains(what);
    until("what lies nowhere says so", || shows(&there, "lies on no node"));
    until("both hosts are known", || there.said("project place cn-north-4 --node here").status.success());
    let unknown = there.said("project place cn-north-4 --node elsewhere");
    assert!(text(&unknown).contains("there are here, there"), "{}", text(&unknown));
    until("its host makes it", || shows(&there, "etl ACTIVE"));
    let _source = DataSource::listen_in(namespace_of(&here.root(), ADDRESS), ADDRESS);
    assert!(here.reaches("etl", "broker"));
    assert!(!there.root().join("run/linkspan/netns").read_dir().is_ok_and(|mut handles| handles.next().is_some()));
    for host in [&here, &there] {
        host.done(&format!("connectivity test --queue etl --to {ADDRESS}:{PORT}"));
        let found = text(&host.said(&format!("diagnose --queue etl --to broker:{PORT}")));
        assert!(found.contains("connect: open") && found.contains("settled"), "{found}");
    }
    let refused = there.said("project place cn-north-4 --node there");
    assert!(text(&refused).contains("1 peers on node here"), "{}", text(&refused));
    across(&here, &there);
    // A node that ends gives its part back; what it made goes on.
    let here = here.ended();
    assert!(there.said("connection list").status.success());
    drop(here);
}

/// A queue of a project that lies on the other host is not joined, and says why; on the same host it is.
fn across(here: &Host, there: &Host) {
    there.done("project create lent");
    let list = text(&there.said("project list -o json"));
    let projects: serde_json::Value = serde_json::from_str(&list).unwrap();
    let named = |project: &&serde_json::Value| project["name"] == "lent";
    let lent = projects.as_array().unwrap().iter().find(named).unwrap()["id"].as_str().unwrap().to_owned();
    let of = |line: &str| format!("{line} --project-id {lent}");
    there.done(&format!("project place {lent} --node there"));
    there.done(&of("queue create other --dedicated"));
    there.done(&of("queue cidr other 10.88.0.0/24"));
    there.done(&format!("connection grant kafka {lent}"));
    there.done(&of("connection bind kafka --queue other"));
    let shows = |what: &str| text(&here.said(&of("connection show kafka"))).contains(what);
    until("a peer from host to host fails", || shows("networks don't span hosts"));
    assert!(!shows("host here"), "where another project lies is not told");
    there.done(&format!("project place {lent} --node here"));
    until("on one host it is made", || shows("other ACTIVE"));
    assert!(here.reaches(&format!("--project-id {lent} other"), ADDRESS));
}

/// A machine: networks and files of its own, and a node on the shared database.
struct Host {
    node: Child,
    shared: PathBuf,
}

impl Host {
    fn start(name: &str, shared: &Path) -> Self {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "sh", "-c"]);
        command.arg("mount -t tmpfs tmpfs /run && ip link set lo up && exec \"$0\" \"$@\"");
        command.arg(env!("CARGO_BIN_EXE_linkspan")).args(["serve", "--plane", "linux", "--node", name]);
        command.args(["--listen", "127.0.0.1:8780", "--metrics-listen", "off", "--data-dir"]).arg(shared.join(name));
        command.env("LINKSPAN_MASTER_KEY_FILE", shared.join("key")).stdout(Stdio::null());
        let host = Self { node: command.spawn().unwrap(), shared: shared.to_owned() };
        until("the node answers", || host.said("queue list").status.success());
        host
    }

    /// Its files, as seen from outside.
    fn root(&self) -> PathBuf {
        format!("/proc/{}/root", self.node.id()).into()
    }

    /// A program on that machine, to which arguments are to be added.
    fn command(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.node.id().to_string(), "--net", "--mount"]);
        command.arg(env!("CARGO_BIN_EXE_linkspan"));
        // The first node made the first key.
        command.env("LINKSPAN_CREDENTIALS", self.shared.join("here/credentials.json"));
        command
    }

    fn said(&self, line: &str) -> Output {
        self.command().args(line.split(' ')).output().unwrap()
    }

    fn done(&self, line: &str) {
        let output = self.said(line);
        assert!(output.status.success(), "{line}: {}", text(&output));
    }

    fn reaches(&self, queue: &str, name: &str) -> bool {
        let mut exec = self.command();
        exec.args(format!("queue exec {queue} -- bash -c").split(' '));
        exec.arg(format!("exec 3<>/dev/tcp/{name}/{PORT}")).output().unwrap().status.success()
    }

    fn ended(mut self) -> Self {
        assert!(Command::new("kill").arg(self.node.id().to_string()).status().unwrap().success());
        assert!(self.node.wait().unwrap().success());
        self
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _gone = self.node.kill();
        let _ended = self.node.wait();
    }
}
