//! The plane that the configuration names, and the `netd` that a server starts for itself.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::{Engine, RandomIds};
use linkspan_model::NodeName;
use linkspan_plane::{Plane, PlaneError, Settings};
use linkspan_plane_linux::netd::RemotePlane;
use linkspan_server::{NoTurn, Part, PlaneWork};
use tokio::process::{Child, Command};
use tokio::time::{Instant, interval};

use super::config::{NodeConfig, PlaneChoice};
use super::database::Database;
use crate::failure::Failure;

/// How long a `netd` may take to answer for the first time.
const NETD_WITHIN: Duration = Duration::from_secs(10);

/// A plane at work, and the process that it needs.
pub(super) struct Planes {
    pub(super) work: PlaneWork,
    netd: Option<Child>,
}

impl Planes {
    /// Starts the plane that the configuration names.
    pub(super) async fn start((config, http): (&NodeConfig, SocketAddr), engine: &Engine) -> Result<Self, Failure> {
        let settings = Settings::default();
        let node = node(config)?;
        let address = format!("{node}:{}", http.port());
        let work = async |part| match config.database {
            Database::Sqlite(_) => Ok(PlaneWork::alone(engine, (settings, part)).await),
            Database::Postgres(_) => {
                let work = PlaneWork::in_turns(engine, (settings, part), (&RandomIds, &address)).await;
                work.map_err(|why| no_turn(&why))
            }
        };
        let PlaneChoice::Linux { socket, allowed } = &config.plane else {
            return Ok(Self { work: work(Part::Simulated).await?, netd: None });
        };
        let (socket, mut netd) = match socket {
            Some(socket) => (socket.clone(), None),
            None => {
                let own = config.data_dir.join("netd.sock");
                (own.clone(), Some(started(&own, allowed.as_deref())?))
            }
        };
        let plane = RemotePlane::new(&socket);
        answered(&plane, netd.as_mut()).await?;
        Ok(Self { work: work(Part::Host(Arc::new(plane), node.clone())).await?, netd })
    }

    /// Ends the plane's work, and then the process that did it; networks stay as they are.
    pub(super) async fn stop(self) {
        self.work.stop().await;
        if let Some(mut netd) = self.netd {
            // It ends when it can read no more from here.
            drop(netd.stdin.take());
            let _ended = netd.wait().await;
        }
    }
}

fn no_turn(why: &NoTurn) -> Failure {
    let failure = Failure::failed(why.to_string());
    match why {
        NoTurn::Another { .. } => failure
            .hint("start it with the others' --plane, or stop all of them first (they are let go of within 5 seconds)"),
        NoTurn::Store(_) => failure,
    }
}

/// What this node is called among those on one database.
fn node(config: &NodeConfig) -> Result<NodeName, Failure> {
    if let Some(node) = &config.node {
        return Ok(node.clone());
    }
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() { "localhost" } else { host.trim() };
    host.parse().map_err(|why| {
        Failure::usage(format!("the host's name can't be this node's: it {why}"))
            .hint("give it another with --node NAME")
    })
}

/// A `netd` that ends with this process, however that ends.
fn started(socket: &Path, allowed: Option<&Path>) -> Result<Child, Failure> {
    let failed = |error| Failure::failed(format!("no netd can be started: {error}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut netd = Command::new(program);
    netd.args(["netd", "--attached", "--socket"]).arg(socket);
    if let Some(allowed) = allowed {
        netd.arg("--config").arg(allowed);
    }
    netd.stdin(Stdio::piped()).spawn().map_err(failed)
}

/// Waits until `netd` answers, and says why it can't work if it does not.
async fn answered(plane: &RemotePlane, mut netd: Option<&mut Child>) -> Result<(), Failure> {
    let deadline = Instant::now() + NETD_WITHIN;
    let mut again = interval(Duration::from_millis(20));
    loop {
        again.tick().await;
        let why = match plane.check().await {
            Ok(_) => return Ok(()),
            Err(why @ PlaneError::Unavailable(_)) => why,
            Err(why) => return Err(Failure::failed(format!("this host's networks can't be changed: {why}"))),
        };
        if let Some(Ok(Some(status))) = netd.as_mut().map(|netd| netd.try_wait()) {
            return Err(Failure::failed(format!("netd ended ({status}); it says why above")));
        }
        if Instant::now() >= deadline {
            return Err(Failure::failed(why.to_string()));
        }
    }
}
