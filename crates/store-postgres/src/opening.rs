//! Opening: look at the server and at what the schema holds before anything is changed, then make or migrate the
//! tables under a lock.

use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::retention::Retention;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::connection::{Connection, Server};
use crate::error::{OpenError, describe};
use crate::hints::Hints;
use crate::location::Location;
use crate::schema::{Known, MIGRATION_TABLE};
use crate::sql::Sql;
use crate::tls::Tls;
use crate::writer::random;

/// How often nodes that start at the same time may be in each other's way.
const TRIES: u32 = 10;

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// How much history is kept.
    pub retention: Retention,
    /// How long an answer may take before it is given up; a server that takes longer is out of reach.
    pub answer_within: Duration,
    /// The epoch of a store that is made; none = random.
    pub epoch: Option<u128>,
}

impl Default for Options {
    fn default() -> Self {
        Self { retention: Retention::default(), answer_within: Duration::from_secs(4), epoch: None }
    }
}

impl Server {
    /// Prepares what connections need; nothing is connected.
    pub(crate) fn new(location: &Location, options: &Options) -> Result<Self, OpenError> {
        let tls = Tls::new(&location.tls)?;
        // The server gives up before this side does, so that it is known what became of a statement.
        let limit_ms = options.answer_within.as_millis() * 3 / 4;
        let sql = Sql::new(&location.schema, limit_ms.max(1));
        let hints = Hints::new(&location.schema);
        Ok(Self { location: location.clone(), tls, sql, answer_within: options.answer_within, hints })
    }

    pub(crate) fn named(&self) -> String {
        self.location.to_string()
    }

    pub(crate) fn with_schema(&self, sql: &str) -> String {
        sql.replace("{s}", self.location.schema.as_str())
    }

    pub(crate) fn failed(&self, error: &tokio_postgres::Error) -> OpenError {
        let (database, why) = (self.named(), describe(error));
        if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
            let schema = self.location.schema.as_str();
            let way_on = format!("an administrator can run: CREATE SCHEMA {schema} AUTHORIZATION the_role");
            return OpenError::Forbidden { database, why: format!("{why}; {way_on}") };
        }
        OpenError::Failed { database, why }
    }
}

/// Makes or migrates the tables, whatever other nodes do meanwhile.
pub(crate) async fn open(server: &Arc<Server>, epoch: Option<u128>, known: Known) -> Result<(), OpenError> {
    let connection = connect(server).await?;
    let opening = Opening { server, connection: &connection, known };
    opening.check_server().await?;
    let mut tries = 1;
    loop {
        match opening.make_or_migrate(epoch).await {
            Err(Fault::Server(error)) if tries < TRIES && is_rivalry(&error) => tries += 1,
            Err(Fault::Server(error)) => return Err(server.failed(&error)),
            Err(Fault::Open(error)) => return Err(error),
            Ok(()) => return Ok(()),
        }
    }
}

/// Connects with the first host that takes writes.
pub(crate) async fn connect(server: &Arc<Server>) -> Result<Connection, OpenError> {
    server.connect().await.map_err(|why| OpenError::Unreachable { database: server.named(), why })
}

/// Whether another node that does the same at the same time explains the error.
fn is_rivalry(error: &tokio_postgres::Error) -> bool {
    let codes = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_SCHEMA,
        SqlState::DUPLICATE_OBJECT,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ];
    error.code().is_some_and(|code| codes.contains(code))
}

/// Why something was not done.
pub(crate) enum Fault {
    Server(tokio_postgres::Error),
    Open(OpenError),
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
}

/// A server that is looked at, and what this release can work with.
pub(crate) struct Opening<'a> {
    pub(crate) server: &'a Server,
    pub(crate) connection: &'a Connection,
    pub(crate) known: Known,
}

impl Opening<'_> {
    /// Refuses a server that would lose what it acknowledged, or could not keep an id.
    pub(crate) async fn check_server(&self) -> Result<(), OpenError> {
        // A database that only speaks the protocol need not know the setting.
        let sql = "SELECT current_setting('fsync', true), current_setting('server_encoding', true)";
        let rows = self.connection.query(sql, &Vec::new()).await.map_err(|error| self.server.failed(&error))?;
        let setting = |place| rows.first().and_then(|row| row.try_get::<_, Option<String>>(place).ok().flatten());
        let unfit = |why: String| Err(OpenError::Unfit { database: self.server.named(), why });
        match setting(0).as_deref() {
            Some("on") => {}
            None | Some("") => {
                tracing::warn!(
                    "the database does not say whether it flushes its log; that is for its operator to know"
                );
            }
            Some(other) => {
                return unfit(format!(
                    "fsync is {other}, so a crash may lose or destroy what was acknowledged; set fsync = on"
                ));
            }
        }
        match setting(1).as_deref() {
            None | Some("" | "UTF8") => Ok(()),
            Some(other) => unfit(format!("its encoding is {other}; create a database with ENCODING 'UTF8'")),
        }
    }

    async fn make_or_migrate(&self, epoch: Option<u128>) -> Result<(), Fault> {
        match self.found().await? {
            Found::Schema(number) if number == self.known.schema() => return self.check_format().await,
            Found::Schema(number) => self.check_number(number)?,
            Found::Nothing { has_schema } => {
                if !has_schema {
                    self.connection.execute(&self.server.with_schema("CREATE SCHEMA IF NOT EXISTS {s}")).await?;
                }
                self.connection.execute(&self.server.with_schema(MIGRATION_TABLE)).await?;
            }
            Found::Foreign => return Err(Fault::Open(OpenError::Foreign { database: self.server.named() })),
            Found::Draft => return Err(Fault::Open(OpenError::Unfinished { database: self.server.named() })),
        }
        // Whatever goes wrong in the transaction, the connection ends with it.
        self.connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
        let migrated = self.migrate(epoch).await;
        self.connection.execute(if migrated.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        migrated?;
        self.check_format().await
    }

    /// What the schema holds, found out without changing anything.
    pub(crate) async fn found(&self) -> Result<Found, Fault> {
        let schema = self.server.location.schema.as_str();
        let parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&schema, Type::TEXT)];
        let sql = "SELECT (SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = $1),
            (SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = $1),
            (SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'migration'),
            (SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'draft')";
        let rows = self.connection.query(sql, &parameters).await?;
        let number = |place| rows.first().map_or(Ok(0), |row| row.try_get::<_, i64>(place));
        match (number(0)?, number(1)?, number(2)?, number(3)?) {
            (schemas, 0, ..) => Ok(Found::Nothing { has_schema: schemas > 0 }),
            (_, _, 0, _) => Ok(Found::Foreign),
            (.., 1) => Ok(Found::Draft),
            _ => Ok(Found::Schema(self.number().await?)),
        }
    }

    /// The number of the schema; 0 before the first step.
    async fn number(&self) -> Result<u32, Fault> {
        let sql = self.server.with_schema("SELECT coalesce(max(number), 0) FROM {s}.migration");
        let rows = self.connection.query(&sql, &Vec::new()).await?;
        let number: i32 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        u32::try_from(number).map_err(|_| {
            let why = "its schema has a negative number".to_owned();
            Fault::Open(OpenError::Damaged { database: self.server.named(), why })
        })
    }

    fn check_number(&self, found: u32) -> Result<(), Fault> {
        if found <= self.known.schema() {
            return Ok(());
        }
        Err(self.newer("schema", found, self.known.schema()))
    }

    pub(crate) async fn check_format(&self) -> Result<(), Fault> {
        let rows = self.connection.query(&self.server.with_schema("SELECT format FROM {s}.head"), &Vec::new()).await?;
        let format: i32 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        let format = u32::try_from(format).unwrap_or(u32::MAX);
        if format <= self.known.format { Ok(()) } else { Err(self.newer("record format", format, self.known.format)) }
    }

    fn newer(&self, what: &'static str, found: u32, known: u32) -> Fault {
        Fault::Open(OpenError::Newer { database: self.server.named(), what, found, known })
    }

    /// Takes the lock and then the steps that nobody has taken yet.
    async fn migrate(&self, epoch: Option<u128>) -> Result<(), Fault> {
        let named = |sql: &str| self.server.with_schema(sql);
        let lock = "INSERT INTO {s}.migration (number) VALUES (0) ON CONFLICT (number) DO NOTHING";
        self.connection.execute(&named(lock)).await?;
        self.connection.execute(&named("SELECT number FROM {s}.migration WHERE number = 0 FOR UPDATE")).await?;
        let found = self.number().await?;
        self.check_number(found)?;
        for migration in self.known.migrations.iter().filter(|migration| migration.to > found) {
            tracing::info!(database = %self.server.location, schema = migration.to, "migrating the database");
            self.connection.execute(&named(migration.sql)).await?;
            let note = format!("INSERT INTO {{s}}.migration (number) VALUES ({})", migration.to);
            self.connection.execute(&named(&note)).await?;
        }
        if found == 0 {
            let epoch = epoch.map_or_else(random, Ok).map_err(|_| Fault::Open(OpenError::NoRandomness))?;
            let sql = named("UPDATE {s}.head SET epoch = $1, format = $2");
            let format = i32::try_from(self.known.format).unwrap_or(i32::MAX);
            let epoch = Uuid::from_u128(epoch);
            let parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&epoch, Type::UUID), (&format, Type::INT4)];
            self.connection.query(&sql, &parameters).await?;
        }
        Ok(())
    }
}

/// What a schema holds before anything is done to it.
pub(crate) enum Found {
    Nothing {
        has_schema: bool,
    },
    Schema(u32),
    Foreign,
    /// A copy that is not finished.
    Draft,
}
