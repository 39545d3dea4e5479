use http::Method;
use linkspan_engine::command::{NewRoute, SourceNames};
use linkspan_engine::{Access, Caution, CautionKind, Command, Refusal, Rehearsal, Reply, Scope};
use linkspan_model::{ConnectionId, SourceName};
use linkspan_plane::{DesiredPeer, Handle};
use linkspan_wire::own::{
    self, PreflightAnswer, PreflightCode, PreflightFinding, PreflightPeer, PreflightRefusal, PreflightRequest,
    PreflightSeverity, PreflightSubject, PreflightVerdict,
};
use linkspan_wire::{AddRoute, ApiError, BindRequest, CreateConnection};

use super::super::create_enhanced_connection::new_connection;
use super::super::known_form;
use super::show_connection::peer_kind;
use crate::answer::{Answer, Fault, api_error};
use crate::call::Call;
use crate::operation::{Auth, Operation};
use crate::plane_records::desired_peer;
use crate::plane_side::PlaneSide;

/// Tells what a call would meet, by the rules that the call itself is held to, and changes nothing.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "Preflight",
    method: Method::POST,
    path: "/linkspan/v1/{project_id}/preflight",
    document: "linkspan",
    action: "linkspan:connection:preflight",
    auth: Auth::Project(Access::Read),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let request: PreflightRequest = own::read(&call.body)?;
    let view = call.view();
    let answer = match foreseen(&call, request).await? {
        Ok(told) => told,
        Err(refused) => PreflightAnswer {
            verdict: PreflightVerdict::Refused,
            refusal: Some(refused),
            peers: Vec::new(),
            findings: Vec::new(),
        },
    };
    Ok(super::revised(Answer::json(200, own::write(&answer)), &view))
}

/// What the call would meet if it is accepted, else what it would be answered.
async fn foreseen(call: &Call, request: PreflightRequest) -> Result<Result<PreflightAnswer, PreflightRefusal>, Fault> {
    let (id, command) = match command(request) {
        Ok(read) => read,
        Err(error) => return Ok(Err(refusal(&error))),
    };
    let (engine, scope) = (call.app.engine.clone(), call.scope()?.clone());
    // A queue may be bound to very many connections, each of which is looked at.
    let rehearsed = tokio::task::spawn_blocking(move || {
        let rehearsal = engine.rehearse(&scope, &command)?;
        let id = match rehearsal.reply {
            Reply::Created(id) => Some(id),
            _ => id,
        };
        let cautions = id.map(|id| rehearsal.state.project(&scope).cautions(id, &rehearsal.peers));
        Ok::<_, Refusal>((rehearsal, cautions.unwrap_or_default()))
    });
    let (rehearsal, cautions) = match rehearsed.await.map_err(|_panicked| Refusal::Internal)? {
        Ok(rehearsed) => rehearsed,
        Err(refused) => return Ok(Err(refusal(&api_error(&refused)))),
    };
    let (peers, against) = peers(&rehearsal, call.scope()?, &call.app.plane).await;
    let findings: Vec<_> = against.into_iter().chain(cautions.into_iter().map(caution)).collect();
    Ok(Ok(PreflightAnswer { verdict: verdict(&findings), refusal: None, peers, findings }))
}

/// The command that the call would give, and the connection that it names.
fn command(request: PreflightRequest) -> Result<(Option<ConnectionId>, Command), ApiError> {
    // What is sent to the call itself is read by its own reader, so that the same is refused in the same words.
    match request {
        PreflightRequest::Create(body) => {
            let new = CreateConnection::from_body(&own::write(&body))?;
            Ok((None, Command::CreateConnection(new_connection(new))))
        }
        PreflightRequest::Bind(bind) => {
            let id = known_form(&bind.connection_id)?;
            let body = BindRequest { queues: bind.queues, elastic_resource_pools: bind.elastic_resource_pools };
            let BindRequest { queues, elastic_resource_pools: pools } = BindRequest::from_body(&own::write(&body))?;
            Ok((Some(id), Command::Bind(id, SourceNames { queues, pools })))
        }
        PreflightRequest::AddRoute(route) => {
            let id = known_form(&route.connection_id)?;
            let body = serde_json::json!({"name": route.name, "cidr": route.cidr});
            let AddRoute { name, cidr } = AddRoute::from_body(&own::write(&body))?;
            Ok((Some(id), Command::AddRoute(id, NewRoute { name, cidr })))
        }
    }
}

fn refusal(error: &ApiError) -> PreflightRefusal {
    PreflightRefusal {
        status: error.status(),
        error_code: error.code().as_str().to_owned(),
        error_msg: error.message().to_owned(),
    }
}

/// The peers that the call would make or change, and what stands against them.
async fn peers(rehearsal: &Rehearsal, scope: &Scope, side: &PlaneSide) -> (Vec<PreflightPeer>, Vec<PreflightFinding>) {
    let (mut peers, mut findings) = (Vec::new(), Vec::new());
    let acting = side.acting_for(&rehearsal.state, scope.project());
    let plane = acting.as_ref().map(|acting| &acting.reconciler);
    for id in &rehearsal.peers {
        let Some(peer) = desired_peer(&rehearsal.state, *id, side.scope()) else { continue };
        // What can't be made on any host is told apart from what can't be made between two.
        let overlaps = desired_peer(&rehearsal.state, *id, None).is_some_and(|peer| peer.spec.is_err());
        let code = if overlaps { PreflightCode::Overlap } else { PreflightCode::PlaneRefuses };
        let (source, against) = (&peer.source.name, against(&peer, code, (scope, plane)).await);
        peers.push(PreflightPeer {
            kind: peer_kind(source),
            name: source.as_str().to_owned(),
            cidr: rehearsal.state.project(scope).source_cidr(source),
            ok: against.as_ref().is_none_or(|finding| finding.severity == PreflightSeverity::Warning),
        });
        findings.extend(against);
    }
    (peers, findings)
}

fn verdict(findings: &[PreflightFinding]) -> PreflightVerdict {
    if findings.iter().any(|finding| finding.severity == PreflightSeverity::Error) {
        return PreflightVerdict::Fails;
    }
    if findings.is_empty() { PreflightVerdict::Ready } else { PreflightVerdict::Cautioned }
}

/// What stands against a peer: what the records tell, which is such a thing as `code`, or else the plane.
async fn against(
    peer: &DesiredPeer,
    code: PreflightCode,
    (scope, plane): (&Scope, Option<&Handle>),
) -> Option<PreflightFinding> {
    let (severity, code, text) = match (&peer.spec, plane) {
        (Err(why), _) => (PreflightSeverity::Error, code, why.to_string()),
        (Ok(_), None) => return None,
        (Ok(spec), Some(plane)) => match plane.foresee(spec).await {
            Ok(()) => return None,
            Err(error) => {
                let text = error.to_both().told(spec.destination.project == *scope.project()).to_owned();
                match error.is_passing() {
                    true => (PreflightSeverity::Warning, PreflightCode::PlaneBusy, text),
                    false => (PreflightSeverity::Error, PreflightCode::PlaneRefuses, text),
                }
            }
        },
    };
    Some(PreflightFinding { severity, code, peer: Some(subject(&peer.source.name)), text })
}

fn subject(source: &SourceName) -> PreflightSubject {
    PreflightSubject { kind: peer_kind(source), name: source.as_str().to_owned() }
}

fn caution(caution: Caution) -> PreflightFinding {
    let code = match caution.kind {
        CautionKind::UnknownNetwork => PreflightCode::UnknownNetwork,
        CautionKind::ReservedRange => PreflightCode::ReservedRange,
        CautionKind::RouteConflict => PreflightCode::RouteConflict,
        CautionKind::UncoveredHost => PreflightCode::UncoveredHost,
        CautionKind::HostConflict => PreflightCode::HostConflict,
    };
    let peer = caution.source.as_ref().map(subject);
    PreflightFinding { severity: PreflightSeverity::Warning, code, peer, text: caution.text }
}

#[cfg(test)]
#[path = "preflight_tests.rs"]
mod tests;
