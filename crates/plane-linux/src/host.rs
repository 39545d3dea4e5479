use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use linkspan_model::{ExternalId, ProjectId};
use linkspan_plane::{Observed, PlaneError, Ready, SourceRef};
use tokio::runtime::Handle;

use crate::allowed::{BadConfig, Config};
use crate::dns::{RESOLVER, Responder};
use crate::error::{Fault, Outcome};
use crate::hosts::HostFiles;
use crate::locks::Locks;
use crate::names::{NamespaceName, Role};
use crate::namespace::{Namespace, Namespaces};
use crate::router::Sources;
use crate::rules::{Filter, Nft};
use crate::work::Ticket;
use crate::writes::Writes;

/// How the plane is set up on a host.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The directory of the handles of namespaces. Nobody else may put anything there.
    pub namespaces: PathBuf,
    /// The directory of hosts files, likewise.
    pub hosts: PathBuf,
    /// The program `nft`.
    pub nft: PathBuf,
    /// What networks may be bound to (`netd.toml`); a file that is not there allows nothing.
    pub allowed: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            namespaces: "/run/linkspan/netns".into(),
            hosts: "/run/linkspan/hosts".into(),
            nft: "/usr/sbin/nft".into(),
            allowed: crate::allowed::default_path(),
        }
    }
}

/// What a plane that may not watch says when it starts.
const BLIND: &str = "this process may not watch networks (it needs CAP_NET_BROADCAST), so what others change is mended \
                     by the next full pass and not at once";

/// What all of the plane's work on a host shares. Everything here blocks.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) namespaces: Namespaces,
    pub(crate) filter: Filter,
    pub(crate) config: Config,
    pub(crate) files: Arc<HostFiles>,
    /// Answers names, once somebody asked for that.
    pub(crate) responder: OnceLock<Responder>,
    pub(crate) locks: Locks,
    pub(crate) writes: Writes,
}

impl Host {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            namespaces: Namespaces::new(settings.namespaces.clone()),
            filter: Filter::new(Nft::new(settings.nft.clone())),
            config: Config::new(settings.allowed.clone()),
            files: Arc::new(HostFiles::new(settings.hosts.clone())),
            responder: OnceLock::new(),
            locks: Locks::default(),
            writes: Writes::default(),
        }
    }

    /// Where the handle of a subnet's namespace is, whether it is there or not.
    pub(crate) fn subnet_path(&self, project: &ProjectId, network: &ExternalId) -> PathBuf {
        self.namespaces.path(&NamespaceName::of_subnet(project, network))
    }

    /// Where the handle of a queue's or pool's namespace is, whether it is there or not.
    pub(crate) fn source_path(&self, source: &SourceRef) -> PathBuf {
        self.namespaces.path(&NamespaceName::of_source(source))
    }

    /// Where the hosts file of a queue or pool is, whether it is there or not.
    pub(crate) fn hosts_path(&self, source: &SourceRef) -> PathBuf {
        self.files.path(&NamespaceName::of_source(source))
    }

    /// Whether networks can be made here at all: tries it in namespaces that are gone at once.
    pub(crate) fn check(&self) -> Outcome<Ready> {
        let version = self.filter.nft().version()?;
        self.filter.untouched(&self.namespaces)?;
        let unclear = |error: BadConfig| Fault::Plane(PlaneError::Invalid(error.to_string().into()));
        let allowed = self.config.read().map_err(unclear)?.entries.len();
        let mut notes = vec![format!("packet filter: {version}"), format!("networks may be bound to {allowed} things")];
        match self.watch() {
            Ok(_) => {}
            Err(fault) if fault.is_denied() => notes.push(BLIND.to_owned()),
            Err(fault) => return Err(fault),
        }
        Ok(Ready { notes })
    }

    /// Everything that bears our mark.
    pub(crate) fn list(&self, ticket: &Ticket) -> Outcome<Vec<Observed>> {
        let mut sources = Sources::default();
        let mut list = Vec::new();
        for name in self.namespaces.names()? {
            match name.role() {
                Role::Source => list.extend(self.list_source(&name, &mut sources)?),
                Role::Router => list.extend(self.list_router(&name, &mut sources, ticket)?),
                Role::Subnet | Role::Bound | Role::Masqueraded => {}
            }
        }
        self.unguard_if_unneeded(ticket)?;
        Ok(list)
    }

    fn list_source(&self, name: &NamespaceName, sources: &mut Sources) -> Outcome<Vec<Observed>> {
        let Some(there) = sources.get(self, name)? else { return Ok(Vec::new()) };
        let Some(mark) = &there.mark else { return Ok(Vec::new()) };
        self.attend(&there.namespace);
        let source = Arc::new(mark.source.clone());
        let hosts = self.list_hosts(name, Arc::clone(&source))?;
        Ok(std::iter::once(Observed::Network { source, digest: there.digest() }).chain(hosts).collect())
    }

    /// Answers names in every network that is there or will be.
    pub(crate) fn serve_names(&self, runtime: Handle) -> Outcome<()> {
        self.files.write_resolver(RESOLVER)?;
        self.responder.get_or_init(|| Responder::new(runtime, self.config.allowed().upstream_dns));
        for name in self.namespaces.names()?.iter().filter(|name| name.role() == Role::Source) {
            self.namespace(name)?.iter().for_each(|namespace| self.attend(namespace));
        }
        Ok(())
    }

    /// Answers names in a network of a queue or pool, if that is done at all.
    pub(crate) fn attend(&self, namespace: &Namespace) {
        self.responder.get().into_iter().for_each(|responder| responder.attend(namespace, &self.files));
    }

    /// The namespace of that name, if it is there.
    pub(crate) fn namespace(&self, name: &NamespaceName) -> Outcome<Option<Arc<Namespace>>> {
        self.namespaces.get(name)
    }
}

/// The network that a peer starts from is not there, or not as the peer needs it: it will be made first.
pub(crate) fn absent(source: &SourceRef) -> PlaneError {
    PlaneError::retry(format!("the network of {source} is not there as specified"))
}
