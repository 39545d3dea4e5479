//! A plane with projects, queues and subnets on it, and processes that try to reach each other.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use linkspan_model::{Cidr, ProjectId, QueueName, SourceName};
use linkspan_plane::conformance::samples;
use linkspan_plane::{
    Applied, DestNet, HostPart, HostTable, Observed, PeerMark, PeerSpec, Plane, PlaneError, SourceNet, SourceRef,
};
use linkspan_plane_linux::{LinuxPlane, Settings};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::runtime::Runtime;

/// How long anything may take that should happen at once.
const SOON: Duration = Duration::from_secs(10);
/// How long to wait for something that should not happen.
const NEVER: Duration = Duration::from_millis(300);

pub(crate) struct Scene {
    pub(crate) runtime: Runtime,
    pub(crate) plane: LinuxPlane,
    pub(crate) settings: Settings,
}

impl Scene {
    pub(crate) fn new(directory: &Path) -> Self {
        let settings = Settings {
            namespaces: directory.join("netns"),
            hosts: directory.join("hosts"),
            allowed: directory.join("netd.toml"),
            ..Settings::default()
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { plane: LinuxPlane::new(&settings), runtime, settings }
    }

    /// What the host's administrator writes into `netd.toml`.
    pub(crate) fn allow(&self, text: &str) {
        std::fs::create_dir_all(self.settings.allowed.parent().unwrap()).unwrap();
        std::fs::write(&self.settings.allowed, text).unwrap();
    }

    /// Another process that takes over.
    pub(crate) fn restart(&mut self) {
        self.plane = LinuxPlane::new(&self.settings);
    }

    pub(crate) fn network(&self, net: &Arc<SourceNet>) -> Applied {
        self.runtime.block_on(self.plane.ensure_network(net)).unwrap()
    }

    pub(crate) fn peer(&self, spec: &PeerSpec) -> Result<Applied, PlaneError> {
        self.runtime.block_on(self.plane.ensure_peer(spec))
    }

    /// Makes the network and the peer.
    pub(crate) fn bind(&self, spec: &PeerSpec) {
        self.network(&spec.source);
        self.peer(spec).unwrap();
    }

    pub(crate) fn unbind(&self, spec: &PeerSpec) {
        self.runtime.block_on(self.plane.remove_peer(spec.peer)).unwrap();
    }

    /// Gives a peer's queue the host records of the peer's connection.
    pub(crate) fn hosts(&self, peer: &PeerSpec, records: &[(&str, &str)]) {
        let part = HostPart { peer: peer.peer, connection: peer.connection, ..samples::host_part(1, records) };
        let table = HostTable::new(vec![part]);
        self.runtime.block_on(self.plane.ensure_hosts(&peer.source.source, &table)).unwrap();
    }

    pub(crate) fn list(&self) -> Vec<Observed> {
        self.runtime.block_on(self.plane.list()).unwrap()
    }

    /// Whether a peer is listed as whole.
    pub(crate) fn is_whole(&self, spec: &PeerSpec) -> bool {
        self.list().contains(&Observed::Peer {
            peer: spec.peer,
            generation: spec.generation,
            digest: spec.digest,
            intact: true,
        })
    }

    /// The place from which work in a queue starts.
    pub(crate) fn queue(&self, spec: &PeerSpec) -> Place {
        Place(self.plane.source_path(&spec.source.source))
    }

    /// The place where the data sources of a subnet are.
    pub(crate) fn subnet(&self, spec: &PeerSpec) -> Place {
        Place(self.plane.subnet_path(&spec.destination.project, &spec.destination.network))
    }

    /// The handles of all routers.
    pub(crate) fn routers(&self) -> Vec<Place> {
        // Nothing was made yet, if it is not there.
        let entries = std::fs::read_dir(&self.settings.namespaces).into_iter().flatten();
        let files = entries.map(|entry| entry.unwrap().path());
        files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("v-")).map(Place).collect()
    }

    /// The handle of the only router.
    pub(crate) fn router(&self) -> Place {
        let mut routers = self.routers();
        assert_eq!(routers.len(), 1);
        routers.remove(0)
    }
}

/// A project of that number.
pub(crate) fn project(number: u8) -> ProjectId {
    format!("{:032x}", 0xabc0 + u32::from(number)).parse().unwrap()
}

/// The peer of that number, which leads a queue of a project to a subnet of the project's VPC `vpc`.
pub(crate) fn spec(number: u128, (project, queue, cidr): (&ProjectId, &str, &str), subnet: &str) -> PeerSpec {
    let name = SourceName::Queue(queue.parse::<QueueName>().unwrap());
    let source = SourceNet::new(SourceRef { project: project.clone(), name }, cidr.parse().unwrap());
    let (vpc, network) = ("vpc".parse().unwrap(), subnet.parse().unwrap());
    let destination = DestNet::new(project.clone(), vpc, network, Some(subnet.parse().unwrap()));
    PeerSpec::new(samples::mark(number), source, destination, Arc::default())
}

/// The same peer with custom routes, as its next generation.
pub(crate) fn with_routes(spec: &PeerSpec, routes: &[&str]) -> PeerSpec {
    let mark = PeerMark { peer: spec.peer, connection: spec.connection, generation: spec.generation + 1 };
    let routes: Vec<Cidr> = routes.iter().map(|route| samples::cidr(route)).collect();
    PeerSpec::new(mark, spec.source.clone(), spec.destination.clone(), routes.into())
}

/// The same peer, whose destination is bound to something of the host.
pub(crate) fn bound(spec: &PeerSpec, to: &str) -> PeerSpec {
    let mark = PeerMark { peer: spec.peer, connection: spec.connection, generation: spec.generation };
    PeerSpec::new(mark, spec.source.clone(), spec.destination.bound(to.parse().unwrap()), spec.routes.clone())
}

/// The handle of a namespace.
#[derive(Debug, Clone)]
pub(crate) struct Place(pub(crate) PathBuf);

impl Place {
    /// The namespace that stands for the host's own.
    pub(crate) fn host() -> Self {
        Self("/proc/self/ns/net".into())
    }

    /// A namespace of somebody else, with a handle.
    pub(crate) fn foreign(handle: &Path) -> Self {
        std::fs::File::create(handle).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                unshare(CloneFlags::CLONE_NEWNET).unwrap();
                let own = Some("/proc/thread-self/ns/net");
                mount(own, handle, None::<&str>, MsFlags::MS_BIND, None::<&str>).unwrap();
            });
        });
        let place = Self(handle.to_owned());
        place.run("ip link set lo up");
        place
    }

    /// Does something inside, on a thread of its own.
    pub(crate) fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.inside_if_there(work).unwrap()
    }

    /// The same; none if the handle holds no namespace.
    pub(crate) fn inside_if_there<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Option<T> {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                setns(std::fs::File::open(&self.0).ok()?, CloneFlags::CLONE_NEWNET).ok()?;
                Some(work())
            });
            thread.join().unwrap()
        })
    }

    /// Runs a command inside; it must succeed.
    pub(crate) fn run(&self, command: &str) -> String {
        let words: Vec<_> = command.split(' ').collect();
        let output = self.inside(|| Command::new(words[0]).args(&words[1..]).output().unwrap());
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Listens on an address of the place.
    pub(crate) fn listen(&self, address: &str) -> TcpListener {
        let listener = self.inside(|| TcpListener::bind(address).unwrap());
        listener.set_nonblocking(true).unwrap();
        listener
    }

    /// A socket for datagrams on an address of the place.
    pub(crate) fn datagrams(&self, address: &str) -> UdpSocket {
        let socket = self.inside(|| UdpSocket::bind(address).unwrap());
        socket.set_read_timeout(Some(SOON)).unwrap();
        socket
    }

    /// Connects, or is refused. A first packet may be lost on a link that has just come up, and the next one comes a
    /// second later.
    pub(crate) fn connect(&self, to: &str) -> std::io::Result<TcpStream> {
        let to: SocketAddr = to.parse().unwrap();
        let socket = self.inside(|| Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap());
        socket.connect_timeout(&to.into(), SOON)?;
        Ok(socket.into())
    }
}

/// Waits until something holds.
pub(crate) fn soon(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + SOON;
    while !holds() {
        assert!(Instant::now() < until, "not so within {SOON:?}: {what}");
        std::thread::yield_now();
    }
}

/// Takes a connection, and says who it is from.
pub(crate) fn accept(listener: &TcpListener) -> (TcpStream, Ipv4Addr) {
    let mut accepted = None;
    soon("somebody connects", || {
        accepted = listener.accept().ok();
        accepted.is_some()
    });
    let (stream, from) = accepted.unwrap();
    stream.set_nonblocking(false).unwrap();
    let SocketAddr::V4(from) = from else { unreachable!() };
    (stream, *from.ip())
}

/// Nobody has connected.
pub(crate) fn nobody_came(listener: &TcpListener) -> bool {
    listener.accept().is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// Whether what is written at one end arrives at the other.
pub(crate) fn carries(from: &mut TcpStream, to: &mut TcpStream) -> bool {
    to.set_read_timeout(Some(NEVER)).unwrap();
    let mut read = [0; 4];
    from.write_all(b"ping").is_ok() && to.read_exact(&mut read).is_ok() && &read == b"ping"
}
