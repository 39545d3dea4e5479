use std::collections::BTreeSet;

use linkspan_plane::Observed;

use super::state::{Router, Sources};
use crate::error::Outcome;
use crate::host::Host;
use crate::locks::{Mode, Scope};
use crate::names::{InterfaceName, NamespaceName};
use crate::work::Ticket;

impl Host {
    /// The peers of a router. What is there of peers that have no entry any more bears no name that anybody could ask
    /// to be removed, so it is removed here.
    pub(crate) fn list_router(
        &self,
        name: &NamespaceName,
        sources: &mut Sources,
        ticket: &Ticket,
    ) -> Outcome<Vec<Observed>> {
        let Some(namespace) = self.namespace(name)? else { return Ok(Vec::new()) };
        let mut router = Router::read(self, namespace)?;
        if !leftovers(&router).is_empty() {
            let _held = self.locks.take(vec![(Scope::Namespace(name.clone()), Mode::Alone)], ticket)?;
            router = Router::read(self, router.namespace)?;
            let leftovers = leftovers(&router);
            if !leftovers.is_empty() {
                tracing::info!(router = %name, ?leftovers, "removing what no peer needs");
                self.clear(&router, &BTreeSet::new(), leftovers)?;
                router = Router::read(self, router.namespace)?;
            }
        }
        let mut list = Vec::with_capacity(router.rules.peers.len());
        for (peer, mark) in &router.rules.peers {
            let intact = router.is_whole(self, mark, sources)?;
            list.push(Observed::Peer { peer: *peer, generation: mark.generation, digest: mark.digest, intact });
        }
        Ok(list)
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
