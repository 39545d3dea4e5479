//! What the host's administrator takes out of `netd.toml` is cut by `netd` alone: no server runs, or asks.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::lasting::{Flow, Netd, SOURCE, echo, inside, new_handle};
use super::{Server, isolated, until};

const ALLOWED: &str = r#"
[[allow]]
name = "db"
project = "*"
kind = "namespace"
namespace = "db"
address = "192.168.10.1/30"
inside = "192.168.10.2"
cidrs = ["192.168.10.0/30"]
"#;

#[test]
fn netd_cuts_what_is_no_longer_allowed_by_itself() {
    isolated("revoked::netd_cuts_what_is_no_longer_allowed_by_itself", || {
        let scratch = tempfile::tempdir().unwrap();
        let (socket, config) = (scratch.path().join("netd.sock"), scratch.path().join("netd.toml"));
        let configured = ["--config", config.to_str().unwrap()];
        let allow = |text: &str| std::fs::write(&config, text).unwrap();
        allow(ALLOWED);
        assert!(Command::new("ip").args(["netns", "add", "db"]).status().unwrap().success());
        let mut netd = Netd::start_with(&socket, &configured);
        let arguments = ["--netd-socket", socket.to_str().unwrap()];
        let server = Server::start_with(tempfile::tempdir().unwrap(), &arguments);
        server.done("network bind n --to db --cidr 192.168.10.0/30");
        server.done("queue create q --dedicated");
        server.done("connection create c --vpc v --subnet n --queue q --wait");
        let queue = new_handle("q-", &mut Default::default());
        echo(Path::new("/run/netns/db"));

        let flow = Flow::begin(&queue);
        let data = server.kill();
        flow.goes_on();
        allow("");
        is_cut(&queue, &flow);

        allow(ALLOWED);
        let server = Server::start_with(data, &arguments);
        let reached = format!("connectivity test --queue q --to {SOURCE}:7");
        until("the server has made it again", || server.said(&reached).status.success());
        let flow = Flow::begin(&queue);
        drop(server.kill());
        netd.kill();
        allow("");
        flow.goes_on();
        netd = Netd::start_with(&socket, &configured);
        is_cut(&queue, &flow);
        drop(netd);
    });
}

/// Nothing passes over a connection that is open, and no other can be made.
fn is_cut(queue: &Path, flow: &Flow) {
    let to = SocketAddr::new(SOURCE.parse().unwrap(), 7);
    // One that was begun just before waits long for nothing.
    let made = || TcpStream::connect_timeout(&to, Duration::from_secs(1)).is_ok();
    until("no connection can be made", || !inside(queue, made));
    flow.stands_still();
}
