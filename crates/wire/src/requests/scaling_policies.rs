use linkspan_model::ScalingPolicy;
use serde::{Serialize, Serializer};

use super::compute;
use crate::error::ApiError;
use crate::json::Fields;
use crate::quote::Quoted;

/// `PUT /v3/{project_id}/elastic-resource-pools/{name}/queues/{queue_name}` (dli_02_0332): replaces the policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UpdateScalingPolicies {
    /// The new policies.
    #[serde(serialize_with = "write")]
    pub queue_scaling_policies: Vec<ScalingPolicy>,
}

impl UpdateScalingPolicies {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            let key = "queue_scaling_policies";
            fields.required(key)?;
            if fields.array(key)?.len() > ScalingPolicy::MOST {
                let why = format_args!("must hold at most {} policies", ScalingPolicy::MOST);
                return Err(fields.place().key(key).fault(why));
            }
            Ok(Self { queue_scaling_policies: fields.objects(key, policy)? })
        })
    }
}

fn policy(fields: &Fields<'_, '_>) -> Result<ScalingPolicy, ApiError> {
    let policy = ScalingPolicy {
        priority: fields.int("priority", 1..=100)?.ok_or_else(|| fields.missing("priority"))?,
        start_hour: hour(fields, "impact_start_time")?,
        stop_hour: hour(fields, "impact_stop_time")?,
        min_cu: compute::cu(fields, "min_cu")?.ok_or_else(|| fields.missing("min_cu"))?,
        max_cu: compute::cu(fields, "max_cu")?.ok_or_else(|| fields.missing("max_cu"))?,
        inherits_max_cu: fields.bool("inherit_elastic_resource_pool_max_cu")?.unwrap_or(false),
    };
    if policy.start_hour >= policy.stop_hour {
        return Err(fields.place().key("impact_stop_time").fault("must be later than impact_start_time"));
    }
    if policy.min_cu > policy.max_cu && !policy.inherits_max_cu {
        let why = format_args!("must be at most max_cu, got {} and {}", policy.min_cu, policy.max_cu);
        return Err(fields.place().key("min_cu").fault(why));
    }
    Ok(policy)
}

fn hour(fields: &Fields<'_, '_>, key: &str) -> Result<u8, ApiError> {
    let text = fields.required_text(key)?;
    let hour = text.strip_suffix(":00").filter(|hour| hour.len() == 2).and_then(|hour| hour.parse::<u8>().ok());
    match hour {
        Some(hour @ 0..=ScalingPolicy::HOURS) if !text.starts_with('+') => Ok(hour),
        _ => Err(fields.place().key(key).fault(format_args!("must be an hour such as 08:00, got {}", Quoted(text)))),
    }
}

/// A policy on the wire, in requests and answers.
#[derive(Serialize)]
pub(crate) struct PolicyBody {
    priority: u8,
    impact_start_time: String,
    impact_stop_time: String,
    min_cu: u32,
    max_cu: u32,
    inherit_elastic_resource_pool_max_cu: bool,
}

impl From<&ScalingPolicy> for PolicyBody {
    fn from(policy: &ScalingPolicy) -> Self {
        Self {
            priority: policy.priority,
            impact_start_time: format!("{:02}:00", policy.start_hour),
            impact_stop_time: format!("{:02}:00", policy.stop_hour),
            min_cu: policy.min_cu,
            max_cu: policy.max_cu,
            inherit_elastic_resource_pool_max_cu: policy.inherits_max_cu,
        }
    }
}

fn write<S: Serializer>(policies: &[ScalingPolicy], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(policies.iter().map(PolicyBody::from))
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
            with(&POLICY.replace("24:00", "00:00")),
            with(&POLICY.replace("16", "80")),
            with(&[POLICY; 101].join(",")),
        ]
        .map(|body| UpdateScalingPolicies::from_body(body.as_bytes()).unwrap_err().message().to_owned())
        .into();
        insta::assert_snapshot!(texts.join("\n"));
    }
}
