//! Which server to speak to, as whom, and about which project.
//!
//! Each of endpoint, keys and project is taken from the first of these that has it: the command line, a profile that
//! was asked for by name, the environment, the default profile, `./linkspan-data/credentials.json`. The two halves of a
//! key always come from one place.
//!
//! To add a setting: a field of [`Given`] and of [`file::Profile`], and a line in the places that fill it.

mod credentials_file;
mod file;
mod source;

use std::path::PathBuf;

use clap::Args;
use linkspan_client::{Client, ClientConfig, Credentials, Endpoint, Endpoints, ProjectClient, TlsOptions};
use secrecy::SecretString;

pub(crate) use credentials_file::{CredentialsFile, DEFAULT_DIRECTORY, FILE_NAME};
pub(crate) use source::SourceOptions;

use crate::environment::Environment;
use crate::failure::{Exit, Failure};

/// Options of every command that speaks to a server.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection to the server")]
pub(crate) struct ClientOptions {
    /// Address of the server or of the cloud's DLI service [env: LINKSPAN_ENDPOINT]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Address of the identity service, if it is another one [env: HUAWEICLOUD_SDK_IAM_ENDPOINT]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) iam_endpoint: Option<String>,
    /// The project; without one it is looked up [env: LINKSPAN_PROJECT_ID, HUAWEICLOUD_SDK_PROJECT_ID]
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) project_id: Option<String>,
    /// A file such as `linkspan serve` writes, with endpoint, project and key [env: LINKSPAN_CREDENTIALS]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,
    /// A profile of ~/.config/linkspan/config.toml [env: LINKSPAN_PROFILE]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Trust the certificates of this PEM file too [env: LINKSPAN_CA_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Trust any certificate: whoever is in between reads and changes everything
    #[arg(long, global = true)]
    pub(crate) insecure: bool,
}

/// What one place says. The place's name is for messages.
#[derive(Debug, Clone, Default)]
struct Given {
    place: String,
    endpoint: Option<String>,
    iam_endpoint: Option<String>,
    region: Option<String>,
    project_id: Option<String>,
    key: Option<Key>,
    ca_file: Option<PathBuf>,
    insecure: bool,
}

/// A key as it was found.
#[derive(Debug, Clone)]
struct Key {
    access_key: String,
    secret_key: SecretString,
    security_token: Option<SecretString>,
}

/// Where and as whom, once it is known.
#[derive(Debug)]
pub(crate) struct Target {
    client: Client,
    project_id: Option<String>,
    region: Option<String>,
    /// Where each part came from, for a person whose call was refused.
    pub(crate) origin: String,
    /// User and group of whoever typed `sudo` before the command.
    pub(crate) sudo: Option<(u32, u32)>,
}

impl Target {
    /// Finds out where and as whom; nothing is sent.
    pub(crate) fn find(options: &ClientOptions, environment: &Environment) -> Result<Self, Failure> {
        let sudo = environment.get("SUDO_UID").zip(environment.get("SUDO_GID")).and_then(numbers);
        Ok(Self { sudo, ..Self::of(&places(options, environment)?)? })
    }

    fn of(places: &[Given]) -> Result<Self, Failure> {
        let first = |has: fn(&Given) -> bool| places.iter().find(|place| has(place));
        let nowhere = |what: &str| {
            Failure::usage(format!("there is no {what}")).hint(
                "start a server with `linkspan serve` and stay in its directory, or name a profile, or set \
                 LINKSPAN_ENDPOINT, HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and LINKSPAN_PROJECT_ID",
            )
        };
        let with_endpoint = first(|place| place.endpoint.is_some()).ok_or_else(|| nowhere("endpoint"))?;
        let with_key = first(|place| place.key.is_some()).ok_or_else(|| nowhere("access key"))?;
        let with_project = first(|place| place.project_id.is_some() || place.region.is_some());
        let mut endpoints = Endpoints::one(with_endpoint.endpoint.as_deref().unwrap_or_default())?;
        if let Some(iam) = places.iter().find_map(|place| place.iam_endpoint.as_deref()) {
            endpoints.iam = Endpoint::parse(iam)?;
        }
        let key = with_key.key.clone().ok_or_else(|| nowhere("access key"))?;
        let credentials = Credentials::Key {
            access_key: key.access_key,
            secret_key: key.secret_key,
            security_token: key.security_token,
        };
        let mut config = ClientConfig::new(endpoints, credentials);
        config.tls = TlsOptions {
            ca_file: places.iter().find_map(|place| place.ca_file.clone()),
            insecure: places.iter().any(|place| place.insecure),
        };
        let (endpoint, key) = (&with_endpoint.place, &with_key.place);
        let project = with_project.map_or("nowhere", |place| &place.place);
        Ok(Self {
            client: Client::new(config)?,
            project_id: with_project.and_then(|place| place.project_id.clone()),
            region: with_project.and_then(|place| place.region.clone()),
            sudo: None,
            origin: format!("endpoint from {endpoint}, key from {key}, project from {project}"),
        })
    }

    /// The client.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The project's client; a project that no place names is looked up.
    pub(crate) async fn project(&self) -> Result<ProjectClient, Failure> {
        if let Some(id) = &self.project_id {
            return Ok(self.client.project(id));
        }
        let project = self.client.only_project(self.region.as_deref()).await?;
        Ok(self.client.project(&project.id))
    }
}

fn numbers((uid, gid): (&str, &str)) -> Option<(u32, u32)> {
    Some((uid.parse().ok()?, gid.parse().ok()?))
}

/// Says where the parts came from if a call was refused or nobody was there: a key of one place and an endpoint of
/// another, or the file of a server that has moved, are the usual cause.
pub(crate) fn explained(failure: Failure, origin: &str) -> Failure {
    match failure.exit() {
        Exit::Refused => failure.hint(origin),
        Exit::Unavailable if !failure.has_hint() => failure.hint(origin),
        _ => failure,
    }
}

/// The places in the order they are asked.
fn places(options: &ClientOptions, environment: &Environment) -> Result<Vec<Given>, Failure> {
    let mut places = vec![of_options(options)];
    let file = options.credentials.clone().or_else(|| environment.get("LINKSPAN_CREDENTIALS").map(PathBuf::from));
    if let Some(path) = &options.credentials {
        places.push(CredentialsFile::read(&environment.at(path))?.given());
    }
    let named = options.profile.as_deref().or_else(|| environment.get("LINKSPAN_PROFILE"));
    let profiles = file::Profiles::load(environment)?;
    if let Some(name) = named {
        places.push(profiles.named(name)?);
    }
    places.push(of_environment(environment));
    if let (None, Some(path)) = (&options.credentials, &file) {
        places.push(CredentialsFile::read(&environment.at(path))?.given());
    }
    places.extend(profiles.by_default()?);
    let local = environment.at(DEFAULT_DIRECTORY).join(FILE_NAME);
    if file.is_none() && local.exists() {
        places.push(CredentialsFile::read(&local)?.given());
    }
    Ok(places)
}

fn of_options(options: &ClientOptions) -> Given {
    Given {
        place: "the command line".into(),
        endpoint: options.endpoint.clone(),
        iam_endpoint: options.iam_endpoint.clone(),
        project_id: options.project_id.clone(),
        ca_file: options.ca_file.clone(),
        insecure: options.insecure,
        ..Given::default()
    }
}

fn of_environment(environment: &Environment) -> Given {
    let text = |name| environment.get(name).map(str::to_owned);
    let secret = |name| text(name).map(SecretString::from);
    let key = text("HUAWEICLOUD_SDK_AK").zip(secret("HUAWEICLOUD_SDK_SK"));
    Given {
        place: "the environment".into(),
        endpoint: text("LINKSPAN_ENDPOINT"),
        iam_endpoint: text("HUAWEICLOUD_SDK_IAM_ENDPOINT"),
        region: None,
        project_id: text("LINKSPAN_PROJECT_ID").or_else(|| text("HUAWEICLOUD_SDK_PROJECT_ID")),
        key: key.map(|(access_key, secret_key)| Key {
            access_key,
            secret_key,
            security_token: secret("HUAWEICLOUD_SDK_SECURITY_TOKEN"),
        }),
        ca_file: text("LINKSPAN_CA_FILE").map(PathBuf::from),
        insecure: false,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
