use std::time::Duration;

use linkspan_model::Failure;
use serde::{Deserialize, Serialize};

/// Why a plane could not do what it was asked.
///
/// `Retry` and `Unavailable` leave a peer `CREATING`; the others make it `FAILED` at once (it is still retried).
/// Every `why` is written for the person who bound the peer or runs the host, without a driver's raw text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum PlaneError {
    /// Something passing is in the way.
    #[error("{why}")]
    Retry {
        /// Not before this long from now; zero leaves it to the caller's back-off.
        after: Duration,
        /// What is in the way.
        why: Box<str>,
    },
    /// The network holds something that contradicts the specification.
    #[error("{why} (it collides with {with})")]
    Conflict {
        /// What it collides with.
        with: Box<str>,
        /// What to change.
        why: Box<str>,
    },
    /// The specification cannot be carried out as it stands.
    #[error("{0}")]
    Invalid(Box<str>),
    /// This plane has no such ability.
    #[error("{0}")]
    Unsupported(Box<str>),
    /// The plane lacks the permission.
    #[error("{0}")]
    Denied(Box<str>),
    /// The plane, or what it drives, cannot be reached.
    #[error("{0}")]
    Unavailable(Box<str>),
}

impl PlaneError {
    /// A `Retry` at the caller's own pace.
    pub fn retry(why: impl Into<Box<str>>) -> Self {
        Self::Retry { after: Duration::ZERO, why: why.into() }
    }

    /// Whether time alone may mend it, so that a peer stays `CREATING`.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Retry { .. } | Self::Unavailable(_))
    }

    /// What a project is told that only has a grant of the connection. The text itself may name what is the owner's, or of
    /// the host: bindings, networks that others have, sockets.
    #[must_use]
    pub fn to_grantee(&self) -> &'static str {
        match self {
            Self::Retry { .. } | Self::Unavailable(_) => {
                "What makes it is not ready; it is tried again by itself. The owner of the connection is told more."
            }
            Self::Conflict { .. } => {
                "Its network collides with another one behind the connection. Give it another CIDR, or ask the owner of \
                 the connection, who is told with which."
            }
            Self::Invalid(_) | Self::Unsupported(_) | Self::Denied(_) => {
                "The connection can't lead to its destination as it stands. Ask the owner of the connection, who is told \
                 why."
            }
        }
    }

    /// What both the owner of a connection and a grantee are told.
    #[must_use]
    pub fn to_both(&self) -> Failure {
        Failure { reason: self.to_string().into(), to_grantee: Some(self.to_grantee().into()) }
    }

    /// How long the plane asks to be left alone.
    #[must_use]
    pub fn after(&self) -> Duration {
        match self {
            Self::Retry { after, .. } => *after,
            _ => Duration::ZERO,
        }
    }
}
