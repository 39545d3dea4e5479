//! What is read rarely: everything at the start, and the audit of one project.

use std::path::Path;
use std::time::Instant;

use crate::layouts::LAYOUTS;
use crate::workload::{Work, Writer};

/// Fills the two main layouts and times a full scan and the worst audit page: a project without rows.
pub(crate) fn run(dir: &Path) {
    println!("\n400 000 creates (1 200 000 records, 400 000 audit rows), warm");
    println!("| layout | file MiB | scan of all records ms | audit of a project without rows ms |");
    println!("| --- | --- | --- | --- |");
    for layout in LAYOUTS.iter().filter(|layout| matches!(layout.name, "integer key" | "(revision, n) without rowid")) {
        let scratch = tempfile::tempdir_in(dir).unwrap();
        let path = scratch.path().join("layout.db");
        let mut writer = Writer::new(&path, layout);
        for _ in 0..400 {
            writer.commit(Work::Create, 1000);
        }
        let connection = writer.connection();
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let time = |sql: &str| {
            let mut statement = connection.prepare(sql).unwrap();
            let start = Instant::now();
            let mut rows = statement.query([]).unwrap();
            let mut length = 0;
            while let Some(row) = rows.next().unwrap() {
                length += row.get_ref(0).unwrap().as_bytes().map_or(0, <[u8]>::len);
            }
            (start.elapsed().as_secs_f64() * 1e3, length)
        };
        time("SELECT body, * FROM record");
        let (all, length) = time("SELECT body, * FROM record");
        assert!(length > 0);
        let order = if layout.one_key { "at DESC" } else { "revision DESC, n DESC" };
        let by_project = format!("SELECT event FROM audit WHERE project IS 'nobody' ORDER BY {order} LIMIT 100");
        time(&by_project);
        let (audit, _) = time(&by_project);
        let size = std::fs::metadata(&path).unwrap().len() >> 20;
        println!("| {} | {size} | {all:.0} | {audit:.0} |", layout.name);
    }
}
