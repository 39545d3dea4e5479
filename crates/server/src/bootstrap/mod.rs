//! The first identities of a store, and the way back in.
//!
//! Invariants: the credentials are on disk before the store knows them, so a crash never leaves a store that nobody can
//! enter; they bear their name only once the store does, so that of several nodes that start in one directory none touches
//! what another has made; a store that has users is never given others by a start; secrets are in the credentials file and
//! nowhere else.
//!
//! To let one more value be chosen: a field in [`BootstrapWishes`], and its use in [`first_start`].

mod credentials;
mod draft;
mod wishes;

use std::path::{Path, PathBuf};

use linkspan_engine::command::{Bootstrap, NewKey, SystemCommand};
use linkspan_engine::{Clock, Engine, Ids, Origin, Refusal, Request, State};
use linkspan_model::{AccessKey, Domain, KeyRole, Project, ProjectAccess, User};
use secrecy::{ExposeSecret, SecretString};

pub use credentials::Credentials;
pub use wishes::BootstrapWishes;

use crate::auth::{Keys, PasswordError, PrepareError, SealError};

/// What the first identities are made with.
pub struct Maker<'a> {
    /// The engine over the store.
    pub engine: &'a Engine,
    /// Seals and hashes.
    pub keys: &'a Keys,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Makes ids.
    pub ids: &'a dyn Ids,
}

/// Where and for what credentials are written.
#[derive(Debug, Clone)]
pub struct CredentialsPlace {
    /// The file, `DATA_DIR/credentials.json`.
    pub path: PathBuf,
    /// The address of the API that it names.
    pub endpoint: String,
    /// The region that it names, and the name of the first project.
    pub region: String,
}

/// Why there are no credentials.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// A value that was wished for can't be.
    #[error("{name}: {why}")]
    Wish {
        /// The field of `credentials.json`.
        name: &'static str,
        /// What it must be.
        why: String,
    },
    /// The file can't be written.
    #[error("the credentials {path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the file system says.
        cause: std::io::Error,
    },
    /// The store refuses.
    #[error("the first identities can't be stored: {0}")]
    Store(#[from] Refusal),
    /// A secret can't be made.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The password can't be hashed.
    #[error("the password: {0}")]
    Password(#[from] PasswordError),
    /// The key of tokens can't be renewed.
    #[error(transparent)]
    Tokens(#[from] PrepareError),
    /// There is no user that could be given a key.
    #[error("the store has no users: start the server once without resetting anything")]
    Nobody,
}

/// Makes domain, project, user and key in a store that has no users, and writes their credentials; none if it has some,
/// or if another node makes them at the same time.
///
/// # Errors
/// A wish can't be fulfilled, the file can't be written, or the store does not answer. Blocks on the disk.
pub async fn first_start(
    maker: &Maker<'_>,
    wishes: BootstrapWishes,
    place: &CredentialsPlace,
) -> Result<Option<Credentials>, BootstrapError> {
    if !maker.engine.view().is_unborn() {
        draft::sort_out(maker, &place.path)?;
        return Ok(None);
    }
    let credentials = wishes.fulfilled(maker, place)?;
    let first = identities(maker, &credentials).await?;
    let draft = draft::path(&place.path, maker.ids.commit_id());
    write(&credentials, &draft)?;
    let request = Request::System(SystemCommand::Bootstrap(Box::new(first)));
    match maker.engine.submit(request, Origin::default()).await {
        Ok(_) => {
            draft::accept(&draft, &place.path)?;
            Ok(Some(credentials))
        }
        Err(Refusal::Exists(_)) => {
            // They name a user that there will never be.
            draft::discard(&draft)?;
            Ok(None)
        }
        // Whether they are in the store is found out by the next start.
        Err(refusal) => Err(refusal.into()),
    }
}

async fn identities(maker: &Maker<'_>, credentials: &Credentials) -> Result<Bootstrap, BootstrapError> {
    let now = maker.clock.now();
    let domain = Domain {
        id: wishes::parsed("domain_id", &credentials.domain_id)?,
        name: credentials.domain_name.as_str().into(),
        create_time: now,
    };
    let project = Project {
        id: wishes::parsed("project_id", &credentials.project_id)?,
        domain: domain.id.clone(),
        name: credentials.project_name.as_str().into(),
        enabled: true,
        create_time: now,
        node: None,
    };
    let user = User {
        id: wishes::new_id(maker.ids, "user_id")?,
        domain: domain.id.clone(),
        name: credentials.user_name.as_str().into(),
        password_hash: Some(maker.keys.hash_password(&credentials.password).await?),
        enabled: true,
        generation: 1,
        admin: true,
        access: ProjectAccess::Domain,
        create_time: now,
    };
    let key = AccessKey {
        id: wishes::parsed("access_key", &credentials.access_key)?,
        user: user.id.clone(),
        secret: maker.keys.seal(credentials.secret_key.expose_secret())?,
        role: KeyRole::Full,
        enabled: true,
        description: "made by the first start".into(),
        create_time: now,
    };
    Ok(Bootstrap { domain, project, user, key })
}

/// Gives the oldest administrator (or, if there is none, the oldest user) the role admin, a new password and a new key, and
/// writes their credentials. Tokens get a new key too if the master key does not open the old one.
///
/// # Errors
/// The store has no users or does not answer, or the file can't be written. Blocks on the disk.
pub async fn reset_admin(maker: &Maker<'_>, place: &CredentialsPlace) -> Result<Credentials, BootstrapError> {
    let user = maker.engine.view().first_administrator().cloned().ok_or(BootstrapError::Nobody)?;
    let password = maker.keys.new_password()?;
    let (access_key, secret_key) = maker.keys.new_access_key()?;
    let key = NewKey {
        id: access_key.clone(),
        user: user.id.clone(),
        secret: maker.keys.seal(secret_key.expose_secret())?,
        role: KeyRole::Full,
        description: "made by resetting the administrator".into(),
    };
    let hash = maker.keys.hash_password(&password).await?;
    let request = Request::System(SystemCommand::ResetAdmin(user.id.clone(), hash, key));
    maker.engine.submit(request, Origin::default()).await?;
    if maker.keys.prepare(maker.engine).await.is_err() {
        maker.keys.renew_token_key(maker.engine).await?;
    }
    let secrets = Secrets { password, access_key: access_key.to_string(), secret_key };
    let credentials = found(&maker.engine.view(), &user, (secrets, place));
    write(&credentials, &place.path)?;
    Ok(credentials)
}

struct Secrets {
    password: SecretString,
    access_key: String,
    secret_key: SecretString,
}

/// The credentials of a user that is there already: with the project of the region, or the first that it may call.
fn found(state: &State, user: &User, (secrets, place): (Secrets, &CredentialsPlace)) -> Credentials {
    let principal = secrets.access_key.parse().ok().and_then(|id| state.principal_of_key(&id));
    let projects: Vec<&Project> = principal.iter().flat_map(|principal| state.projects_of(principal)).collect();
    let project = projects.iter().find(|project| *project.name == *place.region).or(projects.first());
    Credentials {
        endpoint: place.endpoint.clone(),
        region: place.region.clone(),
        domain_id: user.domain.to_string(),
        domain_name: state.domain(&user.domain).map(|domain| domain.name.to_string()).unwrap_or_default(),
        project_id: project.map(|project| project.id.to_string()).unwrap_or_default(),
        project_name: project.map(|project| project.name.to_string()).unwrap_or_default(),
        user_name: user.name.to_string(),
        password: secrets.password,
        access_key: secrets.access_key,
        secret_key: secrets.secret_key,
    }
}

fn write(credentials: &Credentials, path: &Path) -> Result<(), BootstrapError> {
    credentials.write(path).map_err(|cause| unwritable(path, cause))
}

fn unwritable(path: &Path, cause: std::io::Error) -> BootstrapError {
    BootstrapError::File { path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests;
