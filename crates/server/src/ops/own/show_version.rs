use http::Method;
use linkspan_wire::own::{self, VersionInfo};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Which release answers.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ShowVersion",
    method: Method::GET,
    path: "/linkspan/v1/version",
    document: "linkspan",
    action: "none",
    auth: Auth::Nobody,
    handler: |call| Box::pin(run(call)),
};

async fn run(_call: Call) -> Result<Answer, Fault> {
    let version = VersionInfo { name: "linkspan".into(), version: env!("CARGO_PKG_VERSION").into() };
    Ok(Answer::json(200, own::write(&version)))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn anyone_may_ask() {
        let stage = Stage::open().await;
        let answer = stage.by_stranger().get("ShowVersion", "").await;
        let text = format!(r#"{{"name":"linkspan","version":"{}"}}"#, env!("CARGO_PKG_VERSION"));
        assert_eq!((answer.status, answer.text()), (200, text));
    }
}
