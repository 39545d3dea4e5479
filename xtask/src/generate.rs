//! Files that are checked in and written by a program: here is the list, and the check that they are up to date.
//!
//! A generated part is a whole file, or lies between two marker lines of a file that people write around it.
//!
//! To add one, write a function `fn(&Workspace) -> Result<String, String>` and give it a line in [`PARTS`].

use std::fs;

use crate::process::Task;
use crate::server;
use crate::step::Outcome;
use crate::workspace::Workspace;

struct Part {
    path: &'static str,
    /// What stands in the marker lines; none = the whole file.
    marker: Option<&'static str>,
    render: fn(&Workspace) -> Result<String, String>,
}

const PARTS: &[Part] = &[
    Part { path: "docs/README.md", marker: Some("decisions"), render: decision_index },
    Part { path: "docs/cli.md", marker: Some("settings"), render: |workspace| told(workspace, "settings") },
    Part { path: "docs/cli.md", marker: Some("commands"), render: |workspace| told(workspace, "cli") },
    Part { path: "docs/openapi.json", marker: None, render: |workspace| told(workspace, "openapi") },
    Part { path: "docs/compatibility.md", marker: None, render: |workspace| told(workspace, "compatibility") },
    Part { path: "docs/compatibility.zh-CN.md", marker: None, render: |workspace| told(workspace, "compatibility-zh") },
];

/// Writes every generated part that differs.
pub(crate) fn write(workspace: &Workspace) -> Outcome {
    for part in PARTS {
        let (old, new) = renewed(workspace, part)?;
        if old == new {
            println!("unchanged: {}", part.path);
            continue;
        }
        fs::write(workspace.join(part.path), new).map_err(|error| format!("{}: {error}", part.path))?;
        println!("written: {}", part.path);
    }
    Ok(())
}

/// Fails naming the files that [`write()`] would change.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let mut stale = Vec::new();
    for part in PARTS {
        let (old, new) = renewed(workspace, part)?;
        if old != new {
            stale.push(part.path);
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("out of date: {}; run `cargo xtask generate`", stale.join(", ")))
}

/// The file as it is and as it should be.
fn renewed(workspace: &Workspace, part: &Part) -> Result<(String, String), String> {
    let body = (part.render)(workspace)?;
    let read = fs::read_to_string(workspace.join(part.path));
    let Some(marker) = part.marker else {
        // A whole file that is not there yet differs, which is all that has to be known of it.
        return Ok((read.unwrap_or_default(), format!("{}\n", body.trim_end())));
    };
    let old = read.map_err(|error| format!("{}: {error}", part.path))?;
    let new = replaced(&old, marker, &body)
        .ok_or_else(|| format!("{}: no lines `{}` and `{}`", part.path, begin(marker), end(marker)))?;
    Ok((old, new))
}

fn begin(marker: &str) -> String {
    format!("<!-- generated: {marker} -->")
}

fn end(marker: &str) -> String {
    format!("<!-- end: {marker} -->")
}

/// The text with what lies between the two marker lines replaced, or nothing if they are not there.
fn replaced(text: &str, marker: &str, body: &str) -> Option<String> {
    let (before, rest) = text.split_once(&begin(marker))?;
    let (_, after) = rest.split_once(&end(marker))?;
    Some(format!("{before}{}\n\n{}\n\n{}{after}", begin(marker), body.trim(), end(marker)))
}

/// The decision records with their titles, in the order of their numbers.
fn decision_index(workspace: &Workspace) -> Result<String, String> {
    let is_record = |path: &String| path.starts_with("docs/adr/") && path.ends_with(".md");
    let mut records: Vec<String> = workspace.tracked_files()?.into_iter().filter(is_record).collect();
    records.sort();
    let mut lines = Vec::with_capacity(records.len());
    for path in records {
        let text = fs::read_to_string(workspace.join(&path)).map_err(|error| format!("{path}: {error}"))?;
        let title = title(&text).ok_or_else(|| format!("{path}: no title line `# …`"))?;
        lines.push(format!("- [{title}]({})", path.trim_start_matches("docs/")));
    }
    if lines.is_empty() {
        return Ok("None yet.".to_owned());
    }
    Ok(lines.join("\n"))
}

/// What the binary tells of itself: its settings, commands and operations.
fn told(workspace: &Workspace, page: &str) -> Result<String, String> {
    Task::new(server::build(workspace)?).args(["docs", page]).output()
}

fn title(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("# ")).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "top\n<!-- generated: x -->\n\nold\n\n<!-- end: x -->\nbottom\n";

    #[test]
    fn only_what_lies_between_the_markers_changes() {
        let new = replaced(PAGE, "x", "new\n").unwrap();
        assert_eq!(new, "top\n<!-- generated: x -->\n\nnew\n\n<!-- end: x -->\nbottom\n");
        assert_eq!(replaced(&new, "x", "new").unwrap(), new, "a second run changes nothing");
    }

    #[test]
    fn a_page_without_markers_is_refused() {
        assert_eq!(replaced(PAGE, "y", "new"), None);
    }

    #[test]
    fn the_title_is_the_first_heading() {
        assert_eq!(title("<!-- a -->\n# 1. Records on one head\n## Why\n"), Some("1. Records on one head"));
        assert_eq!(title("no heading"), None);
    }
}
