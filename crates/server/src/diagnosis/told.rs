//! A report in the words of Linkspan's own API.

use linkspan_model::{ConnectionId, Peer};
use linkspan_plane::{Act, Certainty, Hop, ProbeReport, ProbeSpec, ProbeTarget, Stage, Verdict, Who};
use linkspan_wire::own::{
    Diagnosis, DiagnosisAct, DiagnosisCertainty, DiagnosisHop, DiagnosisPeer, DiagnosisProbe, DiagnosisResolver,
    DiagnosisSource, DiagnosisStage, DiagnosisVerdict, DiagnosisWho,
};

use super::Applied;
use crate::ops::{peer_kind, peer_status};

/// The whole answer.
pub(super) fn told(spec: &ProbeSpec, report: &ProbeReport, peer_state: Option<DiagnosisPeer>) -> Diagnosis {
    Diagnosis {
        verdict: verdict(report.verdict),
        stage: stage(report.verdict.stage()),
        certainty: match report.certainty {
            Certainty::Proved => DiagnosisCertainty::Proved,
            Certainty::Inferred => DiagnosisCertainty::Inferred,
        },
        summary: report.summary.clone(),
        act: report.act.as_ref().map(act),
        source: DiagnosisSource { kind: peer_kind(&spec.source.name), name: spec.source.name.as_str().to_owned() },
        path: report.path.iter().map(|at| hop(at, peer_state.as_ref())).collect(),
        probe: probe(spec, report),
        peer_state,
    }
}

/// The peer that carries the traffic or stops it.
pub(super) fn peer_state(
    peer: &Peer,
    (connection_id, connection_name): (ConnectionId, String),
    (applied, settled): (Applied, bool),
) -> DiagnosisPeer {
    DiagnosisPeer {
        peer_id: peer.id,
        connection_id,
        connection_name,
        status: peer_status(&peer.state),
        desired_generation: peer.generation,
        applied_generation: applied.generation,
        drift: applied.drift,
        settled,
    }
}

fn act(act: &Act) -> DiagnosisAct {
    let who = match act.who {
        Who::Tenant => DiagnosisWho::Tenant,
        Who::DataSourceOwner => DiagnosisWho::DataSourceOwner,
        Who::Operator => DiagnosisWho::Operator,
    };
    DiagnosisAct { who, what: act.what.clone() }
}

fn hop(hop: &Hop, peer: Option<&DiagnosisPeer>) -> DiagnosisHop {
    let name = match peer {
        Some(peer) if hop.stage == Stage::Peering => format!("peer {} of {}", peer.peer_id, peer.connection_name),
        _ => hop.hop.clone(),
    };
    let evidence = hop.evidence.iter().map(|seen| (seen.what.replace(' ', "_"), seen.value.clone())).collect();
    DiagnosisHop { stage: stage(hop.stage), hop: name, ok: hop.ok, evidence }
}

fn probe(spec: &ProbeSpec, report: &ProbeReport) -> DiagnosisProbe {
    let seen = |what: &str| {
        let mut all = report.path.iter().flat_map(|hop| &hop.evidence);
        all.find(|seen| seen.what == what).map(|seen| seen.value.clone())
    };
    let resolved_by = match (report.resolved_by, report.address, &spec.target) {
        (Some(_), ..) => Some(DiagnosisResolver::HostRecord),
        (None, Some(_), ProbeTarget::Address(_)) => Some(DiagnosisResolver::Literal),
        _ => None,
    };
    let host = match &spec.target {
        ProbeTarget::Address(address) if address.is_ipv6() => format!("[{address}]"),
        target => target.to_string(),
    };
    DiagnosisProbe {
        target: spec.port.map_or_else(|| host.clone(), |port| format!("{host}:{port}")),
        address: report.address,
        resolved_by,
        errno: seen("connect").filter(|ending| ending.starts_with('E')),
        ms: seen("ms"),
    }
}

/// A verdict's name on the wire.
pub(crate) fn verdict(verdict: Verdict) -> DiagnosisVerdict {
    match verdict {
        Verdict::Reachable => DiagnosisVerdict::Reachable,
        Verdict::DnsFailure => DiagnosisVerdict::DnsFailure,
        Verdict::ConnectionRefused => DiagnosisVerdict::ConnectionRefused,
        Verdict::NoRouteInQueue => DiagnosisVerdict::NoRouteInQueue,
        Verdict::PeerLinkDown => DiagnosisVerdict::PeerLinkDown,
        Verdict::BlockedByPolicy => DiagnosisVerdict::BlockedByPolicy,
        Verdict::NoRouteAtRouter => DiagnosisVerdict::NoRouteAtRouter,
        Verdict::DestinationHostDown => DiagnosisVerdict::DestinationHostDown,
        Verdict::SilentlyDroppedByDestination => DiagnosisVerdict::SilentlyDroppedByDestination,
        Verdict::NoReturnRouteAtDestination => DiagnosisVerdict::NoReturnRouteAtDestination,
        Verdict::NoReturnRouteAtRouter => DiagnosisVerdict::NoReturnRouteAtRouter,
        Verdict::ForeignRuleAtRouter => DiagnosisVerdict::ForeignRuleAtRouter,
    }
}

fn stage(stage: Stage) -> DiagnosisStage {
    match stage {
        Stage::Name => DiagnosisStage::Name,
        Stage::Queue => DiagnosisStage::Queue,
        Stage::Peering => DiagnosisStage::Peering,
        Stage::Router => DiagnosisStage::Router,
        Stage::Destination => DiagnosisStage::Destination,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_on_both_sides() {
        for one in Verdict::ALL {
            assert_eq!(serde_json::to_value(verdict(one)).unwrap(), one.as_str());
            assert_eq!(serde_json::to_value(stage(one.stage())).unwrap(), one.stage().as_str());
            let Some(who) = one.who() else { continue };
            let told = act(&Act { who, what: String::new() });
            assert_eq!(serde_json::to_value(told.who).unwrap(), who.as_str());
        }
    }
}
