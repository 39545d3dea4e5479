//! Data directories that are filled before the server sees them: the server makes the identities at a first start, and
//! the records go into its store while it is stopped.

use std::path::{Path, PathBuf};

use linkspan_engine::record::Record;
use linkspan_engine::store::{Batch, RecordChange, Store};
use linkspan_store_sqlite::{Location, Options, SqliteStore};

use crate::arguments::Bench;
use crate::data::{self, Shape};
use crate::outcome::Outcome;
use crate::server::{Server, Setup};
use crate::signed::Credentials;

/// Records of one commit.
const COMMIT_RECORDS: usize = 50_000;

/// A data directory with connections.
#[derive(Clone)]
pub struct Fixture {
    pub directory: PathBuf,
    pub credentials: Credentials,
    pub shape: Shape,
}

impl Fixture {
    /// A directory of this shape; one that an earlier run finished is used again.
    pub fn of(bench: &Bench, shape: Shape) -> Outcome<Self> {
        let tagged = if shape.tagged { "-tagged" } else { "" };
        let name = format!("data-{}-{}{tagged}", shape.connections, shape.deleted_percent);
        let directory = bench.work.join(name);
        let finished = directory.with_extension("finished");
        if !finished.exists() {
            println!("  filling {}", directory.display());
            empty(&directory)?;
            Server::start(bench, Setup::of(&directory))?.stop()?;
            fill(&directory, shape, &Credentials::read(&directory)?)?;
            std::fs::write(&finished, "")?;
        }
        Ok(Self { credentials: Credentials::read(&directory)?, directory, shape })
    }

    /// A directory for one run only, with identities and nothing else.
    pub fn fresh(bench: &Bench, name: &str) -> Outcome<Self> {
        let directory = bench.work.join(format!("data-{name}"));
        empty(&directory)?;
        Server::start(bench, Setup::of(&directory))?.stop()?;
        let shape = Shape { connections: 0, deleted_percent: 0, tagged: false };
        Ok(Self { credentials: Credentials::read(&directory)?, directory, shape })
    }

    /// The records as they were put there.
    pub fn records(&self) -> Outcome<Vec<Record>> {
        let project = self.credentials.project.parse()?;
        let mut records = Vec::new();
        data::records(self.shape, &project, &mut |record| records.push(record));
        Ok(records)
    }
}

/// Makes a directory anew.
pub fn empty(directory: &Path) -> Outcome<()> {
    if directory.exists() {
        std::fs::remove_dir_all(directory)?;
    }
    Ok(std::fs::create_dir_all(directory)?)
}

fn fill(directory: &Path, shape: Shape, credentials: &Credentials) -> Outcome<()> {
    let store = SqliteStore::open(&Location::in_dir(directory), &Options::default())?;
    let project = credentials.project.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut changes = Vec::new();
    let mut fault = None;
    let mut add = |record: Option<Record>| {
        let is_last = record.is_none();
        changes.extend(record.map(|record| RecordChange {
            key: record.key(),
            replaces: None,
            body: Some(record.to_body()),
        }));
        if fault.is_none() && (is_last || changes.len() >= COMMIT_RECORDS) {
            fault = runtime.block_on(append(&store, std::mem::take(&mut changes))).err();
        }
    };
    data::records(shape, &project, &mut |record| add(Some(record)));
    add(None);
    fault.map_or(Ok(()), Err)
}

async fn append(store: &SqliteStore, changes: Vec<RecordChange>) -> Outcome<()> {
    let head = store.head().await?;
    let commit_id = data::uuid(9, head.revision).as_u128();
    let batch = Batch { commit_id, create_time: head.create_time, changes, audit: Vec::new() };
    store.commit(&batch, &head).await?;
    Ok(())
}

/// The page that a list must answer, made from the records by the simplest means.
pub fn expected_page(records: &[Record], asked: &Asked) -> Vec<u8> {
    let mut hosts = std::collections::HashMap::new();
    let mut peers = std::collections::HashMap::new();
    let mut found = Vec::new();
    for record in records {
        match record {
            Record::Connection(it) if asked.matches(it) => found.push(it),
            Record::Hosts(id, it) => drop(hosts.insert(*id, it)),
            Record::Peer(it) => drop(peers.insert(it.connection, it)),
            _ => {}
        }
    }
    found.sort_by_key(|connection| std::cmp::Reverse(connection.created));
    let page: Vec<_> = found.into_iter().skip(asked.offset).take(asked.limit).collect();
    let mut body = linkspan_wire::LIST_HEAD.to_vec();
    for (place, connection) in page.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        let hosts = hosts.get(&connection.id).map_or(&[][..], |hosts| hosts.as_slice());
        let peers: Vec<_> = peers.get(&connection.id).copied().into_iter().collect();
        let viewer = linkspan_wire::Viewer::Owner;
        linkspan_wire::ConnectionRow { connection, hosts, peers: &peers, viewer }.render(&mut body);
    }
    body.extend_from_slice(linkspan_wire::list_tail(page.len()).as_bytes());
    body
}

/// A list that is asked for.
#[derive(Clone, Default)]
pub struct Asked {
    pub active: bool,
    pub limit: usize,
    pub offset: usize,
    pub name: Option<String>,
    pub tag: Option<(String, String)>,
}

impl Asked {
    fn matches(&self, connection: &linkspan_model::Connection) -> bool {
        (!self.active || connection.status.is_active())
            && self.name.as_ref().is_none_or(|name| connection.name.as_str() == name)
            && self.tag.as_ref().is_none_or(|(key, value)| connection.tags.has(key, value))
    }

    /// As the query of a request.
    pub fn query(&self) -> String {
        let mut query = format!("limit={}", self.limit);
        if let Some(name) = &self.name {
            query.push_str(&format!("&name={name}"));
        }
        query.push_str(&format!("&offset={}", self.offset));
        if self.active {
            query.push_str("&status=ACTIVE");
        }
        if let Some((key, value)) = &self.tag {
            query.push_str(&format!("&tags={key}%3D{value}"));
        }
        query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_newest_first_and_holds_what_is_asked_for() {
        let mut records = Vec::new();
        let shape = Shape { connections: 200, deleted_percent: 50, tagged: true };
        data::records(shape, &data::project_id(), &mut |record| records.push(record));
        let asked = Asked { active: true, limit: 3, offset: 1, ..Asked::default() };
        let page: serde_json::Value = serde_json::from_slice(&expected_page(&records, &asked)).unwrap();
        let names: Vec<_> = page["connections"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
        assert_eq!((names.len(), page["count"].as_u64()), (3, Some(3)));
        assert!(names.windows(2).all(|pair| pair[0].as_str() > pair[1].as_str()), "{names:?}");
        let named = Asked { name: Some("conn_0000007".into()), limit: 9, ..Asked::default() };
        assert!(String::from_utf8(expected_page(&records, &named)).unwrap().ends_with("\"count\":1}"));
        assert_eq!(named.query(), "limit=9&name=conn_0000007&offset=0");
    }
}
