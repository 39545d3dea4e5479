//! Answers to changes of a queue: actions (dli_02_0249) and properties.

use linkspan_model::{Queue, QueueName};
use serde::Serialize;

use super::success::to_bytes;

#[derive(Serialize)]
struct Acted<'a> {
    is_success: bool,
    message: &'a str,
    queue_name: &'a str,
    result: bool,
}

#[derive(Serialize)]
struct Properties<'a> {
    is_success: bool,
    message: &'a str,
    properties: Vec<Property<'a>>,
}

#[derive(Serialize)]
struct Property<'a> {
    key: &'a str,
    value: String,
}

/// A restart or scaling that was carried out.
#[must_use]
pub fn acted(name: &QueueName) -> Vec<u8> {
    to_bytes(&Acted { is_success: true, message: "", queue_name: name.as_str(), result: true })
}

/// A page of a queue's properties, whose values are texts here whatever they were set with.
#[must_use]
pub fn properties(queue: &Queue, skip: usize, most: usize) -> Vec<u8> {
    let page = queue.properties.iter().skip(skip).take(most);
    let properties = page.map(|(key, json)| Property { key, value: as_text(json) }).collect();
    to_bytes(&Properties { is_success: true, message: "", properties })
}

/// The text that a JSON text stands for; other values as they are written.
fn as_text(json: &str) -> String {
    serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::queue::tests::queue;
    use super::*;

    #[test]
    fn bodies() {
        let queue = queue();
        let bodies = [acted(&queue.name), properties(&queue, 0, 100), properties(&queue, 1, 100)];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }
}
