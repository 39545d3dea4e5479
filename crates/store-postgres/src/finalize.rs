//! Raising the record format of a schema, once every node on it runs a release that knows the newer one.
//!
//! It is a commit like any other, of no records: nodes that know the format follow it, and one that does not stops.

use std::sync::Arc;

use linkspan_engine::store::RECORD_FORMAT;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::connection::{Connection, Server};
use crate::draft;
use crate::error::OpenError;
use crate::location::Location;
use crate::opening::{Options, connect};
use crate::sql::COMMIT;
use crate::store::Thread;
use crate::writer::random;

const FINALIZE: &str = "WITH moved AS (
        UPDATE {s}.head SET revision = revision + 1, commit_id = $1, format = $2 WHERE format < $2 RETURNING revision)
    INSERT INTO {s}.commits (revision, commit_id) SELECT revision, $1 FROM moved";

/// Raises the record format of the store in a schema to this release's, beside nodes that serve it; blocks while it does.
/// Answers what it was before.
///
/// # Errors
/// No host that takes writes answers, the schema holds no store, or another release's.
pub fn finalize(location: &Location, options: &Options) -> Result<u32, OpenError> {
    let server = Arc::new(Server::new(location, options)?);
    Thread::start()?.wait_for(async move {
        let connection = connect(&server).await?;
        draft::look(&server, &connection).await?;
        raise(&server, &connection).await
    })
}

async fn raise(server: &Server, connection: &Connection) -> Result<u32, OpenError> {
    let commit_id = Uuid::from_u128(random().map_err(|_| OpenError::NoRandomness)?);
    let known = i32::try_from(RECORD_FORMAT).unwrap_or(i32::MAX);
    let parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&commit_id, Type::UUID), (&known, Type::INT4)];
    let raised = async {
        connection.execute(&server.sql.begin).await?;
        let locked =
            connection.query(&server.with_schema("SELECT format FROM {s}.head FOR UPDATE"), &Vec::new()).await?;
        let before: i32 = locked.first().map_or(Ok(known), |row| row.try_get(0))?;
        connection.query(&server.with_schema(FINALIZE), &parameters).await?;
        connection.execute(COMMIT).await?;
        Ok(u32::try_from(before).unwrap_or(RECORD_FORMAT))
    };
    raised.await.map_err(|error| server.failed(&error))
}
