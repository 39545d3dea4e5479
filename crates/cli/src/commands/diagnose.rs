//! `linkspan diagnose`

use std::time::Duration;

use clap::Args;
use linkspan_client::ProjectClient;
use linkspan_wire::own::{
    DiagnoseRequest, Diagnosis, DiagnosisCertainty, DiagnosisHop, DiagnosisPeer, DiagnosisResolver, DiagnosisVerdict,
    DiagnosisWho, PeerKind, PeerStatus,
};
use serde::Serialize;

use crate::durations;
use crate::environment::Environment;
use crate::failure::{Exit, Failure};
use crate::output::{Cell, Output, Row, printable};
use crate::profile::{self, ClientOptions, Target};

/// Who is to reach what.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The queue to try it from
    #[arg(long, value_name = "NAME", required_unless_present = "pool", conflicts_with = "pool")]
    queue: Option<String>,
    /// The elastic resource pool to try it from
    #[arg(long, value_name = "NAME")]
    pool: Option<String>,
    /// What to reach: an address, or a name of the host records, with its port
    #[arg(long, value_name = "HOST:PORT")]
    to: String,
    /// How long the plane may try, 100 ms to 30 s; a host that is not there takes it 3 s to find
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = durations::parse)]
    limit: Duration,
    #[command(flatten)]
    client: ClientOptions,
}

/// Makes the diagnosis, prints it, and fails unless the address was reached.
pub(crate) async fn run(options: &Options, environment: &Environment, output: &Output) -> Result<(), Failure> {
    let target = Target::find(&options.client, environment)?;
    let made = async { options.made(&target.project().await?).await };
    let found = made.await.map_err(|failure| profile::explained(failure, &target.origin))?;
    let end = end(&found);
    output.one(&DiagnosisRow(found))?;
    end
}

impl Options {
    async fn made(&self, project: &ProjectClient) -> Result<Diagnosis, Failure> {
        let limit_ms = u64::try_from(self.limit.as_millis()).ok();
        let request = DiagnoseRequest {
            queue: self.queue.clone(),
            elastic_resource_pool: self.pool.clone(),
            to: self.to.clone(),
            limit_ms,
        };
        // What can't be sent is told before anything is.
        let bad = request.target().err().or_else(|| request.limit().err());
        if let Some(problem) = bad {
            return Err(Failure::usage(problem.detail.replace("limit_ms", "--limit in milliseconds")));
        }
        Ok(project.diagnose(&request).await?)
    }
}

/// What the shell is told.
fn end(found: &Diagnosis) -> Result<(), Failure> {
    if found.verdict == DiagnosisVerdict::Reachable {
        return Ok(());
    }
    let text = format!("{} does not reach {}: {}", source(found), found.probe.target, word(&found.verdict));
    Err(Failure::new(Exit::Unreachable, text))
}

/// A diagnosis as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct DiagnosisRow(Diagnosis);

impl Row for DiagnosisRow {
    const PLURAL: &'static str = "diagnoses";
    const COLUMNS: &'static [(&'static str, bool)] = &[("VERDICT", false)];

    fn name(&self) -> String {
        word(&self.0.verdict)
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        vec![self.name().into()]
    }

    fn line(&self) -> Option<String> {
        Some(drawn(&self.0))
    }
}

/// The way from top to bottom, and what it comes down to.
fn drawn(found: &Diagnosis) -> String {
    let mut lines = vec![heading(found), String::new()];
    let width = found.path.iter().map(|hop| printable(&hop.hop).chars().count()).max().unwrap_or_default();
    for (index, hop) in found.path.iter().enumerate() {
        if index > 0 {
            // What the traffic did not come to hangs on a broken line.
            lines.push(if hop.ok.is_none() { "  ┆".to_owned() } else { "  │".to_owned() });
        }
        lines.push(hop_line(hop, width));
    }
    let mark = if found.verdict == DiagnosisVerdict::Reachable { '✔' } else { '✘' };
    let certainty = match found.certainty {
        DiagnosisCertainty::Proved => "proved",
        DiagnosisCertainty::Inferred => "inferred",
    };
    lines.extend([
        String::new(),
        format!("{mark} {} ({certainty}): {}", word(&found.verdict), printable(&found.summary)),
    ]);
    if let Some(act) = &found.act {
        let who = match act.who {
            DiagnosisWho::Tenant => "whoever manages the connection",
            DiagnosisWho::DataSourceOwner => "whoever runs the data source",
            DiagnosisWho::Operator => "whoever runs Linkspan's networks",
        };
        lines.push(format!("  To do, by {who}: {}.", printable(act.what.trim_end_matches('.'))));
    }
    lines.extend(found.peer_state.as_ref().map(peer_line));
    lines.join("\n")
}

fn heading(found: &Diagnosis) -> String {
    let how = match (found.probe.resolved_by, found.probe.address) {
        (Some(DiagnosisResolver::HostRecord), Some(address)) => format!(" ({address} by host record)"),
        _ => String::new(),
    };
    format!("{} → {}{how}", source(found), printable(&found.probe.target))
}

fn hop_line(hop: &DiagnosisHop, width: usize) -> String {
    let mark = match hop.ok {
        Some(true) => '✔',
        Some(false) => '✘',
        None => '?',
    };
    let seen: Vec<String> =
        hop.evidence.iter().map(|(what, value)| format!("{}: {}", printable(what), printable(value))).collect();
    let line = format!("  {mark} {:<width$}  {}", printable(&hop.hop), seen.join(", "));
    line.trim_end().to_owned()
}

fn peer_line(peer: &DiagnosisPeer) -> String {
    let status = match peer.status {
        PeerStatus::Creating => "CREATING",
        PeerStatus::Active => "ACTIVE",
        PeerStatus::Failed => "FAILED",
        PeerStatus::Cancelled => "CANCELLED",
    };
    let applied = peer.applied_generation.map_or("nothing".to_owned(), |generation| generation.to_string());
    let drift = match (peer.drift, peer.settled) {
        (Some(true), _) => "drifted",
        (_, true) => "settled",
        (Some(false), false) => "not settled",
        (None, false) => "not looked at",
    };
    let (id, name, desired) = (peer.peer_id, printable(&peer.connection_name), peer.desired_generation);
    format!("  Peer {id} of connection {name}: {status}, generation {desired} wanted, {applied} in place, {drift}")
}

fn source(found: &Diagnosis) -> String {
    let kind = match found.source.kind {
        PeerKind::Queue => "queue",
        PeerKind::ElasticResourcePool => "pool",
    };
    format!("{kind} {}", printable(&found.source.name))
}

/// The name on the wire.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| Some(value.as_str()?.to_owned())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKED: &str = r#"{"verdict":"blocked_by_policy","stage":"peering","certainty":"proved",
        "summary":"The peering of queue etl does not permit kafka.",
        "act":{"who":"tenant","what":"add a route for kafka to the connection"},
        "source":{"kind":"queue","name":"etl"},"path":[
        {"stage":"name","hop":"host records of queue etl","ok":true,"evidence":{}},
        {"stage":"queue","hop":"queue etl","ok":true,"evidence":{"dev":"p1","via":"169.254.1.1"}},
        {"stage":"peering","hop":"peer 4f1c","ok":false,"evidence":{"icmp":"3/13","from":"169.254.1.1"}},
        {"stage":"router","hop":"router of the destination","ok":null,"evidence":{}},
        {"stage":"destination","hop":"kafka:9092","ok":null,"evidence":{"connect":"EHOSTUNREACH"}}],
        "probe":{"target":"kafka:9092","address":"192.168.20.20","resolved_by":"host_record","errno":"EHOSTUNREACH","ms":"2.3"},
        "peer_state":{"peer_id":"d2ae6628-fa37-4e04-806d-c59c497492d1",
        "connection_id":"2a620c33-5609-40c9-affd-2b6453071b0f","connection_name":"orders","status":"ACTIVE",
        "desired_generation":7,"applied_generation":7,"drift":false,"settled":true}}"#;

    fn read(text: &str) -> Diagnosis {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_way_is_drawn_hop_by_hop() {
        insta::assert_snapshot!(DiagnosisRow(read(BLOCKED)).line().unwrap());
    }

    #[test]
    fn the_exit_code_says_whether_it_was_reached() {
        let failure = end(&read(BLOCKED)).unwrap_err();
        assert_eq!(failure.exit(), Exit::Unreachable);
        assert_eq!(failure.text(), "error: queue etl does not reach kafka:9092: blocked_by_policy");
        let open = BLOCKED.replace("\"blocked_by_policy\"", "\"reachable\"");
        assert!(end(&read(&open)).is_ok());
        assert_eq!(DiagnosisRow(read(&open)).name(), "reachable");
    }

    #[test]
    fn what_a_server_writes_can_move_no_terminal() {
        let bad = BLOCKED.replace("does not permit kafka", "\\u001b[2J");
        assert!(!drawn(&read(&bad)).contains('\u{1b}'));
    }
}
