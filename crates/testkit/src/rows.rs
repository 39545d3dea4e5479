//! Rows of lists as the tests of the engine write them: everything that a row depends on, in a form that is easily
//! made a second time.

use std::ops::Range;

use linkspan_engine::RowSource;
use linkspan_model::{Peer, PeerState};

/// What a row shows of a connection.
#[derive(Debug, Default)]
pub struct RowText<'a> {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: &'a str,
    /// Whether it exists.
    pub active: bool,
    /// Its peers as [`peer_text`] writes them.
    pub peers: Vec<String>,
    /// `name=ip`.
    pub hosts: Vec<String>,
    /// `key=value`.
    pub tags: Vec<String>,
    /// `name=destination`.
    pub routes: Vec<String>,
    /// Whether it is granted to anyone.
    pub shared: bool,
}

impl RowText<'_> {
    /// The row as a JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::json!({
            "id": self.id, "name": self.name, "status": if self.active { "ACTIVE" } else { "DELETED" },
            "peers": self.peers, "tags": self.tags, "hosts": self.hosts,
            "routes": self.routes, "shared": self.shared,
        })
        .to_string()
    }
}

/// One peer in a row. Reasons that a test did not make up itself are left out.
#[must_use]
pub fn peer_text(source: &str, state: &str, reason: &str, update_time: i64) -> String {
    let reason = if reason.starts_with("because") { reason } else { "" };
    format!("{source} {state} {reason} {update_time}")
}

/// Writes a row; for [`Options::render`](linkspan_engine::Options).
pub fn render(row: &RowSource<'_>, out: &mut Vec<u8>) -> Range<usize> {
    let connection = &row.entry.connection;
    let active = connection.status.is_active();
    let tags = connection.tags.as_slice().iter();
    let text = RowText {
        id: connection.id.to_string(),
        name: connection.name.as_str(),
        active,
        peers: if active { row.entry.peers_of(row.viewer).map(peer).collect() } else { Vec::new() },
        hosts: row.entry.hosts().iter().map(|host| format!("{}={}", host.name, host.ip)).collect(),
        tags: tags.map(|tag| format!("{}={}", tag.key, tag.value.as_str())).collect(),
        routes: connection.routes.iter().map(|route| format!("{}={}", route.name, route.cidr_text)).collect(),
        shared: !connection.grantees.is_empty(),
    };
    out.extend_from_slice(text.json().as_bytes());
    0..0
}

fn peer(peer: &Peer) -> String {
    let (state, reason) = match &peer.state {
        PeerState::Creating { .. } => ("CREATING", ""),
        PeerState::Active => ("ACTIVE", ""),
        PeerState::Failed(failure) => ("FAILED", &*failure.reason),
        PeerState::Cancelled => ("CANCELLED", ""),
        PeerState::Removing => ("REMOVING", ""),
    };
    peer_text(&peer.source.to_string(), state, reason, peer.update_time)
}
