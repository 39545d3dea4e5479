use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt};
use linkspan_model::{ExternalId, PeerId, ProjectId};
use linkspan_plane::{
    Applied, Capabilities, Change, Doing, DriftHint, Observed, PeerSpec, Plane, PlaneError, ProbeReport, ProbeSpec,
    Ready, Settled, SourceRef, Token,
};
use tokio::runtime::Handle;

use crate::batch::Batch;
use crate::error::Outcome;
use crate::host::{Host, Settings};
use crate::watch::hints;
use crate::work::{Ticket, detached};

/// What the plane can do, whichever process asks.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    name: "linux",
    real_packets: true,
    multi_host: false,
    stateful: true,
    dns: true,
    ipv6: false,
    max_peers_hint: Some(5000),
    batch: 64,
};

/// Real networks on this host. Clones share them.
#[derive(Debug, Clone)]
pub struct LinuxPlane {
    host: Arc<Host>,
}

impl LinuxPlane {
    /// The plane of this host; what an earlier process made is found again.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self { host: Arc::new(Host::new(settings)) }
    }

    /// Where the namespace of a subnet can be entered once a peer leads there.
    #[must_use]
    pub fn subnet_path(&self, project: &ProjectId, network: &ExternalId) -> PathBuf {
        self.host.subnet_path(project, network)
    }

    /// Where the namespace of a queue or pool can be entered once it is made.
    #[must_use]
    pub fn source_path(&self, source: &SourceRef) -> PathBuf {
        self.host.source_path(source)
    }

    /// The hosts file of a queue or pool, for whoever starts work inside: it is rewritten in place, so it may be mounted.
    #[must_use]
    pub fn hosts_path(&self, source: &SourceRef) -> PathBuf {
        self.host.hosts_path(source)
    }

    /// What `/etc/resolv.conf` is to say in the network of a queue or pool; not there before [`Self::serve_names`].
    #[must_use]
    pub fn resolver_path(&self) -> PathBuf {
        self.host.files.resolver_path()
    }

    /// Answers names in the networks of queues and pools, those that are there and those to come: host records, and what
    /// the upstream in `netd.toml` says of other names. Works on the runtime that this is called on, until the plane is dropped.
    ///
    /// # Errors
    /// The networks can't be read, or the file for `/etc/resolv.conf` not be written.
    pub async fn serve_names(&self) -> Result<(), PlaneError> {
        let runtime = Handle::current();
        self.run(move |host, _| host.serve_names(runtime)).await
    }

    /// How many changes this process has made to the host.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.host.writes.made()
    }

    /// Lets every call end before the change after so many more, as if the process were killed there; none takes that
    /// back. For tests that crash at every point.
    pub fn end_after(&self, changes: Option<u64>) {
        self.host.writes.end_after(changes);
    }

    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Host, &Ticket) -> Outcome<T> + Send + 'static,
    ) -> impl Future<Output = Result<T, PlaneError>> + Send + 'static {
        let host = Arc::clone(&self.host);
        detached(move |ticket| work(&host, ticket))
    }

    async fn apply(&self, changes: Vec<Change>) -> Vec<Result<Applied, PlaneError>> {
        let count = changes.len();
        let done = self.run(move |host, ticket| Ok(Batch::new(host, ticket).apply(&changes))).await;
        done.unwrap_or_else(|error| vec![Err(error); count])
    }
}

impl Plane for LinuxPlane {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn check(&self) -> Doing<'_, Ready> {
        self.run(|host, _| host.check()).boxed()
    }

    fn settled(&self, _: Token, _: Duration) -> Doing<'_, Settled> {
        // Whatever the kernel has accepted is in force.
        std::future::ready(Ok(Settled::Yes)).boxed()
    }

    fn list(&self) -> Doing<'_, Vec<Observed>> {
        self.run(Host::list).boxed()
    }

    fn observe(&self, id: PeerId) -> Doing<'_, Option<Observed>> {
        self.run(move |host, _| host.observe(id)).boxed()
    }

    fn watch(&self) -> BoxStream<'static, DriftHint> {
        match self.host.watch().and_then(hints) {
            Ok(hints) => hints,
            Err(fault) => {
                tracing::warn!(%fault, "changes are noticed by full passes only");
                stream::pending().boxed()
            }
        }
    }

    fn probe<'a>(&'a self, probe: &'a ProbeSpec) -> Doing<'a, ProbeReport> {
        let probe = probe.clone();
        self.run(move |host, _| host.probe(&probe)).boxed()
    }

    fn foresee<'a>(&'a self, peer: &'a PeerSpec) -> Doing<'a, ()> {
        let peer = peer.clone();
        self.run(move |host, _| host.foresee(&peer)).boxed()
    }

    fn apply_batch<'a>(&'a self, changes: &'a [Change]) -> BoxFuture<'a, Vec<Result<Applied, PlaneError>>> {
        self.apply(changes.to_vec()).boxed()
    }
}
