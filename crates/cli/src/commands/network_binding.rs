//! `linkspan network bind`: what networks stand for on the plane's host.

use clap::Args;
use linkspan_client::ProjectClient;
use linkspan_wire::own::{BindNetwork, NetworkBindingInfo};
use serde::Serialize;

use super::parsed;
use crate::failure::Failure;
use crate::output::{Cell, Output, Row, age, exact};

/// A network to bind.
#[derive(Debug, Args)]
pub(crate) struct Bind {
    /// Its network id; it need not be registered
    network: String,
    /// A name of the host's netd.toml
    #[arg(long, value_name = "NAME")]
    to: String,
    /// Its addresses, unless it is registered with them
    #[arg(long)]
    cidr: Option<String>,
}

impl Bind {
    pub(super) async fn act(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        let bind = BindNetwork {
            to: parsed("--to", &self.to)?,
            cidr: self.cidr.as_deref().map(|cidr| parsed("--cidr", cidr)).transpose()?,
        };
        output.one(&BindingRow(project.bind_network(&self.network, &bind).await?))
    }
}

/// A binding as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct BindingRow(pub(super) NetworkBindingInfo);

impl Row for BindingRow {
    const PLURAL: &'static str = "bindings";
    const COLUMNS: &'static [(&'static str, bool)] =
        &[("NETWORK", false), ("TO", false), ("CIDR", false), ("AGE", false), ("CREATED", true)];

    fn name(&self) -> String {
        self.0.network_id.to_string()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let created = self.0.create_time.0;
        vec![
            self.name().into(),
            self.0.to.to_string().into(),
            Cell::or_dash(&self.0.cidr.map(|cidr| cidr.to_string()).unwrap_or_default()),
            age(created, now).into(),
            exact(created).into(),
        ]
    }
}
