//! What the view costs inside the process: pages at any depth, filters, memory, load.

use std::hint::black_box;
use std::time::Instant;

use linkspan_engine::{Access, PageQuery, Scope, State};

use crate::arguments::Bench;
use crate::data::{self, Shape};
use crate::outcome::Outcome;
use crate::process::Usage;
use crate::quantities::{figure, grouped};
use crate::table::Table;

/// Batches of calls; the fastest counts, since whatever disturbs one only makes it slower.
const BATCHES: usize = 9;
const BATCH_MS: u128 = 20;

/// The tables of the view.
pub fn run(_bench: &Bench) -> Outcome<String> {
    let memory = memory()?;
    let mut pages = Table::new([
        "connections, deleted, asked for",
        "10: first, ns",
        "10: at 99 %",
        "10: anywhere",
        "100: first, ns",
        "100: at 99 %",
        "100: anywhere",
    ]);
    for connections in [1_000_000, 10_000, 1_000, 20] {
        for deleted_percent in [0, 50, 99] {
            let state = data::state(Shape { connections, deleted_percent, tagged: false });
            read_all(&state, None);
            read_all(&state, Some(true));
            for active in [Some(true), None] {
                let [ten, hundred] = [10, 100].map(|limit| depths(&state, active, limit).map(figure));
                let asked = if active.is_some() { "status=ACTIVE" } else { "all" };
                let case = format!("{}, {deleted_percent} %, {asked}", grouped(i64::from(connections)));
                let ([a, b, c], [d, e, f]) = (ten, hundred);
                pages.row([case, a, b, c, d, e, f]);
            }
        }
    }
    Ok(format!("{}\n{}\n{memory}", pages.into_markdown(), filters()))
}

/// Nanoseconds of a page at the front, at 99 % of the list, and anywhere in it.
fn depths(state: &State, active: Option<bool>, limit: u64) -> [f64; 3] {
    let scope = scope(state);
    let total = state.project(&scope).page(&PageQuery { active, limit: Some(1), ..PageQuery::default() }).total as u64;
    let first = PageQuery { active, limit: Some(limit), ..PageQuery::default() };
    let deep = PageQuery { offset: total * 99 / 100, ..first.clone() };
    let anywhere = |n: u64| {
        let offset = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % total.max(1);
        page(state, &scope, &PageQuery { offset, ..first.clone() });
    };
    [best(|_| page(state, &scope, &first)), best(|_| page(state, &scope, &deep)), best(anywhere)]
}

fn filters() -> String {
    let state = data::state(Shape { connections: 10_000, deleted_percent: 0, tagged: true });
    let scope = scope(&state);
    let mut table = Table::new(["filter on 10 000 connections, page of 100", "matches", "µs"]);
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let asked = |tags, name| PageQuery { active: Some(true), limit: Some(100), tags, name, ..PageQuery::default() };
    for (case, query) in [
        ("a tag, 1 in 1000", asked(vec![tag("team", "rare")], None)),
        ("two tags, 1 in 1000", asked(vec![tag("env", "prod"), tag("team", "rare")], None)),
        ("a tag, 1 in 7", asked(vec![tag("team", "team3")], None)),
        ("name", asked(Vec::new(), Some("conn_0005000".into()))),
    ] {
        let matches = state.project(&scope).page(&query).total;
        let micros = best(|_| page(&state, &scope, &query)) / 1000.0;
        table.row([case.into(), matches.to_string(), figure(micros)]);
    }
    table.into_markdown()
}

/// Memory and load of a million, which must be the first thing this process does: freed memory hides what is taken.
fn memory() -> Outcome<String> {
    let shape = Shape { connections: 1_000_000, deleted_percent: 0, tagged: false };
    let (before, started) = (Usage::of_self()?.rss_kib, Instant::now());
    let state = data::state(shape);
    let (loaded_in, loaded) = (started.elapsed(), Usage::of_self()?.rss_kib);
    let making = Instant::now();
    data::records(shape, &data::project_id(), &mut |record| drop(black_box((record.key(), record.to_body()))));
    let made_in = making.elapsed();
    let reading = Instant::now();
    read_all(&state, None);
    let read_in = reading.elapsed();
    let read = Usage::of_self()?.rss_kib;
    let bytes = |kib: u64| figure(kib.saturating_sub(before) as f64 * 1024.0 / f64::from(shape.connections));
    let micros = loaded_in.saturating_sub(made_in).as_secs_f64() * 1e6 / f64::from(shape.connections);
    let mut table = Table::new(["a million connections in a state", "value"]);
    table.row(["load, per connection".into(), format!("{} µs", figure(micros))]);
    let first_read = read_in.as_secs_f64() * 1e6 / f64::from(shape.connections);
    table.row(["first read of a row, which renders it".into(), format!("{} µs", figure(first_read))]);
    table.row(["memory once loaded, per connection".into(), format!("{} B", bytes(loaded))]);
    table.row(["memory once every page was read, per connection".into(), format!("{} B", bytes(read))]);
    Ok(table.into_markdown())
}

/// Reads every page of a list: a row is rendered for its first reader.
fn read_all(state: &State, active: Option<bool>) {
    const PAGE: usize = 1000;
    let scope = scope(state);
    let of = |offset| PageQuery { active, offset, limit: Some(PAGE as u64), ..PageQuery::default() };
    for offset in (0..state.project(&scope).page(&of(0)).total).step_by(PAGE) {
        page(state, &scope, &of(offset as u64));
    }
}

fn scope(state: &State) -> Scope {
    let principal = state.principal_of_token(&data::user_id(), 1, None).expect("the user");
    state.scope(&principal, data::project_id().as_str(), Access::Read).expect("a scope")
}

fn page(state: &State, scope: &Scope, query: &PageQuery) {
    for piece in state.project(scope).page(query).into_pieces() {
        black_box(piece);
    }
}

/// The fastest of several batches, in nanoseconds a call.
fn best(mut call: impl FnMut(u64)) -> f64 {
    let mut calls = 0u64;
    let mut fastest = f64::MAX;
    for _ in 0..BATCHES {
        let started = Instant::now();
        let mut done = 0u64;
        while started.elapsed().as_millis() < BATCH_MS {
            for _ in 0..16 {
                call(calls);
                calls += 1;
                done += 1;
            }
        }
        fastest = fastest.min(started.elapsed().as_nanos() as f64 / done as f64);
    }
    fastest
}
