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

/// A pooler with a port of its own.
#[derive(Debug)]
pub struct Pooler {
    port: u16,
    process: Child,
    _directory: TempDir,
}

impl Pooler {
    /// Before a cluster, with so many connections to it.
    ///
    /// # Panics
    /// There is no PgBouncer, or it does not start.
    #[must_use]
    pub fn before(cluster: &Cluster, connections: u32) -> Self {
        let (account, port) = (Account::of_servers(), free_port());
        let directory = tempfile::tempdir().unwrap();
        account.give(directory.path());
        let config = directory.path().join("pgbouncer.ini");
        let target = format!("{USER} = host=127.0.0.1 port={} user={USER}", cluster.port());
        let settings = format!(
            "listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = {connections}\n"
        );
        fs::write(&config, format!("[databases]\n{target}\n[pgbouncer]\n{settings}")).unwrap();
        account.give(&config);
        let log = fs::File::create(directory.path().join("log")).unwrap();
        let program = PROGRAMS.into_iter().find(|program| Path::new(program).exists()).unwrap_or("pgbouncer");
        let mut command = account.command(Path::new(program));
        command.arg(&config).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut process = command.spawn().unwrap();
        let deadline = Instant::now() + WITHIN;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = process.try_wait().unwrap();
            let log = || fs::read_to_string(directory.path().join("log")).unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "no pooler (`cargo xtask setup`?): {}", log());
            pause();
        }
        Self { port, process, _directory: directory }
    }

    /// Its port on the loopback address.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        account::signal("KILL", self.process.id());
        let _ended = self.process.wait();
    }
}
