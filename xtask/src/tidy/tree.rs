//! The tracked files as the checks see them: paths, and the text of those that are text.

use std::collections::BTreeMap;
use std::fs;

use crate::workspace::Workspace;

/// All tracked files by path; a file that is not UTF-8 has no text.
pub(super) struct Tree {
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    pub(super) fn load(workspace: &Workspace) -> Result<Self, String> {
        let paths = workspace.tracked_files()?;
        let files = paths.into_iter().map(|path| {
            let text = fs::read_to_string(workspace.join(&path)).ok();
            (path, text)
        });
        Ok(Self { files: files.collect() })
    }

    /// A tree out of samples.
    #[cfg(test)]
    pub(super) fn of(samples: &[(&str, &str)]) -> Self {
        let files = samples.iter().map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned())));
        Self { files: files.collect() }
    }

    /// Path and text of every text file whose path ends so.
    pub(super) fn texts<'a>(&'a self, suffix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let texts = self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)));
        texts.filter(move |(path, _)| path.ends_with(suffix))
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Whether there is such a file, or a folder that holds one.
    pub(super) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&folder))
    }
}
