//! What the administrator of this host allows networks to be bound to: `netd.toml`.
//!
//! A server only names an entry. What the entry stands for, who may use it and which addresses lie behind it is said here
//! and nowhere else, so that a server which was broken into reaches no more of the host than its administrator gave it.
//!
//! Invariants: the file is read anew whenever it is needed, and looked at when nobody needs it, so it needs no signal;
//! one that can't be read, or that others than its owner may write, changes nothing of what was allowed before; an entry
//! that was changed is another entry; what is no longer allowed is cut without anybody asking (`keep.rs`).
//!
//! It must not touch a network itself. To add a kind of thing: a variant of [`Target`], its keys in `entry.rs`, its making in
//! `router/bound.rs`.

mod entry;
mod file;
mod keep;

use std::net::SocketAddr;
use std::path::PathBuf;

use linkspan_model::ProjectId;

pub(crate) use self::entry::{Entry, Target};
pub use self::file::BadConfig;
pub(crate) use self::file::Config;

/// Everything that is allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub(crate) entries: Vec<Entry>,
    /// Who is asked for names without host record. Only what it says when netd starts counts.
    pub(crate) upstream_dns: Option<SocketAddr>,
}

/// Who may use an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    /// Any project.
    Everyone,
    /// This one.
    Project(ProjectId),
}

impl Whom {
    pub(crate) fn includes(&self, project: &ProjectId) -> bool {
        match self {
            Self::Everyone => true,
            Self::Project(only) => only == project,
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Everyone => "*",
            Self::Project(only) => only.as_str(),
        }
    }
}

/// Where the file is, unless somebody says otherwise.
pub(crate) fn default_path() -> PathBuf {
    "/etc/linkspan/netd.toml".into()
}
