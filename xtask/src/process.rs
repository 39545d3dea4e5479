//! Starting other programs: each one is shown before it runs, and its failure is a sentence.
//!
//! It must not know which programs there are.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One program with its arguments and environment.
pub(crate) struct Task {
    program: OsString,
    arguments: Vec<OsString>,
    directory: Option<PathBuf>,
    variables: Vec<(String, Option<OsString>)>,
}

impl Task {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref().to_owned();
        Self { program, arguments: Vec::new(), directory: None, variables: Vec::new() }
    }

    /// Cargo as it was started, so that a toolchain chosen by the caller stays chosen.
    pub(crate) fn cargo() -> Self {
        Self::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    pub(crate) fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, arguments: I) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    pub(crate) fn in_dir(mut self, directory: &Path) -> Self {
        self.directory = Some(directory.to_path_buf());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.to_owned(), Some(value.as_ref().to_owned())));
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.variables.push((name.to_owned(), None));
        self
    }

    /// Shows the program, runs it with this process's output, and fails unless it exits with 0.
    pub(crate) fn run(&self) -> Result<(), String> {
        println!("  $ {}", self.line());
        let status = self.command().status().map_err(|error| self.cannot_start(&error))?;
        if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", self.line())) }
    }

    /// Runs it quietly and gives back what it printed.
    pub(crate) fn output(&self) -> Result<String, String> {
        let output = self.command().output().map_err(|error| self.cannot_start(&error))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let reason = String::from_utf8_lossy(&output.stderr);
        Err(format!("`{}` ended with {}: {}", self.line(), output.status, reason.trim()))
    }

    /// Whether it starts and exits with 0; what it prints is dropped.
    pub(crate) fn succeeds(&self) -> bool {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Whether there is such a program, however it ends; what it prints is dropped.
    pub(crate) fn starts(&self) -> bool {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok()
    }

    /// The command for callers that keep the process; it reads no standard input.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// The program and its arguments as one line; the directory of the program is left out.
    pub(crate) fn line(&self) -> String {
        let program = Path::new(&self.program).file_name().unwrap_or(&self.program);
        let words = std::iter::once(program).chain(self.arguments.iter().map(OsString::as_os_str));
        words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    }

    fn cannot_start(&self, error: &std::io::Error) -> String {
        format!("`{}` cannot be started: {error}", self.line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_its_end() {
        let error = Task::new("false").args(["--now"]).output().unwrap_err();
        assert!(error.contains("`false --now` ended with"), "{error}");
    }

    #[test]
    fn a_missing_program_is_said_to_be_one() {
        let error = Task::new("linkspan-no-such-program").output().unwrap_err();
        assert!(error.contains("cannot be started"), "{error}");
    }

    #[test]
    fn variables_are_set_and_removed() {
        let set = Task::new("sh").args(["-c", "printf %s \"$SAMPLE\""]).env("SAMPLE", "here");
        assert_eq!(set.output().unwrap(), "here");
        let removed = set.without_env("SAMPLE");
        assert_eq!(removed.output().unwrap(), "");
    }
}
