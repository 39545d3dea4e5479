//! The command line, as `clap` reads it and `docs/cli.md` shows it.
//!
//! To add a command: its arguments in the file of its family under `commands`, and a variant here.

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::commands::{
    audit, connection, connectivity, database, diagnose, domain, fault, key, netd, network, pool, project, queue,
    quota, topology, user,
};
use crate::import;
use crate::output::Format;
use crate::profile::ClientOptions;
use crate::quickstart;
use crate::serve::ServeOptions;

/// Linkspan: enhanced datasource connections, self-hosted
#[derive(Debug, Parser)]
#[command(name = "linkspan", version, propagate_version = false, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 not found, 4 refused, \
                        5 conflict, 6 server out of reach or time ran out, 7 diagnosed as unreachable.")]
pub(crate) struct Cli {
    /// How results and failures are printed: table, wide, json, jsonl, yaml or name; a topology also as dot, mermaid or svg
    #[arg(short, long, global = true, value_enum, default_value_t, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) output: Format,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What there is to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(Box<ServeOptions>),
    /// Start a server with samples in it, show them, and say how to go on
    Quickstart(quickstart::Options),
    /// List, create, bind, share and delete connections
    #[command(visible_alias = "connections")]
    Connection(Group<connection::Action>),
    /// List, create, change and delete queues
    #[command(visible_alias = "queues")]
    Queue(Group<queue::Action>),
    /// List, create, change and delete elastic resource pools
    #[command(visible_alias = "pools")]
    Pool(Group<pool::Action>),
    /// Try whether queues reach addresses
    Connectivity(Group<connectivity::Action>),
    /// Try the way from a queue or pool to an address, draw it hop by hop, and say who must do what
    Diagnose(diagnose::Options),
    /// Show queues, pools, connections, subnets and VPCs as a tree; `-o dot|mermaid|svg` draws them
    Topology(topology::Options),
    /// Show what a project may have, and has
    #[command(visible_alias = "quotas")]
    Quota(quota::Options),
    /// Register the VPCs and subnets of data sources
    Network(Group<network::Action>),
    /// Take over connections, queues and pools of the cloud or of another Linkspan with their ids and times
    Import(Box<import::Options>),
    /// Show what users changed, newest first
    Audit(audit::Options),
    /// Manage access keys (needs the role admin)
    #[command(visible_alias = "keys")]
    Key(Group<key::Action>),
    /// Manage users (needs the role admin)
    #[command(visible_alias = "users")]
    User(Group<user::Action>),
    /// Manage projects (needs the role admin)
    #[command(visible_alias = "projects")]
    Project(Group<project::Action>),
    /// Manage domains (needs the role admin)
    #[command(visible_alias = "domains")]
    Domain(Group<domain::Action>),
    /// Let the simulated plane fail, for tests (needs the role admin)
    Fault(Group<fault::Action>),
    /// Change this host's networks for a server that may not itself
    Netd(netd::Options),
    /// Back up, restore and check a database whose server is stopped
    Db {
        /// What to do with it
        #[command(subcommand)]
        action: database::Action,
    },
    /// Print the completions of a shell
    Completion {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
    /// Print the version
    Version,
    /// Print generated documentation
    #[command(hide = true)]
    Docs {
        /// Which
        #[command(subcommand)]
        page: Page,
    },
}

/// A family of commands that speak to a server.
#[derive(Debug, Args)]
pub(crate) struct Group<A: Subcommand> {
    /// What to do
    #[command(subcommand)]
    pub(crate) action: A,
    #[command(flatten)]
    pub(crate) client: ClientOptions,
}

/// Generated documentation.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Page {
    /// Every command, in Markdown
    Cli,
    /// Every setting of the server, as a Markdown table
    Settings,
    /// Every operation of the server, as an OpenAPI document
    Openapi,
    /// What is answered and what differs from the cloud, in Markdown
    Compatibility,
    /// The same in Chinese
    CompatibilityZh,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// The help of a command as a terminal of 100 columns shows it.
    fn help(path: &str) -> String {
        let mut command = Cli::command().term_width(100);
        command.build();
        let found = path.split(' ').filter(|name| !name.is_empty()).fold(&mut command, |command, name| {
            command.find_subcommand_mut(name).unwrap_or_else(|| panic!("there is no command {path}"))
        });
        found.render_help().to_string()
    }

    #[test]
    fn help_of_the_main_commands() {
        for path in ["", "serve", "quickstart", "connection", "connection list", "connection create", "queue create"] {
            let name = format!("help {path}").trim().replace(' ', "_");
            insta::assert_snapshot!(name, help(path));
        }
    }
}
