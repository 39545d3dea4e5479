//! `linkspan connection …`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use linkspan_client::{ConnectionInfo, ProjectClient};
use linkspan_wire::own::{PreflightBind, PreflightRequest};
use linkspan_wire::{
    BindRequest, CreateConnection, Limit, ListConnectionsQuery, Order, ResourceType, StatusFilter, UpdateHosts,
};

use super::connection_grants::{self, Grantees};
use super::connection_routes::RouteAction;
use super::connection_rows::ConnectionRow;
use super::host_rows::HostRow;
use super::tags::TagAction;
use super::{Act, pairs, parsed, preflight, waiting};
use crate::durations;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::profile::Target;

/// What to do with connections.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List connections, newest first; those that exist unless --status says otherwise
    #[command(visible_alias = "ls")]
    List(List),
    /// Show a connection with its peers and hosts
    Show {
        /// Its name or id
        connection: String,
    },
    /// Create a connection to the subnet of a data source
    Create(Create),
    /// Delete connections, whatever they bind
    #[command(visible_alias = "rm")]
    Delete {
        /// Their names or ids
        #[arg(required = true)]
        connections: Vec<String>,
    },
    /// Bind queues and pools
    Bind(Bind),
    /// Unbind queues and pools
    Unbind(Unbind),
    /// Show or replace the host records
    Hosts(Hosts),
    /// List, add and delete custom routes
    #[command(visible_alias = "routes")]
    Route {
        /// What to do with them
        #[command(subcommand)]
        action: RouteAction,
    },
    /// Let other projects bind their queues and pools to it
    Grant(Grantees),
    /// Take grants back, and with them all that the projects bound
    Revoke(Grantees),
    /// List the projects it is granted to
    Privileges {
        /// Name or id of the connection
        connection: String,
    },
    /// List, set and take away tags
    Tag {
        /// What to do with them
        #[command(subcommand)]
        action: TagAction,
    },
}

/// Which connections.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Which of them
    #[arg(long, value_enum, default_value = "active", ignore_case = true)]
    status: Status,
    /// Only the one of exactly this name
    #[arg(long)]
    name: Option<String>,
    /// Only those that bear this tag; several must all match
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = pairs::pair)]
    tags: Vec<(String, String)>,
    /// At most so many; 0 is all
    #[arg(long, default_value_t = 0, value_name = "N")]
    limit: u64,
    /// Leave out so many first
    #[arg(long, default_value_t = 0, value_name = "N")]
    offset: u64,
    /// Oldest first; only Linkspan knows it
    #[arg(long)]
    oldest_first: bool,
}

/// The filter on the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Status {
    /// Those that exist
    Active,
    /// Deleted ones, while their record is kept
    Deleted,
    /// Both
    All,
}

/// A new connection.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// The VPC of the data source
    #[arg(long, value_name = "ID")]
    vpc: String,
    /// The network id of the data source's subnet
    #[arg(long, value_name = "ID")]
    subnet: String,
    /// The route table of that subnet
    #[arg(long, value_name = "ID")]
    route_table: Option<String>,
    #[command(flatten)]
    sources: Sources,
    /// A host record; may be given several times
    #[arg(long = "host", value_name = "NAME=ADDRESS", value_parser = pairs::pair)]
    hosts: Vec<(String, String)>,
    /// A tag; may be given several times
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = pairs::pair)]
    tags: Vec<(String, String)>,
    #[command(flatten)]
    wait: Wait,
    /// Only say what it would meet, and make nothing
    #[arg(long, conflicts_with = "wait")]
    dry_run: bool,
}

/// Queues and pools.
#[derive(Debug, Args)]
struct Sources {
    /// A queue; may be given several times
    #[arg(long = "queue", value_name = "NAME")]
    queues: Vec<String>,
    /// An elastic resource pool; may be given several times
    #[arg(long = "pool", value_name = "NAME")]
    pools: Vec<String>,
}

/// Whether to wait for the peers.
#[derive(Debug, Args)]
struct Wait {
    /// Wait until no peer is being created any more, and fail if one failed
    #[arg(long)]
    wait: bool,
    /// How long
    #[arg(long, default_value = "150s", value_name = "TIME", value_parser = durations::parse)]
    wait_timeout: Duration,
}

/// What to bind.
#[derive(Debug, Args)]
pub(crate) struct Bind {
    /// Name or id of the connection
    connection: String,
    #[command(flatten)]
    sources: Sources,
    #[command(flatten)]
    wait: Wait,
    /// Only say what it would meet, and bind nothing
    #[arg(long, conflicts_with = "wait")]
    dry_run: bool,
}

/// What to unbind.
#[derive(Debug, Args)]
pub(crate) struct Unbind {
    /// Name or id of the connection
    connection: String,
    #[command(flatten)]
    sources: Sources,
}

/// Which host records.
#[derive(Debug, Args)]
pub(crate) struct Hosts {
    /// Name or id of the connection
    connection: String,
    /// Replace all records by these; may be given several times
    #[arg(long = "set", value_name = "NAME=ADDRESS", value_parser = pairs::pair)]
    set: Vec<(String, String)>,
    /// Replace all records by those of a file in the form of /etc/hosts
    #[arg(long, value_name = "FILE", conflicts_with = "set")]
    file: Option<PathBuf>,
    /// Remove all records
    #[arg(long, conflicts_with_all = ["set", "file"])]
    clear: bool,
}

impl Act for Action {
    async fn act(&self, target: &Target, output: &Output) -> Result<(), Failure> {
        let project = &target.project().await?;
        match self {
            Self::List(list) => list.run(project, output).await,
            Self::Show { connection } => show(project, &id_of(project, connection).await?, output).await,
            Self::Create(new) => new.run(project, output).await,
            Self::Delete { connections } => {
                for connection in connections {
                    project.delete_connection(&id_of(project, connection).await?).await?;
                    output.done(connection, "deleted")?;
                }
                Ok(())
            }
            Self::Bind(bind) => bind.run(project, output).await,
            Self::Unbind(unbind) => {
                let id = id_of(project, &unbind.connection).await?;
                project.unbind(&id, &unbind.sources.request()).await?;
                show(project, &id, output).await
            }
            Self::Hosts(hosts) => hosts.run(project, output).await,
            Self::Route { action } => action.run(project, output).await,
            Self::Grant(grantees) => grantees.grant(project, output).await,
            Self::Revoke(grantees) => grantees.revoke(project, output).await,
            Self::Privileges { connection } => connection_grants::list(project, connection, output).await,
            Self::Tag { action } => {
                let id = id_of(project, action.name()).await?;
                action.act(project, (ResourceType::Connection, &id), output).await
            }
        }
    }
}

impl List {
    fn query(&self) -> ListConnectionsQuery {
        ListConnectionsQuery {
            limit: std::num::NonZeroU64::new(self.limit).map_or(Limit::All, Limit::Rows),
            offset: self.offset,
            order: if self.oldest_first { Order::Asc } else { Order::Desc },
            status: match self.status {
                Status::Active => Some(StatusFilter::Active),
                Status::Deleted => Some(StatusFilter::Deleted),
                Status::All => None,
            },
            name: self.name.clone(),
            tags: self.tags.clone(),
        }
    }

    async fn run(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        let page = project.list_connections(&self.query()).await?;
        let rows: Vec<ConnectionRow> = page.items.into_iter().map(ConnectionRow::from).collect();
        output.list(&rows)?;
        let shown = rows.len() as u64;
        if let Some(total) = page.total.filter(|total| output.is_for_people() && shown > 0 && *total > shown) {
            output.note(&format!("{shown} of {total}"));
        }
        Ok(())
    }
}

impl Create {
    fn request(&self) -> Result<CreateConnection, Failure> {
        Ok(CreateConnection {
            name: parsed("the name", &self.name)?,
            dest_vpc_id: parsed("--vpc", &self.vpc)?,
            dest_network_id: parsed("--subnet", &self.subnet)?,
            routetable_id: self.route_table.as_deref().map(|id| parsed("--route-table", id)).transpose()?,
            queues: self.sources.queues.clone(),
            elastic_resource_pools: self.sources.pools.clone(),
            hosts: pairs::hosts(&self.hosts)?,
            tags: pairs::tags(&self.tags)?,
        })
    }

    async fn run(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        if self.dry_run {
            let body = serde_json::to_value(self.request()?).map_err(|error| Failure::failed(error.to_string()))?;
            return preflight::run(project, &PreflightRequest::Create(body), output).await;
        }
        let id = project.create_connection(&self.request()?).await?;
        self.wait.then_show(project, &id, output).await
    }
}

impl Bind {
    async fn run(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        let id = id_of(project, &self.connection).await?;
        let names = self.sources.request();
        if self.dry_run {
            let BindRequest { queues, elastic_resource_pools } = names;
            let bind = PreflightBind { connection_id: id, queues, elastic_resource_pools };
            return preflight::run(project, &PreflightRequest::Bind(bind), output).await;
        }
        project.bind(&id, &names).await?;
        self.wait.then_show(project, &id, output).await
    }
}

impl Sources {
    fn request(&self) -> BindRequest {
        BindRequest { queues: self.queues.clone(), elastic_resource_pools: self.pools.clone() }
    }
}

impl Wait {
    /// Shows the connection, after its peers have settled if that was asked for; then a peer that failed is a failure.
    async fn then_show(&self, project: &ProjectClient, id: &str, output: &Output) -> Result<(), Failure> {
        if !self.wait {
            return show(project, id, output).await;
        }
        let settled = waiting::until_settled(project, id, self.wait_timeout).await?;
        let verdict = waiting::all_active(&settled);
        shown(project, settled, output).await?;
        verdict
    }
}

impl Hosts {
    /// The records to set; none only shows them.
    fn records(&self) -> Result<Option<Vec<(String, String)>>, Failure> {
        if let Some(path) = &self.file {
            let fault = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
            let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
            return pairs::hosts_of_text(&text).map(Some).map_err(|error| fault(&error));
        }
        Ok((self.clear || !self.set.is_empty()).then(|| self.set.clone()))
    }

    async fn run(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        let request = self.records()?.map(|records| pairs::hosts(&records)).transpose()?;
        let id = id_of(project, &self.connection).await?;
        if let Some(hosts) = request {
            project.set_hosts(&id, &UpdateHosts { hosts }).await?;
        }
        let connection = project.show_connection(&id).await?;
        let rows: Vec<HostRow> = connection.hosts.into_iter().map(HostRow).collect();
        output.list(&rows)
    }
}

async fn show(project: &ProjectClient, id: &str, output: &Output) -> Result<(), Failure> {
    shown(project, project.show_connection(id).await?, output).await
}

async fn shown(project: &ProjectClient, connection: ConnectionInfo, output: &Output) -> Result<(), Failure> {
    let id = connection.id.clone();
    let row = ConnectionRow::from(connection);
    if !output.is_for_people() {
        return output.one(&row);
    }
    // The cloud does not know Linkspan's own API, and an older Linkspan less of it: then the vendor's answer is all.
    let known = project.connection_detail(&id).await.map(|detail| detail.peers).unwrap_or_default();
    output.one(&row.with(known))
}

/// The id of a connection that is named by its id or by its name. No name has the form of an id: names hold no hyphen.
pub(crate) async fn id_of(project: &ProjectClient, connection: &str) -> Result<String, Failure> {
    if connection.contains('-') {
        return Ok(connection.to_owned());
    }
    let query = ListConnectionsQuery {
        status: Some(StatusFilter::Active),
        name: Some(connection.to_owned()),
        ..ListConnectionsQuery::default()
    };
    let found = project.list_connections(&query).await?.items;
    only(connection, found)
}

/// A project that was granted others' connections may see one name more than once.
fn only(name: &str, mut found: Vec<ConnectionInfo>) -> Result<String, Failure> {
    match found.len() {
        1 => Ok(found.swap_remove(0).id),
        0 => Err(Failure::new(Exit::NotFound, format!("there is no connection named {name}"))
            .hint("deleted ones are shown by their id: `linkspan connection list --status deleted`")),
        count => {
            let ids: Vec<String> = found.into_iter().map(|connection| connection.id).collect();
            let text = format!("{count} connections are named {name}; name one by its id: {}", ids.join(", "));
            Err(Failure::usage(text))
        }
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
