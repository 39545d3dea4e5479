//! What every store must do, as cases that run on any of them.
//!
//! A backend implements [`Harness`] and calls [`store_conformance!`](crate::store_conformance), which makes one test
//! of each case; one that nodes share implements [`SharedHarness`] and calls
//! [`shared_store_conformance!`](crate::shared_store_conformance) as well. To add a case: a function in the file of its
//! subject, and its name in the macro.

pub mod audit;
pub mod commits;
pub mod history;
pub mod leases;
pub mod opening;

use linkspan_engine::retention::Retention;
use linkspan_engine::store::{Batch, Changes, Commit, Head, Store, StoredRecord};

/// How the suite gets at the stores of a backend.
pub trait Harness {
    /// The backend.
    type Store: Store;

    /// A new, empty store, apart from all others.
    fn fresh(&self, retention: Retention) -> Self::Store;

    /// The same store in the next process.
    fn reopen(&self, store: Self::Store) -> Self::Store;

    /// A copy of the store, as restoring a backup makes it.
    fn restored(&self, store: Self::Store) -> Self::Store;
}

/// How the suite gets at the stores of a backend that several nodes share.
pub trait SharedHarness: Harness {
    /// The same store, by way of another node.
    fn another_node(&self, store: &Self::Store) -> Self::Store;
}

/// Makes a test of every case for stores that nodes share: a [`SharedHarness`] in scope that has a default.
#[macro_export]
macro_rules! shared_store_conformance {
    ($harness:ident) => {
        $crate::store_conformance! { $harness;
            leases: one_holds_it_until_it_gives_it_back, one_that_nobody_keeps_ends_by_the_stores_clock,
                generations_only_grow, of_many_who_ask_at_once_one_gets_it,
                what_a_holder_commits_too_late_is_refused;
        }
    };
}

/// Makes a test of every case for a harness: a type in scope that has a default, `store_conformance!(Sqlite)`.
#[macro_export]
macro_rules! store_conformance {
    ($harness:ident) => {
        $crate::store_conformance! { $harness;
            opening: an_empty_store_stands_at_revision_zero, a_reopened_store_holds_the_same,
                stores_have_epochs_of_their_own, a_restored_store_starts_an_epoch,
                bodies_come_back_byte_by_byte;
            commits: a_commit_moves_the_head, a_commit_on_an_old_head_is_refused, an_empty_commit_moves_the_head,
                an_update_replaces_its_row, a_deleted_record_is_gone_and_may_return,
                a_batch_may_replace_its_own_rows, a_row_that_is_not_there_is_damage,
                a_row_of_another_record_is_damage, only_one_of_two_rivals_wins;
            history: nothing_has_changed_since_the_head, changes_are_the_later_commits,
                replaced_records_are_only_in_the_last_commit, tombstones_are_changes,
                an_unknown_commit_has_diverged, another_epoch_has_diverged, the_future_has_diverged,
                forgotten_commits_are_too_old, tombstones_last_as_long_as_their_commits;
            audit: rows_come_newest_first_by_project, pages_join_up, a_refused_batch_leaves_no_row,
                rows_survive_reopening, only_so_many_rows_are_kept, old_rows_go;
        }
    };
    ($harness:ident; $($subject:ident: $($case:ident),+;)+) => {
        $(mod $subject {
            $(#[tokio::test]
            async fn $case() {
                $crate::conformance::$subject::$case(&<super::$harness>::default()).await;
            })+
        })+
    };
}

/// Every live record by place, and the head.
pub(crate) async fn load(store: &impl Store) -> (Vec<StoredRecord>, Head) {
    let mut records = Vec::new();
    let head = store.load(&mut |record| records.push(record)).await.unwrap();
    records.sort_by_key(|record| record.at);
    (records, head)
}

/// Commits on the head that is there.
pub(crate) async fn commit(store: &impl Store, batch: &Batch) -> Head {
    let head = store.head().await.unwrap();
    store.commit(batch, &head).await.unwrap()
}

/// The commits since a head of this history.
pub(crate) async fn commits_since(store: &impl Store, since: &Head) -> Vec<Commit> {
    match store.changes(since).await.unwrap() {
        Changes::Since { commits, head } => {
            assert_eq!(head, store.head().await.unwrap());
            commits
        }
        other => panic!("expected commits, got {other:?}"),
    }
}
