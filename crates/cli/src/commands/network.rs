//! `linkspan network …`: the directory of networks, against which overlapping addresses are noticed.

use clap::{Args, Subcommand};
use linkspan_client::ProjectClient;
use linkspan_model::BindingName;
use linkspan_wire::own::{CreateSubnet, CreateVpc, FreeText, SubnetInfo, VpcInfo};
use serde::Serialize;

use super::network_binding::{Bind, BindingRow};
use super::{Act, parsed};
use crate::failure::Failure;
use crate::output::{Cell, Output, Row, age, exact};
use crate::profile::Target;

/// What to do with networks.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// The VPCs that data sources live in
    Vpc {
        /// What to do with them
        #[command(subcommand)]
        action: VpcAction,
    },
    /// The subnets of those VPCs
    Subnet {
        /// What to do with them
        #[command(subcommand)]
        action: SubnetAction,
    },
    /// Bind a network to something of the plane's host, by a name that its administrator allows
    Bind(Bind),
    /// Take back what networks are bound to; the peers that lead there are cut
    Unbind {
        /// Their network ids
        #[arg(required = true)]
        networks: Vec<String>,
    },
    /// List what networks are bound to
    Bindings,
}

/// What to do with VPCs.
#[derive(Debug, Subcommand)]
pub(crate) enum VpcAction {
    /// List VPCs
    #[command(visible_alias = "ls")]
    List,
    /// Register a VPC
    Create {
        /// Its id; without one a new one
        #[arg(long)]
        id: Option<String>,
        /// Free text
        #[arg(long, value_name = "TEXT", default_value = "")]
        name: String,
        /// Its addresses, if known
        #[arg(long)]
        cidr: Option<String>,
    },
    /// Take VPCs out of the directory
    #[command(visible_alias = "rm")]
    Delete {
        /// Their ids
        #[arg(required = true)]
        vpcs: Vec<String>,
    },
}

/// What to do with subnets.
#[derive(Debug, Subcommand)]
pub(crate) enum SubnetAction {
    /// List subnets
    #[command(visible_alias = "ls")]
    List,
    /// Register a subnet
    Create(NewSubnet),
    /// Take subnets out of the directory
    #[command(visible_alias = "rm")]
    Delete {
        /// Their ids
        #[arg(required = true)]
        subnets: Vec<String>,
    },
}

/// A new subnet.
#[derive(Debug, Args)]
pub(crate) struct NewSubnet {
    /// Its network id; without one a new one
    #[arg(long)]
    id: Option<String>,
    /// The VPC it is part of
    #[arg(long, value_name = "ID")]
    vpc: String,
    /// Free text
    #[arg(long, value_name = "TEXT", default_value = "")]
    name: String,
    /// Its addresses
    #[arg(long)]
    cidr: String,
    /// It has IPv6 too
    #[arg(long)]
    ipv6: bool,
}

impl Act for Action {
    async fn act(&self, target: &Target, output: &Output) -> Result<(), Failure> {
        let project = target.project().await?;
        match self {
            Self::Vpc { action } => action.act(&project, output).await,
            Self::Subnet { action } => action.act(&project, output).await,
            Self::Bind(bind) => bind.act(&project, output).await,
            Self::Unbind { networks } => {
                for network in networks {
                    project.unbind_network(network).await?;
                    output.done(network, "unbound")?;
                }
                Ok(())
            }
            Self::Bindings => {
                let bindings = project.list_network_bindings().await?;
                output.list(&bindings.into_iter().map(BindingRow).collect::<Vec<_>>())
            }
        }
    }
}

impl VpcAction {
    async fn act(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List => output.list(&project.list_vpcs().await?.into_iter().map(VpcRow).collect::<Vec<_>>()),
            Self::Create { id, name, cidr } => {
                let new = CreateVpc {
                    id: id.as_deref().map(|id| parsed("--id", id)).transpose()?,
                    name: free_text(name)?,
                    cidr: cidr.as_deref().map(|cidr| parsed("--cidr", cidr)).transpose()?,
                };
                output.one(&VpcRow(project.create_vpc(&new).await?))
            }
            Self::Delete { vpcs } => {
                for vpc in vpcs {
                    project.delete_vpc(vpc).await?;
                    output.done(vpc, "deleted")?;
                }
                Ok(())
            }
        }
    }
}

impl SubnetAction {
    async fn act(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        match self {
            Self::List => output.list(&project.list_subnets().await?.into_iter().map(SubnetRow).collect::<Vec<_>>()),
            Self::Create(new) => output.one(&SubnetRow(project.create_subnet(&new.request()?).await?)),
            Self::Delete { subnets } => {
                for subnet in subnets {
                    project.delete_subnet(subnet).await?;
                    output.done(subnet, "deleted")?;
                }
                Ok(())
            }
        }
    }
}

impl NewSubnet {
    fn request(&self) -> Result<CreateSubnet, Failure> {
        Ok(CreateSubnet {
            id: self.id.as_deref().map(|id| parsed("--id", id)).transpose()?,
            vpc_id: parsed("--vpc", &self.vpc)?,
            name: free_text(&self.name)?,
            cidr: parsed("--cidr", &self.cidr)?,
            ipv6: self.ipv6,
        })
    }
}

fn free_text(text: &str) -> Result<FreeText, Failure> {
    FreeText::try_from(text.to_owned()).map_err(|invalid| Failure::usage(format!("--name: {invalid}")))
}

/// A VPC as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct VpcRow(VpcInfo);

impl Row for VpcRow {
    const PLURAL: &'static str = "VPCs";
    const COLUMNS: &'static [(&'static str, bool)] =
        &[("ID", false), ("NAME", false), ("CIDR", false), ("AGE", false), ("CREATED", true)];

    fn name(&self) -> String {
        self.0.id.to_string()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let created = self.0.create_time.0;
        vec![
            self.name().into(),
            Cell::or_dash(&self.0.name),
            Cell::or_dash(&self.0.cidr.map(|cidr| cidr.to_string()).unwrap_or_default()),
            age(created, now).into(),
            exact(created).into(),
        ]
    }
}

/// A subnet as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct SubnetRow(SubnetInfo);

impl Row for SubnetRow {
    const PLURAL: &'static str = "subnets";
    const COLUMNS: &'static [(&'static str, bool)] = &[
        ("ID", false),
        ("VPC", false),
        ("NAME", false),
        ("CIDR", false),
        ("BOUND TO", false),
        ("AGE", false),
        ("CREATED", true),
    ];

    fn name(&self) -> String {
        self.0.id.to_string()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let created = self.0.create_time.0;
        vec![
            self.name().into(),
            self.0.vpc_id.to_string().into(),
            Cell::or_dash(&self.0.name),
            self.0.cidr.to_string().into(),
            Cell::or_dash(self.0.bound_to.as_ref().map_or("", BindingName::as_str)),
            age(created, now).into(),
            exact(created).into(),
        ]
    }
}
