//! A hundred thousand connections go from SQLite to PostgreSQL and back, and every answer stays what it was.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linkspan_engine::record::{Kind, Record};
use linkspan_engine::store::{Batch, RecordChange, Store, StoredRecord};
use linkspan_model::{ConnectionId, Stamp};
use linkspan_store_sqlite::{Location, Options, SqliteStore};
use serde_json::{Value, json};

use crate::node::{Node, Stage, exchange};

const CONNECTIONS: u32 = 100_000;

/// What is compared: whole lists, pages and the audit.
const QUESTIONS: [&str; 4] = [
    "/v2.0/{p}/datasource/enhanced-connections?limit=0",
    "/v2.0/{p}/datasource/enhanced-connections?limit=100&offset=77777&status=ACTIVE",
    "/v1.0/{p}/queues",
    "/linkspan/v1/{p}/audit",
];

/// Databases that are moved, and the keys that go with them.
struct Moving {
    stage: Stage,
}

impl Moving {
    fn dir(&self, name: &str) -> PathBuf {
        self.stage.directory.path().join(name)
    }

    /// Runs `linkspan db`, on the nodes' database where none is named.
    fn db(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linkspan"));
        command.arg("db").args(arguments).current_dir(&self.stage.directory);
        command.env("LINKSPAN_DATABASE", &self.stage.database);
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    fn done(&self, arguments: &[&str]) -> String {
        let (is_done, text) = self.db(arguments);
        assert!(is_done, "{arguments:?}: {text}");
        text
    }

    /// A server on a file, with its keys.
    fn on_file(&self, name: &str) -> Node {
        let database = format!("sqlite:{}", self.dir(name).join("linkspan.db").display());
        self.start(&["--database", &database])
    }

    fn start(&self, more: &[&str]) -> Node {
        self.stage.start(&["node"], more).remove(0)
    }

    /// The answers to all questions.
    fn answers(&self, node: &Node) -> Vec<Vec<u8>> {
        let file: Value = serde_json::from_slice(&fs::read(self.dir("node/credentials.json")).unwrap()).unwrap();
        let (user, domain) = (&file["user_name"], &file["domain_name"]);
        let user = json!({"name": user, "password": file["password"], "domain": {"name": domain}});
        let identity = json!({"methods": ["password"], "password": {"user": user}});
        let scope = json!({"project": {"id": file["project_id"]}});
        let body = json!({"auth": {"identity": identity, "scope": scope}}).to_string();
        let length = body.len();
        let asked = format!("POST /v3/auth/tokens HTTP/1.1\r\ncontent-length: {length}\r\n|{body}");
        let (head, _) = exchange(&node.http, &asked);
        let names_token = |line: &&str| line.to_ascii_lowercase().starts_with("x-subject-token: ");
        let token = head.lines().find(names_token).unwrap_or_else(|| panic!("no token: {head}"));
        let token = &token["x-subject-token: ".len()..];
        let project = file["project_id"].as_str().unwrap();
        let answer = |question: &&str| {
            let path = question.replace("{p}", project);
            let (head, body) = exchange(&node.http, &format!("GET {path} HTTP/1.1\r\nx-auth-token: {token}\r\n|"));
            assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
            body
        };
        QUESTIONS.iter().map(answer).collect()
    }
}

/// Makes copies of the one connection that there is, under names and ids of their own.
async fn multiply(directory: &Path) {
    let store = SqliteStore::open(&Location::in_dir(directory), &Options::default()).unwrap();
    let mut stored = Vec::new();
    let mut head = store.load(&mut |record| stored.push(record)).await.unwrap();
    let is_connection = |record: &&StoredRecord| record.key.kind == Kind::Connection;
    let one = stored.iter().find(is_connection).map(|record| Record::from_stored(&record.key, &record.body).unwrap());
    let Some(Record::Connection(one)) = one else { panic!("no connection") };
    for thousand in 0..CONNECTIONS / 1000 {
        let copy = |number: u32| {
            let mut copy = one.clone();
            let number = thousand * 1000 + number;
            copy.id = ConnectionId::from_wire(&format!("00000000-0000-4000-8000-{number:012}")).unwrap();
            copy.name = format!("copy_{number}").parse().unwrap();
            copy.created = Stamp::new(one.created.millis() + i64::from(number) + 1, 0);
            let record = Record::Connection(copy);
            RecordChange { key: record.key(), replaces: None, body: Some(record.to_body()) }
        };
        let create_time = one.created.millis() + i64::from(CONNECTIONS) + 1;
        let changes = (0..1000).map(copy).collect();
        let batch = Batch { commit_id: u128::from(thousand) + 1, create_time, changes, audit: Vec::new() };
        head = store.commit(&batch, &head).await.unwrap();
    }
}

#[tokio::test]
async fn a_hundred_thousand_connections_are_the_same_on_postgresql_and_back_on_sqlite() {
    let moving = Moving { stage: Stage::new() };
    let node = moving.on_file("first");
    let credentials = moving.dir("node/credentials.json");
    let create =
        ["connection", "create", "origin", "--vpc", "v", "--subnet", "n", "--tag", "a=b", "--host", "h=10.0.0.1"];
    let mut cli = Command::new(env!("CARGO_BIN_EXE_linkspan"));
    let made = cli.args(create).env("LINKSPAN_CREDENTIALS", &credentials).env("LINKSPAN_ENDPOINT", &node.http).output();
    let made = made.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    node.stop();
    multiply(&moving.dir("first")).await;
    let node = moving.on_file("first");
    let expected = moving.answers(&node);
    assert!(expected[0].len() > 200 * CONNECTIONS as usize, "{}", expected[0].len());
    node.stop();

    let first = format!("sqlite:{}", moving.dir("first").join("linkspan.db").display());
    let copied = moving.done(&["copy", "--from", &first]);
    assert!(copied.contains("100001 connections") && copied.contains("sound"), "{copied}");
    let (again, why) = moving.db(&["copy", "--from", &first]);
    assert!(!again && why.contains("nothing is overwritten"), "{why}");
    let node = moving.start(&[]);
    assert!(moving.answers(&node) == expected, "PostgreSQL answers otherwise");
    node.stop();

    let second = format!("sqlite:{}", moving.dir("second").join("linkspan.db").display());
    moving.done(&["copy", "--to", &second]);
    let node = moving.on_file("second");
    assert!(moving.answers(&node) == expected, "back on SQLite it answers otherwise");
    node.stop();

    // A backup of PostgreSQL is a file like any other, and goes back to either.
    moving.done(&["backup", "kept"]);
    assert!(moving.done(&["check"]).contains("sound"));
    let (over, why) = moving.db(&["restore", "kept"]);
    assert!(!over && why.contains("nothing is overwritten"), "{why}");
    let _ = moving.stage.cluster.sql("DROP SCHEMA linkspan CASCADE");
    moving.done(&["restore", "kept"]);
    let node = moving.start(&[]);
    assert!(moving.answers(&node) == expected, "restored it answers otherwise");
    node.stop();
}
