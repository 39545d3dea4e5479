//! The first identities of a store, and the way back in: what the environment wishes for, and where it is written.

use std::net::SocketAddr;
use std::path::PathBuf;

use linkspan_engine::{RandomIds, SystemClock};
use linkspan_server::bootstrap::{
    BootstrapError, BootstrapWishes, Credentials, CredentialsPlace, Maker, first_start, reset_admin,
};
use linkspan_server::{App, Settings};

use super::config::NodeConfig;
use super::node::reachable;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::output;
use crate::profile::FILE_NAME;

/// What is wished for the first start.
const PREFIX: &str = "LINKSPAN_BOOTSTRAP_";

/// What the first identities should be.
#[derive(Debug, Clone, Default)]
pub(crate) struct First {
    wishes: BootstrapWishes,
    endpoint: Option<String>,
    region: Option<String>,
    reset: bool,
}

/// Where the server is and keeps its data.
pub(super) struct Place<'a> {
    pub(super) config: &'a NodeConfig,
    pub(super) http: SocketAddr,
}

impl First {
    /// Reads the wishes; one that nobody knows is a slip of the pen.
    pub(crate) fn read(environment: &Environment, reset: bool) -> Result<Self, Failure> {
        let mut first = Self { reset, ..Self::default() };
        for (name, value) in environment.starting_with(PREFIX) {
            let value = value.to_owned();
            let wishes = &mut first.wishes;
            match name.strip_prefix(PREFIX).unwrap_or_default() {
                "ENDPOINT" => first.endpoint = Some(value),
                "REGION" => first.region = Some(value),
                "DOMAIN_ID" => wishes.domain_id = Some(value),
                "DOMAIN_NAME" => wishes.domain_name = Some(value),
                "PROJECT_ID" => wishes.project_id = Some(value),
                "PROJECT_NAME" => wishes.project_name = Some(value),
                "USER_NAME" => wishes.user_name = Some(value),
                "PASSWORD" => wishes.password = Some(value.into()),
                "ACCESS_KEY" => wishes.access_key = Some(value),
                "SECRET_KEY" => wishes.secret_key = Some(value.into()),
                _ => {
                    let known = "ENDPOINT, REGION, DOMAIN_ID, DOMAIN_NAME, PROJECT_ID, PROJECT_NAME, USER_NAME, \
                                 PASSWORD, ACCESS_KEY, SECRET_KEY";
                    return Err(Failure::usage(format!(
                        "unknown variable {name}; after {PREFIX} comes one of {known}"
                    )));
                }
            }
        }
        Ok(first)
    }

    /// The settings of the server, whose region a wish for the first project changes too.
    pub(super) fn settings(&self, config: &NodeConfig) -> Settings {
        let region = self.region.clone().unwrap_or_else(|| config.settings.region.clone());
        Settings { region, ..config.settings.clone() }
    }

    fn place(&self, place: &Place<'_>) -> CredentialsPlace {
        let own = || format!("http://{}", reachable(place.http));
        CredentialsPlace {
            path: place.config.data_dir.join(FILE_NAME),
            endpoint: self.endpoint.clone().unwrap_or_else(own),
            region: self.settings(place.config).region,
        }
    }
}

/// Makes the first identities if there are none, gives the administrator new ones if that was asked for, and answers
/// where credentials are.
pub(super) async fn prepare(app: &App, place: &Place<'_>, first: &First) -> Result<PathBuf, Failure> {
    let maker = Maker { engine: &app.engine, keys: &app.auth, clock: &SystemClock, ids: &RandomIds };
    if !first.reset {
        // A node with another master key must be turned away before it makes anything.
        app.auth.prepare(&app.engine).await.map_err(|error| failed(&error.into()))?;
    }
    let written = first.place(place);
    let made = first_start(&maker, first.wishes.clone(), &written).await.map_err(|error| failed(&error))?;
    if made.is_none() && first.reset {
        reset_admin(&maker, &written).await.map_err(|error| failed(&error))?;
        output::note(&format!("The administrator's new key and password are in {}.", written.path.display()));
    } else if made.is_none() && written.path.exists() {
        note_endpoint(&written);
    }
    Ok(written.path)
}

/// The file is read by clients, so it names where the server listens now. One that can't be read is not this server's to
/// mend: someone may have put something else in its place.
fn note_endpoint(written: &CredentialsPlace) {
    if let Err(error) = Credentials::note_endpoint(&written.path, &written.endpoint) {
        output::note(&format!("{} still names another endpoint: {error}.", written.path.display()));
    }
}

fn failed(error: &BootstrapError) -> Failure {
    match error {
        BootstrapError::Wish { name, .. } => {
            Failure::usage(error.to_string()).hint(format!("it was set by {PREFIX}{}", name.to_ascii_uppercase()))
        }
        _ => Failure::failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<First, Failure> {
        First::read(&Environment::of(variables, Path::new("")), false)
    }

    #[test]
    fn every_field_of_the_file_can_be_wished_for() {
        let fields = [
            "ENDPOINT",
            "REGION",
            "DOMAIN_ID",
            "DOMAIN_NAME",
            "PROJECT_ID",
            "PROJECT_NAME",
            "USER_NAME",
            "PASSWORD",
            "ACCESS_KEY",
            "SECRET_KEY",
        ];
        let named: Vec<String> = fields.iter().map(|field| format!("{PREFIX}{field}")).collect();
        let variables: Vec<_> = named.iter().map(|name| (name.as_str(), "x1")).collect();
        let first = read(&variables).unwrap();
        assert_eq!((first.endpoint.as_deref(), first.region.as_deref()), (Some("x1"), Some("x1")));
        let wishes = first.wishes;
        let texts = [
            wishes.domain_id,
            wishes.domain_name,
            wishes.project_id,
            wishes.project_name,
            wishes.user_name,
            wishes.access_key,
        ];
        assert!(texts.iter().all(|text| text.as_deref() == Some("x1")));
        assert!(wishes.password.is_some() && wishes.secret_key.is_some());
    }

    #[test]
    fn a_slip_of_the_pen_is_named() {
        let text = read(&[("LINKSPAN_BOOTSTRAP_ACESS_KEY", "x")]).unwrap_err().text();
        assert!(text.contains("LINKSPAN_BOOTSTRAP_ACESS_KEY") && text.contains("ACCESS_KEY,"), "{text}");
    }
}
