//! The store: who may use which connection, from which thread.
//!
//! `commit`, `load` and `changes` run where they are called, which is the writer's own thread. `head` and `audit` may
//! be asked for from anywhere and run on blocking threads, each on a connection of its own, so that a slow audit
//! holds up neither the head nor a commit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use linkspan_engine::retention::Retention;
use linkspan_engine::store::{
    Batch, Changes, CommitError, Head, Loc, RECORD_FORMAT, Store, StoreError, StoredAudit, StoredRecord,
};
use linkspan_model::ProjectId;
use rusqlite::Connection;
use tokio::sync::Mutex as AsyncMutex;

use crate::error::{OpenError, of_read};
use crate::location::Location;
use crate::opening::{Options, open, sqlite_error};
use crate::schema::Known;
use crate::writer::Writer;
use crate::{access, read};

/// A store in one SQLite file. Dropping it empties the log and gives the lock back.
pub struct SqliteStore {
    head_reader: Reader,
    audit_reader: Reader,
    writer: Arc<Mutex<Writer>>,
    location: Location,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("location", &self.location).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a database, or makes it and its directory; blocks while it does.
    ///
    /// # Errors
    /// Another process has it open, a newer release wrote it, it is damaged or it can't be used. Only a database of
    /// an older release is changed by opening, after it was copied.
    pub fn open(location: &Location, options: &Options) -> Result<Self, OpenError> {
        Self::open_as(location, options, Known::TODAY)
    }

    pub(crate) fn open_as(location: &Location, options: &Options, known: Known) -> Result<Self, OpenError> {
        let opened = open(location, options, known)?;
        let sqlite = |source| sqlite_error(location.path(), source);
        let reader = || access::reader(location.path()).map(Reader::new).map_err(sqlite);
        let (head_reader, audit_reader) = (reader()?, reader()?);
        let writer = Writer::new(opened, options.retention).map_err(sqlite)?;
        Ok(Self { head_reader, audit_reader, writer: Arc::new(Mutex::new(writer)), location: location.clone() })
    }

    /// Where it lies.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// How much history it keeps.
    #[must_use]
    pub fn retention(&self) -> Retention {
        lock(&self.writer).retention()
    }

    /// Keeps audit reads waiting as long as the guard lives.
    #[cfg(test)]
    pub(crate) async fn hold_audit(&self) -> tokio::sync::OwnedMutexGuard<Connection> {
        Arc::clone(&self.audit_reader.0).lock_owned().await
    }

    #[cfg(test)]
    pub(crate) fn writer(&self) -> MutexGuard<'_, Writer> {
        lock(&self.writer)
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if let Err(error) = lock(&self.writer).checkpoint() {
            tracing::warn!(%error, "the log could not be emptied; the next start reads it");
        }
    }
}

impl Store for SqliteStore {
    fn load<'a>(&'a self, each: &'a mut (dyn FnMut(StoredRecord) + Send)) -> BoxFuture<'a, Result<Head, StoreError>> {
        async move {
            on_snapshot(&self.writer, |connection| {
                let head = read::head(connection).map_err(|error| of_read(&error))?;
                if head.format > RECORD_FORMAT {
                    return Err(StoreError::Format { found: head.format, known: RECORD_FORMAT });
                }
                read::records(connection, each).map_err(|error| of_read(&error))?;
                Ok(head)
            })
        }
        .boxed()
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        let writer = Arc::clone(&self.writer);
        let read = move |connection: &Connection| {
            // Only a commit in doubt makes a reader wait for the writer.
            let in_doubt = writer.try_lock().is_ok_and(|writer| writer.is_in_doubt());
            if in_doubt {
                lock(&writer).settled().map_err(|error| of_read(&error))?;
            }
            read::head(connection).map_err(|error| of_read(&error))
        };
        self.head_reader.run(read).boxed()
    }

    fn commit<'a>(&'a self, batch: &'a Batch, expected: &'a Head) -> BoxFuture<'a, Result<Head, CommitError>> {
        async move { lock(&self.writer).commit(batch, expected) }.boxed()
    }

    fn changes<'a>(&'a self, since: &'a Head) -> BoxFuture<'a, Result<Changes, StoreError>> {
        async move { on_snapshot(&self.writer, |connection| read::changes(connection, since)) }.boxed()
    }

    fn audit(
        &self,
        project: Option<ProjectId>,
        before: Option<Loc>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredAudit>, StoreError>> {
        let read = move |connection: &Connection| {
            read::audit(connection, project.as_ref(), (before, limit)).map_err(|error| of_read(&error))
        };
        self.audit_reader.run(read).boxed()
    }
}

/// A read-only connection that one blocking thread uses at a time; the others wait without a thread.
struct Reader(Arc<AsyncMutex<Connection>>);

impl Reader {
    fn new(connection: Connection) -> Self {
        Self(Arc::new(AsyncMutex::new(connection)))
    }

    async fn run<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let connection = Arc::clone(&self.0).lock_owned().await;
        let answer = tokio::task::spawn_blocking(move || read(&connection)).await;
        answer.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
    }
}

/// Reads several things as of one instant.
fn on_snapshot<T>(
    writer: &Mutex<Writer>,
    read: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut writer = lock(writer);
    let connection = writer.settled().map_err(|error| of_read(&error))?;
    let tx = connection.transaction().map_err(|error| of_read(&error))?;
    read(&tx)
}

/// A panic while writing has rolled its transaction back, so the writer may go on.
fn lock(writer: &Mutex<Writer>) -> MutexGuard<'_, Writer> {
    writer.lock().unwrap_or_else(PoisonError::into_inner)
}
