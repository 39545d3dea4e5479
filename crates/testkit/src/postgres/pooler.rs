//! PgBouncer before a server, in the mode that promises nothing beyond a transaction: the next may get another connection.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::account::{self, Account};
use super::{Cluster, USER, WITHIN, free_port, pause};

/// Where it is: on the search path, or where Debian keeps it.
const PROGRAMS: [&str; 2] = ["/usr/sbin/pgbouncer", "pgbouncer"];

/// How many clients it takes unless a test says otherwise: its own default.
const CLIENTS: u32 = 100;

/// For so long it refuses everyone after the server refused it; 15 s by default, which is long for a test.
const LOGIN_RETRY_SECONDS: f32 = 0.2;

/// A pooler with a port of its own.
#[derive(Debug)]
pub struct Pooler {
    account: Account,
    directory: TempDir,
    port: u16,
    /// The port of the server.
    server: u16,
    connections: u32,
    process: Option<Child>,
}

impl Pooler {
    /// Before a cluster, with so many connections to it.
    ///
    /// # Panics
    /// There is no PgBouncer, or it does not start.
    #[must_use]
    pub fn before(cluster: &Cluster, connections: u32) -> Self {
        let (account, port, server) = (Account::of_servers(), free_port(), cluster.port());
        let directory = tempfile::tempdir().unwrap();
        account.give(directory.path());
        let mut pooler = Self { account, directory, port, server, connections, process: None };
        pooler.run(CLIENTS);
        pooler
    }

    /// Ends it and cuts every connection, and starts it again for any number of clients.
    ///
    /// # Panics
    /// It does not start.
    pub fn restart(&mut self) {
        self.restart_for(CLIENTS);
    }

    /// The same, for so many clients.
    ///
    /// # Panics
    /// It does not start.
    pub fn restart_for(&mut self, clients: u32) {
        self.end();
        self.run(clients);
    }

    fn run(&mut self, clients: u32) {
        let (port, server, connections) = (self.port, self.server, self.connections);
        let target = format!("{USER} = host=127.0.0.1 port={server} user={USER}");
        let settings = format!(
            "listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = {clients}\n\
             server_login_retry = {LOGIN_RETRY_SECONDS}\n"
        );
        let config = self.directory.path().join("pgbouncer.ini");
        fs::write(&config, format!("[databases]\n{target}\n[pgbouncer]\n{settings}")).unwrap();
        self.account.give(&config);
        let path = self.directory.path().join("log");
        let log = fs::File::create(&path).unwrap();
        let program = PROGRAMS.into_iter().find(|program| Path::new(program).exists()).unwrap_or("pgbouncer");
        let mut command = self.account.command(Path::new(program));
        command.arg(&config).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let process = self.process.insert(command.spawn().unwrap());
        let deadline = Instant::now() + WITHIN;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = process.try_wait().unwrap();
            let log = || fs::read_to_string(&path).unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "no pooler (`cargo xtask setup`?): {}", log());
            pause();
        }
    }

    fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            account::signal("KILL", process.id());
            let _ended = process.wait();
        }
    }

    /// Waits until it lets clients through to the server, which has been away.
    ///
    /// # Panics
    /// It never does.
    pub fn wait_for(&self, cluster: &Cluster) {
        let deadline = Instant::now() + WITHIN;
        while !cluster.answers_by(self.port) {
            assert!(Instant::now() < deadline, "the pooler finds no server");
            pause();
        }
    }

    /// Its port on the loopback address.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.end();
    }
}
