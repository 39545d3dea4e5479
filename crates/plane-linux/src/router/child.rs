use nix::errno::Errno;

use super::joint::End;
use super::state::Router;
use crate::allowed::Entry;
use crate::error::{Fault, Outcome};
use crate::host::Host;
use crate::marks::LinkMark;
use crate::namespace::Namespace;
use crate::netlink::{Link, NewChild, View};
use linkspan_plane::PlaneError;

/// An interface of a router that is made out of one of the host's, as it should be: the host's own stays where and as it
/// is, and its addresses are not reached over it.
#[derive(Debug)]
pub(super) struct Child {
    mark: LinkMark,
    end: End,
    /// The host's interface.
    parent: u32,
    vlan: Option<u16>,
}

impl Child {
    pub(super) fn new(mark: &LinkMark, entry: &Entry, (parent, vlan): (u32, Option<u16>)) -> Self {
        let end = End::new(mark.leads_to.interface(), Some((entry.address.address, 32)), Some(entry.routes()));
        Self { mark: mark.clone(), end, parent, vlan }
    }

    pub(super) fn is_whole(&self, view: &View) -> bool {
        self.link(view).is_some_and(|link| self.end.is_whole(link, view))
    }

    fn link<'a>(&self, view: &'a View) -> Option<&'a Link> {
        let ours = |link: &&Link| *link.alias == *self.mark.to_string() && link.other_end == self.parent;
        self.end.link(view).filter(ours)
    }

    pub(super) fn make(&self, host: &Host, router: &Router, parents: &Namespace) -> Outcome<()> {
        let what = "give a router an interface of the host's";
        if let Some(link) = self.link(&router.view) {
            return router.namespace.apply((what, self.end.mend(link, &router.view, &self.mark)), &host.writes);
        }
        if let Some(left) = self.end.link(&router.view) {
            let delete = ("remove what is left of a link", vec![Link::delete(left.index)]);
            router.namespace.apply_unless(delete, &[Errno::ENODEV], &host.writes)?;
        }
        let name = self.mark.leads_to.interface();
        let new = NewChild { name: name.as_str(), parent: self.parent, vlan: self.vlan };
        let made = parents.apply((what, vec![new.create(&*router.namespace)]), &host.writes);
        made.map_err(|fault| self.refused(fault))?;
        let link = self.end.find(&router.namespace)?;
        router.namespace.apply((what, self.end.mend(&link, &View::default(), &self.mark)), &host.writes)
    }

    /// What the kernel means.
    fn refused(&self, fault: Fault) -> Fault {
        let Fault::Kernel { errno, .. } = &fault else { return fault };
        let kind = if self.vlan.is_some() { "VLAN (8021q)" } else { "macvlan" };
        Fault::Plane(match errno {
            Errno::EOPNOTSUPP => PlaneError::Unsupported(
                format!("the kernel of this host has no {kind} interfaces: load the module, or bind to a bridge")
                    .into(),
            ),
            Errno::EEXIST => PlaneError::Conflict {
                with: "an interface of the host".into(),
                why: "this VLAN is in use on this host already; bind to a bridge over it".into(),
            },
            Errno::EBUSY | Errno::EINVAL => PlaneError::Invalid(
                format!("the host's interface cannot have {kind} interfaces, perhaps because it is a port of a bridge")
                    .into(),
            ),
            _ => return fault,
        })
    }
}
