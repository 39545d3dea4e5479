use std::collections::BTreeSet;
use std::sync::Arc;

use linkspan_model::PeerId;
use linkspan_plane::Observed;

use super::state::{Router, Sources};
use crate::allowed::Allowed;
use crate::error::Outcome;
use crate::host::Host;
use crate::locks::{Mode, Scope};
use crate::marks::PeerMark;
use crate::names::{InterfaceName, NamespaceName};
use crate::namespace::Namespace;
use crate::work::Ticket;

impl Host {
    /// The peers of a router, once nothing is there that must not be.
    pub(crate) fn list_router(
        &self,
        name: &NamespaceName,
        sources: &mut Sources,
        ticket: &Ticket,
    ) -> Outcome<Vec<Observed>> {
        let Some(namespace) = self.namespace(name)? else { return Ok(Vec::new()) };
        let router = self.sweep(namespace, &sources.allowed(self), ticket)?;
        let mut list = Vec::with_capacity(router.rules.peers.len());
        for (peer, mark) in &router.rules.peers {
            let intact = router.is_whole(self, mark, sources)?;
            list.push(observed(*peer, mark, intact));
        }
        Ok(list)
    }

    /// One peer, wherever it is; none if it is nowhere. Other routers are asked for their tables of peers only.
    pub(crate) fn observe(&self, id: PeerId) -> Outcome<Option<Observed>> {
        for name in self.routers()? {
            let Some(namespace) = self.namespace(&name)? else { continue };
            if !self.filter.read(&self.namespaces, &namespace)?.peers.contains_key(&id) {
                continue;
            }
            let router = Router::read(self, namespace)?;
            // It may have gone in between.
            let Some(mark) = router.rules.peers.get(&id) else { continue };
            return Ok(Some(observed(id, mark, router.is_whole(self, mark, &mut Sources::default())?)));
        }
        Ok(None)
    }

    /// Cuts what leads where it is no longer allowed to, at every router. One that can't be read keeps none of the others
    /// from it, and what went wrong first is told.
    pub(crate) fn keep_to(&self, allowed: &Allowed, ticket: &Ticket) -> Outcome<()> {
        let swept = self.routers()?.into_iter().map(|name| match self.namespace(&name)? {
            Some(namespace) => self.sweep(namespace, allowed, ticket).map(drop),
            None => Ok(()),
        });
        // All of them, before any is looked at.
        let swept: Vec<_> = swept.collect();
        swept.into_iter().collect::<Outcome<()>>()?;
        self.unguard_if_unneeded(ticket)
    }

    /// A router without what must not be there. The caller does not hold it.
    fn sweep(&self, namespace: Arc<Namespace>, allowed: &Allowed, ticket: &Ticket) -> Outcome<Router> {
        let router = Router::read(self, namespace)?;
        if Surplus::of(&router, allowed).is_none() {
            return Ok(router);
        }
        let _held = self.locks.take(vec![(Scope::Namespace(router.name().clone()), Mode::Alone)], ticket)?;
        self.sweep_held(router.namespace, allowed)
    }

    /// The same to a router that the caller holds alone.
    pub(super) fn sweep_held(&self, namespace: Arc<Namespace>, allowed: &Allowed) -> Outcome<Router> {
        let router = Router::read(self, namespace)?;
        let Some(Surplus { peers, links }) = Surplus::of(&router, allowed) else { return Ok(router) };
        if !peers.is_empty() {
            tracing::warn!(router = %router.name(), ?peers, "cutting peers that lead where netd.toml no longer allows them to");
        }
        tracing::info!(router = %router.name(), ?links, "removing what no peer needs");
        self.clear(&router, &peers, links)?;
        Router::read(self, router.namespace)
    }
}

fn observed(peer: PeerId, mark: &PeerMark, intact: bool) -> Observed {
    Observed::Peer { peer, generation: mark.generation, digest: mark.digest, intact }
}

/// What must not be there: peers that lead out over what is not allowed, and all that is on their links and on those
/// that no peer needs. What is there of peers that have no entry bears no name that anybody could ask to be removed.
struct Surplus {
    peers: BTreeSet<PeerId>,
    links: BTreeSet<InterfaceName>,
}

impl Surplus {
    fn of(router: &Router, allowed: &Allowed) -> Option<Self> {
        let legal: BTreeSet<_> = allowed.entries.iter().map(|entry| entry.link.interface()).collect();
        let (mut peers, mut links) = (BTreeSet::new(), leftovers(router));
        for (peer, mark) in &router.rules.peers {
            if mark.onward.leads_outside() && !legal.contains(&mark.onward) {
                peers.insert(*peer);
                links.insert(mark.link.clone());
            }
        }
        (!peers.is_empty() || !links.is_empty()).then_some(Self { peers, links })
    }
}

/// Links towards queues and pools, links to things of the host, and permits, that no peer needs.
fn leftovers(router: &Router) -> BTreeSet<InterfaceName> {
    let links =
        router.view.links.iter().map(|link| InterfaceName::known(&link.name)).filter(InterfaceName::leads_to_source);
    let permits = router.rules.permits.iter().map(|permit| permit.link.clone());
    let unneeded = links.chain(permits).filter(|link| router.peers_over(link).next().is_none());
    unneeded.chain(router.unused_bindings(&BTreeSet::new())).collect()
}
