//! Rules for what people read: links lead somewhere, the two commands are in both READMEs, the changelog is open.

use super::Finding;
use super::tree::Tree;

const READMES: &[&str] = &["README.md", "README.zh-CN.md"];
const COMMANDS: &[&str] = &["cargo run --release -- quickstart", "cargo xtask test"];
const CHANGELOG: &str = "CHANGELOG.md";

/// Relative links name a tracked file or folder, and a heading that is there.
pub(super) fn links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts(".md") {
        for (line, target) in targets(text) {
            if let Some(what) = broken(tree, path, target) {
                findings.push(Finding::new(path, line, what));
            }
        }
    }
    findings
}

pub(super) fn readmes(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in READMES {
        let text = tree.text(path).unwrap_or_default();
        let missing = COMMANDS.iter().filter(|command| !text.contains(*command));
        findings.extend(missing.map(|command| Finding::new(path, 0, format!("lacks the command `{command}`"))));
    }
    findings
}

pub(super) fn changelog(tree: &Tree) -> Vec<Finding> {
    let text = tree.text(CHANGELOG).unwrap_or_default();
    if text.lines().any(|line| line.trim() == "## Unreleased") {
        return Vec::new();
    }
    vec![Finding::new(CHANGELOG, 0, "has no section `## Unreleased`")]
}

/// Line and target of each inline link outside code.
fn targets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(line, prose)| {
        let starts = prose.match_indices("](").map(|(at, _)| at + 2);
        starts.filter_map(move |start| {
            let target = prose.get(start..)?.split([')', ' ']).next()?;
            Some((line, target))
        })
    })
}

/// Numbered lines outside fenced code; inline code with a link in it is rare enough to be read as a link.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        (!fenced && !is_fence).then_some((index + 1, line))
    })
}

/// What is wrong with a link of the page, if anything is.
fn broken(tree: &Tree, page: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() { page.to_owned() } else { resolve(page, file) };
    if !tree.has(&path) {
        return Some(format!("the link `{target}` leads nowhere"));
    }
    let text = tree.text(&path).filter(|_| !heading.is_empty() && path.ends_with(".md"))?;
    let has_heading = prose(text).any(|(_, line)| line.starts_with('#') && anchor(line) == heading);
    (!has_heading).then(|| format!("`{path}` has no heading `#{heading}`"))
}

/// The path that a relative link means on the page.
fn resolve(page: &str, link: &str) -> String {
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The anchor that forges make of a heading: lower case, punctuation dropped, blanks to hyphens.
fn anchor(heading: &str) -> String {
    let title = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = title.chars().filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
    kept.map(|char| if char == ' ' { '-' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let page =
            "[a](b.md)\n[c](missing.md) and [d](../README.md#two-words)\n```\n[e](code.md)\n```\n[f](https://x)\n";
        let tree = Tree::of(&[("docs/a.md", page), ("docs/b.md", ""), ("README.md", "## Two words\n")]);
        let found = links(&tree);
        assert_eq!(found, [Finding::new("docs/a.md", 2, "the link `missing.md` leads nowhere")]);
    }

    #[test]
    fn a_heading_that_is_not_there_is_found() {
        let tree = Tree::of(&[("a.md", "# One\n[x](#one) [y](#two) [z](b/)\n"), ("b/c.rs", "")]);
        assert_eq!(links(&tree), [Finding::new("a.md", 2, "`a.md` has no heading `#two`")]);
    }

    #[test]
    fn anchors_drop_punctuation_and_keep_other_scripts() {
        assert_eq!(anchor("## `cargo xtask`: what it does, R1–R9"), "cargo-xtask-what-it-does-r1r9");
        assert_eq!(anchor("## 快速 开始"), "快速-开始");
    }

    #[test]
    fn both_readmes_have_both_commands() {
        let full = COMMANDS.join("\n");
        assert!(readmes(&Tree::of(&[(READMES[0], &full), (READMES[1], &full)])).is_empty());
        assert_eq!(readmes(&Tree::of(&[(READMES[0], &full), (READMES[1], COMMANDS[0])])).len(), 1);
        assert_eq!(readmes(&Tree::of(&[])).len(), 4);
    }

    #[test]
    fn the_changelog_is_open() {
        assert!(changelog(&Tree::of(&[(CHANGELOG, "# Changelog\n\n## Unreleased\n")])).is_empty());
        assert_eq!(changelog(&Tree::of(&[(CHANGELOG, "# Changelog\n\n## 0.1.0\n")])).len(), 1);
    }
}
