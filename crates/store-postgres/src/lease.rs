//! Leases: rows of their own, which no commit touches, on the database's clock.

use linkspan_engine::store::{Lease, LeaseAsk};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::connection::{Connection, Parameters};
use crate::error::Trouble;
use crate::read::{column, count};
use crate::sql::Sql;

/// Takes, keeps or gives back a lease if that is possible, and answers how it stands then.
pub(crate) async fn lease(connection: &Connection, sql: &Sql, ask: &LeaseAsk) -> Result<Lease, Trouble> {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (scope, name, holder) = (&*ask.scope, &*ask.name, Uuid::from_u128(ask.holder));
    // No lease has generation 0, so nothing is kept that is not held.
    let (held, after) = (signed(ask.held.unwrap_or(0)), signed(ask.after));
    let keep = i64::try_from(ask.keep.as_millis()).unwrap_or(i64::MAX);
    let who: [(&(dyn ToSql + Sync), Type); 3] = [(&scope, Type::TEXT), (&holder, Type::UUID), (&name, Type::TEXT)];
    let mut take: Parameters<'_> = who.to_vec();
    take.extend([(&held as _, Type::INT8), (&after as _, Type::INT8), (&keep as _, Type::INT8)]);
    let mut first: Parameters<'_> = who.to_vec();
    first.extend([(&after as _, Type::INT8), (&keep as _, Type::INT8)]);
    let known: Parameters<'_> = vec![(&scope, Type::TEXT)];
    // Another node may make the first one between the questions, and then it is there.
    for (statement, parameters) in
        [(&sql.take_lease, &take), (&sql.lease, &known), (&sql.first_lease, &first), (&sql.lease, &known)]
    {
        if let Some(row) = connection.query(statement, parameters).await?.first() {
            return lease_of(row);
        }
    }
    Err(Trouble::Damaged("a lease is neither there nor can it be made".into()))
}

fn lease_of(row: &Row) -> Result<Lease, Trouble> {
    let name: String = column(row, 2)?;
    Ok(Lease { generation: count(row, 0)?, holder: column::<Uuid>(row, 1)?.as_u128(), name: name.into() })
}
