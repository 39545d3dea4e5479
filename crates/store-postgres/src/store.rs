//! The store: which question is asked on which connection, and on which thread.
//!
//! Every question is asked on a thread of the store's own, where the connections live, so that it can come from any
//! runtime or none. `commit`, `load` and `changes` share a connection and are asked one at a time; `head`, `audit` and
//! `lease` have one each, so that a slow audit holds up neither the head nor a commit.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use linkspan_engine::retention::Retention;
use linkspan_engine::store::{
    Batch, Changes, CommitError, Head, Lease, LeaseAsk, Loc, Store, StoreError, StoredAudit, StoredRecord,
};
use linkspan_model::ProjectId;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Mutex, mpsc};

use crate::connection::Server;
use crate::error::{OpenError, Trouble};
use crate::hints::tell_others;
use crate::lease::lease;
use crate::link::Link;
use crate::location::Location;
use crate::opening::{Options, open};
use crate::read;
use crate::rows::Rows;
use crate::schema::Known;
use crate::writer::Writer;

/// Chunks of records that may wait for whoever loads them.
const CHUNKS: usize = 4;

/// A store in a schema of a PostgreSQL database. Dropping it closes its connections.
pub struct PostgresStore {
    head: Arc<Link>,
    audit: Arc<Link>,
    lease: Arc<Link>,
    writer: Arc<Mutex<Writer>>,
    server: Arc<Server>,
    retention: Retention,
    thread: Thread,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("location", &self.server.location).finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Connects, and makes or migrates the tables; blocks while it does.
    ///
    /// # Errors
    /// No host that takes writes answers, the server is not fit to keep records, the role may not make the schema, the
    /// schema is somebody else's, or a newer release wrote it.
    pub fn open(location: &Location, options: &Options) -> Result<Self, OpenError> {
        Self::open_as(location, options, Known::TODAY)
    }

    pub(crate) fn open_as(location: &Location, options: &Options, known: Known) -> Result<Self, OpenError> {
        let server = Arc::new(Server::new(location, options)?);
        let thread = Thread::start()?;
        let (opening, epoch) = (Arc::clone(&server), options.epoch);
        thread.wait_for(async move { open(&opening, epoch, known).await })?;
        let head = Arc::new(Link::listening(&server));
        thread.handle.spawn(tell_others(Arc::clone(&head)));
        Ok(Self {
            head,
            audit: Arc::new(Link::new(&server)),
            lease: Arc::new(Link::new(&server)),
            writer: Arc::new(Mutex::new(Writer::new(&server, options.retention))),
            server,
            retention: options.retention,
            thread,
        })
    }

    /// Where it lies.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.server.location
    }

    /// How much history it keeps.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.retention
    }
}

impl Store for PostgresStore {
    fn load<'a>(&'a self, each: &'a mut (dyn FnMut(StoredRecord) + Send)) -> BoxFuture<'a, Result<Head, StoreError>> {
        async move {
            let writer = Arc::clone(&self.writer);
            let (sender, mut chunks) = mpsc::channel(CHUNKS);
            let loaded = self.thread.start_on(async move { writer.lock().await.load(sender).await });
            while let Some(chunk) = chunks.recv().await {
                chunk.into_iter().for_each(&mut *each);
            }
            loaded.await.unwrap_or_else(|| Err(gone()))
        }
        .boxed()
    }

    fn head(&self) -> BoxFuture<'_, Result<Head, StoreError>> {
        let (link, server) = (Arc::clone(&self.head), Arc::clone(&self.server));
        let asked = self.thread.start_on(async move {
            let asked = link.ask(|connection| async move { read::head(&connection, &server.sql).await });
            asked.await.map(|(head, _)| head).map_err(Trouble::of_read)
        });
        async move { asked.await.unwrap_or_else(|| Err(gone())) }.boxed()
    }

    fn commit<'a>(&'a self, batch: &'a Batch, expected: &'a Head) -> BoxFuture<'a, Result<Head, CommitError>> {
        async move {
            let (writer, rows, expected) = (Arc::clone(&self.writer), Rows::of(batch, expected)?, *expected);
            let asked = self.thread.start_on(async move { writer.lock().await.commit(&rows, &expected).await });
            asked.await.unwrap_or_else(|| Err(CommitError::InDoubt("the connections' thread has ended".into())))
        }
        .boxed()
    }

    fn changes<'a>(&'a self, since: &'a Head) -> BoxFuture<'a, Result<Changes, StoreError>> {
        let (writer, since) = (Arc::clone(&self.writer), *since);
        let asked = self.thread.start_on(async move { writer.lock().await.changes(&since).await });
        async move { asked.await.unwrap_or_else(|| Err(gone())) }.boxed()
    }

    fn moved(&self) -> BoxFuture<'_, ()> {
        self.server.hints.came.notified().boxed()
    }

    fn lease<'a>(&'a self, ask: &'a LeaseAsk) -> BoxFuture<'a, Result<Lease, StoreError>> {
        let (link, server, ask) = (Arc::clone(&self.lease), Arc::clone(&self.server), ask.clone());
        let asked = self.thread.start_on(async move {
            let asked = link.ask(|connection| async move { lease(&connection, &server.sql, &ask).await });
            asked.await.map_err(Trouble::of_read)
        });
        async move { asked.await.unwrap_or_else(|| Err(gone())) }.boxed()
    }

    fn audit(
        &self,
        project: Option<ProjectId>,
        before: Option<Loc>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredAudit>, StoreError>> {
        let (link, server) = (Arc::clone(&self.audit), Arc::clone(&self.server));
        let asked = self.thread.start_on(async move {
            let page = (project, before, limit);
            let asked = link.ask(|connection| async move { read::audit(&connection, &server.sql, page).await });
            asked.await.map_err(Trouble::of_read)
        });
        async move { asked.await.unwrap_or_else(|| Err(gone())) }.boxed()
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("the connections' thread has ended".into())
}

/// The thread of the connections. Dropping it ends it without waiting, so it can be dropped anywhere.
pub(crate) struct Thread {
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Thread {
    pub(crate) fn start() -> Result<Self, OpenError> {
        let mut builder = Builder::new_multi_thread();
        let builder = builder.worker_threads(1).thread_name("linkspan-postgres").enable_all();
        let runtime = builder.build().map_err(OpenError::Thread)?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Starts work on the thread; none if the thread ends before the work does.
    fn start_on<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = Option<T>> + Send + 'static {
        let started = self.handle.spawn(work);
        async move { started.await.ok() }
    }

    /// Blocks until work on the thread is done.
    pub(crate) fn wait_for<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, OpenError>> + Send + 'static,
    ) -> Result<T, OpenError> {
        let (sender, receiver) = sync_channel(1);
        self.handle.spawn(async move { sender.send(work.await) });
        let ended = || Err(OpenError::Thread(std::io::Error::other("it has ended")));
        receiver.recv().unwrap_or_else(|_| ended())
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
