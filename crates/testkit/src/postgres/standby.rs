//! A standby: a server that follows another one's log, until it is made the primary.

use std::fs::{self, File};
use std::process::Stdio;

use super::{ADMINISTRATOR, Cluster, template};

impl Cluster {
    /// Starts a server that follows this one, which it reaches by a port of this machine: its own, or a proxy's. It
    /// answers reads, and keeps none of the settings of the one that it follows.
    ///
    /// # Panics
    /// The data can't be copied, or it does not start.
    #[must_use]
    pub fn standby(&self, port: u16) -> Self {
        let data = template::new_place(&self.account);
        let mut copy = self.account.command(&self.programs.path("pg_basebackup"));
        copy.args(["-h", "127.0.0.1", "-p", &self.port().to_string(), "-U", ADMINISTRATOR, "-D"]).arg(&data);
        copy.args(["-c", "fast", "-X", "stream", "--no-sync"]);
        let copied = copy.stdin(Stdio::null()).output().unwrap();
        assert!(copied.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&copied.stderr));
        let signal = data.join("standby.signal");
        File::create(&signal).unwrap();
        self.account.give(&signal);
        fs::write(data.join("log"), "").unwrap();
        let primary = format!("host=127.0.0.1 port={port} user={ADMINISTRATOR} application_name=standby");
        // Whoever follows asks again soon, so that a test need not wait.
        let settings = format!("primary_conninfo = '{primary}'\nwal_retrieve_retry_interval = 100ms");
        Self::on(data, (self.programs.clone(), self.account.clone()), &settings)
    }

    /// Waits until a standby has all that this server has written, and follows it without a gap.
    ///
    /// # Panics
    /// It never has.
    pub fn wait_for_standby(&self) {
        let caught_up = "SELECT count(*) FROM pg_stat_replication
            WHERE state = 'streaming' AND replay_lsn >= pg_current_wal_flush_lsn()";
        self.wait_for(caught_up, "1");
    }

    /// Makes the standby the primary, whatever became of the one before.
    ///
    /// # Panics
    /// It is none, or does not become one.
    pub fn promote(&self) {
        assert_eq!(self.sql("SELECT pg_promote()"), "t", "the standby is not promoted\n{}", self.log());
    }
}
