//! One process per database: a lock file that names its holder.
//!
//! The lock is the kernel's (`flock`), so it ends with its process however that ends; the file itself stays, since
//! removing it would let two processes lock two files of one name. SQLite's own locks are others: `sqlite3` can read.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;

use crate::error::OpenError;
use crate::location::Location;

/// Held as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock or says who has it.
    pub(crate) fn take(location: &Location) -> Result<Self, OpenError> {
        let path = location.beside(".lock");
        let io = |source| OpenError::Io { path: path.clone(), source };
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).clone();
        let mut file = options.open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = io::read_to_string(&file).unwrap_or_default().trim().parse().ok();
                return Err(OpenError::InUse { path: location.path().to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let named =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        named.map_err(io)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_learns_who_holds_the_lock() {
        let scratch = tempfile::tempdir().unwrap();
        let location = Location::in_dir(scratch.path());
        std::fs::write(location.beside(".lock"), "4194304999 of an older process\n").unwrap();
        let first = Lock::take(&location).unwrap();
        let refused = Lock::take(&location).unwrap_err();
        let me = std::process::id();
        assert!(matches!(refused, OpenError::InUse { holder: Some(pid), .. } if pid == me), "{refused}");
        assert!(refused.to_string().contains(&format!("process {me}")), "{refused}");
        drop(first);
        Lock::take(&location).unwrap();
    }
}
