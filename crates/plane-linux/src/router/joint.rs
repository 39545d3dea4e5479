use std::net::Ipv4Addr;

use linkspan_model::Cidr4;
use linkspan_plane::PlaneError;
use nix::errno::Errno;

use crate::addressing::{ROUTER_END, SOURCE_END, gateway, subnet_address};
use crate::error::{Fault, Outcome};
use crate::host::Host;
use crate::marks::LinkMark;
use crate::names::InterfaceName;
use crate::namespace::Namespace;
use crate::netlink::{Address, Link, NewLink, Request, Route, View};

/// A link between a router and another namespace, as it should be: a veth pair, an address at each end, and a route at
/// the end that needs one to find back.
#[derive(Debug, Clone)]
pub(super) struct Joint {
    mark: LinkMark,
    /// The router's end.
    near: End,
    /// The other one.
    far: End,
}

#[derive(Debug, Clone)]
struct End {
    name: InterfaceName,
    address: Ipv4Addr,
    prefix: u8,
    /// What is behind the link, and the address to send it to.
    route: Option<(Cidr4, Ipv4Addr)>,
}

/// What is to be done at both ends of a link that is there.
#[derive(Debug)]
pub(super) struct Joined {
    /// The far end's interface.
    pub(super) far_index: u32,
    pub(super) near_requests: Vec<Request>,
    pub(super) far_requests: Vec<Request>,
}

impl Joint {
    /// With the network of a queue or pool.
    pub(super) fn with_source(mark: &LinkMark, cidr: Cidr4) -> Self {
        let back = Some((cidr, SOURCE_END));
        let near = End { name: mark.leads_to.interface(), address: ROUTER_END, prefix: 32, route: back };
        let far = End { name: mark.router.interface(), address: SOURCE_END, prefix: 32, route: None };
        Self { mark: mark.clone(), near, far }
    }

    /// With a subnet's own namespace.
    pub(super) fn with_subnet(mark: &LinkMark, cidr: Cidr4) -> Self {
        let prefix = cidr.prefix();
        let out = Some((Cidr4::containing(Ipv4Addr::UNSPECIFIED, 0), gateway(cidr)));
        let near = End { name: mark.leads_to.interface(), address: gateway(cidr), prefix, route: None };
        let far = End { name: mark.router.interface(), address: subnet_address(cidr), prefix, route: out };
        Self { mark: mark.clone(), near, far }
    }

    /// Both ends, if they are there, ours, and each other's.
    pub(super) fn ends<'a>(&self, near: &'a View, far: &'a View) -> Option<(&'a Link, &'a Link)> {
        let (near, far) = (self.near.link(near)?, self.far.link(far)?);
        let ours = [near, far].iter().all(|link| *link.alias == *self.mark.to_string());
        let paired = near.other_end == far.index && far.other_end == near.index;
        (ours && paired).then_some((near, far))
    }

    /// Whether there is nothing to do.
    pub(super) fn is_whole(&self, near: &View, far: &View) -> bool {
        self.ends(near, far).is_some_and(|(near_link, far_link)| {
            near_link.carrier && self.near.is_whole(near_link, near) && self.far.is_whole(far_link, far)
        })
    }

    /// Makes the pair if it is not there, and says what else is to be done.
    pub(super) fn join(
        &self,
        host: &Host,
        (near, near_view): (&Namespace, &View),
        (far, far_view): (&Namespace, &View),
    ) -> Outcome<Joined> {
        if let Some((near_link, far_link)) = self.ends(near_view, far_view) {
            return Ok(Joined {
                far_index: far_link.index,
                near_requests: self.near.mend(near_link, near_view, &self.mark),
                far_requests: self.far.mend(far_link, far_view, &self.mark),
            });
        }
        self.clear((near, near_view), host)?;
        self.clear((far, far_view), host)?;
        let pair = NewLink { here: self.near.name.as_str(), there: self.far.name.as_str() };
        near.apply(("make a link", vec![pair.create(far)]), &host.writes)?;
        let (near_link, far_link) = (self.near.find(near)?, self.far.find(far)?);
        let nothing = View::default();
        Ok(Joined {
            far_index: far_link.index,
            near_requests: self.near.mend(&near_link, &nothing, &self.mark),
            far_requests: self.far.mend(&far_link, &nothing, &self.mark),
        })
    }

    /// Takes away what has one of the link's names and is no link any more. A mark that names others stays: then two
    /// pairs of namespaces have the same name, which nobody can bring about but a very unlucky one.
    fn clear(&self, (namespace, view): (&Namespace, &View), host: &Host) -> Outcome<()> {
        for end in [&self.near, &self.far] {
            let Some(link) = end.link(view) else { continue };
            let theirs: Option<LinkMark> = link.alias.parse().ok().filter(|mark| *mark != self.mark);
            if theirs.is_some() {
                let (with, why) = ("another link", "two networks of this host have the same name; rename one of them");
                return Err(PlaneError::Conflict { with: with.into(), why: why.into() }.into());
            }
            let delete = vec![Link::delete(link.index)];
            namespace.apply_unless(("remove what is left of a link", delete), &[Errno::ENODEV], &host.writes)?;
        }
        Ok(())
    }
}

impl End {
    fn link<'a>(&self, view: &'a View) -> Option<&'a Link> {
        view.link(self.name.as_str())
    }

    fn find(&self, namespace: &Namespace) -> Outcome<Link> {
        let link = Link::by_name(&namespace.netlink, self.name.as_str())?;
        link.ok_or_else(|| Fault::kernel("find a link that was just made", Errno::ENODEV))
    }

    fn own_address(&self, index: u32) -> Address {
        Address { index, address: self.address, prefix: self.prefix }
    }

    fn own_route(&self, index: u32) -> Option<Route> {
        let (destination, gateway) = self.route?;
        Some(Route { destination, gateway, index, metric: 0, source: None })
    }

    fn is_whole(&self, link: &Link, view: &View) -> bool {
        let route = self.own_route(link.index);
        link.up && view.has_address(&self.own_address(link.index)) && route.is_none_or(|route| view.has_route(&route))
    }

    /// What is missing at this end, and what is there of an earlier network.
    fn mend(&self, link: &Link, view: &View, mark: &LinkMark) -> Vec<Request> {
        let mut requests = Vec::new();
        if !link.up || *link.alias != *mark.to_string() {
            requests.push(Link::raise(self.name.as_str(), &mark.to_string()));
        }
        let address = self.own_address(link.index);
        if !view.has_address(&address) {
            requests.push(address.put());
        }
        if let Some(route) = self.own_route(link.index) {
            let stale = view.routes.iter().filter(|other| other.index == link.index && **other != route);
            requests.extend(stale.map(|other| other.delete()));
            if !view.has_route(&route) {
                requests.push(route.put());
            }
        }
        requests
    }
}
