//! The front on real sockets, in front of operations that exist for these tests only.

mod admission;
mod attacks;
mod client;
mod limits;
mod shutdown;
mod slow_readers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::Method;
use linkspan_engine::command::{AdminCommand, Bootstrap, NewKey, NewUser, SystemCommand};
use linkspan_engine::{Access, Clock, Engine, Options, Origin, RandomIds, Reply, Request};
use linkspan_model::{AccessKey, Domain, KeyRole, Project, ProjectAccess, ProjectId, UnixMillis, User};
use linkspan_testkit::memory::MemoryStore;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use self::client::Client;
use super::listener::{Connections, Transport, bind};
use super::{Front, HEALTH_OPERATIONS, Limits};
use crate::answer::Answer;
use crate::app::{App, Settings};
use crate::auth::samples;
use crate::operation::{Auth, Handler, Operation};

/// 2025-01-02T03:04:05Z.
pub(super) const NOW_SECONDS: i64 = 1_735_787_045;
pub(super) const SECRET: &str = "the secret of AK1";

struct StillClock;

impl Clock for StillClock {
    fn now(&self) -> UnixMillis {
        NOW_SECONDS * 1000
    }
}

const fn operation(
    (name, path): (&'static str, &'static str),
    method: Method,
    auth: Auth,
    handler: Handler,
) -> Operation {
    Operation { name, method, path, document: "none", action: "none", auth, handler }
}

const READ: Auth = Auth::Project(Access::Read);

static OPERATIONS: &[Operation] = &[
    operation(("Echo", "/v1/{project_id}/echo"), Method::POST, READ, |call| {
        async move { Ok(Answer::json(200, call.body)) }.boxed()
    }),
    operation(("Get", "/v1/{project_id}/things/{thing}"), Method::GET, READ, |call| {
        async move { Ok(Answer::json(200, format!("{} {}", call.param("thing"), call.query()))) }.boxed()
    }),
    operation(("Admin", "/linkspan/v1/admin"), Method::GET, Auth::Admin(Access::Read), |_| {
        async { Ok(Answer::json(200, "{}")) }.boxed()
    }),
    operation(("Open", "/open"), Method::POST, Auth::Nobody, |call| {
        async move { Ok(Answer::json(200, call.body)) }.boxed()
    }),
    operation(("Big", "/big/{mib}"), Method::GET, Auth::Nobody, |call| {
        async move {
            let mib: usize = call.param("mib").parse().unwrap();
            Ok(Answer::json(200, Bytes::from(vec![b'x'; mib * 1024 * 1024])))
        }
        .boxed()
    }),
    operation(("Held", "/held"), Method::GET, Auth::Nobody, |_| {
        async {
            ENTERED.notify_one();
            RELEASE.notified().await;
            Ok(Answer::json(200, "released"))
        }
        .boxed()
    }),
];

/// Told when a call of `Held` has begun. Only the test of the shutdown calls it: nextest runs each test in a process of its
/// own, and `cargo test` finds no second user.
static ENTERED: Notify = Notify::const_new();
/// Lets a call of `Held` go on.
static RELEASE: Notify = Notify::const_new();

/// A front that serves on a loopback address.
pub(super) struct Stage {
    pub(super) app: Arc<App>,
    pub(super) front: Arc<Front>,
    pub(super) connections: Arc<Connections>,
    pub(super) address: SocketAddr,
    /// Stops accepting.
    pub(super) stop: Arc<Notify>,
}

impl Stage {
    pub(super) async fn open(limits: Limits) -> Self {
        Self::with(limits, Settings::default()).await
    }

    pub(super) async fn with(limits: Limits, settings: Settings) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(StillClock);
        let options = Options::new(crate::render_row, Arc::clone(&clock), Arc::new(RandomIds));
        let engine = Engine::open(Arc::new(MemoryStore::default()), options).await.unwrap();
        let auth = samples::keys();
        bootstrap(&engine, samples::access_key(&auth, "AK1", SECRET)).await;
        auth.prepare(&engine).await.unwrap();
        let app = Arc::new(App { engine, auth, clock, plane: Default::default(), settings });
        let front = Arc::new(Front::new(Arc::clone(&app), &[OPERATIONS, HEALTH_OPERATIONS], &limits, 1).unwrap());
        let connections = Arc::new(Connections::new(Arc::clone(&front), limits));
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(Notify::new());
        let (accepting, watching, stopped) = (Arc::clone(&connections), Arc::clone(&connections), Arc::clone(&stop));
        tokio::spawn(async move { accepting.accept(listener, Transport::Plain, stopped.notified()).await });
        tokio::spawn(async move { watching.keep_watch().await });
        Self { app, front, connections, address, stop }
    }

    async fn connect(&self) -> Client {
        Client::new(TcpStream::connect(self.address).await.unwrap())
    }

    /// Waits until the server has come to something.
    pub(super) async fn until(&self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let mut period = tokio::time::interval(Duration::from_millis(2));
        let waiting = async {
            while !is_so(self) {
                period.tick().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
    }
}

/// Domain `d1` with project `p1`, administrator `u1` with the key `AK1`; domain `d2` with a project and user `u2`, who is no
/// administrator and whose key is `AK2`, with the same secret.
async fn bootstrap(engine: &Engine, key: AccessKey) {
    let (d1, p1) = ("d1".parse().unwrap(), "p1".parse().unwrap());
    let user = User { admin: true, ..samples::user() };
    let secret = key.secret.clone();
    let first = Bootstrap {
        domain: Domain { id: d1, name: "one".into(), create_time: 0 },
        project: Project {
            id: p1,
            domain: user.domain.clone(),
            name: "one".into(),
            enabled: true,
            create_time: 0,
            node: None,
        },
        user,
        key,
    };
    let submit = async |request| engine.submit(request, Origin::default()).await.unwrap();
    submit(Request::System(SystemCommand::Bootstrap(Box::new(first)))).await;
    let principal = engine.view().principal_of_key(&"AK1".parse().unwrap()).unwrap();
    let scope = engine.view().admin_scope(&principal, Access::Write).unwrap();
    let admin = async |command| submit(Request::Admin(scope.clone(), command)).await;
    let Reply::Domain(d2) = admin(AdminCommand::CreateDomain("two".into())).await else { panic!() };
    let Reply::Project(_) = admin(AdminCommand::CreateProject(d2.clone(), "two".into())).await else { panic!() };
    let user =
        NewUser { domain: d2, name: "bob".into(), password_hash: None, admin: false, access: ProjectAccess::Domain };
    let Reply::User(user) = admin(AdminCommand::CreateUser(user)).await else { panic!() };
    let key = NewKey { id: "AK2".parse().unwrap(), user, secret, role: KeyRole::Full, description: "".into() };
    admin(AdminCommand::CreateKey(key)).await;
}

/// The project of `u2`.
pub(super) fn strangers_project(stage: &Stage) -> ProjectId {
    let state = stage.app.engine.view();
    let principal = state.principal_of_key(&"AK2".parse().unwrap()).unwrap();
    state.projects_of(&principal).next().unwrap().id.clone()
}
