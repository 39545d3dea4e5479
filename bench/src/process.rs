//! Processes that a benchmark starts: pinned to a core, watched through `/proc`, and ended by their own id.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::outcome::Outcome;

/// The core of whatever is measured.
pub const SERVER_CORE: &str = "0";
/// The core of whatever makes the load.
pub const CLIENT_CORE: &str = "1";
/// Processors that other programs may use in a measurement that counts as quiet.
pub const QUIET: f64 = 0.1;
const STOPPED_WITHIN: Duration = Duration::from_secs(20);
/// How fine the kernel counts processor time in `/proc/<pid>/stat`: `USER_HZ`, 100 on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// A command that runs on one core only.
pub fn pinned(core: &str, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program).stdin(Stdio::null());
    command
}

/// A process that ends with this value.
pub struct Running {
    child: Child,
}

impl Running {
    pub fn start(command: &mut Command) -> Outcome<Self> {
        let name = format!("{command:?}");
        let child = command.spawn().map_err(|error| format!("{name} can't be started: {error}"))?;
        Ok(Self { child })
    }

    pub fn usage(&self) -> Outcome<Usage> {
        Usage::of(&self.child.id().to_string())
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) -> Outcome<()> {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status()?;
        if sent.success() { Ok(()) } else { Err(format!("no {name} can be sent: {sent}").into()) }
    }

    /// Asks the process to end as a service manager would, and waits for it.
    pub fn stop(mut self) -> Outcome<()> {
        self.signal("TERM")?;
        let ended = wait_for(STOPPED_WITHIN, Duration::from_millis(2), || self.ended());
        match ended {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("the server ended with {status}").into()),
            None => Err("the server did not end after SIGTERM".into()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what is wanted.
        let _ended = self.child.kill();
        let _collected = self.child.wait();
    }
}

/// What a process has used so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Seconds of processor time in the program.
    pub user: f64,
    /// Seconds of processor time in the kernel on its behalf.
    pub system: f64,
    /// Memory now.
    pub rss_kib: u64,
    /// The most memory it ever had.
    pub peak_kib: u64,
}

impl Usage {
    pub fn of_self() -> Outcome<Self> {
        Self::of("self")
    }

    fn of(pid: &str) -> Outcome<Self> {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}"));
        let (stat, status) = (read("stat")?, read("status")?);
        // The name in brackets may hold blanks; what follows it is counted from field 3 on.
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let seconds = |field: usize| -> Option<f64> {
            let ticks: f64 = after_name.split_whitespace().nth(field - 3)?.parse().ok()?;
            Some(ticks / TICKS_PER_SECOND)
        };
        let kib = |key: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        let (Some(user), Some(system)) = (seconds(14), seconds(15)) else {
            return Err("/proc does not tell processor times".into());
        };
        Ok(Self { user, system, rss_kib: kib("VmRSS:"), peak_kib: kib("VmHWM:") })
    }
}

/// What programs that are no part of a measurement use meanwhile.
pub struct Bystanders {
    all: f64,
    own: f64,
}

impl Bystanders {
    pub fn watch() -> Outcome<Self> {
        Ok(Self { all: busy_seconds()?, own: own_seconds()? })
    }

    /// Seconds of processor time since then that neither this program nor the programs that it has waited for used,
    /// nor one that used `apart` seconds.
    pub fn seconds(&self, apart: f64) -> Outcome<f64> {
        Ok((busy_seconds()? - self.all - (own_seconds()? - self.own) - apart).max(0.0))
    }
}

/// Waits until other programs leave the processors alone, as long as the caller has patience.
pub fn quiet_moment(patience: Duration) {
    const LOOK: Duration = Duration::from_millis(250);
    let is_quiet = || {
        let watch = Bystanders::watch().ok()?;
        std::thread::sleep(LOOK);
        let busy = watch.seconds(0.0).ok()? / LOOK.as_secs_f64();
        (busy <= QUIET).then_some(())
    };
    // Who is still busy after that shows in the figure that every round bears.
    let _quiet = wait_for(patience, Duration::ZERO, is_quiet);
}

/// What all processors did since the machine started, hypervisor's theft included.
fn busy_seconds() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let ticks: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
    let [user, nice, system, _idle, _waiting, interrupts, soft_interrupts, stolen, ..] = ticks[..] else {
        return Err("/proc does not tell processor times".into());
    };
    Ok((user + nice + system + interrupts + soft_interrupts + stolen) / TICKS_PER_SECOND)
}

fn own_seconds() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    // Fields 14 to 17: own and waited-for children's time, each in the program and in the kernel.
    let ticks = after_name.split_whitespace().skip(14 - 3).take(4).filter_map(|field| field.parse::<f64>().ok());
    Ok(ticks.sum::<f64>() / TICKS_PER_SECOND)
}

/// Looks again and again until there is an answer or the time is up.
pub fn wait_for<T>(limit: Duration, between: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        let answer = look();
        if answer.is_some() || Instant::now() >= deadline {
            return answer;
        }
        std::thread::sleep(between);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_tells_what_it_used_and_ends_with_its_value() {
        let running = Running::start(pinned("0", Path::new("sleep")).arg("60")).unwrap();
        let pid = running.child.id();
        assert!(running.usage().unwrap().peak_kib > 0);
        drop(running);
        assert!(Usage::of(&pid.to_string()).is_err(), "it is gone");
    }

    #[test]
    fn what_a_child_used_is_no_bystanders() {
        let (busy, own) = (busy_seconds().unwrap(), own_seconds().unwrap());
        let mut child = Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
        let pid = child.id().to_string();
        let patience = (Duration::from_secs(30), Duration::from_millis(10));
        let burnt = wait_for(patience.0, patience.1, || Usage::of(&pid).ok().filter(|usage| usage.user > 0.3));
        child.kill().unwrap();
        child.wait().unwrap();
        let burnt = burnt.unwrap();
        assert!(own_seconds().unwrap() - own >= burnt.user, "{burnt:?}");
        assert!(busy_seconds().unwrap() - busy >= burnt.user, "{burnt:?}");
    }

    #[test]
    fn the_own_memory_is_known() {
        let usage = Usage::of_self().unwrap();
        assert!(usage.rss_kib > 100 && usage.peak_kib >= usage.rss_kib, "{usage:?}");
    }
}
