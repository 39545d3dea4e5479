//! `linkspan connection tag …`, `linkspan queue tag …`, `linkspan pool tag …`

use clap::Subcommand;
use linkspan_client::{ProjectClient, TagInfo};
use linkspan_wire::{AddTags, RemoveTags, ResourceType, TagHandle};
use serde::Serialize;

use super::pairs;
use crate::failure::Failure;
use crate::output::{Cell, Output, Row};

/// What to do with the tags of one thing.
#[derive(Debug, Subcommand)]
pub(crate) enum TagAction {
    /// List the tags that it bears
    #[command(visible_alias = "ls")]
    List {
        /// Its name or id
        name: String,
    },
    /// Set tags; those with other keys stay
    Set {
        /// Its name or id
        name: String,
        /// The tags
        #[arg(required = true, value_name = "KEY=VALUE", value_parser = pairs::pair)]
        tags: Vec<(String, String)>,
    },
    /// Take tags away, whether they are there or not
    #[command(visible_alias = "rm")]
    Delete {
        /// Its name or id
        name: String,
        /// The keys of the tags
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<String>,
    },
}

impl TagAction {
    /// What it is about, as the caller names it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::List { name } | Self::Set { name, .. } | Self::Delete { name, .. } => name,
        }
    }

    /// Carries it out on the thing with this id, and shows the tags that it then bears.
    pub(crate) async fn act(
        &self,
        project: &ProjectClient,
        (kind, id): (ResourceType, &str),
        output: &Output,
    ) -> Result<(), Failure> {
        match self {
            Self::List { .. } => {}
            Self::Set { tags, .. } => project.set_tags(kind, id, &AddTags { tags: pairs::tags(tags)? }).await?,
            Self::Delete { keys, .. } => {
                let tags = keys.iter().map(|key| TagHandle { key: key.clone() }).collect();
                project.remove_tags(kind, id, &RemoveTags { tags }).await?;
            }
        }
        let tags = project.tags(kind, id).await?;
        output.list(&tags.into_iter().map(TagRow).collect::<Vec<_>>())
    }
}

/// A tag as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct TagRow(TagInfo);

impl Row for TagRow {
    const PLURAL: &'static str = "tags";
    const COLUMNS: &'static [(&'static str, bool)] = &[("KEY", false), ("VALUE", false)];

    fn name(&self) -> String {
        self.0.key.clone()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        vec![self.0.key.as_str().into(), Cell::or_dash(&self.0.value)]
    }
}
