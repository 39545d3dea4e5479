//! What machine the figures come from.

use std::path::Path;
use std::process::Command;

use crate::arguments::Bench;
use crate::outcome::Outcome;
use crate::table::Table;

/// The table of the machine.
pub fn run(bench: &Bench) -> Outcome<String> {
    let mut table = Table::new(["what", "value"]);
    let mut row = |what: &str, value: String| table.row([what.to_owned(), value]);
    row("date of the figures", output("date", &["-u", "+%F"]));
    row("processor", format!("{}, {} cores", of_file("/proc/cpuinfo", "model name"), cores()));
    row("hypervisor", hypervisor());
    row("memory", memory());
    row("kernel", output("uname", &["-sr"]));
    row("file system", file_system(&bench.work));
    row("compiler", output("rustc", &["--version"]));
    row("load generator", first_line(&output("wrk", &["-v"])));
    row("sources", sources());
    Ok(table.into_markdown())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn of_file(path: &str, key: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(key));
    line.and_then(|line| line.split_once(':')).map_or_else(|| "unknown".into(), |(_, value)| value.trim().to_owned())
}

fn hypervisor() -> String {
    let found = of_file("/proc/cpuinfo", "flags").split(' ').any(|flag| flag == "hypervisor");
    if found { "yes: a virtual machine, its disk virtual too".into() } else { "no".into() }
}

fn memory() -> String {
    let kib: u64 = of_file("/proc/meminfo", "MemTotal").split(' ').next().and_then(|kib| kib.parse().ok()).unwrap_or(0);
    format!("{} GiB", (kib + (1 << 19)) >> 20)
}

/// Type and device of the file system that holds a directory.
fn file_system(directory: &Path) -> String {
    let path = directory.to_string_lossy();
    let columns = output("df", &["--output=fstype,source", &path]);
    let line = columns.lines().last().unwrap_or_default();
    line.split_whitespace().collect::<Vec<_>>().join(" on ")
}

fn sources() -> String {
    let commit = output("git", &["rev-parse", "--short=12", "HEAD"]);
    let changed = !output("git", &["status", "--porcelain", "--untracked-files=no", "--", "crates"]).is_empty();
    if changed { format!("{commit}, with changes that are not committed") } else { commit }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().split(" Copyright").next().unwrap_or_default().to_owned()
}

/// What a program prints, on either stream; "unknown" if it is not there.
fn output(program: &str, arguments: &[&str]) -> String {
    let Ok(output) = Command::new(program).args(arguments).output() else { return "unknown".into() };
    let bytes = if output.stdout.is_empty() && !output.status.success() { output.stderr } else { output.stdout };
    String::from_utf8_lossy(&bytes).trim().to_owned()
}
