//! How a connection is shown.

use linkspan_client::{ConnectionInfo, PeerInfo};
use serde::Serialize;

use super::waiting::{Tally, peers};
use crate::output::{Cell, Row, Tone, age, exact};

/// A connection as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct ConnectionRow(pub(crate) ConnectionInfo);

impl Row for ConnectionRow {
    const PLURAL: &'static str = "connections";
    const COLUMNS: &'static [(&'static str, bool)] = &[
        ("NAME", false),
        ("ID", false),
        ("STATUS", false),
        ("READY", false),
        ("BOUND TO", false),
        ("AGE", false),
        ("VPC", true),
        ("SUBNET", true),
        ("HOSTS", true),
        ("CREATED", true),
        ("FAILURES", true),
    ];

    fn name(&self) -> String {
        self.0.name.clone()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let connection = &self.0;
        let failures: Vec<String> = peers(connection)
            .filter(|peer| !peer.err_msg.is_empty())
            .map(|peer| format!("{}: {}", peer.name, peer.err_msg))
            .collect();
        vec![
            connection.name.as_str().into(),
            connection.id.as_str().into(),
            Cell::status(&connection.status),
            ready(connection),
            bound_to(connection),
            age(connection.create_time, now).into(),
            connection.dest_vpc_id.as_str().into(),
            connection.dest_network_id.as_str().into(),
            connection.hosts.len().to_string().into(),
            exact(connection.create_time).into(),
            Cell::or_dash(&failures.join("; ")),
        ]
    }

    fn details(&self, now: i64) -> Vec<(&'static str, Cell)> {
        let connection = &self.0;
        let created = format!("{} ({} ago)", exact(connection.create_time), age(connection.create_time, now));
        let mut lines = vec![
            ("Name", connection.name.as_str().into()),
            ("Id", connection.id.as_str().into()),
            ("Status", Cell::status(&connection.status)),
            ("Created", created.into()),
            ("VPC", connection.dest_vpc_id.as_str().into()),
            ("Subnet", connection.dest_network_id.as_str().into()),
        ];
        if connection.is_privis == Some(false) {
            lines.push(("Shared", "with other projects".into()));
        }
        lines.extend(connection.available_queue_info.iter().flat_map(|peer| peer_lines("Queue", peer)));
        lines.extend(connection.elastic_resource_pools.iter().flat_map(|peer| peer_lines("Pool", peer)));
        lines.extend(connection.routes.iter().map(|route| ("Route", format!("{} {}", route.name, route.cidr).into())));
        lines.extend(connection.hosts.iter().map(|host| ("Host", format!("{} {}", host.ip, host.name).into())));
        lines
    }
}

/// One line a peer, and one more for what is wrong with it.
fn peer_lines(kind: &'static str, peer: &PeerInfo) -> Vec<(&'static str, Cell)> {
    let status = Cell::status(&peer.status);
    let mut lines = vec![(kind, Cell::toned(format!("{} {}", peer.name, peer.status), status.tone))];
    if !peer.err_msg.is_empty() {
        lines.push(("", peer.err_msg.as_str().into()));
    }
    lines
}

/// `2/3`: how many of the peers are ACTIVE.
fn ready(connection: &ConnectionInfo) -> Cell {
    let tally = Tally::of(peers(connection));
    if tally.all == 0 {
        return Cell::new("-");
    }
    let tone = match tally {
        tally if tally.failed > 0 => Tone::Bad,
        tally if tally.is_settled() => Tone::Good,
        _ => Tone::Pending,
    };
    Cell::toned(format!("{}/{}", tally.active, tally.all), tone)
}

fn bound_to(connection: &ConnectionInfo) -> Cell {
    const SHOWN: usize = 4;
    let names: Vec<&str> = peers(connection).map(|peer| peer.name.as_str()).collect();
    let more = names.len().saturating_sub(SHOWN);
    let mut text = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(",");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    Cell::or_dash(&text)
}

#[cfg(test)]
mod tests {
    use linkspan_client::HostInfo;

    use super::*;

    fn peer(name: &str, status: &str, err_msg: &str) -> PeerInfo {
        let (name, status, err_msg) = (name.into(), status.into(), err_msg.into());
        PeerInfo { name, status, err_msg, ..PeerInfo::default() }
    }

    fn sample() -> ConnectionRow {
        ConnectionRow(ConnectionInfo {
            id: "5d8d1a6e-0000-4000-8000-000000000001".into(),
            name: "orders".into(),
            status: "ACTIVE".into(),
            available_queue_info: vec![
                peer("q1", "ACTIVE", ""),
                peer("q2", "FAILED", "CIDR 10.0.0.0/24 of q2 overlaps"),
            ],
            elastic_resource_pools: vec![peer("pool_1", "CREATING", "")],
            dest_vpc_id: "vpc".into(),
            dest_network_id: "net".into(),
            create_time: 1_566_888_011_125,
            hosts: vec![HostInfo { name: "node".into(), ip: "10.0.0.1".into() }],
            ..ConnectionInfo::default()
        })
    }

    fn texts(cells: &[Cell]) -> Vec<&str> {
        cells.iter().map(|cell| cell.text.as_str()).collect()
    }

    #[test]
    fn a_row() {
        let cells = sample().cells(true, 1_566_888_911_125);
        assert_eq!(cells.len(), ConnectionRow::COLUMNS.len());
        assert_eq!(texts(&cells)[2..6], ["ACTIVE", "1/3", "q1,q2,pool_1", "15m"]);
        assert_eq!(cells[3].tone, Tone::Bad);
        assert_eq!(texts(&cells)[10], "q2: CIDR 10.0.0.0/24 of q2 overlaps");
        let bare = ConnectionRow(ConnectionInfo::default()).cells(true, 1);
        assert_eq!(texts(&bare)[3..6], ["-", "-", "-"]);
    }

    #[test]
    fn one_alone_shows_what_is_wrong() {
        let lines = sample().details(1_566_888_911_125);
        let shown: Vec<String> = lines.iter().map(|(name, cell)| format!("{name}|{}", cell.text)).collect();
        assert!(shown.contains(&"Queue|q2 FAILED".to_owned()), "{shown:?}");
        assert!(shown.contains(&"|CIDR 10.0.0.0/24 of q2 overlaps".to_owned()), "{shown:?}");
        assert!(shown.contains(&"Host|10.0.0.1 node".to_owned()), "{shown:?}");
    }

    #[test]
    fn many_peers_stay_on_one_line() {
        let queues = (0..200).map(|number| peer(&format!("q{number}"), "ACTIVE", "")).collect();
        let row = ConnectionRow(ConnectionInfo { available_queue_info: queues, ..ConnectionInfo::default() });
        assert_eq!(row.cells(false, 1)[4].text, "q0,q1,q2,q3 and 196 more");
    }
}
