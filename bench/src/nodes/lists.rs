use std::thread;

use super::stage::{SHAPE, Stage, stop};
use crate::arguments::Bench;
use crate::contender::{Contender, Side, capture};
use crate::fixture::Asked;
use crate::outcome::Outcome;
use crate::process::{Usage, quiet_moment};
use crate::quantities::{figure, median};
use crate::rounds::{self, Measured, Pressure, Series, ratio_text};
use crate::server::Server;
use crate::table::Table;
use crate::wrk::{self, Load};

/// Different requests of a load.
const REQUESTS: usize = 64;

fn asked(limit: usize) -> Vec<Asked> {
    let page = |n: usize| Asked { active: true, limit, offset: n * (10_000 - limit) / REQUESTS, ..Asked::default() };
    (0..REQUESTS).map(page).collect()
}

/// One node on one core against the bare server and the embedded store.
pub(super) fn one_node(bench: &Bench) -> Outcome<String> {
    let stage = Stage::of(bench, SHAPE)?;
    let (strong, eventual) = (stage.settings("strong"), stage.settings("eventual"));
    let mut table = Table::new(["page, reads", "µs a request", "ceiling ÷ this", "requests/s", "p50, p99 µs"]);
    for limit in [10, 100] {
        let asked = asked(limit);
        let of = |name, side| Contender { name, fixture: &stage.fixture, asked: &asked, side };
        let (answer, answer_bytes) = capture(bench, &of("capture", Side::Linkspan(&[])))?;
        let contenders = [
            of("bare hyper", Side::Ceiling(&answer)),
            of("embedded", Side::Linkspan(&[])),
            of("strong", Side::Linkspan(&strong)),
            of("eventual", Side::Linkspan(&eventual)),
        ];
        // The database is no bystander, so no round would count as quiet: all of them count.
        let pressure = Pressure { connections: wrk::CONNECTIONS, answer_bytes };
        let mut series: Vec<_> = contenders.iter().map(|_| Series(Vec::new())).collect();
        for _ in 0..bench.rounds {
            for (series, contender) in series.iter_mut().zip(&contenders) {
                series.0.push(rounds::one(bench, contender, pressure)?);
            }
        }
        for (contender, own) in contenders.iter().zip(&series) {
            let ratio = ratio_text(&own.ratios(&series[0], Measured::cpu_us));
            let [p50, p99] = [|it: &Measured| it.counted.p50_us, |it: &Measured| it.counted.p99_us]
                .map(|of: fn(&Measured) -> f64| figure(own.median(of)));
            println!("  {limit}, {}: {ratio}", contender.name);
            table.row([
                format!("{limit}, {}", contender.name),
                figure(own.median(Measured::cpu_us)),
                ratio,
                figure(own.median(Measured::per_second)),
                format!("{p50}, {p99}"),
            ]);
        }
    }
    Ok(table.into_markdown())
}

/// Nodes that share two cores with the load and the database: what all of them answer, and what an answer costs.
pub(super) fn several_nodes(bench: &Bench) -> Outcome<String> {
    let stage = Stage::of(bench, SHAPE)?;
    let mut table = Table::new(["nodes, page of 100", "requests/s", "÷ embedded", "µs a request, all nodes"]);
    let kinds = [(0, ""), (1, "strong"), (2, "strong"), (3, "strong"), (1, "eventual"), (3, "eventual")];
    let mut rows: Vec<Vec<[f64; 2]>> = kinds.iter().map(|_| Vec::new()).collect();
    for _ in 0..bench.rounds {
        for (row, (count, reads)) in rows.iter_mut().zip(kinds) {
            let nodes = if count == 0 { vec![stage.embedded(bench)?] } else { stage.nodes(bench, (count, reads))? };
            row.push(loaded(bench, &stage, &nodes)?);
            stop(nodes)?;
        }
    }
    let middle = |row: &[[f64; 2]], at: usize| median(&row.iter().map(|it| it[at]).collect::<Vec<_>>());
    for (row, (count, reads)) in rows.iter().zip(kinds) {
        let ratios: Vec<_> = row.iter().zip(&rows[0]).map(|(own, embedded)| own[0] / embedded[0]).collect();
        let name = if count == 0 { "embedded".to_owned() } else { format!("{count}, {reads}") };
        println!("  {name}: {}", figure(middle(row, 0)));
        table.row([name, figure(middle(row, 0)), ratio_text(&ratios), figure(middle(row, 1))]);
    }
    Ok(table.into_markdown())
}

/// Requests a second of all nodes together, and the processor time of one in microseconds.
fn loaded(bench: &Bench, stage: &Stage, nodes: &[Server]) -> Outcome<[f64; 2]> {
    let asked = asked(100);
    let mut scripts = Vec::new();
    for (node, number) in nodes.iter().zip(0..) {
        let list = |asked: &Asked| stage.fixture.credentials.list(node.address, &asked.query());
        let path = bench.work.join(format!("requests{number}.lua"));
        std::fs::write(&path, wrk::script(&asked.iter().map(list).collect::<Outcome<Vec<_>>>()?))?;
        scripts.push((node.address, path));
    }
    quiet_moment(bench.patience());
    let connections = wrk::CONNECTIONS / nodes.len();
    let all = |seconds: u64| -> Outcome<Vec<wrk::Counted>> {
        let counted = thread::scope(|scope| {
            let run = |(address, script): &(_, std::path::PathBuf)| {
                let load = Load { address: *address, connections, seconds, script };
                load.run().map_err(|error| error.to_string())
            };
            let running: Vec<_> = scripts.iter().map(|script| scope.spawn(move || run(script))).collect();
            running.into_iter().map(|it| it.join().unwrap_or_else(|_| Err("the load failed".into()))).collect()
        });
        let counted: Result<Vec<_>, String> = counted;
        Ok(counted?)
    };
    all(1)?;
    let used = || nodes.iter().map(Server::usage).collect::<Outcome<Vec<Usage>>>();
    let seconds = |usages: Vec<Usage>| usages.iter().map(|usage| usage.user + usage.system).sum::<f64>();
    let before = seconds(used()?);
    let counted = all(bench.seconds)?;
    let after = seconds(used()?);
    let requests: u64 = counted.iter().map(|it| it.requests).sum();
    let per_second = counted.iter().map(|it| it.requests as f64 / it.seconds).sum();
    Ok([per_second, (after - before) * 1e6 / requests as f64])
}
