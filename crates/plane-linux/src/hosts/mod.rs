//! Host records of queues and pools: a hosts file each, and what it says in memory.
//!
//! Invariants: a file is rewritten in place and never replaced, because whoever runs inside the queue may have it
//! mounted, and a mount holds on to the file itself; its first line says which table it holds and what its text must
//! be, so a file that a crash or anybody else left otherwise is known as such and written anew; the file is all that is
//! remembered, so another process answers from it.
//!
//! It must not resolve anything but its own records.

mod file;

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use linkspan_plane::{Applied, HostTable, Observed, Resolution, SourceRef};

use crate::error::{Fault, Outcome};
use crate::host::{Host, absent};
use crate::locks::{Mode, Scope};
use crate::names::NamespaceName;
use crate::work::Ticket;
use crate::writes::Writes;

/// What the names of one queue or pool resolve to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Zone {
    /// The table's digest; 0 without records.
    pub(crate) digest: u64,
    pub(crate) names: HashMap<Box<str>, Resolution>,
}

impl Zone {
    /// What a name resolves to, letter case ignored.
    pub(crate) fn resolve(&self, name: &str) -> Option<Resolution> {
        self.names.get(&*name.to_ascii_lowercase()).copied()
    }
}

/// The directory of hosts files.
#[derive(Debug)]
pub(crate) struct HostFiles {
    directory: PathBuf,
    /// What files say that were read or written by this process, and which state of the file that was.
    zones: Mutex<HashMap<NamespaceName, (Stamp, Arc<Zone>)>>,
    /// How many files this process has written or removed.
    written: AtomicU64,
}

/// What there is to say of a network's names.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// These records.
    Records(Arc<Zone>),
    /// There is no file.
    Nothing,
    /// The file can't be read, or is not as it was written.
    Damaged,
}

/// Tells one state of a file from the next: its inode, length and time of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp(u64, u64, i64, i64);

impl Stamp {
    fn of(file: &File) -> std::io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = file.metadata()?;
        Ok(Self(metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec()))
    }
}

impl HostFiles {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory, zones: Mutex::default(), written: AtomicU64::new(0) }
    }

    /// The hosts file of a queue or pool.
    pub(crate) fn path(&self, name: &NamespaceName) -> PathBuf {
        self.directory.join(name.as_str()).join("hosts")
    }

    /// What `/etc/resolv.conf` is to say in every network, once names are answered.
    pub(crate) fn resolver_path(&self) -> PathBuf {
        self.directory.join("resolv.conf")
    }

    /// Writes that file.
    pub(crate) fn write_resolver(&self, text: &str) -> Outcome<()> {
        let path = self.resolver_path();
        let written = fs::create_dir_all(&self.directory).and_then(|()| fs::write(path, text));
        written.map_err(|error| Fault::io("say who answers names", &error))
    }

    /// What a file says; none if there is none, or if it is not as this plane wrote it.
    pub(crate) fn zone(&self, name: &NamespaceName) -> Outcome<Option<Arc<Zone>>> {
        let failed = |error| Fault::io("read a hosts file", &error);
        let mut file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let stamp = Stamp::of(&file).map_err(failed)?;
        if let Some((_, zone)) = self.zones().get(name).filter(|(known, _)| *known == stamp) {
            return Ok(Some(zone.clone()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let Some(zone) = file::read(&text) else { return Ok(None) };
        let zone = Arc::new(zone);
        self.zones().insert(name.clone(), (stamp, zone.clone()));
        Ok(Some(zone))
    }

    /// The same for whoever answers by it.
    pub(crate) fn said(&self, name: &NamespaceName) -> Said {
        match self.zone(name) {
            Ok(Some(zone)) => Said::Records(zone),
            Ok(None) if !self.path(name).exists() => Said::Nothing,
            _ => Said::Damaged,
        }
    }

    /// Changes whenever this process has changed a file.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    /// Writes a table into its file, in place.
    pub(crate) fn write(&self, name: &NamespaceName, table: &HostTable, writes: &Writes) -> Outcome<()> {
        let failed = |error| Fault::io("write a hosts file", &error);
        let path = self.path(name);
        let zone = Arc::new(Zone { digest: table.digest(), names: table.merged() });
        let text = file::write(&zone);
        writes.before("write a hosts file")?;
        let file = open(&path).map_err(failed)?;
        file.write_all_at(text.as_bytes(), 0).map_err(failed)?;
        file.set_len(text.len() as u64).map_err(failed)?;
        let stamp = Stamp::of(&file).map_err(failed)?;
        self.zones().insert(name.clone(), (stamp, zone));
        self.written.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Empties the file for whoever still has it mounted, and removes it.
    pub(crate) fn remove(&self, name: &NamespaceName, writes: &Writes) -> Outcome<()> {
        if !self.path(name).exists() {
            return Ok(());
        }
        self.write(name, &HostTable::default(), writes)?;
        self.zones().remove(name);
        writes.before("remove a hosts file")?;
        let removed = fs::remove_dir_all(self.directory.join(name.as_str()));
        self.written.fetch_add(1, Ordering::SeqCst);
        removed.map_err(|error| Fault::io("remove a hosts file", &error))
    }

    fn zones(&self) -> MutexGuard<'_, HashMap<NamespaceName, (Stamp, Arc<Zone>)>> {
        self.zones.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    OpenOptions::new().create(true).write(true).truncate(false).open(path)
}

impl Host {
    pub(crate) fn ensure_hosts(&self, source: &SourceRef, table: &HostTable, ticket: &Ticket) -> Outcome<Applied> {
        let name = NamespaceName::of_source(source);
        let _held = self.locks.take(vec![(Scope::Namespace(name.clone()), Mode::Alone)], ticket)?;
        if self.namespace(&name)?.is_none() {
            let nothing = table.digest() == 0;
            return if nothing { Ok(Applied::UNCHANGED) } else { Err(Fault::Plane(absent(source))) };
        }
        if self.files.zone(&name)?.is_some_and(|zone| zone.digest == table.digest()) {
            return Ok(Applied::UNCHANGED);
        }
        self.files.write(&name, table, &self.writes)?;
        Ok(Applied::AT_ONCE)
    }

    /// The host records of a network that is there; a file that is not as it was written counts as another table.
    pub(crate) fn list_hosts(&self, name: &NamespaceName, source: Arc<SourceRef>) -> Outcome<Option<Observed>> {
        let digest = match self.files.zone(name)? {
            Some(zone) => zone.digest,
            None if self.files.path(name).exists() => u64::MAX,
            None => 0,
        };
        Ok((digest != 0).then_some(Observed::Hosts { source, digest }))
    }
}
