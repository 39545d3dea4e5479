//! How a connection is shown.

use linkspan_client::{ConnectionInfo, PeerInfo};
use linkspan_wire::own::{PeerDetail, ReachabilityState};
use serde::Serialize;

use super::waiting::{Tally, peers};
use crate::output::{Cell, Row, Tone, age, exact};

/// A connection as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct ConnectionRow(
    pub(crate) ConnectionInfo,
    /// What Linkspan's own API knows beside it, for people: whether active peers reach their data sources.
    #[serde(skip)]
    Vec<PeerDetail>,
);

impl From<ConnectionInfo> for ConnectionRow {
    fn from(connection: ConnectionInfo) -> Self {
        Self(connection, Vec::new())
    }
}

impl ConnectionRow {
    /// The connection with what is known beside it.
    pub(crate) fn with(self, peers: Vec<PeerDetail>) -> Self {
        Self(self.0, peers)
    }

    /// One line a peer, and more for what is wrong with it: an active one may lead to a source that does not answer.
    fn peer_lines(&self, kind: &'static str, peer: &PeerInfo) -> Vec<(&'static str, Cell)> {
        let status = Cell::status(&peer.status);
        let known = self.1.iter().find(|known| known.peer_id.to_string() == peer.peer_id);
        let reach = known.and_then(|known| known.reachability.as_ref());
        let (word, tone) = match reach.map(|reach| reach.state) {
            None => ("", status.tone),
            Some(ReachabilityState::Unknown) => (", not checked", status.tone),
            Some(ReachabilityState::Reachable) => (", reachable", Tone::Good),
            Some(ReachabilityState::PartlyReachable) => (", partly reachable", Tone::Pending),
            Some(ReachabilityState::Unreachable) => (", unreachable", Tone::Bad),
        };
        let mut lines = vec![(kind, Cell::toned(format!("{} {}{word}", peer.name, peer.status), tone))];
        if !peer.err_msg.is_empty() {
            lines.push(("", peer.err_msg.as_str().into()));
        }
        if let Some(reach) = reach {
            lines.push(("", reach.summary.as_str().into()));
        }
        lines
    }
}

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
        lines.extend(connection.available_queue_info.iter().flat_map(|peer| self.peer_lines("Queue", peer)));
        lines.extend(connection.elastic_resource_pools.iter().flat_map(|peer| self.peer_lines("Pool", peer)));
        lines.extend(connection.routes.iter().map(|route| ("Route", format!("{} {}", route.name, route.cidr).into())));
        lines.extend(connection.hosts.iter().map(|host| ("Host", format!("{} {}", host.ip, host.name).into())));
        lines
    }
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
        ConnectionRow::from(ConnectionInfo {
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
        let bare = ConnectionRow::from(ConnectionInfo::default()).cells(true, 1);
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
    fn an_active_peer_does_not_hide_a_source_that_does_not_answer() {
        let (id, at) = ("d2ae6628-fa37-4e04-806d-c59c497492d1", "2027-01-15T08:00:00.000Z");
        let known = format!(
            r#"[{{"peer_id":"{id}","project_id":"p","kind":"queue","name":"q1","status":"ACTIVE","create_time":"{at}",
            "update_time":"{at}","reachability":{{"state":"unreachable","summary":"No host answers.","targets":[]}}}}]"#
        );
        let mut connection = sample().0;
        connection.available_queue_info[0].peer_id = id.into();
        let row = ConnectionRow::from(connection).with(serde_json::from_str(&known).unwrap());
        let lines = row.details(1_566_888_911_125);
        let queue = lines.iter().position(|(_, cell)| cell.text == "q1 ACTIVE, unreachable").unwrap();
        assert_eq!((lines[queue].1.tone, lines[queue + 1].1.text.as_str()), (Tone::Bad, "No host answers."));
        assert!(!serde_json::to_string(&row).unwrap().contains("reachability"));
    }

    #[test]
    fn many_peers_stay_on_one_line() {
        let queues = (0..200).map(|number| peer(&format!("q{number}"), "ACTIVE", "")).collect();
        let row = ConnectionRow::from(ConnectionInfo { available_queue_info: queues, ..ConnectionInfo::default() });
        assert_eq!(row.cells(false, 1)[4].text, "q0,q1,q2,q3 and 196 more");
    }
}
