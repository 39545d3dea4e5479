//! Dependencies point one way: `model ← {wire, signing, engine, plane} ← {store-*, plane-*, server} ← cli`.
//!
//! The table says for each crate of `crates/` what it may use in the product. Tests may use more: dev-dependencies are
//! free, since what they pull in never ships.
//!
//! To add a crate, give it a line in [`LAYERS`] and in the table of `ARCHITECTURE.md`.

use super::Finding;
use super::tree::Tree;

/// What a crate may use: crates of ours, and foreign ones that would break its promise.
struct Layer {
    name: &'static str,
    may_use: &'static [&'static str],
    must_not_use: &'static [&'static str],
}

const HTTP: &[&str] = &["http", "hyper", "hyper-util", "axum", "reqwest"];
const DATABASES: &[&str] = &["rusqlite", "tokio-postgres"];
const HTTP_OR_DATABASES: &[&str] = &["http", "hyper", "hyper-util", "axum", "reqwest", "rusqlite", "tokio-postgres"];
const ANY_IO: &[&str] = &["http", "hyper", "hyper-util", "axum", "reqwest", "rusqlite", "tokio-postgres", "tokio"];

const LAYERS: &[Layer] = &[
    Layer { name: "model", may_use: &[], must_not_use: ANY_IO },
    Layer { name: "wire", may_use: &["model"], must_not_use: ANY_IO },
    Layer { name: "signing", may_use: &["model"], must_not_use: ANY_IO },
    Layer { name: "engine", may_use: &["model"], must_not_use: HTTP_OR_DATABASES },
    Layer { name: "plane", may_use: &["model"], must_not_use: HTTP_OR_DATABASES },
    Layer { name: "store-sqlite", may_use: &["model", "engine"], must_not_use: HTTP },
    Layer { name: "store-postgres", may_use: &["model", "engine"], must_not_use: HTTP },
    Layer { name: "plane-linux", may_use: &["model", "plane"], must_not_use: HTTP_OR_DATABASES },
    Layer { name: "server", may_use: &["model", "wire", "signing", "engine", "plane"], must_not_use: DATABASES },
    Layer { name: "client", may_use: &["model", "wire", "signing"], must_not_use: DATABASES },
    Layer {
        name: "cli",
        may_use: &[
            "model",
            "wire",
            "signing",
            "engine",
            "plane",
            "store-sqlite",
            "store-postgres",
            "plane-linux",
            "server",
            "client",
        ],
        must_not_use: &[],
    },
    Layer { name: "testkit", may_use: &["model", "wire", "signing", "engine", "plane", "client"], must_not_use: &[] },
];

/// Between our own crates.
pub(super) fn crates(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, name, text) in manifests(tree) {
        let Some(layer) = LAYERS.iter().find(|layer| layer.name == name) else {
            findings.push(Finding::new(path, 0, format!("`{name}` has no line in the table of layers")));
            continue;
        };
        for (line, dependency) in shipped_dependencies(text) {
            let Some(own) = dependency.strip_prefix("linkspan-") else { continue };
            if !layer.may_use.contains(&own) {
                findings.push(Finding::new(path, line, format!("`{name}` must not depend on `{own}`")));
            }
        }
    }
    findings
}

/// Foreign crates that a layer promises to know nothing of.
pub(super) fn foreign(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, name, text) in manifests(tree) {
        let layer = LAYERS.iter().find(|layer| layer.name == name);
        let forbidden = layer.map_or(&[][..], |layer| layer.must_not_use);
        let used = shipped_dependencies(text).filter(|(_, dependency)| forbidden.contains(dependency));
        findings.extend(
            used.map(|(line, dependency)| {
                Finding::new(path, line, format!("`{name}` must not know of `{dependency}`"))
            }),
        );
    }
    findings
}

/// Path, crate name without prefix, and text of every manifest under `crates/`.
fn manifests(tree: &Tree) -> impl Iterator<Item = (&str, &str, &str)> {
    tree.texts("/Cargo.toml").filter_map(|(path, text)| {
        let name = path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
        Some((path, name, text))
    })
}

/// Line and name of each dependency that ships, of any target and of build scripts, but not of tests.
fn shipped_dependencies(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut ships = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end().trim_end_matches(']');
            let (head, table) = section.split_once("dependencies.").unwrap_or((section, ""));
            ships = section.ends_with("dependencies") && !section.ends_with("dev-dependencies");
            let is_table = !table.is_empty() && !head.ends_with("dev-");
            return is_table.then_some((index + 1, table));
        }
        let name = line.split(['.', '=', ' ']).next()?.trim_matches('"');
        (ships && !name.is_empty() && !name.starts_with('#')).then_some((index + 1, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(check: fn(&Tree) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)])).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_dependency_against_the_direction_is_found() {
        let text = "[dependencies]\nlinkspan-model.workspace = true\nlinkspan-server.workspace = true\n";
        assert_eq!(found(crates, "crates/engine/Cargo.toml", text), [3]);
        assert_eq!(found(crates, "crates/cli/Cargo.toml", text), []);
    }

    #[test]
    fn the_testkit_never_ships() {
        let text = "[dependencies]\nlinkspan-testkit = { path = \"../testkit\" }\n";
        assert_eq!(found(crates, "crates/cli/Cargo.toml", text), [2]);
        assert_eq!(found(crates, "crates/engine/Cargo.toml", &text.replace("[dep", "[dev-dep")), []);
    }

    #[test]
    fn every_way_of_writing_a_dependency_is_seen() {
        for text in [
            "[dependencies.linkspan-server]\nworkspace = true\n",
            "[target.'cfg(unix)'.dependencies]\nlinkspan-server = \"1\"\n",
            "[build-dependencies]\nlinkspan-server.workspace = true\n",
            "[dependencies]\n\"linkspan-server\" = \"1\"\n",
        ] {
            assert_eq!(found(crates, "crates/plane/Cargo.toml", text).len(), 1, "{text}");
        }
        assert_eq!(found(crates, "crates/plane/Cargo.toml", "[dev-dependencies.linkspan-server]\npath = \"x\"\n"), []);
    }

    #[test]
    fn a_crate_without_a_layer_is_found() {
        assert_eq!(found(crates, "crates/novelty/Cargo.toml", "[dependencies]\n"), [0]);
    }

    #[test]
    fn a_layer_knows_nothing_of_foreign_crates_outside_its_trade() {
        let text = "[dependencies]\nrusqlite.workspace = true\nbytes.workspace = true\n";
        assert_eq!(found(foreign, "crates/engine/Cargo.toml", text), [2]);
        assert_eq!(found(foreign, "crates/store-sqlite/Cargo.toml", text), []);
    }
}
