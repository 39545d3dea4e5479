use std::fs::File;
use std::io::{ErrorKind, Read};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use linkspan_model::BindingName;
use nix::unistd::geteuid;
use serde::Deserialize;
use toml::Spanned;

use super::entry::Written;
use super::{Allowed, Entry};

/// The longest file that is read: 1 MiB, some five thousand entries.
const MOST_BYTES: usize = 1 << 20;

/// Why the file says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadConfig {
    /// Somebody else could allow things to himself.
    #[error("{} must belong to root or to the user of netd, and nobody else may write it", .0.display())]
    Writable(PathBuf),
    /// Half of it would be another file.
    #[error("{} is longer than {MOST_BYTES} bytes (1 MiB), the most that is read; take entries out of it", .0.display())]
    TooLong(PathBuf),
    /// It can't be read.
    #[error("{} can't be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: ErrorKind,
    },
    /// It says what has no meaning.
    #[error("{}, line {line}: {why}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
        /// What is wrong there.
        why: Box<str>,
    },
}

/// The file and what it last said.
#[derive(Debug)]
pub(crate) struct Config {
    path: PathBuf,
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    allowed: Arc<Allowed>,
    /// What is wrong with it since, which is said once.
    error: Option<BadConfig>,
}

impl Config {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, last: Mutex::default() }
    }

    /// What is allowed now. A file that can't be read leaves it as it was: a slip of the pen must not cut off everybody.
    pub(crate) fn allowed(&self) -> Arc<Allowed> {
        match self.read() {
            Ok(allowed) => allowed,
            Err(error) => {
                let mut last = self.last();
                if last.error.as_ref() != Some(&error) {
                    tracing::warn!(%error, "what was allowed before stays allowed, and nothing else is");
                }
                last.error = Some(error);
                last.allowed.clone()
            }
        }
    }

    /// Reads it. A file that is not there allows nothing. The same as long as it says the same; if it said something else
    /// in between, to whoever read it then, another one.
    pub(crate) fn read(&self) -> Result<Arc<Allowed>, BadConfig> {
        let allowed = self.text()?.map_or(Ok(Allowed::default()), |text| self.parse(&text))?;
        let mut last = self.last();
        if *last.allowed != allowed {
            last.allowed = Arc::new(allowed);
        }
        last.error = None;
        Ok(last.allowed.clone())
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text(&self) -> Result<Option<String>, BadConfig> {
        let failed = |error: std::io::Error| BadConfig::Unreadable { path: self.path.clone(), cause: error.kind() };
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let status = file.metadata().map_err(failed)?;
        let trusted = status.uid() == 0 || status.uid() == geteuid().as_raw();
        if !trusted || status.mode() & 0o022 != 0 {
            return Err(BadConfig::Writable(self.path.clone()));
        }
        let mut bytes = Vec::new();
        file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > MOST_BYTES {
            return Err(BadConfig::TooLong(self.path.clone()));
        }
        let invalid = |_| failed(ErrorKind::InvalidData.into());
        String::from_utf8(bytes).map(Some).map_err(invalid)
    }

    fn parse(&self, text: &str) -> Result<Allowed, BadConfig> {
        let wrong = |offset: usize, why: String| {
            let line = text.get(..offset).unwrap_or(text).matches('\n').count() + 1;
            BadConfig::Wrong { path: self.path.clone(), line, why: why.into() }
        };
        let whole: Whole = toml::from_str(text)
            .map_err(|error| wrong(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
        let upstream_dns = whole.upstream_dns.map(|written| {
            let start = written.span().start;
            name_server(written.get_ref()).ok_or_else(|| wrong(start, format!("{NO_ADDRESS}: `{}`", written.get_ref())))
        });
        let mut entries: Vec<Entry> = Vec::with_capacity(whole.allow.len());
        for written in whole.allow {
            let start = written.span().start;
            let entry = written.into_inner().read().map_err(|why| wrong(start, why))?;
            if entries.iter().any(|other| other.name == entry.name) {
                return Err(wrong(start, format!("`{}` is the name of another entry too", entry.name)));
            }
            entries.push(entry);
        }
        Ok(Allowed { entries, upstream_dns: upstream_dns.transpose()? })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    upstream_dns: Option<Spanned<String>>,
    #[serde(default)]
    allow: Vec<Spanned<Written>>,
}

const NO_ADDRESS: &str = "an IP address is needed, with a port if it is not 53";

/// `10.0.0.2`, or with a port.
fn name_server(text: &str) -> Option<SocketAddr> {
    text.parse().or_else(|_| text.parse().map(|address: IpAddr| SocketAddr::new(address, 53))).ok()
}

impl Allowed {
    /// The entry of a name.
    pub(crate) fn named(&self, name: &BindingName) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == *name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::*;

    const GOOD: &str = r#"
[[allow]]
name = "kafka-lan"
project = "*"
kind = "bridge"
bridge = "br-data"
address = "192.168.10.1/24"
cidrs = ["192.168.10.0/24", "172.20.0.0/16"]
gateway = "192.168.10.254"

[[allow]]
name = "db"
project = "0123456789abcdef0123456789abcdef"
kind = "namespace"
namespace = "db"
inside = "10.1.0.2"
address = "10.1.0.1/30"
cidrs = ["10.1.0.0/30"]
masquerade = false
"#;

    fn parse(text: &str) -> Result<Allowed, BadConfig> {
        Config::new("netd.toml".into()).parse(text)
    }

    #[test]
    fn entries_are_read() {
        let allowed = parse(GOOD).unwrap();
        let [lan, db] = &allowed.entries[..] else { panic!("{allowed:?}") };
        assert_eq!((lan.link.as_str().split_at(2).0, db.link.as_str().split_at(2).0), ("m-", "b-"));
        assert_eq!(db.target, Target::Namespace("/run/netns/db".into(), Some("10.1.0.2".parse().unwrap())));
        let routes: Vec<_> = lan.routes().iter().map(|(cidr, hop)| format!("{cidr} {hop}")).collect();
        assert_eq!(routes, ["192.168.10.0/24 0.0.0.0", "172.20.0.0/16 192.168.10.254"]);
        assert!(lan.serves("192.168.10.128/25".parse().unwrap()) && !lan.serves("192.168.0.0/16".parse().unwrap()));
        assert_eq!(allowed.named(&"db".parse().unwrap()), Some(db));
        assert_eq!(parse("").unwrap(), Allowed::default());
    }

    #[test]
    fn an_upstream_may_leave_its_port_out() {
        for (written, read) in [("10.0.0.2", "10.0.0.2:53"), ("10.0.0.2:5353", "10.0.0.2:5353"), ("::1", "[::1]:53")] {
            let allowed = parse(&format!("upstream_dns = \"{written}\"")).unwrap();
            assert_eq!(allowed.upstream_dns, Some(read.parse().unwrap()));
        }
        let error = parse("\nupstream_dns = \"dns.example\"").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("dns.example"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (from, to, line, why) in [
            ("bridge = \"br-data\"", "brigde = \"br-data\"", 6, "brigde"),
            ("name = \"db\"", "name = \"kafka-lan\"", 11, "another entry too"),
            ("172.20.0.0/16", "172.20.0.1/16", 8, "172.20.0.1/16"),
            ("address = \"192.168.10.1/24\"", "address = \"192.168.10.0/24\"", 7, "no address of a host"),
            ("gateway = \"192.168.10.254\"\n", "", 2, "name the `gateway`"),
            ("192.168.10.254", "192.168.11.254", 2, "`gateway` 192.168.11.254"),
            ("inside = \"10.1.0.2\"", "bridge = \"x\"", 11, "`bridge` means nothing"),
            ("namespace = \"db\"", "namespace = \"../db\"", 11, "neither a name nor an absolute path"),
            ("[\"10.1.0.0/30\"]", "[]", 11, "`cidrs`"),
            ("kind = \"bridge\"", "kind = \"switch\"", 5, "switch"),
            ("kind = \"bridge\"\nbridge", "kind = \"interface\"\nvlan = 4095\ninterface", 2, "4095 is no VLAN"),
            ("bridge = \"br-data\"", "bridge = \"br-data\"\nvlan = 7", 2, "`vlan` means nothing"),
            ("\"*\"", "\"\"", 2, "project"),
            ("name = \"db\"\n", "", 11, "name"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            let error = parse(&text).unwrap_err();
            let BadConfig::Wrong { line: found, why: said, .. } = &error else { panic!("{error}") };
            assert_eq!((*found, said.contains(why)), (line, true), "{to}: {error}");
        }
    }

    #[test]
    fn an_entry_that_was_changed_is_another_one() {
        let links = |text: &str| parse(text).unwrap().entries.into_iter().map(|entry| entry.link).collect::<Vec<_>>();
        let before = links(GOOD);
        for (from, to) in [("br-data", "br-other"), ("172.20.0.0/16", "172.20.0.0/17"), ("\"*\"", "\"p\"")] {
            let after = links(&GOOD.replacen(from, to, 1));
            assert!(before[0] != after[0] && before[1] == after[1], "{to}");
        }
    }

    #[test]
    fn a_file_that_is_too_long_is_refused_as_a_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("netd.toml");
        let config = Config::new(path.clone());
        // What comes first is whole, and what is cut off would be missed by nobody.
        let padded = |length: usize| format!("{GOOD}#{}\n", "-".repeat(length - GOOD.len() - 2));
        std::fs::write(&path, padded(MOST_BYTES)).unwrap();
        assert_eq!(config.read().unwrap().entries.len(), 2);
        let longer = padded(MOST_BYTES + 1).replacen("name = \"db\"", "name = \"dc\"", 1);
        std::fs::write(&path, longer).unwrap();
        let error = config.read().unwrap_err();
        assert_eq!(error, BadConfig::TooLong(path.clone()));
        let said = error.to_string();
        assert!(said.contains("1048576 bytes (1 MiB)") && said.contains("netd.toml"), "{said}");
        assert!(config.allowed().named(&"db".parse().unwrap()).is_some(), "what was in force stays");
    }

    #[test]
    fn a_file_that_others_may_write_allows_nothing_new() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("netd.toml");
        let config = Config::new(path.clone());
        assert_eq!(*config.allowed(), Allowed::default());
        std::fs::write(&path, GOOD).unwrap();
        assert_eq!(config.allowed().entries.len(), 2);
        std::fs::write(&path, "[[allow]]\nname = 7").unwrap();
        assert_eq!(config.allowed().entries.len(), 2, "a slip of the pen");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(config.read(), Err(BadConfig::Writable(path.clone())));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(*config.allowed(), Allowed::default());
    }
}
