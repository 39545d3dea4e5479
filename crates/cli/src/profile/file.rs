//! The file of profiles, `~/.config/linkspan/config.toml`.
//!
//! ```toml
//! default = "local"
//!
//! [profiles.local]
//! credentials = "/srv/linkspan/credentials.json"
//!
//! [profiles.cloud]
//! endpoint = "https://dli.cn-north-4.myhuaweicloud.com"
//! iam_endpoint = "https://iam.cn-north-4.myhuaweicloud.com"
//! region = "cn-north-4"
//! access_key = "…"
//! secret_key = "…"
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use super::{CredentialsFile, Given, Key};
use crate::environment::Environment;
use crate::failure::Failure;

/// Every profile of the user.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profiles {
    default: Option<String>,
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
    #[serde(skip)]
    path: PathBuf,
}

/// One of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    endpoint: Option<String>,
    iam_endpoint: Option<String>,
    region: Option<String>,
    project_id: Option<String>,
    access_key: Option<String>,
    secret_key: Option<SecretString>,
    security_token: Option<SecretString>,
    credentials: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    #[serde(default)]
    insecure: bool,
}

impl Profiles {
    /// Reads the file; a user who has none has no profiles.
    pub(super) fn load(environment: &Environment) -> Result<Self, Failure> {
        let Some(home) = environment.config_home() else { return Ok(Self::default()) };
        let path = home.join("linkspan").join("config.toml");
        let fault =
            |error: &dyn std::fmt::Display| Failure::usage(format!("the profile file {}: {error}", path.display()));
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self { path, ..Self::default() }),
            Err(error) => return Err(fault(&error)),
        };
        let read: Self = toml::from_str(&text).map_err(|error| fault(&error))?;
        Ok(Self { path, ..read })
    }

    /// A profile that was asked for.
    pub(super) fn named(&self, name: &str) -> Result<Given, Failure> {
        match self.profiles.get(name) {
            Some(profile) => profile.given(name, &self.path),
            None => {
                let known: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
                let known =
                    if known.is_empty() { "it has none".into() } else { format!("it has {}", known.join(", ")) };
                Err(Failure::usage(format!("there is no profile `{name}` in {}; {known}", self.path.display())))
            }
        }
    }

    /// The profile that is taken where none was asked for.
    pub(super) fn by_default(&self) -> Result<Option<Given>, Failure> {
        self.default.as_deref().map(|name| self.named(name)).transpose()
    }
}

impl Profile {
    fn given(&self, name: &str, path: &Path) -> Result<Given, Failure> {
        let from_file = match &self.credentials {
            // A relative path is meant beside the profile file, wherever the command is run.
            Some(file) => CredentialsFile::read(&path.parent().unwrap_or(Path::new("")).join(file))?.given(),
            None => Given::default(),
        };
        let key = match (&self.access_key, &self.secret_key) {
            (Some(access_key), Some(secret_key)) => Some(Key {
                access_key: access_key.clone(),
                secret_key: secret_key.clone(),
                security_token: self.security_token.clone(),
            }),
            (None, None) => from_file.key,
            _ => {
                return Err(Failure::usage(format!(
                    "the profile `{name}` in {} has only one of access_key and secret_key",
                    path.display()
                )));
            }
        };
        let own_project = self.project_id.is_some() || self.region.is_some();
        Ok(Given {
            place: format!("the profile `{name}`"),
            endpoint: self.endpoint.clone().or(from_file.endpoint),
            iam_endpoint: self.iam_endpoint.clone(),
            region: self.region.clone(),
            project_id: if own_project { self.project_id.clone() } else { from_file.project_id },
            key,
            ca_file: self.ca_file.clone(),
            insecure: self.insecure,
        })
    }
}
