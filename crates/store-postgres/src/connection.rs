//! A connection to the server, and the task that drives it.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Config, Row, Socket};

use crate::error::{Trouble, describe};
use crate::hints::Hints;
use crate::location::Location;
use crate::sql::Sql;
use crate::tls::{Stream, Tls};

/// Parameters of a statement, each with its type, so that the server need not be asked first.
pub(crate) type Parameters<'a> = Vec<(&'a (dyn ToSql + Sync), Type)>;

/// What all connections of a store have in common.
pub(crate) struct Server {
    pub(crate) location: Location,
    pub(crate) tls: Tls,
    pub(crate) sql: Sql,
    /// How long an answer may take.
    pub(crate) answer_within: Duration,
    pub(crate) hints: Hints,
}

/// An open connection. Dropping it closes it at once, whatever is under way.
pub(crate) struct Connection {
    client: Client,
    driver: AbortHandle,
}

impl Server {
    /// Opens a connection with the first host that takes writes; else says why each of them does not do.
    pub(crate) async fn connect(self: &Arc<Self>) -> Result<Connection, String> {
        let mut faults = Vec::new();
        for host in &self.location.hosts {
            // The driver bounds only how long the host takes to be there at all.
            let limit = host.get_connect_timeout().copied().unwrap_or(self.answer_within);
            match timeout(limit, self.connect_to(host)).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) => faults.push(describe(&error)),
                Err(_) => faults.push(Trouble::Slow(limit).to_string()),
            }
        }
        Err(faults.join("; "))
    }

    async fn connect_to(&self, host: &Config) -> Result<Connection, tokio_postgres::Error> {
        let (client, driven) = host.connect(self.tls.clone()).await?;
        let driver = tokio::spawn(drive(driven, Arc::clone(&self.hints.came)));
        let connection = Connection { client, driver: driver.abort_handle() };
        // If a transaction could not begin, what follows in the same breath would be committed statement by statement.
        connection.client.batch_execute(&format!("{}; ROLLBACK", self.sql.begin)).await?;
        Ok(connection)
    }
}

impl Connection {
    /// Whether the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Asks with the statement that has no name, in one round trip. The statement is sent when this is first polled.
    pub(crate) async fn query(
        &self,
        sql: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.client.query_typed(sql, parameters).await
    }

    /// Carries out statements without parameters and results. They are sent when this is first polled.
    pub(crate) async fn execute(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.client.batch_execute(sql).await
    }

    /// The driver's own client, for what is read row by row.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // The driver would wait for every answer first.
        self.driver.abort();
    }
}

/// Moves messages until the connection ends.
async fn drive(mut driven: tokio_postgres::Connection<Socket, Stream>, hint: Arc<Notify>) {
    while let Some(message) = next(&mut driven).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) if notice.severity() == "WARNING" => {
                tracing::warn!(message = notice.message(), detail = notice.detail(), "the database warns");
            }
            Ok(AsyncMessage::Notification(_)) => hint.notify_one(),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(error = describe(&error), "a connection to the database has ended");
                return;
            }
        }
    }
}

async fn next<S, T>(
    driven: &mut tokio_postgres::Connection<S, T>,
) -> Option<Result<AsyncMessage, tokio_postgres::Error>>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    poll_fn(|context| driven.poll_message(context)).await
}
