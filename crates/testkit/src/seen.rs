//! What a state answers to every question, written in the words of the oracle.

use std::collections::BTreeMap;

use linkspan_engine::{Page, PageQuery, SourceRef, State};
use linkspan_model::{PeerState, SourceName};

use crate::cast::Cast;
use crate::commands::PROJECTS;

/// Everything that can be seen, by what it is.
pub type Look = BTreeMap<String, Vec<String>>;

/// The rows of a page, split, after everything that a page says about itself has been checked.
///
/// # Panics
/// The page contradicts itself.
#[must_use]
pub fn rows_of(page: Page) -> Vec<String> {
    let (count, bytes) = (page.count, page.bytes);
    let text: Vec<u8> = page.into_pieces().flatten().collect();
    assert!(bytes.is_none_or(|bytes| bytes == text.len()), "{bytes:?} bytes were told, {} came", text.len());
    let text = String::from_utf8(text).unwrap();
    let rows: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(&format!("[{text}]")).unwrap();
    let rows: Vec<String> = rows.iter().map(|row| row.get().to_owned()).collect();
    assert_eq!(rows.len(), count, "the count told is not the number of rows");
    assert_eq!(rows.join(","), text, "there is more than a comma between two rows");
    rows
}

/// Everything that can be seen, by what it is; as the oracle's own `look`.
///
/// # Panics
/// A page contradicts itself.
#[must_use]
pub fn look(state: &State, cast: &Cast) -> Look {
    let mut seen = Look::new();
    for (p, project) in PROJECTS.iter().enumerate() {
        let view = state.project(cast.onlooker(p));
        let mut see = |what: &str, line: String| seen.entry(format!("{project} {what}")).or_default().push(line);
        rows_of(view.page(&PageQuery::default())).into_iter().for_each(|row| see("list", row));
        for it in view.queues() {
            let name = SourceName::Queue(it.name.clone());
            let pool = it.pool.clone().map_or("-".into(), |pool| SourceName::Pool(pool).to_string());
            see("sources", format!("{name} {} {} {pool} {}", it.cidr_in_vpc, it.cidr_in_subnet, it.resource_mode));
        }
        for it in view.pools() {
            let name = SourceName::Pool(it.name.clone());
            see("sources", format!("{name} {} {} - 9", it.cidr_in_vpc, it.cidr_in_subnet));
        }
        let queues = view.queues().map(|it| SourceName::Queue(it.name.clone()));
        let pools = view.pools().map(|it| SourceName::Pool(it.name.clone()));
        for name in queues.chain(pools) {
            let source = SourceRef { project: cast.projects[p].clone(), name };
            let what = format!("hosts of {}", source.name);
            state.desired_hosts(&source).iter().for_each(|it| see(&what, format!("{}={}", it.name, it.ip)));
        }
        let text = |cidr: Option<linkspan_model::Cidr4>| cidr.map(|cidr| cidr.to_string());
        view.vpcs().for_each(|it| see("networks", format!("{} None {:?}", it.id, text(it.cidr))));
        for it in view.subnets() {
            see("networks", format!("{} Some({:?}) {:?}", it.id, it.vpc.to_string(), text(Some(it.cidr))));
        }
        for it in view.route_tables() {
            let users: Vec<_> = view.users_of(it).map(|subnet| subnet.id.to_string()).collect();
            let name = if it.is_default { "default".into() } else { it.id.to_string() };
            see("tables", format!("{name} of {}: {}", it.vpc, users.join(" ")));
        }
    }
    see_peers(state, cast, &mut seen);
    seen.insert("off".into(), disabled(state, cast));
    let unordered = |what: &str| !what.contains("list") && !what.contains("hosts");
    seen.iter_mut().filter(|(what, _)| unordered(what)).for_each(|(_, lines)| lines.sort());
    seen
}

/// Users, keys and projects that are disabled, by number.
fn disabled(state: &State, cast: &Cast) -> Vec<String> {
    let all = state.administration(&cast.admin);
    let user = |id| cast.users.iter().position(|it| it == id).unwrap();
    let users = all.users().filter(|it| !it.enabled).map(|it| format!("user {}", user(&it.id)));
    let keys = all.keys().filter(|it| !it.enabled).map(|it| format!("key {}", user(&it.user)));
    let project = |id| cast.projects.iter().position(|it| it == id).unwrap();
    let projects = all.projects().filter(|it| !it.enabled).map(|it| format!("project {}", project(&it.id)));
    users.chain(keys).chain(projects).collect()
}

fn see_peers(state: &State, cast: &Cast, seen: &mut Look) {
    state.for_each_desired_peer(&mut |desired| {
        let peer = &desired.peer;
        let (stage, removing) = match &peer.state {
            PeerState::Creating { .. } => ("CREATING", false),
            PeerState::Cancelled => ("CANCELLED", false),
            PeerState::Active => ("ACTIVE", false),
            PeerState::Failed { .. } => ("FAILED", false),
            PeerState::Removing => ("REMOVING", true),
        };
        let project = cast.projects.iter().position(|id| *id == peer.project).unwrap();
        let clashes = !removing && desired.joint.is_err();
        let line = format!("{} {} {} {stage} clashes={clashes}", peer.id, peer.source, peer.generation);
        seen.entry(format!("{} peers", PROJECTS[project])).or_default().push(line);
        let one = state.desired_peer(peer.id).unwrap();
        assert_eq!((&one.peer, one.joint.is_err()), (peer, desired.joint.is_err()), "found by its id it is another");
    });
}
