//! Every test in network, mount and user namespaces of its own: nothing touches the host, no privilege is needed, and
//! the kernel clears everything away however the test ends.

use std::any::type_name_of_val;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use nix::mount::{MsFlags, mount};

/// Set for the process that is inside, to the directory it may fill.
const INSIDE: &str = "LINKSPAN_TEST_ISOLATED";
/// Likewise, to which of a test's cases it is about.
const CASE: &str = "LINKSPAN_TEST_CASE";

/// Runs the body of a test in fresh namespaces, in a process of its own; hands it a directory for handles and files.
pub(crate) fn isolated(body: impl FnOnce(PathBuf)) {
    let name = name_of(&body);
    if let Some(directory) = inside() {
        return body(directory);
    }
    if is_able() {
        assert!(passes(name, ""), "{name} failed inside its namespaces");
    }
}

/// Runs the body once for each case, each time in fresh namespaces.
pub(crate) fn isolated_each(cases: &[&str], body: impl FnOnce(PathBuf, &str)) {
    let name = name_of(&body);
    if let Some(directory) = inside() {
        return body(directory, &std::env::var(CASE).unwrap());
    }
    if is_able() {
        let failed: Vec<_> = cases.iter().filter(|case| !passes(name, case)).collect();
        assert!(failed.is_empty(), "{name} failed inside its namespaces for {failed:?}");
    }
}

/// The name of the test whose body it is, out of the type of the closure: plane::module::test::{{closure}}.
fn name_of<T>(body: &T) -> &'static str {
    type_name_of_val(body).split_once("::").unwrap().1.trim_end_matches("::{{closure}}")
}

fn inside() -> Option<PathBuf> {
    let directory = PathBuf::from(std::env::var_os(INSIDE)?);
    mount(None::<&str>, &directory, Some("tmpfs"), MsFlags::empty(), None::<&str>).unwrap();
    Some(directory)
}

fn is_able() -> bool {
    let Err(why) = ability() else { return true };
    let forbidden = std::env::var_os("LINKSPAN_FORBID_SKIPS").is_some();
    assert!(!forbidden, "{why}, and no test may be skipped");
    println!("skipped: {why}");
    false
}

fn passes(name: &str, case: &str) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let mut test = unshare();
    test.arg(std::env::current_exe().unwrap()).args(["--exact", name, "--nocapture", "--test-threads", "1"]);
    let output = test.env(INSIDE, directory.path()).env(CASE, case).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let passed = output.status.success() && said.contains("1 passed");
    if !passed {
        println!("{said}\n{}", String::from_utf8_lossy(&output.stderr));
    }
    passed
}

fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--mount"]);
    command
}

fn ability() -> Result<(), &'static str> {
    let quiet = |mut command: Command| {
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let mut namespaces = unshare();
    namespaces.arg("true");
    if !quiet(namespaces) {
        return Err("this machine allows no user namespaces");
    }
    for program in ["/usr/sbin/nft", "ip"] {
        let mut command = Command::new(program);
        command.arg(if program == "ip" { "-V" } else { "--version" });
        if !quiet(command) {
            return Err("nft or ip is missing (Debian has them in nftables and iproute2)");
        }
    }
    Ok(())
}
