//! Writing: a batch on the head that was expected, and what to do when nobody knows how it ended.
//!
//! A connection that breaks in COMMIT leaves a transaction behind of which nothing is known, and which may even end
//! later: the server reads what was sent to it whether or not anybody waits. So before anything is read or written
//! again, an empty commit is made on the head as it is then: what has not been made by that time never can be, and what
//! has is as durable as any commit that was answered. To see it is not enough: a server that crashed while it waited for
//! its standby shows what the standby has not got. Until then nothing is answered.

use std::sync::Arc;

use linkspan_engine::retention::Retention;
use linkspan_engine::store::{Changes, CommitError, Head, RECORD_FORMAT, StoreError, StoredRecord};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::commit::{End, Found, Write, transact};
use crate::connection::Server;
use crate::error::{Rollback, Trouble, describe, rollback};
use crate::link::Link;
use crate::read;
use crate::rows::Rows;
use crate::trim::{Kept, Remembered, Trim};

/// How often a transaction is tried that others were in the way of.
const TRIES: u32 = 4;

/// Whoever commits, loads and reads changes, one at a time.
pub(crate) struct Writer {
    link: Link,
    retention: Retention,
    /// The last head that was seen, and what the store keeps at it.
    seen: Option<(Head, Kept)>,
    remembered: Remembered,
    /// On which head a commit is in doubt.
    doubt: Option<Head>,
}

/// What one attempt came to.
enum Attempt {
    Done(Result<Head, CommitError>),
    /// Surely not applied; the same again may succeed.
    Again(String),
}

impl Writer {
    pub(crate) fn new(server: &Arc<Server>, retention: Retention) -> Self {
        let link = Link::new(server);
        Self { link, retention, seen: None, remembered: Remembered::default(), doubt: None }
    }

    /// Writes rows if the head is still the expected one.
    pub(crate) async fn commit(&mut self, rows: &Rows, expected: &Head) -> Result<Head, CommitError> {
        self.settle().await.map_err(Trouble::of_write)?;
        let mut conflict = String::new();
        for _ in 0..TRIES {
            let (head, kept) = self.at(expected).await.map_err(Trouble::of_write)?;
            if position(&head) != position(expected) {
                return Err(CommitError::HeadMoved(head));
            }
            if head.format > RECORD_FORMAT {
                let why = format!("the store has record format {}, this release {RECORD_FORMAT}", head.format);
                return Err(CommitError::Refused(why));
            }
            let trim = Trim::plan(kept, self.remembered, &self.retention, (expected.revision + 1, rows));
            match self.attempt(&Write { rows, expected, trim }, kept).await {
                Attempt::Done(result) => return result,
                Attempt::Again(why) => conflict = why,
            }
        }
        Err(CommitError::Refused(format!("others are in the way again and again: {conflict}")))
    }

    /// Hands over every record and answers the head that they belong to.
    pub(crate) async fn load(&mut self, records: mpsc::Sender<Vec<StoredRecord>>) -> Result<Head, StoreError> {
        self.settle().await.map_err(Trouble::of_read)?;
        let connection = self.link.connection().await.map_err(Trouble::of_read)?;
        let loaded = read::load(&connection, self.link.server(), records).await;
        if loaded.is_err() {
            self.link.give_up(&connection).await;
        }
        let (head, kept) = loaded.map_err(Trouble::of_read)?;
        self.seen = Some((head, kept));
        Ok(head)
    }

    /// What was committed after a head.
    pub(crate) async fn changes(&mut self, since: &Head) -> Result<Changes, StoreError> {
        self.settle().await.map_err(Trouble::of_read)?;
        let server = Arc::clone(self.link.server());
        let asked = self.link.ask(|connection| async move { read::changes(&connection, &server.sql, since).await });
        let (changes, head, kept) = asked.await.map_err(Trouble::of_read)?;
        self.seen = Some((head, kept));
        Ok(changes)
    }

    /// The head, and what the store keeps at it: as it was last seen if that was the expected one.
    async fn at(&mut self, expected: &Head) -> Result<(Head, Kept), Trouble> {
        match self.seen {
            Some(seen) if position(&seen.0) == position(expected) => Ok(seen),
            _ => self.look().await,
        }
    }

    async fn look(&mut self) -> Result<(Head, Kept), Trouble> {
        let server = Arc::clone(self.link.server());
        let seen = self.link.ask(|connection| async move { read::head(&connection, &server.sql).await }).await?;
        self.seen = Some(seen);
        Ok(seen)
    }

    /// Tries once.
    async fn attempt(&mut self, write: &Write<'_>, kept: Kept) -> Attempt {
        let connection = match self.link.connection().await {
            Ok(connection) => connection,
            Err(trouble) => return Attempt::Done(Err(trouble.of_write())),
        };
        let server = Arc::clone(self.link.server());
        let limit = server.answer_within;
        let ended = timeout(limit, transact(&connection, &server.sql, write)).await;
        let end = ended.unwrap_or(End::Unknown(Trouble::Slow(limit)));
        if !matches!(end, End::Committed(_) | End::Moved) {
            // The server may be one that takes no writes any more, and the next connection finds another.
            self.link.give_up(&connection).await;
        }
        match end {
            End::Committed(found) => {
                server.hints.tell();
                let head = after(write);
                self.seen = Some((head, self.kept_after(write, kept, &found)));
                Attempt::Done(Ok(head))
            }
            End::Moved => {
                self.seen = None;
                match self.look().await {
                    Ok((head, _)) if position(&head) != position(write.expected) => {
                        Attempt::Done(Err(CommitError::HeadMoved(head)))
                    }
                    Ok(_) => Attempt::Again("the head has moved and come back".into()),
                    Err(trouble) => Attempt::Done(Err(trouble.of_write())),
                }
            }
            End::RolledBack(error) => rolled_back(&error),
            End::Unknown(trouble) => {
                self.doubt = Some(*write.expected);
                self.seen = None;
                Attempt::Done(Err(CommitError::InDoubt(trouble.to_string())))
            }
        }
    }

    fn kept_after(&mut self, write: &Write<'_>, kept: Kept, found: &Found) -> Kept {
        if let Some((gone, (_, most))) = found.tombstones.zip(write.trim.tombstones) {
            self.remembered.stale_tombstones = i64::try_from(gone).is_ok_and(|gone| gone >= most);
        } else {
            self.remembered.stale_tombstones |= write.trim.forgets;
        }
        if write.trim.audit.is_some() {
            self.remembered.oldest_audit = found.oldest_audit;
        }
        let left = found.audit_rows.and_then(|rows| u64::try_from(rows).ok());
        Kept {
            oldest_commit: u64::try_from(write.trim.oldest_commit).unwrap_or(kept.oldest_commit),
            audit_rows: left.unwrap_or(kept.audit_rows + write.rows.audited()),
        }
    }

    /// Makes sure that the transaction in doubt is made already or never will be.
    async fn settle(&mut self) -> Result<(), Trouble> {
        let Some(expected) = self.doubt else { return Ok(()) };
        let (head, kept) = self.look().await?;
        let rows = Rows::none(random()?, head.create_time);
        let write = Write { rows: &rows, expected: &head, trim: Trim::nothing(kept) };
        match self.attempt(&write, kept).await {
            // Whoever moved the head was answered, which settles it just as well.
            Attempt::Done(Ok(_) | Err(CommitError::HeadMoved(_))) => {}
            Attempt::Again(why) => return Err(Trouble::Unreachable(why)),
            Attempt::Done(Err(error)) => return Err(Trouble::Unreachable(error.to_string())),
        }
        tracing::info!(revision = expected.revision, "the commit in doubt is settled");
        self.doubt = None;
        Ok(())
    }
}

/// What names a commit.
fn position(head: &Head) -> (u128, u64, u128) {
    (head.epoch, head.revision, head.commit_id)
}

fn after(write: &Write<'_>) -> Head {
    let (commit_id, create_time) = (write.rows.commit_id, write.rows.create_time);
    Head { revision: write.expected.revision + 1, commit_id, create_time, ..*write.expected }
}

fn rolled_back(error: &tokio_postgres::Error) -> Attempt {
    let why = describe(error);
    Attempt::Done(Err(match error.code().map_or(Rollback::Refused, rollback) {
        Rollback::Conflict => return Attempt::Again(why),
        Rollback::Full => CommitError::Full(why),
        Rollback::Damaged => CommitError::Damaged(why),
        Rollback::Refused => CommitError::Refused(why),
    }))
}

/// A number that no other store or commit has.
pub(crate) fn random() -> Result<u128, Trouble> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Trouble::Unreachable(error.to_string()))?;
    Ok(u128::from_be_bytes(bytes))
}
