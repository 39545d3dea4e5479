//! `linkspan project …`

use clap::Subcommand;
use linkspan_client::Client;
use linkspan_wire::own::{CreateProject, PlaceProject, ProjectInfo};
use serde::Serialize;

use super::{Act, domain, named};
use crate::failure::Failure;
use crate::output::{Cell, Output, Row, Tone, age, exact};
use crate::profile::Target;

/// What to do with projects.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List the projects of every domain
    #[command(visible_alias = "ls")]
    List,
    /// Create a project
    Create {
        /// Its name
        name: String,
        /// Name or id of its domain; without one the caller's
        #[arg(long)]
        domain: Option<String>,
    },
    /// Put a project's queues and networks on a node's host
    ///
    /// For nodes with --plane linux on one PostgreSQL database: each host has networks of its own, and a project lies on
    /// one of them. Nothing moves by itself: unbind what is bound first, then place the project elsewhere.
    Place {
        /// Its name or id
        project: String,
        /// The node, by the name it was started with
        #[arg(long)]
        node: String,
        /// Give up what the project has on its node, because that is gone for good; what is bound is made anew
        #[arg(long)]
        abandon: bool,
    },
    /// Answer calls to a project again
    Enable {
        /// Its name or id
        project: String,
    },
    /// Answer calls to a project no more
    Disable {
        /// Its name or id
        project: String,
    },
}

impl Act for Action {
    async fn act(&self, target: &Target, output: &Output) -> Result<(), Failure> {
        let admin = target.client().admin();
        match self {
            Self::List => output.list(&admin.list_projects().await?.into_iter().map(ProjectRow).collect::<Vec<_>>()),
            Self::Create { name, domain } => {
                let domain = domain::find(target.client(), domain.as_deref()).await?;
                let new = CreateProject { domain_id: domain.map(|domain| domain.id), name: name.as_str().into() };
                output.one(&ProjectRow(admin.create_project(&new).await?))
            }
            Self::Place { project, node, abandon } => {
                let node = node.parse().map_err(|why| Failure::usage(format!("--node: a node's name {why}")))?;
                let project = find(target.client(), project).await?;
                let place = PlaceProject { node, abandon: *abandon };
                output.one(&ProjectRow(admin.place_project(project.id.as_str(), &place).await?))
            }
            Self::Enable { project } => enable(target.client(), (project, true), output).await,
            Self::Disable { project } => enable(target.client(), (project, false), output).await,
        }
    }
}

async fn enable(client: &Client, (word, enabled): (&str, bool), output: &Output) -> Result<(), Failure> {
    let project = find(client, word).await?;
    client.admin().enable_project(project.id.as_str(), enabled).await?;
    output.done(&project.name, if enabled { "enabled" } else { "disabled" })
}

/// A project that is named by its name or id.
pub(super) async fn find(client: &Client, word: &str) -> Result<ProjectInfo, Failure> {
    let projects = client.admin().list_projects().await?;
    named::pick("project", word, projects, |project| (project.id.as_str(), &project.name))
}

/// Whether something works, as a cell.
pub(super) fn enabled(enabled: bool) -> Cell {
    if enabled { Cell::toned("enabled", Tone::Good) } else { Cell::toned("disabled", Tone::Bad) }
}

/// A project as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct ProjectRow(ProjectInfo);

impl Row for ProjectRow {
    const PLURAL: &'static str = "projects";
    const COLUMNS: &'static [(&'static str, bool)] = &[
        ("NAME", false),
        ("ID", false),
        ("DOMAIN", false),
        ("STATE", false),
        ("NODE", false),
        ("AGE", false),
        ("CREATED", true),
    ];

    fn name(&self) -> String {
        self.0.name.clone()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let created = self.0.create_time.0;
        vec![
            self.0.name.as_str().into(),
            self.0.id.as_str().into(),
            self.0.domain_id.as_str().into(),
            enabled(self.0.enabled),
            Cell::or_dash(self.0.node.as_ref().map_or("", |node| node.as_str())),
            age(created, now).into(),
            exact(created).into(),
        ]
    }
}
