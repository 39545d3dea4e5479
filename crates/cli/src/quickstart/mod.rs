//! `linkspan quickstart`: a server with samples in it, and what to do next.
//!
//! The samples are made through the API, with the client that everything else uses. Nothing of the surroundings is
//! taken over (no variable, no `linkspan.toml`), so that a first try never touches a real database.

mod guide;
mod samples;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::Args;
use linkspan_client::{Client, ClientConfig, ConnectionInfo, Credentials, Endpoints};
use linkspan_wire::{ListConnectionsQuery, StatusFilter};
use tempfile::TempDir;

use crate::commands::ConnectionRow;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{self, Output};
use crate::profile::CredentialsFile;
use crate::serve::{self, First, Layers, Node, NodeConfig, ServeOptions, Signals};

const PORT: u16 = 8780;

/// How to start.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// End once the table is shown
    #[arg(long)]
    once: bool,
    /// Keep the data in this directory; without one it goes away at the end
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// Runs it to its end.
pub(crate) fn run(options: &Options, environment: &Environment, output: &Output) -> Result<(), Failure> {
    // Held to the end: the directory goes away with it.
    let mut scratch: Option<TempDir> = None;
    let directory = match &options.data_dir {
        Some(given) => environment.at(given),
        None => {
            let made = tempfile::tempdir().map_err(|error| Failure::failed(format!("no directory: {error}")))?;
            scratch.insert(made).path().to_path_buf()
        }
    };
    let config = config(&directory, options.once)?;
    let _log = serve::log(&config)?;
    serve::runtime(config.threads)?.block_on(session(options, &config, output))
}

/// The default server in this directory, quiet, on a port that is free.
fn config(directory: &std::path::Path, once: bool) -> Result<NodeConfig, Failure> {
    let given = BTreeMap::from([
        ("data_dir", directory.display().to_string()),
        ("listen", free_address(once).to_string()),
        ("metrics_listen", "off".to_owned()),
        ("log", "warn".to_owned()),
    ]);
    let nothing = Environment::default();
    let layers = Layers::isolated(&ServeOptions { given, ..ServeOptions::default() });
    NodeConfig::read(&layers, &nothing, serve::cores())
}

/// The usual port if nobody has it; a server that nobody will call afterwards leaves it to others.
fn free_address(once: bool) -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT));
    let is_free = !once && TcpListener::bind(usual).is_ok();
    if is_free { usual } else { SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) }
}

async fn session(options: &Options, config: &NodeConfig, output: &Output) -> Result<(), Failure> {
    let mut signals = Signals::catch()?;
    let node = Node::start(config, &First::default()).await?;
    let shown = tokio::select! {
        shown = show(&node, options, output) => Some(shown),
        _ = signals.next() => None,
    };
    if matches!(shown, Some(Ok(()))) && !options.once {
        output.note("Serving until Ctrl-C.");
        signals.next().await;
    }
    signals.or_at_once(node.stop()).await;
    shown.unwrap_or(Ok(()))
}

/// Makes the samples, waits for them and shows them, and says how to go on if there is something to go on with.
async fn show(node: &Node, options: &Options, output: &Output) -> Result<(), Failure> {
    let credentials = CredentialsFile::read(&node.credentials)?;
    let keys = Credentials::key(credentials.access_key.clone(), credentials.secret_key());
    let client = Client::new(ClientConfig::new(Endpoints::one(&node.endpoint())?, keys))?;
    let project = client.project(&credentials.project_id);
    output::note(&format!("Linkspan listens on {}.", node.endpoint()));
    samples::make(&project).await?;
    samples::until_settled(&project).await?;
    let query = ListConnectionsQuery { status: Some(StatusFilter::Active), ..ListConnectionsQuery::default() };
    let connections: Vec<ConnectionInfo> = project.all_connections(&query).await?.items;
    output.list(&connections.into_iter().map(ConnectionRow::from).collect::<Vec<_>>())?;
    if options.once || !output.is_for_people() {
        return Ok(());
    }
    let token = guide::token(&credentials, &node.endpoint()).await?;
    // It is copied to another terminal, which may be somewhere else.
    let file = std::path::absolute(&node.credentials).unwrap_or_else(|_| node.credentials.clone());
    output.print(&guide::text(&guide::Facts {
        credentials: &credentials,
        file: &file,
        endpoint: &node.endpoint(),
        token: &token,
        program: &program(),
    }))
}

/// How the reader calls this program.
fn program() -> String {
    let path = std::env::current_exe().unwrap_or_else(|_| "linkspan".into());
    let here = std::env::current_dir().unwrap_or_default();
    match path.strip_prefix(&here) {
        Ok(below) => format!("./{}", below.display()),
        Err(_) => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surroundings_have_no_say() {
        let directory = tempfile::tempdir().unwrap();
        let config = config(directory.path(), false).unwrap();
        assert_eq!(config.data_dir, directory.path());
        assert_eq!(config.database.to_string(), directory.path().join("linkspan.db").display().to_string());
        assert_eq!((config.metrics_listen, config.log.as_str()), (None, "warn"));
        assert!(config.listen.ip().is_loopback());
    }
}
