//! Credentials that the store does not know yet, or may not: each start's in a file of its own, beside the one that they
//! are for.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::{BootstrapError, Credentials, Maker, unwritable};
use crate::auth::private_file;

/// What comes between the name of the file that a draft is for and the number of the start.
const MARK: &str = ".first-";

/// The draft of one start.
pub(super) fn path(file: &Path, start: u128) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!("{MARK}{start:032x}"));
    file.with_file_name(name)
}

/// Gives the draft the name that it is for, since the store knows it.
pub(super) fn accept(draft: &Path, file: &Path) -> Result<(), BootstrapError> {
    match private_file::rename(draft, file) {
        // Another node that starts in the same directory has done it, knowing the same from the store.
        Err(cause) if cause.kind() == ErrorKind::NotFound && file.exists() => Ok(()),
        renamed => renamed.map_err(|cause| unwritable(file, cause)),
    }
}

pub(super) fn discard(draft: &Path) -> Result<(), BootstrapError> {
    match fs::remove_file(draft) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(unwritable(draft, cause)),
        _ => Ok(()),
    }
}

/// What becomes of drafts once the store has its first identities: one that opens it was left by a start that broke off
/// before it heard so; any other never will.
pub(super) fn sort_out(maker: &Maker<'_>, file: &Path) -> Result<(), BootstrapError> {
    for draft in drafts(file) {
        match Credentials::read(&draft) {
            Ok(credentials) if opens(maker, &credentials) => accept(&draft, file)?,
            _ => discard(&draft)?,
        }
    }
    Ok(())
}

/// Whether its key is in the store.
fn opens(maker: &Maker<'_>, credentials: &Credentials) -> bool {
    let state = maker.engine.view();
    let key = credentials.access_key.parse().ok().and_then(|id| state.key(&id));
    let secret = key.and_then(|key| maker.keys.unseal(&key.secret).ok());
    secret.is_some_and(|secret| secret.expose_secret() == credentials.secret_key.expose_secret())
}

/// Nothing if there is no directory yet.
fn drafts(file: &Path) -> Vec<PathBuf> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mark = format!("{}{MARK}", file.file_name().unwrap_or_default().display());
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&mark)).map(|entry| entry.path()).collect()
}
