//! Names in the networks of queues: asked for as programs ask, from inside.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use linkspan_plane::PeerSpec;

use crate::isolated::isolated;
use crate::scene::{Place, Scene, project, soon, spec};

const RESPONDER: &str = "127.0.0.53:53";

#[test]
fn records_are_answered_at_once_and_every_network_has_its_own() {
    isolated(|directory| {
        let mut scene = Scene::new(&directory);
        let [one, two] =
            [1, 2].map(|number| spec(number.into(), (&project(number), "etl", "10.10.0.0/24"), "192.168.10.0/24"));
        scene.bind(&one);
        // One network was there before, one comes later.
        scene.serve_names(None);
        scene.bind(&two);
        let sockets = [&one, &two].map(|peer| scene.queue(peer).asker());
        assert_eq!(code(&ask(&sockets[0], "kafka.", RecordType::A)), ResponseCode::NXDomain);
        scene.hosts(&one, &[("kafka", "192.168.10.7")]);
        scene.hosts(&two, &[("kafka", "192.168.10.8")]);
        for (socket, address) in sockets.iter().zip([7, 8]) {
            let answer = ask(socket, "KAFKA.", RecordType::A);
            assert_eq!(addresses(&answer), [Ipv4Addr::new(192, 168, 10, address)]);
            assert_eq!(answer.answers[0].ttl, 5);
        }
        let empty = ask(&sockets[0], "kafka.", RecordType::AAAA);
        assert_eq!((code(&empty), empty.answers.len()), (ResponseCode::NoError, 0));
        let mut stream = scene.queue(&one).connect(RESPONDER).unwrap();
        assert_eq!(addresses(&ask_by_connection(&mut stream, "kafka.")), [Ipv4Addr::new(192, 168, 10, 7)]);
        // A program that runs sees another record by its next question.
        scene.hosts(&one, &[("kafka", "192.168.10.9"), ("redis", "192.168.10.10")]);
        assert_eq!(addresses(&ask(&sockets[0], "kafka.", RecordType::A)), [Ipv4Addr::new(192, 168, 10, 9)]);
        sockets[0].send(b"\0\0\x01").unwrap();
        scene.hosts(&one, &[]);
        assert_eq!(code(&ask(&sockets[0], "kafka.", RecordType::A)), ResponseCode::NXDomain);
        assert_eq!(addresses(&ask(&sockets[1], "kafka.", RecordType::A)), [Ipv4Addr::new(192, 168, 10, 8)]);
        // Another process takes over.
        scene.restart();
        soon("names are answered again", || {
            scene.serve_names(None);
            try_ask(&sockets[1], "kafka.", RecordType::A).is_some_and(|answer| addresses(&answer).len() == 1)
        });
        assert_eq!(scene.plane.writes(), 0);
    });
}

#[test]
fn programs_resolve_by_the_system_and_damaged_records_are_asked_of_nobody() {
    isolated(|directory| {
        let (scene, peer, upstream) = served(&directory);
        scene.hosts(&peer, &[("kafka.internal", "192.168.10.7")]);
        let resolver = scene.plane.resolver_path();
        let command = format!(
            "mount --bind /dev/null /etc/hosts && mount --bind {} /etc/resolv.conf && getent ahostsv4 kafka.internal",
            resolver.display()
        );
        let mut getent = Command::new("unshare");
        getent.args(["--mount", "sh", "-c", &command]);
        let output = scene.queue(&peer).inside(|| getent.output().unwrap());
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.starts_with("192.168.10.7 "), "{output:?}");
        scene.damage(&peer, "hosts: truncate");
        let socket = scene.queue(&peer).asker();
        soon("the damage is noticed", || {
            code(&ask(&socket, "kafka.internal.", RecordType::A)) == ResponseCode::ServFail
        });
        assert_eq!(*upstream.asked.lock().unwrap(), Vec::<String>::new());
    });
}

#[test]
fn other_names_are_asked_of_the_upstream_under_numbers_and_ports_of_their_own() {
    isolated(|directory| {
        let (scene, peer, upstream) = served(&directory);
        scene.hosts(&peer, &[("kafka", "192.168.10.7")]);
        let socket = scene.queue(&peer).asker();
        for number in 0..8 {
            let answer = ask(&socket, &format!("n{number}.example."), RecordType::A);
            assert_eq!(addresses(&answer), [Ipv4Addr::new(192, 0, 2, 7)]);
        }
        ask(&socket, "kafka.", RecordType::AAAA);
        let seen = upstream.seen.lock().unwrap().clone();
        assert_eq!(seen.len(), 8, "a name with a record was asked of the upstream");
        let distinct = |values: Vec<u16>| values.into_iter().collect::<std::collections::BTreeSet<_>>().len();
        assert!(distinct(seen.iter().map(|(number, _)| *number).collect()) > 6, "{seen:?}");
        assert!(distinct(seen.iter().map(|(_, port)| *port).collect()) > 6, "{seen:?}");
        // What does not fit into a datagram is asked for by connection.
        let cut = ask(&socket, "long.example.", RecordType::A);
        assert!(cut.metadata.truncation && cut.answers.is_empty());
        let mut stream = scene.queue(&peer).connect(RESPONDER).unwrap();
        assert_eq!(addresses(&ask_by_connection(&mut stream, "long.example.")).len(), 100);
        assert_eq!(addresses(&ask_by_connection(&mut stream, "kafka.")).len(), 1);
    });
}

#[test]
fn who_asks_too_much_is_told_so_and_takes_no_place_of_others() {
    isolated(|directory| {
        let scene = Scene::new(&directory);
        let peers: Vec<_> = (1..=7)
            .map(|number| spec(number.into(), (&project(number), "etl", "10.10.0.0/24"), "192.168.10.0/24"))
            .collect();
        let upstream = Upstream::start();
        scene.serve_names(Some(upstream.address));
        for peer in &peers {
            scene.network(&peer.source);
        }
        let askers: Vec<_> = peers.iter().map(|peer| scene.queue(peer).asker()).collect();
        let [first, greedy @ .., modest] = &askers[..] else { unreachable!() };
        flood(first, 80);
        let mut buffer = [0; 4096];
        for _ in 0..80 - 64 {
            let read = first.recv(&mut buffer).unwrap();
            let answer = Message::from_vec(&buffer[..read]).unwrap();
            assert_eq!(code(&answer), ResponseCode::ServFail);
            let name = answer.queries[0].name.to_string();
            assert!(!upstream.asked.lock().unwrap().contains(&name), "{name} waits for the upstream");
        }
        soon("a network that asks little is answered, though all others ask for more than there is", || {
            greedy.iter().for_each(|socket| flood(socket, 80));
            try_ask(modest, "modest.example.", RecordType::A).is_some_and(|answer| addresses(&answer).len() == 1)
        });
    });
}

/// Asks for names that the upstream says nothing about.
fn flood(socket: &UdpSocket, count: u16) {
    for number in 0..count {
        let mut message = question(&format!("silent{number}.example."), RecordType::A);
        message.metadata.id = number;
        socket.send(&message.to_vec().unwrap()).unwrap();
    }
}

/// A queue whose names are answered, other names by the server that is returned.
fn served(directory: &Path) -> (Scene, PeerSpec, Upstream) {
    let scene = Scene::new(directory);
    let peer = spec(1, (&project(1), "etl", "10.10.0.0/24"), "192.168.10.0/24");
    let upstream = Upstream::start();
    scene.serve_names(Some(upstream.address));
    scene.bind(&peer);
    (scene, peer, upstream)
}

impl Scene {
    fn serve_names(&self, upstream: Option<SocketAddr>) {
        self.allow(&upstream.map(|address| format!("upstream_dns = \"{address}\"")).unwrap_or_default());
        self.runtime.block_on(self.plane.serve_names()).unwrap();
    }
}

impl Place {
    /// A socket that asks the responder of this place.
    fn asker(&self) -> UdpSocket {
        let socket = self.datagrams("127.0.0.1:0");
        socket.connect(RESPONDER).unwrap();
        socket
    }
}

fn question(name: &str, kind: RecordType) -> Message {
    let mut message = Message::new(name.len() as u16 + 77, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message
}

fn ask(socket: &UdpSocket, name: &str, kind: RecordType) -> Message {
    let mut answer = None;
    soon(name, || {
        answer = try_ask(socket, name, kind);
        answer.is_some()
    });
    answer.unwrap()
}

/// One question; none if nobody answers within a moment.
fn try_ask(socket: &UdpSocket, name: &str, kind: RecordType) -> Option<Message> {
    let question = question(name, kind);
    socket.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    socket.send(&question.to_vec().unwrap()).ok()?;
    let mut buffer = [0; 4096];
    let read = socket.recv(&mut buffer).ok()?;
    let answer = Message::from_vec(&buffer[..read]).unwrap();
    assert_eq!((answer.metadata.id, &answer.queries), (question.metadata.id, &question.queries));
    Some(answer)
}

fn ask_by_connection(stream: &mut TcpStream, name: &str) -> Message {
    let bytes = question(name, RecordType::A).to_vec().unwrap();
    stream.write_all(&(bytes.len() as u16).to_be_bytes()).unwrap();
    stream.write_all(&bytes).unwrap();
    Message::from_vec(&framed(stream).unwrap()).unwrap()
}

fn framed(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).ok()?;
    let mut bytes = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn code(answer: &Message) -> ResponseCode {
    answer.metadata.response_code
}

fn addresses(answer: &Message) -> Vec<Ipv4Addr> {
    let address = |record: &Record| match &record.data {
        RData::A(address) => Some(address.0),
        _ => None,
    };
    answer.answers.iter().filter_map(address).collect()
}

/// A name server in the host's own network. It knows every name, one of them with more addresses than fit a datagram,
/// and says something else first to whoever takes just anything.
struct Upstream {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    /// Numbers and ports of the questions that came by datagram.
    seen: Arc<Mutex<Vec<(u16, u16)>>>,
}

impl Upstream {
    fn start() -> Self {
        assert!(Command::new("ip").args(["link", "set", "lo", "up"]).status().unwrap().success());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let socket = UdpSocket::bind(address).unwrap();
        let upstream = Self { address, asked: Arc::default(), seen: Arc::default() };
        let (asked, seen) = (Arc::clone(&upstream.asked), Arc::clone(&upstream.seen));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok((read, from)) = socket.recv_from(&mut buffer) {
                let question = Message::from_vec(&buffer[..read]).unwrap();
                let name = question.queries[0].name.to_string();
                asked.lock().unwrap().push(name.clone());
                if name.starts_with("silent") {
                    continue;
                }
                seen.lock().unwrap().push((question.metadata.id, from.port()));
                let mut false_one = answer(&question, &[Ipv4Addr::new(203, 0, 113, 66)]);
                false_one.metadata.id ^= 1;
                socket.send_to(&false_one.to_vec().unwrap(), from).unwrap();
                let mut answer = answer(&question, &addresses_of(&question));
                if answer.answers.len() > 1 {
                    answer = answer.truncate();
                }
                socket.send_to(&answer.to_vec().unwrap(), from).unwrap();
            }
        });
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let question = Message::from_vec(&framed(&mut stream).unwrap()).unwrap();
                let bytes = answer(&question, &addresses_of(&question)).to_vec().unwrap();
                stream.write_all(&(bytes.len() as u16).to_be_bytes()).unwrap();
                stream.write_all(&bytes).unwrap();
            }
        });
        upstream
    }
}

fn addresses_of(question: &Message) -> Vec<Ipv4Addr> {
    let many = question.queries[0].name.to_string().starts_with("long");
    (0..if many { 100 } else { 1 }).map(|number| Ipv4Addr::new(192, 0, 2, 7 + number)).collect()
}

fn answer(question: &Message, addresses: &[Ipv4Addr]) -> Message {
    let mut answer = Message::response(question.metadata.id, OpCode::Query);
    answer.add_queries(question.queries.clone());
    let name = &question.queries[0].name;
    answer
        .add_answers(addresses.iter().map(|address| Record::from_rdata(name.clone(), 60, RData::A((*address).into()))));
    answer
}
