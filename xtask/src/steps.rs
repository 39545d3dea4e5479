//! The steps of `cargo xtask test`, in the order they run: what is quick and likely to fail comes first.
//!
//! To add one, add a line to [`ALL`]; its function lives beside what it checks.

use crate::process::Task;
use crate::step::{self, Outcome, Step};
use crate::workspace::Workspace;
use crate::{compat, generate, report, setup, tidy};

/// Every step there is.
pub(crate) const ALL: &[Step] = &[
    Step { name: "setup", purpose: "install what the other steps need", run: setup::run },
    Step { name: "fmt", purpose: "the formatting is rustfmt's", run: fmt },
    Step { name: "tidy", purpose: "the house rules that no compiler knows", run: tidy::run },
    Step { name: "generate", purpose: "generated files are up to date", run: generate::check },
    Step { name: "clippy", purpose: "no warning in any target", run: clippy },
    Step { name: "unit", purpose: "every Rust test, by nextest", run: unit },
    Step { name: "doc", purpose: "the examples in the documentation hold and its links lead somewhere", run: doc },
    Step { name: "sdk", purpose: "the vendor's Python SDK against a fresh server", run: compat::sdk },
    Step { name: "replay", purpose: "captured requests, signed again, against a fresh server", run: compat::replay },
    Step { name: "golden", purpose: "every operation against the documents' own samples", run: compat::golden },
    Step {
        name: "nodes",
        purpose: "the SDK, the captures and the samples against three nodes on one PostgreSQL, each call to the next one",
        run: compat::nodes,
    },
    Step {
        name: "networks",
        purpose: "the vendor's Python SDK on real networks, in namespaces of its own",
        run: compat::networks,
    },
    Step { name: "schema", purpose: "generated calls against the served OpenAPI document", run: compat::schema },
    Step {
        name: "terraform",
        purpose: "Terraform with the vendor's provider, where it is installed",
        run: compat::terraform,
    },
    Step { name: "explorer", purpose: "the interactive explorer in a real browser", run: compat::explorer },
    Step { name: "deny", purpose: "licences, bans and sources of the dependencies", run: deny },
];

/// Runs the steps named, or all of them if none is.
pub(crate) fn run(workspace: &Workspace, names: &[&str]) -> bool {
    match select(names) {
        Ok(steps) => step::run_all(workspace, &steps),
        Err(reason) => report(Err(reason)),
    }
}

/// A line for each step.
pub(crate) fn describe() -> String {
    ALL.iter().map(|step| format!("  {:<10} {}", step.name, step.purpose)).collect::<Vec<_>>().join("\n")
}

fn select(names: &[&str]) -> Result<Vec<Step>, String> {
    if names.is_empty() {
        return Ok(ALL.to_vec());
    }
    let find = |name: &&str| {
        let step = ALL.iter().find(|step| step.name == *name).copied();
        step.ok_or_else(|| format!("there is no step `{name}`; the steps are:\n{}", describe()))
    };
    names.iter().map(find).collect()
}

fn fmt(workspace: &Workspace) -> Outcome {
    Task::cargo().args(["fmt", "--all", "--check"]).in_dir(workspace.root()).run()
}

fn clippy(workspace: &Workspace) -> Outcome {
    let arguments = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    Task::cargo().args(arguments).in_dir(workspace.root()).run()
}

fn unit(workspace: &Workspace) -> Outcome {
    let arguments = ["nextest", "run", "--locked", "--workspace", "--no-fail-fast"];
    Task::cargo().args(arguments).in_dir(workspace.root()).run()
}

fn doc(workspace: &Workspace) -> Outcome {
    let build = Task::cargo().args(["doc", "--locked", "--workspace", "--no-deps", "--quiet"]);
    let links = build.env("RUSTDOCFLAGS", "-D warnings").in_dir(workspace.root()).run();
    let test = Task::cargo().args(["test", "--locked", "--workspace", "--doc", "--quiet"]);
    let examples = test.in_dir(workspace.root()).run();
    links.and(examples)
}

fn deny(workspace: &Workspace) -> Outcome {
    let program = setup::deny_program(workspace).ok_or("cargo-deny is missing: run `cargo xtask setup`")?;
    let checks = ["check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    Task::new(program).args(checks).in_dir(workspace.root()).run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_all_of_them() {
        assert_eq!(select(&[]).unwrap().len(), ALL.len());
    }

    #[test]
    fn names_pick_steps_in_the_order_given() {
        let names: Vec<_> = select(&["deny", "fmt"]).unwrap().iter().map(|step| step.name).collect();
        assert_eq!(names, ["deny", "fmt"]);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_list() {
        let error = select(&["fmt", "everything"]).err().unwrap();
        assert!(error.contains("`everything`") && error.contains("replay"), "{error}");
    }
}
