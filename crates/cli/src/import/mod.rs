//! `linkspan import`: reads a project of the cloud or of another Linkspan, and takes it over with its ids and times.
//!
//! Nothing is remembered between two runs: what is here already is recognised by its id and left alone, so a run that
//! was interrupted goes on when the command is given again, and one that was not changes nothing.
//!
//! To import one more thing: read it in `read`, put it into its item in `items`.

mod batches;
mod items;
mod outcome;
mod read;
mod source;

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use linkspan_client::{Client, ClientConfig, ProjectClient, RetryPolicy};

use batches::{Batch, batches};
use outcome::{Summary, ThingRow};

use crate::environment::Environment;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::profile::{self, ClientOptions, SourceOptions, Target};

/// What to import from where.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    source: SourceOptions,
    /// Only say what would become of everything, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Only these; connections come with their hosts, routes, tags and grants
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND,…", default_values_t = Kind::ALL)]
    only: Vec<Kind>,
    /// Most calls at a time to the server that is read
    #[arg(long, value_name = "N", default_value = "4")]
    parallel: NonZeroUsize,
    /// Most things taken over by one call, each call all at once
    #[arg(long, value_name = "N", default_value = "100")]
    batch: NonZeroUsize,
    #[command(flatten)]
    client: ClientOptions,
}

/// What can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Elastic resource pools
    Pools,
    /// Queues
    Queues,
    /// Connections
    Connections,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Pools, Self::Queues, Self::Connections];
}

/// Imports, or says what an import would do.
pub(crate) async fn run(options: &Options, environment: &Environment, output: &Output) -> Result<(), Failure> {
    let source = Target::source(&options.source, environment)?;
    let target = Target::find(&options.client, environment)?;
    let items = options.read(&source, output).await;
    let items = items.map_err(|failure| profile::explained(failure, &format!("reading: {}", source.origin)))?;
    let here = target.project().await.map_err(|failure| profile::explained(failure, &target.origin))?;
    let mut rows = Vec::new();
    let sent = options.send(&patient(&here)?, batches(items, options.dry_run, options.batch), &mut rows).await;
    let sent = sent.map_err(|failure| profile::explained(failure, &target.origin));
    // What was done before a failure is done, and told.
    if sent.is_ok() || !rows.is_empty() {
        output.list(&rows)?;
    }
    let summary = Summary::of(&rows);
    output.note(&summary.text(options.dry_run));
    sent?;
    summary.verdict()
}

impl Options {
    async fn read(&self, source: &Target, output: &Output) -> Result<Vec<items::Item>, Failure> {
        let project = patient(&source.project().await?)?;
        let found = source::Source::find(project, self.parallel).await?.read(&self.only).await?;
        for note in &found.notes {
            output.note(&format!("note: {note}"));
        }
        Ok(items::items(found))
    }

    /// Sends everything, and notes what became of it as far as it came.
    async fn send(&self, here: &ProjectClient, todo: Vec<Batch>, rows: &mut Vec<ThingRow>) -> Result<(), Failure> {
        let all: usize = todo.iter().map(Batch::len).sum();
        let bar = bar(if self.dry_run { "checking" } else { "taking over" }, all);
        for batch in todo {
            let answer = here.import(&batch.request, self.dry_run).await.map_err(|error| {
                let unpublished = error.is_unpublished();
                let failure = Failure::from(error);
                match (unpublished, failure.exit()) {
                    (true, _) => failure.hint("only a Linkspan can take things over, and this server is none"),
                    (_, Exit::Unavailable) => {
                        failure.hint("give the same command again to go on; what is here already stays as it is")
                    }
                    _ => failure,
                }
            })?;
            bar.inc(batch.len() as u64);
            rows.extend(batch.wanted(answer.outcomes).map(ThingRow));
        }
        bar.finish_and_clear();
        Ok(())
    }
}

/// The same project with more patience: an import asks for a lot, and has time.
fn patient(project: &ProjectClient) -> Result<ProjectClient, Failure> {
    let config = ClientConfig { retry: RetryPolicy::patient(), ..project.client().config().clone() };
    Ok(Client::new(config)?.project(project.id()))
}

/// A bar that is drawn only where somebody sees it.
fn bar(what: &'static str, all: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(all as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}

#[cfg(test)]
mod tests;
