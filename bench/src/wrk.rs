//! Load by wrk: one thread, pinned, requests that were signed before it starts.

use std::net::SocketAddr;
use std::path::Path;

use crate::outcome::Outcome;
use crate::process::{CLIENT_CORE, pinned};

/// Connections of the load.
pub const CONNECTIONS: usize = 32;

/// What wrk counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted {
    pub requests: u64,
    pub seconds: f64,
    /// Bytes of all answers, heads included.
    pub bytes: u64,
    pub p50_us: f64,
    pub p99_us: f64,
}

/// Where and how much.
pub struct Load<'a> {
    pub address: SocketAddr,
    pub connections: usize,
    pub seconds: u64,
    /// Lua file with the requests, made by [`script`].
    pub script: &'a Path,
}

impl Load<'_> {
    /// Runs wrk to its end.
    ///
    /// # Errors
    /// It can't be started, or any answer was not 2xx, or any connection broke.
    pub fn run(&self) -> Outcome<Counted> {
        assert!(self.address.ip().is_loopback(), "load goes to loopback only");
        let output = pinned(CLIENT_CORE, Path::new("wrk"))
            .args(["-t1", &format!("-c{}", self.connections), &format!("-d{}s", self.seconds), "-s"])
            .arg(self.script)
            .arg(format!("http://{}", self.address))
            .output()
            .map_err(|error| format!("wrk can't be started ({error}); it is in Debian's package wrk"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find_map(|line| line.strip_prefix("counted "));
        let line = line.ok_or_else(|| format!("wrk failed: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
        counted(line)
    }
}

fn counted(line: &str) -> Outcome<Counted> {
    let numbers: Vec<f64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
    let [requests, micros, bytes, faults, p50_us, p99_us] = numbers[..] else {
        return Err(format!("wrk counted `{line}`").into());
    };
    if faults > 0.0 || requests == 0.0 {
        return Err(format!("{faults} of {requests} answers were no success or broke off").into());
    }
    Ok(Counted { requests: requests as u64, seconds: micros / 1e6, bytes: bytes as u64, p50_us, p99_us })
}

/// The Lua file that sends these requests one after the other, over and over.
pub fn script(requests: &[Vec<u8>]) -> String {
    let quoted: Vec<_> = requests.iter().map(|request| quote(request)).collect();
    format!(
        r#"local requests = {{
{}
}}
local at = 0
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary, latency)
  local errors = summary.errors
  local faults = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("counted %d %d %d %d %.0f %.0f\n", summary.requests, summary.duration, summary.bytes,
    faults, latency:percentile(50), latency:percentile(99)))
end
"#,
        quoted.join(",\n")
    )
}

fn quote(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            other => text.push_str(&format!("\\{other:03}")),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_quoted_for_lua() {
        assert_eq!(quote(b"GET /\"\\ HTTP\r\n"), r#""GET /\"\\ HTTP\013\010""#);
    }

    #[test]
    fn a_round_with_a_fault_does_not_count() {
        let good = counted("100 2000000 4800 0 250 900").unwrap();
        assert_eq!((good.requests, good.seconds, good.p99_us), (100, 2.0, 900.0));
        assert!(counted("100 2000000 4800 1 250 900").is_err());
        assert!(counted("0 2000000 0 0 0 0").is_err());
        assert!(counted("100 2000000").is_err());
    }
}
