//! Real networks from the command line: a server, the `netd` it starts, a queue, a data source, and a program that
//! tries to reach it. In user, network, mount and process namespaces of its own, so that nothing touches the host and
//! everything is gone afterwards, however it ends.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "clippy knows test functions, but not the functions beside them"
)]

mod apart;
mod bindings;
mod capable;
mod hosts;
mod lasting;
mod revoked;

use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, setns};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const INSIDE: &str = "LINKSPAN_TEST_INSIDE";
const SOON: Duration = Duration::from_secs(30);
const PORT: &str = "9092";

#[test]
fn what_is_bound_is_reached_and_nothing_else() {
    isolated("what_is_bound_is_reached_and_nothing_else", inside);
}

/// Runs the body of the test of that name in namespaces of its own, in a process of its own.
fn isolated(test: &str, body: fn()) {
    isolated_by(&["--map-root-user"], test, body);
}

/// The same as another user, as `unshare` is told.
fn isolated_by(user: &[&str], test: &str, body: fn()) {
    isolated_with(&[], user, (test, body));
}

/// The same with variables that the body finds in its environment.
fn isolated_with(variables: &[(&str, &str)], user: &[&str], (test, body): (&str, fn())) {
    if std::env::var_os(INSIDE).is_some() {
        for command in ["mount -t tmpfs tmpfs /run", "ip link set lo up"] {
            let words: Vec<_> = command.split(' ').collect();
            assert!(Command::new(words[0]).args(&words[1..]).status().unwrap().success(), "{command}");
        }
        return body();
    }
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--net", "--mount", "--pid", "--fork", "--mount-proc"]).args(user);
    let able = unshare.arg("true").status().is_ok_and(|status| status.success()) && Path::new("/usr/sbin/nft").exists();
    if !able {
        let why = "user namespaces or nft (Debian's nftables) are missing";
        assert!(std::env::var_os("LINKSPAN_FORBID_SKIPS").is_none(), "{why}, and no test may be skipped");
        println!("skipped: {why}");
        return;
    }
    let mut inner = Command::new("unshare");
    inner.args(["--user", "--net", "--mount", "--pid", "--fork", "--mount-proc"]).args(user);
    inner.arg(std::env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    inner.envs(variables.iter().copied());
    let output = inner.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn inside() {
    let directory = tempfile::tempdir().unwrap();
    let allowed = directory.path().join("netd.toml");
    std::fs::write(&allowed, bindings::ALLOWED).unwrap();
    let server = Server::start_with(directory, &["--netd-config", allowed.to_str().unwrap()]);
    server.done("network vpc create --id v --cidr 192.168.0.0/16");
    server.done("network subnet create --vpc v --id n --cidr 192.168.10.0/24");
    for queue in ["near", "apart"] {
        server.done(&format!("queue create {queue} --cu 16 --dedicated"));
    }
    server.done("connection create kafka --vpc v --subnet n --queue near --host broker=192.168.10.2 --wait");
    server.done("connection create nowhere --vpc v --subnet unbound --queue apart");
    let address = "192.168.10.2";
    let _source = DataSource::listen(address);
    let reach = |queue: &str, name: &str| {
        server
            .cli(&format!("queue exec {queue} --"))
            .args(["bash", "-c", &format!("exec 3<>/dev/tcp/{name}/{PORT}")])
            .output()
    };
    for name in [address, "broker"] {
        let reached = reach("near", name).unwrap();
        assert!(reached.status.success(), "{name}: {}", text(&reached));
    }
    let asked = server.said("queue exec near -- cat /etc/resolv.conf");
    assert!(text(&asked).contains("nameserver 127.0.0.53"), "{}", text(&asked));
    // Its only connection leads to a network that this host does not know.
    until("the peer that can't be made fails", || {
        text(&server.said("connection show nowhere -o json")).contains("is not bound to anything on this host")
    });
    assert!(!reach("apart", address).unwrap().status.success(), "what is not bound reaches nothing");
    let tested = server.said(&format!("connectivity test --queue near --to {address}:{PORT}"));
    assert!(tested.status.success(), "{}", text(&tested));
    diagnosed(&server);
    bindings::reach_another_namespace(&server, &|name| reach("apart", name).unwrap().status.success());
    server.done("connection unbind kafka --queue near");
    assert!(!reach("near", address).unwrap().status.success(), "an unbind cuts before it is answered");
    server.stop();
}

/// What packets show: hop by hop when it is asked for, and beside the status of every peer.
fn diagnosed(server: &Server) {
    let open = server.said(&format!("diagnose --queue near --to broker:{PORT}"));
    assert!(open.status.success() && text(&open).contains("connect: open"), "{}", text(&open));
    assert!(text(&open).contains("settled"), "{}", text(&open));
    for (queue, to, seen) in [
        ("near", "broker:1", "connection_refused (proved)"),
        ("near", "192.168.10.77:1", "destination_host_down (proved)"),
        ("apart", "192.168.10.2:1", "no_route_in_queue (proved)"),
    ] {
        let shut = server.said(&format!("diagnose --queue {queue} --to {to}"));
        assert_eq!(shut.status.code(), Some(7), "{}", text(&shut));
        assert!(text(&shut).contains(seen), "{to}: {}", text(&shut));
    }
    let shows = |what: &str| text(&server.said("connection show kafka")).contains(what);
    until("the data source is known to be there", || shows("near ACTIVE, reachable"));
    server.done("connection hosts kafka --set ghost=192.168.10.77");
    until("a data source that is not there is shown", || shows("near ACTIVE, unreachable"));
    server.done("connection hosts kafka --set broker=192.168.10.2");
}

/// A server on the host's own networks.
struct Server {
    process: Child,
    /// Gone only once another one has taken over.
    directory: Option<tempfile::TempDir>,
}

impl Server {
    fn start() -> Self {
        Self::start_with(tempfile::tempdir().unwrap(), &[])
    }

    fn start_with(directory: tempfile::TempDir, arguments: &[&str]) -> Self {
        Self::start_by(Command::new(env!("CARGO_BIN_EXE_linkspan")), directory, arguments)
    }

    /// By a command to which the rest of its line is to be added.
    fn start_by(mut serve: Command, directory: tempfile::TempDir, arguments: &[&str]) -> Self {
        serve.args([
            "serve",
            "--plane",
            "linux",
            "--listen",
            "127.0.0.1:8780",
            "--metrics-listen",
            "off",
            "--data-dir",
        ]);
        let process = serve.arg(directory.path()).args(arguments).stdout(Stdio::null()).spawn().unwrap();
        let server = Self { process, directory: Some(directory) };
        until("the server answers", || server.said("queue list").status.success());
        server
    }

    fn cli(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linkspan"));
        command.args(line.split(' ')).env("LINKSPAN_CREDENTIALS", self.place().join("credentials.json"));
        command
    }

    fn place(&self) -> &Path {
        self.directory.as_ref().unwrap().path()
    }

    fn said(&self, line: &str) -> Output {
        self.cli(line).output().unwrap()
    }

    fn done(&self, line: &str) {
        let output = self.said(line);
        assert!(output.status.success(), "{line}: {}", text(&output));
    }

    /// Ends it in order; the `netd` that it started is gone with it.
    fn stop(mut self) {
        let socket = self.place().join("netd.sock");
        assert!(std::os::unix::net::UnixStream::connect(&socket).is_ok());
        kill(Pid::from_raw(self.process.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
        assert!(self.process.wait().unwrap().success());
        assert!(std::os::unix::net::UnixStream::connect(&socket).is_err(), "netd has outlived its server");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _gone = self.process.kill();
    }
}

/// Something that listens in the namespace of the subnet.
struct DataSource;

impl DataSource {
    fn listen(address: &str) -> Self {
        Self::listen_in(namespace_with(address), address)
    }

    fn listen_in(namespace: PathBuf, address: &str) -> Self {
        let listening = format!("{address}:{PORT}");
        let (ready, is_ready) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            setns(File::open(namespace).unwrap(), CloneFlags::CLONE_NEWNET).unwrap();
            let listener = TcpListener::bind(listening).unwrap();
            ready.send(()).unwrap();
            for stream in listener.incoming() {
                // Whoever comes only wants to know whether somebody is there.
                let _told = stream.unwrap().write_all(b"here\n");
            }
        });
        is_ready.recv_timeout(SOON).unwrap();
        Self
    }
}

/// The handle of the namespace that has an address.
fn namespace_with(address: &str) -> PathBuf {
    namespace_of(Path::new("/"), address)
}

/// The same, of those of a host whose files lie there.
fn namespace_of(root: &Path, address: &str) -> PathBuf {
    let handles = std::fs::read_dir(root.join("run/linkspan/netns")).unwrap().map(|entry| entry.unwrap().path());
    let has = |handle: &PathBuf| {
        let net = format!("--net={}", handle.display());
        let shown = Command::new("nsenter").args([&net, "ip", "-4", "-o", "addr"]).output().unwrap();
        String::from_utf8_lossy(&shown.stdout).contains(&format!("{address}/"))
    };
    handles.into_iter().find(has).unwrap_or_else(|| panic!("no namespace has {address}"))
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < deadline, "not within {SOON:?}: {what}");
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
