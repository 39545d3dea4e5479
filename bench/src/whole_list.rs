//! `limit=0` on a million: when the first byte comes, how long it takes, and what four of them at once cost in memory.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::arguments::Bench;
use crate::client::{Client, Streamed};
use crate::data::Shape;
use crate::fixture::Fixture;
use crate::outcome::Outcome;
use crate::quantities::{figure, median, micros, range};
use crate::server::{Server, Setup};
use crate::table::Table;

const AT_ONCE: usize = 4;
const BETWEEN_SAMPLES: Duration = Duration::from_millis(2);

/// The table of the whole list.
pub fn run(bench: &Bench) -> Outcome<String> {
    let fixture = Fixture::of(bench, Shape { connections: 1_000_000, deleted_percent: 0, tagged: false })?;
    let server = Server::start(bench, Setup::of(&fixture.directory))?;
    let ask = || -> Outcome<Streamed> {
        let request = fixture.credentials.list(server.address, "limit=0")?;
        let streamed = server.client()?.stream(&request)?;
        if streamed.head.status != 200 || streamed.bytes < 400_000_000 {
            return Err(format!("a whole list of {} bytes, status {}", streamed.bytes, streamed.head.status).into());
        }
        Ok(streamed)
    };
    let alone: Vec<Streamed> = (0..bench.rounds).map(|_| ask()).collect::<Outcome<_>>()?;
    let before = server.usage()?.rss_kib;
    let (peak, together) = watched(&server, || at_once(&fixture, &server))?;
    let after = server.usage()?.rss_kib;
    server.stop()?;
    let first: Vec<_> = alone.iter().map(|one| one.to_first_byte).collect();
    let total: Vec<_> = alone.iter().map(|one| one.total).collect();
    let mut table = Table::new(["limit=0 on 1 000 000", "value"]);
    let mut row = |what: &str, value: String| table.row([what.into(), value]);
    row("bytes", crate::quantities::grouped(alone[0].bytes as i64));
    row("to the first byte", times(&first));
    row("to the last byte", times(&total));
    row("memory before", format!("{} MiB", mib(before)));
    row("four at once, highest beyond that", format!("{} MiB", mib(peak.saturating_sub(before))));
    row("four at once, left afterwards", format!("{} MiB", mib(after.saturating_sub(before))));
    row("four at once, to the first byte", times(&together.iter().map(|one| one.to_first_byte).collect::<Vec<_>>()));
    row("four at once, to the last byte", times(&together.iter().map(|one| one.total).collect::<Vec<_>>()));
    Ok(table.into_markdown())
}

fn at_once(fixture: &Fixture, server: &Server) -> Outcome<Vec<Streamed>> {
    let request = fixture.credentials.list(server.address, "limit=0")?;
    let address = server.address;
    let workers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let request = request.clone();
            std::thread::spawn(move || {
                let ask = || Client::connect(address)?.stream(&request);
                ask().map_err(|error| error.to_string())
            })
        })
        .collect();
    let mut streamed = Vec::new();
    for worker in workers {
        let one = worker.join().map_err(|_| "a client failed")??;
        if one.head.status != 200 {
            return Err(format!("one of four whole lists was answered with {}", one.head.status).into());
        }
        streamed.push(one);
    }
    Ok(streamed)
}

/// Does something while watching the server's memory; answers the most it had.
fn watched<T>(server: &Server, work: impl FnOnce() -> Outcome<T>) -> Outcome<(u64, T)> {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let sampler = scope.spawn(|| {
            let mut peak = 0;
            while !done.load(Ordering::Acquire) {
                peak = peak.max(server.usage().map_or(0, |usage| usage.rss_kib));
                std::thread::sleep(BETWEEN_SAMPLES);
            }
            peak
        });
        let outcome = work();
        done.store(true, Ordering::Release);
        let peak = sampler.join().map_err(|_| "the sampler failed")?;
        Ok((peak, outcome?))
    })
}

fn times(times: &[Duration]) -> String {
    let millis: Vec<_> = micros(times).iter().map(|micros| micros / 1000.0).collect();
    let (low, high) = range(&millis);
    format!("{} ms ({}–{})", figure(median(&millis)), figure(low), figure(high))
}

fn mib(kib: u64) -> String {
    figure(kib as f64 / 1024.0)
}
