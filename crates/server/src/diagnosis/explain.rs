//! What the records add to a report: a cause that no packet shows, and who can mend it.

use std::borrow::Cow;

use linkspan_model::{Peer, PeerState};
use linkspan_plane::{Act, Evidence, FOREIGN_RULES, ProbeReport, Progress, Stage, Verdict, Who};

use super::is_shut;
use super::records::{Known, out_of_bounds};

/// A cause as it is told.
struct Cause {
    summary: String,
    who: Who,
    what: String,
}

/// A cause that whoever manages the connection can mend.
fn tenants(summary: String, what: impl Into<String>) -> Option<Cause> {
    Some(Cause { summary, who: Who::Tenant, what: what.into() })
}

/// Puts what the records know into a report. What packets proved beyond the queue's own side is left as it is.
pub(super) fn explain(report: &mut ProbeReport, known: &Known) {
    report.peer = report.peer.or(known.peer.as_ref().map(|peer| peer.id));
    if let Some(peer) = &known.peer {
        saw(report, "record", status(peer).into());
    }
    let is_on_our_side = matches!(
        report.verdict,
        Verdict::DnsFailure | Verdict::NoRouteInQueue | Verdict::PeerLinkDown | Verdict::BlockedByPolicy
    );
    if !is_shut(report) || !is_on_our_side {
        return;
    }
    let cause = bound_elsewhere(known).or_else(|| unmade(known)).or_else(|| drifted(known, report.verdict));
    if let Some(Cause { summary, who, what }) = cause.or_else(|| unbound(known)) {
        report.summary = summary;
        report.act = Some(Act { who, what });
    }
}

/// Adds what the reconciler is waiting for.
pub(super) fn trouble(report: &mut ProbeReport, (peer, to_owner): (&Peer, bool), trouble: &Progress) {
    let (why, attempts) = (trouble.why.told(to_owner).to_owned(), trouble.attempts);
    saw(report, "waits for", why.clone());
    if is_shut(report) && matches!(peer.state, PeerState::Creating { .. } | PeerState::Active) {
        report.summary = format!("{} It was tried {attempts} times in vain: {why}", report.summary);
        report.act = Some(Act { who: Who::Operator, what: format!("mend what is in the way: {why}") });
    }
}

/// Leaves out what is the business of the connection's owner only.
pub(super) fn keep_from_grantee(report: &mut ProbeReport) {
    report.path.iter_mut().for_each(|hop| hop.evidence.retain(|seen| seen.what != FOREIGN_RULES));
}

fn saw(report: &mut ProbeReport, what: &'static str, value: String) {
    if let Some(hop) = report.path.iter_mut().find(|hop| hop.stage == Stage::Peering) {
        hop.evidence.push(Evidence { what: Cow::Borrowed(what), value });
    }
}

fn status(peer: &Peer) -> &'static str {
    match peer.state {
        PeerState::Creating { .. } => "CREATING",
        PeerState::Active => "ACTIVE",
        PeerState::Failed { .. } => "FAILED",
        PeerState::Cancelled => "CANCELLED",
        PeerState::Removing => "REMOVING",
    }
}

/// Addresses that no connection leads to, whatever it binds.
fn bound_elsewhere(known: &Known) -> Option<Cause> {
    let Known { source, target, .. } = known;
    if known.is_preset {
        let summary = "The preset queue default runs in a network of the service's own, which no connection joins.";
        return tenants(summary.to_owned(), "use a queue of your own, and bind it to a connection");
    }
    let address = known.address?;
    if address.is_ipv6() {
        return tenants(format!("{target} is IPv6, and {source} has IPv4 only.", source = source.name), {
            "name an IPv4 address of the data source"
        });
    }
    if known.peer.is_some() {
        return None;
    }
    if let Some(why) = out_of_bounds(address) {
        return tenants(format!("{address} {why}; no connection leads there."), "name the address of the data source");
    }
    let own = known.cidr.filter(|cidr| matches!(address, std::net::IpAddr::V4(address) if cidr.contains(address)))?;
    let summary = format!("{address} is of {}'s own network {own}, which holds no data source.", source.name);
    tenants(summary, "name the address of the data source, or move it out of the queue's range")
}

/// A peer that leads there and is not in place.
fn unmade(known: &Known) -> Option<Cause> {
    let (peer, target) = (known.peer.as_ref()?, &known.target);
    let (_, connection) = known.connection()?;
    let subject = format!("Connection {connection} leads to {target}, but its peer for {}", known.source.name);
    match (&peer.state, &known.impossible) {
        (PeerState::Failed { .. } | PeerState::Creating { .. }, Some(why)) => tenants(
            format!("{subject} can't be made. {why}"),
            "change what the reason names; the peer is made by itself then",
        ),
        (PeerState::Failed(failure), None) => Some(Cause {
            summary: format!("{subject} is FAILED: {}", failure.told(known.is_owner())),
            who: Who::Operator,
            what: "mend what the reason names; the peer is tried again by itself".to_owned(),
        }),
        (PeerState::Creating { .. }, None) => {
            tenants(format!("{subject} is still being made (CREATING)."), "wait until it is ACTIVE, and ask again")
        }
        (PeerState::Cancelled | PeerState::Removing, _) => tenants(
            format!("{subject} is called off, because the connection is being deleted."),
            format!("bind {} to a connection that stays", known.source.name),
        ),
        (PeerState::Active, _) => None,
    }
}

/// A peer that the records have as made, and that the plane does not have as it should.
fn drifted(known: &Known, verdict: Verdict) -> Option<Cause> {
    let (_, connection) = known.connection().filter(|_| known.is_active())?;
    let what_is_gone = match verdict {
        Verdict::NoRouteInQueue => "its route is not in the queue's network",
        Verdict::PeerLinkDown => "the far end of its link is down",
        Verdict::BlockedByPolicy => "the router has no permit for it",
        _ => return None,
    };
    let (source, target) = (&known.source.name, &known.target);
    Some(Cause {
        summary: format!("Connection {connection} is ACTIVE and leads {source} to {target}, but {what_is_gone}."),
        who: Who::Operator,
        what: "find what changes the host's networks; the reconciler puts it back".to_owned(),
    })
}

/// Nothing leads there.
fn unbound(known: &Known) -> Option<Cause> {
    let Known { source, target, .. } = known;
    if known.peer.is_some() {
        return None;
    }
    let lead = match &known.subnet {
        Some(subnet) => format!("bind {} to a connection that leads to {subnet}", source.name),
        None => format!("bind {} to a connection whose subnet or routes hold {target}", source.name),
    };
    if let Some((_, sees)) = &known.removing {
        let why = if *sees { "was unbound" } else { "lost the connection's grant, or the connection was deleted" };
        let summary = format!("A peer of {} is being taken away: it {why}.", source.name);
        return tenants(summary, if *sees { lead } else { format!("ask for the grant again, or {lead}") });
    }
    if known.bindings == 0 {
        let grant = "A grant that was taken back, or a connection that was deleted, takes its peers with it.";
        return tenants(format!("{} is bound to no connection. {grant}", capital(&source.name.to_string())), lead);
    }
    let subnet = known.subnet.as_ref()?;
    let summary = format!(
        "{target} is of {subnet}, which none of the {} connections of {} leads to.",
        known.bindings, source.name
    );
    tenants(summary, lead)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
