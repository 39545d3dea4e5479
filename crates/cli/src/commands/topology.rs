//! `linkspan topology`

use clap::Args;
use linkspan_wire::own::{Topology, TopologyQuery};
use serde::Serialize;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::output::{Cell, Format, Output, Row};
use crate::profile::{self, ClientOptions, Target};
use crate::topology::{dot, mermaid, svg, tree};

/// How much of it.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// At most so many things of each kind, connections newest first
    #[arg(long, default_value_t = TopologyQuery::DEFAULT, value_name = "N")]
    limit: usize,
    #[command(flatten)]
    client: ClientOptions,
}

/// Shows the networks of the project, drawn in the form that was asked for.
pub(crate) async fn run(options: &Options, environment: &Environment, output: &Output) -> Result<(), Failure> {
    let target = Target::find(&options.client, environment)?;
    let asked = async { Ok::<_, Failure>(target.project().await?.topology(options.limit).await?) };
    let graph = asked.await.map_err(|failure| profile::explained(failure, &target.origin))?;
    let left_out = graph.left_out;
    match output.format() {
        Format::Dot => output.print(&dot::drawn(&graph))?,
        Format::Mermaid => output.print(&mermaid::drawn(&graph))?,
        Format::Svg => output.print(&svg::drawn(&graph))?,
        _ => output.one(&TopologyRow(graph))?,
    }
    if left_out > 0 {
        output.note(&format!("{left_out} things are left out; --limit asks for more, at most {}", TopologyQuery::MOST));
    }
    Ok(())
}

/// A graph as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct TopologyRow(Topology);

impl Row for TopologyRow {
    const PLURAL: &'static str = "graphs";
    const COLUMNS: &'static [(&'static str, bool)] = &[("NODES", false)];

    fn name(&self) -> String {
        self.0.nodes.iter().map(|node| node.id.as_str()).collect::<Vec<_>>().join("\n")
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        vec![self.0.nodes.len().to_string().into()]
    }

    fn line(&self) -> Option<String> {
        Some(tree::drawn(&self.0))
    }
}
