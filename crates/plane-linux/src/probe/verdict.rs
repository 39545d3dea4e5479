use linkspan_plane::{Certainty, Verdict};
use nix::errno::Errno;

use super::Seen;
use super::attempt::Ending;
use super::icmp::Heard;
use crate::addressing::ROUTER_END;
use crate::netlink::Neighbour;

/// The codes of "destination unreachable" (RFC 792, RFC 1812) that say something here.
const NETWORK: u8 = 0;
const HOST: u8 = 1;
const NETWORK_PROHIBITED: u8 = 9;
const HOST_PROHIBITED: u8 = 10;
const PROHIBITED: u8 = 13;
const UNREACHABLE: u8 = 3;

/// What all that was seen means, and how sure that is.
pub(super) fn judge(seen: &Seen) -> (Verdict, Certainty) {
    let Some((_, link)) = &seen.route else { return (Verdict::NoRouteInQueue, Certainty::Proved) };
    if !link.carrier {
        return (Verdict::PeerLinkDown, Certainty::Proved);
    }
    let heard = seen.attempt.as_ref().and_then(|attempt| attempt.heard);
    match (seen.ending(), heard) {
        (Some(Ending::Open), _) => (Verdict::Reachable, Certainty::Proved),
        (Some(Ending::Failed(Errno::ECONNREFUSED)), _) => (Verdict::ConnectionRefused, Certainty::Proved),
        (Some(Ending::Failed(Errno::ENETUNREACH)), None) => (Verdict::NoRouteInQueue, Certainty::Proved),
        (_, Some(heard)) => said(heard, seen),
        _ => silence(seen),
    }
}

/// Somebody on the way said why.
fn said(Heard { kind, code, from }: Heard, seen: &Seen) -> (Verdict, Certainty) {
    let by_router = from == ROUTER_END;
    let certainty = if by_router { Certainty::Proved } else { Certainty::Inferred };
    // A route that refuses, and one that is unreachable, speak as a rule and a dead host would.
    if by_router && seen.router.as_ref().is_some_and(|router| router.route.is_none()) {
        return (Verdict::NoRouteAtRouter, Certainty::Proved);
    }
    match (kind, code) {
        (UNREACHABLE, PROHIBITED) if by_router && is_foreign(seen) => {
            (Verdict::ForeignRuleAtRouter, Certainty::Inferred)
        }
        (UNREACHABLE, PROHIBITED) if by_router => (Verdict::BlockedByPolicy, certainty),
        // Who forbids an echo is there.
        (UNREACHABLE, NETWORK_PROHIBITED | HOST_PROHIBITED | PROHIBITED) if seen.by_echo && !by_router => {
            (Verdict::Reachable, Certainty::Inferred)
        }
        (UNREACHABLE, NETWORK_PROHIBITED | HOST_PROHIBITED | PROHIBITED) => {
            (Verdict::SilentlyDroppedByDestination, Certainty::Proved)
        }
        (UNREACHABLE, HOST) => (Verdict::DestinationHostDown, certainty),
        (UNREACHABLE, NETWORK) => (Verdict::NoRouteAtRouter, certainty),
        _ => silence(seen),
    }
}

/// Whether rules that are none of ours may have stopped at the router what ours let through.
fn is_foreign(seen: &Seen) -> bool {
    seen.router.as_ref().is_some_and(|router| router.permitted && !router.foreign.is_empty())
}

/// Nobody said anything, so the tables of those on the way must.
fn silence(seen: &Seen) -> (Verdict, Certainty) {
    let Some(router) = &seen.router else { return (Verdict::SilentlyDroppedByDestination, Certainty::Inferred) };
    if router.route.is_none() || !router.forwards {
        return (Verdict::NoRouteAtRouter, Certainty::Proved);
    }
    if router.neighbour == Some(Neighbour::Silent) {
        return (Verdict::DestinationHostDown, Certainty::Proved);
    }
    if !router.returns {
        return (Verdict::NoReturnRouteAtRouter, Certainty::Proved);
    }
    if router.neighbour.is_none() {
        // It would have asked for the host's hardware address, had anything come that far.
        let verdict = if is_foreign(seen) { Verdict::ForeignRuleAtRouter } else { Verdict::BlockedByPolicy };
        return (verdict, Certainty::Inferred);
    }
    if seen.returns == Some(false) {
        return (Verdict::NoReturnRouteAtDestination, Certainty::Proved);
    }
    if seen.by_echo && router.neighbour == Some(Neighbour::Answered) {
        // Many hosts answer no echo; that one told the router its hardware address.
        return (Verdict::Reachable, Certainty::Inferred);
    }
    let certainty = if seen.returns == Some(true) { Certainty::Proved } else { Certainty::Inferred };
    (Verdict::SilentlyDroppedByDestination, certainty)
}
