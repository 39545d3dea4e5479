//! Where operations are tried: an engine over a store in memory, a clock that stands still, ids that count, two
//! projects of two domains, and calls that are authorised as the front authorises them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{HeaderMap, Request as HttpRequest};
use linkspan_engine::command::{
    AdminCommand, Bootstrap, NewKey, NewUser, PeerOutcome, PeerReport, Reply, Request, SystemCommand,
};
use linkspan_engine::{Access, Clock, DesiredPeer, Engine, Ids, Options, Origin, Principal};
use linkspan_model::{
    AccessKey, Domain, KeyRole, Peer, Project, ProjectAccess, ProjectId, SealedSecret, UnixMillis, User,
};
use linkspan_testkit::memory::MemoryStore;
use uuid::Uuid;

use super::OPERATIONS;
use crate::answer::{Answer, AnswerBody, Fault};
use crate::app::{App, Settings};
use crate::auth::samples;
use crate::call::{Call, Rights};
use crate::front::{Params, RequestId};
use crate::operation::{Auth, Operation};

/// The time of every test, UTC.
pub(crate) const NOW: UnixMillis = 1_800_000_000_000;
/// The project that calls are about unless a test says otherwise.
pub(crate) const OWN: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
/// The key of its user, who also administers.
const OWN_KEY: &str = "OWNKEY";
const STRANGERS_KEY: &str = "STRANGERSKEY";

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
    /// Fills the parameters of the path behind the project.
    target: String,
    stranger: (Principal, ProjectId),
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
        let mut settings = Settings { unbind_wait_ms: 0, ..Settings::default() };
        change(&mut settings);
        let first = Request::System(SystemCommand::Bootstrap(Box::new(first_identities())));
        engine.submit(first, Origin::default()).await.unwrap();
        let principal = engine.view().principal_of_key(&OWN_KEY.parse().unwrap()).unwrap();
        let stranger = strangers(&engine, &principal).await;
        let auth = samples::keys();
        let app = Arc::new(App { engine, auth, clock: Arc::new(StillClock), settings });
        Self { app, principal, project: OWN.parse().unwrap(), target: String::new(), stranger }
    }

    /// The same server, called about this connection, queue or whatever the path names behind the project.
    pub(crate) fn on(&self, target: &str) -> Self {
        Self { target: target.to_owned(), ..self.clone() }
    }

    /// The same server, called by a user of another domain about the same project.
    pub(crate) fn by_stranger(&self) -> Self {
        Self { principal: self.stranger.0.clone(), ..self.clone() }
    }

    /// The same server, called by a user of another domain about that user's own project.
    pub(crate) fn at_strangers_home(&self) -> Self {
        Self { project: self.stranger.1.clone(), ..self.by_stranger() }
    }

    pub(crate) fn project(&self) -> &ProjectId {
        &self.project
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

    /// Calls an operation with a query and headers.
    pub(crate) async fn get_with(&self, name: &str, query: &str, headers: &[(&str, &str)]) -> Answered {
        self.run(name, (query, ""), headers).await
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
        (answer.status, field("error_code", "code"), field("error_msg", "detail"))
    }

    async fn run(&self, name: &str, (query, body): (&str, &str), headers: &[(&str, &str)]) -> Answered {
        let operation = operation(name);
        let rights = match self.rights(operation) {
            Ok(rights) => rights,
            Err(refusal) => return answered(Err(refusal.into())).await,
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
            remote: None,
            rights,
        };
        answered((operation.handler)(call).await).await
    }

    /// The project in the path, and the target for every parameter behind it.
    fn params(&self, operation: &Operation) -> Params {
        let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let value = |name| if name == "project_id" { self.project.as_str() } else { self.target.as_str() };
        Params::of(&names.map(|name| (name, value(name))).collect::<Vec<_>>())
    }

    fn rights(&self, operation: &Operation) -> Result<Rights, linkspan_engine::Refusal> {
        let state = self.app.engine.view();
        match operation.auth {
            Auth::Nobody => Ok(Rights::Nobody),
            Auth::Principal => Ok(Rights::Principal(self.principal.clone())),
            Auth::Project(access) => state.scope(&self.principal, self.project.as_str(), access).map(Rights::Project),
            Auth::Admin(access) => state.admin_scope(&self.principal, access).map(Rights::Admin),
        }
    }
}

/// What there is to call operations about.
impl Stage {
    /// `pool_1` with the queue `q_pooled`, the dedicated queue `q1`, the shared queue `q_shared`; once.
    pub(crate) async fn sources(&self) {
        let pool = r#"{"elastic_resource_pool_name":"pool_1","max_cu":64,"min_cu":64}"#;
        if self.call("CreateElasticResourcePool", pool).await.status != 200 {
            return;
        }
        for members in [
            r#""queue_name":"q_pooled","elastic_resource_pool_name":"pool_1""#,
            r#""queue_name":"q1","resource_mode":1"#,
            r#""queue_name":"q_shared","resource_mode":0"#,
        ] {
            self.ok("CreateQueue", &format!(r#"{{"cu_count":16,{members}}}"#)).await;
        }
    }

    /// A connection with nothing in it; its id.
    pub(crate) async fn connection(&self, name: &str) -> String {
        self.created(&format!(r#"{{"name":"{name}","dest_vpc_id":"v","dest_network_id":"n"}}"#)).await
    }

    /// A connection with a queue, a pool, hosts and tags; its id.
    pub(crate) async fn full_connection(&self, name: &str) -> String {
        self.sources().await;
        let body = format!(
            r#"{{"name":"{name}","dest_vpc_id":"22094d8f-c310-4621-913d-4c4d655d8495",
            "dest_network_id":"78f2562a-36e4-4b39-95b9-f5aab22e1281","queues":["q1"],
            "elastic_resource_pools":["pool_1"],"routetable_id":"ad3be945-5920-4b43-a4b2-4a6d7c5a4d8d",
            "hosts":[{{"name":"ecs-97f8-0001","ip":"192.168.0.1"}},{{"name":"ecs-97f8-0002","ip":"192.168.0.2"}}],
            "tags":[{{"key":"env","value":"test"}}]}}"#
        );
        self.created(&body).await
    }

    async fn created(&self, body: &str) -> String {
        let answer = self.ok("CreateEnhancedConnection", body).await;
        answer.json()["connection_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn id_of(&self, name: &str) -> String {
        let list = self.get("ListEnhancedConnections", &format!("name={name}")).await.json();
        list["connections"][0]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn show(&self, id: &str) -> serde_json::Value {
        self.on(id).ok("ShowEnhancedConnection", "").await.json()
    }
}

/// What a reconciler does.
impl Stage {
    fn peers(&self) -> Vec<Peer> {
        let mut peers = Vec::new();
        self.app.engine.view().for_each_desired_peer(&mut |DesiredPeer { peer, .. }| peers.push(peer));
        peers
    }

    /// Reports an outcome for every peer.
    pub(crate) async fn report_peers(&self, outcome: impl Fn(&Peer) -> PeerOutcome) {
        let report = |peer: &Peer| PeerReport { peer: peer.id, generation: peer.generation, outcome: outcome(peer) };
        let reports = self.peers().iter().map(report).collect();
        let request = Request::System(SystemCommand::Report(reports));
        self.app.engine.submit(request, Origin::default()).await.unwrap();
    }

    /// Reports every peer as active.
    pub(crate) async fn settle_peers(&self) {
        self.report_peers(|_| PeerOutcome::Active).await;
    }

    /// Whether exactly this many peers are in a state, named as the model names it.
    pub(crate) fn peers_are(&self, state: &str, count: usize) -> bool {
        self.peers().iter().filter(|peer| format!("{:?}", peer.state).starts_with(state)).count() == count
    }

    /// Waits for a predicate of the view to come true.
    pub(crate) async fn until(&self, what: &str, predicate: impl Fn(&Self) -> bool) {
        let mut revisions = self.app.engine.revisions();
        let waited = tokio::time::timeout(Duration::from_secs(20), revisions.wait_for(|_| predicate(self))).await;
        assert!(waited.is_ok(), "it never came true that {what}");
    }
}

/// The operation of this name.
pub(crate) fn operation(name: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.name == name).unwrap_or_else(|| panic!("no operation {name}"))
}

async fn answered(result: Result<Answer, Fault>) -> Answered {
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
        Err(Fault::Api(error)) => {
            Answered { status: error.status(), headers: HeaderMap::new(), body: error.body(REQUEST_ID) }
        }
        Err(Fault::Problem(problem)) => {
            Answered { status: problem.status(), headers: HeaderMap::new(), body: problem.body(REQUEST_ID) }
        }
    }
}

fn first_identities() -> Bootstrap {
    let domain = Domain { id: "d0".parse().unwrap(), name: "domain".into(), create_time: NOW };
    let project = Project {
        id: OWN.parse().unwrap(),
        domain: domain.id.clone(),
        name: "cn-north-4".into(),
        enabled: true,
        create_time: NOW,
    };
    let user = User {
        id: "u0".parse().unwrap(),
        domain: domain.id.clone(),
        name: "alice".into(),
        password_hash: None,
        enabled: true,
        generation: 1,
        admin: true,
        access: ProjectAccess::Domain,
        create_time: NOW,
    };
    let key = AccessKey {
        id: OWN_KEY.parse().unwrap(),
        user: user.id.clone(),
        secret: SealedSecret("sealed".into()),
        role: KeyRole::Full,
        enabled: true,
        description: "".into(),
        create_time: NOW,
    };
    Bootstrap { domain, project, user, key }
}

/// A user of another domain, who administers nothing, and a project of that domain.
async fn strangers(engine: &Engine, admin: &Principal) -> (Principal, ProjectId) {
    let scope = engine.view().admin_scope(admin, Access::Write).unwrap();
    let submit = |command| engine.submit(Request::Admin(scope.clone(), command), Origin::default());
    let Ok(Reply::Domain(domain)) = submit(AdminCommand::CreateDomain("elsewhere".into())).await else { panic!() };
    let Ok(Reply::Project(project)) = submit(AdminCommand::CreateProject(domain.clone(), "other".into())).await else {
        panic!()
    };
    let user =
        NewUser { domain, name: "mallory".into(), password_hash: None, admin: false, access: ProjectAccess::Domain };
    let Ok(Reply::User(user)) = submit(AdminCommand::CreateUser(user)).await else { panic!() };
    let id = STRANGERS_KEY.parse().unwrap();
    let secret = SealedSecret("sealed".into());
    let key = NewKey { id, user, secret, role: KeyRole::Full, description: "".into() };
    submit(AdminCommand::CreateKey(key)).await.unwrap();
    let principal = engine.view().principal_of_key(&STRANGERS_KEY.parse().unwrap()).unwrap();
    (principal, project)
}
