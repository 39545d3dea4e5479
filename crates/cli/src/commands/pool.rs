//! `linkspan pool …`

use clap::{Args, Subcommand};
use linkspan_client::{PoolInfo, ProjectClient};
use linkspan_wire::{CreatePool, ResourceType};
use serde::Serialize;
use serde_json::json;

use super::pool_changes::{self, Policies, Update};
use super::tags::TagAction;
use super::{Act, pairs};
use crate::failure::{Exit, Failure};
use crate::output::{Cell, Output, Row, age, exact};
use crate::profile::Target;

/// What to do with elastic resource pools.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List pools
    #[command(visible_alias = "ls")]
    List {
        /// Only those whose name holds this text, in any letter case
        #[arg(long)]
        name: Option<String>,
    },
    /// Show a pool
    Show {
        /// Its name
        pool: String,
    },
    /// Create a pool
    Create(Create),
    /// Change bounds and description of a pool
    Update {
        /// Its name
        pool: String,
        #[command(flatten)]
        update: Update,
    },
    /// List the queues in a pool with their scaling policies
    Queues {
        /// Its name
        pool: String,
    },
    /// Move queues that are not bound into a pool, for good
    AddQueue {
        /// The pool
        pool: String,
        /// The queues
        #[arg(required = true)]
        queues: Vec<String>,
    },
    /// Show or replace what a queue may take of its pool and when
    Policies(Policies),
    /// Delete pools that hold no queue; connections that bind them lose their peer
    #[command(visible_alias = "rm")]
    Delete {
        /// Their names
        #[arg(required = true)]
        pools: Vec<String>,
    },
    /// List, set and take away tags
    Tag {
        /// What to do with them
        #[command(subcommand)]
        action: TagAction,
    },
}

/// A new pool.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// Fewest compute units
    #[arg(long, default_value_t = 64, value_name = "N")]
    min_cu: u32,
    /// Most compute units
    #[arg(long, default_value_t = 64, value_name = "N")]
    max_cu: u32,
    /// Its network, for good; the server picks one if there is none
    #[arg(long)]
    cidr: Option<String>,
    /// Free text
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A tag; may be given several times
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = pairs::pair)]
    tags: Vec<(String, String)>,
}

impl Act for Action {
    async fn act(&self, target: &Target, output: &Output) -> Result<(), Failure> {
        let project = &target.project().await?;
        match self {
            Self::List { name } => {
                let pools = project.all_pools(name.as_deref()).await?;
                output.list(&pools.into_iter().map(PoolRow).collect::<Vec<_>>())
            }
            Self::Show { pool } => output.one(&find(project, pool).await?),
            Self::Create(new) => {
                let request = new.request()?;
                project.create_pool(&request).await?;
                output.one(&find(project, request.elastic_resource_pool_name.as_str()).await?)
            }
            Self::Update { pool, update } => {
                update.run(project, pool).await?;
                output.one(&find(project, pool).await?)
            }
            Self::Queues { pool } => pool_changes::queues(project, pool, output).await,
            Self::AddQueue { pool, queues } => pool_changes::add_queues(project, pool, queues, output).await,
            Self::Policies(policies) => policies.run(project, output).await,
            Self::Delete { pools } => {
                for pool in pools {
                    project.delete_pool(pool).await?;
                    output.done(pool, "deleted")?;
                }
                Ok(())
            }
            Self::Tag { action } => {
                let id = find(project, action.name()).await?.0.resource_id;
                action.act(project, (ResourceType::Pool, &id), output).await
            }
        }
    }
}

/// No document has a call that shows one pool, so it is picked from the list. The service keeps names in lower case.
async fn find(project: &ProjectClient, name: &str) -> Result<PoolRow, Failure> {
    let pools = project.all_pools(Some(name)).await?;
    let found = pools.into_iter().find(|pool| pool.elastic_resource_pool_name.eq_ignore_ascii_case(name));
    let unknown = || Failure::new(Exit::NotFound, format!("there is no elastic resource pool named {name}"));
    found.map(PoolRow).ok_or_else(unknown)
}

impl Create {
    /// The request, which reads its own body and so names what is wrong with it.
    fn request(&self) -> Result<CreatePool, Failure> {
        let body = json!({
            "elastic_resource_pool_name": self.name,
            "min_cu": self.min_cu,
            "max_cu": self.max_cu,
            "cidr_in_vpc": self.cidr,
            "description": self.description,
            "tags": pairs::tag_objects(&self.tags),
        });
        CreatePool::from_body(body.to_string().as_bytes()).map_err(|error| Failure::usage(error.message()))
    }
}

/// A pool as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct PoolRow(PoolInfo);

impl Row for PoolRow {
    const PLURAL: &'static str = "pools";
    const COLUMNS: &'static [(&'static str, bool)] = &[
        ("NAME", false),
        ("STATUS", false),
        ("CU", false),
        ("CIDR", false),
        ("QUEUES", false),
        ("AGE", false),
        ("OWNER", true),
        ("RESOURCE ID", true),
        ("CREATED", true),
    ];

    fn name(&self) -> String {
        self.0.elastic_resource_pool_name.clone()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let pool = &self.0;
        let cidr = if pool.cidr_in_subnet.is_empty() { &pool.cidr_in_vpc } else { &pool.cidr_in_subnet };
        vec![
            pool.elastic_resource_pool_name.as_str().into(),
            Cell::status(&pool.status),
            format!("{}-{}", pool.min_cu, pool.max_cu).into(),
            Cell::or_dash(cidr),
            Cell::or_dash(&pool.queues.join(",")),
            age(pool.create_time, now).into(),
            Cell::or_dash(&pool.owner),
            Cell::or_dash(&pool.resource_id),
            exact(pool.create_time).into(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_holds_what_was_given() {
        let cidr = Some("10.5.0.0/18".into());
        let new = Create { name: "Pool_1".into(), min_cu: 64, max_cu: 128, cidr, description: None, tags: Vec::new() };
        let body = serde_json::to_string(&new.request().unwrap()).unwrap();
        let expected =
            r#"{"elastic_resource_pool_name":"pool_1","cidr_in_vpc":"10.5.0.0/18","max_cu":128,"min_cu":64}"#;
        assert_eq!(body, expected);
        let failure = Create { cidr: Some("10.5.0.0/33".into()), ..new }.request().unwrap_err();
        assert!(failure.text().contains("cidr_in_vpc"), "{}", failure.text());
    }

    #[test]
    fn a_row_has_a_cell_a_column() {
        assert_eq!(PoolRow(PoolInfo::default()).cells(true, 1).len(), PoolRow::COLUMNS.len());
    }
}
