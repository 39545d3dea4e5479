//! The flags of `serve`, made from the table of settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::settings::{Kind, SETTINGS, Setting};

/// What the command line says about the server.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServeOptions {
    /// By the settings' keys, only what was given.
    pub(crate) given: BTreeMap<&'static str, String>,
    /// The file of settings; none = `linkspan.toml` if there is one.
    pub(crate) config: Option<PathBuf>,
    /// Gives the oldest administrator a new password and a new key.
    pub(crate) reset_admin: bool,
}

impl Args for ServeOptions {
    fn augment_args(command: Command) -> Command {
        let flags = SETTINGS.iter().filter(|setting| setting.kind != Kind::FileOnly);
        command.args(flags.map(flag)).arg(config()).arg(
            Arg::new("reset_admin")
                .long("reset-admin")
                .action(ArgAction::SetTrue)
                .help("Give the oldest administrator a new password and a new key, and write them to credentials.json"),
        )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn config() -> Arg {
    Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_parser(clap::value_parser!(PathBuf))
        .help("File of settings; by default linkspan.toml, if there is one [env: LINKSPAN_CONFIG]")
}

fn flag(setting: &Setting) -> Arg {
    let default = if setting.default.is_empty() { String::new() } else { format!(" [default: {}]", setting.default) };
    let help = format!("{}{default} [env: {}]", setting.help, setting.variable());
    let arg = Arg::new(setting.key).long(setting.key.replace('_', "-")).help(help);
    match setting.kind {
        Kind::Switch => arg.action(ArgAction::SetTrue),
        Kind::Value | Kind::FileOnly => arg.value_name(setting.value).action(ArgAction::Set),
    }
}

impl FromArgMatches for ServeOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = BTreeMap::new();
        for setting in SETTINGS {
            let value = match setting.kind {
                Kind::FileOnly => None,
                Kind::Switch => matches.get_flag(setting.key).then(|| "true".to_owned()),
                Kind::Value => matches.get_one::<String>(setting.key).cloned(),
            };
            given.extend(value.map(|value| (setting.key, value)));
        }
        let config = matches.get_one::<PathBuf>("config").cloned();
        Ok(Self { given, config, reset_admin: matches.get_flag("reset_admin") })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
