use serde::{Deserialize, Serialize};

use super::compute;
use crate::error::ApiError;
use crate::json::Fields;
use crate::quote::Quoted;

/// When a queue may take how much of its pool (dli_02_0332).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    /// 1 to 100; the higher goes first.
    pub priority: u32,
    /// `HH:MM`, on the hour.
    pub impact_start_time: String,
    /// `HH:MM`, on the hour; `24:00` ends the day.
    pub impact_stop_time: String,
    /// Fewest compute units.
    pub min_cu: u32,
    /// Most compute units.
    pub max_cu: u32,
    /// Whether the pool's own maximum counts instead of `max_cu`.
    #[serde(default)]
    pub inherit_elastic_resource_pool_max_cu: bool,
}

/// The policy of a queue that was given none: the whole day, with the lowest priority.
impl Default for ScalingPolicy {
    fn default() -> Self {
        Self {
            priority: 1,
            impact_start_time: "00:00".into(),
            impact_stop_time: "24:00".into(),
            min_cu: 0,
            max_cu: 0,
            inherit_elastic_resource_pool_max_cu: true,
        }
    }
}

/// `PUT /v3/{project_id}/elastic-resource-pools/{name}/queues/{queue_name}` (dli_02_0332): replaces the policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UpdateScalingPolicies {
    /// The new policies.
    pub queue_scaling_policies: Vec<ScalingPolicy>,
}

impl UpdateScalingPolicies {
    /// The most policies of one queue.
    const MOST: usize = 100;

    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            let key = "queue_scaling_policies";
            fields.required(key)?;
            if fields.array(key)?.len() > Self::MOST {
                return Err(fields.place().key(key).fault(format_args!("must hold at most {} policies", Self::MOST)));
            }
            Ok(Self { queue_scaling_policies: fields.objects(key, policy)? })
        })
    }
}

fn policy(fields: &Fields<'_, '_>) -> Result<ScalingPolicy, ApiError> {
    Ok(ScalingPolicy {
        priority: fields.int("priority", 1..=100)?.ok_or_else(|| fields.missing("priority"))?,
        impact_start_time: hour(fields, "impact_start_time")?,
        impact_stop_time: hour(fields, "impact_stop_time")?,
        min_cu: compute::cu(fields, "min_cu")?.ok_or_else(|| fields.missing("min_cu"))?,
        max_cu: compute::cu(fields, "max_cu")?.ok_or_else(|| fields.missing("max_cu"))?,
        inherit_elastic_resource_pool_max_cu: fields.bool("inherit_elastic_resource_pool_max_cu")?.unwrap_or(false),
    })
}

fn hour(fields: &Fields<'_, '_>, key: &str) -> Result<String, ApiError> {
    let text = fields.required_text(key)?;
    let hour = text.strip_suffix(":00").filter(|hour| hour.len() == 2).and_then(|hour| hour.parse::<u8>().ok());
    match hour {
        Some(0..=24) if !text.starts_with('+') => Ok(text.to_owned()),
        _ => Err(fields.place().key(key).fault(format_args!("must be an hour such as 08:00, got {}", Quoted(text)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"priority":1,"impact_start_time":"00:00","impact_stop_time":"24:00","min_cu":16,"max_cu":64,"inherit_elastic_resource_pool_max_cu":false}"#;

    #[test]
    fn what_is_written_is_read() {
        let body = format!("{{\"queue_scaling_policies\":[{POLICY}]}}");
        let request = UpdateScalingPolicies::from_body(body.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&request).unwrap(), body);
    }

    #[test]
    fn faults_name_path_and_value() {
        let with = |policy: &str| format!("{{\"queue_scaling_policies\":[{policy}]}}");
        let texts: Vec<_> = [
            "{}".to_owned(),
            with("{}"),
            with(r#"{"priority":101}"#),
            with(&POLICY.replace("00:00", "8:00")),
            with(&POLICY.replace("00:00", "+8:00")),
            with(&POLICY.replace("24:00", "25:00")),
            with(&POLICY.replace("24:00", "10:30")),
            with(&[POLICY; 101].join(",")),
        ]
        .map(|body| UpdateScalingPolicies::from_body(body.as_bytes()).unwrap_err().message().to_owned())
        .into();
        insta::assert_snapshot!(texts.join("\n"));
    }
}
