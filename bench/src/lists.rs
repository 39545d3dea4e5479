//! Lists over HTTP against the ceiling: signed requests, the default configuration, logs and metrics on.

use crate::arguments::Bench;
use crate::contender::{Contender, Side, capture};
use crate::data::Shape;
use crate::fixture::{Asked, Fixture};
use crate::outcome::Outcome;
use crate::quantities::{figure, median};
use crate::rounds::{self, Measured, Pressure, Series, ratio_text};
use crate::table::Table;
use crate::wrk;

/// Different requests of a load.
const REQUESTS: u64 = 64;
const QUIET: &[(&str, &str)] = &[("LOG", "warn")];

/// One row of the table.
struct Case {
    name: &'static str,
    shape: Shape,
    connections: usize,
    settings: &'static [(&'static str, &'static str)],
    asked: fn(u64) -> Asked,
}

impl Case {
    const fn of(name: &'static str, shape: Shape, asked: fn(u64) -> Asked) -> Self {
        Self { name, shape, connections: wrk::CONNECTIONS, settings: &[], asked }
    }
}

const fn shape(connections: u32, deleted_percent: u32) -> Shape {
    Shape { connections, deleted_percent, tagged: false }
}

const TAGGED: Shape = Shape { connections: 10_000, deleted_percent: 0, tagged: true };

/// A page somewhere among so many rows that match.
fn anywhere(matching: usize, limit: usize, n: u64) -> Asked {
    let last = matching - limit.min(matching);
    let spread = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16;
    Asked { limit, offset: spread as usize % (last + 1), ..Asked::default() }
}

fn active(asked: Asked) -> Asked {
    Asked { active: true, ..asked }
}

const CASES: &[Case] = &[
    Case::of("10 ACTIVE, 0 % deleted", shape(10_000, 0), |n| active(anywhere(10_000, 10, n))),
    Case::of("100 ACTIVE, 0 % deleted", shape(10_000, 0), |n| active(anywhere(10_000, 100, n))),
    Case::of("10 ACTIVE, 50 % deleted", shape(10_000, 50), |n| active(anywhere(5_000, 10, n))),
    Case::of("100 ACTIVE, 50 % deleted", shape(10_000, 50), |n| active(anywhere(5_000, 100, n))),
    Case::of("10 ACTIVE, 99 % deleted", shape(10_000, 99), |n| active(anywhere(100, 10, n))),
    Case::of("100 ACTIVE, 99 % deleted", shape(10_000, 99), |n| active(anywhere(100, 100, n))),
    Case::of("10 of all, 50 % deleted", shape(10_000, 50), |n| anywhere(10_000, 10, n)),
    Case::of("100 of all, 50 % deleted", shape(10_000, 50), |n| anywhere(10_000, 100, n)),
    Case::of("by name", TAGGED, |n| {
        let name = format!("conn_{:07}", n * 131 % 10_000);
        active(Asked { limit: 100, name: Some(name), ..Asked::default() })
    }),
    Case::of("by tag, 1 in 1000", TAGGED, |_| {
        active(Asked { limit: 100, tag: Some(("team".into(), "rare".into())), ..Asked::default() })
    }),
    Case {
        settings: QUIET,
        ..Case::of("10 ACTIVE, no access log", shape(10_000, 0), |n| active(anywhere(10_000, 10, n)))
    },
    Case {
        settings: QUIET,
        ..Case::of("100 ACTIVE, no access log", shape(10_000, 0), |n| active(anywhere(10_000, 100, n)))
    },
    Case { connections: 1, ..Case::of("10 ACTIVE, one client", shape(10_000, 0), |n| active(anywhere(10_000, 10, n))) },
    Case {
        connections: 1,
        ..Case::of("100 ACTIVE, one client", shape(10_000, 0), |n| active(anywhere(10_000, 100, n)))
    },
];

/// The table of lists, and that of depth.
pub fn run(bench: &Bench) -> Outcome<String> {
    let mut table = Table::new([
        "page, of 10 000",
        "ceiling, µs",
        "Linkspan, µs (user + kernel)",
        "ceiling ÷ Linkspan",
        "requests/s: ceiling, Linkspan",
        "p50, p99 µs: ceiling",
        "Linkspan",
        "MiB",
        "busy",
    ]);
    for case in CASES.iter().filter(|case| bench.wants(case.name)) {
        println!(" {}", case.name);
        let [ceiling, own] = compared(bench, case)?;
        table.row([
            case.name.into(),
            figure(ceiling.median(Measured::cpu_us)),
            cpu(&own),
            ratio_text(&own.ratios(&ceiling, Measured::cpu_us)),
            format!("{}, {}", per_second(&ceiling), per_second(&own)),
            latencies(&ceiling),
            latencies(&own),
            figure(own.median(|measured| measured.rss_kib as f64 / 1024.0)),
            figure(own.median(|measured| measured.utilisation)),
        ]);
    }
    let depth = if bench.wants("depth") { depth(bench)? } else { String::new() };
    Ok(format!("{}\n{depth}", table.into_markdown()))
}

/// A page of the last hundredth of a million against the first page of a thousand.
fn depth(bench: &Bench) -> Outcome<String> {
    println!(" depth");
    let (thousand, million) = (Fixture::of(bench, shape(1_000, 0))?, Fixture::of(bench, shape(1_000_000, 0))?);
    let first = [active(Asked { limit: 100, ..Asked::default() })];
    let deep = |n| {
        let asked = anywhere(10_000, 100, n);
        active(Asked { offset: 990_000 + asked.offset, ..asked })
    };
    let deepest: Vec<_> = (0..REQUESTS).map(deep).collect();
    let of = |name, fixture, asked| Contender { name, fixture, asked, side: Side::Linkspan(&[]) };
    let contenders = [
        of("first page of 1 000", &thousand, &first[..]),
        of("first page of 1 000 000", &million, &first[..]),
        of("a page of the last 1 % of 1 000 000", &million, &deepest[..]),
    ];
    let mut answer_bytes = 0;
    for contender in &contenders {
        answer_bytes = capture(bench, contender)?.1;
    }
    let series = rounds::run(bench, &contenders, Pressure { connections: wrk::CONNECTIONS, answer_bytes })?;
    let mut table =
        Table::new(["page of 100 ACTIVE", "µs (user + kernel)", "÷ first page of 1 000", "p50, p99 µs", "MiB"]);
    for (contender, own) in contenders.iter().zip(&series) {
        // Here a larger figure is worse, so the ratio is turned around.
        let ratios: Vec<_> = own.ratios(&series[0], Measured::cpu_us).iter().map(|ratio| 1.0 / ratio).collect();
        table.row([
            contender.name.into(),
            cpu(own),
            ratio_text(&ratios),
            latencies(own),
            figure(median(&own.0.iter().map(|measured| measured.rss_kib as f64 / 1024.0).collect::<Vec<_>>())),
        ]);
    }
    Ok(table.into_markdown())
}

fn compared(bench: &Bench, case: &Case) -> Outcome<[Series; 2]> {
    let fixture = Fixture::of(bench, case.shape)?;
    let asked: Vec<_> = (0..REQUESTS).map(case.asked).collect();
    let of = |name, side| Contender { name, fixture: &fixture, asked: &asked, side };
    let (answer, answer_bytes) = capture(bench, &of(case.name, Side::Linkspan(case.settings)))?;
    let contenders = [of("ceiling", Side::Ceiling(&answer)), of("linkspan", Side::Linkspan(case.settings))];
    let series = rounds::run(bench, &contenders, Pressure { connections: case.connections, answer_bytes })?;
    series.try_into().map_err(|_| "two contenders make two series".into())
}

fn cpu(series: &Series) -> String {
    let [all, user, system] = [Measured::cpu_us, |it: &Measured| it.user_us, |it: &Measured| it.system_us]
        .map(|of: fn(&Measured) -> f64| figure(series.median(of)));
    format!("{all} ({user} + {system})")
}

fn per_second(series: &Series) -> String {
    figure(series.median(Measured::per_second))
}

fn latencies(series: &Series) -> String {
    let p50 = figure(series.median(|measured| measured.counted.p50_us));
    format!("{p50}, {}", figure(series.median(|measured| measured.counted.p99_us)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_anywhere_are_full_and_differ() {
        let offsets: std::collections::BTreeSet<_> = (0..REQUESTS).map(|n| anywhere(10_000, 100, n).offset).collect();
        assert!(offsets.len() > 60 && offsets.iter().all(|offset| *offset <= 9_900), "{offsets:?}");
        assert_eq!(anywhere(100, 100, 7).offset, 0);
        assert_eq!(anywhere(5, 10, 7).offset, 0);
    }
}
