//! Real networks: what peers cost on the Linux plane, how soon a bind is in force, and what the packet filter takes from
//! a stream. All of it in user, network, mount and process namespaces of its own: no privilege is needed, and the kernel
//! clears everything away however it ends.

mod binds;
mod cost;
mod streams;

use std::process::{Command, Stdio};

use crate::arguments::Bench;
use crate::outcome::Outcome;

/// The tables of networks, made by this very program inside its namespaces.
pub fn run(bench: &Bench) -> Outcome<String> {
    let mut inner = Command::new("unshare");
    inner.args(["--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc"]);
    inner.arg(std::env::current_exe()?).arg("--server").arg(&bench.server).arg("--work").arg(&bench.work);
    inner.args(["--rounds", &bench.rounds.to_string(), "--seconds", &bench.seconds.to_string()]);
    let output = inner.arg("networks").stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("nothing was measured inside the namespaces; it needs user namespaces, nft and ip".into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Prints the tables; to be run as root of namespaces of its own.
pub fn inside(bench: &Bench) -> Outcome<()> {
    if std::process::id() != 1 {
        return Err("this is run by `run networks`, in namespaces of its own".into());
    }
    for command in ["mount -t tmpfs tmpfs /run", "ip link set lo up"] {
        let mut words = command.split(' ');
        let status = Command::new(words.next().unwrap_or_default()).args(words).status()?;
        if !status.success() {
            return Err(format!("{command}: {status}").into());
        }
    }
    let tables = [cost::table(bench)?, binds::table(bench)?, streams::table(bench)?];
    println!("{}", tables.join("\n"));
    Ok(())
}
