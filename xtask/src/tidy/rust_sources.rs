//! Rules for source files: how long, how named, how opened, and nothing left unfinished.

use super::Finding;
use super::tree::Tree;

const MOST_LINES: usize = 400;
const MOST_LINES_OF_THE_MEDIAN: usize = 150;
const NAMES_THAT_SAY_NOTHING: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"];

// Put together from parts, so that this file does not find itself.
const MARKS_OF_UNFINISHED_WORK: &[&str] =
    &[concat!("to", "do!"), concat!("unimple", "mented!"), concat!("#[ign", "ore")];

/// How many files there are and how long the one in the middle is.
pub(super) fn census(tree: &Tree) -> String {
    let lengths = sorted_lengths(tree);
    let longest = lengths.last().copied().unwrap_or_default();
    format!("{} Rust files, median {} lines, longest {longest}", lengths.len(), median(&lengths))
}

pub(super) fn lengths(tree: &Tree) -> Vec<Finding> {
    let sources = tree.texts(".rs").chain(tree.texts(".py"));
    let long = sources.filter(|(_, text)| text.lines().count() > MOST_LINES);
    let found = long.map(|(path, text)| {
        let lines = text.lines().count();
        Finding::new(path, 0, format!("{lines} lines; a file is about one thing and has at most {MOST_LINES}"))
    });
    found.collect()
}

pub(super) fn median_length(tree: &Tree) -> Vec<Finding> {
    let median = median(&sorted_lengths(tree));
    if median <= MOST_LINES_OF_THE_MEDIAN {
        return Vec::new();
    }
    vec![Finding::new("crates", 0, format!("the median file has {median} lines, over {MOST_LINES_OF_THE_MEDIAN}"))]
}

pub(super) fn names(tree: &Tree) -> Vec<Finding> {
    let says_nothing = |path: &&str| {
        let words = path.trim_end_matches(".rs").split(['/', '_', '-']);
        words.into_iter().any(|word| NAMES_THAT_SAY_NOTHING.contains(&word))
    };
    let paths = tree.texts(".rs").map(|(path, _)| path).filter(says_nothing);
    paths.map(|path| Finding::new(path, 0, "the name says nothing; use the field's own word")).collect()
}

pub(super) fn crate_docs(tree: &Tree) -> Vec<Finding> {
    let roots = tree.texts("src/lib.rs").filter(|(path, _)| path.starts_with("crates/"));
    let bare = roots.filter(|(_, text)| !text.starts_with("//! "));
    bare.map(|(path, _)| Finding::new(path, 1, "opens without `//!`: what it is, its invariants, what it must not do"))
        .collect()
}

pub(super) fn unfinished(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts(".rs") {
        for (index, line) in text.lines().enumerate() {
            let marks = MARKS_OF_UNFINISHED_WORK.iter().filter(|mark| has_word(line, mark));
            findings.extend(marks.map(|mark| Finding::new(path, index + 1, format!("`{mark}` is unfinished work"))));
        }
    }
    findings
}

pub(super) fn blanks(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for suffix in [".rs", ".py", ".toml", ".md"] {
        for (path, text) in tree.texts(suffix) {
            for (index, line) in text.lines().enumerate() {
                let what = match line {
                    line if line.contains('\t') => "a tab",
                    line if line.ends_with(' ') => "a blank at the end",
                    _ => continue,
                };
                findings.push(Finding::new(path, index + 1, what));
            }
        }
    }
    findings
}

/// Whether the mark stands there and is not the end of a longer word.
fn has_word(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|char| char.is_alphanumeric() || char == '_')
    })
}

fn sorted_lengths(tree: &Tree) -> Vec<usize> {
    let mut lengths: Vec<usize> = tree.texts(".rs").map(|(_, text)| text.lines().count()).collect();
    lengths.sort_unstable();
    lengths
}

fn median(sorted: &[usize]) -> usize {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> String {
        "x\n".repeat(count)
    }

    #[test]
    fn a_file_over_the_limit_is_found_and_one_at_it_is_not() {
        let tree = Tree::of(&[("a.rs", &lines(400)), ("b.rs", &lines(401)), ("c.md", &lines(999))]);
        let found = lengths(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "b.rs");
    }

    #[test]
    fn the_median_counts_not_the_longest() {
        assert!(
            median_length(&Tree::of(&[("a.rs", &lines(10)), ("b.rs", &lines(20)), ("c.rs", &lines(390))])).is_empty()
        );
        assert_eq!(median_length(&Tree::of(&[("a.rs", &lines(10)), ("b.rs", &lines(151))])).len(), 1);
    }

    #[test]
    fn empty_names_are_found_as_files_folders_and_parts() {
        let bad = ["a/utils.rs", "a/common/b.rs", "a/peer_manager.rs", "string-helpers/src/lib.rs"];
        for path in bad {
            assert_eq!(names(&Tree::of(&[(path, "")])).len(), 1, "{path}");
        }
        assert!(names(&Tree::of(&[("a/commons.rs", ""), ("a/route_table.rs", "")])).is_empty());
    }

    #[test]
    fn a_crate_opens_with_its_documentation() {
        let tree = Tree::of(&[("crates/a/src/lib.rs", "//! What.\n"), ("crates/b/src/lib.rs", "mod x;\n//! Late.\n")]);
        let found = crate_docs(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/b/src/lib.rs");
    }

    #[test]
    fn unfinished_work_is_found_with_its_line() {
        for mark in MARKS_OF_UNFINISHED_WORK {
            let text = format!("fn a() {{\n    {mark}\n}}\n");
            let found = unfinished(&Tree::of(&[("a.rs", &text)]));
            assert_eq!(found.iter().map(|finding| finding.line).collect::<Vec<_>>(), [2], "{mark}");
        }
        let longer = format!("my_{}()", MARKS_OF_UNFINISHED_WORK[0]);
        assert!(unfinished(&Tree::of(&[("a.rs", &longer)])).is_empty());
    }

    #[test]
    fn tabs_and_blanks_at_the_end_are_found() {
        let found = blanks(&Tree::of(&[("a.rs", "a\n\tb\nc \n"), ("b.md", "fine\n"), ("c.bin", "\t\n")]));
        assert_eq!(found.iter().map(|finding| finding.line).collect::<Vec<_>>(), [2, 3]);
    }
}
