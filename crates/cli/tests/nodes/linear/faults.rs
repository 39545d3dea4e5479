//! What goes wrong while clients ask.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use linkspan_testkit::postgres::proxy::Mode;
use tokio::time::Instant;

use super::Dice;
use super::field::{Field, NODES, WITHIN};
use super::record::Record;
use crate::turns::SUCCESSION;

/// How long a fault or the quiet after it lasts at most; it ends earlier once enough is answered elsewhere.
const LONGEST: Duration = Duration::from_millis(600);

/// Causes one fault after the other, and takes each away again; answers how often it caused which.
pub(super) async fn cause(
    field: &mut Field,
    mut dice: Dice,
    (until, record): (Instant, &Arc<Record>),
) -> BTreeMap<&'static str, usize> {
    let mut done = BTreeMap::new();
    while Instant::now() < until {
        passes(record, 20 + dice.roll(200)).await;
        let (node, fault, answers) = (dice.roll(NODES), dice.roll(8), 20 + dice.roll(300));
        let what = match fault {
            0 => {
                field.kill(node);
                passes(record, answers).await;
                field.restart(node);
                "node killed"
            }
            1 | 2 => {
                field.signal(node, "-STOP");
                passes(record, answers).await;
                field.signal(node, "-CONT");
                "node paused"
            }
            3 => through(field, (node, Mode::LoseAnswer), (record, answers)).await,
            4 => through(field, (node, Mode::LoseCommit), (record, answers)).await,
            5 => through(field, (node, Mode::Silent), (record, answers)).await,
            6 => {
                let what = through(field, (node, Mode::HoldCommit), (record, answers)).await;
                passes(record, answers).await;
                field.release(node);
                what
            }
            _ => {
                field.crash_database();
                "database crashed"
            }
        };
        *done.entry(what).or_default() += 1;
    }
    done
}

async fn through(field: &Field, (node, mode): (usize, Mode), (record, answers): (&Record, usize)) -> &'static str {
    field.proxies[node].set(mode);
    passes(record, answers).await;
    field.proxies[node].set(Mode::Pass);
    match mode {
        Mode::LoseAnswer => "commit's answer lost",
        Mode::LoseCommit => "commit lost",
        Mode::HoldCommit => "commit late",
        Mode::Silent | Mode::Pass => "database silent",
    }
}

/// Loses the database together with the node that acts for the plane, and lets the standby and a successor take their
/// places; the other nodes find both by themselves.
pub(super) async fn fail_over(field: &mut Field, record: &Arc<Record>) {
    answered(record, 500).await;
    let acting = until_acting(field).await;
    field.kill(acting);
    field.fail_over();
    answered(record, 100).await;
    let successor = until_acting(field).await;
    assert_ne!(successor, acting);
    answered(record, 200).await;
    field.restart(acting);
    answered(record, 200).await;
}

/// Cuts the pooler off, and loses the node that acts for the plane.
pub(super) async fn cut_pooler(field: &mut Field, record: &Arc<Record>) {
    answered(record, 200).await;
    field.restart_pooler();
    answered(record, 200).await;
    let acting = until_acting(field).await;
    field.kill(acting);
    answered(record, 100).await;
    let successor = until_acting(field).await;
    assert_ne!(successor, acting);
    field.restart(acting);
    answered(record, 100).await;
}

async fn until_acting(field: &Field) -> usize {
    let deadline = Instant::now() + SUCCESSION;
    loop {
        if let Some(node) = tokio::task::block_in_place(|| field.acting()) {
            return node;
        }
        assert!(Instant::now() < deadline, "nobody acts for the plane");
        tokio::task::yield_now().await;
    }
}

/// Waits for so many answers.
async fn answered(record: &Record, answers: usize) {
    let mut heard = record.answers();
    let enough = *heard.borrow() + answers;
    let waited = tokio::time::timeout(WITHIN, heard.wait_for(|answers| *answers >= enough)).await;
    assert!(waited.is_ok(), "clients are not answered any more");
}

/// Waits for so many answers, but not for long.
async fn passes(record: &Record, answers: usize) {
    let mut heard = record.answers();
    let enough = *heard.borrow() + answers;
    let _late = tokio::time::timeout(LONGEST, heard.wait_for(|answers| *answers >= enough)).await;
}
