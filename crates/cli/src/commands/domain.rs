//! `linkspan domain …`

use clap::Subcommand;
use linkspan_client::Client;
use linkspan_wire::own::{CreateDomain, DomainInfo};
use serde::Serialize;

use super::{Act, named};
use crate::failure::Failure;
use crate::output::{Cell, Output, Row, age, exact};
use crate::profile::Target;

/// What to do with domains.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List domains
    #[command(visible_alias = "ls")]
    List,
    /// Create a domain
    Create {
        /// Its name
        name: String,
    },
}

impl Act for Action {
    async fn act(&self, target: &Target, output: &Output) -> Result<(), Failure> {
        let admin = target.client().admin();
        match self {
            Self::List => output.list(&admin.list_domains().await?.into_iter().map(DomainRow).collect::<Vec<_>>()),
            Self::Create { name } => {
                let new = CreateDomain { name: name.as_str().into() };
                output.one(&DomainRow(admin.create_domain(&new).await?))
            }
        }
    }
}

/// A domain that is named by its name or id; without a word it is the caller's.
pub(super) async fn find(client: &Client, word: Option<&str>) -> Result<Option<DomainInfo>, Failure> {
    let Some(word) = word else { return Ok(None) };
    let domains = client.admin().list_domains().await?;
    named::pick("domain", word, domains, |domain| (domain.id.as_str(), &domain.name)).map(Some)
}

/// A domain as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct DomainRow(DomainInfo);

impl Row for DomainRow {
    const PLURAL: &'static str = "domains";
    const COLUMNS: &'static [(&'static str, bool)] =
        &[("NAME", false), ("ID", false), ("AGE", false), ("CREATED", true)];

    fn name(&self) -> String {
        self.0.name.clone()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let created = self.0.create_time.0;
        vec![self.0.name.as_str().into(), self.0.id.as_str().into(), age(created, now).into(), exact(created).into()]
    }
}
