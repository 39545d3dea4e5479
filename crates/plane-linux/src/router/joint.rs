use std::net::Ipv4Addr;

use linkspan_model::Cidr4;
use linkspan_plane::PlaneError;
use nix::errno::Errno;

use super::bound::in_use;
use crate::addressing::{ROUTER_END, SOURCE_END, gateway, subnet_address};
use crate::allowed::{Entry, Target};
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
    /// The hardware address of the router's end, where rules of the host know it by that.
    hardware: Option<[u8; 6]>,
}

#[derive(Debug, Clone)]
pub(super) struct End {
    name: InterfaceName,
    address: Option<(Ipv4Addr, u8)>,
    /// All routes of ours over the link, each network with the address to send it to, unspecified for what is on the
    /// link; none = others say which there are.
    routes: Option<Vec<(Cidr4, Ipv4Addr)>>,
    /// The bridge that it is a port of, by its index.
    bridge: Option<u32>,
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
        let near = End::new(mark.leads_to.interface(), Some((ROUTER_END, 32)), Some(vec![(cidr, SOURCE_END)]));
        let far = End::new(mark.router.interface(), Some((SOURCE_END, 32)), None);
        Self { mark: mark.clone(), near, far, hardware: None }
    }

    /// With a subnet's own namespace.
    pub(super) fn with_subnet(mark: &LinkMark, cidr: Cidr4) -> Self {
        let prefix = cidr.prefix();
        let out = vec![(Cidr4::containing(Ipv4Addr::UNSPECIFIED, 0), gateway(cidr))];
        let near = End::new(mark.leads_to.interface(), Some((gateway(cidr), prefix)), None);
        let far = End::new(mark.router.interface(), Some((subnet_address(cidr), prefix)), Some(out));
        Self { mark: mark.clone(), near, far, hardware: None }
    }

    /// With something of the host. The router's address is alone in its network, so that the only routes over the link
    /// are those to what its administrator allows.
    pub(super) fn with_binding(mark: &LinkMark, entry: &Entry, bridge: Option<u32>) -> Self {
        let address = entry.address.address;
        let near = End::new(mark.leads_to.interface(), Some((address, 32)), Some(entry.routes()));
        let mut far = End { bridge, ..End::new(mark.leads_to.outer_interface(), None, None) };
        if let Target::Namespace(_, inside) = &entry.target {
            far.address = inside.map(|inside| (inside, 32));
            far.routes = Some(vec![(Cidr4::containing(address, 32), Ipv4Addr::UNSPECIFIED)]);
        }
        Self { mark: mark.clone(), near, far, hardware: Some(hardware_address(mark)) }
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
        let (here, there) = (self.near.name.as_str(), self.far.name.as_str());
        let pair = NewLink { here, there, hardware: self.hardware };
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
            if theirs.as_ref().is_some_and(|theirs| theirs.leads_to == self.mark.leads_to) {
                return Err(in_use().into());
            }
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
    pub(super) fn new(
        name: InterfaceName,
        address: Option<(Ipv4Addr, u8)>,
        routes: Option<Vec<(Cidr4, Ipv4Addr)>>,
    ) -> Self {
        Self { name, address, routes, bridge: None }
    }

    pub(super) fn link<'a>(&self, view: &'a View) -> Option<&'a Link> {
        view.link(self.name.as_str())
    }

    pub(super) fn find(&self, namespace: &Namespace) -> Outcome<Link> {
        let link = Link::by_name(&namespace.netlink, self.name.as_str())?;
        link.ok_or_else(|| Fault::kernel("find a link that was just made", Errno::ENODEV))
    }

    fn own_address(&self, index: u32) -> Option<Address> {
        self.address.map(|(address, prefix)| Address { index, address, prefix })
    }

    fn own_routes(&self, index: u32) -> Option<Vec<Route>> {
        let route = |(destination, gateway): &(Cidr4, Ipv4Addr)| Route {
            destination: *destination,
            gateway: *gateway,
            index,
            metric: 0,
            source: None,
        };
        self.routes.as_ref().map(|routes| routes.iter().map(route).collect())
    }

    pub(super) fn is_whole(&self, link: &Link, view: &View) -> bool {
        let routes = self.own_routes(link.index);
        link.up
            && self.bridge.is_none_or(|bridge| link.bridge == bridge)
            && self.own_address(link.index).is_none_or(|address| view.has_address(&address))
            && routes.is_none_or(|routes| routes.iter().all(|route| view.has_route(route)))
    }

    /// What is missing at this end, and what is there of an earlier network.
    pub(super) fn mend(&self, link: &Link, view: &View, mark: &LinkMark) -> Vec<Request> {
        let mut requests = Vec::new();
        if let Some(bridge) = self.bridge.filter(|bridge| link.bridge != *bridge) {
            requests.push(Link::join_bridge(self.name.as_str(), bridge));
        }
        if !link.up || *link.alias != *mark.to_string() {
            requests.push(Link::raise(self.name.as_str(), &mark.to_string()));
        }
        if let Some(address) = self.own_address(link.index).filter(|address| !view.has_address(address)) {
            requests.push(address.put());
        }
        if let Some(routes) = self.own_routes(link.index) {
            let stale = view.routes.iter().filter(|other| other.index == link.index && !routes.contains(other));
            requests.extend(stale.map(|other| other.delete()));
            requests.extend(routes.iter().filter(|route| !view.has_route(route)).map(|route| route.put()));
        }
        requests
    }
}

/// Begins the hardware addresses of routers' ends that the host's own rules know. It is a locally administered one.
pub(crate) const HARDWARE_PREFIX: [u8; 3] = [0x06, 0x6c, 0x73];

/// The hardware address of a router's end: the same whenever it is made again, so that neighbours need not learn it anew.
fn hardware_address(mark: &LinkMark) -> [u8; 6] {
    let digest = mark.leads_to.as_str().get(2..8).and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or_default();
    let ([a, b, c], [_, d, e, f]) = (HARDWARE_PREFIX, digest.to_be_bytes());
    [a, b, c, d, e, f]
}
