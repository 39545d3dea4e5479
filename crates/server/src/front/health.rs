//! Whether the process lives and whether it can serve: for probes, without credentials.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Method;
use linkspan_engine::Engine;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Handler, Operation};

/// The probes.
pub static OPERATIONS: &[Operation] = &[
    probe("Healthz", Method::GET, "/healthz", healthz),
    probe("HealthzHead", Method::HEAD, "/healthz", healthz),
    probe("Readyz", Method::GET, "/readyz", readyz),
    probe("ReadyzHead", Method::HEAD, "/readyz", readyz),
];

const fn probe(name: &'static str, method: Method, path: &'static str, handler: Handler) -> Operation {
    Operation { name, method, path, document: "linkspan", action: "none", auth: Auth::Nobody, handler }
}

/// The process answers, so it lives.
fn healthz(_call: Call) -> BoxFuture<'static, Result<Answer, Fault>> {
    async { Ok(Answer::json(200, &br#"{"status":"ok"}"#[..])) }.boxed()
}

/// The view is loaded and the store answers.
fn readyz(call: Call) -> BoxFuture<'static, Result<Answer, Fault>> {
    async move {
        let (status, body) = readiness(&call.app.engine).await;
        Ok(Answer::json(status, body))
    }
    .boxed()
}

/// Whether the view is loaded and the store answers, and whether the store has lost what it had acknowledged: nothing
/// else would tell an operator until the node starts again.
pub(super) async fn readiness(engine: &Engine) -> (u16, String) {
    if !engine.is_ready().await {
        return (503, r#"{"status":"unavailable"}"#.into());
    }
    match engine.stats().lost_histories {
        0 => (200, r#"{"status":"ready"}"#.into()),
        lost => (200, format!(r#"{{"status":"ready","lost_histories":{lost}}}"#)),
    }
}
