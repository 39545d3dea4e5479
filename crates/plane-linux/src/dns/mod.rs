//! Names of the networks of queues and pools: one responder for all of them.
//!
//! A socket stays in the namespace that it was opened in, so each network has its own at [`ADDRESS`], while one event
//! loop reads them all and never waits for a file. What a host record names is answered from memory; every other name
//! goes to the upstream that the operator has set, from this process's own network, or does not exist.
//!
//! Invariants: a network's names are its own, so equal names in different projects never meet; a name that has a record
//! is never asked of the upstream, whatever the type; what is forwarded at a time is bounded, for each network and for
//! all, and no network takes the places of another (`share.rs`); an answer is taken only from the upstream, to the
//! question that was asked, under a number nobody can guess.
//!
//! It must not cache, nor change anything on the host. To answer one more type: see `answer.rs`.

mod answer;
mod forward;
mod records;
mod serve;
mod share;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use self::records::Records;
use self::serve::Serving;
use self::share::{Share, Shared};
use crate::error::{Fault, Outcome};
use crate::hosts::HostFiles;
use crate::names::NamespaceName;
use crate::namespace::Namespace;

/// Where names are asked for in every network. Its port is what resolvers know.
const ADDRESS: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 53), 53);
/// What `/etc/resolv.conf` says in such a network.
pub(crate) const RESOLVER: &str = "# Linkspan answers for this network.\nnameserver 127.0.0.53\n";

/// Answers in every network that it was told of, until it is dropped.
#[derive(Debug)]
pub(crate) struct Responder {
    runtime: Handle,
    upstream: Option<SocketAddr>,
    forwarding: Shared,
    serving: Mutex<HashMap<NamespaceName, Attended>>,
}

/// Which namespace it is that is answered in, and what does it.
type Attended = ((u64, u64), AbortHandle);

impl Responder {
    /// One that works on a runtime.
    pub(crate) fn new(runtime: Handle, upstream: Option<SocketAddr>) -> Self {
        Self { runtime, upstream, forwarding: Shared::default(), serving: Mutex::default() }
    }

    /// Answers in a namespace as well, if it does not yet. Where it can't, the hosts file is all there is.
    pub(crate) fn attend(&self, namespace: &Namespace, files: &Arc<HostFiles>) {
        let mut serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
        if serving.get(&namespace.name).is_some_and(|(known, task)| *known == namespace.identity && !task.is_finished())
        {
            return;
        }
        // The one before, of a namespace that is no more, must let go first.
        if let Some((_, task)) = serving.remove(&namespace.name) {
            task.abort();
        }
        match self.begin(namespace, files) {
            Ok(task) => drop(serving.insert(namespace.name.clone(), (namespace.identity, task))),
            Err(fault) => tracing::warn!(namespace = %namespace.name, %fault, "names are not answered there"),
        }
    }

    /// Answers there no more.
    pub(crate) fn leave(&self, name: &NamespaceName) {
        let left = self.serving.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        left.into_iter().for_each(|(_, task)| task.abort());
    }

    fn begin(&self, namespace: &Namespace, files: &Arc<HostFiles>) -> Outcome<AbortHandle> {
        let failed = |error| Fault::io("answer names in a network", &error);
        let sockets = namespace.inside(|| {
            let sockets = (UdpSocket::bind(ADDRESS).map_err(failed)?, TcpListener::bind(ADDRESS).map_err(failed)?);
            sockets.0.set_nonblocking(true).map_err(failed)?;
            sockets.1.set_nonblocking(true).map_err(failed)?;
            Ok(sockets)
        })?;
        let _within = self.runtime.enter();
        let datagrams = tokio::net::UdpSocket::from_std(sockets.0).map_err(failed)?;
        let connections = tokio::net::TcpListener::from_std(sockets.1).map_err(failed)?;
        let share = Share::new(namespace.name.clone(), &self.forwarding);
        let serving = Serving::new(Records::new(namespace.name.clone(), Arc::clone(files)), self.upstream, share);
        Ok(self.runtime.spawn(serving.run(datagrams, connections)).abort_handle())
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        let serving = self.serving.get_mut().unwrap_or_else(PoisonError::into_inner);
        serving.drain().for_each(|(_, (_, task))| task.abort());
    }
}
