//! `linkspan queue …`

use clap::{Args, Subcommand, ValueEnum};
use linkspan_client::{ProjectClient, QueueInfo};
use linkspan_wire::{CreateQueue, ResourceType};
use serde::Serialize;
use serde_json::json;

use super::queue_changes::{self, Properties, Scale};
use super::queue_exec::Exec;
use super::tags::TagAction;
use super::{Act, pairs};
use crate::failure::Failure;
use crate::output::{Cell, Output, Row, age, exact};
use crate::profile::Target;

/// What to do with queues.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List queues
    #[command(visible_alias = "ls")]
    List {
        /// Only those of a type
        #[arg(long = "type", value_enum, default_value = "all")]
        queue_type: Type,
    },
    /// Show a queue
    Show {
        /// Its name
        queue: String,
    },
    /// Create a queue, in a pool or outside any
    Create(Create),
    /// Give a queue outside any pool more compute units, or take some away
    Scale(Scale),
    /// Restart an SQL queue outside any pool
    Restart {
        /// Its name
        queue: String,
        /// Although jobs run
        #[arg(long)]
        force: bool,
    },
    /// Give a queue that is not bound another network
    Cidr {
        /// Its name
        queue: String,
        /// The network, such as 10.5.0.0/16
        cidr: String,
    },
    /// Run a program in the network of a queue on this host, as yourself (needs sudo)
    Exec(Exec),
    /// Show, set and remove properties of a queue
    Properties(Properties),
    /// Delete queues; connections that bind them lose their peer
    #[command(visible_alias = "rm")]
    Delete {
        /// Their names
        #[arg(required = true)]
        queues: Vec<String>,
    },
    /// List, set and take away tags
    Tag {
        /// What to do with them
        #[command(subcommand)]
        action: TagAction,
    },
}

/// The filter on the type.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Type {
    /// SQL queues
    Sql,
    /// General queues
    General,
    /// Both
    All,
}

/// A new queue.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// Compute units
    #[arg(long, default_value_t = 16, value_name = "N")]
    cu: u32,
    /// sql or general
    #[arg(long = "type", default_value = "sql", value_name = "TYPE")]
    queue_type: String,
    /// The elastic resource pool to create it in
    #[arg(long, value_name = "NAME")]
    pool: Option<String>,
    /// Dedicated, as a queue outside any pool must be to be bound
    #[arg(long, conflicts_with = "pool")]
    dedicated: bool,
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
            Self::List { queue_type } => {
                let queue_type = match queue_type {
                    Type::Sql => "sql",
                    Type::General => "general",
                    Type::All => "all",
                };
                let page = project.list_queues(Some(queue_type)).await?;
                output.list(&page.items.into_iter().map(QueueRow).collect::<Vec<_>>())
            }
            Self::Show { queue } => output.one(&find(project, queue).await?),
            Self::Create(new) => {
                let request = new.request()?;
                project.create_queue(&request).await?;
                output.one(&find(project, request.queue_name.as_str()).await?)
            }
            Self::Scale(scale) => {
                scale.run(project).await?;
                output.one(&find(project, &scale.queue).await?)
            }
            Self::Restart { queue, force } => {
                queue_changes::restart(project, queue, *force).await?;
                output.done(queue, "restarted")
            }
            Self::Cidr { queue, cidr } => {
                queue_changes::readdress(project, queue, cidr).await?;
                output.one(&find(project, queue).await?)
            }
            Self::Exec(exec) => exec.run(target).await,
            Self::Properties(properties) => properties.run(project, output).await,
            Self::Delete { queues } => {
                for queue in queues {
                    project.delete_queue(queue).await?;
                    output.done(queue, "deleted")?;
                }
                Ok(())
            }
            Self::Tag { action } => {
                let id = find(project, action.name()).await?.0.queue_id.to_string();
                action.act(project, (ResourceType::Queue, &id), output).await
            }
        }
    }
}

/// A queue with everything that is known of it: the call that shows one leaves out its network, which the list has.
async fn find(project: &ProjectClient, name: &str) -> Result<QueueRow, Failure> {
    let shown = project.show_queue(name).await?;
    let listed = project.list_queues(Some("all")).await?.items;
    let same = listed.into_iter().find(|queue| queue.queue_name == shown.queue_name);
    Ok(QueueRow(same.unwrap_or(shown)))
}

impl Create {
    /// The request, which reads its own body and so names what is wrong with it.
    fn request(&self) -> Result<CreateQueue, Failure> {
        let body = json!({
            "queue_name": self.name,
            "cu_count": self.cu,
            "queue_type": self.queue_type,
            "elastic_resource_pool_name": self.pool,
            "resource_mode": self.dedicated.then_some(1),
            "description": self.description,
            "tags": pairs::tag_objects(&self.tags),
        });
        CreateQueue::from_body(body.to_string().as_bytes()).map_err(|error| Failure::usage(error.message()))
    }
}

/// A queue as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct QueueRow(QueueInfo);

impl Row for QueueRow {
    const PLURAL: &'static str = "queues";
    const COLUMNS: &'static [(&'static str, bool)] = &[
        ("NAME", false),
        ("TYPE", false),
        ("CU", false),
        ("POOL", false),
        ("CIDR", false),
        ("MODE", false),
        ("AGE", false),
        ("OWNER", true),
        ("RESOURCE ID", true),
        ("CREATED", true),
    ];

    fn name(&self) -> String {
        self.0.queue_name.clone()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let queue = &self.0;
        let cidr = if queue.cidr_in_subnet.is_empty() { &queue.cidr_in_vpc } else { &queue.cidr_in_subnet };
        let mode = if queue.resource_mode == 1 { "dedicated" } else { "shared" };
        vec![
            queue.queue_name.as_str().into(),
            queue.queue_type.as_str().into(),
            queue.cu_count.to_string().into(),
            Cell::or_dash(&queue.elastic_resource_pool_name),
            Cell::or_dash(cidr),
            mode.into(),
            age(queue.create_time, now).into(),
            Cell::or_dash(&queue.owner),
            Cell::or_dash(&queue.resource_id),
            exact(queue.create_time).into(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> Create {
        let (name, queue_type) = ("Q1".into(), "general".into());
        Create { name, cu: 64, queue_type, pool: None, dedicated: true, description: None, tags: Vec::new() }
    }

    #[test]
    fn the_request_holds_what_was_given() {
        let body = serde_json::to_string(&new().request().unwrap()).unwrap();
        assert_eq!(body, r#"{"queue_name":"q1","queue_type":"general","cu_count":64,"resource_mode":1}"#);
        let pooled = Create { pool: Some("p".into()), dedicated: false, tags: vec![("k".into(), "v".into())], ..new() };
        let body = serde_json::to_string(&pooled.request().unwrap()).unwrap();
        assert!(body.contains(r#""tags":[{"key":"k","value":"v"}],"elastic_resource_pool_name":"p""#), "{body}");
        assert!(!body.contains("resource_mode"), "{body}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let failure = Create { queue_type: "spark".into(), ..new() }.request().unwrap_err();
        assert!(failure.text().contains("queue_type"), "{}", failure.text());
    }

    #[test]
    fn a_row_has_a_cell_a_column() {
        let queue = QueueInfo { queue_name: "q".into(), cidr_in_vpc: "172.16.0.0/12".into(), ..QueueInfo::default() };
        let cells = QueueRow(queue).cells(true, 1);
        assert_eq!(cells.len(), QueueRow::COLUMNS.len());
        assert_eq!((cells[3].text.as_str(), cells[4].text.as_str()), ("-", "172.16.0.0/12"));
    }
}
