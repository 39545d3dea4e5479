//! Where a database is: the parts of its URL, judged before anything is opened.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

/// What a schema is called if nobody says anything.
const DEFAULT_SCHEMA: &str = "linkspan";

/// How long a host may take to answer a connection, unless the URL says something else.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// How long sent bytes may stay unacknowledged, and a silent connection unasked, before it is given up.
const SILENCE: Duration = Duration::from_secs(10);

/// Why a URL can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LocationError {
    /// It can't be read.
    #[error("it can't be read: {0}")]
    Url(String),
    /// A parameter has a value that means nothing here.
    #[error("`{name}` is {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// Certificates can't be read.
    #[error("no certificate to verify the server by: {0}")]
    Certificates(String),
}

/// A database and the schema in it.
#[derive(Clone)]
pub struct Location {
    /// One for each host, in the order in which they are tried.
    pub(crate) hosts: Vec<Config>,
    pub(crate) schema: Schema,
    pub(crate) tls: TlsMode,
    shown: String,
}

/// What is asked of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TlsMode {
    Disable,
    /// Encrypted, whoever answers.
    Require,
    /// Encrypted, and the certificate bears the host's name; by the certificates of a file or of the system.
    VerifyFull(Option<PathBuf>),
}

/// A schema's name, which needs no quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schema(String);

impl Schema {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        let is_own = !text.starts_with("pg_") && text != "information_schema";
        (starts_well && is_own && text.len() < 64 && text.chars().all(plain)).then(|| Self(text.to_owned()))
    }
}

/// Whether the driver took the first of several @ for the end of the password, and the rest of it for a host.
fn is_cut_in_two(config: &Config) -> bool {
    let in_host = |host: &Host| matches!(host, Host::Tcp(name) if name.contains('@'));
    config.get_hosts().iter().any(in_host) || config.get_dbname().is_some_and(|name| name.contains('@'))
}

/// What this crate, and not the driver, reads out of a URL.
#[derive(Default)]
struct Own {
    ssl_mode: Option<String>,
    ssl_root: Option<String>,
    schema: Option<String>,
}

impl Location {
    /// Reads `postgres://user:password@host:port,host:port/database?parameters`.
    ///
    /// # Errors
    /// What is wrong with it; the password is never part of the text.
    pub fn parse(url: &str) -> Result<Self, LocationError> {
        let (own, rest) = Own::take(url)?;
        let config: Config =
            rest.parse().map_err(|error: tokio_postgres::Error| LocationError::Url(error.to_string()))?;
        if config.get_hosts().is_empty() {
            return Err(LocationError::Url("it names no host".into()));
        }
        if is_cut_in_two(&config) {
            return Err(LocationError::Url("write %40 for an @ in a name or a password".into()));
        }
        if config.get_target_session_attrs() == TargetSessionAttrs::ReadOnly {
            let expected = "always read-write here: records are written";
            return Err(LocationError::Parameter { name: "target_session_attrs", expected });
        }
        let schema = own.schema.as_deref().unwrap_or(DEFAULT_SCHEMA);
        let expected = "a name of lower-case letters, digits and underscores, such as linkspan";
        let schema = Schema::parse(schema).ok_or(LocationError::Parameter { name: "schema", expected })?;
        let tls = own.tls()?;
        let hosts: Vec<Config> =
            config.get_hosts().iter().enumerate().map(|(place, host)| single(&config, (place, host), &tls)).collect();
        let shown = shown(&config, &schema);
        Ok(Self { hosts, schema, tls, shown })
    }
}

impl Own {
    fn take(url: &str) -> Result<(Self, String), LocationError> {
        let mut own = Self::default();
        // A password may hold a question mark; the host after it may not.
        let hosts = url.rfind('@').unwrap_or(0);
        let Some(query) = url.get(hosts..).and_then(|rest| rest.find('?')).map(|place| hosts + place) else {
            return Ok((own, url.to_owned()));
        };
        let (base, query) = (url.get(..query).unwrap_or(url), url.get(query + 1..).unwrap_or_default());
        let mut rest = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let field = match name {
                "sslmode" => &mut own.ssl_mode,
                "sslrootcert" => &mut own.ssl_root,
                "schema" => &mut own.schema,
                _ => {
                    rest.push(pair);
                    continue;
                }
            };
            let value =
                percent_decode_str(value).decode_utf8().map_err(|error| LocationError::Url(error.to_string()))?;
            *field = Some(value.into_owned());
        }
        let rest = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        Ok((own, rest))
    }

    fn tls(&self) -> Result<TlsMode, LocationError> {
        let root = self.ssl_root.as_deref().filter(|root| *root != "system").map(PathBuf::from);
        match (self.ssl_mode.as_deref(), &self.ssl_root) {
            (Some("verify-full"), _) => Ok(TlsMode::VerifyFull(root)),
            (_, Some(_)) => {
                Err(LocationError::Parameter { name: "sslrootcert", expected: "of use with sslmode=verify-full only" })
            }
            (Some("disable"), None) => Ok(TlsMode::Disable),
            (None | Some("require"), None) => Ok(TlsMode::Require),
            _ => Err(LocationError::Parameter { name: "sslmode", expected: "one of disable, require and verify-full" }),
        }
    }
}

/// The configuration for one of the hosts alone, so that one that does not answer costs a bounded time.
fn single(all: &Config, (place, host): (usize, &Host), tls: &TlsMode) -> Config {
    let mut one = Config::new();
    match host {
        Host::Tcp(name) => one.host(name),
        Host::Unix(path) => one.host_path(path),
    };
    if let Some(address) = all.get_hostaddrs().get(place) {
        one.hostaddr(*address);
    }
    let ports = all.get_ports();
    one.port(ports.get(place).or_else(|| ports.first()).copied().unwrap_or(5432));
    all.get_user().map(|user| one.user(user));
    all.get_password().map(|password| one.password(password));
    all.get_dbname().map(|name| one.dbname(name));
    all.get_options().map(|options| one.options(options));
    one.application_name(all.get_application_name().unwrap_or("linkspan"));
    // A socket of this machine has no TLS.
    let is_plain = *tls == TlsMode::Disable || matches!(host, Host::Unix(_));
    one.ssl_mode(if is_plain { SslMode::Disable } else { SslMode::Require });
    one.ssl_negotiation(all.get_ssl_negotiation());
    one.channel_binding(all.get_channel_binding());
    one.connect_timeout(all.get_connect_timeout().copied().unwrap_or(CONNECT_WITHIN));
    one.tcp_user_timeout(all.get_tcp_user_timeout().copied().unwrap_or(SILENCE));
    one.keepalives(all.get_keepalives());
    one.keepalives_idle(all.get_keepalives_idle().min(SILENCE));
    all.get_keepalives_interval().map(|interval| one.keepalives_interval(interval));
    all.get_keepalives_retries().map(|retries| one.keepalives_retries(retries));
    one.target_session_attrs(TargetSessionAttrs::ReadWrite);
    one
}

/// The database for people: without its password.
fn shown(config: &Config, schema: &Schema) -> String {
    let ports = config.get_ports();
    let host = |(place, host): (usize, &Host)| {
        let port = ports.get(place).or_else(|| ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            Host::Unix(path) => format!("{}:{port}", path.display()),
        }
    };
    let hosts: Vec<_> = config.get_hosts().iter().enumerate().map(host).collect();
    let name = config.get_dbname().unwrap_or_default();
    format!("postgres://{}/{name}?schema={}", hosts.join(","), schema.as_str())
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Location {
        Location::parse(url).unwrap()
    }

    #[test]
    fn hosts_are_tried_one_by_one() {
        let location = parse("postgres://u:p%3F@a:1,b:2/records?connect_timeout=7&sslmode=disable");
        let hosts: Vec<_> = location.hosts.iter().map(|host| (host.get_hosts().to_vec(), host.get_ports())).collect();
        assert_eq!(hosts, [(vec![Host::Tcp("a".into())], &[1][..]), (vec![Host::Tcp("b".into())], &[2])]);
        for host in &location.hosts {
            assert_eq!((host.get_user(), host.get_password()), (Some("u"), Some(&b"p?"[..])));
            assert_eq!(host.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
            assert_eq!(host.get_connect_timeout(), Some(&Duration::from_secs(7)));
            assert_eq!(host.get_application_name(), Some("linkspan"));
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let location = parse("postgres://u:secret@h/records?schema=own");
        assert_eq!(location.to_string(), "postgres://h:5432/records?schema=own");
        let texts = [format!("{location:?}"), location.to_string()];
        let wrong = Location::parse("postgres://u:secret@h:port/records").unwrap_err();
        assert!(texts.iter().chain([&wrong.to_string()]).all(|text| !text.contains("secret")), "{texts:?} {wrong}");
    }

    #[test]
    fn tls_is_asked_for_unless_it_is_turned_off() {
        let mode = |parameters: &str| Location::parse(&format!("postgres://h/d{parameters}")).map(|it| it.tls);
        assert_eq!(mode("").unwrap(), TlsMode::Require);
        assert_eq!(mode("?sslmode=require").unwrap(), TlsMode::Require);
        assert_eq!(mode("?sslmode=disable").unwrap(), TlsMode::Disable);
        assert_eq!(mode("?sslmode=verify-full&sslrootcert=system").unwrap(), TlsMode::VerifyFull(None));
        let root = TlsMode::VerifyFull(Some("/a b".into()));
        assert_eq!(mode("?sslmode=verify-full&sslrootcert=/a%20b").unwrap(), root);
        for wrong in ["?sslmode=prefer", "?sslmode=verify-ca", "?sslrootcert=/a", "?sslmode=require&sslrootcert=/a"] {
            assert!(matches!(mode(wrong), Err(LocationError::Parameter { .. })), "{wrong}");
        }
        assert_eq!(parse("postgres://h/d").hosts[0].get_ssl_mode(), SslMode::Require);
        assert_eq!(parse("postgres:///d?host=/run/postgresql").hosts[0].get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn a_schema_is_a_plain_name() {
        let schema = |name: &str| Location::parse(&format!("postgres://h/d?schema={name}")).map(|it| it.schema.0);
        assert_eq!(parse("postgres://h/d").schema.as_str(), "linkspan");
        assert_eq!(schema("other_1").unwrap(), "other_1");
        for wrong in ["", "1a", "Linkspan", "a-b", "a%3Bb", "pg_catalog", "information_schema", &"a".repeat(64)] {
            assert!(schema(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for cut in ["postgres://u:se@cret@h/d", "postgres://u:s@e/cret@h/d"] {
            let why = Location::parse(cut).unwrap_err().to_string();
            assert!(why.contains("%40") && !why.contains("cret"), "{why}");
        }
        for wrong in ["postgres:///d", "postgres://h/d?unknown=1", "postgres://h/d?target_session_attrs=read-only"] {
            assert!(Location::parse(wrong).is_err(), "{wrong}");
        }
    }
}
