//! What takes part in a comparison: the real server or the bare one, with the requests that it is sent.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::arguments::Bench;
use crate::ceiling::Answer;
use crate::client::Client;
use crate::fixture::{Asked, Fixture, expected_page};
use crate::outcome::Outcome;
use crate::process::{Running, SERVER_CORE, Usage, pinned, wait_for};
use crate::quantities::median;
use crate::server::{Server, Setup, free_addresses};

/// One side of a comparison.
pub struct Contender<'a> {
    pub name: &'a str,
    pub fixture: &'a Fixture,
    pub asked: &'a [Asked],
    pub side: Side<'a>,
}

/// Which program answers.
pub enum Side<'a> {
    /// The bare server with this answer.
    Ceiling(&'a Path),
    /// The real one, with settings beside the defaults.
    Linkspan(&'a [(&'a str, &'a str)]),
}

/// A program that answers.
pub enum Live {
    Ceiling(Running, SocketAddr),
    Linkspan(Server),
}

impl Contender<'_> {
    pub fn start(&self, bench: &Bench) -> Outcome<Live> {
        match &self.side {
            Side::Ceiling(answer) => start_ceiling(answer),
            Side::Linkspan(more) => {
                let setup = Setup::of(&self.fixture.directory);
                let settings = [setup.settings, more].concat();
                Server::start(bench, Setup { settings: &settings, ..setup }).map(Live::Linkspan)
            }
        }
    }

    /// The requests, signed now.
    pub fn requests(&self, address: SocketAddr) -> Outcome<Vec<Vec<u8>>> {
        self.asked.iter().map(|asked| self.fixture.credentials.list(address, &asked.query())).collect()
    }
}

/// Starts the bare server with an answer.
pub fn start_ceiling(answer: &Path) -> Outcome<Live> {
    let [address, _] = free_addresses()?;
    let program = std::env::current_exe()?;
    let mut command = pinned(SERVER_CORE, &program);
    command.args(["ceiling", "--listen", &address.to_string(), "--answer"]).arg(answer);
    let mut running = Running::start(&mut command)?;
    let patience = (Duration::from_secs(10), Duration::from_millis(1));
    let answers = wait_for(patience.0, patience.1, || {
        (running.ended().is_some() || Client::connect(address).is_ok()).then_some(())
    });
    match answers {
        Some(()) if running.ended().is_none() => Ok(Live::Ceiling(running, address)),
        _ => Err("the bare server does not start".into()),
    }
}

impl Live {
    pub fn address(&self) -> SocketAddr {
        match self {
            Self::Ceiling(_, address) => *address,
            Self::Linkspan(server) => server.address,
        }
    }

    pub fn usage(&self) -> Outcome<Usage> {
        match self {
            Self::Ceiling(running, _) => running.usage(),
            Self::Linkspan(server) => server.usage(),
        }
    }

    pub fn stop(self) -> Outcome<()> {
        match self {
            // It knows no orderly end; dropping it ends it.
            Self::Ceiling(..) => Ok(()),
            Self::Linkspan(server) => server.stop(),
        }
    }
}

/// Takes the answer for the bare server from the real one, after checking that it is the expected page.
pub fn capture(bench: &Bench, contender: &Contender<'_>) -> Outcome<(PathBuf, usize)> {
    let live = contender.start(bench)?;
    let mut client = Client::connect(live.address())?;
    let records = contender.fixture.records()?;
    let asked = contender.asked;
    let checked = asked.len().min(if records.len() > 100_000 { 1 } else { 8 });
    let (mut captured, mut lengths) = (None, Vec::new());
    for (place, request) in contender.requests(live.address())?.iter().enumerate() {
        let (head, body) = client.call(request)?;
        let is_right = head.status == 200 && (place >= checked || body == expected_page(&records, &asked[place]));
        if !is_right {
            let query = asked[place].query();
            return Err(format!("{}: {query} answers another page ({})", contender.name, head.status).into());
        }
        lengths.push((head.bytes() + body.len()) as f64);
        captured = Some(Answer::captured(&head, body));
    }
    live.stop()?;
    let answer = captured.ok_or("nothing is asked for")?;
    let path = bench.work.join("answer");
    answer.write(&path)?;
    Ok((path, median(&lengths) as usize))
}
