use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::auth::private_file;

/// What someone needs to call the server: `credentials.json`, whose fields are fixed.
#[derive(Clone)]
pub struct Credentials {
    /// The address of the API.
    pub endpoint: String,
    /// The region that clients name.
    pub region: String,
    /// The domain.
    pub domain_id: String,
    /// Its name.
    pub domain_name: String,
    /// The project.
    pub project_id: String,
    /// Its name.
    pub project_name: String,
    /// The user.
    pub user_name: String,
    /// Its password.
    pub password: SecretString,
    /// The public half of its key.
    pub access_key: String,
    /// The secret half.
    pub secret_key: SecretString,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// The file, secrets in clear text: it is for its owner only.
#[derive(Serialize, Deserialize)]
struct File {
    endpoint: String,
    region: String,
    domain_id: String,
    domain_name: String,
    project_id: String,
    project_name: String,
    user_name: String,
    password: String,
    access_key: String,
    secret_key: String,
}

impl Credentials {
    /// Writes the file, mode 0600. Blocks on the disk.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let file = File {
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            domain_id: self.domain_id.clone(),
            domain_name: self.domain_name.clone(),
            project_id: self.project_id.clone(),
            project_name: self.project_name.clone(),
            user_name: self.user_name.clone(),
            password: self.password.expose_secret().to_owned(),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.expose_secret().to_owned(),
        };
        let mut text = serde_json::to_vec_pretty(&file)?;
        text.push(b'\n');
        private_file::write(path, &text)
    }

    /// Reads the file. Blocks on the disk.
    ///
    /// # Errors
    /// There is none, or it is none of ours.
    pub fn read(path: &Path) -> io::Result<Self> {
        let file: File = serde_json::from_slice(&std::fs::read(path)?)?;
        Ok(Self {
            endpoint: file.endpoint,
            region: file.region,
            domain_id: file.domain_id,
            domain_name: file.domain_name,
            project_id: file.project_id,
            project_name: file.project_name,
            user_name: file.user_name,
            password: file.password.into(),
            access_key: file.access_key,
            secret_key: file.secret_key.into(),
        })
    }

    /// Notes in the file, if there is one, where the server really listens; everything else in it stays. An endpoint that
    /// is not of the form `http://ADDRESS:PORT`, which the server gives it by itself, was chosen by someone, who knows
    /// better (a name, a proxy). Blocks on the disk.
    ///
    /// # Errors
    /// The file can't be read or written.
    pub fn note_endpoint(path: &Path, endpoint: &str) -> io::Result<()> {
        let mut known = match Self::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let is_of_the_server =
            known.endpoint.strip_prefix("http://").is_some_and(|address| address.parse::<SocketAddr>().is_ok());
        if known.endpoint == endpoint || !is_of_the_server {
            return Ok(());
        }
        endpoint.clone_into(&mut known.endpoint);
        known.write(path)
    }
}
