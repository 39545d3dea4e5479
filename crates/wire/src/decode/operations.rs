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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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
    }
}
