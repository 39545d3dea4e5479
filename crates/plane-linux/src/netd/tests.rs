use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use linkspan_plane::conformance::{samples, violations};
use linkspan_plane::{
    Applied, Capabilities, Change, Doing, DriftHint, Observed, Plane, PlaneError, ProbeReport, ProbeSpec, Ready,
    Settled, SimulatedPlane, Term, Token,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::*;

/// A `netd` on the simulated plane, and its socket.
struct Stage {
    directory: TempDir,
    plane: SimulatedPlane,
    serving: Option<JoinHandle<()>>,
}

impl Stage {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut stage = Self { directory, plane: SimulatedPlane::new(), serving: None };
        stage.start();
        stage
    }

    fn start(&mut self) {
        let netd = Netd::bind(&self.socket(), Arc::new(self.plane.clone()), self.me()).unwrap();
        self.serving = Some(tokio::spawn(netd.run()));
    }

    async fn stop(&mut self) {
        let serving = self.serving.take().unwrap();
        serving.abort();
        assert!(serving.await.unwrap_err().is_cancelled());
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("netd.sock")
    }

    /// The user that runs this test.
    fn me(&self) -> u32 {
        std::fs::metadata(self.directory.path()).unwrap().uid()
    }

    fn remote(&self) -> RemotePlane {
        RemotePlane::new(&self.socket())
    }
}

#[tokio::test]
async fn a_plane_behind_a_socket_obeys_every_rule_of_planes() {
    let mut stages = Vec::new();
    let violations = violations(async || {
        let stage = Stage::new();
        let remote = stage.remote();
        stages.push(stage);
        remote
    })
    .await;
    assert!(violations.is_empty(), "{violations:?}");
}

#[tokio::test]
async fn only_the_servers_user_may_ask() {
    let mut stage = Stage::new();
    let mode = std::fs::metadata(stage.socket()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    assert_eq!(stage.remote().list().await, Ok(Vec::new()));
    stage.stop().await;
    let netd = Netd::bind(&stage.socket(), Arc::new(stage.plane.clone()), stage.me() + 1).unwrap();
    let _serving = tokio::spawn(netd.run());
    let refused = stage.remote().list().await.unwrap_err();
    assert!(matches!(&refused, PlaneError::Unavailable(why) if why.contains("broke")), "{refused:?}");
}

#[tokio::test]
async fn without_netd_the_plane_is_unavailable_and_says_what_to_start() {
    let mut stage = Stage::new();
    let remote = stage.remote();
    let net = samples::source("q", "10.0.0.0/24");
    assert!(remote.ensure_network(&net).await.unwrap().changed);
    stage.stop().await;
    let lost = loop {
        // The first call may still meet the old connection.
        match remote.list().await.unwrap_err() {
            PlaneError::Unavailable(why) if why.contains("broke") => tokio::task::yield_now().await,
            other => break other.to_string(),
        }
    };
    assert!(lost.contains("linkspan netd"), "{lost}");
    stage.start();
    assert!(!remote.ensure_network(&net).await.unwrap().changed, "what was made is still there");
}

#[tokio::test]
async fn a_new_connection_begins_with_a_look_at_everything() {
    let stage = Stage::new();
    let remote = stage.remote();
    let mut hints = remote.watch();
    remote.list().await.unwrap();
    assert_eq!(hints.next().await, Some(DriftHint::Resync));
}

#[tokio::test]
async fn a_call_that_is_dropped_is_called_off_and_others_go_on() {
    let stage = Stage::new();
    let slow = Slow::default();
    let socket = stage.directory.path().join("slow.sock");
    let netd = Netd::bind(&socket, Arc::new(slow.clone()), stage.me()).unwrap();
    let _serving = tokio::spawn(netd.run());
    let remote = RemotePlane::new(&socket);
    let asked = remote.clone();
    let call = tokio::spawn(async move { asked.check().await });
    slow.until(1).await;
    call.abort();
    slow.until(0).await;
    assert_eq!(remote.list().await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_dead_socket_is_replaced_and_nothing_else_is() {
    let mut stage = Stage::new();
    let again = || Netd::bind(&stage.socket(), Arc::new(stage.plane.clone()), stage.me());
    assert!(matches!(again(), Err(BindError::InUse(_))));
    stage.stop().await;
    stage.start();
    stage.stop().await;
    std::fs::remove_file(stage.socket()).unwrap();
    std::fs::write(stage.socket(), "precious").unwrap();
    let netd = Netd::bind(&stage.socket(), Arc::new(stage.plane.clone()), stage.me());
    assert!(matches!(netd, Err(BindError::NoSocket(_))));
    assert_eq!(std::fs::read_to_string(stage.socket()).unwrap(), "precious");
}

#[tokio::test]
async fn who_waits_for_a_watch_to_begin_keeps_no_other_waiting() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("netd.sock");
    let (begin, until) = std::sync::mpsc::channel();
    let first = Arc::new(Mutex::new(Some(until)));
    let plane = Slow { watch: Arc::clone(&first), ..Slow::default() };
    let me = std::fs::metadata(directory.path()).unwrap().uid();
    let _serving = tokio::spawn(Netd::bind(&socket, Arc::new(plane), me).unwrap().run());
    let (one, other) = (RemotePlane::new(&socket), RemotePlane::new(&socket));
    let asked = tokio::spawn(async move { one.list().await });
    while first.lock().unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    assert_eq!(other.list().await, Ok(Vec::new()));
    assert!(!asked.is_finished(), "answered before the watch began");
    // Fails if the watch has given up waiting meanwhile.
    begin.send(()).unwrap();
    assert_eq!(asked.await.unwrap(), Ok(Vec::new()));
}

/// A plane whose check never ends, and that counts how many of them run.
#[derive(Clone, Default)]
struct Slow {
    running: Arc<AtomicUsize>,
    /// What the first watch waits for before it begins, if anything.
    watch: Arc<Mutex<Option<std::sync::mpsc::Receiver<()>>>>,
    plane: SimulatedPlane,
}

impl Slow {
    async fn until(&self, running: usize) {
        let reached = async {
            while self.running.load(Ordering::SeqCst) != running {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), reached).await.expect("within ten seconds");
    }
}

struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Plane for Slow {
    fn capabilities(&self) -> Capabilities {
        self.plane.capabilities()
    }

    fn check(&self) -> Doing<'_, Ready> {
        Box::pin(async {
            self.running.fetch_add(1, Ordering::SeqCst);
            let _running = Running(Arc::clone(&self.running));
            std::future::pending().await
        })
    }

    fn apply_batch<'a>(&'a self, changes: &'a [Change]) -> BoxFuture<'a, Vec<Result<Applied, PlaneError>>> {
        self.plane.apply_batch(changes)
    }

    fn settled(&self, token: Token, limit: Duration) -> Doing<'_, Settled> {
        self.plane.settled(token, limit)
    }

    fn list(&self) -> Doing<'_, Vec<Observed>> {
        self.plane.list()
    }

    fn watch(&self) -> BoxStream<'static, DriftHint> {
        let begins = self.watch.lock().unwrap().take();
        begins.map(|begins| begins.recv_timeout(Duration::from_secs(10)));
        self.plane.watch()
    }

    fn probe<'a>(&'a self, probe: &'a ProbeSpec) -> Doing<'a, ProbeReport> {
        self.plane.probe(probe)
    }
}

#[tokio::test]
async fn what_comes_in_a_term_that_is_over_is_refused() {
    let stage = Stage::new();
    let (old, new) = (stage.remote(), stage.remote());
    let term = |epoch, generation| Term { epoch, generation };
    let make = async |plane: &RemotePlane, number| {
        let spec = samples::spec(number, &format!("q{number}"), "192.168.2.0/24");
        plane.ensure_network(&spec.source).await.unwrap();
        plane.ensure_peer(&spec).await.unwrap();
    };
    old.begin_term(term(1, 1));
    make(&old, 1).await;
    new.begin_term(term(1, 2));
    make(&new, 2).await;
    let refused = old.remove_peer(samples::mark(2).peer).await.unwrap_err();
    assert!(refused.is_passing() && refused.to_string().contains("in term 2"), "{refused}");
    assert_eq!(stage.plane.peer_count(), 2);
    assert_eq!(old.list().await, new.list().await, "it may look");
    // Another database, or a server that is alone, knows nothing of these terms.
    old.begin_term(term(2, 1));
    old.remove_peer(samples::mark(2).peer).await.unwrap();
    assert_eq!(stage.plane.peer_count(), 1);
}
