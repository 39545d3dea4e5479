//! One request, from its head to its answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::HeaderName;
use http::request::Parts;
use http::{Method, Request, Response};
use hyper::body::Incoming;
use linkspan_model::UserId;
use linkspan_wire::ApiError;

use super::access_log;
use super::admission::Gate;
use super::incoming::{BodyBudget, discard};
use super::limits::Limits;
use super::metered::Refuser;
use super::outgoing::{Outgoing, length};
use super::pace::Pace;
use super::reply::{self, LargeAnswers, Side};
use super::request_id::{RequestId, RequestIds};
use super::router::{BadRoute, Found, Router};
use crate::answer::{Answer, Fault, api_error};
use crate::app::App;
use crate::call::{Call, Rights};
use crate::metrics::{Count, Metrics};
use crate::operation::Operation;

/// How old an answer may be, in milliseconds, where reads need not be up to date.
const STALENESS: HeaderName = HeaderName::from_static("x-linkspan-staleness-ms");

/// Everything that requests of all connections share.
pub(crate) struct Front {
    app: Arc<App>,
    router: Router,
    limits: Limits,
    ids: RequestIds,
    bodies: BodyBudget,
    large: LargeAnswers,
    metrics: Arc<Metrics>,
}

/// What requests of one connection share.
pub(super) struct Session {
    pub(super) front: Arc<Front>,
    pub(super) pace: Arc<Pace>,
    pub(super) remote: IpAddr,
    /// The same as text, for the log.
    pub(super) remote_text: Box<str>,
    /// Whether the connection is encrypted.
    pub(super) is_encrypted: bool,
}

impl Front {
    /// A front for these operations; `prefix` is a random number that no other start has.
    pub(crate) fn new(
        app: Arc<App>,
        operations: &[&'static [Operation]],
        limits: &Limits,
        prefix: u64,
    ) -> Result<Self, BadRoute> {
        let router = Router::new(operations)?;
        let names = router.operations().iter().map(|operation| operation.name).collect();
        Ok(Self {
            app,
            metrics: Arc::new(Metrics::new(names)),
            router,
            ids: RequestIds::new(prefix),
            bodies: BodyBudget::new(limits.bodies_bytes),
            large: LargeAnswers::new(limits),
            limits: limits.clone(),
        })
    }

    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Bytes of request bodies that are held now.
    pub(crate) fn held_bodies(&self) -> usize {
        self.bodies.held()
    }

    pub(super) fn next_id(&self) -> RequestId {
        self.ids.next()
    }
}

/// What is known of a request once it is answered.
struct Trace {
    method: Method,
    operation: Option<(&'static str, usize)>,
    user: Option<UserId>,
    request_id: RequestId,
    began: Instant,
    /// How old what it was answered from may be, where that is not certain.
    age: Option<Duration>,
}

/// Answers one request.
pub(super) async fn serve(session: Arc<Session>, request: Request<Incoming>) -> Response<Outgoing> {
    let front = &session.front;
    session.pace.request_began();
    let began = Instant::now();
    let _in_flight = front.metrics.in_flight.enter();
    let mut unanswered = Unanswered(Some(&front.metrics.abandoned));
    let (parts, body) = request.into_parts();
    let found = front.router.find(&parts.method, parts.uri.path());
    let mut trace = Trace {
        method: parts.method.clone(),
        operation: found.as_ref().map(|found| (found.operation.name, found.index)),
        user: None,
        request_id: front.ids.next(),
        began,
        age: None,
    };
    let side = Side::of(parts.uri.path());
    let answer = match session.carry_out((parts, body), found, &mut trace).await {
        Ok(answer) => answer,
        Err(fault) => reply::fault(fault, side, trace.request_id),
    };
    unanswered.0 = None;
    session.finish(answer, &trace)
}

impl Session {
    async fn carry_out(
        &self,
        (parts, mut body): (Parts, Incoming),
        found: Option<Found>,
        trace: &mut Trace,
    ) -> Result<Answer, Fault> {
        let front = &self.front;
        let Some(found) = found else {
            Box::pin(discard(&mut body, &parts.headers)).await;
            return Err(ApiError::no_such_api().into());
        };
        let is_private = self.is_encrypted || self.remote.to_canonical().is_loopback();
        let gate = Gate { app: &front.app, limits: &front.limits, bodies: &front.bodies, is_private };
        let admitted = async {
            // Before who may do what is looked at: keys and grants are records too.
            trace.age = self.freshen(found.operation).await?;
            gate.admit(&parts, &mut body, &found).await
        };
        let admitted = match admitted.await {
            Ok(admitted) => admitted,
            Err(error) => {
                Box::pin(discard(&mut body, &parts.headers)).await;
                return Err(error.into());
            }
        };
        trace.user = user_of(&admitted.rights);
        let call = Call {
            app: Arc::clone(&front.app),
            parts,
            body: admitted.body,
            params: found.params,
            request_id: trace.request_id,
            remote: Some(self.remote.to_canonical()),
            is_encrypted: self.is_encrypted,
            rights: admitted.rights,
        };
        (found.operation.handler)(call).await
    }

    /// Brings the view as far as a read or a change may expect; how old it may still be, where that is not certain.
    async fn freshen(&self, operation: &Operation) -> Result<Option<Duration>, ApiError> {
        if !operation.reads_records() {
            return Ok(None);
        }
        let engine = &self.front.app.engine;
        let age = if operation.changes_records() {
            engine.freshen_for_change().await.map(|()| None)
        } else {
            engine.freshen().await
        };
        age.map_err(|refusal| api_error(&refusal))
    }

    /// Counts and logs an answer, and hands it over.
    fn finish(&self, mut answer: Answer, trace: &Trace) -> Response<Outgoing> {
        if let Some(age) = trace.age {
            answer = answer.with(STALENESS, u64::try_from(age.as_millis()).unwrap_or(u64::MAX).into());
        }
        let took = trace.began.elapsed();
        let bytes = length(&answer.body);
        let response = self.front.large.write(answer, trace.request_id, &self.pace);
        let status = response.status().as_u16();
        self.front.metrics.answered(trace.operation.map(|(_, index)| index), status, took);
        access_log::Line {
            method: trace.method.as_str(),
            operation: trace.operation.map_or("none", |(name, _)| name),
            status,
            took,
            bytes,
            request_id: trace.request_id,
            user: trace.user.as_ref().map_or("", UserId::as_str),
            remote: &self.remote_text,
        }
        .write();
        self.pace.answer_began();
        response
    }
}

impl Refuser for Session {
    fn refuse(&self, status: u16) -> Bytes {
        let request_id = self.front.next_id();
        self.front.metrics.answered(None, status, Duration::ZERO);
        let answer = reply::parting(status, &reply::no_request(status), request_id);
        access_log::Line {
            method: "",
            operation: "none",
            status,
            took: Duration::ZERO,
            bytes: Some(answer.len() as u64),
            request_id,
            user: "",
            remote: &self.remote_text,
        }
        .write();
        answer
    }
}

fn user_of(rights: &Rights) -> Option<UserId> {
    let principal = match rights {
        Rights::Nobody => return None,
        Rights::Principal(principal) => principal,
        Rights::Project(scope) => scope.principal(),
        Rights::Admin(scope) => scope.principal(),
    };
    Some(principal.user().clone())
}

/// Counts a request whose client went away before its answer was known: hyper drops the future then.
struct Unanswered<'a>(Option<&'a Count>);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(count) = self.0 {
            count.add(1);
        }
    }
}
