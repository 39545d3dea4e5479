use linkspan_model::{Cidr, Connection, ConnectionId, Route, RouteName};

use super::connection::existing;
use super::{Case, Decision, peer};
use crate::command::{NewRoute, Reply};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::ConnectionEntry;

/// `dli_02_0371`: routes keep the order they were added in. The same one again changes nothing; the same destination
/// under another name is another route, since Terraform renames a route by adding it first.
pub(super) fn add(case: &Case<'_>, id: ConnectionId, new: &NewRoute) -> Result<Decision, Refusal> {
    let entry = existing(case, id)?;
    let routes = &entry.connection.routes;
    let route =
        Route::new(new.name.clone(), &new.cidr, case.now()).map_err(|why| Refusal::Invalid(format!("cidr: {why}")))?;
    if matches!(route.cidr(), Some(Cidr::V6 { .. })) && !entry.connection.ipv6 {
        return Err(Refusal::NotSupported(format!(
            "Route {} leads to an IPv6 destination, but connection {id} has no IPv6 (ipv6_enable is false): only a \
             connection to a subnet that had IPv6 when it was created does.",
            route.name
        )));
    }
    // Texts are compared, not networks: the answer would otherwise show another destination than the one agreed to.
    match routes.iter().find(|known| known.name == route.name) {
        Some(known) if known.cidr_text == route.cidr_text => return Ok(audited(case, entry, ("addRoute", &route))),
        Some(known) => return Err(other_destination(id, known)),
        None => {}
    }
    let most = case.context.rules.routes_per_connection;
    if routes.len() >= most {
        return Err(Refusal::Exceeds(format!(
            "A connection can have at most {most} custom routes. Delete some, or add one that covers several."
        )));
    }
    let mut decision = audited(case, entry, ("addRoute", &route));
    reroute(&mut decision, entry, routes.iter().cloned().chain([route]).collect());
    Ok(decision)
}

fn other_destination(id: ConnectionId, known: &Route) -> Refusal {
    Refusal::Exists(format!(
        "Connection {id} has a route named {} to {} already. A route can't be led elsewhere: give the new destination \
         another name, or delete the route first.",
        known.name, known.cidr_text
    ))
}

/// `dli_02_0372`.
pub(super) fn delete(case: &Case<'_>, id: ConnectionId, name: &str) -> Result<Decision, Refusal> {
    let entry = existing(case, id)?;
    let name: RouteName = name
        .parse()
        .map_err(|why| Refusal::Unknown(format!("Connection {id} has no route of this name: a route's name {why}.")))?;
    let routes = &entry.connection.routes;
    let Some(gone) = routes.iter().find(|route| route.name == name) else {
        return Err(Refusal::Unknown(format!("Connection {id} has no route named {name}.")));
    };
    let mut decision = audited(case, entry, ("deleteRoute", gone));
    reroute(&mut decision, entry, routes.iter().filter(|route| route.name != name).cloned().collect());
    Ok(decision)
}

fn audited(case: &Case<'_>, entry: &ConnectionEntry, (action, route): (&'static str, &Route)) -> Decision {
    let detail = format!("name={} cidr={}", route.name, route.cidr_text);
    Decision::new(Reply::Done).audited(case.scope, action, (entry.connection.id, detail))
}

fn reroute(decision: &mut Decision, entry: &ConnectionEntry, routes: Box<[Route]>) {
    decision.put(Record::Connection(Connection { routes, ..entry.connection.clone() }));
    peer::rerouted(entry).for_each(|peer| decision.put(Record::Peer(peer)));
}
