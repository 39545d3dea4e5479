use linkspan_model::{ConnectionId, Stamp};

use crate::state::ConnectionEntry;

/// What a list is ordered by: when a connection was created, and between two that share a stamp their ids.
///
/// No two connections that were made here share one; an imported one has the time that it had elsewhere, which may be
/// that of another connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowKey {
    created: Stamp,
    id: ConnectionId,
}

impl RowKey {
    /// Below every other key.
    pub(crate) const LEAST: Self = Self { created: Stamp::LEAST, id: ConnectionId(uuid::Uuid::nil()) };
}

impl ConnectionEntry {
    /// The place of its row in a list.
    pub(crate) fn row_key(&self) -> RowKey {
        RowKey { created: self.connection.created, id: self.connection.id }
    }
}
