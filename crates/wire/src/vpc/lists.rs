use linkspan_model::ExternalId;

use crate::error::{ApiError, ErrorCode};
use crate::query::{Limit, Query};

/// The parameters of the lists of VPCs, subnets and route tables (vpc_api01_0003, vpc_subnet01_0003,
/// vpc_apiroutetab_0001).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListNetworksQuery {
    /// Most rows; all if absent.
    pub limit: Limit,
    /// Only rows after the one with this id, which need not be there any more.
    pub marker: Option<ExternalId>,
    /// Only the row with this id.
    pub id: Option<ExternalId>,
    /// Only what is part of this VPC.
    pub vpc_id: Option<ExternalId>,
    /// Only the route table that this subnet uses.
    pub subnet_id: Option<ExternalId>,
    /// Only VPCs of this enterprise project; none = of all.
    pub enterprise_project_id: Option<String>,
}

impl ListNetworksQuery {
    /// What stands for every enterprise project that the caller may see.
    const ALL_ENTERPRISE_PROJECTS: &'static str = "all_granted_eps";

    /// Reads a raw query string.
    ///
    /// # Errors
    /// 400 `VPC.0101` naming the parameter and the value.
    pub fn parse(raw_query: &str) -> Result<Self, ApiError> {
        let query = Query::new(raw_query);
        let id = |name: &str| {
            let Some(value) = query.get(name)? else { return Ok(None) };
            value.parse().map(Some).map_err(|why| ApiError::invalid(format!("{name}: {why}")))
        };
        let read = || {
            let enterprise_project = query.get("enterprise_project_id")?.map(std::borrow::Cow::into_owned);
            Ok(Self {
                limit: query.limit(Limit::All)?,
                marker: id("marker")?,
                id: id("id")?,
                vpc_id: id("vpc_id")?,
                subnet_id: id("subnet_id")?,
                enterprise_project_id: enterprise_project.filter(|id| id != Self::ALL_ENTERPRISE_PROJECTS),
            })
        };
        read().map_err(|fault: ApiError| fault.recoded(ErrorCode::VpcInvalid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let query = ListNetworksQuery::parse("limit=1&vpc_id=22094d8f-c310-4621-913d-4c4d655d8495&marker=").unwrap();
        assert_eq!((query.limit.rows(), query.marker, query.id), (1, None, None));
        assert_eq!(query.vpc_id.unwrap().to_string(), "22094d8f-c310-4621-913d-4c4d655d8495");
        assert_eq!(ListNetworksQuery::parse("").unwrap().limit, Limit::All);
        let all = ListNetworksQuery::parse("enterprise_project_id=all_granted_eps").unwrap();
        assert_eq!(all.enterprise_project_id, None);
        for bad in ["limit=x", "marker=%00", "vpc_id=%ff"] {
            assert_eq!(ListNetworksQuery::parse(bad).unwrap_err().code(), ErrorCode::VpcInvalid, "{bad}");
        }
    }
}
