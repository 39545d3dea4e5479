//! What a client is made of.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::SecretString;

use crate::endpoint::Endpoints;
use crate::retry::RetryPolicy;

/// How a client works.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Where the services are.
    pub endpoints: Endpoints,
    /// Who is calling.
    pub credentials: Credentials,
    /// What is trusted.
    pub tls: TlsOptions,
    /// Longest time for a call with its answer; the server holds a delete for up to 30 s.
    pub timeout: Duration,
    /// When a call is repeated.
    pub retry: RetryPolicy,
    /// The time in seconds since 1970 UTC, for signatures.
    pub unix_seconds: fn() -> i64,
}

impl ClientConfig {
    /// The defaults: two minutes for a call, three repetitions, the roots of the system.
    #[must_use]
    pub fn new(endpoints: Endpoints, credentials: Credentials) -> Self {
        Self {
            endpoints,
            credentials,
            tls: TlsOptions::default(),
            timeout: Duration::from_secs(120),
            retry: RetryPolicy::default(),
            unix_seconds: system_time,
        }
    }
}

/// Who is calling; `Debug` shows no secret.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// An access key: every call is signed with SDK-HMAC-SHA256.
    Key {
        /// The public half.
        access_key: String,
        /// The secret half.
        secret_key: SecretString,
        /// What the cloud gives with a temporary key.
        security_token: Option<SecretString>,
    },
    /// A token, sent as `X-Auth-Token`.
    Token(SecretString),
    /// Nobody: enough to ask for a token.
    Anonymous,
}

impl Credentials {
    /// A permanent access key.
    #[must_use]
    pub fn key(access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        Self::Key {
            access_key: access_key.into(),
            secret_key: SecretString::from(secret_key.into()),
            security_token: None,
        }
    }

    /// A token.
    #[must_use]
    pub fn token(token: impl Into<String>) -> Self {
        Self::Token(SecretString::from(token.into()))
    }
}

/// What is trusted over TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// A PEM file of certificates that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Trusts any certificate: whoever is in between reads and changes everything.
    pub insecure: bool,
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that the client takes as a parameter")]
fn system_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let key = Credentials::Key {
            access_key: "AK1".into(),
            secret_key: "hidden-1".to_owned().into(),
            security_token: Some("hidden-2".to_owned().into()),
        };
        let shown = format!("{key:?} {:?}", Credentials::token("hidden-3"));
        assert!(shown.contains("AK1") && !shown.contains("hidden"), "{shown}");
    }
}
