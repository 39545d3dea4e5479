//! The file that a server writes on its first start, with everything a client needs.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Given, Key};
use crate::failure::Failure;

/// Where `linkspan serve` keeps its data unless it is told otherwise.
pub(crate) const DEFAULT_DIRECTORY: &str = "linkspan-data";
/// The file in that directory.
pub(crate) const FILE_NAME: &str = "credentials.json";

/// What the file says.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CredentialsFile {
    pub(crate) endpoint: String,
    pub(crate) region: String,
    pub(crate) domain_name: String,
    pub(crate) project_id: String,
    pub(crate) user_name: String,
    password: SecretString,
    pub(crate) access_key: String,
    secret_key: SecretString,
    #[serde(skip)]
    place: String,
}

impl CredentialsFile {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let fault =
            |error: &dyn std::fmt::Display| Failure::usage(format!("the credentials file {}: {error}", path.display()));
        let text = std::fs::read(path).map_err(|error| fault(&error))?;
        let read: Self = serde_json::from_slice(&text).map_err(|error| fault(&error))?;
        Ok(Self { place: path.display().to_string(), ..read })
    }

    /// The password, which is not printed by accident.
    pub(crate) fn password(&self) -> &str {
        self.password.expose_secret()
    }

    /// The secret half of the key.
    pub(crate) fn secret_key(&self) -> &str {
        self.secret_key.expose_secret()
    }

    pub(super) fn given(self) -> Given {
        Given {
            place: self.place,
            endpoint: Some(self.endpoint),
            project_id: Some(self.project_id),
            key: Some(Key { access_key: self.access_key, secret_key: self.secret_key, security_token: None }),
            ..Given::default()
        }
    }
}
