//! Faults of the simulated plane, for tests of what people build on Linkspan.

use linkspan_model::{ExternalId, PeerId, PoolName, ProjectId, QueueName};
use serde::{Deserialize, Serialize};

/// `GET` and `PUT /linkspan/v1/admin/plane/faults`: the rules in force, oldest first. A `PUT` replaces them all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRules {
    /// The rules.
    pub rules: Vec<FaultRule>,
}

/// Something that goes wrong, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which peers it concerns.
    pub matches: FaultMatch,
    /// What happens to them.
    pub effect: FaultEffect,
}

/// Which peers a rule concerns: `"any"`, `{"peer":"…"}`, `{"queue":{"project_id":"…","name":"…"}}` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultMatch {
    /// All.
    Any,
    /// One.
    Peer(PeerId),
    /// Those of a queue.
    Queue {
        /// Whose queue it is.
        project_id: ProjectId,
        /// Its name.
        name: QueueName,
    },
    /// Those of an elastic resource pool.
    Pool {
        /// Whose pool it is.
        project_id: ProjectId,
        /// Its name.
        name: PoolName,
    },
    /// Those that lead to a network or VPC of this id.
    Destination(ExternalId),
}

/// What a rule does: `"stuck_creating"`, `{"latency_ms":500}`, `{"fail":{"on":"ensure","error":"retry","why":"…"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultEffect {
    /// A peer that is made or changed is in force only after so many milliseconds.
    LatencyMs(u64),
    /// The next calls fail.
    Fail {
        /// Which calls.
        on: FaultOn,
        /// How many of them; absent = all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<u32>,
        /// How they fail.
        error: FaultError,
        /// What is in the way, for the person who bound the peer.
        why: Box<str>,
    },
    /// A peer that is made or changed is never in force while the rule stands.
    StuckCreating,
    /// Some time after it was made or mended, a peer is damaged.
    DriftAfter {
        /// How long after, in milliseconds.
        after_ms: u64,
        /// How.
        drift: FaultDrift,
    },
    /// Probes over the peer end with this verdict (`destination_host_down`).
    Unreachable(Box<str>),
}

/// Which calls fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultOn {
    /// Making or changing a peer.
    Ensure,
    /// Removing a peer.
    Remove,
    /// Both.
    Both,
}

/// How a call fails. After `retry` and `unavailable` a peer stays `CREATING`; after the others it is `FAILED` at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultError {
    /// Something passing is in the way.
    Retry,
    /// The network holds something that contradicts the peer.
    Conflict,
    /// The peer can't be made as it stands.
    Invalid,
    /// The plane has no such ability.
    Unsupported,
    /// The plane lacks the permission.
    Denied,
    /// The plane can't be reached.
    Unavailable,
}

/// Damage that somebody else does to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultDrift {
    /// All of it is gone.
    PeerGone,
    /// The queue no longer routes into it.
    RouteGone,
    /// It no longer lets anything through.
    PermitGone,
    /// Its link is down.
    LinkDown,
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let body = concat!(
            r#"{"rules":[{"matches":"any","effect":{"latency_ms":500}},"#,
            r#"{"matches":{"peer":"d2ae6628-fa37-4e04-806d-c59c497492d1"},"effect":"stuck_creating"},"#,
            r#"{"matches":{"queue":{"project_id":"p","name":"q"}},"#,
            r#""effect":{"fail":{"on":"ensure","times":2,"error":"retry","why":"busy"}}},"#,
            r#"{"matches":{"pool":{"project_id":"p","name":"q"}},"#,
            r#""effect":{"drift_after":{"after_ms":10,"drift":"route_gone"}}},"#,
            r#"{"matches":{"destination":"n"},"effect":{"unreachable":"destination_host_down"}}]}"#
        );
        let rules: FaultRules = read(body.as_bytes()).unwrap();
        assert_eq!(rules.rules.len(), 5);
        assert_eq!(String::from_utf8(write(&rules)).unwrap(), body);
        assert!(read::<FaultRules>(b"{}").is_err(), "a PUT that says nothing clears nothing");
    }
}
