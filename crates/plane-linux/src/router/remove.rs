use std::collections::BTreeSet;
use std::sync::Arc;

use linkspan_model::PeerId;
use nix::errno::Errno;

use super::state::{Router, Sources, routes_over};
use crate::error::Outcome;
use crate::host::Host;
use crate::locks::{Mode, Scope};
use crate::names::{InterfaceName, NamespaceName, Role};
use crate::namespace::Namespace;
use crate::netlink::Link;
use crate::rules::{Amendment, Permit, Rules};
use crate::work::Ticket;

/// The group of interfaces about to be deleted. Only the holder of a router's lock puts anything into it.
const DOOMED: u32 = 0x6c73_0001;

impl Host {
    /// The names of all routers that are there.
    pub(super) fn routers(&self) -> Outcome<Vec<NamespaceName>> {
        Ok(self.namespaces.names()?.into_iter().filter(|name| name.role() == Role::Router).collect())
    }

    /// All routers with their rules.
    pub(crate) fn known_peers(&self) -> Outcome<Vec<(NamespaceName, Arc<Rules>)>> {
        let mut known = Vec::new();
        for name in self.routers()? {
            if let Some(namespace) = self.namespace(&name)? {
                let rules = self.filter.read(&self.namespaces, &namespace)?;
                known.push((name, rules));
            }
        }
        Ok(known)
    }

    /// Removes peers of one router. The caller holds the router and the peers alone.
    pub(crate) fn remove_peers(&self, name: &NamespaceName, peers: &[PeerId]) -> Outcome<()> {
        let Some(namespace) = self.namespace(name)? else { return Ok(()) };
        let router = Router::read(self, namespace)?;
        let going: BTreeSet<PeerId> =
            peers.iter().copied().filter(|peer| router.rules.peers.contains_key(peer)).collect();
        let links =
            going.iter().filter_map(|peer| router.rules.peers.get(peer)).map(|mark| mark.link.clone()).collect();
        self.clear(&router, &going, links)
    }

    /// Removes what a network of a queue or pool has at all routers. The caller holds that network alone.
    pub(crate) fn detach_everywhere(&self, source: &NamespaceName, ticket: &Ticket) -> Outcome<()> {
        let link = source.interface();
        for name in self.routers()? {
            let Some(namespace) = self.namespace(&name)? else { continue };
            let joined = Link::by_name(&namespace.netlink, link.as_str())?.is_some();
            let known = self.filter.read(&self.namespaces, &namespace)?.peers.values().any(|mark| mark.link == link);
            if joined || known {
                let _held = self.locks.take(vec![(Scope::Namespace(name), Mode::Alone)], ticket)?;
                self.detach(namespace, &link)?;
            }
        }
        Ok(())
    }

    fn detach(&self, namespace: Arc<Namespace>, link: &InterfaceName) -> Outcome<()> {
        let router = Router::read(self, namespace)?;
        let going = router.peers_over(link).map(|(peer, _)| peer).collect();
        self.clear(&router, &going, BTreeSet::from([link.clone()]))
    }

    /// Removes peers and whatever else on these links belongs to nobody then.
    pub(super) fn clear(
        &self,
        router: &Router,
        going: &BTreeSet<PeerId>,
        links: BTreeSet<InterfaceName>,
    ) -> Outcome<()> {
        let mut sources = Sources::default();
        let (mut forbid, mut doomed) = (Vec::new(), Vec::new());
        let mut routes = Vec::new();
        for link in links.into_iter().chain(router.unused_bindings(going)) {
            let staying: BTreeSet<u32> = router
                .peers_over(&link)
                .filter(|(peer, _)| !going.contains(peer))
                .map(|(_, mark)| mark.metric)
                .collect();
            let source = match router.link(&link) {
                Some((_, mark)) => sources.get(self, &mark.leads_to)?,
                None => None,
            };
            let far = source.and_then(|source| {
                let index = source.view.link(router.name().interface().as_str())?.index;
                let there = routes_over(&source.view, index);
                Some((source, there))
            });
            let there = far.as_ref().map_or(&[][..], |(_, there)| there);
            let needed = |permit: &&Permit| {
                there.iter().any(|route| staying.contains(&route.metric) && route.destination == permit.destination)
            };
            forbid.extend(router.permits_of(&link).filter(|permit| !needed(permit)).cloned());
            if staying.is_empty() {
                doomed.extend(router.view.link(link.as_str()).map(|_| link));
            } else if let Some((source, there)) = far {
                routes.push((
                    source,
                    there.into_iter().filter(|route| !staying.contains(&route.metric)).collect::<Vec<_>>(),
                ));
            }
        }
        let cut = Amendment { forbid, ..Amendment::default() };
        self.filter.amend(&router.namespace, (&router.rules, &cut), &self.writes)?;
        for (source, stale) in routes {
            let delete = ("remove routes of a peer", stale.iter().map(|route| route.delete()).collect());
            source.namespace.apply_unless(delete, &[Errno::ESRCH, Errno::ENODEV], &self.writes)?;
        }
        self.delete_links(&router.namespace, &doomed)?;
        let rules = self.filter.read(&self.namespaces, &router.namespace)?;
        let strike = Amendment { strike: going.iter().copied().collect(), ..Amendment::default() };
        self.filter.amend(&router.namespace, (&rules, &strike), &self.writes)
    }

    /// All at once, because the kernel makes each deletion wait.
    pub(super) fn delete_links(&self, router: &Namespace, links: &[InterfaceName]) -> Outcome<()> {
        if links.is_empty() {
            return Ok(());
        }
        let mut requests: Vec<_> = links.iter().map(|link| Link::join_group(link.as_str(), DOOMED)).collect();
        requests.push(Link::delete_group(DOOMED));
        router.apply_unless(("remove links of a router", requests), &[Errno::ENODEV], &self.writes)
    }
}
