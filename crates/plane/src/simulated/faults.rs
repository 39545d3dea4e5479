use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use linkspan_model::{ExternalId, PeerId};

use crate::error::PlaneError;
use crate::spec::{DestNet, SourceRef};
use crate::verdict::Verdict;

/// Something that goes wrong, and for whom. Rules can be added and taken away while the plane works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// Which peers it concerns.
    pub matches: FaultMatch,
    /// What happens to them.
    pub effect: FaultEffect,
}

/// Which peers a rule concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultMatch {
    /// All.
    Any,
    /// One.
    Peer(PeerId),
    /// Those of a queue or pool.
    Source(SourceRef),
    /// Those that lead to a network or VPC of this id.
    Destination(ExternalId),
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultEffect {
    /// A peer that is made or changed is in force only after this long; the longest of several rules counts.
    Latency(Duration),
    /// The next so many calls fail.
    Fail {
        /// Which calls.
        on: FailOn,
        /// How many of them; `u32::MAX` is as good as all.
        times: u32,
        /// How they fail.
        error: PlaneError,
    },
    /// A peer that is made or changed is never in force while the rule stands.
    StuckCreating,
    /// Some time after it was made or mended, a peer is damaged.
    DriftAfter {
        /// How long after.
        after: Duration,
        /// How.
        drift: Drift,
    },
    /// Probes over the peer end so.
    Unreachable(Verdict),
}

/// Which calls fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Making or changing a peer.
    Ensure,
    /// Removing a peer.
    Remove,
    /// Both.
    Both,
}

/// Damage that somebody else does to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Drift {
    /// All of it is gone.
    PeerGone,
    /// The queue no longer routes into it.
    RouteGone,
    /// It no longer lets anything through.
    PermitGone,
    /// Its link is down.
    LinkDown,
}

/// Names a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u64);

/// When a change is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settling {
    After(Duration),
    Never,
}

/// The peer that a rule is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) peer: PeerId,
    /// Its two sides, if the plane knows it.
    pub(super) sides: Option<(&'a SourceRef, &'a DestNet)>,
}

impl FaultMatch {
    fn concerns(&self, subject: Subject<'_>) -> bool {
        match (self, subject.sides) {
            (Self::Any, _) => true,
            (Self::Peer(peer), _) => *peer == subject.peer,
            (Self::Source(source), Some((of, _))) => source == of,
            (Self::Destination(id), Some((_, to))) => *id == to.network || *id == to.vpc,
            (Self::Source(_) | Self::Destination(_), None) => false,
        }
    }
}

/// The rules in force, oldest first.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    last: u64,
    all: Vec<(RuleId, FaultRule)>,
}

impl Faults {
    /// Adds a rule.
    pub fn add(&self, rule: FaultRule) -> RuleId {
        let mut rules = self.lock();
        rules.last += 1;
        let id = RuleId(rules.last);
        rules.all.push((id, rule));
        id
    }

    /// Takes a rule away; false if there is none of this id.
    pub fn remove(&self, id: RuleId) -> bool {
        let mut rules = self.lock();
        let before = rules.all.len();
        rules.all.retain(|(known, _)| *known != id);
        rules.all.len() < before
    }

    /// Takes all rules away.
    pub fn clear(&self) {
        self.lock().all.clear();
    }

    /// The rules with their ids, oldest first; `times` counts down.
    #[must_use]
    pub fn rules(&self) -> Vec<(RuleId, FaultRule)> {
        self.lock().all.clone()
    }

    /// Whether a call must fail; counts it against the rule.
    pub(super) fn fail(&self, call: FailOn, subject: Subject<'_>) -> Result<(), PlaneError> {
        for (_, rule) in &mut self.lock().all {
            let FaultEffect::Fail { on, times, error } = &mut rule.effect else { continue };
            if *times > 0 && (*on == call || *on == FailOn::Both) && rule.matches.concerns(subject) {
                *times -= 1;
                return Err(error.clone());
            }
        }
        Ok(())
    }

    /// Whether the next such call would fail; counts nothing.
    pub(super) fn foresee(&self, call: FailOn, subject: Subject<'_>) -> Result<(), PlaneError> {
        let rules = self.lock();
        let failure = rules.all.iter().find_map(|(_, rule)| match &rule.effect {
            FaultEffect::Fail { on, times, error } => {
                let fails = *times > 0 && (*on == call || *on == FailOn::Both) && rule.matches.concerns(subject);
                fails.then(|| error.clone())
            }
            _ => None,
        });
        failure.map_or(Ok(()), Err)
    }

    /// When a change of the peer is in force; at once is zero.
    pub(super) fn settling(&self, subject: Subject<'_>) -> Settling {
        let mut after = Duration::ZERO;
        for (_, rule) in self.lock().all.iter().filter(|(_, rule)| rule.matches.concerns(subject)) {
            match rule.effect {
                FaultEffect::StuckCreating => return Settling::Never,
                FaultEffect::Latency(latency) => after = after.max(latency),
                _ => {}
            }
        }
        Settling::After(after)
    }

    /// How and when a peer that was just made will be damaged.
    pub(super) fn drifts(&self, subject: Subject<'_>) -> Vec<(Duration, Drift)> {
        let rules = self.lock();
        let concerned = rules.all.iter().filter(|(_, rule)| rule.matches.concerns(subject));
        concerned
            .filter_map(|(_, rule)| match rule.effect {
                FaultEffect::DriftAfter { after, drift } => Some((after, drift)),
                _ => None,
            })
            .collect()
    }

    /// What is wrong beyond the peer.
    pub(super) fn beyond(&self, subject: Subject<'_>) -> Option<Verdict> {
        let rules = self.lock();
        rules.all.iter().filter(|(_, rule)| rule.matches.concerns(subject)).find_map(|(_, rule)| match rule.effect {
            FaultEffect::Unreachable(verdict) => Some(verdict),
            _ => None,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::samples;

    #[test]
    fn a_rule_concerns_whom_it_names_and_failures_run_out() {
        let faults = Faults::default();
        let spec = samples::spec(1, "q", "192.168.0.0/24");
        let subject = Subject { peer: spec.peer, sides: Some((&spec.source.source, &spec.destination)) };
        let unknown = Subject { sides: None, ..subject };
        let other = samples::spec(2, "other", "192.168.1.0/24");
        let stranger = Subject { peer: other.peer, sides: Some((&other.source.source, &other.destination)) };
        let matches = [
            FaultMatch::Peer(spec.peer),
            FaultMatch::Source(samples::queue("q")),
            FaultMatch::Destination(spec.destination.network.clone()),
        ];
        for matches in matches {
            let error = PlaneError::retry("busy");
            let by_id = matches == FaultMatch::Peer(spec.peer);
            let effect = FaultEffect::Fail { on: FailOn::Ensure, times: 1, error: error.clone() };
            let id = faults.add(FaultRule { matches, effect });
            assert_eq!(faults.fail(FailOn::Ensure, stranger), Ok(()));
            assert_eq!(faults.fail(FailOn::Remove, subject), Ok(()));
            for _ in 0..2 {
                assert_eq!(faults.foresee(FailOn::Ensure, if by_id { unknown } else { subject }), Err(error.clone()));
            }
            assert_eq!(faults.foresee(FailOn::Ensure, stranger), Ok(()));
            assert_eq!(faults.fail(FailOn::Ensure, if by_id { unknown } else { subject }), Err(error));
            assert_eq!(faults.fail(FailOn::Ensure, subject), Ok(()));
            assert_eq!(faults.foresee(FailOn::Ensure, subject), Ok(()), "what has run out fails nothing");
            assert!(faults.remove(id) && !faults.remove(id));
        }
    }

    #[test]
    fn the_longest_latency_counts_and_stuck_beats_all() {
        let faults = Faults::default();
        let subject = Subject { peer: samples::mark(1).peer, sides: None };
        let any = |effect| faults.add(FaultRule { matches: FaultMatch::Any, effect });
        assert_eq!(faults.settling(subject), Settling::After(Duration::ZERO));
        any(FaultEffect::Latency(Duration::from_millis(5)));
        any(FaultEffect::Latency(Duration::from_millis(3)));
        assert_eq!(faults.settling(subject), Settling::After(Duration::from_millis(5)));
        any(FaultEffect::StuckCreating);
        assert_eq!(faults.settling(subject), Settling::Never);
    }
}
