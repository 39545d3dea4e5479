//! One transaction: its statements are sent all at once, COMMIT included, so that a commit takes one round trip.
//!
//! That is safe because each statement that must not go on without another makes the transaction fail by itself: the
//! server then answers COMMIT by rolling back. Whoever is told of an error before COMMIT knows that nothing was
//! written; whoever hears nothing knows nothing.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use linkspan_engine::store::{Head, RECORD_FORMAT};
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::connection::{Connection, Parameters};
use crate::error::{Trouble, is_rolled_back};
use crate::rows::Rows;
use crate::sql::{COMMIT, Sql};
use crate::trim::Trim;

/// What is written, and on which head.
pub(crate) struct Write<'a> {
    pub(crate) rows: &'a Rows,
    pub(crate) expected: &'a Head,
    pub(crate) trim: Trim,
}

/// How a transaction ended.
#[derive(Debug)]
pub(crate) enum End {
    /// Durable, and what trimming found.
    Committed(Found),
    /// Not made: the head is not the expected one.
    Moved,
    /// Not made: the server said why before it came to COMMIT, or rolled back at it.
    RolledBack(tokio_postgres::Error),
    /// Perhaps made.
    Unknown(Trouble),
}

/// What trimming found; none where it did not look.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// How many tombstones went.
    pub(crate) tombstones: Option<u64>,
    /// How many audit rows are left.
    pub(crate) audit_rows: Option<i64>,
    /// The time of the oldest audit row.
    pub(crate) oldest_audit: Option<i64>,
}

/// What a statement of the transaction is for, where that makes a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    MoveHead,
    Other,
    TrimTombstones,
    TrimAudit,
    OldestAudit,
}

type Answer = Result<Vec<Row>, tokio_postgres::Error>;

/// The statements of a transaction, in the order in which they are sent.
struct Steps<'a> {
    connection: &'a Connection,
    labels: Vec<Step>,
    sent: Vec<BoxFuture<'a, Answer>>,
}

impl<'a> Steps<'a> {
    fn new(connection: &'a Connection) -> Self {
        Self { connection, labels: Vec::new(), sent: Vec::new() }
    }

    fn execute(&mut self, sql: &'a str) {
        let connection = self.connection;
        self.labels.push(Step::Other);
        self.sent.push(async move { connection.execute(sql).await.map(|()| Vec::new()) }.boxed());
    }

    fn query(&mut self, label: Step, sql: &'a str, parameters: Parameters<'a>) {
        let connection = self.connection;
        self.labels.push(label);
        self.sent.push(async move { connection.query(sql, &parameters).await }.boxed());
    }

    /// Sends them: each one is sent when it is first polled, and they are polled in this order.
    async fn answers(self) -> Vec<(Step, Answer)> {
        let answers = join_all(self.sent).await;
        self.labels.into_iter().zip(answers).collect()
    }
}

/// Writes the rows if the head is the expected one. Dropping it leaves open what becomes of the transaction.
pub(crate) async fn transact(connection: &Connection, sql: &Sql, write: &Write<'_>) -> End {
    let numbers = Numbers::of(write);
    let mut steps = Steps::new(connection);
    steps.execute(&sql.begin);
    put_rows(&mut steps, sql, (write, &numbers));
    put_trimming(&mut steps, sql, &write.trim);
    steps.execute(COMMIT);
    end_of(steps.answers().await)
}

/// Parameters that are no columns of the rows.
struct Numbers {
    commit_id: Uuid,
    audited: i64,
    epoch: Uuid,
    revision: i64,
    expected_id: Uuid,
    known_format: i32,
    deleted: i64,
}

impl Numbers {
    fn of(write: &Write<'_>) -> Self {
        let signed = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            commit_id: Uuid::from_u128(write.rows.commit_id),
            audited: signed(write.rows.audit.at.len()),
            epoch: Uuid::from_u128(write.expected.epoch),
            revision: i64::try_from(write.expected.revision).unwrap_or(i64::MAX),
            expected_id: Uuid::from_u128(write.expected.commit_id),
            known_format: i32::try_from(RECORD_FORMAT).unwrap_or(i32::MAX),
            deleted: signed(write.rows.deleted.at.len()),
        }
    }
}

fn put_rows<'a>(steps: &mut Steps<'a>, sql: &'a Sql, (write, numbers): (&'a Write<'a>, &'a Numbers)) {
    let rows = write.rows;
    let head: Parameters<'a> = vec![
        (&numbers.commit_id, Type::UUID),
        (&rows.create_time, Type::INT8),
        (&numbers.audited, Type::INT8),
        (&write.trim.oldest_commit, Type::INT8),
        (&numbers.epoch, Type::UUID),
        (&numbers.revision, Type::INT8),
        (&numbers.expected_id, Type::UUID),
        (&numbers.known_format, Type::INT4),
    ];
    steps.query(Step::MoveHead, &sql.move_head, head);
    if !rows.deleted.is_empty() {
        let more = (&numbers.deleted as &(dyn ToSql + Sync), Type::INT8);
        steps.query(Step::Other, &sql.delete_records, rows.deleted.parameters(Some(more)));
    }
    if !rows.inserted.is_empty() {
        let more = (&rows.bodies as &(dyn ToSql + Sync), Type::BYTEA_ARRAY);
        steps.query(Step::Other, &sql.insert_records, rows.inserted.parameters(Some(more)));
    }
    if !rows.buried.is_empty() {
        steps.query(Step::Other, &sql.insert_tombstones, rows.buried.parameters(None));
    }
    if rows.audited() > 0 {
        steps.query(Step::Other, &sql.insert_audit, rows.audit.parameters());
    }
}

fn put_trimming<'a>(steps: &mut Steps<'a>, sql: &'a Sql, trim: &'a Trim) {
    if trim.forgets {
        steps.query(Step::Other, &sql.forget_commits, vec![(&trim.oldest_commit, Type::INT8)]);
    }
    if let Some((before, most)) = &trim.tombstones {
        let parameters: Parameters<'a> = vec![(before, Type::INT8), (most, Type::INT8)];
        steps.query(Step::TrimTombstones, &sql.trim_tombstones, parameters);
    }
    if let Some(audit) = &trim.audit {
        let parameters: Parameters<'a> =
            vec![(&audit.many, Type::INT8), (&audit.looked_at, Type::INT8), (&audit.before, Type::INT8)];
        steps.query(Step::TrimAudit, &sql.trim_audit, parameters);
        steps.query(Step::OldestAudit, &sql.oldest_audit, Vec::new());
    }
}

/// What the answers mean. Only what the server itself says before it came to COMMIT proves that nothing was written.
fn end_of(mut answers: Vec<(Step, Answer)>) -> End {
    let commit = answers.pop();
    let mut found = Found::default();
    for (step, answer) in answers {
        let rows = match answer {
            Ok(rows) => rows,
            Err(error) => {
                return match error.code() {
                    Some(code) if step == Step::MoveHead && *code == SqlState::NOT_NULL_VIOLATION => End::Moved,
                    Some(_) => End::RolledBack(error),
                    None => End::Unknown(error.into()),
                };
            }
        };
        let first = || rows.first().and_then(|row| row.try_get::<_, i64>(0).ok());
        match step {
            Step::TrimTombstones => found.tombstones = Some(rows.len() as u64),
            Step::TrimAudit => found.audit_rows = first(),
            Step::OldestAudit => found.oldest_audit = first(),
            Step::MoveHead | Step::Other => {}
        }
    }
    match commit {
        Some((_, Ok(_))) => End::Committed(found),
        Some((_, Err(error))) if error.code().is_some_and(is_rolled_back) => End::RolledBack(error),
        Some((_, Err(error))) => End::Unknown(error.into()),
        None => End::Unknown(Trouble::Unreachable("nothing was sent".into())),
    }
}
