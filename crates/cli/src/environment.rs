//! What the process finds around it: variables, the directory it was started in, the home of the user.
//!
//! Everything that reads the environment takes this as a parameter; only [`Environment::capture`] asks the system.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The surroundings of one run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
    directory: PathBuf,
}

impl Environment {
    /// The surroundings of this process. Variables that are not UTF-8 are left out: none of ours can be.
    pub(crate) fn capture() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let variables = std::env::vars_os().filter_map(text).collect();
        Self { variables, directory: PathBuf::new() }
    }

    /// A variable that is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Every variable whose name begins so, in the order of the names.
    pub(crate) fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let named = self.variables.iter().filter(move |(name, _)| name.starts_with(prefix));
        named.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A path as it is meant where the process was started.
    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.directory.join(path)
    }

    /// Where the user keeps configuration.
    pub(crate) fn config_home(&self) -> Option<PathBuf> {
        let given = self.get("XDG_CONFIG_HOME").map(PathBuf::from);
        given.or_else(|| self.get("HOME").map(|home| Path::new(home).join(".config")))
    }

    /// Whether the user wants no colour anywhere (<https://no-color.org>).
    pub(crate) fn is_plain(&self) -> bool {
        self.get("NO_COLOR").is_some() || self.get("TERM") == Some("dumb")
    }
}

#[cfg(test)]
impl Environment {
    /// Surroundings made up for a test.
    pub(crate) fn of(variables: &[(&str, &str)], directory: &Path) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { variables, directory: directory.to_path_buf() }
    }
}
