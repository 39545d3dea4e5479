//! Measures how records may be laid out in SQLite, for `docs/adr/0001-record-layout.md`.
//!
//! `cargo run --release -p linkspan-store-sqlite --example layout [-- DIR [ROUNDS [LAYOUT]]]` runs every layout with batches of
//! 1, 8 and 64 commands, interleaved, and prints medians; LAYOUT names a single one. DIR must be on the disk that is to be judged.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing, reason = "a measurement run by hand")]

mod built;
mod floor;
mod layouts;
mod scans;
mod workload;

use std::path::{Path, PathBuf};
use std::time::Duration;

use layouts::{LAYOUTS, Layout};
use workload::{Figure, Work};

const BATCHES: [usize; 3] = [1, 8, 64];
const MEASURED: Duration = Duration::from_millis(1000);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().map_or_else(|| std::env::current_dir().unwrap().join("target"), PathBuf::from);
    let rounds: usize = arguments.next().map_or(3, |rounds| rounds.parse().unwrap());
    let only = arguments.next();
    let chosen = |layout: &&Layout| only.as_ref().is_none_or(|only| layout.name == only);
    let layouts: Vec<_> = LAYOUTS.iter().filter(chosen).collect();
    println!("SQLite {}, {}", rusqlite::version(), std::fs::read_to_string("/proc/version").unwrap().trim());
    for work in [Work::Create, Work::Update] {
        commits(&dir, rounds, (work, &layouts));
    }
    scans::run(&dir);
    built::run(&dir);
}

fn commits(dir: &Path, rounds: usize, (work, layouts): (Work, &[&Layout])) {
    println!("\n{work:?}, a connection, hosts, a peer and an audit row each; medians of {rounds} rounds");
    println!("| layout | batch | commands/s | per flush | CPU µs/command | commit p50 µs | p99 µs | bytes/command |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut figures: Vec<Vec<Figure>> = vec![Vec::new(); layouts.len() * BATCHES.len()];
    let mut floors = Vec::new();
    for _ in 0..rounds {
        for (place, layout) in layouts.iter().enumerate() {
            for (column, batch) in BATCHES.into_iter().enumerate() {
                let scratch = tempfile::tempdir_in(dir).unwrap();
                let floor = floor::append_and_flush(scratch.path());
                floors.push(floor.as_secs_f64() * 1e6);
                let figure = workload::run(scratch.path(), layout, (work, batch, MEASURED));
                figures[place * BATCHES.len() + column].push(figure.per_flush(floor));
            }
        }
    }
    for (place, figures) in figures.iter().enumerate() {
        let median = |of: fn(&Figure) -> f64| median(figures.iter().map(of).collect());
        println!(
            "| {} | {} | {:.0} | {:.1} | {:.1} | {:.0} | {:.0} | {:.0} |",
            layouts[place / BATCHES.len()].name,
            BATCHES[place % BATCHES.len()],
            median(|figure| figure.commands_per_second),
            median(|figure| figure.commands_per_flush),
            median(|figure| figure.cpu_us),
            median(|figure| figure.commit_p50_us),
            median(|figure| figure.commit_p99_us),
            median(|figure| figure.bytes),
        );
    }
    println!("append 4 KiB + fdatasync: p50 {:.0} µs", median(floors));
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
