//! How much history a store keeps, and how much of the rest one commit may remove.
//!
//! The rules are pure and here, so that every backend trims alike and no commit ever pays for more than a bounded
//! share of it. A backend must not trim anything else, and must not trim outside a commit.

use linkspan_model::UnixMillis;

/// Trimming waits until this many are in excess, so that commits of one change don't all pay for it.
const CHUNK: u64 = 64;

/// How much history a store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Commits that `changes` can start from; their tombstones are kept as long.
    pub commits: u64,
    /// Rows of the audit.
    pub audit_rows: u64,
    /// Age of the audit's rows, measured against the newest row and not against a clock.
    pub audit_age_ms: UnixMillis,
}

impl Default for Retention {
    fn default() -> Self {
        Self { commits: 100_000, audit_rows: 1_000_000, audit_age_ms: 90 * 24 * 60 * 60 * 1000 }
    }
}

impl Retention {
    /// How many of the oldest commits to forget when `kept` of them can still be started from.
    #[must_use]
    pub fn commits_to_forget(&self, kept: u64) -> u64 {
        in_chunks(kept.saturating_sub(self.commits), 2 * CHUNK)
    }

    /// How many of the oldest audit rows to remove when there are `kept`, `written` of them by this commit.
    #[must_use]
    pub fn audit_to_remove(&self, kept: u64, written: u64) -> u64 {
        in_chunks(kept.saturating_sub(self.audit_rows), self.budget(written))
    }

    /// The time before which an audit row is old; only the oldest rows are looked at, at most `budget` of them.
    #[must_use]
    pub fn audit_old_before(&self, newest: UnixMillis) -> UnixMillis {
        newest.saturating_sub(self.audit_age_ms)
    }

    /// How many rows of a kind a commit that writes `written` of them may remove: more than it writes, and bounded.
    #[must_use]
    pub fn budget(&self, written: u64) -> u64 {
        2 * CHUNK + written.saturating_mul(2)
    }
}

fn in_chunks(excess: u64, most: u64) -> u64 {
    if excess < CHUNK { 0 } else { excess.min(most) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimming_waits_for_a_chunk_and_catches_up_in_bounded_steps() {
        let retention = Retention { commits: 10, audit_rows: 10, audit_age_ms: 5 };
        assert_eq!(retention.commits_to_forget(10 + CHUNK - 1), 0);
        assert_eq!(retention.commits_to_forget(10 + CHUNK), CHUNK);
        assert_eq!(retention.commits_to_forget(1_000_000), 2 * CHUNK);
        assert_eq!(retention.audit_to_remove(1_000_000, 1000), 2 * CHUNK + 2000);
        assert!(retention.budget(1000) > 1000, "it falls behind");
        assert_eq!(retention.audit_old_before(12), 7);
        assert_eq!(Retention::default().commits_to_forget(3), 0);
    }
}
