use std::io::Write;
use std::ops::Range;

use linkspan_model::{Connection, ConnectionStatus, Host, Peer, PeerState, Route, SourceKind};
use serde::Serializer;

/// What precedes the rows of a list (dli_02_0190). `count` comes after them, so that a list can be streamed.
pub const LIST_HEAD: &[u8] = br#"{"is_success":true,"message":"","connections":["#;

/// What precedes a row, less its `{`, in the answer of show (dli_02_0189).
pub const SHOW_HEAD: &[u8] = br#"{"is_success":true,"message":"","#;

/// What follows the rows of a list.
#[must_use]
pub fn list_tail(count: usize) -> String {
    format!("],\"count\":{count}}}")
}

/// Whose list a row stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// The project that owns the connection.
    Owner,
    /// A project it is granted to.
    Grantee,
}

/// One connection as list and show write it: a compact JSON object (dli_02_0190, tables 4 and 5).
#[derive(Debug, Clone, Copy)]
pub struct ConnectionRow<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// Its host records.
    pub hosts: &'a [Host],
    /// The viewing project's peers in the order bound; those that are being removed are left out here.
    pub peers: &'a [&'a Peer],
    /// Whose row it is.
    pub viewer: Viewer,
}

/// Where things stand in a rendered row, counted from its first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLayout {
    /// The value of `hosts`, brackets included, so that a long list can be spliced in instead.
    pub hosts: Range<usize>,
}

impl ConnectionRow<'_> {
    /// Appends the row to `out`.
    pub fn render(&self, out: &mut Vec<u8>) -> RowLayout {
        let start = out.len();
        let connection = self.connection;
        let active = connection.status.is_active();
        let granted = self.viewer == Viewer::Grantee || !connection.grantees.is_empty();
        put(out, format_args!("{{\"id\":\"{}\",\"name\":", connection.id));
        text(out, connection.name.as_str());
        put(out, format_args!(",\"status\":\"{}\",\"available_queue_info\":[", status(connection.status)));
        self.render_peers(SourceKind::Queue, out);
        out.extend_from_slice(b"],\"elastic_resource_pools\":[");
        self.render_peers(SourceKind::Pool, out);
        out.extend_from_slice(b"],\"dest_vpc_id\":");
        text(out, &connection.dest_vpc.to_string());
        out.extend_from_slice(b",\"dest_network_id\":");
        text(out, &connection.dest_network.to_string());
        put(out, format_args!(",\"create_time\":{}", connection.created.millis()));
        // A deleted connection is granted to nobody any more.
        put(out, format_args!(",\"isPrivis\":{},\"ipv6_enable\":{}", !(active && granted), connection.ipv6));
        out.extend_from_slice(b",\"routes\":");
        render_routes(&connection.routes, out);
        out.extend_from_slice(b",\"hosts\":");
        let hosts_start = out.len() - start;
        render_hosts(self.hosts, out);
        let hosts = hosts_start..out.len() - start;
        out.push(b'}');
        RowLayout { hosts }
    }

    fn render_peers(&self, kind: SourceKind, out: &mut Vec<u8>) {
        if !self.connection.status.is_active() {
            return;
        }
        let of_kind = self.peers.iter().filter(|peer| peer.source.kind() == kind);
        let mut first = true;
        for peer in of_kind {
            let Some((status, err_msg)) = shown(&peer.state, self.viewer) else { continue };
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            put(out, format_args!("{{\"peer_id\":\"{}\",\"status\":\"{status}\",\"name\":", peer.id));
            text(out, peer.source.as_str());
            out.extend_from_slice(b",\"err_msg\":");
            text(out, err_msg);
            put(out, format_args!(",\"update_time\":{}}}", peer.update_time));
        }
    }
}

fn status(status: ConnectionStatus) -> &'static str {
    if status.is_active() { "ACTIVE" } else { "DELETED" }
}

/// The status of a peer on the wire with its `err_msg`; none = not on the wire.
fn shown(state: &PeerState, viewer: Viewer) -> Option<(&'static str, &str)> {
    match state {
        PeerState::Creating { .. } | PeerState::Cancelled => Some(("CREATING", "")),
        PeerState::Active => Some(("ACTIVE", "")),
        PeerState::Failed(failure) => Some(("FAILED", failure.told(viewer == Viewer::Owner))),
        PeerState::Removing => None,
    }
}

fn render_routes(routes: &[Route], out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, route) in routes.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"{\"name\":" } else { b",{\"name\":" });
        text(out, route.name.as_str());
        out.extend_from_slice(b",\"cidr\":");
        text(out, &route.cidr_text);
        put(out, format_args!(",\"create_time\":{}}}", route.create_time));
    }
    out.push(b']');
}

/// Appends the value of `hosts`, brackets included.
pub fn render_hosts(hosts: &[Host], out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, host) in hosts.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"{\"name\":" } else { b",{\"name\":" });
        text(out, &host.name);
        put(out, format_args!(",\"ip\":\"{}\"}}", host.ip));
    }
    out.push(b']');
}

/// Appends what needs no escaping.
fn put(out: &mut Vec<u8>, what: std::fmt::Arguments<'_>) {
    // Writing to a Vec cannot fail.
    let _ = out.write_fmt(what);
}

/// Appends a JSON string.
fn text(out: &mut Vec<u8>, value: &str) {
    // Writing to a Vec cannot fail.
    let _ = serde_json::Serializer::new(out).serialize_str(value);
}

#[cfg(test)]
#[path = "connection_row_tests.rs"]
mod tests;
