//! Every setting of the server: one line each, from which the flags, the variables, the keys of `linkspan.toml` and
//! the documentation are made.
//!
//! To add a setting: a line in [`SETTINGS`], and in `config.rs` the field that it becomes.

/// A setting. Its key is also its variable (`LINKSPAN_` and the key in capitals) and its flag (with hyphens).
pub(crate) struct Setting {
    /// Its key in the file.
    pub(crate) key: &'static str,
    /// What its value is called in help.
    pub(crate) value: &'static str,
    /// What it is where nobody says anything; empty = nothing.
    pub(crate) default: &'static str,
    /// What it is for.
    pub(crate) help: &'static str,
    /// Where it can be said beside the variable and the file.
    pub(crate) kind: Kind,
}

/// What a setting looks like on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A flag with a value.
    Value,
    /// A flag without one, which means `true`.
    Switch,
    /// No flag at all.
    FileOnly,
}

impl Setting {
    /// Its environment variable.
    pub(crate) fn variable(&self) -> String {
        format!("LINKSPAN_{}", self.key.to_ascii_uppercase())
    }

    /// Its flag, with its hyphens.
    pub(crate) fn flag(&self) -> String {
        format!("--{}", self.key.replace('_', "-"))
    }
}

macro_rules! settings {
    ($($kind:ident $key:literal $value:literal $default:literal $help:literal)*) => {
        &[$(Setting { key: $key, value: $value, default: $default, help: $help, kind: Kind::$kind }),*]
    };
}

/// Every setting, in the order of the documentation.
pub(crate) const SETTINGS: &[Setting] = settings! {
    Value "data_dir" "DIR" "./linkspan-data" "Database, keys, certificate and credentials.json; one process at a time"
    Value "listen" "ADDR" "127.0.0.1:8780" "Address of the API over HTTP"
    Value "tls_listen" "ADDR" "" "Address of the API over HTTPS"
    Value "tls_cert" "FILE" "" "Certificate chain in PEM form, read again when it changes; without one the server makes its own"
    Value "tls_key" "FILE" "" "Key of that certificate"
    Value "database" "URL" "" "Where the records are: sqlite:PATH, or postgres://… for several nodes; by default linkspan.db in the data directory"
    Value "reads" "MODE" "strong" "On PostgreSQL, what a read sees: every change answered before it (strong), or at worst none of the last 10 s (eventual)"
    Value "plane" "NAME" "simulated" "What makes networks reach each other: simulated, or linux for this host's own"
    Value "node" "NAME" "" "What this node is called among those on one database, which projects are placed on by; by default as its host"
    Value "netd_socket" "PATH" "" "Where the netd of the linux plane listens; by default the server starts one of its own"
    Value "netd_config" "FILE" "" "What that netd allows networks to be bound to; by default /etc/linkspan/netd.toml"
    Value "metrics_listen" "ADDR" "127.0.0.1:8781" "Address of the Prometheus metrics, or off"
    Value "directory" "MODE" "open" "Whether an unknown VPC or subnet is taken as existing (open) or refused (strict)"
    Value "threads" "N" "" "Worker threads; by default as many as there are cores"
    Switch "debug_signatures" "BOOL" "false" "Say in 401 answers which canonical request was expected"
    Value "log" "FILTER" "info" "What is logged, such as warn, or info,linkspan::access=off to leave out the requests"
    Value "log_format" "FORM" "text" "How it is logged: text or json"
    FileOnly "region" "NAME" "cn-north-4" "The region that identity answers name; the first project bears its name"
    FileOnly "master_key_file" "FILE" "" "The key that secrets are sealed with; by default master.key in the data directory; on PostgreSQL it must be named"
    FileOnly "list_default_status" "STATUS" "all" "What a list without status shows: all or active"
    FileOnly "keep_deleted" "TIME" "30d" "How long a deleted connection is kept"
    FileOnly "keep_deleted_count" "N" "10000" "Most deleted connections that a project keeps"
    FileOnly "creation_deadline" "TIME" "2m" "How long a peer may be CREATING before it is FAILED"
    FileOnly "delete_wait" "TIME" "30s" "How long a delete waits for peers that are being created"
    FileOnly "unbind_wait" "TIME" "2s" "How long an unbind waits for the plane to have cut the peer"
    FileOnly "test_wait" "TIME" "10s" "How long the show of a connectivity test waits for its result"
    FileOnly "batch_commands" "N" "256" "Most changes of one transaction; 1 turns group commit off, for measurements"
};

/// The setting of a key. Only keys of the table are asked for.
pub(crate) fn by_key(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_from_the_key() {
        let setting = by_key("tls_listen").unwrap();
        assert_eq!((setting.variable().as_str(), setting.flag().as_str()), ("LINKSPAN_TLS_LISTEN", "--tls-listen"));
    }

    #[test]
    fn keys_are_unique() {
        let mut keys: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), SETTINGS.len());
    }
}
