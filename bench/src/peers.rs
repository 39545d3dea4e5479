//! Other ways to answer the same list, side by side: 100 of 1000 connections, 16 clients, one core for the server.
//!
//! Linkspan checks a signature with every request; the peers check nothing. A PostgreSQL behind a peer runs on any core
//! and its processor time is not counted against the peer.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::arguments::Bench;
use crate::client::Client;
use crate::data::Shape;
use crate::fixture::{Asked, Fixture, expected_page};
use crate::outcome::Outcome;
use crate::process::{Running, SERVER_CORE, Usage, pinned, wait_for};
use crate::quantities::{figure, median};
use crate::server::{Server, Setup, free_addresses};
use crate::table::Table;
use crate::wrk::{self, Counted, Load};

const CONNECTIONS: usize = 16;
const READY_WITHIN: Duration = Duration::from_secs(60);
const PEERS: &[&str] = &["fastapi", "fastify", "prism", "mockoon", "json-server", "moto"];
/// How many things moto has: it answers all of them, whatever is asked for.
const MOTO_THINGS: usize = 100;

struct Place {
    scripts: PathBuf,
    directory: PathBuf,
    postgres: SocketAddr,
}

struct Figures {
    counted: Counted,
    cpu_us: f64,
    rss_kib: u64,
}

/// The table of peers. Peers that do not start are named, and the others measured.
pub fn run(bench: &Bench) -> Outcome<String> {
    let fixture = Fixture::of(bench, Shape { connections: 1_000, deleted_percent: 0, tagged: false })?;
    let [postgres, mockoon] = free_addresses()?;
    let place = Place { scripts: PathBuf::from("bench/peers"), directory: bench.work.join("peers"), postgres };
    let page = bench.work.join("page.json");
    std::fs::write(&page, expected_page(&fixture.records()?, &Asked { limit: 1000, ..Asked::default() }))?;
    let port = mockoon.port().to_string();
    let mut setup = Command::new("sh");
    setup.arg(place.scripts.join("setup.sh")).arg(&place.directory).arg(&page).arg(&port);
    succeeded("setup.sh", setup.status()?.success())?;
    let database = place.start("postgres", postgres, None)?;
    wait_for(READY_WITHIN, Duration::from_millis(100), || Client::connect(postgres).ok()).ok_or("no PostgreSQL")?;
    succeeded("loading", place.command("load", postgres, None).status()?.success())?;
    let mut table = Table::new([
        "server",
        "requests/s",
        "p50, p99 ms",
        "µs a request",
        "MiB",
        "Linkspan's requests/s ×",
        "processor time ÷ Linkspan's",
    ]);
    let own = linkspan(bench, &fixture)?;
    row(&mut table, "Linkspan, signatures checked", &own, &own);
    for peer in PEERS.iter().filter(|peer| bench.wants(peer)) {
        match measured(bench, &place, (peer, mockoon)) {
            Ok(figures) => row(&mut table, peer, &figures, &own),
            Err(fault) => {
                println!("  {peer}: {fault}");
                table.row([(*peer).into(), format!("not measured: {fault}").replace(['\n', '|'], " ")]);
            }
        }
    }
    drop(database);
    Ok(table.into_markdown())
}

fn succeeded(what: &str, is_so: bool) -> Outcome<()> {
    if is_so { Ok(()) } else { Err(format!("{what} failed").into()) }
}

impl Place {
    fn command(&self, name: &str, address: SocketAddr, core: Option<&str>) -> Command {
        let mut command = core.map_or_else(|| Command::new("sh"), |core| pinned(core, Path::new("sh")));
        command.arg(self.scripts.join("start.sh")).arg(name).arg(&self.directory).arg(address.port().to_string());
        command.env("PEERS_PG_PORT", self.postgres.port().to_string()).stdin(Stdio::null());
        command
    }

    fn start(&self, name: &str, address: SocketAddr, core: Option<&str>) -> Outcome<Running> {
        let log = File::create(self.directory.join(format!("{name}.log")))?;
        Running::start(self.command(name, address, core).stdout(log.try_clone()?).stderr(log))
    }
}

fn linkspan(bench: &Bench, fixture: &Fixture) -> Outcome<Vec<Figures>> {
    let server = Server::start(bench, Setup::of(&fixture.directory))?;
    let request = fixture.credentials.list(server.address, "limit=100")?;
    let figures = rounds(bench, server.address, (&request, &|| server.usage()))?;
    server.stop()?;
    Ok(figures)
}

fn measured(bench: &Bench, place: &Place, (peer, mockoon): (&str, SocketAddr)) -> Outcome<Vec<Figures>> {
    let address = if peer == "mockoon" { mockoon } else { free_addresses()?[0] };
    let mut running = place.start(peer, address, Some(SERVER_CORE))?;
    let request = request(peer, address);
    let started = Instant::now();
    let answers = wait_for(READY_WITHIN, Duration::from_millis(20), || {
        let is_ready = || Client::connect(address)?.call(&request).map(|(head, _)| head.status == 200);
        (running.ended().is_some() || is_ready().unwrap_or(false)).then_some(())
    });
    if answers.is_none() || running.ended().is_some() {
        return Err(format!("it does not answer; see {peer}.log in {}", place.directory.display()).into());
    }
    println!("  {peer}: ready in {:?}", started.elapsed());
    if peer == "moto" {
        fill_moto(address)?;
    }
    let bytes = Client::connect(address)?.call(&request)?.1.len();
    if bytes < 20_000 {
        return Err(format!("its answer has {bytes} bytes only").into());
    }
    rounds(bench, address, (&request, &|| running.usage()))
}

fn request(peer: &str, address: SocketAddr) -> Vec<u8> {
    let body = "Action=DescribeVpcPeeringConnections&Version=2016-11-15";
    let path = match peer {
        "moto" => return moto_request(address, body),
        "json-server" => "/connections?_start=0&_limit=100",
        _ => "/v2.0/p1/datasource/enhanced-connections?limit=100&offset=0",
    };
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\n\r\n").into_bytes()
}

fn moto_request(address: SocketAddr, body: &str) -> Vec<u8> {
    const SCOPE: &str =
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0";
    let length = body.len();
    let kind = "application/x-www-form-urlencoded";
    format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nAuthorization: {SCOPE}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn fill_moto(address: SocketAddr) -> Outcome<()> {
    // It closes every connection after one answer.
    let ask = |body: &str| -> Outcome<String> {
        let mut client = Client::connect(address)?;
        let (_, answer) = client.call(&moto_request(address, body))?;
        Ok(String::from_utf8_lossy(answer).into_owned())
    };
    let vpc = ask("Action=CreateVpc&CidrBlock=10.0.0.0/16&Version=2016-11-15")?;
    let id = vpc.split_once("<vpcId>").and_then(|(_, rest)| rest.split_once("</vpcId>")).ok_or("moto made no VPC")?.0;
    for _ in 0..MOTO_THINGS {
        ask(&format!("Action=CreateVpcPeeringConnection&VpcId={id}&PeerVpcId={id}&Version=2016-11-15"))?;
    }
    Ok(())
}

type UsageOf<'a> = &'a dyn Fn() -> Outcome<Usage>;

fn rounds(bench: &Bench, address: SocketAddr, (request, usage): (&[u8], UsageOf<'_>)) -> Outcome<Vec<Figures>> {
    let script = bench.work.join("requests.lua");
    std::fs::write(&script, wrk::script(&[request.to_vec()]))?;
    let load = |seconds| Load { address, connections: CONNECTIONS, seconds, script: &script }.run();
    load(1)?;
    let one = |_| {
        let before = usage()?;
        let counted = load(bench.seconds)?;
        let after = usage()?;
        let cpu = after.user + after.system - before.user - before.system;
        Ok(Figures { counted, cpu_us: cpu * 1e6 / counted.requests as f64, rss_kib: after.rss_kib })
    };
    (0..bench.rounds).map(one).collect()
}

fn median_cpu(figures: &[Figures]) -> f64 {
    median(&figures.iter().map(|it| it.cpu_us).collect::<Vec<_>>())
}

fn median_time(figures: &[Figures]) -> f64 {
    median(&figures.iter().map(|it| it.counted.seconds / it.counted.requests as f64).collect::<Vec<_>>())
}

fn row(table: &mut Table, name: &str, figures: &[Figures], own: &[Figures]) {
    let middle = |of: &dyn Fn(&Figures) -> f64| figure(median(&figures.iter().map(of).collect::<Vec<_>>()));
    println!("  {name}: {} requests/s", middle(&|it| it.counted.requests as f64 / it.counted.seconds));
    table.row([
        name.into(),
        middle(&|it| it.counted.requests as f64 / it.counted.seconds),
        format!("{}, {}", middle(&|it| it.counted.p50_us / 1e3), middle(&|it| it.counted.p99_us / 1e3)),
        middle(&|it| it.cpu_us),
        middle(&|it| it.rss_kib as f64 / 1024.0),
        figure(median_time(figures) / median_time(own)),
        figure(median_cpu(figures) / median_cpu(own)),
    ]);
}
