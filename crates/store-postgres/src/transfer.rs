//! The rows of a schema at one instant, and of one that is being made: a store is moved in and out by them.

use std::sync::Arc;

use linkspan_engine::place::key;
use linkspan_engine::store::{Head, StoreError};
use linkspan_engine::transfer::{CHUNK_BYTES, CHUNK_ROWS, Draft, Row, Rows, Table};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::connection::{Connection, Parameters, Server};
use crate::draft;
use crate::error::{OpenError, Trouble};
use crate::location::Location;
use crate::opening::{Options, connect};
use crate::read;
use crate::rows::{AuditRows, Keys};
use crate::schema::Known;
use crate::sql::{BEGIN_SNAPSHOT, COMMIT};
use crate::store::Thread;

/// A schema at one instant, beside nodes that write to it.
pub struct Snapshot {
    connection: Arc<Connection>,
    server: Arc<Server>,
    thread: Thread,
}

/// A schema that is being made.
#[derive(Debug)]
pub struct DraftSchema(Snapshot);

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("location", &self.server.location).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// The number of the schema that it reads.
    pub const SCHEMA: u32 = Known::TODAY.schema();

    /// Begins to read.
    ///
    /// # Errors
    /// No server answers, the schema holds no store, or another release wrote it.
    pub fn open(location: &Location, options: &Options) -> Result<Self, OpenError> {
        let snapshot =
            Self::connect(
                location,
                options,
                |server, connection| async move { draft::look(&server, &connection).await },
            )?;
        let begun = snapshot.ask(|_, connection| async move { Ok(connection.execute(BEGIN_SNAPSHOT).await?) });
        begun.map_err(|error| snapshot.failed(&error))?;
        Ok(snapshot)
    }
}

impl DraftSchema {
    /// Begins the copy of what stands at `head`, or goes on with one that broke off.
    ///
    /// # Errors
    /// No server that takes writes answers, it is not fit to keep records, or the schema holds something else.
    pub fn begin(location: &Location, options: &Options, head: &Head) -> Result<Self, OpenError> {
        let head = *head;
        Snapshot::connect(location, options, move |server, connection| async move {
            draft::begin(&server, &connection, &head).await
        })
        .map(Self)
    }
}

impl Snapshot {
    fn connect<F>(
        location: &Location,
        options: &Options,
        prepare: impl FnOnce(Arc<Server>, Arc<Connection>) -> F + Send + 'static,
    ) -> Result<Self, OpenError>
    where
        F: Future<Output = Result<(), OpenError>> + Send,
    {
        let server = Arc::new(Server::new(location, options)?);
        let thread = Thread::start()?;
        let connecting = Arc::clone(&server);
        let connection = thread.wait_for(async move {
            let connection = Arc::new(connect(&connecting).await?);
            prepare(Arc::clone(&connecting), Arc::clone(&connection)).await?;
            Ok(connection)
        })?;
        Ok(Self { connection, server, thread })
    }

    fn ask<T, F>(
        &self,
        question: impl FnOnce(Arc<Server>, Arc<Connection>) -> F + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Trouble>> + Send,
    {
        let (server, connection) = (Arc::clone(&self.server), Arc::clone(&self.connection));
        let asked = self.thread.wait_for(async move { Ok(question(server, connection).await) });
        match asked {
            Ok(answer) => answer.map_err(Trouble::of_read),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }

    fn failed(&self, error: &StoreError) -> OpenError {
        OpenError::Failed { database: self.server.location.to_string(), why: error.to_string() }
    }
}

impl Rows for Snapshot {
    fn head(&mut self) -> Result<Head, StoreError> {
        self.ask(|server, connection| async move { read::head(&connection, &server.sql).await.map(|(head, _)| head) })
    }

    fn rows(&mut self, table: Table, behind: Option<i64>) -> Result<Vec<Row>, StoreError> {
        self.ask(move |server, connection| async move {
            let (behind, most, bytes) = (behind.unwrap_or(i64::MIN), CHUNK_ROWS as i64, CHUNK_BYTES as i64);
            let sql = server.with_schema(rows_of(table));
            let mut parameters: Parameters<'_> = vec![(&behind, Type::INT8), (&most, Type::INT8)];
            if matches!(table, Table::Records | Table::Audit) {
                parameters.push((&bytes, Type::INT8));
            }
            let rows = connection.query(&sql, &parameters).await?;
            rows.iter().map(|row| read::row_of(table, row)).collect()
        })
    }

    fn audit_rows(&mut self) -> Result<u64, StoreError> {
        self.ask(|server, connection| async move {
            read::head(&connection, &server.sql).await.map(|(_, kept)| kept.audit_rows)
        })
    }
}

/// The next rows of a table; of bodies and events no more than so many bytes, but always a row.
fn rows_of(table: Table) -> &'static str {
    match table {
        Table::Commits => "SELECT revision, commit_id FROM {s}.commits WHERE revision > $1 ORDER BY revision LIMIT $2",
        Table::Tombstones => "SELECT at, kind, id FROM {s}.tombstone WHERE at > $1 ORDER BY at LIMIT $2",
        Table::Records => {
            "SELECT at, kind, id, body FROM (
                SELECT at, kind, id, body, sum(octet_length(body)) OVER (ORDER BY at) - octet_length(body) AS before
                FROM (SELECT at, kind, id, body FROM {s}.record WHERE at > $1 ORDER BY at LIMIT $2) AS next
            ) AS counted WHERE before < $3 ORDER BY at"
        }
        Table::Audit => {
            "SELECT at, time, event, project FROM (
                SELECT at, time, event, project,
                    sum(octet_length(event)) OVER (ORDER BY at) - octet_length(event) AS before
                FROM (SELECT at, time, event, project FROM {s}.audit WHERE at > $1 ORDER BY at LIMIT $2) AS next
            ) AS counted WHERE before < $3 ORDER BY at"
        }
    }
}

impl Draft for DraftSchema {
    fn written(&mut self) -> &mut dyn Rows {
        &mut self.0
    }

    fn last(&mut self, table: Table) -> Result<Option<i64>, StoreError> {
        self.0.ask(move |server, connection| async move {
            let sql = format!("SELECT max({}) FROM {{s}}.{}", table.key(), table.name());
            let rows = connection.query(&server.with_schema(&sql), &Vec::new()).await?;
            rows.first().map_or(Ok(None), |row| read::column(row, 0))
        })
    }

    fn put(&mut self, rows: Vec<Row>) -> Result<(), StoreError> {
        let columns = Columns::of(rows);
        self.0.ask(move |server, connection| async move {
            connection.execute(&server.sql.begin).await?;
            columns.insert(&server, &connection).await?;
            Ok(connection.execute(COMMIT).await?)
        })
    }

    fn publish(self: Box<Self>, head: &Head) -> Result<(), StoreError> {
        let head = *head;
        self.0.ask(move |server, connection| async move {
            connection.execute(&server.sql.begin).await?;
            draft::publish(&server, &connection, &head).await?;
            Ok(connection.execute(COMMIT).await?)
        })
    }
}

/// Rows as columns, each an array that one statement takes.
#[derive(Default)]
struct Columns {
    revisions: Vec<i64>,
    commit_ids: Vec<Uuid>,
    records: Keys,
    bodies: Vec<Vec<u8>>,
    tombstones: Keys,
    audit: AuditRows,
}

impl Columns {
    fn of(rows: Vec<Row>) -> Self {
        let mut columns = Self::default();
        for row in rows {
            let place = row.place();
            match row {
                Row::Commit(_, id) => {
                    columns.revisions.push(place);
                    columns.commit_ids.push(Uuid::from_u128(id));
                }
                Row::Record(record) => {
                    columns.records.push(place, &record.key);
                    columns.bodies.push(record.body);
                }
                Row::Tombstone(at, record) => columns.tombstones.push(key(at), &record),
                Row::Audit(audit) => columns.audit.push(place, &audit.row),
            }
        }
        columns
    }

    async fn insert(&self, server: &Server, connection: &Connection) -> Result<(), Trouble> {
        let sql = &server.sql;
        if !self.revisions.is_empty() {
            let into = "INSERT INTO {s}.commits (revision, commit_id)
                SELECT revision, commit_id FROM unnest($1, $2) AS new (revision, commit_id)";
            let parameters: Vec<(&(dyn ToSql + Sync), Type)> =
                vec![(&self.revisions, Type::INT8_ARRAY), (&self.commit_ids, Type::UUID_ARRAY)];
            connection.query(&server.with_schema(into), &parameters).await?;
        }
        if !self.records.is_empty() {
            let parameters = self.records.parameters(Some((&self.bodies, Type::BYTEA_ARRAY)));
            connection.query(&sql.insert_records, &parameters).await?;
        }
        if !self.tombstones.is_empty() {
            connection.query(&sql.insert_tombstones, &self.tombstones.parameters(None)).await?;
        }
        if !self.audit.at.is_empty() {
            connection.query(&sql.insert_audit, &self.audit.parameters()).await?;
        }
        Ok(())
    }
}
