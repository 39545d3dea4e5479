//! Whether the process lives and whether it can serve: for probes, without credentials.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Method;

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
    async move { Ok(ready(call.app.engine.is_ready().await)) }.boxed()
}

fn ready(is_ready: bool) -> Answer {
    match is_ready {
        true => Answer::json(200, &br#"{"status":"ready"}"#[..]),
        false => Answer::json(503, &br#"{"status":"unavailable"}"#[..]),
    }
}
