//! Files that only their owner may read: the master key, credentials, the key of the self-signed certificate.
//!
//! A file is there whole or not at all, and is on disk when a function returns.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file that only its owner may read; one that is there is replaced. Of several processes that write it at the
/// same time one is the last.
///
/// # Errors
/// What the file system says.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut number = [0; 8];
    getrandom::fill(&mut number).map_err(io::Error::other)?;
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{:016x}.new", u64::from_ne_bytes(number)));
    let draft = directory(path).join(name);
    let written = write_new(&draft, content).and_then(|()| rename(&draft, path));
    if written.is_err() {
        // What it says of the draft is worth less than what went wrong before.
        let _gone = std::fs::remove_file(&draft);
    }
    written
}

fn write_new(draft: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Gives a file another name in its directory, in place of whatever bears it.
///
/// # Errors
/// What the file system says.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    File::open(directory(to))?.sync_all()
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether others than the owner may read a file.
#[must_use]
pub fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_closed_to_others() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        for content in ["first, the longer one", "second"] {
            write(&path, content.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
            assert!(!is_open_to_others(&path));
        }
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "no draft is left");
    }
}
