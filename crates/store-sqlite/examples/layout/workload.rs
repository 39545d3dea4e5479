//! Closed loop: one writer commits batches of commands as fast as it can.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, Connection, params};

use crate::layouts::Layout;

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Writes a connection (500 bytes), its hosts (120), a peer (300) and an audit row (400).
    Create,
    /// Writes a connection that is there anew, and an audit row.
    Update,
}

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    pub(crate) commands_per_second: f64,
    pub(crate) commands_per_flush: f64,
    pub(crate) cpu_us: f64,
    pub(crate) commit_p50_us: f64,
    pub(crate) commit_p99_us: f64,
    pub(crate) bytes: f64,
}

impl Figure {
    pub(crate) fn per_flush(self, floor: Duration) -> Self {
        Self { commands_per_flush: self.commands_per_second * floor.as_secs_f64(), ..self }
    }
}

/// Runs one layout from empty, or from 20 000 connections for updates.
pub(crate) fn run(dir: &Path, layout: &Layout, (work, batch, measured): (Work, usize, Duration)) -> Figure {
    let path = dir.join("layout.db");
    let mut writer = Writer::new(&path, layout);
    if work == Work::Update {
        for _ in 0..40 {
            writer.commit(Work::Create, 500);
        }
    }
    let warm = Instant::now();
    while warm.elapsed() < measured / 5 {
        writer.commit(work, batch);
    }
    let size = || std::fs::metadata(&path).unwrap().len() as f64;
    let (cpu, bytes, start, mut times) = (cpu_time(), size(), Instant::now(), Vec::new());
    while start.elapsed() < measured {
        let begun = Instant::now();
        writer.commit(work, batch);
        times.push(begun.elapsed());
    }
    let (cpu, elapsed, commands) = (cpu_time() - cpu, start.elapsed(), (times.len() * batch) as f64);
    times.sort_unstable();
    let percentile = |share: f64| times[(times.len() as f64 * share) as usize].as_secs_f64() * 1e6;
    Figure {
        commands_per_second: commands / elapsed.as_secs_f64(),
        commands_per_flush: 0.0,
        cpu_us: cpu.as_secs_f64() * 1e6 / commands,
        commit_p50_us: percentile(0.5),
        commit_p99_us: percentile(0.99),
        bytes: (size() - bytes) / commands,
    }
}

/// User and system time of this thread, from the kernel's run-time counter in nanoseconds.
pub(crate) fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

pub(crate) struct Writer<'a> {
    connection: Connection,
    layout: &'a Layout,
    revision: i64,
    number: u64,
    bodies: [String; 4],
    places: Vec<(i64, i64, String)>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(path: &Path, layout: &'a Layout) -> Self {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "page_size", layout.page_size).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        connection.set_prepared_statement_cache_capacity(32);
        let shared = "CREATE TABLE head (one INTEGER PRIMARY KEY, epoch BLOB, revision INTEGER, commit_id BLOB,
                create_time INTEGER, format INTEGER, audit_rows INTEGER) STRICT;
            CREATE TABLE commits (revision INTEGER PRIMARY KEY, commit_id BLOB, create_time INTEGER,
                audit_rows INTEGER) STRICT;
            INSERT INTO head VALUES (1, zeroblob(16), 0, zeroblob(16), 0, 1, 0);";
        connection.execute_batch(shared).unwrap();
        connection.execute_batch(layout.schema).unwrap();
        let bodies = [500, 120, 300, 400].map(|length| format!("{{\"{}\"}}", "x".repeat(length - 4)));
        Self { connection, layout, revision: 0, number: 0, bodies, places: Vec::new() }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    fn prepare(&self, sql: &str) -> CachedStatement<'_> {
        self.connection.prepare_cached(sql).unwrap()
    }

    pub(crate) fn commit(&mut self, work: Work, commands: usize) {
        let revision = self.revision + 1;
        self.prepare("BEGIN IMMEDIATE").execute([]).unwrap();
        let commit_id = u128::from(self.number).to_be_bytes();
        if !self.layout.head_is_last_commit {
            let sql = "UPDATE head SET revision = ?1, commit_id = ?2, create_time = ?3, audit_rows = ?4
                WHERE revision = ?1 - 1";
            assert_eq!(self.prepare(sql).execute(params![revision, commit_id, 1, 1]).unwrap(), 1);
        }
        self.prepare("INSERT INTO commits VALUES (?1, ?2, ?3, ?4)")
            .execute(params![revision, commit_id, 1, 1])
            .unwrap();
        match work {
            Work::Create => self.creates(revision, commands),
            Work::Update => self.updates(revision, commands),
        }
        self.prepare("COMMIT").execute([]).unwrap();
        self.revision = revision;
        self.number += commands as u64;
    }

    fn creates(&mut self, revision: i64, commands: usize) {
        for (command, number) in (0..commands as i64).zip(self.number..) {
            let id = id(number);
            self.insert((revision, command * 3), (6, &id), &self.bodies[0]);
            self.insert((revision, command * 3 + 1), (7, &id), &self.bodies[1]);
            self.insert((revision, command * 3 + 2), (8, &id), &self.bodies[2]);
            self.audit((revision, command), number);
            self.places.push((revision, command * 3, id));
        }
    }

    fn updates(&mut self, revision: i64, commands: usize) {
        for (command, number) in (0..commands as i64).zip(self.number..) {
            // A stride over them all: far apart on disk, and none twice in a batch.
            let place = (number as usize * 197) % self.places.len();
            let (old_revision, old_n, id) = &self.places[place];
            self.delete((*old_revision, *old_n));
            self.insert((revision, command), (6, id), &self.bodies[0]);
            self.audit((revision, command), number);
            (self.places[place].0, self.places[place].1) = (revision, command);
        }
    }

    fn insert(&self, (revision, n): (i64, i64), (kind, id): (u8, &str), body: &str) {
        if self.layout.one_key {
            let sql = "INSERT INTO record VALUES (?1, ?2, ?3, ?4)";
            self.prepare(sql).execute(params![revision << 20 | n, kind, id, body]).unwrap();
        } else {
            let sql = "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5)";
            self.prepare(sql).execute(params![revision, n, kind, id, body]).unwrap();
        }
    }

    fn delete(&self, (revision, n): (i64, i64)) {
        let rows = if self.layout.one_key {
            self.prepare("DELETE FROM record WHERE at = ?1").execute([revision << 20 | n])
        } else {
            self.prepare("DELETE FROM record WHERE revision = ?1 AND n = ?2").execute([revision, n])
        };
        assert_eq!(rows.unwrap(), 1);
    }

    fn audit(&self, (revision, n): (i64, i64), number: u64) {
        if !self.layout.audit {
            return;
        }
        let project = format!("{:032x}", number % 1000);
        if self.layout.one_key {
            let sql = "INSERT INTO audit VALUES (?1, ?2, ?3, ?4)";
            self.prepare(sql).execute(params![revision << 20 | n, 1, project, self.bodies[3]]).unwrap();
        } else {
            let sql = "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5)";
            self.prepare(sql).execute(params![revision, n, 1, project, self.bodies[3]]).unwrap();
        }
    }
}

/// Spread like a random UUID, so that an index has to be written all over.
pub(crate) fn id(number: u64) -> String {
    let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("{:08x}-{:04x}-4000-8000-{:012x}", spread >> 32, (spread >> 16) & 0xffff, number)
}
