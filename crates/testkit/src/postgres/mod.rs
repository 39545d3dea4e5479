//! A PostgreSQL server of a test's own: real, flushing, and gone with the test.
//!
//! Its data is a copy of a template that is made once under the target directory. The server never runs as root, since
//! it refuses to; whoever runs the tests as root lends it another user. It dies with the thread that started it, even
//! if that is killed.
//!
//! Without PostgreSQL on the machine a test that asks for a server fails: `cargo xtask setup` installs it.

mod account;
pub mod pooler;
mod processes;
mod programs;
pub mod proxy;
mod standby;
mod template;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use self::account::Account;
use self::programs::Programs;

/// How long a server may take to start or to end.
const WITHIN: Duration = Duration::from_secs(60);

/// The user of every cluster's one database, which is called the same. It owns the database and is nothing more.
pub const USER: &str = "linkspan";

/// The user who may do everything.
pub const ADMINISTRATOR: &str = "postgres";

/// A server with one empty database.
#[derive(Debug)]
pub struct Cluster {
    programs: Programs,
    account: Account,
    /// Data and sockets; a socket's path must be short, so they lie apart.
    data: PathBuf,
    sockets: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Cluster {
    /// Starts a server with the settings of `postgresql.conf` given, one a line.
    ///
    /// # Panics
    /// There is no PostgreSQL, or it does not start.
    #[must_use]
    pub fn start(settings: &str) -> Self {
        let programs = Programs::find();
        let account = Account::of_servers();
        let data = template::copy(&programs, &account);
        Self::on(data, (programs, account), settings)
    }

    /// Starts a server on data that lie there.
    fn on(data: PathBuf, (programs, account): (Programs, Account), settings: &str) -> Self {
        let sockets = tempfile::tempdir().unwrap();
        account.give(sockets.path());
        // A test in a user namespace is nobody to the directory's owner.
        fs::set_permissions(sockets.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let common = "shared_buffers = 16MB\nmax_connections = 60\nlisten_addresses = '127.0.0.1'\nfsync = on\n";
        let own = format!("{common}unix_socket_directories = '{}'\n{settings}\n", sockets.path().display());
        fs::write(data.join("postgresql.auto.conf"), own).unwrap();
        let mut cluster = Self { programs, account, data, sockets, port: free_port(), server: None };
        cluster.run();
        cluster
    }

    /// Starts the server again, on the same port.
    ///
    /// # Panics
    /// It runs, or does not start.
    pub fn run(&mut self) {
        assert!(self.server.is_none(), "the server runs");
        let log = fs::File::options().create(true).append(true).open(self.data.join("log")).unwrap();
        let mut command = self.account.command(&self.programs.path("postgres"));
        command.arg("-D").arg(&self.data).args(["-p", &self.port.to_string()]);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.server = Some(command.spawn().unwrap());
        let status = self.data.join("postmaster.pid");
        // What a server says that takes writes, and what one says that follows another.
        let serves = |line: &str| matches!(line.trim(), "ready" | "standby");
        let is_ready = || fs::read_to_string(&status).is_ok_and(|text| text.lines().any(serves));
        let deadline = Instant::now() + WITHIN;
        while !is_ready() {
            let ended = self.server.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "no server: {ended:?}\n{}", self.log());
            pause();
        }
    }

    /// Ends the server in order: transactions are rolled back, connections closed.
    pub fn stop(&mut self) {
        self.end("INT");
    }

    /// Ends the server as a crash does; its next start recovers.
    pub fn crash(&mut self) {
        self.end("QUIT");
    }

    fn end(&mut self, signal: &str) {
        let Some(mut server) = self.server.take() else { return };
        account::signal(signal, server.id());
        let deadline = Instant::now() + WITHIN;
        while server.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the server does not end\n{}", self.log());
            pause();
        }
    }

    /// The URL of a schema, over TCP.
    #[must_use]
    pub fn url(&self, schema: &str) -> String {
        self.url_of("127.0.0.1", self.port, schema)
    }

    /// The URL of a schema at another address, such as a proxy's.
    #[must_use]
    pub fn url_of(&self, host: &str, port: u16, schema: &str) -> String {
        format!("postgres://{USER}@{host}:{port}/{USER}?sslmode=disable&schema={schema}")
    }

    /// The URL of a schema by way of several ports of this machine, tried in this order.
    #[must_use]
    pub fn url_by(&self, ports: &[u16], schema: &str) -> String {
        let hosts: Vec<_> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        self.url(schema).replace(&format!("127.0.0.1:{}", self.port), &hosts.join(","))
    }

    /// The URL of a schema, over the socket.
    #[must_use]
    pub fn socket_url(&self, schema: &str) -> String {
        let directory = self.sockets.path().display().to_string().replace('/', "%2F");
        format!("postgres://{USER}@{directory}:{}/{USER}?schema={schema}", self.port)
    }

    /// Its port on the loopback address.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its data directory, for files that it is to read.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Puts a file into the data directory that only the server can read.
    ///
    /// # Panics
    /// It can't be written.
    pub fn put(&self, name: &str, content: &str) {
        let path = self.data.join(name);
        fs::write(&path, content).unwrap();
        self.account.give(&path);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Carries out SQL as the administrator and answers what it prints, without decoration.
    ///
    /// # Panics
    /// It fails.
    #[must_use]
    pub fn sql(&self, sql: &str) -> String {
        let output = self.psql().args(["-c", sql]).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A client with the administrator's rights that carries out SQL and then stays until it is dropped.
    ///
    /// # Panics
    /// It can't be started.
    #[must_use]
    pub fn visitor(&self, sql: &str) -> Visitor {
        Self::visit(self.psql(), sql)
    }

    /// A client with the nodes' rights that comes by way of a port of this machine, such as a pooler's; else the same.
    ///
    /// # Panics
    /// It can't be started.
    #[must_use]
    pub fn visitor_by(&self, port: u16, sql: &str) -> Visitor {
        Self::visit(self.psql_by(port), sql)
    }

    /// Whether a port of this machine leads to a server that answers.
    fn answers_by(&self, port: u16) -> bool {
        let asked = self.psql_by(port).args(["-c", "SELECT 1"]).output();
        asked.is_ok_and(|output| output.status.success())
    }

    fn psql_by(&self, port: u16) -> Command {
        let mut psql = self.psql();
        psql.args(["-h", "127.0.0.1", "-U", USER, "-p", &port.to_string()]);
        psql
    }

    fn visit(mut psql: Command, sql: &str) -> Visitor {
        let mut psql = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut statements = psql.stdin.take().unwrap();
        writeln!(statements, "{sql}; SELECT 'done';").unwrap();
        let mut line = String::new();
        let mut answers = BufReader::new(psql.stdout.take().unwrap());
        while line.trim() != "done" {
            line.clear();
            assert!(answers.read_line(&mut line).unwrap() > 0, "{sql} fails");
        }
        Visitor { psql, statements }
    }

    fn psql(&self) -> Command {
        let mut command = self.account.command(&self.programs.path("psql"));
        command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-U", ADMINISTRATOR, "-d", USER]);
        command.args(["-p", &self.port.to_string(), "-h"]).arg(self.sockets.path()).stdin(Stdio::null());
        command
    }

    /// Makes commits to a schema fail as those do that can't be put in one order: all, or two of three, and at COMMIT
    /// itself or before it.
    ///
    /// # Panics
    /// The schema holds no store.
    pub fn forbid_order(&self, schema: &str, (is_late, all): (bool, bool)) {
        self.allow_order(schema);
        let when = if is_late { "DEFERRABLE INITIALLY DEFERRED" } else { "" };
        // A sequence counts what is rolled back, too.
        let counts = if all { "true" } else { &format!("nextval('{schema}.orders') % 3 <> 0") };
        let _ = self.sql(&format!(
            "CREATE SEQUENCE {schema}.orders;
            CREATE FUNCTION {schema}.forbid() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$ BEGIN
                IF {counts} THEN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER forbid AFTER INSERT ON {schema}.commits {when}
                FOR EACH ROW EXECUTE FUNCTION {schema}.forbid()"
        ));
    }

    /// Lets commits through again.
    ///
    /// # Panics
    /// The schema holds no store.
    pub fn allow_order(&self, schema: &str) {
        let _ = self.sql(&format!(
            "DROP TRIGGER IF EXISTS forbid ON {schema}.commits; DROP FUNCTION IF EXISTS {schema}.forbid;
            DROP SEQUENCE IF EXISTS {schema}.orders"
        ));
    }

    /// Waits until a query answers something.
    ///
    /// # Panics
    /// It does not.
    pub fn wait_for(&self, query: &str, answer: &str) {
        let deadline = Instant::now() + WITHIN;
        loop {
            let found = self.sql(query);
            if found == answer {
                return;
            }
            assert!(Instant::now() < deadline, "{query} answers {found}, not {answer}");
            pause();
        }
    }

    /// Changes a setting of the running server.
    ///
    /// # Panics
    /// It can't be changed.
    pub fn set(&self, name: &str, value: &str) {
        let _ = self.sql(&format!("ALTER SYSTEM SET {name} = {value}"));
        let _ = self.sql("SELECT pg_reload_conf()");
        self.wait_for(&format!("SHOW {name}"), value.trim_matches('\''));
    }

    fn log(&self) -> String {
        fs::read_to_string(self.data.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.thaw();
        }
        if let Some(mut server) = self.server.take() {
            // Nothing of it is needed any more, so it need not end in order.
            account::signal("QUIT", server.id());
            let _ended = server.wait();
        }
        let _gone = self.data.parent().map(fs::remove_dir_all);
    }
}

/// Another client of the server. Dropping it ends it, and its transaction with it.
#[derive(Debug)]
pub struct Visitor {
    psql: Child,
    statements: ChildStdin,
}

impl Visitor {
    /// Carries out SQL, without waiting for it.
    ///
    /// # Panics
    /// The server has sent it away.
    pub fn say(&mut self, sql: &str) {
        writeln!(self.statements, "{sql};").unwrap();
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        let _killed = self.psql.kill();
        let _ended = self.psql.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[allow(clippy::disallowed_methods, reason = "looks at a predicate again and again until a deadline")]
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(5));
}
