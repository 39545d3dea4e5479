use linkspan_model::{Cidr4, PoolLabels, PoolName, Tags};
use serde::Serialize;

use super::compute;
use super::parts;
use crate::error::ApiError;
use crate::json::{Fields, Json};

/// `POST /v3/{project_id}/elastic-resource-pools` (dli_02_0326). What has a fixed default holds it when absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreatePool {
    /// The name, folded to lower case.
    pub elastic_resource_pool_name: PoolName,
    /// Free text, at most 256 characters.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: Box<str>,
    /// The network asked for; none = the documented default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_in_vpc: Option<Cidr4>,
    /// Most compute units.
    pub max_cu: u32,
    /// Fewest compute units.
    pub min_cu: u32,
    /// 1, pay per use.
    #[serde(skip_serializing_if = "compute::is_pay_per_use")]
    pub charging_mode: i32,
    /// `0` unless given.
    #[serde(skip_serializing_if = "compute::is_default_enterprise_project")]
    pub enterprise_project_id: Box<str>,
    /// Tags.
    #[serde(skip_serializing_if = "parts::no_tags", serialize_with = "parts::write_tags")]
    pub tags: Tags,
    /// Labels such as `spec` = `basic`.
    #[serde(skip_serializing_if = "PoolLabels::is_empty")]
    pub label: PoolLabels,
    /// Whether it has IPv6 too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ipv6_enable: bool,
}

impl CreatePool {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `DLI.0001` naming the path and the value.
    pub fn from_body(body: &[u8]) -> Result<Self, ApiError> {
        Fields::of_body(body, |fields| {
            let request = Self {
                elastic_resource_pool_name: fields.required_parsed("elastic_resource_pool_name")?,
                description: compute::description(&fields)?.unwrap_or_default(),
                cidr_in_vpc: fields.parsed("cidr_in_vpc")?,
                max_cu: compute::cu(&fields, "max_cu")?.ok_or_else(|| fields.missing("max_cu"))?,
                min_cu: compute::cu(&fields, "min_cu")?.ok_or_else(|| fields.missing("min_cu"))?,
                charging_mode: compute::charging_mode(&fields)?,
                enterprise_project_id: compute::enterprise_project(&fields)?,
                tags: parts::tags(&fields)?,
                label: labels(&fields)?,
                ipv6_enable: fields.bool("ipv6_enable")?.unwrap_or(false),
            };
            request.has_legal_cus().map(|()| request)
        })
    }

    /// Both are multiples of 16, in the cloud's own words, and in order (dli_02_0326).
    fn has_legal_cus(&self) -> Result<(), ApiError> {
        let Self { min_cu, max_cu, .. } = self;
        if *min_cu == 0 || !min_cu.is_multiple_of(16) || !max_cu.is_multiple_of(16) {
            let text = format!("max cu or min cu must be a multiple of 16, got {max_cu} and {min_cu}");
            return Err(ApiError::invalid(text));
        }
        if min_cu > max_cu {
            return Err(ApiError::invalid(format!("min_cu must be at most max_cu, got {min_cu} and {max_cu}")));
        }
        Ok(())
    }
}

fn labels(fields: &Fields<'_, '_>) -> Result<PoolLabels, ApiError> {
    let read = fields.object("label", |object| {
        let read = |(key, value): &(std::borrow::Cow<'_, str>, Json<'_>)| match value {
            Json::Text(text) => Ok((key.as_ref().into(), text.as_ref().into())),
            other => Err(object.place().key(key).fault(format_args!("must be a text, got {other}"))),
        };
        object.members().iter().map(read).collect()
    })?;
    Ok(read.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_python_sdk_sends() {
        let body = br#"{"elastic_resource_pool_name": "Pool_1", "cidr_in_vpc": "172.16.0.0/12", "max_cu": 64, "charging_mode": 1, "min_cu": 64}"#;
        let pool = CreatePool::from_body(body).unwrap();
        assert_eq!(
            serde_json::to_string(&pool).unwrap(),
            r#"{"elastic_resource_pool_name":"pool_1","cidr_in_vpc":"172.16.0.0/12","max_cu":64,"min_cu":64}"#
        );
    }

    #[test]
    fn everything_is_kept_and_written_back() {
        let body = r#"{"elastic_resource_pool_name":"p","description":"d","cidr_in_vpc":"10.0.0.0/18","max_cu":64,"min_cu":16,"enterprise_project_id":"e","tags":[{"key":"k","value":""}],"label":{"spec":"basic"},"ipv6_enable":true}"#;
        assert_eq!(serde_json::to_string(&CreatePool::from_body(body.as_bytes()).unwrap()).unwrap(), body);
    }

    #[test]
    fn faults_name_path_and_value() {
        let with = |members: &str| format!("{{\"elastic_resource_pool_name\":\"p\",{members}}}");
        let texts: Vec<_> = [
            "{}".to_owned(),
            with(r#""max_cu":64"#),
            with(r#""max_cu":64,"min_cu":-1"#),
            with(r#""max_cu":64,"min_cu":17"#),
            with(r#""max_cu":65,"min_cu":16"#),
            with(r#""max_cu":64,"min_cu":0"#),
            with(r#""max_cu":16,"min_cu":64"#),
            with(r#""cidr_in_vpc":"10.0.0.0/99""#),
            with(r#""max_cu":64,"min_cu":64,"label":{"spec":1}"#),
            with(r#""max_cu":64,"min_cu":64,"ipv6_enable":"true""#),
        ]
        .map(|body| CreatePool::from_body(body.as_bytes()).unwrap_err().message().to_owned())
        .into();
        insta::assert_snapshot!(texts.join("\n"));
    }
}
