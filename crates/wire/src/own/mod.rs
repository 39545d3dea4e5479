//! Linkspan's own API under `/linkspan/v1/…`: what the cloud lacks. The same types are written and read by server and
//! client.
//!
//! Invariants: members are in snake case, times are RFC 3339, ids and CIDRs are checked as they are read; a request
//! with a member that nobody knows is refused, so that a slip of the pen is not taken for consent; a fault is problem
//! details (RFC 9457).
//!
//! Nothing here may hold a rule that needs state.
//!
//! To add one more body: a struct with both derives in the file of its subject, and a line in that file's round trip.

mod audit;
mod connection;
mod diagnosis;
mod identity;
mod import;
mod network;
mod plane;
mod preflight;
mod reachability;
mod text;
mod time;
mod topology;

pub use audit::{AuditEvent, AuditPage, AuditQuery};
pub use connection::{ConnectionDetail, PeerDetail, PeerKind, PeerProgress, PeerStatus, RouteDetail};
pub use diagnosis::{
    DiagnoseRequest, Diagnosis, DiagnosisAct, DiagnosisCertainty, DiagnosisHop, DiagnosisPeer, DiagnosisProbe,
    DiagnosisResolver, DiagnosisSource, DiagnosisStage, DiagnosisVerdict, DiagnosisWho,
};
pub use identity::{
    ChangeKey, ChangeProject, ChangeUser, CreateDomain, CreateKey, CreateProject, CreateUser, CreatedKey, DomainInfo,
    DomainList, KeyInfo, KeyList, PlaceProject, ProjectInfo, ProjectList, Role, UserInfo, UserList,
};
pub use import::{
    ImportAnswer, ImportBirth, ImportConnection, ImportKind, ImportPeerId, ImportPool, ImportQuery, ImportQueue,
    ImportRequest, ImportVerdict, ImportedThing,
};
pub use network::{
    BindNetwork, CreateSubnet, CreateVpc, NetworkBindingInfo, NetworkBindingList, SubnetInfo, SubnetList, VpcInfo,
    VpcList,
};
pub use plane::{FaultDrift, FaultEffect, FaultError, FaultMatch, FaultOn, FaultRule, FaultRules};
pub use preflight::{
    PreflightAnswer, PreflightBind, PreflightCode, PreflightFinding, PreflightPeer, PreflightRefusal, PreflightRequest,
    PreflightRoute, PreflightSeverity, PreflightSubject, PreflightVerdict,
};
pub use reachability::{Reachability, ReachabilityState, ReachabilityTarget};
pub use text::FreeText;
pub use time::Time;
pub use topology::{Topology, TopologyEdge, TopologyKind, TopologyNode, TopologyPeer, TopologyQuery, TopologyRelation};

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Problem, ProblemKind};

/// Reads a request's body; an empty one counts as `{}`.
///
/// # Errors
/// 400 with what is wrong and where.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let body = if body.is_empty() { b"{}" } else { body };
    let unreadable =
        |why: &dyn Display| Problem::new(ProblemKind::InvalidInput, format!("The request body can't be read: {why}"));
    // serde takes an array for an object whose members are unnamed; nobody means it so.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(unreadable(&"it is an array, and must be an object"));
    }
    serde_json::from_slice(body).map_err(|why| unreadable(&why))
}

/// Writes an answer's body.
#[must_use]
pub fn write<T: Serialize>(answer: &T) -> Vec<u8> {
    // These types hold no map with keys that are not text and no failing serializer, so this can't fail.
    serde_json::to_vec(answer).unwrap_or_default()
}

/// `GET /linkspan/v1/version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionInfo {
    /// `linkspan`.
    pub name: String,
    /// The release.
    pub version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_say_what_and_where() {
        let refused = |body: &str| read::<CreateProject>(body.as_bytes()).unwrap_err();
        for (body, text) in [
            ("", "missing field `name`"),
            ("{", "EOF while parsing"),
            (r#" ["p"]"#, "it is an array, and must be an object"),
            (r#"{"name":1}"#, "expected a string"),
            (r#"{"name":"p","nmae":"p"}"#, "unknown field `nmae`"),
            (r#"{"name":"p","name":"q"}"#, "duplicate field `name`"),
            (r#"{"name":"p","domain_id":"a-b"}"#, "a domain id is 1 to 64 letters and digits"),
        ] {
            let problem = refused(body);
            assert!(problem.status() == 400 && problem.detail.contains(text), "{body}: {}", problem.detail);
        }
    }
}
