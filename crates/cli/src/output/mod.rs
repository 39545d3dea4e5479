//! What a command prints: tables for people, JSON and YAML for programs, names for scripts.
//!
//! Invariants: standard output holds results and nothing else; notes and failures go to standard error; a closed pipe
//! ends a command quietly; no control character of a server's text reaches a terminal.
//!
//! To print one more kind of thing, implement [`Row`] for it in the file of its command.

mod age;
mod table;

use std::io::{self, ErrorKind, IsTerminal, Write};

use clap::ValueEnum;
use serde::Serialize;

pub(crate) use age::{age, exact};
pub(crate) use table::{Cell, Tone, printable};

use crate::environment::Environment;
use crate::failure::Failure;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people
    #[default]
    Table,
    /// The table with more columns and exact times
    Wide,
    /// One JSON value, with the field names of the API
    Json,
    /// One JSON object a line
    Jsonl,
    /// The same as YAML
    Yaml,
    /// Only names, one a line
    Name,
    /// The language of Graphviz, for a topology
    Dot,
    /// The language of Mermaid, for a topology
    Mermaid,
    /// A picture, for a topology
    Svg,
}

impl Format {
    /// Whether only a graph can be printed so.
    pub(crate) fn is_drawing(self) -> bool {
        matches!(self, Self::Dot | Self::Mermaid | Self::Svg)
    }
}

/// Something that is printed.
pub(crate) trait Row: Serialize {
    /// What several are called when there are none.
    const PLURAL: &'static str;
    /// The heads of the columns, and whether each is in the wide table only.
    const COLUMNS: &'static [(&'static str, bool)];

    /// What other commands take to mean it.
    fn name(&self) -> String;

    /// A cell a column. `now` is in milliseconds since 1970.
    fn cells(&self, wide: bool, now: i64) -> Vec<Cell>;

    /// All of it as one sentence, where that says it best.
    fn line(&self) -> Option<String> {
        None
    }

    /// Lines of a name and a value for one alone; without any, one alone is a table of one row.
    fn details(&self, _now: i64) -> Vec<(&'static str, Cell)> {
        Vec::new()
    }
}

/// Where results go, and in which form.
pub(crate) struct Output {
    format: Format,
    coloured: bool,
    width: Option<u16>,
    now: i64,
}

impl Output {
    pub(crate) fn new(format: Format, environment: &Environment, now: i64) -> Self {
        let terminal = io::stdout().is_terminal();
        let coloured = terminal && !environment.is_plain();
        let width = if terminal { table::terminal_width() } else { None };
        Self { format, coloured, width, now }
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Whether people read it, and not a program.
    pub(crate) fn is_for_people(&self) -> bool {
        matches!(self.format, Format::Table | Format::Wide)
    }

    /// Prints a list.
    pub(crate) fn list<T: Row>(&self, rows: &[T]) -> Result<(), Failure> {
        if rows.is_empty() && self.is_for_people() {
            self.note(&format!("There are no {}.", T::PLURAL));
            return Ok(());
        }
        let text = match self.format {
            Format::Table | Format::Wide => self.table(rows),
            Format::Json | Format::Dot | Format::Mermaid | Format::Svg => pretty(&rows)?,
            Format::Jsonl => rows.iter().map(line).collect::<Result<Vec<_>, _>>()?.join("\n"),
            Format::Yaml => yaml(&rows)?,
            Format::Name => rows.iter().map(T::name).collect::<Vec<_>>().join("\n"),
        };
        self.print(&text)
    }

    /// Prints one thing.
    pub(crate) fn one<T: Row>(&self, row: &T) -> Result<(), Failure> {
        let text = match self.format {
            Format::Table | Format::Wide => match (row.line(), row.details(self.now)) {
                (Some(line), _) => line,
                (None, details) if details.is_empty() => self.table(std::slice::from_ref(row)),
                (None, details) => table::details(&details, self.coloured),
            },
            Format::Json | Format::Dot | Format::Mermaid | Format::Svg => pretty(row)?,
            Format::Jsonl => line(row)?,
            Format::Yaml => yaml(row)?,
            Format::Name => row.name(),
        };
        self.print(&text)
    }

    /// Prints a line for people about what was done; a program gets the same under its name.
    pub(crate) fn done(&self, name: &str, what: &str) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Done<'a> {
            name: &'a str,
            result: &'a str,
        }
        let done = Done { name, result: what };
        let text = match self.format {
            Format::Table | Format::Wide => format!("{} {what}", printable(name)),
            Format::Json | Format::Dot | Format::Mermaid | Format::Svg => pretty(&done)?,
            Format::Jsonl => line(&done)?,
            Format::Yaml => yaml(&done)?,
            Format::Name => name.to_owned(),
        };
        self.print(&text)
    }

    /// Prints text as it is.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        written(write_line(&mut io::stdout().lock(), text))
    }

    /// Tells people something that is no result.
    pub(crate) fn note(&self, text: &str) {
        note(text);
    }

    fn table<T: Row>(&self, rows: &[T]) -> String {
        let wide = self.format == Format::Wide;
        let shown = |index: usize| wide || T::COLUMNS.get(index).is_some_and(|(_, only_wide)| !only_wide);
        let heads = T::COLUMNS.iter().map(|(head, _)| *head).collect();
        let cells = rows.iter().map(|row| row.cells(wide, self.now)).collect();
        table::columns(&table::Columns { heads, rows: cells, coloured: self.coloured, width: self.width }, &shown)
    }
}

/// Tells people something on standard error. If nobody can read it there is nobody to tell.
pub(crate) fn note(text: &str) {
    let _ = write_line(&mut io::stderr().lock(), text);
}

/// Tells why a command failed, in the form that its results would have had.
pub(crate) fn failure(failure: &Failure, format: Format) {
    let text = match format {
        Format::Json | Format::Jsonl => line(&failure.written()),
        Format::Yaml => yaml(&failure.written()),
        Format::Table | Format::Wide | Format::Name | Format::Dot | Format::Mermaid | Format::Svg => {
            Ok(printable_lines(&failure.text()))
        }
    };
    note(&text.unwrap_or_else(|_| failure.text()));
}

/// The form that a command line asks for, as far as that can be seen without understanding the rest of it.
pub(crate) fn format_of(words: impl Iterator<Item = String>) -> Format {
    let words: Vec<String> = words.collect();
    let value = |index: usize, word: &str| match word {
        "-o" | "--output" => words.get(index + 1).cloned(),
        _ => word
            .strip_prefix("--output=")
            .or_else(|| word.strip_prefix("-o"))
            .map(|text| text.trim_start_matches('=').to_owned()),
    };
    let named = words.iter().enumerate().find_map(|(index, word)| value(index, word));
    named.and_then(|name| Format::from_str(&name, false).ok()).unwrap_or_default()
}

fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

fn write_line(to: &mut dyn Write, text: &str) -> io::Result<()> {
    to.write_all(text.trim_end_matches('\n').as_bytes())?;
    to.write_all(b"\n")?;
    to.flush()
}

/// A reader that went away has read what it wanted.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("the output can't be written: {error}")))
        }
        _ => Ok(()),
    }
}

fn pretty(value: &(impl Serialize + ?Sized)) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(unwritable)
}

fn line(value: &(impl Serialize + ?Sized)) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(unwritable)
}

fn yaml(value: &(impl Serialize + ?Sized)) -> Result<String, Failure> {
    serde_norway::to_string(value).map_err(unwritable)
}

fn unwritable(error: impl std::fmt::Display) -> Failure {
    Failure::failed(format!("the result can't be written: {error}"))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
