//! Trimming: a bounded share of what is no longer kept goes with every commit, in its transaction.
//!
//! What is planned depends on counts that the head holds, so it is the same whichever node commits; what a node only
//! remembers spares it statements that would find nothing.

use linkspan_engine::place::first_of;
use linkspan_engine::retention::Retention;
use linkspan_model::UnixMillis;

use crate::rows::Rows;

/// What the store keeps at a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The oldest commit that `changes` can start from.
    pub(crate) oldest_commit: u64,
    pub(crate) audit_rows: u64,
}

/// What this node remembers of what there is to trim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// Whether there may be tombstones of forgotten commits.
    pub(crate) stale_tombstones: bool,
    /// No audit row is older; none = unknown.
    pub(crate) oldest_audit: Option<UnixMillis>,
}

/// What one commit trims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trim {
    /// Older commits are forgotten.
    pub(crate) oldest_commit: i64,
    /// Whether there are any.
    pub(crate) forgets: bool,
    /// Tombstones before this key go, at most so many.
    pub(crate) tombstones: Option<(i64, i64)>,
    pub(crate) audit: Option<TrimAudit>,
}

/// Which of the oldest audit rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TrimAudit {
    /// So many are too many.
    pub(crate) many: i64,
    /// So many are looked at for their age.
    pub(crate) looked_at: i64,
    /// Those older than this are too old.
    pub(crate) before: i64,
}

impl Default for Remembered {
    fn default() -> Self {
        Self { stale_tombstones: true, oldest_audit: None }
    }
}

impl Trim {
    /// What a commit trims that writes rows at a revision.
    pub(crate) fn plan(
        kept: Kept,
        remembered: Remembered,
        retention: &Retention,
        (revision, rows): (u64, &Rows),
    ) -> Self {
        let forget = retention.commits_to_forget((revision + 1).saturating_sub(kept.oldest_commit));
        let oldest = kept.oldest_commit + forget;
        let stale = remembered.stale_tombstones || forget > 0;
        let budget = |written: usize| signed(retention.budget(written as u64));
        let tombstones = stale.then(|| (first_of(oldest.saturating_add(1)), budget(rows.buried.at.len())));
        let audit = rows.audit.time.iter().max().and_then(|newest| {
            let many = retention.audit_to_remove(kept.audit_rows + rows.audited(), rows.audited());
            let before = retention.audit_old_before(*newest);
            let is_due = many > 0 || remembered.oldest_audit.is_none_or(|oldest| oldest < before);
            is_due.then(|| TrimAudit { many: signed(many), looked_at: budget(rows.audit.at.len()), before })
        });
        Self { oldest_commit: signed(oldest), forgets: forget > 0, tombstones, audit }
    }

    /// Nothing.
    pub(crate) fn nothing(kept: Kept) -> Self {
        Self { oldest_commit: signed(kept.oldest_commit), forgets: false, tombstones: None, audit: None }
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use linkspan_engine::store::{Batch, Head, RECORD_FORMAT};
    use linkspan_testkit::batch::{audit, batch, connection, delete};

    use super::*;

    const RETENTION: Retention = Retention { commits: 10, audit_rows: 10, audit_age_ms: 1000 };
    const CLEAN: Remembered = Remembered { stale_tombstones: false, oldest_audit: Some(0) };

    fn plan(kept: Kept, remembered: Remembered, revision: u64, batch: &Batch) -> Trim {
        let head = Head { epoch: 1, revision: revision - 1, commit_id: 0, create_time: 0, format: RECORD_FORMAT };
        Trim::plan(kept, remembered, &RETENTION, (revision, &Rows::of(batch, &head).unwrap()))
    }

    #[test]
    fn within_the_limits_nothing_is_asked_for() {
        let kept = Kept { oldest_commit: 0, audit_rows: 3 };
        let within = Batch { audit: vec![audit(1000, None, "{}")], ..batch(7, vec![]) };
        assert_eq!(plan(kept, CLEAN, 10, &within), Trim::nothing(kept));
    }

    #[test]
    fn forgetting_commits_makes_their_tombstones_stale() {
        let kept = Kept { oldest_commit: 5, audit_rows: 0 };
        let trim = plan(kept, CLEAN, 5 + 10 + 63, &batch(7, vec![delete(Default::default(), connection(1))]));
        assert_eq!((trim.oldest_commit, trim.forgets), (5 + 64, true));
        assert_eq!(trim.tombstones, Some((first_of(70), 128 + 2)));
        let again = plan(kept, Remembered { stale_tombstones: true, ..CLEAN }, 20, &batch(7, vec![]));
        assert_eq!((again.forgets, again.tombstones), (false, Some((first_of(6), 128))));
    }

    #[test]
    fn audit_rows_go_when_they_are_many_or_old_or_unknown() {
        let kept = |audit_rows| Kept { oldest_commit: 0, audit_rows };
        let at = |time| Batch { audit: vec![audit(time, None, "{}")], ..batch(7, vec![]) };
        let many = plan(kept(73), CLEAN, 2, &at(1000)).audit;
        assert_eq!(many, Some(TrimAudit { many: 64, looked_at: 130, before: 0 }));
        let old = plan(kept(3), CLEAN, 2, &at(1001)).audit;
        assert_eq!(old, Some(TrimAudit { many: 0, looked_at: 130, before: 1 }));
        assert!(plan(kept(3), Remembered { oldest_audit: None, ..CLEAN }, 2, &at(5)).audit.is_some());
        assert_eq!(plan(kept(500), CLEAN, 2, &batch(7, vec![])).audit, None);
    }
}
