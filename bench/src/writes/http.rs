use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::floor::Floor;
use super::load::{Created, LoadOptions};
use crate::arguments::Bench;
use crate::ceiling::Answer;
use crate::client::Client;
use crate::contender::start_ceiling;
use crate::data::Shape;
use crate::fixture::{Asked, Fixture};
use crate::outcome::Outcome;
use crate::process::{Bystanders, quiet_moment};
use crate::quantities::{figure, median};
use crate::rounds::{quietest, ratio_text};
use crate::server::{Server, Setup};
use crate::signed::create_body;
use crate::table::Table;
use crate::wrk::{self, Load};

const MANY: usize = 64;
const WARM_UP_MS: u64 = 300;
const ONE_EACH: &[(&str, &str)] = &[("BATCH_COMMANDS", "1")];

/// The tables of creates over HTTP.
pub(super) fn run(bench: &Bench) -> Outcome<String> {
    let mut text = String::new();
    for (name, part) in [("one", one_client as fn(&Bench) -> Outcome<String>), ("many", many_clients), ("storm", storm)]
    {
        if bench.wants(name) {
            text.push_str(&part(bench)?);
            text.push('\n');
        }
    }
    Ok(text)
}

/// A server for creates only, used up by one round.
fn server(bench: &Bench, settings: &[(&str, &str)]) -> Outcome<(Fixture, Server)> {
    let fixture = Fixture::fresh(bench, "writes")?;
    let setup = Setup::of(&fixture.directory);
    let settings = [setup.settings, settings].concat();
    let server = Server::start(bench, Setup { settings: &settings, ..setup })?;
    Ok((fixture, server))
}

fn load(bench: &Bench, fixture: &Fixture, clients: usize) -> LoadOptions {
    LoadOptions {
        address: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
        directory: fixture.directory.clone(),
        clients,
        milliseconds: bench.seconds * 1000,
        prefix: "made".into(),
    }
}

/// Warms up, then measures.
fn created(load: &LoadOptions, address: std::net::SocketAddr) -> Outcome<Created> {
    LoadOptions { address, milliseconds: WARM_UP_MS, prefix: "warm".into(), ..load.clone() }.start()?;
    LoadOptions { address, ..load.clone() }.start()
}

/// One client against the floor and a bare POST.
fn one_client(bench: &Bench) -> Outcome<String> {
    let answer = capture_create(bench)?;
    let rows = quietest(
        bench,
        |(foreign, _)| *foreign,
        |_| {
            let (fixture, server) = server(bench, &[])?;
            let load = load(bench, &fixture, 1);
            quiet_moment(bench.patience());
            let (bystanders, watched, before) = (Bystanders::watch()?, Instant::now(), server.usage()?);
            let floor = Floor::where_the_server_runs(&bench.work)?;
            let ceiling = start_ceiling(&answer)?;
            let bare = created(&load, ceiling.address())?;
            drop(ceiling);
            let own = created(&load, server.address)?;
            let after = server.usage()?;
            let apart = after.user + after.system - before.user - before.system;
            let foreign = bystanders.seconds(apart)? / watched.elapsed().as_secs_f64();
            server.stop()?;
            Ok((foreign, [floor.append_us, bare.p50_us, own.p50_us, own.p99_us]))
        },
    )?;
    let ratios: Vec<_> = rows.iter().map(|(_, [floor, bare, own, _])| own / (floor + bare)).collect();
    let [append, bare, p50, p99] =
        [0, 1, 2, 3].map(|at| median(&rows.iter().map(|(_, row)| row[at]).collect::<Vec<_>>()));
    let mut table = Table::new(["one client creates over HTTP", "value"]);
    table.row(["append floor".into(), format!("{} µs", figure(append))]);
    table.row(["bare hyper POST, p50".into(), format!("{} µs", figure(bare))]);
    table.row(["Linkspan, p50 and p99".into(), format!("{} and {} µs", figure(p50), figure(p99))]);
    table.row(["Linkspan ÷ (floor + bare POST)".into(), ratio_text(&ratios)]);
    Ok(table.into_markdown())
}

/// Many clients, with group commit and without.
fn many_clients(bench: &Bench) -> Outcome<String> {
    let mut series: [Vec<Created>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..bench.rounds {
        for (series, settings) in series.iter_mut().zip([&[][..], ONE_EACH]) {
            let (fixture, server) = server(bench, settings)?;
            quiet_moment(bench.patience());
            series.push(created(&load(bench, &fixture, MANY), server.address)?);
            server.stop()?;
        }
    }
    let mut table = Table::new(["64 clients create over HTTP", "creates/s", "p50, ms", "p99, ms"]);
    for (name, series) in ["group commit", "one transaction a command"].iter().zip(&series) {
        let middle = |of: fn(&Created) -> f64| figure(median(&series.iter().map(of).collect::<Vec<_>>()));
        let cells = [middle(|it| it.per_second), middle(|it| it.p50_us / 1e3), middle(|it| it.p99_us / 1e3)];
        let [per_second, p50, p99] = cells;
        table.row([(*name).into(), per_second, p50, p99]);
    }
    let gain: Vec<_> = series[0].iter().zip(&series[1]).map(|(a, b)| a.per_second / b.per_second).collect();
    table.row(["group commit ÷ one each".into(), ratio_text(&gain)]);
    Ok(table.into_markdown())
}

/// Lists while 64 clients create, against lists on an idle server.
fn storm(bench: &Bench) -> Outcome<String> {
    let shape = Shape { connections: 10_000, deleted_percent: 0, tagged: false };
    let lists = Fixture::of(bench, shape)?;
    let (mut rows, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds {
        let directory = bench.work.join("data-storm");
        copy(&lists, &directory)?;
        let setup = Setup { cores: "0,1", threads: 2, ..Setup::of(&directory) };
        let server = Server::start(bench, setup)?;
        let asked = |n: u64| Asked { active: true, limit: 100, offset: n as usize * 150, ..Asked::default() };
        let requests: Vec<_> =
            (0..64).map(|n| lists.credentials.list(server.address, &asked(n).query())).collect::<Outcome<_>>()?;
        let script = bench.work.join("requests.lua");
        std::fs::write(&script, wrk::script(&requests))?;
        let list = Load { address: server.address, connections: 1, seconds: bench.seconds, script: &script };
        quiet_moment(bench.patience());
        list.run()?;
        let idle = list.run()?;
        let mut load = load(bench, &lists, MANY);
        (load.address, load.milliseconds) = (server.address, (bench.seconds + 2) * 1000);
        let storm = std::thread::spawn(move || load.start().map_err(|error| error.to_string()));
        std::thread::sleep(Duration::from_millis(1000));
        let busy = list.run()?;
        let creates = storm.join().map_err(|_| "the storm failed")??;
        server.stop()?;
        ratios.push(busy.p99_us / idle.p99_us);
        rows.push([idle.p50_us, idle.p99_us, busy.p50_us, busy.p99_us, creates.per_second]);
    }
    let middle = |at: usize| figure(median(&rows.iter().map(|row: &[f64; 5]| row[at]).collect::<Vec<_>>()));
    let mut table = Table::new(["one client lists 100, two threads on both cores", "p50, µs", "p99, µs"]);
    table.row(["idle".into(), middle(0), middle(1)]);
    table.row([format!("while 64 clients create {} a second", middle(4)), middle(2), middle(3)]);
    table.row(["p99 ÷ idle".into(), String::new(), ratio_text(&ratios)]);
    Ok(table.into_markdown())
}

fn copy(fixture: &Fixture, directory: &std::path::Path) -> Outcome<()> {
    crate::fixture::empty(directory)?;
    for entry in std::fs::read_dir(&fixture.directory)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), directory.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Takes the answer to a create from the real server.
fn capture_create(bench: &Bench) -> Outcome<PathBuf> {
    let (fixture, server) = server(bench, &[])?;
    let request = fixture.credentials.create(server.address, &create_body("captured"))?;
    let mut client = Client::connect(server.address)?;
    let (head, body) = client.call(&request)?;
    if head.status != 201 {
        return Err(format!("a create was answered with {}: {}", head.status, String::from_utf8_lossy(body)).into());
    }
    let path = bench.work.join("created");
    Answer::captured(&head, body).write(&path)?;
    server.stop()?;
    Ok(path)
}
