//! `linkspan netd`: the process that may change this host's networks.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use linkspan_plane::Plane;
use linkspan_plane_linux::netd::Netd;
use linkspan_plane_linux::{LinuxPlane, Settings, identity};
use linkspan_server::telemetry::{self, LogFormat};
use tokio::io::AsyncReadExt;

use crate::failure::{Exit, Failure};
use crate::output;
use crate::serve::Signals;

/// How `netd` works.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where it listens; only the server's user may ask
    #[arg(long, value_name = "PATH", default_value = "/run/linkspan/netd.sock")]
    socket: PathBuf,
    /// The user that the server runs as, by name or number; by default the one that runs this
    #[arg(long, value_name = "USER")]
    server_user: Option<String>,
    #[command(flatten)]
    places: Places,
    /// What networks may be bound to on this host, and who is asked for names; a file that is not there allows nothing
    #[arg(long, value_name = "FILE", default_value = "/etc/linkspan/netd.toml")]
    config: PathBuf,
    /// End when standard input ends: for a server that started this itself
    #[arg(long, hide = true)]
    attached: bool,
    /// What is logged
    #[arg(long, value_name = "FILTER", default_value = "info")]
    log: String,
}

/// Where the plane keeps what others may enter.
#[derive(Debug, Clone, Args)]
pub(crate) struct Places {
    /// The directory of the networks' handles
    #[arg(long, value_name = "DIR", default_value = "/run/linkspan/netns")]
    namespaces: PathBuf,
    /// The directory of the networks' hosts files
    #[arg(long, value_name = "DIR", default_value = "/run/linkspan/hosts")]
    hosts: PathBuf,
    /// The program nft
    #[arg(long, value_name = "PATH", default_value = "/usr/sbin/nft", hide = true)]
    nft: PathBuf,
}

impl Places {
    pub(crate) fn settings(&self) -> Settings {
        let Self { namespaces, hosts, nft } = self.clone();
        Settings { namespaces, hosts, nft, ..Settings::default() }
    }
}

/// Works until a signal ends it. Networks stay as they are.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let _log = telemetry::init(LogFormat::Text, &options.log)
        .map_err(|error| Failure::usage(format!("{error}: {}", options.log)))?;
    let server = match &options.server_user {
        None => identity::own_user(),
        Some(user) => identity::user(user).ok_or_else(|| Failure::usage(format!("there is no user {user}")))?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed(format!("no runtime can be made: {error}")))?;
    runtime.block_on(async {
        let mut signals = Signals::catch()?;
        let plane = LinuxPlane::new(&Settings { allowed: options.config.clone(), ..options.places.settings() });
        let ready = plane.check().await.map_err(|why| {
            Failure::failed(format!("this host's networks can't be changed: {why}"))
                .hint("run netd as root, or with the capabilities that docs/linux-plane.md names")
        })?;
        plane.serve_names().await.map_err(|why| Failure::failed(format!("names: {why}")))?;
        let netd = Netd::bind(&options.socket, Arc::new(plane.clone()), server)
            .map_err(|error| Failure::new(Exit::Conflict, error.to_string()))?;
        let notes = ready.notes.join("; ");
        output::note(&format!("netd listens on {} for user {server}; {notes}", options.socket.display()));
        tokio::select! {
            () = netd.run() => {}
            () = plane.keep_to_allowances() => {}
            _ = signals.next() => {}
            () = end_of_input(), if options.attached => {}
        }
        Ok(())
    })
}

/// Whoever started this holds the other end, and lets go of it even if it is killed.
async fn end_of_input() {
    let mut rest = [0; 64];
    let mut input = tokio::io::stdin();
    while input.read(&mut rest).await.is_ok_and(|read| read > 0) {}
}
