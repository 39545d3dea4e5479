//! `linkspan audit`

use clap::Args;
use linkspan_wire::own::{AuditEvent, AuditPage};
use serde::Serialize;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{Cell, Output, Row, exact};
use crate::profile::{self, ClientOptions, Target};

/// The most that the server puts on one page.
const PAGE: usize = 1000;

/// Which events.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// At most so many
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
    /// What administrators changed, instead of what happened in the project (needs the role admin)
    #[arg(long)]
    admin: bool,
    #[command(flatten)]
    client: ClientOptions,
}

/// Shows the events.
pub(crate) async fn run(options: &Options, environment: &Environment, output: &Output) -> Result<(), Failure> {
    let target = Target::find(&options.client, environment)?;
    let events = options.collect(&target).await.map_err(|failure| profile::explained(failure, &target.origin))?;
    output.list(&events.into_iter().map(EventRow).collect::<Vec<_>>())
}

impl Options {
    async fn collect(&self, target: &Target) -> Result<Vec<AuditEvent>, Failure> {
        let mut events: Vec<AuditEvent> = Vec::new();
        let mut before = None;
        while events.len() < self.limit {
            let count = (self.limit - events.len()).min(PAGE);
            let page = self.page(target, count, before.as_deref()).await?;
            let is_last = page.next.is_none() || page.events.is_empty();
            events.extend(page.events);
            before = page.next;
            if is_last {
                break;
            }
        }
        Ok(events)
    }

    async fn page(&self, target: &Target, count: usize, before: Option<&str>) -> Result<AuditPage, Failure> {
        if self.admin {
            return Ok(target.client().admin().audit(count, before).await?);
        }
        Ok(target.project().await?.audit(count, before).await?)
    }
}

/// An event as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct EventRow(AuditEvent);

impl Row for EventRow {
    const PLURAL: &'static str = "events";
    const COLUMNS: &'static [(&'static str, bool)] = &[
        ("TIME", false),
        ("ACTION", false),
        ("RESOURCE", false),
        ("USER", false),
        ("DETAIL", false),
        ("ACCESS KEY", true),
        ("FROM", true),
        ("REQUEST ID", true),
    ];

    fn name(&self) -> String {
        self.0.request_id.clone()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        let event = &self.0;
        let or_dash = |text: &Option<String>| Cell::or_dash(text.as_deref().unwrap_or_default());
        vec![
            exact(event.time.0).into(),
            event.action.as_str().into(),
            event.resource.as_str().into(),
            or_dash(&event.user_name),
            Cell::or_dash(&event.detail),
            or_dash(&event.access_key),
            or_dash(&event.remote),
            event.request_id.as_str().into(),
        ]
    }
}
