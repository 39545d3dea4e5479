//! Identities for the tests of this crate: domain `d1` with projects `p1` and `p2`, user `u1` with the key `AK1`; domain
//! `d2` with project `p3`, of which `u1` has nothing.

use std::sync::Arc;

use linkspan_engine::record::Record;
use linkspan_engine::store::{Head, Loc, RECORD_FORMAT, StoredRecord};
use linkspan_engine::{Loader, RowSource, State};
use linkspan_model::{AccessKey, Domain, KeyRole, Project, ProjectAccess, User};

use super::Keys;

/// A row with the id alone: these tests are not about rows.
pub(crate) fn render(source: &RowSource<'_>, out: &mut Vec<u8>) -> std::ops::Range<usize> {
    out.extend_from_slice(format!("{{\"id\":\"{}\"}}", source.entry.connection.id).as_bytes());
    out.len()..out.len()
}

pub(crate) fn keys() -> Keys {
    let directory = tempfile::tempdir().unwrap();
    Keys::open(&directory.path().join("master.key")).unwrap()
}

pub(crate) fn user() -> User {
    User {
        id: "u1".parse().unwrap(),
        domain: "d1".parse().unwrap(),
        name: "alice".into(),
        password_hash: None,
        enabled: true,
        generation: 1,
        admin: false,
        access: ProjectAccess::Domain,
        create_time: 0,
    }
}

fn domain(id: &str) -> Record {
    Record::Domain(Domain { id: id.parse().unwrap(), name: format!("domain-{id}").into(), create_time: 0 })
}

fn project(id: &str, domain: &str) -> Record {
    Record::Project(Project {
        id: id.parse().unwrap(),
        domain: domain.parse().unwrap(),
        name: format!("project-{id}").into(),
        enabled: true,
        create_time: 0,
        node: None,
    })
}

pub(crate) fn identities(user: User) -> Vec<Record> {
    vec![domain("d1"), domain("d2"), project("p1", "d1"), project("p2", "d1"), project("p3", "d2"), Record::User(user)]
}

pub(crate) fn access_key(keys: &Keys, id: &str, secret: &str) -> AccessKey {
    AccessKey {
        id: id.parse().unwrap(),
        user: "u1".parse().unwrap(),
        secret: keys.seal(secret).unwrap(),
        role: KeyRole::Full,
        enabled: true,
        description: "".into(),
        create_time: 0,
    }
}

pub(crate) fn state_of(records: &[Record]) -> State {
    let mut loader = Loader::new(render);
    for (n, record) in (0..).zip(records) {
        let at = Loc { revision: 1, n };
        loader.add(&StoredRecord { at, key: record.key(), body: record.to_body() }).unwrap();
    }
    loader.finish(Head { epoch: 1, revision: 1, commit_id: 1, create_time: 0, format: RECORD_FORMAT }).unwrap()
}

pub(crate) fn state() -> State {
    state_of(&identities(user()))
}

pub(crate) fn state_with(change: fn(&mut User)) -> State {
    let mut user = user();
    change(&mut user);
    state_of(&identities(user))
}

pub(crate) fn state_with_key(keys: &Keys, secret: &str) -> State {
    let mut records = identities(user());
    records.push(Record::AccessKey(access_key(keys, "AK1", secret)));
    state_of(&records)
}

#[allow(dead_code, reason = "shared by several test modules")]
pub(crate) fn shared_keys() -> Arc<Keys> {
    Arc::new(keys())
}
