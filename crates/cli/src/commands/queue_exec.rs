//! `linkspan queue exec`

use clap::Args;
use linkspan_model::SourceName;
use linkspan_plane::SourceRef;
use linkspan_plane_linux::LinuxPlane;
use linkspan_plane_linux::enter::{self, Caller, EnterError, Place};

use super::netd::Places;
use super::parsed;
use crate::failure::{Exit, Failure};
use crate::profile::Target;

/// A program in a queue's network.
#[derive(Debug, Args)]
pub(crate) struct Exec {
    /// The queue's name
    queue: String,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    command: Vec<String>,
    #[command(flatten)]
    places: Places,
}

impl Exec {
    /// Becomes the program; comes back only if it can't.
    pub(crate) async fn run(&self, target: &Target) -> Result<(), Failure> {
        let project = target.project().await?;
        let queue = project.show_queue(&self.queue).await?;
        // A queue in a pool has the pool's network.
        let name = match queue.elastic_resource_pool_name.as_str() {
            "" => SourceName::Queue(parsed("queue", &queue.queue_name)?),
            pool => SourceName::Pool(parsed("pool", pool)?),
        };
        let source = SourceRef { project: parsed("project id", project.id())?, name };
        let plane = LinuxPlane::new(&self.places.settings());
        let place = Place {
            namespace: plane.source_path(&source),
            hosts: plane.hosts_path(&source),
            resolver: plane.resolver_path(),
        };
        let Err(error) = enter::run(&place, Caller::of(target.sudo), &self.command);
        Err(match error {
            EnterError::Absent(_) => Failure::new(Exit::NotFound, error.to_string())
                .hint("this works on the host whose netd makes the queue's network"),
            EnterError::Denied => Failure::new(Exit::Refused, error.to_string()),
            EnterError::Step { .. } | EnterError::Program { .. } => Failure::failed(error.to_string()),
        })
    }
}
