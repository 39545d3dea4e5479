use http::Method;
use linkspan_engine::{Access, ConnectionEntry};
use linkspan_model::{ConnectionId, ConnectionStatus, Peer, PeerState, ProjectId, Route, SourceKind, SourceName};
use linkspan_plane::Progress;
use linkspan_wire::own::{self, ConnectionDetail, PeerDetail, PeerKind, PeerProgress, PeerStatus, RouteDetail, Time};

use super::unknown;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// A connection with all that the vendor's show leaves out: the owner sees every peer, a grantee its own.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ShowConnection",
    method: Method::GET,
    path: "/linkspan/v1/{project_id}/connections/{connection_id}",
    document: "linkspan",
    action: "linkspan:connection:read",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let view = call.view();
    let scope = call.scope()?;
    let text = call.param("connection_id");
    let entry = ConnectionId::from_wire(text).and_then(|id| view.project(scope).connection(id));
    let entry = entry.ok_or_else(|| unknown(&format!("Connection {text} does not exist.")))?;
    let mut detail = detail(entry, scope.project());
    let is_owner = detail.project_id == *scope.project();
    for peer in &mut detail.peers {
        let Some(acting) = call.app.plane.acting_for(&view, &peer.project_id) else { continue };
        peer.progress = acting.reconciler.progress(peer.peer_id).map(|known| progress(&known, is_owner));
        let is_active = peer.status == PeerStatus::Active;
        peer.reachability = is_active.then(|| acting.reach.of(peer.peer_id));
    }
    let answer = Answer::json(200, own::write(&detail));
    Ok(super::revised(answer, &view))
}

fn detail(entry: &ConnectionEntry, viewer: &ProjectId) -> ConnectionDetail {
    let connection = &entry.connection;
    let is_owner = connection.project == *viewer;
    let peers = entry.peers.iter().map(|peer| &peer.value).filter(|peer| is_owner || peer.project == *viewer);
    ConnectionDetail {
        id: connection.id,
        name: connection.name.to_string(),
        project_id: connection.project.clone(),
        active: connection.status.is_active(),
        create_time: Time(connection.created.millis()),
        delete_time: match connection.status {
            ConnectionStatus::Active => None,
            ConnectionStatus::Deleted { at } => Some(Time(at)),
        },
        dest_vpc_id: connection.dest_vpc.clone(),
        dest_network_id: connection.dest_network.clone(),
        routetable_id: connection.route_table.clone(),
        ipv6: connection.ipv6,
        tags: connection.tags.clone(),
        hosts: entry.hosts.as_ref().map(|hosts| hosts.value.clone()).unwrap_or_default(),
        routes: connection.routes.iter().map(route).collect(),
        grantees: if is_owner { connection.grantees.to_vec() } else { Vec::new() },
        peers: peers.map(|known| peer(known, is_owner)).collect(),
    }
}

fn route(route: &Route) -> RouteDetail {
    let create_time = Time(route.create_time);
    RouteDetail { name: route.name.to_string(), cidr: route.cidr_text.to_string(), create_time }
}

fn peer(peer: &Peer, to_owner: bool) -> PeerDetail {
    let (deadline, reason) = match &peer.state {
        PeerState::Creating { deadline } => (Some(Time(*deadline)), ""),
        PeerState::Failed(failure) => (None, failure.told(to_owner)),
        PeerState::Active | PeerState::Cancelled | PeerState::Removing => (None, ""),
    };
    PeerDetail {
        peer_id: peer.id,
        project_id: peer.project.clone(),
        kind: peer_kind(&peer.source),
        name: peer.source.as_str().to_owned(),
        status: peer_status(&peer.state),
        err_msg: reason.to_owned(),
        deadline,
        progress: None,
        reachability: None,
        create_time: Time(peer.create_time),
        update_time: Time(peer.update_time),
    }
}

/// Where a peer stands; one being removed is no longer among those of its connection.
pub(crate) fn peer_status(state: &PeerState) -> PeerStatus {
    match state {
        PeerState::Creating { .. } => PeerStatus::Creating,
        PeerState::Active => PeerStatus::Active,
        PeerState::Failed { .. } => PeerStatus::Failed,
        PeerState::Cancelled | PeerState::Removing => PeerStatus::Cancelled,
    }
}

pub(crate) fn peer_kind(source: &SourceName) -> PeerKind {
    match source.kind() {
        SourceKind::Queue => PeerKind::Queue,
        SourceKind::Pool => PeerKind::ElasticResourcePool,
    }
}

fn progress(known: &Progress, to_owner: bool) -> PeerProgress {
    PeerProgress { attempts: known.attempts, why: known.why.told(to_owner).to_owned() }
}

#[cfg(test)]
mod tests {
    use linkspan_engine::command::PeerOutcome;
    use linkspan_model::SourceName;

    use super::super::super::stage::Stage;

    const SHOW: &str = "ShowConnection";

    #[tokio::test]
    async fn everything_there_is() {
        let stage = Stage::open().await;
        let id = stage.full_connection("withvpc").await;
        stage
            .report_peers(|peer| match peer.source {
                SourceName::Queue(_) => PeerOutcome::Failed("10.0.0.0/8 overlaps 10.1.0.0/16".into()),
                SourceName::Pool(_) => PeerOutcome::Active,
            })
            .await;
        let answer = stage.on(&id).ok(SHOW, "").await;
        assert_eq!(answer.header("x-linkspan-revision"), stage.revision().to_string());
        insta::assert_json_snapshot!(answer.json());
    }

    #[tokio::test]
    async fn a_deadline_while_it_is_created_and_a_time_once_it_is_deleted() {
        let stage = Stage::open().await;
        let id = stage.full_connection("c").await;
        let created = stage.on(&id).ok(SHOW, "").await.json();
        assert_eq!(created["peers"][0]["deadline"], "2027-01-15T08:02:00.000Z");
        stage.settle_peers().await;
        stage.on(&id).ok("DeleteEnhancedConnection", "").await;
        let deleted = stage.on(&id).ok(SHOW, "").await.json();
        assert_eq!((&deleted["active"], &deleted["delete_time"]), (&false.into(), &"2027-01-15T08:00:00.000Z".into()));
        assert_eq!(deleted["tags"][0]["key"], "env");
    }

    #[test]
    fn the_owner_sees_every_peer_and_grantee_and_a_grantee_its_own() {
        let entry = crate::rows::tests::granted();
        let seen = |viewer: &str| {
            let detail = super::detail(&entry, &viewer.parse().unwrap());
            let peers: Vec<_> = detail.peers.into_iter().map(|peer| peer.name).collect();
            (peers.join(" "), detail.grantees.len())
        };
        assert_eq!(seen("owner"), ("own_queue other_queue".into(), 1));
        assert_eq!(seen("grantee"), ("other_queue".into(), 0));
    }

    #[tokio::test]
    async fn unknown_ones() {
        let stage = Stage::open().await;
        for unknown in ["2a620c33-5609-40c9-affd-2b6453071b0f", "x"] {
            assert_eq!(stage.on(unknown).refused(SHOW, "").await.0, 404);
        }
    }
}
