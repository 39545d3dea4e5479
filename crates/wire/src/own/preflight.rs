//! What a call would meet, told before it is made.

use linkspan_model::Cidr4;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::PeerKind;

/// `POST /linkspan/v1/{project_id}/preflight`: the call to try, `{"create":{…}}`, `{"bind":{…}}` or `{"add_route":{…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreflightRequest {
    /// The body that would create a connection (dli_02_0187).
    Create(Value),
    /// Binding queues and pools to a connection (dli_02_0191).
    Bind(PreflightBind),
    /// Adding a custom route to a connection (dli_02_0371).
    AddRoute(PreflightRoute),
}

/// What to bind to which connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreflightBind {
    /// The connection.
    pub connection_id: String,
    /// Queues.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<String>,
    /// Elastic resource pools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elastic_resource_pools: Vec<String>,
}

/// Which route to add to which connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreflightRoute {
    /// The connection.
    pub connection_id: String,
    /// Its name.
    pub name: String,
    /// Its destination.
    pub cidr: String,
}

/// What the call would meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightAnswer {
    /// What it comes down to.
    pub verdict: PreflightVerdict,
    /// What the call would be answered if it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<PreflightRefusal>,
    /// The peers that it would make, try again or lead elsewhere; what is bound already and stays is not among them.
    pub peers: Vec<PreflightPeer>,
    /// What stands against it, and what to know about it.
    pub findings: Vec<PreflightFinding>,
}

/// What it comes down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreflightVerdict {
    /// Nothing stands against it.
    Ready,
    /// It would be carried out; there is something to know about it.
    Cautioned,
    /// The call would be accepted, but a peer would be `FAILED`.
    Fails,
    /// The call would be refused, and nothing made.
    Refused,
}

/// A refusal as the call itself would answer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightRefusal {
    /// The HTTP status.
    pub status: u16,
    /// `error_code`.
    pub error_code: String,
    /// `error_msg`.
    pub error_msg: String,
}

/// A peer that the call would make, try again or lead elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightPeer {
    /// What it binds.
    pub kind: PeerKind,
    /// The name of what it binds.
    pub name: String,
    /// The network of what it binds.
    pub cidr: Option<Cidr4>,
    /// Whether nothing stands against it.
    pub ok: bool,
}

/// Something that stands against the call, or to know about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightFinding {
    /// How bad it is.
    pub severity: PreflightSeverity,
    /// What it is.
    pub code: PreflightCode,
    /// The peer that it is about; absent = the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<PreflightSubject>,
    /// What it means and what to do.
    pub text: String,
}

/// The peer that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreflightSubject {
    /// What it binds.
    pub kind: PeerKind,
    /// The name of what it binds.
    pub name: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreflightSeverity {
    /// A peer would be `FAILED`.
    Error,
    /// It would be carried out.
    Warning,
}

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreflightCode {
    /// Networks that must not meet share addresses.
    Overlap,
    /// The plane can't lead there: the network is bound to nothing real, say.
    PlaneRefuses,
    /// The plane can't do it at the moment.
    PlaneBusy,
    /// The directory of networks does not know the subnet.
    UnknownNetwork,
    /// Addresses that the service keeps for itself.
    ReservedRange,
    /// A custom route is in the way of another way of the same queue or pool.
    RouteConflict,
    /// A host record names an address that the connection does not lead to.
    UncoveredHost,
    /// A host record is hidden by that of another connection.
    HostConflict,
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for body in [
            r#"{"create":{"name":"c"}}"#,
            r#"{"bind":{"connection_id":"c","queues":["q"],"elastic_resource_pools":["p"]}}"#,
            r#"{"add_route":{"connection_id":"c","name":"r","cidr":"10.0.0.0/8"}}"#,
        ] {
            let request: PreflightRequest = read(body.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(write(&request)).unwrap(), body);
        }
        for bad in
            ["", "{}", r#"{"create":{},"bind":{}}"#, r#"{"bind":{"connection_id":"c","queue":[]}}"#, r#"{"delete":{}}"#]
        {
            assert_eq!(read::<PreflightRequest>(bad.as_bytes()).unwrap_err().status(), 400, "{bad}");
        }
        let answer = r#"{"verdict":"fails","refusal":{"status":400,"error_code":"DLI.0002","error_msg":"m"},"peers":[{"kind":"queue","name":"q","cidr":"10.0.0.0/24","ok":false}],"findings":[{"severity":"error","code":"overlap","peer":{"kind":"queue","name":"q"},"text":"t"},{"severity":"warning","code":"reserved_range","text":"t"}]}"#;
        let read: PreflightAnswer = read(answer.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(write(&read)).unwrap(), answer);
    }
}
