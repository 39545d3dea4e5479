use std::sync::Arc;

use http::Method;
use linkspan_engine::{Access, Refusal, SourceRef, State};
use linkspan_model::{PoolName, ProjectId, SourceName};
use linkspan_plane::{ProbeSpec, ProbeTarget};
use linkspan_wire::own::{self, DiagnoseRequest, Diagnosis, PeerKind};
use linkspan_wire::{Problem, ProblemKind};

use super::super::preset_queue::queue_named;
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::diagnosis::{self, Undiagnosed};
use crate::operation::{Auth, Operation};
use crate::plane_records::to_plane;
use crate::plane_requests::{self, Question, Told};

/// Tries the way from a queue or pool to an address, and names what stands in it and who can mend it.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "Diagnose",
    method: Method::POST,
    path: "/linkspan/v1/{project_id}/diagnose",
    document: "linkspan",
    action: "linkspan:connection:diagnose",
    // It sends packets, as a connectivity test does, which asks for the same right.
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let request: DiagnoseRequest = own::read(&call.body)?;
    let (target, limit) = (request.target()?, request.limit()?);
    let view = call.view();
    let source = source(&call, &view, request.source()?)?;
    let target = (ProbeTarget::from(&*target.host.to_string()), target.port);
    let spec = ProbeSpec { source: to_plane(&source), target: target.0, port: Some(target.1), limit };
    let found = answer(&call, &view, (&source.project, spec)).await?;
    Ok(super::revised(Answer::json(200, own::write(&found)), &view))
}

/// What is found here, or by the node that acts for the networks of the project.
async fn answer(call: &Call, view: &Arc<State>, (project, spec): (&ProjectId, ProbeSpec)) -> Result<Diagnosis, Fault> {
    let side = &call.app.plane;
    if let Some(acting) = side.acting_for(view, project) {
        let asked = diagnosis::Question::of(spec).answer(Arc::clone(view), &acting.reconciler, &side.turns);
        return asked.await.map_err(undiagnosed);
    }
    let Some(scope) = side.elsewhere(view, project) else {
        return Err(unavailable("No plane is at work here, so nothing can be tried."));
    };
    let turn = side.asking.take(project).await.map_err(|taken| undiagnosed(taken.into()))?;
    match plane_requests::ask(&call.app.engine, &scope, Question::Diagnose(spec), turn).await? {
        Told::Diagnosis(found) => Ok(*found),
        Told::No(why) => Err(unavailable(&why)),
        Told::Faults(_) => Err(Refusal::Internal.into()),
    }
}

/// Whose network it is tried from: a queue in a pool has its pool's.
fn source(call: &Call, view: &State, (kind, name): (PeerKind, &str)) -> Result<SourceRef, Fault> {
    let scope = call.scope()?;
    let not_found = |refusal: Refusal| Problem::new(ProblemKind::NotFound, refusal.to_string());
    match kind {
        PeerKind::Queue => {
            let queue =
                queue_named(view, scope, name).map_err(|_unknown| not_found(Refusal::UnknownQueue(name.to_owned())))?;
            Ok(view.source_of_queue(scope.project(), &queue.name))
        }
        PeerKind::ElasticResourcePool => {
            let known = name.parse::<PoolName>().ok().filter(|name| view.project(scope).pool(name).is_some());
            let pool = known.ok_or_else(|| not_found(Refusal::UnknownPool(name.to_owned())))?;
            Ok(SourceRef { project: scope.project().clone(), name: SourceName::Pool(pool) })
        }
    }
}

fn undiagnosed(why: Undiagnosed) -> Fault {
    match why {
        Undiagnosed::Internal => Refusal::Internal.into(),
        why => unavailable(&why.to_string()),
    }
}

fn unavailable(text: &str) -> Fault {
    Problem::new(ProblemKind::Unavailable, text).into()
}

#[cfg(test)]
#[path = "diagnose_tests.rs"]
mod tests;
