use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::statfs::{FsType, fstatfs};

use super::{Namespace, OWN, identity, leave_for_a_new_one, on_a_thread};
use crate::error::{Fault, Outcome};
use crate::names::NamespaceName;
use crate::watch::Post;
use crate::writes::Writes;

/// The file system in which the kernel keeps namespaces.
const NSFS: FsType = FsType(0x6e73_6673);

/// The directory of handles, and the namespaces behind them that are open.
#[derive(Debug)]
pub(crate) struct Namespaces {
    directory: PathBuf,
    open: Mutex<Open>,
    host: OnceLock<Arc<Namespace>>,
}

#[derive(Debug, Default)]
struct Open {
    namespaces: HashMap<NamespaceName, Arc<Namespace>>,
    /// From where they are watched, once somebody does.
    post: Option<Arc<Post>>,
}

impl Open {
    fn insert(&mut self, namespace: &Arc<Namespace>) {
        self.post.iter().for_each(|post| post.admit(namespace));
        self.namespaces.insert(namespace.name.clone(), Arc::clone(namespace));
    }
}

impl Namespaces {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory, open: Mutex::default(), host: OnceLock::new() }
    }

    /// Where the handle of a namespace is.
    pub(crate) fn path(&self, name: &NamespaceName) -> PathBuf {
        self.directory.join(name.as_str())
    }

    /// The names of all that are there.
    pub(crate) fn names(&self) -> Outcome<Vec<NamespaceName>> {
        let failed = |error| Fault::io("read the directory of namespaces", &error);
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let file = entry.map_err(failed)?.file_name();
            names.extend(file.to_str().and_then(NamespaceName::of_handle));
        }
        Ok(names)
    }

    /// A namespace that is there; none if it is not. A file that no namespace is mounted on is what a crash left.
    pub(crate) fn get(&self, name: &NamespaceName) -> Outcome<Option<Arc<Namespace>>> {
        let file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.lock().namespaces.remove(name);
                return Ok(None);
            }
            Err(error) => return Err(Fault::io("open a network namespace", &error)),
        };
        if !is_namespace(&file)? {
            self.lock().namespaces.remove(name);
            return Ok(None);
        }
        let identity = identity(&file)?;
        if let Some(known) = self.lock().namespaces.get(name).filter(|known| known.identity == identity) {
            return Ok(Some(known.clone()));
        }
        let namespace = Arc::new(Namespace::behind(name.clone(), file)?);
        self.lock().insert(&namespace);
        Ok(Some(namespace))
    }

    /// The host's own. Threads of a pool never leave it.
    pub(crate) fn host(&self) -> Outcome<Arc<Namespace>> {
        if let Some(known) = self.host.get() {
            return Ok(known.clone());
        }
        let namespace = Arc::new(Namespace::own(NamespaceName::of_host())?);
        Ok(self.host.get_or_init(|| namespace).clone())
    }

    /// Makes a namespace, lets `complete` fill it, and only then gives it its handle.
    pub(crate) fn create(
        &self,
        name: &NamespaceName,
        writes: &Writes,
        complete: impl FnOnce(&Namespace) -> Outcome<()> + Send,
    ) -> Outcome<Arc<Namespace>> {
        writes.before("make a network namespace")?;
        let namespace = on_a_thread(|| {
            leave_for_a_new_one()?;
            let namespace = Namespace::own(name.clone())?;
            complete(&namespace)?;
            writes.before("give a network namespace its handle")?;
            hold(&self.directory, &self.path(name))?;
            Ok(Arc::new(namespace))
        })?;
        self.lock().insert(&namespace);
        Ok(namespace)
    }

    /// Makes a namespace that is gone when `work` ends.
    pub(crate) fn scratch<T: Send>(&self, work: impl FnOnce(&Namespace) -> Outcome<T> + Send) -> Outcome<T> {
        on_a_thread(|| work(&new_unnamed()?))
    }

    /// Makes a namespace that is gone when it is dropped.
    pub(crate) fn unnamed() -> Outcome<Namespace> {
        on_a_thread(new_unnamed)
    }

    /// From where all that are open, and will be, are watched.
    pub(crate) fn post(&self) -> Outcome<Arc<Post>> {
        let mut open = self.lock();
        if let Some(post) = &open.post {
            return Ok(Arc::clone(post));
        }
        let post = Post::make()?;
        open.namespaces.values().for_each(|namespace| post.admit(namespace));
        Ok(open.post.insert(post).clone())
    }

    /// Takes a namespace's handle away. It ends with the last process in it.
    pub(crate) fn remove(&self, name: &NamespaceName, writes: &Writes) -> Outcome<()> {
        let path = self.path(name);
        self.lock().namespaces.remove(name);
        if !path.exists() {
            return Ok(());
        }
        writes.before("remove a network namespace")?;
        match umount2(&path, MntFlags::MNT_DETACH) {
            // Nothing is mounted there: a crash left the file.
            Ok(()) | Err(Errno::EINVAL | Errno::ENOENT) => {}
            Err(errno) => return Err(Fault::kernel("remove a network namespace", errno)),
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Fault::io("remove the handle of a network namespace", &error))
            }
            _ => Ok(()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Moves the calling thread into a namespace without handle.
fn new_unnamed() -> Outcome<Namespace> {
    let name = NamespaceName::of_handle("v-00000000000000000000000000000000");
    let name = name.ok_or_else(|| Fault::Unreadable("the scratch namespace is called".into()))?;
    leave_for_a_new_one()?;
    Namespace::own(name)
}

/// A namespace of somebody else, by the path of its handle; none if there is none. It is opened anew whenever it is
/// needed, because whoever it belongs to may replace it.
pub(crate) fn foreign(name: &NamespaceName, path: &Path) -> Outcome<Option<Namespace>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Fault::io("open a network namespace", &error)),
    };
    if is_namespace(&file)? { Namespace::behind(name.clone(), file).map(Some) } else { Ok(None) }
}

fn is_namespace(file: &File) -> Outcome<bool> {
    let status = fstatfs(file).map_err(|errno| Fault::kernel("look at a network namespace", errno))?;
    Ok(status.filesystem_type() == NSFS)
}

/// Mounts the namespace of the calling thread on its handle.
fn hold(directory: &Path, path: &Path) -> Outcome<()> {
    let failed = |error| Fault::io("make the handle of a network namespace", &error);
    fs::create_dir_all(directory).map_err(failed)?;
    OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
    mount(Some(OWN), path, None::<&str>, MsFlags::MS_BIND, None::<&str>)
        .map_err(|errno| Fault::kernel("hold a network namespace", errno))
}
