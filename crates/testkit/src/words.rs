//! Answers of the engine in the words of the oracle.

use linkspan_engine::{Refusal, Reply};

use crate::commands::{POOL, QUEUE};

/// A reply without what only the engine can know.
#[must_use]
pub fn reply_text(reply: &Reply) -> String {
    match reply {
        Reply::Created(_) => "Created".into(),
        Reply::Cancelling(_) => "Cancelling".into(),
        Reply::Unbound(peers) => format!("Unbound {}", peers.len()),
        Reply::Network(id) => format!("Network {id}"),
        _ => "Done".into(),
    }
}

/// A refusal without its prose.
#[must_use]
pub fn refusal_text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::UnknownQueue(name) => format!("Unknown {QUEUE} {name}"),
        Refusal::UnknownPool(name) => format!("Unknown {POOL} {name}"),
        Refusal::UnknownConnection(_) => "UnknownConnection".into(),
        Refusal::UnknownVpc(_) => "UnknownVpc".into(),
        Refusal::UnknownSubnet(_) => "UnknownSubnet".into(),
        Refusal::UnknownRouteTable(_) => "UnknownRouteTable".into(),
        Refusal::Unknown(_) => "Unknown".into(),
        Refusal::Forbidden(_) => "Forbidden".into(),
        Refusal::Invalid(_) => "Invalid".into(),
        Refusal::Outside(_) => "Outside".into(),
        Refusal::Overlaps(_) => "Overlaps".into(),
        Refusal::Exists(_) => "Exists".into(),
        Refusal::NotSupported(_) => "NotSupported".into(),
        Refusal::Exceeds(_) => "Exceeds".into(),
        Refusal::InUse(_) => "InUse".into(),
        Refusal::Overloaded | Refusal::Unavailable | Refusal::StorageFull | Refusal::Deposed | Refusal::Internal => {
            format!("{refusal:?}")
        }
    }
}
