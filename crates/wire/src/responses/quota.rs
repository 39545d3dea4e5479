//! Quotas (dli_02_0503).

use serde::Serialize;

use super::success::to_bytes;

/// One quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Quota<'a> {
    /// `CU`, `QUEUE`, `ELASTIC_RESOURCE_POOL`, …; each at most once, since Terraform looks for exactly one `CU`.
    pub r#type: &'a str,
    /// The least it can be set to.
    pub min: i64,
    /// The most it can be set to.
    pub max: i64,
    /// What it is.
    pub quota: i64,
    /// How much of it is used.
    pub used: i64,
}

#[derive(Serialize)]
struct Show<'a> {
    is_success: bool,
    message: &'a str,
    quotas: Resources<'a>,
}

#[derive(Serialize)]
struct Resources<'a> {
    resources: &'a [Quota<'a>],
}

/// The quotas of a project.
#[must_use]
pub fn show(quotas: &[Quota<'_>]) -> Vec<u8> {
    to_bytes(&Show { is_success: true, message: "", quotas: Resources { resources: quotas } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let quota = Quota { r#type: "CU", min: 0, max: 2048, quota: 1024, used: 16 };
        assert_eq!(
            String::from_utf8(show(&[quota])).unwrap(),
            r#"{"is_success":true,"message":"","quotas":{"resources":[{"type":"CU","min":0,"max":2048,"quota":1024,"used":16}]}}"#
        );
    }
}
