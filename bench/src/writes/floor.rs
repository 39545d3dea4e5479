use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;

use crate::outcome::Outcome;
use crate::process::{SERVER_CORE, pinned};
use crate::quantities::{median, micros};

/// Where the floor is measured.
#[derive(Args)]
pub struct FloorOptions {
    /// A directory on the disk in question
    #[arg(long)]
    directory: PathBuf,
}

/// Prints both floors.
pub fn print(options: &FloorOptions) -> Outcome<()> {
    let floor = Floor::measure(&options.directory, Duration::from_millis(500))?;
    println!("{} {}", floor.append_us, floor.overwrite_us);
    Ok(())
}

const BLOCK: [u8; 4096] = [0x5a; 4096];
const OVERWRITTEN_BLOCKS: usize = 1024;

/// What the disk needs for 4 KiB and a flush, in microseconds at the median.
#[derive(Debug, Clone, Copy)]
pub struct Floor {
    /// At the end of a growing file: its length changes too.
    pub append_us: f64,
    /// Within a file that is there already.
    pub overwrite_us: f64,
}

impl Floor {
    /// Measures both on the core of the server, which writes over HTTP are compared with.
    pub fn where_the_server_runs(directory: &Path) -> Outcome<Self> {
        let program = std::env::current_exe()?;
        let output = pinned(SERVER_CORE, &program).arg("floor").arg("--directory").arg(directory).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [append_us, overwrite_us] = numbers[..] else { return Err(format!("no floor: {text}").into()) };
        Ok(Self { append_us, overwrite_us })
    }

    /// Measures both for a while each.
    pub fn measure(directory: &Path, each: Duration) -> Outcome<Self> {
        let mut file = tempfile::tempfile_in(directory)?;
        let append_us = flushes(&mut file, each, |_, _| Ok(()))?;
        let mut file = tempfile::tempfile_in(directory)?;
        for _ in 0..OVERWRITTEN_BLOCKS {
            file.write_all(&BLOCK)?;
        }
        file.sync_all()?;
        let overwrite_us = flushes(&mut file, each, |file, n| {
            let block = n % OVERWRITTEN_BLOCKS;
            file.seek(SeekFrom::Start((block * BLOCK.len()) as u64)).map(|_| ())
        })?;
        Ok(Self { append_us, overwrite_us })
    }
}

fn flushes(
    file: &mut File,
    limit: Duration,
    mut place: impl FnMut(&mut File, usize) -> std::io::Result<()>,
) -> Outcome<f64> {
    let (started, mut times) = (Instant::now(), Vec::new());
    while started.elapsed() < limit {
        let flush = Instant::now();
        place(file, times.len())?;
        file.write_all(&BLOCK)?;
        file.sync_data()?;
        times.push(flush.elapsed());
    }
    Ok(median(&micros(&times)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_floors_are_times() {
        let directory = tempfile::tempdir().unwrap();
        let floor = Floor::measure(directory.path(), Duration::from_millis(20)).unwrap();
        assert!(floor.append_us > 0.0 && floor.overwrite_us > 0.0, "{floor:?}");
    }
}
