//! An access key that is revoked and enabled again.

use super::Object;

/// A call about the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Enables it or revokes it; whether that was answered.
    Set(bool),
    /// It was used, and let in or turned away.
    Used(bool),
}

/// Whether the key opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub bool);

impl Object for Key {
    type Call = Call;

    fn after(&self, call: &Call) -> Vec<Self> {
        match call {
            Call::Set(enabled) => vec![Self(*enabled)],
            Call::Used(was_let_in) => {
                if *was_let_in == self.0 {
                    vec![*self]
                } else {
                    vec![]
                }
            }
        }
    }

    fn is_read(call: &Call) -> bool {
        matches!(call, Call::Used(_))
    }

    fn is_past(&self, _: &Call) -> bool {
        false
    }
}
