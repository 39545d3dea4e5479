//! One stream of TCP through a peer, and the same way without its packet filter, by turns.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use linkspan_plane::conformance::samples;
use linkspan_plane::{Change, DestNet, PeerSpec};
use linkspan_plane_linux::LinuxPlane;
use nix::sched::{CloneFlags, setns};

use super::cost::{apply, plane};
use crate::arguments::Bench;
use crate::outcome::Outcome;
use crate::quantities::{figure, median};
use crate::rounds::ratio_text;
use crate::table::Table;

const PORT: u16 = 9092;
const CHUNK: usize = 256 << 10;
/// Pairs of streams in the time of a round.
const SLICES: usize = 5;

/// The two ends of a way.
struct Way {
    queue: PathBuf,
    subnet: PathBuf,
    address: String,
}

pub(super) fn table(bench: &Bench) -> Outcome<String> {
    let directory = Path::new("/run/streams");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let plane = plane(directory);
    let mut ways = Vec::new();
    let mut routers = BTreeSet::new();
    for (number, vpc) in [(1, "filtered"), (2, "open")] {
        let peer = peer(number, vpc)?;
        apply(&runtime, &plane, &[Change::EnsureNetwork(peer.source.clone()), Change::EnsurePeer(peer.clone())])?;
        let router = handles(&directory.join("netns"))?.into_iter().find(|router| !routers.contains(router));
        let router = router.ok_or("a peer without router")?;
        if vpc == "open" {
            let opened =
                inside(&router, || Command::new("nft").args(["delete", "table", "inet", "linkspan"]).status())?;
            if !opened?.success() {
                return Err("the packet filter can't be taken away".into());
            }
        }
        routers.insert(router);
        ways.push(way(&plane, &peer));
    }
    let mut speeds = [Vec::new(), Vec::new()];
    // Short ones and many of them: whatever else the machine does meets both ways.
    for round in 0..SLICES * bench.rounds {
        // The order turns around.
        for place in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            speeds[place].push(pumped(&ways[place], bench.measured() / SLICES as u32)?);
        }
    }
    let ratios: Vec<f64> = speeds[0].iter().zip(&speeds[1]).map(|(filtered, open)| filtered / open).collect();
    let mut table = Table::new(["one TCP stream, queue to subnet", "Gbit/s"]);
    table.row(["through a peer".into(), figure(median(&speeds[0]))]);
    table.row(["the same way without packet filter".into(), figure(median(&speeds[1]))]);
    table.row(["filtered ÷ unfiltered".into(), ratio_text(&ratios)]);
    eprintln!("  streams: {}", ratio_text(&ratios));
    Ok(table.into_markdown())
}

fn peer(number: u8, vpc: &str) -> Outcome<PeerSpec> {
    let source = samples::source(&format!("q{number}"), "10.10.0.0/24");
    let cidr = "192.168.10.0/24";
    let network = format!("{vpc}-subnet").parse()?;
    let destination = DestNet::new(samples::project(), vpc.parse()?, network, Some(cidr.parse()?));
    Ok(PeerSpec { destination, ..samples::spec_from(number.into(), source, cidr) })
}

fn way(plane: &LinuxPlane, peer: &PeerSpec) -> Way {
    let subnet = plane.subnet_path(&peer.destination.project, &peer.destination.network);
    Way { queue: plane.source_path(&peer.source.source), subnet, address: format!("192.168.10.2:{PORT}") }
}

/// The handles of routers.
fn handles(directory: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(directory)?.collect::<Result<Vec<_>, _>>()?;
    let is_router = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("v-");
    Ok(entries.iter().filter(|entry| is_router(entry)).map(std::fs::DirEntry::path).collect())
}

/// Does something in a namespace, on a thread that ends with it.
fn inside<T: Send>(handle: &Path, work: impl FnOnce() -> T + Send) -> Outcome<T> {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let entered = File::open(handle).map(|file| setns(file, CloneFlags::CLONE_NEWNET));
            entered.map(|entered| entered.map(|()| work()))
        });
        let done = thread.join().map_err(|_| "a thread ended in the middle")?;
        Ok(done??)
    })
}

/// Gbit/s from one end to the other.
fn pumped(way: &Way, measured: Duration) -> Outcome<f64> {
    let listener = inside(&way.subnet, || TcpListener::bind(&way.address))??;
    let mut sender = inside(&way.queue, || TcpStream::connect(&way.address))??;
    let (mut receiver, _) = listener.accept()?;
    let sending = thread::spawn(move || {
        let (chunk, until) = (vec![0x5a; CHUNK], Instant::now() + measured);
        while Instant::now() < until {
            sender.write_all(&chunk)?;
        }
        sender.shutdown(Shutdown::Write)
    });
    let (mut buffer, mut bytes, began) = (vec![0; CHUNK], 0, Instant::now());
    loop {
        match receiver.read(&mut buffer)? {
            0 => break,
            read => bytes += read,
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    sending.join().map_err(|_| "the sender ended in the middle")??;
    Ok(bytes as f64 * 8e-9 / seconds)
}
