use serde::{Deserialize, Serialize};

use super::lenient;

/// When a queue may take how much of its pool (dli_02_0330).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PolicyInfo {
    /// The higher goes first.
    #[serde(deserialize_with = "lenient::int")]
    pub priority: i64,
    /// `HH:MM`.
    #[serde(deserialize_with = "lenient::or_default")]
    pub impact_start_time: String,
    /// `HH:MM`; `24:00` ends the day.
    #[serde(deserialize_with = "lenient::or_default")]
    pub impact_stop_time: String,
    /// Fewest compute units.
    #[serde(deserialize_with = "lenient::int")]
    pub min_cu: i64,
    /// Most compute units.
    #[serde(deserialize_with = "lenient::int")]
    pub max_cu: i64,
    /// Whether the pool's own maximum counts instead.
    #[serde(deserialize_with = "lenient::flag")]
    pub inherit_elastic_resource_pool_max_cu: bool,
}

/// What a project may have of something, and has (dli_02_0503).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct QuotaInfo {
    /// Of what.
    #[serde(deserialize_with = "lenient::or_default")]
    pub r#type: String,
    /// How much it may have; -1 = without limit.
    #[serde(deserialize_with = "lenient::int")]
    pub quota: i64,
    /// How much it has.
    #[serde(deserialize_with = "lenient::int")]
    pub used: i64,
}

/// The quotas of a project (dli_02_0503).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QuotaAnswer {
    /// Whether the call succeeded.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::success")]
    pub is_success: bool,
    /// Why not.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub message: String,
    /// Around the quotas.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub quotas: QuotaList,
}

/// The quotas themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct QuotaList {
    /// One entry a type.
    #[serde(deserialize_with = "lenient::or_default")]
    pub resources: Vec<QuotaInfo>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_with_nulls() {
        let policy: PolicyInfo = serde_json::from_str(r#"{"priority":"1","min_cu":16,"max_cu":null}"#).unwrap();
        assert_eq!((policy.priority, policy.min_cu, policy.max_cu), (1, 16, 0));
        let quotas: QuotaAnswer =
            serde_json::from_str(r#"{"quotas":{"resources":[{"type":"CU","quota":-1,"used":16}]}}"#).unwrap();
        assert_eq!(quotas.quotas.resources, [QuotaInfo { r#type: "CU".into(), quota: -1, used: 16 }]);
        let nothing: QuotaAnswer = serde_json::from_str(r#"{"quotas":null}"#).unwrap();
        assert_eq!((nothing.is_success, nothing.quotas), (true, QuotaList::default()));
    }
}
