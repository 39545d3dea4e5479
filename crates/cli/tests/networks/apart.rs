//! What must not reach each other, does not: projects with equal addresses, subnets that nobody bound, and queues from
//! the side of the data source.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use super::lasting::{inside, new_handle};
use super::{Server, isolated, text};

const PORT: u16 = 9092;

#[test]
fn projects_with_equal_addresses_reach_each_their_own_and_only_what_is_bound() {
    isolated("apart::projects_with_equal_addresses_reach_each_their_own_and_only_what_is_bound", || {
        let server = Server::start();
        let mut known = BTreeSet::new();
        let projects = [server.project("one"), server.project("two")];
        let mut queues = Vec::new();
        for (number, project) in projects.iter().enumerate() {
            let of = |line: &str| server.done(&format!("{line} --project-id {project}"));
            of(&format!("network vpc create --id v{number} --cidr 192.168.0.0/16"));
            of("queue create etl --dedicated");
            of("queue create other --dedicated");
            of("queue cidr other 10.88.0.0/24");
            for (subnet, queue) in [(10, "etl"), (20, "other")] {
                let id = format!("n{number}-{subnet}");
                of(&format!("network subnet create --vpc v{number} --id {id} --cidr 192.168.{subnet}.0/24"));
                of(&format!("connection create c{subnet} --vpc v{number} --subnet {id} --queue {queue} --wait"));
                queues.push(new_handle("q-", &mut known));
                say(&new_handle("s-", &mut known), &format!("192.168.{subnet}.2"), &format!("{number}/{subnet}"));
            }
        }
        let heard = |project: &str, queue: &str, address: &str| {
            let listen = format!("exec 3<>/dev/tcp/{address}/{PORT} && cat <&3");
            let mut exec = server.cli(&format!("queue exec --project-id {project} {queue} -- bash -c"));
            let output = exec.arg(listen).output().unwrap();
            output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
        };
        for (number, project) in projects.iter().enumerate() {
            for (queue, bound, other) in [("etl", 10, 20), ("other", 20, 10)] {
                let bound = heard(project, queue, &format!("192.168.{bound}.2")).map(|said| (said, bound));
                let (said, bound) = bound.unwrap_or_else(|| panic!("{project} {queue} reaches nothing"));
                assert_eq!(said, format!("{number}/{bound}"));
                assert_eq!(heard(project, queue, &format!("192.168.{other}.2")), None, "{project} {queue} to {other}");
            }
        }
        // The data source knows the way to the queue, and is not let through.
        let address = own_address(&queues[0]);
        say(&queues[0], &address, "queue");
        let to = SocketAddr::new(address.parse::<IpAddr>().unwrap(), PORT);
        let subnet = super::namespace_with("192.168.10.2");
        assert!(inside(&subnet, || TcpStream::connect_timeout(&to, Duration::from_secs(1))).is_err());
        assert!(inside(&queues[0], || TcpStream::connect_timeout(&to, Duration::from_secs(1))).is_ok());
        server.done(&format!("connection unbind c10 --queue etl --project-id {}", projects[0]));
        assert_eq!(heard(&projects[0], "etl", "192.168.10.2"), None);
        assert_eq!(heard(&projects[1], "etl", "192.168.10.2").as_deref(), Some("1/10"));
        server.stop();
    });
}

/// Listens on an address of a namespace, and says a word to whoever comes.
fn say(handle: &Path, address: &str, word: &str) {
    let listener = inside(handle, || TcpListener::bind((address, PORT)).unwrap());
    let word = word.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // Whoever comes only wants to know whether somebody is there.
            let _told = stream.unwrap().write_all(word.as_bytes());
        }
    });
}

/// The address of programs in a queue's network.
fn own_address(queue: &Path) -> String {
    let shown = inside(queue, || std::process::Command::new("ip").args(["-4", "-o", "address", "show", "lo"]).output());
    let shown = text(&shown.unwrap());
    let address = shown.split_whitespace().find_map(|word| word.strip_suffix("/32"));
    address.unwrap_or_else(|| panic!("{shown}")).to_owned()
}
