use serde::{Deserialize, Serialize};

use super::lenient;

/// The short answer of a change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Outcome {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not, or what was done.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
}

/// A connectivity test that was begun (dli_02_0284).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CreatedTest {
    /// Whether the test was begun, not whether the address is reachable.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// The number to ask for the result with; a text in old regions.
    #[serde(default, deserialize_with = "lenient::int")]
    pub task_id: i64,
}

/// The result of a connectivity test (dli_02_0285).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Connectivity {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// `REACHABLE`, `UNREACHABLE` or, while it runs, `TESTING`.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub connectivity: String,
    /// Why it is unreachable; only Linkspan says it.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub reason: String,
}

/// A resource's tags (dli_02_0501).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct TagList {
    /// The page.
    #[serde(deserialize_with = "lenient::or_default")]
    pub tags: Vec<TagInfo>,
    /// How many there are.
    #[serde(deserialize_with = "lenient::int")]
    pub count: i64,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TagInfo {
    /// Its key.
    #[serde(deserialize_with = "lenient::or_default")]
    pub key: String,
    /// Its value.
    #[serde(deserialize_with = "lenient::or_default")]
    pub value: String,
}

/// The tag keys of a kind of resource (dli_02_0513).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct TagKeyList {
    /// The page.
    #[serde(deserialize_with = "lenient::or_default")]
    pub tags: Vec<TagKeyInfo>,
    /// How many keys there are.
    #[serde(deserialize_with = "lenient::int")]
    pub count: i64,
}

/// A tag key and the values it has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TagKeyInfo {
    /// The key.
    #[serde(deserialize_with = "lenient::or_default")]
    pub key: String,
    /// Its values.
    #[serde(deserialize_with = "lenient::or_default")]
    pub values: Vec<String>,
}

/// The resources that a filter lets through, or how many they are (dli_02_0399, dli_02_0398).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ResourceList {
    /// The page; empty where only the number was asked for.
    #[serde(deserialize_with = "lenient::or_default")]
    pub resources: Vec<ResourceInfo>,
    /// How many there are.
    #[serde(deserialize_with = "lenient::int")]
    pub total_count: i64,
}

/// A resource with its tags.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ResourceInfo {
    /// Its id.
    #[serde(deserialize_with = "lenient::or_default")]
    pub resource_id: String,
    /// Its name.
    #[serde(deserialize_with = "lenient::or_default")]
    pub resource_name: String,
    /// Its tags; null in the cloud where there are none.
    #[serde(deserialize_with = "lenient::or_default")]
    pub tags: Vec<TagInfo>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let done: Outcome = serde_json::from_str("{}").unwrap();
        assert!(done.is_success);
        let test: CreatedTest = serde_json::from_str(r#"{"is_success":true,"message":"","task_id":"9"}"#).unwrap();
        assert_eq!(test.task_id, 9);
        let shown: Connectivity = serde_json::from_str(r#"{"connectivity":"REACHABLE"}"#).unwrap();
        assert_eq!(shown.connectivity, "REACHABLE");
        let tags: TagList = serde_json::from_str(r#"{"tags":[{"key":"k","value":null}],"count":1}"#).unwrap();
        assert_eq!(tags.tags, [TagInfo { key: "k".into(), value: String::new() }]);
        let keys: TagKeyList = serde_json::from_str(r#"{"tags":[{"key":"k","values":null}],"count":1}"#).unwrap();
        assert_eq!(keys.tags, [TagKeyInfo { key: "k".into(), values: Vec::new() }]);
        let found = r#"{"total_count":1,"resources":[{"resource_id":"17","resource_name":"q","resource_detail":null,"tags":null}]}"#;
        let found: ResourceList = serde_json::from_str(found).unwrap();
        assert_eq!((found.total_count, found.resources[0].resource_name.as_str()), (1, "q"));
    }
}
