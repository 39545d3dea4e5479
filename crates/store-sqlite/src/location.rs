//! Where a database lies, and how its directory is made to outlast a power cut.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The name of the database in a data directory.
const FILE_NAME: &str = "linkspan.db";

/// The path of a database; its lock and its backups lie beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location(PathBuf);

impl Location {
    /// The database of a data directory: `DIR/linkspan.db`.
    pub fn in_dir(dir: impl AsRef<Path>) -> Self {
        Self(dir.as_ref().join(FILE_NAME))
    }

    /// A database by its own path.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The path of the database.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file beside the database: its name with more at the end.
    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.0.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    fn dir(&self) -> &Path {
        parent(&self.0)
    }

    /// Makes the directory, for its owner only, with an entry in its parent that is on disk.
    pub(crate) fn make_dir(&self) -> io::Result<()> {
        let missing: Vec<_> = self.dir().ancestors().take_while(|dir| *dir != Path::new("") && !dir.exists()).collect();
        for dir in missing.into_iter().rev() {
            match DirBuilder::new().mode(0o700).create(dir) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => sync_dir(parent(dir))?,
            }
        }
        Ok(())
    }

    /// Makes the directory's entries durable.
    pub(crate) fn sync_dir(&self) -> io::Result<()> {
        sync_dir(self.dir())
    }

    /// Whether there is anything of a database, be it only its log.
    pub(crate) fn holds_data(&self) -> bool {
        let has_bytes = |path: &Path| std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
        has_bytes(&self.0) || has_bytes(&self.beside("-wal"))
    }
}

/// Makes an empty file that only its owner can read; one that is there stays.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Gives a finished file its name, durably; one that bears the name already is never replaced.
pub(crate) fn publish(finished: &Path, name: &Path) -> io::Result<()> {
    if name.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is there already"));
    }
    File::open(finished)?.sync_all()?;
    std::fs::rename(finished, name)?;
    sync_dir(parent(name))
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn directories_and_files_are_made_for_their_owner_only() {
        let scratch = tempfile::tempdir().unwrap();
        let location = Location::in_dir(scratch.path().join("a/b"));
        location.make_dir().unwrap();
        location.make_dir().unwrap();
        make_private(location.path()).unwrap();
        make_private(location.path()).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&scratch.path().join("a")), 0o700);
        assert_eq!(mode(&scratch.path().join("a/b")), 0o700);
        assert_eq!(mode(location.path()), 0o600);
        assert!(!location.holds_data());
    }

    #[test]
    fn a_file_is_published_once() {
        let scratch = tempfile::tempdir().unwrap();
        let (draft, name) = (scratch.path().join("draft"), scratch.path().join("name"));
        std::fs::write(&draft, "one").unwrap();
        publish(&draft, &name).unwrap();
        std::fs::write(&draft, "two").unwrap();
        assert_eq!(publish(&draft, &name).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&name).unwrap(), b"one");
    }

    #[test]
    fn what_lies_beside_the_database_bears_its_name() {
        assert_eq!(Location::file("db").beside(".lock"), Path::new("db.lock"));
        assert_eq!(Location::in_dir("d").beside("-wal"), Path::new("d/linkspan.db-wal"));
        assert_eq!(parent(Path::new("db")), Path::new("."));
    }
}
