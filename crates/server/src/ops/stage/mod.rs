//! Where operations are tried: an engine over a store in memory, a clock that stands still, ids that count, two
//! projects of two domains, and calls that are authorised as the front authorises them.

mod identities;
mod things;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{HeaderMap, Request as HttpRequest};
use linkspan_engine::command::{Request, SystemCommand};
use linkspan_engine::{Access, Clock, Engine, Ids, Need, Options, Origin, Principal, Scope};
use linkspan_model::{ProjectId, UnixMillis};
use linkspan_plane::{Reconciler, SimulatedPlane};
use linkspan_testkit::memory::MemoryStore;
use linkspan_wire::Problem;
use uuid::Uuid;

use super::OPERATIONS;
use crate::answer::{Answer, AnswerBody, Fault};
use crate::app::{App, Settings};
use crate::auth::samples;
use crate::call::{Call, Rights};
use crate::front::{Params, RequestId};
use crate::operation::{Auth, Operation};
use crate::plane_records::EngineRecords;
use crate::plane_side::{Acting, PlaneSide};
use crate::plane_work::{Part, PlaneWork};

/// The time of every test, UTC.
pub(crate) const NOW: UnixMillis = 1_800_000_000_000;
/// The project that calls are about unless a test says otherwise.
pub(crate) const OWN: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
/// The key of its user, who also administers.
const OWN_KEY: &str = "OWNKEY";

struct StillClock;

impl Clock for StillClock {
    fn now(&self) -> UnixMillis {
        NOW
    }
}

/// Ids that count, those of commits apart: how commits are batched changes no other id.
#[derive(Default)]
struct CountingIds {
    things: AtomicU64,
    commits: AtomicU64,
}

impl Ids for CountingIds {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(
            0xc0de_0000_0000_4000_8000_0000_0000_0000 | u128::from(self.things.fetch_add(1, Ordering::Relaxed) + 1),
        )
    }

    fn commit_id(&self) -> u128 {
        u128::from(self.commits.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// A server without a front, and who calls it about what.
#[derive(Clone)]
pub(crate) struct Stage {
    pub app: Arc<App>,
    principal: Principal,
    project: ProjectId,
    /// Fills the parameters of the path behind the project, a piece between slashes each.
    target: String,
    stranger: (Principal, ProjectId),
    /// Where calls come from.
    remote: Option<IpAddr>,
    is_encrypted: bool,
}

/// What a call was answered.
pub(crate) struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answered {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.text()))
    }

    /// A header that must be there.
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap().to_owned()
    }
}

impl Stage {
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// A server with settings that a test chooses.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let options = Options::new(crate::render_row, Arc::new(StillClock), Arc::new(CountingIds::default()));
        let engine = Engine::open(Arc::new(MemoryStore::default()), options).await.unwrap();
        // Nothing cuts peers here, so nobody waits for it unless a test does.
        let mut settings = Settings { unbind_wait_ms: 0, test_wait_ms: 0, ..Settings::default() };
        change(&mut settings);
        let first = Request::System(SystemCommand::Bootstrap(Box::new(identities::first_identities())));
        engine.submit(first, Origin::default()).await.unwrap();
        let principal = engine.view().principal_of_key(&OWN_KEY.parse().unwrap()).unwrap();
        let stranger = identities::strangers(&engine, &principal).await;
        let auth = samples::keys();
        auth.prepare(&engine).await.unwrap();
        let plane = PlaneSide::default();
        let app = Arc::new(App { engine, auth, clock: Arc::new(StillClock), plane, settings });
        Self {
            app,
            principal,
            project: OWN.parse().unwrap(),
            target: String::new(),
            stranger,
            remote: None,
            is_encrypted: false,
        }
    }

    /// A server beside whose engine a simulated plane is at work.
    pub(crate) async fn with_plane() -> (Self, PlaneWork) {
        let stage = Self::with(|settings| (settings.unbind_wait_ms, settings.test_wait_ms) = (20_000, 20_000)).await;
        let pace = linkspan_plane::Settings { backoff_most: Duration::from_millis(200), ..Default::default() };
        let work = PlaneWork::alone(&stage.app.engine, (pace, Part::Simulated)).await;
        let App { engine, auth, clock, settings, .. } =
            Arc::try_unwrap(stage.app).unwrap_or_else(|_| panic!("nobody else holds it yet"));
        let app = Arc::new(App { engine, auth, clock, plane: work.side(), settings });
        (Self { app, ..stage }, work)
    }

    /// Another node on the same store, with its own side of the plane.
    pub(crate) fn beside(&self, plane: PlaneSide) -> Self {
        let App { engine, clock, settings, .. } = &*self.app;
        let (engine, auth, clock, settings) = (engine.clone(), samples::keys(), Arc::clone(clock), settings.clone());
        Self { app: Arc::new(App { engine, auth, clock, plane, settings }), ..self.clone() }
    }

    /// The same server with an empty simulated plane that nobody keeps in line: it can be asked, and finds nothing.
    pub(crate) fn with_idle_plane(self) -> Self {
        let App { engine, auth, clock, settings, .. } =
            Arc::try_unwrap(self.app).unwrap_or_else(|_| panic!("nobody else holds it yet"));
        let (records, plane) = (EngineRecords::new(engine.clone(), None), Arc::new(SimulatedPlane::new()));
        let (_idle, handle) =
            Reconciler::new(plane, Arc::clone(&records) as Arc<_>, linkspan_plane::Settings::default());
        let (side, reach) = (PlaneSide::default(), records.reach());
        side.put(Some(Acting { reconciler: handle, simulated: None, reach }));
        let app = Arc::new(App { engine, auth, clock, plane: side, settings });
        Self { app, ..self }
    }

    /// The same server, called about this connection, queue or whatever the path names behind the project; `a/b` where
    /// it names two things.
    pub(crate) fn on(&self, target: &str) -> Self {
        Self { target: target.to_owned(), ..self.clone() }
    }

    /// The same server, called from this address.
    pub(crate) fn from(&self, remote: &str) -> Self {
        Self { remote: Some(remote.parse().unwrap()), ..self.clone() }
    }

    /// The same server, called with this key.
    pub(crate) fn with_key(&self, id: &str) -> Self {
        let principal = self.app.engine.view().principal_of_key(&id.parse().unwrap()).unwrap();
        Self { principal, ..self.clone() }
    }

    /// The same server, called with this token.
    pub(crate) fn with_token(&self, text: &str) -> Self {
        let good = self.app.auth.verify_token(&self.app.engine.view(), text, NOW).unwrap();
        Self { principal: good.principal, ..self.clone() }
    }

    /// The same server, called over TLS.
    pub(crate) fn over_tls(&self) -> Self {
        Self { is_encrypted: true, ..self.clone() }
    }

    /// The same server, called about another project.
    pub(crate) fn in_project(&self, project: &str) -> Self {
        Self { project: project.parse().unwrap(), ..self.clone() }
    }

    /// The same server, called by a user of another domain about the same project.
    pub(crate) fn by_stranger(&self) -> Self {
        Self { principal: self.stranger.0.clone(), ..self.clone() }
    }

    /// The same server, called by a user of another domain about that user's own project.
    pub(crate) fn at_strangers_home(&self) -> Self {
        Self { project: self.stranger.1.clone(), ..self.by_stranger() }
    }

    /// The same server, called by the user of another domain with a key that only reads.
    pub(crate) async fn by_strangers_reader(&self) -> Self {
        let reader = identities::reader(&self.app.engine, &self.stranger.0).await;
        Self { principal: reader, ..self.clone() }
    }

    /// The same server, called by the owner of the project that calls are about at first.
    pub(crate) fn by_owner(&self) -> Self {
        self.with_key(OWN_KEY).in_project(OWN)
    }

    pub(crate) fn project(&self) -> &ProjectId {
        &self.project
    }

    /// The project of a user of another domain.
    pub(crate) fn project_of_stranger(&self) -> &str {
        self.stranger.1.as_str()
    }

    /// The caller's right to the project.
    pub(crate) fn scope(&self) -> Scope {
        self.app.engine.view().scope(&self.principal, self.project.as_str(), Access::Write).unwrap()
    }

    pub(crate) fn revision(&self) -> u64 {
        self.app.engine.view().head().revision
    }

    /// Calls an operation with a body.
    pub(crate) async fn call(&self, name: &str, body: &str) -> Answered {
        self.run(name, ("", body), &[]).await
    }

    /// Calls an operation with a query.
    pub(crate) async fn get(&self, name: &str, query: &str) -> Answered {
        self.run(name, (query, ""), &[]).await
    }

    /// Calls an operation with a query and a body.
    pub(crate) async fn asked(&self, name: &str, (query, body): (&str, &str)) -> Answered {
        self.run(name, (query, body), &[]).await
    }

    /// Calls an operation with a query and headers.
    pub(crate) async fn get_with(&self, name: &str, query: &str, headers: &[(&str, &str)]) -> Answered {
        self.run(name, (query, ""), headers).await
    }

    /// Calls an operation with a query, a body and headers.
    pub(crate) async fn send(&self, name: &str, content: (&str, &str), headers: &[(&str, &str)]) -> Answered {
        self.run(name, content, headers).await
    }

    /// Calls an operation that must succeed.
    pub(crate) async fn ok(&self, name: &str, body: &str) -> Answered {
        let answer = self.call(name, body).await;
        assert!((200..300).contains(&answer.status), "{name} {body}: {} {}", answer.status, answer.text());
        answer
    }

    /// Calls an operation that must be refused: status, code and text.
    pub(crate) async fn refused(&self, name: &str, body: &str) -> (u16, String, String) {
        let answer = self.call(name, body).await;
        assert!(answer.status >= 400, "{name} {body}: {} {}", answer.status, answer.text());
        let json = answer.json();
        let field = |vendor: &str, own: &str| {
            json.get(vendor).or_else(|| json.get(own)).and_then(|value| value.as_str()).unwrap().to_owned()
        };
        // The VPC service calls its text otherwise than DLI and than Linkspan's own paths.
        let texts = ["error_msg", "message", "detail"];
        let text = || texts.iter().find_map(|name| json.get(*name)?.as_str()).unwrap().to_owned();
        (answer.status, field("error_code", "code"), text())
    }

    async fn run(&self, name: &str, (query, body): (&str, &str), headers: &[(&str, &str)]) -> Answered {
        let operation = operation(name);
        let is_own = operation.path.starts_with("/linkspan/");
        let rights = match self.rights(operation) {
            Ok(rights) => rights,
            Err(refusal) => return answered(Err(refusal.into()), is_own),
        };
        let mut request =
            HttpRequest::builder().method(operation.method.clone()).uri(format!("http://linkspan/?{query}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let call = Call {
            app: Arc::clone(&self.app),
            parts,
            body: body.to_owned().into(),
            params: self.params(operation),
            request_id: RequestId::new(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
            remote: self.remote,
            is_encrypted: self.is_encrypted,
            rights,
        };
        answered((operation.handler)(call).await, is_own)
    }

    /// The project in the path, and the parts of the target, which slashes separate, for the parameters behind it.
    fn params(&self, operation: &Operation) -> Params {
        let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let behind = names.filter(|name| *name != "project_id");
        let last = self.target.split('/').next_back().unwrap_or_default();
        let values = self.target.split('/').chain(std::iter::repeat(last));
        let project = operation.path.contains("{project_id}").then_some(("project_id", self.project.as_str()));
        Params::of(&project.into_iter().chain(behind.zip(values)).collect::<Vec<_>>())
    }

    fn rights(&self, operation: &Operation) -> Result<Rights, linkspan_engine::Refusal> {
        let state = self.app.engine.view();
        let need = |access| Need::new(access, operation.action);
        match operation.auth {
            Auth::Nobody => Ok(Rights::Nobody),
            Auth::Principal => Ok(Rights::Principal(self.principal.clone())),
            Auth::Project(access) => {
                state.scope(&self.principal, self.project.as_str(), need(access)).map(Rights::Project)
            }
            Auth::Admin(access) => state.admin_scope(&self.principal, need(access)).map(Rights::Admin),
        }
    }
}

/// The operation of this name.
pub(crate) fn operation(name: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.name == name).unwrap_or_else(|| panic!("no operation {name}"))
}

fn answered(result: Result<Answer, Fault>, is_own: bool) -> Answered {
    const REQUEST_ID: &str = "0123456789abcdef0123456789abcdef";
    match result {
        Ok(answer) => {
            let body = match answer.body {
                AnswerBody::Empty => Vec::new(),
                AnswerBody::Bytes(bytes) => bytes.to_vec(),
                AnswerBody::Page { head, page, tail } => {
                    let pieces = page.into_pieces().collect::<Vec<_>>();
                    [head.to_vec(), pieces.concat(), tail.to_vec()].concat()
                }
            };
            let headers = answer.headers.into_iter().collect();
            Answered { status: answer.status, headers, body }
        }
        // As the front writes it: the contract's body on the vendor's paths, problem details on Linkspan's own.
        Err(Fault::Api(error)) if is_own => answered(Err(Problem::from(error).into()), is_own),
        Err(Fault::Api(error)) => {
            Answered { status: error.status(), headers: HeaderMap::new(), body: error.body(REQUEST_ID) }
        }
        Err(Fault::Problem(problem)) => {
            Answered { status: problem.status(), headers: HeaderMap::new(), body: problem.body(REQUEST_ID) }
        }
    }
}
