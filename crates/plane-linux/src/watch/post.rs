use std::sync::Arc;

use nix::errno::Errno;

use crate::error::Outcome;
use crate::namespace::{Namespace, Namespaces};
use crate::netlink::number;
use crate::writes::Writes;

/// An empty namespace of this process, from which others are watched.
#[derive(Debug)]
pub(crate) struct Post {
    namespace: Namespace,
    /// What is done here is nothing that anybody could see.
    unseen: Writes,
}

impl Post {
    /// It is gone with this process, or when nothing is watched any more.
    pub(crate) fn make() -> Outcome<Arc<Self>> {
        let namespace = Namespaces::unnamed()?;
        Ok(Arc::new(Self { namespace, unseen: Writes::default() }))
    }

    /// Lets changes in a namespace be heard here.
    pub(crate) fn admit(&self, namespace: &Namespace) {
        let admitted = ("watch a network namespace", vec![number(namespace)]);
        if let Err(fault) = self.namespace.apply_unless(admitted, &[Errno::EEXIST], &self.unseen) {
            tracing::warn!(namespace = %namespace.name, %fault, "what others change there is noticed by the next full pass only");
        }
    }

    /// Opens sockets here.
    pub(super) fn inside<T: Send>(&self, work: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
        self.namespace.inside(work)
    }
}
