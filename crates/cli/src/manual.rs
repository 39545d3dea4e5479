//! The reference in Markdown, made from the same definition as the help: `docs/cli.md` and the table of settings.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command};

use crate::failure::Exit;
use crate::serve::settings::{Kind, SETTINGS};

/// Every command that is not hidden, with its arguments; the exit codes first.
pub(crate) fn cli(mut root: Command) -> String {
    root.build();
    let mut page = String::from("## Exit codes\n\n| code | meaning |\n|---|---|\n| 0 | done |\n");
    for (exit, meaning) in Exit::ALL {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "| {} | {meaning} |", exit as u8);
    }
    let _ = writeln!(page, "\n## Options of every command\n\n{}", arguments(&root, &|arg| arg.is_global_set()));
    section(&root, &[], &mut page);
    page
}

/// Every setting of the server with its names.
pub(crate) fn settings() -> String {
    let mut table =
        String::from("| flag of `serve` | environment | key | default | meaning |\n|---|---|---|---|---|\n");
    for setting in SETTINGS {
        let flag = match setting.kind {
            Kind::Value => format!("`{} {}`", setting.flag(), setting.value),
            Kind::Switch => format!("`{}`", setting.flag()),
            Kind::FileOnly => "–".to_owned(),
        };
        let default = if setting.default.is_empty() { "–".to_owned() } else { format!("`{}`", setting.default) };
        let (variable, key) = (setting.variable(), setting.key);
        let _ = writeln!(table, "| {flag} | `{variable}` | `{key}` | {default} | {} |", setting.help);
    }
    table
}

fn section(command: &Command, parents: &[&str], page: &mut String) {
    let path = [parents, &[command.get_name()]].concat();
    let children: Vec<&Command> =
        command.get_subcommands().filter(|child| !child.is_hide_set() && child.get_name() != "help").collect();
    if !parents.is_empty() {
        let _ = writeln!(page, "{} `{}`\n", "#".repeat(path.len().min(4)), path.join(" "));
        let about = command.get_long_about().or_else(|| command.get_about());
        let _ = writeln!(page, "{}.\n", about.map(ToString::to_string).unwrap_or_default().trim_end_matches('.'));
        if children.is_empty() {
            let usage = command.clone().render_usage().to_string();
            let _ = writeln!(page, "```text\n{}\n```\n", usage.trim_start_matches("Usage: "));
        }
        // What a family shares is said once, with the family; what all share is said at the top.
        let own = arguments(command, &|arg| !arg.is_global_set() || is_first_here(arg, parents));
        if !own.is_empty() {
            let _ = writeln!(page, "{own}");
        }
    }
    for child in children {
        section(child, &path, page);
    }
}

/// Whether a global argument belongs to this command: families and audit stand directly under the root.
fn is_first_here(arg: &Arg, parents: &[&str]) -> bool {
    parents.len() == 1 && arg.get_id() != "output"
}

fn arguments(command: &Command, shown: &dyn Fn(&Arg) -> bool) -> String {
    let visible = |arg: &&Arg| !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version");
    let rows: Vec<String> = command.get_arguments().filter(visible).filter(|arg| shown(arg)).map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("| argument | meaning |\n|---|---|\n{}\n", rows.join("\n"))
}

fn row(arg: &Arg) -> String {
    let long = arg.get_long().map(|long| format!("--{long}"));
    let short = arg.get_short().map(|short| format!("-{short}"));
    let flags: Vec<String> = short.into_iter().chain(long).collect();
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let value = arg.get_value_names().and_then(|names| names.first()).filter(|_| takes_value);
    let value = value.map(|name| if flags.is_empty() { format!("<{name}>") } else { name.to_string() });
    let name = [flags.join(", "), value.unwrap_or_default()].join(" ");
    let mut help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|_| takes_value && !arg.is_hide_possible_values_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !choices.is_empty() {
        let _ = write!(help, ": {}", choices.join(", "));
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && takes_value {
        let _ = write!(help, " [default: {}]", defaults.join(", "));
    }
    format!("| `{}` | {} |", name.trim(), help.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::arguments::Cli;

    #[test]
    fn every_command_is_there_once_and_hidden_ones_are_not() {
        let page = cli(Cli::command());
        for command in ["serve", "connection list", "queue create", "pool delete", "db check"] {
            assert_eq!(page.matches(&format!("# `linkspan {command}`\n")).count(), 1, "{command}");
        }
        assert!(!page.contains("linkspan docs") && !page.contains("linkspan help"));
        assert!(page.contains("| 6 | the server is out of reach"));
    }

    #[test]
    fn shared_options_are_said_where_they_begin() {
        let page = cli(Cli::command());
        assert_eq!(page.matches("`-o, --output FORMAT`").count(), 1);
        let families = Cli::command()
            .get_subcommands()
            .filter(|family| family.get_arguments().any(|arg| arg.get_id() == "endpoint"))
            .count();
        assert_eq!(page.matches("`--endpoint URL`").count(), families);
    }

    #[test]
    fn every_setting_has_a_line() {
        assert_eq!(settings().lines().count(), SETTINGS.len() + 2);
    }
}
