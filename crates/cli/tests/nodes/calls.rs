//! What the tests ask for, and how they look at an answer.

use linkspan_client::ClientError;
use linkspan_model::{Hosts, Tags};
use linkspan_wire::{CreateConnection, CreateQueue};

/// A connection that leads nowhere in particular, with nothing bound to it.
pub(crate) fn new_connection(name: &str) -> CreateConnection {
    CreateConnection {
        name: name.parse().unwrap(),
        dest_vpc_id: "vpc".parse().unwrap(),
        dest_network_id: "subnet".parse().unwrap(),
        routetable_id: None,
        queues: vec![],
        elastic_resource_pools: vec![],
        hosts: Hosts::default(),
        tags: Tags::default(),
    }
}

/// A queue that connections can be bound to.
pub(crate) fn new_queue(name: &str) -> CreateQueue {
    let body = format!(r#"{{"queue_name":"{name}","cu_count":16,"resource_mode":1}}"#);
    CreateQueue::from_body(body.as_bytes()).unwrap()
}

/// Whether a node says that it can't answer now, in the vendor's words.
pub(crate) fn is_unavailable(error: &ClientError) -> bool {
    error.api().is_some_and(|failure| (failure.status, &*failure.code) == (503, "APIGW.0201"))
}
