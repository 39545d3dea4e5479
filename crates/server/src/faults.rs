//! Faults of the simulated plane, from the words of the API to those of the plane and back.

use std::time::Duration;

use linkspan_model::SourceName;
use linkspan_plane::simulated::{self, Drift, FailOn};
use linkspan_plane::{PlaneError, SimulatedPlane, SourceRef, Verdict};
use linkspan_wire::own::{FaultDrift, FaultEffect, FaultError, FaultMatch, FaultOn, FaultRule, FaultRules};
use linkspan_wire::{Problem, ProblemKind};

/// Lists or replaces the rules, all or nothing.
pub(crate) fn answer(plane: &SimulatedPlane, new: Option<FaultRules>) -> Result<FaultRules, Problem> {
    if let Some(new) = new {
        let rules = read(new)?;
        plane.faults().clear();
        for rule in rules {
            plane.faults().add(rule);
        }
    }
    Ok(shown(plane))
}

/// Rules as the plane has them.
pub(crate) fn read(rules: FaultRules) -> Result<Vec<simulated::FaultRule>, Problem> {
    rules.rules.into_iter().map(rule).collect()
}

/// A rule as the plane has it.
fn rule(rule: FaultRule) -> Result<simulated::FaultRule, Problem> {
    let source = |project, name| simulated::FaultMatch::Source(SourceRef { project, name });
    let matches = match rule.matches {
        FaultMatch::Any => simulated::FaultMatch::Any,
        FaultMatch::Peer(peer) => simulated::FaultMatch::Peer(peer),
        FaultMatch::Queue { project_id, name } => source(project_id, SourceName::Queue(name)),
        FaultMatch::Pool { project_id, name } => source(project_id, SourceName::Pool(name)),
        FaultMatch::Destination(id) => simulated::FaultMatch::Destination(id),
    };
    let effect = match rule.effect {
        FaultEffect::LatencyMs(latency) => simulated::FaultEffect::Latency(Duration::from_millis(latency)),
        FaultEffect::Fail { on, times, error, why } => {
            let on = match on {
                FaultOn::Ensure => FailOn::Ensure,
                FaultOn::Remove => FailOn::Remove,
                FaultOn::Both => FailOn::Both,
            };
            simulated::FaultEffect::Fail { on, times: times.unwrap_or(u32::MAX), error: plane_error(error, why) }
        }
        FaultEffect::StuckCreating => simulated::FaultEffect::StuckCreating,
        FaultEffect::DriftAfter { after_ms, drift } => {
            let drift = match drift {
                FaultDrift::PeerGone => Drift::PeerGone,
                FaultDrift::RouteGone => Drift::RouteGone,
                FaultDrift::PermitGone => Drift::PermitGone,
                FaultDrift::LinkDown => Drift::LinkDown,
            };
            simulated::FaultEffect::DriftAfter { after: Duration::from_millis(after_ms), drift }
        }
        FaultEffect::Unreachable(verdict) => simulated::FaultEffect::Unreachable(read_verdict(&verdict)?),
    };
    Ok(simulated::FaultRule { matches, effect })
}

fn read_verdict(text: &str) -> Result<Verdict, Problem> {
    Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == text).ok_or_else(|| {
        let known: Vec<_> = Verdict::ALL.into_iter().map(Verdict::as_str).collect();
        let text = format!("unreachable must be one of {}, got \"{text}\"", known.join(", "));
        Problem::new(ProblemKind::InvalidInput, text)
    })
}

fn plane_error(error: FaultError, why: Box<str>) -> PlaneError {
    match error {
        FaultError::Retry => PlaneError::Retry { after: Duration::ZERO, why },
        FaultError::Conflict => PlaneError::Conflict { with: "a fault rule".into(), why },
        FaultError::Invalid => PlaneError::Invalid(why),
        FaultError::Unsupported => PlaneError::Unsupported(why),
        FaultError::Denied => PlaneError::Denied(why),
        FaultError::Unavailable => PlaneError::Unavailable(why),
    }
}

/// The rules that are in force; `times` has been counted down.
fn shown(plane: &SimulatedPlane) -> FaultRules {
    let rules = plane.faults().rules().into_iter();
    FaultRules { rules: rules.map(|(_, rule)| shown_rule(rule)).collect() }
}

fn shown_rule(rule: simulated::FaultRule) -> FaultRule {
    let matches = match rule.matches {
        simulated::FaultMatch::Any => FaultMatch::Any,
        simulated::FaultMatch::Peer(peer) => FaultMatch::Peer(peer),
        simulated::FaultMatch::Source(SourceRef { project, name: SourceName::Queue(name) }) => {
            FaultMatch::Queue { project_id: project, name }
        }
        simulated::FaultMatch::Source(SourceRef { project, name: SourceName::Pool(name) }) => {
            FaultMatch::Pool { project_id: project, name }
        }
        simulated::FaultMatch::Destination(id) => FaultMatch::Destination(id),
    };
    let effect = match rule.effect {
        simulated::FaultEffect::Latency(latency) => FaultEffect::LatencyMs(millis(latency)),
        simulated::FaultEffect::Fail { on, times, error } => {
            let on = match on {
                FailOn::Ensure => FaultOn::Ensure,
                FailOn::Remove => FaultOn::Remove,
                FailOn::Both => FaultOn::Both,
            };
            let (error, why) = shown_error(error);
            FaultEffect::Fail { on, times: Some(times), error, why }
        }
        simulated::FaultEffect::StuckCreating => FaultEffect::StuckCreating,
        simulated::FaultEffect::DriftAfter { after, drift } => {
            let drift = match drift {
                Drift::PeerGone => FaultDrift::PeerGone,
                Drift::RouteGone => FaultDrift::RouteGone,
                Drift::PermitGone => FaultDrift::PermitGone,
                Drift::LinkDown => FaultDrift::LinkDown,
            };
            FaultEffect::DriftAfter { after_ms: millis(after), drift }
        }
        simulated::FaultEffect::Unreachable(verdict) => FaultEffect::Unreachable(verdict.as_str().into()),
    };
    FaultRule { matches, effect }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn shown_error(error: PlaneError) -> (FaultError, Box<str>) {
    match error {
        PlaneError::Retry { why, .. } => (FaultError::Retry, why),
        PlaneError::Conflict { why, .. } => (FaultError::Conflict, why),
        PlaneError::Invalid(why) => (FaultError::Invalid, why),
        PlaneError::Unsupported(why) => (FaultError::Unsupported, why),
        PlaneError::Denied(why) => (FaultError::Denied, why),
        PlaneError::Unavailable(why) => (FaultError::Unavailable, why),
    }
}
