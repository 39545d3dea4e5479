//! The reachability question, answered over a graph of routes, permits and links. Pure: a plane says what it has in
//! place, this says what that means. The simulated plane answers every probe with it; a real plane uses it to say what
//! its tables promise before it sends a packet.

use std::net::IpAddr;

use linkspan_model::{Cidr, Cidr4, PeerId};

use crate::spec::PeerSpec;
use crate::verdict::Verdict;

/// A set of addresses that a peer routes or permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage<'a> {
    /// None.
    Nothing,
    /// A subnet and custom routes. An unknown subnet covers every address, less specifically than any that is known.
    Of {
        /// The destination's subnet, if known.
        subnet: Option<Cidr4>,
        /// Custom routes.
        routes: &'a [Cidr],
    },
}

impl<'a> Coverage<'a> {
    /// What a specification asks for.
    #[must_use]
    pub fn of(spec: &'a PeerSpec) -> Self {
        Self::Of { subnet: spec.destination.cidr, routes: &spec.routes }
    }

    /// How specifically it covers an address (the longest prefix, in bits), or not at all.
    #[must_use]
    pub fn specificity(&self, address: IpAddr) -> Option<u8> {
        let Self::Of { subnet, routes } = self else { return None };
        let by_subnet = match subnet {
            Some(cidr) => prefix_over(&Cidr::V4(*cidr), address),
            None => Some(0),
        };
        routes.iter().filter_map(|cidr| prefix_over(cidr, address)).chain(by_subnet).max()
    }
}

fn prefix_over(cidr: &Cidr, address: IpAddr) -> Option<u8> {
    cidr.contains(address).then(|| cidr.prefix())
}

/// What a plane has in place for one peer of the queue that asks.
#[derive(Debug, Clone, Copy)]
pub struct PeerFacts<'a> {
    /// The peer.
    pub peer: PeerId,
    /// What the queue routes into it.
    pub routes: Coverage<'a>,
    /// What it lets through.
    pub permits: Coverage<'a>,
    /// Whether both ends of its link are up.
    pub link_up: bool,
    /// What is known to be wrong beyond the peer, if anything.
    pub beyond: Option<Verdict>,
}

/// What came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The verdict.
    pub verdict: Verdict,
    /// The peer that carries the traffic or stops it.
    pub peer: Option<PeerId>,
    /// How many peers the queue has in place, those that lead elsewhere included.
    pub in_place: usize,
}

/// Goes through a queue's peers one by one and keeps only the answer, so a queue may have any number of them.
///
/// The address is reachable if any peer carries it. If none does, the verdict is about the most specific route.
#[derive(Debug, Clone, Copy)]
pub struct Judge {
    address: IpAddr,
    in_place: usize,
    best: Option<Candidate>,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    peer: PeerId,
    specificity: u8,
    verdict: Verdict,
}

impl Judge {
    /// Nobody was heard yet.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        Self { address, in_place: 0, best: None }
    }

    /// Hears about one more peer of the queue.
    pub fn consider(&mut self, facts: &PeerFacts<'_>) {
        self.in_place += 1;
        let Some(specificity) = facts.routes.specificity(self.address) else { return };
        let verdict = if !facts.link_up {
            Verdict::PeerLinkDown
        } else if facts.permits.specificity(self.address).is_none() {
            Verdict::BlockedByPolicy
        } else {
            facts.beyond.unwrap_or(Verdict::Reachable)
        };
        let candidate = Candidate { peer: facts.peer, specificity, verdict };
        if self.best.is_none_or(|best| candidate.rank() > best.rank()) {
            self.best = Some(candidate);
        }
    }

    /// The answer.
    #[must_use]
    pub fn finish(self) -> Finding {
        match self.best {
            Some(best) => Finding { verdict: best.verdict, peer: Some(best.peer), in_place: self.in_place },
            None => Finding { verdict: Verdict::NoRouteInQueue, peer: None, in_place: self.in_place },
        }
    }
}

impl Candidate {
    fn rank(&self) -> (bool, u8, std::cmp::Reverse<PeerId>) {
        (self.verdict == Verdict::Reachable, self.specificity, std::cmp::Reverse(self.peer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::samples;

    const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 0, 9));

    /// A peer's number, the subnet it leads to, and what is wrong with it.
    type Sample<'a> = (u128, Option<&'a str>, fn(&mut PeerFacts<'_>));

    fn judge(peers: &[Sample<'_>]) -> Finding {
        let mut judge = Judge::new(ADDRESS);
        for (number, subnet, damage) in peers {
            let all = Coverage::Of { subnet: subnet.map(|text| text.parse().unwrap()), routes: &[] };
            let peer = samples::mark(*number).peer;
            let mut facts = PeerFacts { peer, routes: all, permits: all, link_up: true, beyond: None };
            damage(&mut facts);
            judge.consider(&facts);
        }
        judge.finish()
    }

    #[test]
    fn each_missing_part_has_its_verdict() {
        let whole = Some("192.168.0.0/24");
        let verdict = |subnet, damage| judge(&[(1, subnet, damage)]).verdict;
        assert_eq!(verdict(whole, |_| ()), Verdict::Reachable);
        assert_eq!(verdict(None, |_| ()), Verdict::Reachable);
        assert_eq!(verdict(Some("192.168.1.0/24"), |_| ()), Verdict::NoRouteInQueue);
        assert_eq!(verdict(whole, |peer| peer.routes = Coverage::Nothing), Verdict::NoRouteInQueue);
        assert_eq!(verdict(whole, |peer| peer.permits = Coverage::Nothing), Verdict::BlockedByPolicy);
        assert_eq!(verdict(whole, |peer| peer.link_up = false), Verdict::PeerLinkDown);
        let beyond = |peer: &mut PeerFacts<'_>| peer.beyond = Some(Verdict::ConnectionRefused);
        assert_eq!(verdict(whole, beyond), Verdict::ConnectionRefused);
        assert_eq!(judge(&[]), Finding { verdict: Verdict::NoRouteInQueue, peer: None, in_place: 0 });
    }

    #[test]
    fn any_peer_that_carries_it_is_enough_else_the_most_specific_is_blamed() {
        let down = |peer: &mut PeerFacts<'_>| peer.link_up = false;
        let blocked = |peer: &mut PeerFacts<'_>| peer.permits = Coverage::Nothing;
        let open = judge(&[(1, Some("192.168.0.0/24"), down), (2, Some("192.168.0.0/16"), |_| ())]);
        assert_eq!((open.verdict, open.peer), (Verdict::Reachable, Some(samples::mark(2).peer)));
        let shut = judge(&[(1, Some("192.168.0.0/16"), down), (2, Some("192.168.0.0/24"), blocked)]);
        assert_eq!((shut.verdict, shut.peer), (Verdict::BlockedByPolicy, Some(samples::mark(2).peer)));
        assert_eq!(shut.in_place, 2);
    }

    #[test]
    fn custom_routes_of_both_families_cover() {
        let routes: Vec<Cidr> = ["10.9.0.0/16", "2001:db8::/32"].iter().map(|text| text.parse().unwrap()).collect();
        let coverage = Coverage::Of { subnet: Some("192.168.0.0/24".parse().unwrap()), routes: &routes };
        assert_eq!(coverage.specificity("10.9.8.7".parse().unwrap()), Some(16));
        assert_eq!(coverage.specificity("2001:db8:1::1".parse().unwrap()), Some(32));
        assert_eq!(coverage.specificity("2001:db9::1".parse().unwrap()), None);
        assert_eq!(coverage.specificity(ADDRESS), Some(24));
    }
}
