use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use super::queue::Key;
use crate::spec::{SourceNet, SourceRef};

/// Which networks of queues and pools are known to be in place, so that a peer is made only in one that is. Holds those
/// that were worked on lately; forgetting one costs a call that changes nothing.
#[derive(Debug, Default)]
pub(super) struct Networks {
    known: HashMap<SourceRef, Network>,
}

#[derive(Debug)]
struct Network {
    net: Arc<SourceNet>,
    in_place: bool,
    /// The last full pass by whose number a peer went through here.
    used: u64,
    waiting: Vec<Key>,
}

impl Networks {
    /// Whether a network is in place as a peer needs it. If not, it is wanted now, and `key` waits for it.
    pub(super) fn admits(&mut self, net: &Arc<SourceNet>, key: &Key, pass: u64) -> bool {
        let network = self.want(net, pass);
        if !network.in_place {
            network.waiting.push(key.clone());
        }
        network.in_place
    }

    fn want(&mut self, net: &Arc<SourceNet>, pass: u64) -> &mut Network {
        let absent = || Network { net: net.clone(), in_place: false, used: pass, waiting: Vec::new() };
        let network = self.known.entry(net.source.clone()).or_insert_with(absent);
        network.used = pass;
        if network.net != *net {
            network.net = net.clone();
            network.in_place = false;
        }
        network
    }

    /// A full pass found a network missing or altered.
    pub(super) fn lost(&mut self, net: &Arc<SourceNet>, pass: u64) {
        self.want(net, pass).in_place = false;
    }

    /// A peer could not be made; perhaps because its network is not what it seemed.
    pub(super) fn doubt(&mut self, source: &SourceRef) {
        if let Some(network) = self.known.get_mut(source) {
            network.in_place = false;
        }
    }

    /// The network that is wanted and not in place.
    pub(super) fn missing(&self, source: &SourceRef) -> Option<Arc<SourceNet>> {
        self.known.get(source).filter(|network| !network.in_place).map(|network| network.net.clone())
    }

    /// Whether anything is known of it.
    pub(super) fn knows(&self, source: &SourceRef) -> bool {
        self.known.contains_key(source)
    }

    /// Lets `key` wait for a network that is wanted and not in place; false if it is not.
    pub(super) fn wait(&mut self, source: &SourceRef, key: &Key) -> bool {
        let network = self.known.get_mut(source).filter(|network| !network.in_place);
        network.map(|network| network.waiting.push(key.clone())).is_some()
    }

    /// A network was made. Returns who waited for it; nobody if another is wanted by now.
    pub(super) fn made(&mut self, net: &SourceNet) -> Vec<Key> {
        match self.known.get_mut(&net.source) {
            Some(network) if *network.net == *net => {
                network.in_place = true;
                mem::take(&mut network.waiting)
            }
            _ => Vec::new(),
        }
    }

    /// A network could not be made. Returns who waited for it.
    pub(super) fn failed(&mut self, source: &SourceRef) -> Vec<Key> {
        self.known.remove(source).map(|network| network.waiting).unwrap_or_default()
    }

    /// Forgets a network that a pass of that number found unneeded; false if a peer came for it since.
    pub(super) fn release(&mut self, source: &SourceRef, pass: u64) -> bool {
        let needed = self.known.get(source).is_some_and(|network| network.used >= pass || !network.waiting.is_empty());
        if !needed {
            self.known.remove(source);
        }
        !needed
    }

    /// Forgets those that nobody used for two passes.
    pub(super) fn prune(&mut self, pass: u64) {
        self.known.retain(|_, network| !network.waiting.is_empty() || network.used + 2 > pass);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::samples;

    #[test]
    fn peers_wait_for_the_network_they_need_and_for_no_other() {
        let mut networks = Networks::default();
        let key = Key::Peer(samples::mark(1).peer);
        let (old, new) = (samples::source("q", "10.0.0.0/24"), samples::source("q", "10.0.1.0/24"));
        assert!(!networks.admits(&old, &key, 1));
        assert!(!networks.admits(&new, &key, 1));
        assert_eq!(networks.made(&old), []);
        assert_eq!(networks.made(&new), [key.clone(), key.clone()]);
        assert!(networks.admits(&new, &key, 1));
        networks.doubt(&new.source);
        assert_eq!(networks.missing(&new.source), Some(new.clone()));
        assert!(networks.wait(&new.source, &key));
        assert_eq!(networks.failed(&new.source), [key]);
    }

    #[test]
    fn a_network_that_a_peer_came_for_since_the_pass_is_not_released() {
        let mut networks = Networks::default();
        let net = samples::source("q", "10.0.0.0/24");
        let key = Key::Peer(samples::mark(1).peer);
        networks.admits(&net, &key, 3);
        networks.made(&net);
        assert!(!networks.release(&net.source, 3));
        assert!(networks.release(&net.source, 4) && !networks.knows(&net.source));
        networks.admits(&net, &key, 3);
        networks.made(&net);
        networks.prune(4);
        assert!(networks.knows(&net.source));
        networks.prune(5);
        assert!(!networks.knows(&net.source));
    }
}
