//! `linkspan connection route …`

use clap::Subcommand;
use linkspan_client::{ProjectClient, RouteInfo};
use linkspan_wire::AddRoute;
use linkspan_wire::own::{PreflightRequest, PreflightRoute};
use serde::Serialize;

use super::connection::id_of;
use super::{parsed, preflight};
use crate::failure::Failure;
use crate::output::{Cell, Output, Row, age, exact};

/// What to do with the custom routes of a connection.
#[derive(Debug, Subcommand)]
pub(crate) enum RouteAction {
    /// List the routes in the order they were added
    #[command(visible_alias = "ls")]
    List {
        /// Name or id of the connection
        connection: String,
    },
    /// Lead what is bound to a destination beyond the connection's subnet
    Add {
        /// Name or id of the connection
        connection: String,
        /// Name of the route
        name: String,
        /// A CIDR or an address; IPv6 only if the connection has it
        cidr: String,
        /// Only say what it would meet, and add nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Delete routes
    #[command(visible_alias = "rm")]
    Delete {
        /// Name or id of the connection
        connection: String,
        /// Names of the routes
        #[arg(required = true)]
        names: Vec<String>,
    },
}

impl RouteAction {
    pub(crate) async fn run(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List { connection } => list(project, &id_of(project, connection).await?, output).await,
            Self::Add { connection, name, cidr, dry_run } => {
                let route = AddRoute { name: parsed("the name", name)?, cidr: cidr.as_str().into() };
                let id = id_of(project, connection).await?;
                if *dry_run {
                    let (name, cidr) = (name.clone(), cidr.clone());
                    let route = PreflightRoute { connection_id: id, name, cidr };
                    return preflight::run(project, &PreflightRequest::AddRoute(route), output).await;
                }
                project.add_route(&id, &route).await?;
                list(project, &id, output).await
            }
            Self::Delete { connection, names } => {
                let id = id_of(project, connection).await?;
                for name in names {
                    project.delete_route(&id, name).await?;
                    output.done(name, "deleted")?;
                }
                Ok(())
            }
        }
    }
}

async fn list(project: &ProjectClient, id: &str, output: &Output) -> Result<(), Failure> {
    let routes = project.show_connection(id).await?.routes;
    output.list(&routes.into_iter().map(RouteRow).collect::<Vec<_>>())
}

/// A route as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct RouteRow(RouteInfo);

impl Row for RouteRow {
    const PLURAL: &'static str = "custom routes";
    const COLUMNS: &'static [(&'static str, bool)] =
        &[("NAME", false), ("DESTINATION", false), ("AGE", false), ("ADDED", true)];

    fn name(&self) -> String {
        self.0.name.clone()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let route = &self.0;
        let added = route.create_time;
        vec![route.name.as_str().into(), route.cidr.as_str().into(), age(added, now).into(), exact(added).into()]
    }
}
