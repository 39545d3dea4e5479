//! Where things lie: the checkout, its target directory, and the files git tracks.
//!
//! It must not decide what is done with them.

use std::env;
use std::path::{Path, PathBuf};

use crate::process::Task;

/// The checkout this xtask was started in.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Cargo says at run time where the manifest lies, so a moved checkout still finds itself.
    pub(crate) fn locate() -> Self {
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest_dir).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn join(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The directory of build products, where everything that `xtask` makes goes too.
    pub(crate) fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.join("target"), |dir| self.root.join(dir))
    }

    /// A program of the Python environment of the compatibility suites.
    pub(crate) fn venv_program(&self, name: &str) -> PathBuf {
        self.venv().join("bin").join(name)
    }

    pub(crate) fn venv(&self) -> PathBuf {
        self.target().join("compat-venv")
    }

    /// Paths of the tracked files that exist, relative to the root, with `/` between their parts.
    pub(crate) fn tracked_files(&self) -> Result<Vec<String>, String> {
        let listing = Task::new("git").args(["ls-files", "-z"]).in_dir(&self.root).output()?;
        let paths = listing.split('\0').filter(|path| !path.is_empty());
        Ok(paths.filter(|path| self.join(path).is_file()).map(str::to_owned).collect())
    }
}

/// Whether a skipped test counts as a failed one, as in CI (`LINKSPAN_FORBID_SKIPS=1`).
pub(crate) fn skips_are_forbidden() -> bool {
    env::var("LINKSPAN_FORBID_SKIPS").is_ok_and(|value| !value.is_empty() && value != "0")
}
