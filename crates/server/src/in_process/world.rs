//! The server that the captures were sent to, as far as they can tell.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use linkspan_engine::command::{Bootstrap, Request, SystemCommand};
use linkspan_engine::{Clock, Engine, Ids, Options, Origin};
use linkspan_model::{Domain, Project, ProjectAccess, UnixMillis, User};
use linkspan_signing::{HeaderPairs, Payload, RequestParts, SignedDate, sign};
use linkspan_testkit::memory::MemoryStore;
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::pipe::{Answered, exchange};
use crate::app::{App, Settings};
use crate::auth::samples;
use crate::front::{Connections, Front, HEALTH_OPERATIONS, Limits};
use crate::ops::OPERATIONS;
use crate::plane_work::{Part, PlaneWork};

// What the captures were made with. They are no secrets: a stub on a loopback address was all they ever opened.
pub(super) const PROJECT: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
pub(super) const DOMAIN: &str = "fedcba98765432100123456789abcdef";
/// What the project is called unless a capture calls it otherwise.
pub(super) const PROJECT_NAME: &str = "cn-north-4";
const ACCESS_KEY: &str = "FAKEAKFAKEAKFAKEAK01";
const SECRET_KEY: &str = "FakeSecretKeyFakeSecretKeyFakeSecretKey1";
pub(super) const PASSWORD: &str = "fake-password";

/// Of that password: hashing is slow on purpose, and every world has the same user.
static HASH: OnceCell<Box<str>> = OnceCell::const_new();

/// A clock that a test sets.
struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        self.0.load(Ordering::Relaxed)
    }
}

/// Ids that a test planned, and then ids that count.
#[derive(Default)]
struct PlannedIds {
    planned: Mutex<VecDeque<Uuid>>,
    made: AtomicU64,
}

impl PlannedIds {
    fn next(&self) -> u128 {
        0xc0de_0000_0000_4000_8000_0000_0000_0000 | u128::from(self.made.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl Ids for PlannedIds {
    fn uuid(&self) -> Uuid {
        self.planned.lock().unwrap().pop_front().unwrap_or_else(|| Uuid::from_u128(self.next()))
    }

    fn commit_id(&self) -> u128 {
        self.next()
    }
}

/// A whole server but for its sockets.
pub(super) struct World {
    connections: Arc<Connections>,
    clock: Arc<HandClock>,
    ids: Arc<PlannedIds>,
    plane: PlaneWork,
}

impl World {
    /// A server whose one project has this name, at a time.
    pub(super) async fn open(project: &str, now: UnixMillis) -> Self {
        let (clock, ids) = (Arc::new(HandClock(now.into())), Arc::new(PlannedIds::default()));
        let options = Options::new(crate::render_row, clock.clone(), ids.clone());
        let engine = Engine::open(Arc::new(MemoryStore::default()), options).await.unwrap();
        let auth = samples::keys();
        let hash = || async { auth.hash_password(&SecretString::from(PASSWORD)).await.unwrap() };
        let password = HASH.get_or_init(hash).await.clone();
        let key = samples::access_key(&auth, ACCESS_KEY, SECRET_KEY);
        let user = User {
            domain: DOMAIN.parse().unwrap(),
            password_hash: Some(password),
            access: ProjectAccess::Domain,
            ..samples::user()
        };
        let first = Bootstrap {
            domain: Domain { id: user.domain.clone(), name: "localdomain".into(), create_time: now },
            project: Project {
                id: PROJECT.parse().unwrap(),
                domain: user.domain.clone(),
                name: project.into(),
                enabled: true,
                create_time: now,
                node: None,
            },
            user,
            key,
        };
        let first = Request::System(SystemCommand::Bootstrap(Box::new(first)));
        engine.submit(first, Origin::default()).await.unwrap();
        auth.prepare(&engine).await.unwrap();
        let plane = PlaneWork::alone(&engine, (linkspan_plane::Settings::default(), Part::Simulated)).await;
        let app = App { engine, auth, clock: clock.clone(), plane: plane.side(), settings: Settings::default() };
        let limits = Limits::default();
        let front = Front::new(Arc::new(app), &[OPERATIONS, HEALTH_OPERATIONS], &limits, 1).unwrap();
        let connections = Arc::new(Connections::new(Arc::new(front), limits));
        Self { connections, clock, ids, plane }
    }

    /// Ends it in order.
    pub(super) async fn close(self) {
        self.plane.stop().await;
    }

    /// What is made next gets this id.
    pub(super) fn plan_id(&self, id: &str) {
        self.ids.planned.lock().unwrap().push_back(id.parse().unwrap());
    }

    /// Whether every planned id was used.
    pub(super) fn has_used_its_plan(&self) -> bool {
        self.ids.planned.lock().unwrap().is_empty()
    }

    pub(super) fn set_time(&self, now: UnixMillis) {
        self.clock.0.store(now, Ordering::Relaxed);
    }

    /// Sends bytes as they are.
    pub(super) async fn exchange(&self, request: &[u8]) -> Answered {
        exchange(&self.connections, request).await
    }

    /// A request of the test's own, which must succeed; `{}` in the path stands for the project.
    pub(super) async fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.attempt(method, path, body).await;
        assert!((200..300).contains(&answer.status), "{method} {path} {body}: {answer:?}");
        answer.json()
    }

    /// A request of the test's own; null stands for no body.
    pub(super) async fn attempt(&self, method: &str, path: &str, body: &Value) -> Answered {
        self.attempt_with(&[], (method, path), body).await
    }

    /// The same, with headers that no signature covers.
    pub(super) async fn attempt_with(
        &self,
        more: &[(String, String)],
        (method, path): (&str, &str),
        body: &Value,
    ) -> Answered {
        let target = path.replace("{}", PROJECT);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let date = SignedDate::from_unix_seconds(self.clock.now() / 1000).unwrap().to_string();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let pairs = [("Host", "linkspan.test"), ("X-Sdk-Date", date.as_str())];
        let headers = HeaderPairs(&pairs);
        let parts = RequestParts { method, path, query, headers: &headers, payload: Payload::Body(body.as_bytes()) };
        let authorization = sign(&parts, &["host", "x-sdk-date"], ACCESS_KEY, SECRET_KEY.as_bytes()).unwrap();
        let more: String = more.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: linkspan.test\r\nX-Sdk-Date: {date}\r\n\
             Authorization: {authorization}\r\n{more}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.exchange(request.as_bytes()).await
    }
}
