//! Who acts for a plane: what for, and how that is on record.

use std::fmt;

use linkspan_model::{NodeName, PlaneRequest, Stamp};

use crate::state::State;

/// Where the record of who acts for a host's networks is kept, by the host's node.
const HOSTS: &str = "acting:linux:";

/// What one reconciler at a time acts for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PlaneScope {
    /// The simulated plane: everything.
    Simulated,
    /// The networks of one host, by the name of the node there.
    Host(NodeName),
}

impl fmt::Display for PlaneScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulated => f.write_str("simulated"),
            Self::Host(node) => write!(f, "linux:{node}"),
        }
    }
}

impl PlaneScope {
    /// The name of the setting that says who acts.
    pub(crate) fn key(&self) -> Box<str> {
        format!("acting:{self}").into()
    }
}

impl State {
    /// Who acts for a plane where nodes take turns: the lease's generation, and the node's name.
    #[must_use]
    pub fn acting(&self, scope: &PlaneScope) -> Option<(u64, &str)> {
        let (generation, name) = self.setting(&scope.key())?.value.split_once(' ')?;
        Some((generation.parse().ok()?, name))
    }

    /// What is asked of whoever acts for a scope and has no answer yet, oldest first.
    pub fn asked_of(&self, scope: &PlaneScope) -> impl Iterator<Item = &PlaneRequest> + use<'_> {
        let scope = scope.to_string();
        let all = self.plane_requests.values().map(|stored| &stored.value);
        all.filter(move |request| request.answer.is_none() && *request.scope == *scope)
    }

    /// A request to whoever acts for a part of the plane.
    #[must_use]
    pub fn plane_request(&self, created: Stamp) -> Option<&PlaneRequest> {
        self.plane_requests.get(&created).map(|stored| &stored.value)
    }

    /// The nodes that have acted for the networks of their hosts, in the order of their names.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        let settings = self.settings.range(Box::from(HOSTS)..).map(|(name, _)| &**name);
        settings.map_while(|name| name.strip_prefix(HOSTS))
    }
}
