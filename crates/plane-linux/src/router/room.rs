//! What leads where behind a router. Networks that overlap would take each other's traffic without a word, so whatever
//! comes second is refused.
//!
//! A subnet's link stays when its last peer goes, because data sources live there; one whose addresses are wanted by
//! something else gives way, since it can only be what is left of a subnet that was replaced.

use std::collections::BTreeSet;

use linkspan_model::Cidr4;
use linkspan_plane::PlaneError;

use super::bound::Onward;
use super::state::Router;
use crate::error::Outcome;
use crate::host::Host;
use crate::names::{InterfaceName, NamespaceName, Role};

/// The networks behind a router, and what each of them is.
#[derive(Debug, Default)]
pub(super) struct Behind(Vec<(Cidr4, NamespaceName)>);

/// What is to be joined to a router.
#[derive(Debug)]
pub(super) struct Newcomer<'a> {
    pub(super) name: &'a NamespaceName,
    pub(super) networks: Vec<Cidr4>,
    /// Its name in `netd.toml`, if it is bound.
    pub(super) entry: Option<&'a str>,
}

impl<'a> Newcomer<'a> {
    /// The network of a queue or pool.
    pub(super) fn source(name: &'a NamespaceName, cidr: Cidr4) -> Self {
        Self { name, networks: vec![cidr], entry: None }
    }

    /// What a peer leads to.
    pub(super) fn onward(onward: &'a Onward<'_>) -> Self {
        match onward {
            Onward::Subnet(name, cidr) => Self { name, networks: vec![*cidr], entry: None },
            Onward::Binding(entry) => {
                Self { name: &entry.link, networks: entry.cidrs.clone(), entry: Some(entry.name.as_str()) }
            }
        }
    }
}

impl Router {
    /// The networks behind it.
    pub(super) fn behind(&self) -> Behind {
        let mut networks = Vec::new();
        for link in &self.view.links {
            let Some((_, mark)) = self.link(&InterfaceName::known(&link.name)) else { continue };
            let routes = self.view.routes.iter().filter(|route| route.index == link.index);
            networks.extend(routes.map(|route| (route.destination, mark.leads_to.clone())));
            // The router's own address is the same on the links of all queues and pools.
            if mark.leads_to.role() != Role::Source {
                let addresses = self.view.addresses.iter().filter(|address| address.index == link.index);
                let network = addresses.map(|address| Cidr4::containing(address.address, address.prefix));
                networks.extend(network.map(|network| (network, mark.leads_to.clone())));
            }
        }
        Behind(networks)
    }
}

impl Behind {
    pub(super) fn add(&mut self, Newcomer { name, networks, .. }: Newcomer<'_>) {
        self.0.extend(networks.into_iter().map(|network| (network, name.clone())));
    }

    /// What a newcomer would take traffic from or lose it to: a network of its own, and the other one.
    fn collisions(&self, newcomer: &Newcomer<'_>) -> impl Iterator<Item = (Cidr4, &(Cidr4, NamespaceName))> {
        let others = self.0.iter().filter(|(_, of)| of != newcomer.name);
        others.filter_map(|other| Some((*newcomer.networks.iter().find(|own| own.overlaps(other.0))?, other)))
    }
}

impl Host {
    /// Sees to it that nothing behind a router overlaps what is to be joined to it. `needed` are links that peers need
    /// which have no entry yet.
    pub(super) fn make_room(
        &self,
        router: &Router,
        (behind, needed): (&mut Behind, &BTreeSet<InterfaceName>),
        newcomer: &Newcomer<'_>,
    ) -> Outcome<()> {
        let mut giving_way = BTreeSet::new();
        for (own, (other, of)) in behind.collisions(newcomer) {
            let link = of.interface();
            let is_needed = needed.contains(&link) || router.rules.peers.values().any(|mark| mark.onward == link);
            if of.role() != Role::Subnet || is_needed {
                return Err(refusal(newcomer, own, (*other, of)).into());
            }
            giving_way.insert(of.clone());
        }
        if giving_way.is_empty() {
            return Ok(());
        }
        tracing::info!(router = %router.name(), ?giving_way, "unplugging subnets whose addresses are another network's now");
        behind.0.retain(|(_, of)| !giving_way.contains(of));
        let links: Vec<_> = giving_way.iter().map(NamespaceName::interface).collect();
        self.delete_links(&router.namespace, &links)
    }
}

fn refusal(newcomer: &Newcomer<'_>, own: Cidr4, (other, of): (Cidr4, &NamespaceName)) -> PlaneError {
    let with = match of.role() {
        Role::Source => format!("{other} of another queue or pool"),
        Role::Subnet => format!("{other} of another subnet of the same VPC"),
        _ => format!("{other}, to which another binding of the same VPC leads"),
    };
    let why = match (newcomer.name.role(), newcomer.entry) {
        (Role::Source, _) => {
            format!("{own} cannot be joined to this VPC; give the queue another CIDR, or use another VPC")
        }
        (_, Some(entry)) => format!(
            "this VPC cannot lead to {own} through `{entry}`, because some of it leads elsewhere; take that out of the \
             entry's cidrs in netd.toml, or use another VPC"
        ),
        _ => format!("subnet {own} cannot be joined to this VPC, because some of it leads elsewhere; use another VPC"),
    };
    PlaneError::Conflict { with: with.into(), why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr4 {
        text.parse().unwrap()
    }

    fn name(role: char) -> NamespaceName {
        NamespaceName::of_handle(&format!("{role}-{:032x}", u32::from(role))).unwrap()
    }

    #[test]
    fn networks_collide_with_every_part_of_others_and_not_with_their_own() {
        let networks = [("10.0.0.0/16", 'q'), ("192.168.10.0/24", 's'), ("172.16.0.0/12", 'm')];
        let behind = Behind(networks.map(|(network, role)| (cidr(network), name(role))).into());
        for (own, role, others) in [
            ("10.0.7.0/24", 'b', "q"),
            ("0.0.0.0/0", 'b', "qsm"),
            ("192.168.10.7/32", 'm', "s"),
            ("192.168.10.0/24", 's', ""),
            ("192.168.11.0/24", 'b', ""),
            ("172.31.0.0/16", 's', "m"),
        ] {
            let name = name(role);
            let newcomer = Newcomer { name: &name, networks: vec![cidr("198.51.100.0/24"), cidr(own)], entry: None };
            let met: Vec<_> = behind.collisions(&newcomer).collect();
            assert!(met.iter().all(|(met, _)| *met == cidr(own)));
            let met: String = met.iter().map(|(_, (_, of))| &of.as_str()[..1]).collect();
            assert_eq!(met, others, "{own}");
        }
    }

    #[test]
    fn a_refusal_names_both_networks_and_what_to_do() {
        let (queue, subnet, entry) = (name('q'), name('s'), name('m'));
        let whole = cidr("10.0.0.0/8");
        let newcomer = |name, entry| Newcomer { name, networks: vec![whole], entry };
        for (newcomer, of, said) in [
            (newcomer(&queue, None), &subnet, ["give the queue another CIDR", "10.1.0.0/16 of another subnet"]),
            (newcomer(&entry, Some("lan")), &subnet, ["`lan`", "10.1.0.0/16 of another subnet"]),
            (newcomer(&subnet, None), &entry, ["subnet 10.0.0.0/8", "another binding of the same VPC"]),
            (newcomer(&entry, Some("lan")), &queue, ["netd.toml", "another queue or pool"]),
        ] {
            let refusal = refusal(&newcomer, whole, (cidr("10.1.0.0/16"), of)).to_string();
            assert!(said.iter().all(|said| refusal.contains(said)) && refusal.contains("10.0.0.0/8"), "{refusal}");
        }
    }
}
