//! A schema that is being made of a copy: the tables of a store and one more, by which nothing takes it for one.

use linkspan_engine::store::Head;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::connection::{Connection, Parameters, Server};
use crate::error::{OpenError, Trouble};
use crate::opening::{Fault, Found, Opening};
use crate::schema::{Known, MIGRATION_TABLE};

/// The head that is copied.
const DRAFT: &str = "CREATE TABLE {s}.draft (epoch UUID NOT NULL, revision BIGINT NOT NULL, commit_id UUID NOT NULL)";

/// The oldest commit and the audit are counted in the rows that were copied.
const MOVE_HEAD: &str = "UPDATE {s}.head SET epoch = $1, revision = $2, commit_id = $3, create_time = $4, format = $5,
    oldest_commit = (SELECT coalesce(min(revision), 0) FROM {s}.commits),
    audit_rows = (SELECT count(*) FROM {s}.audit)";

/// Looks whether there is a store that this release can read.
pub(crate) async fn look(server: &Server, connection: &Connection) -> Result<(), OpenError> {
    let opening = Opening { server, connection, known: Known::TODAY };
    let looked = async {
        let refused = match opening.found().await? {
            Found::Schema(number) if number == Known::TODAY.schema() => return opening.check_format().await,
            Found::Schema(schema) if schema > Known::TODAY.schema() => {
                let (found, known) = (schema, Known::TODAY.schema());
                OpenError::Newer { database: server.named(), what: "schema", found, known }
            }
            Found::Schema(schema) => OpenError::Older { database: server.named(), schema },
            Found::Nothing { .. } => OpenError::Empty { database: server.named() },
            Found::Foreign => OpenError::Foreign { database: server.named() },
            Found::Draft => OpenError::Unfinished { database: server.named() },
        };
        Err(Fault::Open(refused))
    };
    looked.await.map_err(|fault| told(server, fault))
}

/// Makes the tables for a copy of what stands at a head, or finds those of a copy of it that broke off.
pub(crate) async fn begin(server: &Server, connection: &Connection, head: &Head) -> Result<(), OpenError> {
    let opening = Opening { server, connection, known: Known::TODAY };
    opening.check_server().await?;
    let begun = async {
        let what = match opening.found().await? {
            Found::Nothing { has_schema } => return make(server, (connection, has_schema), head).await,
            Found::Draft if is_of(server, connection, head).await? => return Ok(()),
            Found::Draft => "an unfinished copy of something else",
            Found::Schema(_) => "a store",
            Found::Foreign => "tables that are not Linkspan's",
        };
        Err(Fault::Open(OpenError::Exists { database: server.named(), what }))
    };
    begun.await.map_err(|fault| told(server, fault))
}

async fn make(server: &Server, (connection, has_schema): (&Connection, bool), head: &Head) -> Result<(), Fault> {
    let migrations = Known::TODAY.migrations.iter().map(|migration| migration.sql);
    let schema = (!has_schema).then_some("CREATE SCHEMA {s}");
    let steps = schema.into_iter().chain([MIGRATION_TABLE]).chain(migrations).chain([DRAFT, "DELETE FROM {s}.commits"]);
    connection.execute("BEGIN").await?;
    for step in steps {
        connection.execute(&server.with_schema(step)).await?;
    }
    let [epoch, commit_id] = [head.epoch, head.commit_id].map(Uuid::from_u128);
    let sql = server.with_schema("INSERT INTO {s}.draft VALUES ($1, $2, $3)");
    connection.query(&sql, &of(&epoch, &revision(head), &commit_id)).await?;
    connection.execute("COMMIT").await?;
    Ok(())
}

async fn is_of(server: &Server, connection: &Connection, head: &Head) -> Result<bool, Fault> {
    let [epoch, commit_id] = [head.epoch, head.commit_id].map(Uuid::from_u128);
    let sql = "SELECT 1 FROM {s}.draft WHERE epoch = $1 AND revision = $2 AND commit_id = $3";
    let rows = connection.query(&server.with_schema(sql), &of(&epoch, &revision(head), &commit_id)).await?;
    Ok(!rows.is_empty())
}

/// Makes the copy a store at a head, within the transaction that its caller has begun.
pub(crate) async fn publish(server: &Server, connection: &Connection, head: &Head) -> Result<(), Trouble> {
    let [epoch, commit_id] = [head.epoch, head.commit_id].map(Uuid::from_u128);
    let (revision, format) = (revision(head), i32::try_from(head.format).unwrap_or(i32::MAX));
    let mut parameters = of(&epoch, &revision, &commit_id);
    parameters.push((&head.create_time, Type::INT8));
    parameters.push((&format, Type::INT4));
    connection.query(&server.with_schema(MOVE_HEAD), &parameters).await?;
    for migration in Known::TODAY.migrations {
        let note = format!("INSERT INTO {{s}}.migration (number) VALUES ({})", migration.to);
        connection.execute(&server.with_schema(&note)).await?;
    }
    Ok(connection.execute(&server.with_schema("DROP TABLE {s}.draft")).await?)
}

fn of<'a>(epoch: &'a Uuid, revision: &'a i64, commit_id: &'a Uuid) -> Parameters<'a> {
    let epoch: &(dyn ToSql + Sync) = epoch;
    vec![(epoch, Type::UUID), (revision, Type::INT8), (commit_id, Type::UUID)]
}

fn revision(head: &Head) -> i64 {
    i64::try_from(head.revision).unwrap_or(i64::MAX)
}

fn told(server: &Server, fault: Fault) -> OpenError {
    match fault {
        Fault::Server(error) => server.failed(&error),
        Fault::Open(error) => error,
    }
}
