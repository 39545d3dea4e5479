//! The audit: rows of commits, read back by project, trimmed from the old end.

use linkspan_engine::retention::Retention;
use linkspan_engine::store::{AuditRow, Batch, Head, Store, StoredAudit};
use linkspan_model::ProjectId;

use super::{Harness, commit};
use crate::batch::{at, audit, batch, connection, create};

fn project(id: &str) -> Option<ProjectId> {
    Some(id.parse().unwrap())
}

fn with_audit(commit_id: u128, rows: Vec<AuditRow>) -> Batch {
    Batch { audit: rows, ..batch(commit_id, vec![create(connection(u32::try_from(commit_id).unwrap()), "x")]) }
}

async fn three_commits(store: &impl Store) {
    commit(store, &with_audit(1, vec![audit(10, Some("a"), "a1"), audit(11, Some("b"), "b1")])).await;
    commit(
        store,
        &with_audit(2, vec![audit(12, None, "root"), audit(13, Some("a"), "a2"), audit(14, Some("a"), "a3")]),
    )
    .await;
    commit(store, &with_audit(3, vec![audit(15, Some("b"), "b2")])).await;
}

async fn rows_of_a(store: &impl Store) -> Vec<StoredAudit> {
    store.audit(project("a"), None, usize::MAX).await.unwrap()
}

/// Each project sees its own rows; the administration's belong to none.
pub async fn rows_come_newest_first_by_project<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    three_commits(&store).await;
    let expected = [
        StoredAudit { at: at(2, 2), row: audit(14, Some("a"), "a3") },
        StoredAudit { at: at(2, 1), row: audit(13, Some("a"), "a2") },
        StoredAudit { at: at(1, 0), row: audit(10, Some("a"), "a1") },
    ];
    assert_eq!(rows_of_a(&store).await, expected);
    let root = store.audit(None, None, 10).await.unwrap();
    assert_eq!(root, [StoredAudit { at: at(2, 0), row: audit(12, None, "root") }]);
    assert_eq!(store.audit(project("c"), None, 10).await.unwrap(), []);
    assert_eq!(store.audit(project("a"), None, 0).await.unwrap(), []);
}

/// The place of the last row of a page starts the next.
pub async fn pages_join_up<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    three_commits(&store).await;
    let all = rows_of_a(&store).await;
    for limit in 1..=4 {
        let (mut pages, mut before) = (Vec::new(), None);
        loop {
            let page = store.audit(project("a"), before, limit).await.unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            before = Some(last.at);
            pages.extend(page);
            assert!(pages.len() <= all.len(), "the pages overlap");
        }
        assert_eq!(pages, all, "limit {limit}");
    }
}

/// What was not applied is not audited.
pub async fn a_refused_batch_leaves_no_row<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    let head = store.head().await.unwrap();
    let wrong = Head { commit_id: 99, ..head };
    store.commit(&with_audit(1, vec![audit(10, Some("a"), "a1")]), &wrong).await.unwrap_err();
    assert_eq!(rows_of_a(&store).await, []);
}

/// The audit is durable.
pub async fn rows_survive_reopening<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention::default());
    three_commits(&store).await;
    let before = rows_of_a(&store).await;
    assert_eq!(before.len(), 3);
    assert_eq!(rows_of_a(&harness.reopen(store)).await, before);
}

/// The oldest rows go when there are too many, a bounded number at a time, through reopening too.
pub async fn only_so_many_rows_are_kept<H: Harness>(harness: &H) {
    let mut store = harness.fresh(Retention { audit_rows: 50, ..Retention::default() });
    for number in 1..=200 {
        let rows = (0..3).map(|place| audit(number, Some("a"), &format!("{number}.{place}")));
        commit(&store, &Batch { audit: rows.collect(), ..batch(number.try_into().unwrap(), vec![]) }).await;
        if number == 150 {
            store = harness.reopen(store);
        }
    }
    let kept = rows_of_a(&store).await;
    assert!((50..50 + 64 + 3).contains(&kept.len()), "{} rows", kept.len());
    let newest = kept.iter().map(|audit| audit.at);
    let expected = (1..=200).rev().flat_map(|revision| [2, 1, 0].map(|n| at(revision, n)));
    assert!(newest.eq(expected.take(kept.len())), "not the newest rows are kept");
}

/// Rows go when they are old, as the newest row counts time.
pub async fn old_rows_go<H: Harness>(harness: &H) {
    let store = harness.fresh(Retention { audit_age_ms: 1000, ..Retention::default() });
    commit(&store, &with_audit(1, vec![audit(0, Some("a"), "oldest"), audit(500, Some("a"), "older")])).await;
    commit(&store, &with_audit(2, vec![audit(1000, Some("a"), "young")])).await;
    assert_eq!(rows_of_a(&store).await.len(), 3);
    let store = harness.reopen(store);
    commit(&store, &with_audit(3, vec![audit(1500, Some("a"), "younger")])).await;
    let events: Vec<_> = rows_of_a(&store).await.into_iter().map(|audit| audit.row.event).collect();
    assert_eq!(events, [b"younger".to_vec(), b"young".to_vec(), b"older".to_vec()]);
}
