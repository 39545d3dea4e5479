use std::fmt;
use std::str::FromStr;

use linkspan_engine::Ids;
use linkspan_model::{AccessKeyId, DomainId, ProjectId};
use secrecy::{ExposeSecret, SecretString};

use super::{BootstrapError, Credentials, CredentialsPlace, Maker};

const DOMAIN_NAME: &str = "linkspan";
const USER_NAME: &str = "admin";
const LONGEST_NAME_CHARS: usize = 64;
const LONGEST_SECRET_BYTES: usize = 128;

/// What of the first identities is chosen beforehand; the rest is made up.
#[derive(Clone, Default)]
pub struct BootstrapWishes {
    /// 1 to 64 letters and digits.
    pub domain_id: Option<String>,
    /// 1 to 64 printable characters.
    pub domain_name: Option<String>,
    /// 1 to 64 letters and digits.
    pub project_id: Option<String>,
    /// 1 to 64 printable characters; the region's name if absent.
    pub project_name: Option<String>,
    /// 1 to 64 printable characters.
    pub user_name: Option<String>,
    /// 1 to 1 024 bytes.
    pub password: Option<SecretString>,
    /// 1 to 64 letters and digits.
    pub access_key: Option<String>,
    /// 1 to 128 printable ASCII characters.
    pub secret_key: Option<SecretString>,
}

impl fmt::Debug for BootstrapWishes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BootstrapWishes").finish_non_exhaustive()
    }
}

impl BootstrapWishes {
    /// The credentials with every wish granted and everything else made up.
    pub(super) fn fulfilled(self, maker: &Maker<'_>, place: &CredentialsPlace) -> Result<Credentials, BootstrapError> {
        let (made_id, made_secret) = maker.keys.new_access_key()?;
        let id = |name, wish: Option<String>| wish.map_or_else(|| Ok(hex_id(maker.ids)), |id| checked_id(name, id));
        let name = |name, wish: Option<String>, default: &str| readable(name, wish.unwrap_or_else(|| default.into()));
        Ok(Credentials {
            endpoint: place.endpoint.clone(),
            region: place.region.clone(),
            domain_id: id("domain_id", self.domain_id)?,
            domain_name: name("domain_name", self.domain_name, DOMAIN_NAME)?,
            project_id: id("project_id", self.project_id)?,
            project_name: name("project_name", self.project_name, &place.region)?,
            user_name: name("user_name", self.user_name, USER_NAME)?,
            password: self.password.map_or_else(|| maker.keys.new_password(), Ok)?,
            access_key: checked_key(self.access_key.unwrap_or_else(|| made_id.to_string()))?,
            secret_key: self.secret_key.map_or(Ok(made_secret), checked_secret)?,
        })
    }
}

/// An id out of a text that was judged already, or is judged now.
pub(super) fn parsed<T: FromStr<Err: fmt::Display>>(name: &'static str, text: &str) -> Result<T, BootstrapError> {
    text.parse().map_err(|why: T::Err| BootstrapError::Wish { name, why: why.to_string() })
}

/// A new id.
pub(super) fn new_id<T: FromStr<Err: fmt::Display>>(ids: &dyn Ids, name: &'static str) -> Result<T, BootstrapError> {
    parsed(name, &hex_id(ids))
}

fn hex_id(ids: &dyn Ids) -> String {
    ids.uuid().simple().to_string()
}

fn checked_id(name: &'static str, id: String) -> Result<String, BootstrapError> {
    match name {
        "domain_id" => parsed::<DomainId>(name, &id).map(|_| id),
        _ => parsed::<ProjectId>(name, &id).map(|_| id),
    }
}

fn checked_key(id: String) -> Result<String, BootstrapError> {
    parsed::<AccessKeyId>("access_key", &id).map(|_| id)
}

fn readable(name: &'static str, text: String) -> Result<String, BootstrapError> {
    let count = text.chars().count();
    let legal = (1..=LONGEST_NAME_CHARS).contains(&count) && !text.chars().any(char::is_control) && text.trim() == text;
    let why = || "a name is 1 to 64 printable characters without blanks around".into();
    if legal { Ok(text) } else { Err(BootstrapError::Wish { name, why: why() }) }
}

fn checked_secret(secret: SecretString) -> Result<SecretString, BootstrapError> {
    let text = secret.expose_secret();
    let legal = (1..=LONGEST_SECRET_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    let why = || "a secret key is 1 to 128 printable ASCII characters without blanks".into();
    if legal { Ok(secret) } else { Err(BootstrapError::Wish { name: "secret_key", why: why() }) }
}
