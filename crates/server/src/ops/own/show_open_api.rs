use std::sync::LazyLock;

use bytes::Bytes;
use http::Method;
use http::header::{CACHE_CONTROL, HeaderValue};

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::contract;
use crate::operation::{Auth, Operation};

/// The OpenAPI document of every operation.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "ShowOpenApi",
    method: Method::GET,
    path: "/linkspan/v1/openapi.json",
    document: "linkspan",
    action: "none",
    auth: Auth::Nobody,
    handler: |call| Box::pin(run(call)),
};

/// Made for the first who asks.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| contract::document().to_compact_json().into());

async fn run(_call: Call) -> Result<Answer, Fault> {
    let answer = Answer::json(200, DOCUMENT.clone());
    Ok(answer.with(CACHE_CONTROL, HeaderValue::from_static("no-cache")))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::Stage;

    #[tokio::test]
    async fn anyone_may_read_what_there_is() {
        let stage = Stage::open().await;
        let document = stage.by_stranger().get("ShowOpenApi", "").await.json();
        assert_eq!(document["openapi"], "3.1.0");
        let list = &document["paths"]["/v2.0/{project_id}/datasource/enhanced-connections"]["get"];
        assert_eq!(list["operationId"], "ListEnhancedConnections");
    }
}
