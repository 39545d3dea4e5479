//! The floor: what one durable append costs on this disk.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// The median of appending 4 KiB and flushing the file's data.
pub(crate) fn append_and_flush(dir: &Path) -> Duration {
    let mut file = OpenOptions::new().create(true).append(true).open(dir.join("floor")).unwrap();
    let block = [7_u8; 4096];
    let mut times: Vec<_> = (0..200)
        .map(|_| {
            let start = Instant::now();
            file.write_all(&block).unwrap();
            file.sync_data().unwrap();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
