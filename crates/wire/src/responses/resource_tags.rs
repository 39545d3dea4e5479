//! Answers of the tag API (dli_02_0398, dli_02_0399, dli_02_0501, dli_02_0513), which have no envelope.
//! Adding and removing answer 204 without a body.

use linkspan_model::Tags;
use serde::{Serialize, Serializer};

use super::success::to_bytes;
use crate::requests::write_tags;

/// A resource as the filter lists it.
#[derive(Debug, Clone)]
pub struct TaggedResource<'a> {
    /// Its id: a connection's, a queue's number, a pool's `resource_id`.
    pub resource_id: String,
    /// Its name.
    pub resource_name: &'a str,
    /// Its tags.
    pub tags: &'a Tags,
}

/// One key of a project with the values it has, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagValues<'a> {
    /// The key.
    pub key: &'a str,
    /// The values.
    pub values: Vec<&'a str>,
}

/// Tags of the model in the wire's form.
struct Shown<'a>(&'a Tags);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_tags(self.0, serializer)
    }
}

#[derive(Serialize)]
struct OfResource<'a> {
    tags: Shown<'a>,
    count: usize,
}

#[derive(Serialize)]
struct OfProject<'a> {
    tags: &'a [TagValues<'a>],
    count: usize,
}

#[derive(Serialize)]
struct Filtered<'a> {
    total_count: usize,
    resources: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    resource_id: &'a str,
    resource_name: &'a str,
    resource_detail: (),
    tags: Shown<'a>,
}

#[derive(Serialize)]
struct Counted {
    total_count: usize,
}

/// A page of one resource's tags (dli_02_0501); `total` is how many it bears.
#[must_use]
pub fn of_resource(page: &Tags, total: usize) -> Vec<u8> {
    to_bytes(&OfResource { tags: Shown(page), count: total })
}

/// A page of the keys of a resource type (dli_02_0513); `total` is how many there are.
#[must_use]
pub fn of_project(page: &[TagValues<'_>], total: usize) -> Vec<u8> {
    to_bytes(&OfProject { tags: page, count: total })
}

/// A page of resources (dli_02_0399); `total` is how many match. `resource_detail` is null, as the vendor has it.
#[must_use]
pub fn filtered(page: &[TaggedResource<'_>], total: usize) -> Vec<u8> {
    to_bytes(&Filtered { total_count: total, resources: page.iter().map(row).collect() })
}

fn row<'a>(TaggedResource { resource_id, resource_name, tags }: &'a TaggedResource<'_>) -> Row<'a> {
    Row { resource_id, resource_name, resource_detail: (), tags: Shown(tags) }
}

/// How many resources match (dli_02_0398).
#[must_use]
pub fn counted(total: usize) -> Vec<u8> {
    to_bytes(&Counted { total_count: total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let tags = Tags::parse(&[("项目", "测试"), ("k", "")]).unwrap();
        let resource = TaggedResource { resource_id: "17".into(), resource_name: "sql_1", tags: &tags };
        let bodies = [
            of_resource(&Tags::default(), 0),
            of_resource(&tags, 7),
            of_project(&[TagValues { key: "k", values: vec!["", "v"] }], 1),
            filtered(&[], 0),
            filtered(&[resource], 3),
            counted(3),
        ];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }
}
