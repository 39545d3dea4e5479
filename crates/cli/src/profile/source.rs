//! Where an import reads from: a second server, whose address, project and key never come from the places of the
//! first one, so that nobody reads from and writes to the same server by a forgotten variable.

use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;

use super::{CredentialsFile, Given, Key, Target, file};
use crate::environment::Environment;
use crate::failure::Failure;

/// The server that is read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Where to read from")]
pub(crate) struct SourceOptions {
    /// Address of the cloud's DLI service or of another Linkspan [env: LINKSPAN_FROM_ENDPOINT]
    #[arg(long, value_name = "URL")]
    pub(crate) from_endpoint: Option<String>,
    /// Address of its identity service, if it is another one; only a project that is looked up needs it
    #[arg(long, value_name = "URL")]
    pub(crate) from_iam_endpoint: Option<String>,
    /// The project to read; without one it is looked up [env: LINKSPAN_FROM_PROJECT_ID]
    #[arg(long, value_name = "ID")]
    pub(crate) from_project: Option<String>,
    /// A profile of ~/.config/linkspan/config.toml with the key; else the key is in LINKSPAN_FROM_AK and
    /// LINKSPAN_FROM_SK
    #[arg(long, value_name = "NAME")]
    pub(crate) from_profile: Option<String>,
    /// A file such as `linkspan serve` writes, with endpoint, project and key
    #[arg(long, value_name = "FILE")]
    pub(crate) from_credentials: Option<PathBuf>,
    /// Trust the certificates of this PEM file too
    #[arg(long, value_name = "FILE")]
    pub(crate) from_ca_file: Option<PathBuf>,
    /// Trust any certificate of the server that is read
    #[arg(long)]
    pub(crate) from_insecure: bool,
}

const HINT: &str = "name the source with --from-endpoint and --from-project, and its key with --from-profile, or in \
                    LINKSPAN_FROM_AK and LINKSPAN_FROM_SK, or all of it with --from-credentials";

impl Target {
    /// Finds out where and as whom to read; nothing is sent.
    pub(crate) fn source(options: &SourceOptions, environment: &Environment) -> Result<Self, Failure> {
        Self::of(&places(options, environment)?).map_err(|failure| failure.hint(HINT))
    }
}

fn places(options: &SourceOptions, environment: &Environment) -> Result<Vec<Given>, Failure> {
    let mut places = vec![of_options(options)];
    if let Some(path) = &options.from_credentials {
        places.push(CredentialsFile::read(&environment.at(path))?.given());
    }
    if let Some(name) = &options.from_profile {
        places.push(file::Profiles::load(environment)?.named(name)?);
    }
    places.push(of_environment(environment));
    Ok(places)
}

fn of_options(options: &SourceOptions) -> Given {
    Given {
        place: "the command line".into(),
        endpoint: options.from_endpoint.clone(),
        iam_endpoint: options.from_iam_endpoint.clone(),
        project_id: options.from_project.clone(),
        ca_file: options.from_ca_file.clone(),
        insecure: options.from_insecure,
        ..Given::default()
    }
}

fn of_environment(environment: &Environment) -> Given {
    let text = |name| environment.get(name).map(str::to_owned);
    let secret = |name| text(name).map(SecretString::from);
    let key = text("LINKSPAN_FROM_AK").zip(secret("LINKSPAN_FROM_SK"));
    Given {
        place: "the environment (LINKSPAN_FROM_…)".into(),
        endpoint: text("LINKSPAN_FROM_ENDPOINT"),
        project_id: text("LINKSPAN_FROM_PROJECT_ID"),
        key: key.map(|(access_key, secret_key)| Key {
            access_key,
            secret_key,
            security_token: secret("LINKSPAN_FROM_SECURITY_TOKEN"),
        }),
        ..Given::default()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const KEY: [(&str, &str); 2] = [("LINKSPAN_FROM_AK", "AK"), ("LINKSPAN_FROM_SK", "SK")];

    fn options() -> SourceOptions {
        SourceOptions { from_endpoint: Some("http://127.0.0.1:1".into()), ..SourceOptions::default() }
    }

    #[test]
    fn the_places_of_the_target_are_not_asked() {
        let target = [
            ("LINKSPAN_ENDPOINT", "http://127.0.0.1:2"),
            ("HUAWEICLOUD_SDK_AK", "AK"),
            ("HUAWEICLOUD_SDK_SK", "SK"),
            ("LINKSPAN_PROJECT_ID", "p"),
        ];
        let environment = Environment::of(&target, Path::new("/nowhere"));
        for options in [SourceOptions::default(), options()] {
            let failure = Target::source(&options, &environment).unwrap_err();
            assert!(failure.text().contains("LINKSPAN_FROM_AK"), "{}", failure.text());
        }
    }

    #[test]
    fn the_command_line_wins_over_the_environment() {
        let with = [&KEY[..], &[("LINKSPAN_FROM_ENDPOINT", "http://127.0.0.1:9"), ("LINKSPAN_FROM_PROJECT_ID", "p9")]];
        let environment = Environment::of(&with.concat(), Path::new("/nowhere"));
        let source = Target::source(&options(), &environment).unwrap();
        assert_eq!(source.client().config().endpoints.dli.to_string(), "http://127.0.0.1:1");
        assert!(source.origin.contains("project from the environment (LINKSPAN_FROM_…)"), "{}", source.origin);
    }
}
