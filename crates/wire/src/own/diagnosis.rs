//! What stands in the way between a queue or pool and an address, or that nothing does.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use linkspan_model::{ConnectionId, PeerId};
use serde::{Deserialize, Serialize};

use super::{PeerKind, PeerStatus};
use crate::error::{Problem, ProblemKind};
use crate::requests::TestAddress;

/// `POST /linkspan/v1/{project_id}/diagnose`: who asks (a queue or a pool, not both), and what it wants to reach.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiagnoseRequest {
    /// A queue; one that lives in a pool asks through its pool's network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// An elastic resource pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elastic_resource_pool: Option<String>,
    /// `host:port`; the host is an address, or a name of the host records.
    pub to: String,
    /// How long the plane may try, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_ms: Option<u64>,
}

impl DiagnoseRequest {
    /// The shortest and the longest time that the plane may be given, in milliseconds.
    pub const LIMITS_MS: std::ops::RangeInclusive<u64> = 100..=30_000;
    /// The time it has unless it is given another, in milliseconds. A router needs 3 s to find that a host is not there.
    pub const DEFAULT_LIMIT_MS: u64 = 5_000;

    /// Who asks.
    ///
    /// # Errors
    /// 400 unless exactly one is named.
    pub fn source(&self) -> Result<(PeerKind, &str), Problem> {
        match (&self.queue, &self.elastic_resource_pool) {
            (Some(queue), None) => Ok((PeerKind::Queue, queue)),
            (None, Some(pool)) => Ok((PeerKind::ElasticResourcePool, pool)),
            _ => Err(invalid("Name either queue or elastic_resource_pool: who is to reach it.".to_owned())),
        }
    }

    /// What it wants to reach.
    ///
    /// # Errors
    /// 400 unless it is an address or name with a port.
    pub fn target(&self) -> Result<TestAddress, Problem> {
        let target = TestAddress::parse(&self.to).filter(|target| target.port != 0);
        target.ok_or_else(|| {
            invalid("to must be host:port, such as 192.168.0.1:3306, kafka:9092 or [2001:db8::1]:3306.".to_owned())
        })
    }

    /// How long the plane may try.
    ///
    /// # Errors
    /// 400 if that is too short or too long.
    pub fn limit(&self) -> Result<Duration, Problem> {
        let limit_ms = self.limit_ms.unwrap_or(Self::DEFAULT_LIMIT_MS);
        let (least, most) = Self::LIMITS_MS.into_inner();
        if !Self::LIMITS_MS.contains(&limit_ms) {
            return Err(invalid(format!("limit_ms must be {least} to {most}.")));
        }
        Ok(Duration::from_millis(limit_ms))
    }
}

fn invalid(text: String) -> Problem {
    Problem::new(ProblemKind::InvalidInput, text)
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// What stands in the way, or that nothing does.
    pub verdict: DiagnosisVerdict,
    /// The part of the way it is about.
    pub stage: DiagnosisStage,
    /// How sure it is.
    pub certainty: DiagnosisCertainty,
    /// One or two sentences for a person.
    pub summary: String,
    /// Who should do what; absent if nothing is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<DiagnosisAct>,
    /// Whose network it was tried from.
    pub source: DiagnosisSource,
    /// The way hop by hop, as far as it was followed.
    pub path: Vec<DiagnosisHop>,
    /// What was tried.
    pub probe: DiagnosisProbe,
    /// The peer that carries the traffic or stops it; absent if none leads there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_state: Option<DiagnosisPeer>,
}

/// What stands in the way; the set is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosisVerdict {
    /// Nothing.
    Reachable,
    /// The name has no host record.
    DnsFailure,
    /// Nothing listens on the port.
    ConnectionRefused,
    /// No route of the queue leads there.
    NoRouteInQueue,
    /// The peer's link is down at its far end.
    PeerLinkDown,
    /// The peer does not permit the address.
    BlockedByPolicy,
    /// The destination's router does not know the address.
    NoRouteAtRouter,
    /// No host has the address.
    DestinationHostDown,
    /// The host answers nothing.
    SilentlyDroppedByDestination,
    /// The host has no route back.
    NoReturnRouteAtDestination,
    /// The destination's router has no route back.
    NoReturnRouteAtRouter,
    /// Somebody else's rules stop it at the destination's router.
    ForeignRuleAtRouter,
}

/// A part of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosisStage {
    /// Resolving the name.
    Name,
    /// The queue's own routes.
    Queue,
    /// The peer: its link and its permits.
    Peering,
    /// The destination's router.
    Router,
    /// The data source itself.
    Destination,
}

/// Whether a verdict was seen or concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosisCertainty {
    /// There is evidence for exactly this cause.
    Proved,
    /// It is what remains once the others are excluded.
    Inferred,
}

/// What somebody should do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisAct {
    /// Who.
    pub who: DiagnosisWho,
    /// What, in the imperative.
    pub what: String,
}

/// Who can mend a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosisWho {
    /// Whoever manages the connection.
    Tenant,
    /// Whoever runs the data source.
    DataSourceOwner,
    /// Whoever runs Linkspan's host and networks.
    Operator,
}

/// Whose network it was tried from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisSource {
    /// A queue of its own, or a pool: that of the queue that was named, if it lives in one.
    pub kind: PeerKind,
    /// Its name.
    pub name: String,
}

/// One hop of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisHop {
    /// The part of the way it belongs to.
    pub stage: DiagnosisStage,
    /// What it is.
    pub hop: String,
    /// Whether it lets the traffic on; null if the traffic did not come that far.
    pub ok: Option<bool>,
    /// What was seen there: `via`, `dev`, `icmp`, `neighbour`, …
    pub evidence: BTreeMap<String, String>,
}

/// What was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisProbe {
    /// As asked.
    pub target: String,
    /// The address that was tried, once known.
    pub address: Option<IpAddr>,
    /// What gave the address; absent if nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<DiagnosisResolver>,
    /// How the connection failed (`ECONNREFUSED`), where one was tried and failed so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errno: Option<String>,
    /// How long the connection took, in milliseconds, where one was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<String>,
}

/// What gave an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosisResolver {
    /// It was asked for as an address.
    Literal,
    /// A host record of a connection.
    HostRecord,
}

/// The peer that carries the traffic or stops it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosisPeer {
    /// Its id.
    pub peer_id: PeerId,
    /// Its connection.
    pub connection_id: ConnectionId,
    /// That connection's name.
    pub connection_name: String,
    /// Where it stands on record.
    pub status: PeerStatus,
    /// The state that the records want.
    pub desired_generation: u32,
    /// The state that the plane has; null = nothing of the peer, or it could not be looked at.
    pub applied_generation: Option<u32>,
    /// Whether the plane differs from what it was made as; null = it could not be looked at.
    pub drift: Option<bool>,
    /// Whether everything is as the records want it.
    pub settled: bool,
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let body = concat!(
            r#"{"verdict":"blocked_by_policy","stage":"peering","certainty":"proved","summary":"s","#,
            r#""act":{"who":"data_source_owner","what":"w"},"source":{"kind":"queue","name":"etl"},"#,
            r#""path":[{"stage":"queue","hop":"queue etl","ok":null,"evidence":{"icmp":"3/13"}}],"#,
            r#""probe":{"target":"kafka:9092","address":"192.168.0.1","resolved_by":"host_record","#,
            r#""errno":"EHOSTUNREACH","ms":"2.3"},"#,
            r#""peer_state":{"peer_id":"d2ae6628-fa37-4e04-806d-c59c497492d1","#,
            r#""connection_id":"2a620c33-5609-40c9-affd-2b6453071b0f","connection_name":"orders","status":"ACTIVE","#,
            r#""desired_generation":7,"applied_generation":7,"drift":false,"settled":true}}"#
        );
        let found: Diagnosis = read(body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(write(&found)).unwrap(), body);
    }

    #[test]
    fn a_question_names_one_source_a_target_with_a_port_and_a_limit_in_bounds() {
        let asked = |body: &str| read::<DiagnoseRequest>(body.as_bytes());
        let good = asked(r#"{"queue":"etl","to":"kafka:9092","limit_ms":250}"#).unwrap();
        assert_eq!(good.source(), Ok((PeerKind::Queue, "etl")));
        assert_eq!((good.target().unwrap().port, good.limit().unwrap()), (9092, Duration::from_millis(250)));
        let pool = asked(r#"{"elastic_resource_pool":"p","to":"[2001:db8::1]:1"}"#).unwrap();
        assert_eq!(pool.source(), Ok((PeerKind::ElasticResourcePool, "p")));
        assert_eq!(pool.limit().unwrap(), Duration::from_secs(5));
        for bad in [r#"{"to":"h:1"}"#, r#"{"queue":"a","elastic_resource_pool":"b","to":"h:1"}"#] {
            assert!(asked(bad).unwrap().source().is_err(), "{bad}");
        }
        for to in ["h", "h:0", "h:99999", "10.0.0:80", ":80", "http://h:80"] {
            let asked = DiagnoseRequest { to: to.to_owned(), ..DiagnoseRequest::default() };
            assert_eq!(asked.target().unwrap_err().status(), 400, "{to}");
        }
        for limit_ms in [0, 99, 30_001, u64::MAX] {
            let asked = DiagnoseRequest { limit_ms: Some(limit_ms), ..DiagnoseRequest::default() };
            assert!(asked.limit().is_err(), "{limit_ms}");
        }
        assert!(asked(r#"{"queue":"a","to":"h:1","too":1}"#).is_err());
    }
}
