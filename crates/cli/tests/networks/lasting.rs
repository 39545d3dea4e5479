//! Connections that are open: they outlive every process of Linkspan, and end with their peer, before whoever takes it
//! away is answered.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, setns};

use super::{SOON, Server, isolated, namespace_with, text, until};

pub(crate) const SOURCE: &str = "192.168.10.2";
/// What taking a peer away may take until it is answered.
const CUT_WITHIN: Duration = Duration::from_secs(2);
/// The longest that an open connection may stand still, on a machine that does other things as well.
const STANDSTILL: Duration = Duration::from_secs(1);

#[test]
fn an_open_connection_outlives_every_process_and_ends_with_its_peer() {
    isolated("lasting::an_open_connection_outlives_every_process_and_ends_with_its_peer", || {
        let scratch = tempfile::tempdir().unwrap();
        let socket = scratch.path().join("netd.sock");
        let mut netd = Netd::start(&socket);
        let arguments = ["--netd-socket", socket.to_str().unwrap()];
        let mut server = Server::start_with(tempfile::tempdir().unwrap(), &arguments);
        server.done("network vpc create --id v --cidr 192.168.0.0/16");
        server.done("network subnet create --vpc v --id n --cidr 192.168.10.0/24");
        let guest = server.project("guest");
        server.done("queue create near --dedicated");
        server.done(&format!("queue create far --dedicated --project-id {guest}"));
        server.done(&format!("queue cidr far --project-id {guest} 10.77.0.0/24"));
        server.done("connection create kafka --vpc v --subnet n");
        server.done(&format!("connection grant kafka {guest}"));
        let mut known = BTreeSet::new();
        server.done("connection bind kafka --queue near --wait");
        let near = new_handle("q-", &mut known);
        server.done(&format!("connection bind kafka --queue far --wait --project-id {guest}"));
        let far = new_handle("q-", &mut known);
        echo(&namespace_with(SOURCE));
        let flows = [&near, &far].map(|queue| Flow::begin(queue));

        let before = state();
        netd.kill();
        flows.iter().for_each(Flow::goes_on);
        netd = Netd::start(&socket);
        let tried = format!("connectivity test --queue near --to {SOURCE}:7");
        until("netd is found again", || server.said(&tried).status.success());
        netd.kill();
        let data = server.kill();
        flows.iter().for_each(Flow::goes_on);
        netd = Netd::start(&socket);
        server = Server::start_with(data, &arguments);
        // Nothing is made before everything was looked at: what is made now shows that it was.
        server.done("network vpc create --id w --cidr 192.168.0.0/16");
        server.done("network subnet create --vpc w --id m --cidr 192.168.20.0/24");
        server.done("queue create later --dedicated");
        server.done("connection create other --vpc w --subnet m --queue later --wait");
        let after = state();
        let changed: Vec<_> = before.iter().filter(|place| !after.contains(place)).collect();
        // The new queue is in a namespace of its own, so those that were there are as they were.
        assert_eq!(changed, Vec::<&String>::new());
        flows.iter().for_each(Flow::goes_on);

        server.cuts("connection unbind kafka --queue near", &flows[0]);
        flows[1].goes_on();
        server.cuts(&format!("connection revoke kafka {guest}"), &flows[1]);
        drop(netd);
    });
}

impl Server {
    /// Takes a peer away, which is answered in time and no later than nothing passes any more.
    fn cuts(&self, line: &str, flow: &Flow) {
        flow.goes_on();
        let began = Instant::now();
        self.done(line);
        let answered = Instant::now();
        assert!(answered - began < CUT_WITHIN, "{line} took {:?}", answered - began);
        flow.is_over();
        let last = flow.beats.lock().unwrap().last;
        assert!(last <= answered, "{line} was answered {:?} before the connection was cut", last - answered);
    }

    /// Kills it in the middle of whatever it does, and leaves its data.
    pub(crate) fn kill(mut self) -> tempfile::TempDir {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.directory.take().unwrap()
    }

    /// Creates a project and says its id.
    pub(crate) fn project(&self, name: &str) -> String {
        let created = self.said(&format!("project create {name} -o json"));
        assert!(created.status.success(), "{}", text(&created));
        let created: serde_json::Value = serde_json::from_slice(&created.stdout).unwrap();
        created["id"].as_str().unwrap_or_else(|| panic!("{created}")).to_owned()
    }
}

pub(crate) struct Netd(Child);

impl Netd {
    fn start(socket: &Path) -> Self {
        Self::start_with(socket, &[])
    }

    pub(crate) fn start_with(socket: &Path, arguments: &[&str]) -> Self {
        let mut netd = Command::new(env!("CARGO_BIN_EXE_linkspan"));
        let netd = Self(netd.args(["netd", "--socket"]).arg(socket).args(arguments).spawn().unwrap());
        until("netd listens", || std::os::unix::net::UnixStream::connect(socket).is_ok());
        netd
    }

    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Netd {
    fn drop(&mut self) {
        // It has ended already unless the test is at its end.
        let _gone = self.0.kill();
    }
}

/// Something goes back and forth over a connection all the time.
pub(crate) struct Flow {
    beats: Arc<Mutex<Beats>>,
    thread: thread::JoinHandle<()>,
    _stop: Sender<()>,
}

struct Beats {
    last: Instant,
    longest: Duration,
}

impl Flow {
    pub(crate) fn begin(queue: &Path) -> Self {
        let mut stream = inside(queue, || TcpStream::connect((SOURCE, 7)).unwrap());
        stream.set_read_timeout(Some(SOON)).unwrap();
        let beats = Arc::new(Mutex::new(Beats { last: Instant::now(), longest: Duration::ZERO }));
        let (_stop, stopped) = channel::<()>();
        let beating = Arc::clone(&beats);
        let thread = thread::spawn(move || {
            // At most every 5 ms, so that the processors are left to others.
            while stopped
                .recv_timeout(Duration::from_millis(5))
                .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
            {
                let mut back = [0];
                if stream.write_all(b"x").is_err() || stream.read_exact(&mut back).is_err() {
                    return;
                }
                let mut beats = beating.lock().unwrap();
                beats.longest = beats.longest.max(beats.last.elapsed());
                beats.last = Instant::now();
            }
        });
        Self { beats, thread, _stop }
    }

    pub(crate) fn goes_on(&self) {
        let now = Instant::now();
        until("the connection goes on", || self.beats.lock().unwrap().last > now);
        let longest = self.beats.lock().unwrap().longest;
        assert!(longest < STANDSTILL, "it stood still for {longest:?}");
    }

    /// Nothing passes any more, whether its ends were told or were silent when it was cut.
    pub(crate) fn stands_still(&self) {
        let last = || self.beats.lock().unwrap().last;
        until("the connection stands still", || self.thread.is_finished() || last().elapsed() > STANDSTILL);
    }

    fn is_over(&self) {
        until("the connection ends", || self.thread.is_finished());
    }
}

/// Sends everything back that comes to port 7 of a subnet.
pub(crate) fn echo(subnet: &Path) {
    let listener = inside(subnet, || TcpListener::bind((SOURCE, 7)).unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut from, mut to) = (stream.as_ref().unwrap().try_clone().unwrap(), stream.unwrap());
            thread::spawn(move || std::io::copy(&mut from, &mut to));
        }
    });
}

pub(crate) fn inside<T: Send>(handle: &Path, work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            setns(File::open(handle).unwrap(), CloneFlags::CLONE_NEWNET).unwrap();
            work()
        });
        thread.join().unwrap()
    })
}

pub(crate) fn handles() -> Vec<PathBuf> {
    let mut all: Vec<_> =
        std::fs::read_dir("/run/linkspan/netns").unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// The handle of the only namespace of a kind that is not known yet.
pub(crate) fn new_handle(kind: &str, known: &mut BTreeSet<PathBuf>) -> PathBuf {
    let is_one = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(kind);
    let new: Vec<_> = handles().into_iter().filter(|path| is_one(path) && !known.contains(path)).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    known.extend(new.iter().cloned());
    new.into_iter().next().unwrap()
}

/// What there is in every namespace, with the numbers that the kernel gives to what is made anew.
fn state() -> Vec<String> {
    let said = |handle: &PathBuf| {
        let net = format!("--net={}", handle.display());
        // Whether a link has a carrier is found out a moment after it was made.
        let commands =
            "ip -o -d link | sed 's/<[^>]*>//; s/state [A-Z]*//'; ip -4 -o address; ip route; nft -a list ruleset";
        let output = Command::new("nsenter").args([&net, "sh", "-c", commands]).output().unwrap();
        assert!(output.status.success(), "{}", text(&output));
        format!("{} {}\n{}", handle.display(), std::fs::metadata(handle).unwrap().ino(), text(&output))
    };
    handles().iter().map(said).collect()
}
