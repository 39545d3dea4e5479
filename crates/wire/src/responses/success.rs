//! The short success bodies with their documented texts, names as in the request.

use std::collections::HashSet;

use linkspan_model::ConnectionId;
use serde::Serialize;

#[derive(Serialize)]
struct Success<'a> {
    is_success: bool,
    message: &'a str,
}

#[derive(Serialize)]
struct Created<'a> {
    is_success: bool,
    message: &'a str,
    connection_id: String,
}

/// `{"is_success":true,"message":…}` with any text; also hosts, add route and authorization, whose text is empty.
#[must_use]
pub fn with_message(message: &str) -> Vec<u8> {
    to_bytes(&Success { is_success: true, message })
}

/// Hosts (dli_02_0200), add route (dli_02_0371), authorization (dli_02_0318), deletion of a queue (dli_02_0195).
#[must_use]
pub fn done() -> Vec<u8> {
    with_message("")
}

/// Deletion of a connection (dli_02_0188) or a route (dli_02_0372).
#[must_use]
pub fn deleted() -> Vec<u8> {
    with_message("Deleted")
}

/// Creation of a connection (dli_02_0187), sent with 201.
#[must_use]
pub fn created(id: ConnectionId, queues: &[String], pools: &[String]) -> Vec<u8> {
    let names = joined(queues, pools);
    let message =
        if names.is_empty() { String::new() } else { format!("Create peer connection for queues:{{{names}}}") };
    to_bytes(&Created { is_success: true, message: &message, connection_id: id.to_string() })
}

/// Binding (dli_02_0191).
#[must_use]
pub fn bound(queues: &[String], pools: &[String]) -> Vec<u8> {
    with_message(&format!("associated peer connection for queues: {{{}}}.", joined(queues, pools)))
}

/// Unbinding (dli_02_0192); its text differs from that of binding in the capital and the blank.
#[must_use]
pub fn unbound(queues: &[String], pools: &[String]) -> Vec<u8> {
    with_message(&format!("Disassociated peer connection for queues:{{{}}}.", joined(queues, pools)))
}

/// Queues, then pools, each name once.
fn joined(queues: &[String], pools: &[String]) -> String {
    let mut seen = HashSet::new();
    let names = queues.iter().chain(pools).filter(|name| seen.insert(name.to_ascii_lowercase()));
    names.map(String::as_str).collect::<Vec<_>>().join(",")
}

/// Bytes of a value that cannot fail to serialise: structs, texts, numbers and text-keyed maps.
pub(crate) fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let id = ConnectionId(uuid::uuid!("2a620c33-5609-40c9-affd-2b6453071b0f"));
        let (queues, pools) = (["q1".to_owned(), "Q2".to_owned()], ["p1".to_owned(), "q1".to_owned()]);
        let bodies = [
            created(id, &queues, &pools),
            created(id, &[], &[]),
            bound(&queues, &[]),
            bound(&[], &pools),
            unbound(&queues, &pools),
            deleted(),
            done(),
        ];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }
}
