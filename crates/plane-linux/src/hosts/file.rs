use std::fmt::Write as _;
use std::net::Ipv4Addr;

use linkspan_model::ConnectionId;
use linkspan_plane::Resolution;
use sha2::{Digest, Sha256};

use super::Zone;

const FORM: &str = "# linkspan1";

/// What every hosts file says.
const OWN: &str = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";

/// The text of a hosts file: a line with the table's digest and a sum of the rest, then a line for each name with the
/// connection whose record it is.
pub(super) fn write(zone: &Zone) -> String {
    let mut names: Vec<_> = zone.names.iter().collect();
    names.sort_unstable_by_key(|(name, _)| *name);
    let mut rest = OWN.to_owned();
    for (name, Resolution { address, connection }) in names {
        let _ = writeln!(rest, "{address} {name} # {connection}");
    }
    format!("{FORM} {:016x} {}\n{rest}", zone.digest, sum(&rest))
}

/// What a text says, if it is as it was written.
pub(super) fn read(text: &str) -> Option<Zone> {
    let (first, rest) = text.split_once('\n')?;
    let (digest, expected) = first.strip_prefix(FORM)?.strip_prefix(' ')?.split_once(' ')?;
    if sum(rest) != expected {
        return None;
    }
    let names = rest.strip_prefix(OWN)?.lines().map(record).collect::<Option<_>>()?;
    Some(Zone { digest: u64::from_str_radix(digest, 16).ok()?, names })
}

fn record(line: &str) -> Option<(Box<str>, Resolution)> {
    let [address, name, "#", connection] = *line.split(' ').collect::<Vec<_>>() else { return None };
    let address: Ipv4Addr = address.parse().ok()?;
    Some((name.into(), Resolution { address, connection: ConnectionId::from_wire(connection)? }))
}

fn sum(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use linkspan_plane::HostTable;
    use linkspan_plane::conformance::samples;

    fn zone() -> Zone {
        let table = HostTable::new(vec![samples::host_part(1, &[("Kafka", "10.0.0.1"), ("redis", "10.0.0.2")])]);
        Zone { digest: table.digest(), names: table.merged() }
    }

    #[test]
    fn a_file_reads_back_and_resolves_whatever_the_case() {
        let text = write(&zone());
        assert!(text.contains("\n127.0.0.1 localhost\n"), "{text}");
        assert!(text.contains(&format!("\n10.0.0.1 kafka # {}\n", samples::mark(1).connection)), "{text}");
        let read = read(&text).unwrap();
        assert_eq!(read, zone());
        assert_eq!(read.resolve("KAFKA").unwrap().address, Ipv4Addr::new(10, 0, 0, 1));
        assert_eq!(read.resolve("localhost"), None);
    }

    #[test]
    fn a_file_that_was_cut_short_or_changed_is_known_as_such() {
        let text = write(&zone());
        for end in 0..text.len() {
            assert_eq!(read(&text[..end]), None, "{end}");
        }
        assert_eq!(read(&text.replace("10.0.0.2", "10.0.0.3")), None);
        assert_eq!(read(&format!("{text}10.0.0.4 evil\n")), None);
    }
}
