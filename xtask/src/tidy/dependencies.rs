//! Every dependency of the workspace has its reason beside it.

use super::Finding;
use super::tree::Tree;

const MANIFEST: &str = "Cargo.toml";
const OWN_PREFIX: &str = "linkspan-";

pub(super) fn reasons(tree: &Tree) -> Vec<Finding> {
    let text = tree.text(MANIFEST).unwrap_or_default();
    let mut in_dependencies = false;
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            in_dependencies = line.trim() == "[workspace.dependencies]";
            continue;
        }
        let Some((name, rest)) = line.split_once('=') else { continue };
        let is_foreign = in_dependencies && !name.starts_with(OWN_PREFIX) && !name.starts_with('#');
        if is_foreign && reason(rest).is_none() {
            findings.push(Finding::new(MANIFEST, index + 1, format!("`{}` has no reason beside it", name.trim())));
        }
    }
    findings
}

/// What the comment says; versions and feature names hold no `#`.
fn reason(rest: &str) -> Option<&str> {
    let (_, comment) = rest.split_once('#')?;
    Some(comment.trim()).filter(|comment| !comment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.package]\nversion = \"1\"\n[workspace.dependencies]\nlinkspan-x = { path = \"x\" }\n\
                        good = \"1\" # because\nbad = \"1\"\nempty = { version = \"2\" } #\n[profile.dev]\ndebug = 1\n";
        let lines: Vec<_> = reasons(&Tree::of(&[(MANIFEST, manifest)])).iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [6, 7]);
    }
}
