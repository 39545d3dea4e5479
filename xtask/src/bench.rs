//! Builds what is measured and starts the benchmark; what it measures is the benchmark's own business.

use crate::process::Task;
use crate::step::Outcome;
use crate::workspace::Workspace;

/// Measures the sections named, or all of them if none is, and writes the tables of `docs/performance.md`.
pub(crate) fn run(workspace: &Workspace, sections: &[&str]) -> Outcome {
    if !Task::new("wrk").args(["-v"]).starts() {
        println!("  wrk is missing: installing Debian's package");
        Task::new("apt-get").args(["install", "-y", "wrk"]).run()?;
    }
    let build = ["build", "--release", "--locked", "--bin", "linkspan", "--bin", "linkspan-bench"];
    Task::cargo().args(build).args(["-p", "linkspan-cli", "-p", "linkspan-bench"]).in_dir(workspace.root()).run()?;
    let release = workspace.target().join("release");
    let bench = Task::new(release.join("linkspan-bench")).args(["--server"]).args([release.join("linkspan")]);
    let bench = bench.args(["--work"]).args([workspace.target().join("bench")]).args(["run"]);
    bench.args(sections).in_dir(workspace.root()).run()
}
