//! A network that is bound to a namespace of somebody else, from the command line.

use std::process::Command;

use crate::{DataSource, Server, text, until};

/// What the administrator of the host allows.
pub(crate) const ALLOWED: &str = r#"
[[allow]]
name = "db"
project = "*"
kind = "namespace"
namespace = "db"
address = "10.1.0.1/30"
inside = "10.1.0.2"
cidrs = ["10.1.0.0/30"]

[[allow]]
name = "theirs"
project = "another"
kind = "bridge"
bridge = "br0"
address = "10.1.0.1/30"
cidrs = ["10.1.0.0/30"]
"#;

/// The network of the connection `nowhere` is bound, and its queue reaches what listens there exactly that long.
pub(crate) fn reach_another_namespace(server: &Server, reaches: &dyn Fn(&str) -> bool) {
    assert!(Command::new("ip").args(["netns", "add", "db"]).status().unwrap().success());
    let shows = |what: &str| text(&server.said("connection show nowhere -o json")).contains(what);
    server.done("network bind unbound --to theirs --cidr 10.1.0.0/30");
    until("a name of another project is refused", || shows("this host does not allow project"));
    let unknown = server.said("network bind other --to db");
    assert!(text(&unknown).contains("name its CIDR"), "{}", text(&unknown));
    server.done("network bind unbound --to db --cidr 10.1.0.0/30");
    assert!(text(&server.said("network bindings")).contains("unbound"));
    until("the peer is made", || shows("ACTIVE"));
    let _source = DataSource::listen_in("/run/netns/db".into(), "10.1.0.2");
    until("the data source is reached", || reaches("10.1.0.2"));
    server.done("network unbind unbound");
    until("it is cut off", || shows("is not bound to anything on this host"));
    assert!(!reaches("10.1.0.2"));
    let links = Command::new("ip").args(["-n", "db", "-br", "link"]).output().unwrap();
    assert!(!text(&links).contains("lsp-"), "{}", text(&links));
}
