//! Whether an active peer really leads to its data sources: a finding beside the status, which it never changes.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{DiagnosisVerdict, Time};

/// What the last check of a peer found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reachability {
    /// What it comes down to.
    pub state: ReachabilityState,
    /// The worst of the verdicts; absent while nothing was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<DiagnosisVerdict>,
    /// One sentence for a person.
    pub summary: String,
    /// When it was checked; absent if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<Time>,
    /// What was tried.
    pub targets: Vec<ReachabilityTarget>,
}

/// What a check comes down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReachabilityState {
    /// Nothing was tried yet, or it could not be.
    Unknown,
    /// Everything that was tried answered.
    Reachable,
    /// The way is open, but not every host answered.
    PartlyReachable,
    /// The way is shut, or no host answered.
    Unreachable,
}

/// One address that was tried, without a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachabilityTarget {
    /// The address.
    pub address: IpAddr,
    /// The host record that names it; absent for the subnet's gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// What was found.
    pub verdict: DiagnosisVerdict,
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let body = concat!(
            r#"{"state":"partly_reachable","verdict":"destination_host_down","summary":"s","#,
            r#""checked_at":"2027-01-15T08:00:00.000Z","targets":[{"address":"192.168.0.1","verdict":"reachable"},"#,
            r#"{"address":"192.168.0.9","host":"kafka","verdict":"destination_host_down"}]}"#
        );
        let found: Reachability = read(body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(write(&found)).unwrap(), body);
    }
}
