//! What the view costs inside the process: pages at any depth, filters, memory, load.

use std::hint::black_box;
use std::time::Instant;

use linkspan_engine::{Access, PageQuery, Principal, Scope, State};

use crate::data::{self, Shape};

/// Resident memory of this process in KiB.
fn rss_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// The fastest of several batches, in nanoseconds a call.
fn best(mut call: impl FnMut(u64)) -> f64 {
    let mut rounds = 0u64;
    let mut fastest = f64::MAX;
    for _ in 0..9 {
        let started = Instant::now();
        let mut done = 0u64;
        while started.elapsed().as_millis() < 20 {
            for _ in 0..16 {
                call(rounds);
                rounds += 1;
                done += 1;
            }
        }
        fastest = fastest.min(started.elapsed().as_nanos() as f64 / done as f64);
    }
    fastest
}

fn scope(state: &State) -> Scope {
    let principal: Principal = state
        .principal_of_token(&"0123456789abcdef0123456789abcdef".parse().expect("a user id"), 1, None)
        .expect("the user");
    state.scope(&principal, data::project_id().as_str(), Access::Read).expect("a scope")
}

fn page(state: &State, scope: &Scope, query: &PageQuery) {
    let page = state.project(scope).page(query);
    for piece in page.into_pieces() {
        black_box(piece);
    }
}

pub fn run() {
    let started = Instant::now();
    data::records(Shape { connections: 1_000_000, deleted_percent: 0, tagged: false }, |record| {
        black_box((record.key(), record.to_body()));
    });
    println!("making the records of a million: {:?}", started.elapsed());
    for connections in [1_000_000, 10_000, 1_000, 20] {
        for deleted_percent in [0, 50, 99] {
            let before = rss_kib();
            let started = Instant::now();
            let state = data::state(Shape { connections, deleted_percent, tagged: false });
            let loaded = started.elapsed();
            let kib = rss_kib().saturating_sub(before);
            let scope = scope(&state);
            println!(
                "{connections} connections, {deleted_percent} % deleted: load {loaded:?}, {kib} KiB, {:.0} B a connection",
                kib as f64 * 1024.0 / f64::from(connections)
            );
            for active in [Some(true), None] {
                for limit in [10, 100] {
                    let total =
                        state.project(&scope).page(&PageQuery { active, limit: Some(0), ..Default::default() }).total
                            as u64;
                    let first = PageQuery { active, limit: Some(limit), ..Default::default() };
                    let deep = PageQuery { offset: total * 99 / 100, ..first.clone() };
                    let first_ns = best(|_| page(&state, &scope, &first));
                    let deep_ns = best(|_| page(&state, &scope, &deep));
                    let random_ns = best(|n| {
                        let offset = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % total.max(1);
                        page(&state, &scope, &PageQuery { offset, ..first.clone() });
                    });
                    println!(
                        "  active={active:?} limit={limit}: first {first_ns:.0} ns, 99 % {deep_ns:.0} ns, random {random_ns:.0} ns"
                    );
                }
            }
        }
    }
    let state = data::state(Shape { connections: 10_000, deleted_percent: 0, tagged: true });
    let scope = scope(&state);
    let tags = vec![("team".to_owned(), "rare".to_owned())];
    let rare = PageQuery { active: Some(true), limit: Some(100), tags, ..Default::default() };
    println!("tag filter 1/1000 of 10 000: {:.0} ns", best(|_| page(&state, &scope, &rare)));
    let name = PageQuery { name: Some("conn_0005000".into()), limit: Some(100), ..Default::default() };
    println!("name of 10 000: {:.0} ns", best(|_| page(&state, &scope, &name)));
}
