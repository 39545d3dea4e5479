use serde::{Deserialize, Serialize};

use super::lenient;

/// The body that comes with a new token; the token itself is in the header `X-Subject-Token`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TokenBody {
    /// What the token says.
    pub token: TokenInfo,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TokenInfo {
    /// When it ends, RFC 3339.
    #[serde(deserialize_with = "lenient::or_default")]
    pub expires_at: String,
    /// The project it is for.
    pub project: Option<NamedInfo>,
    /// The domain it is for, if it is for no project.
    pub domain: Option<NamedInfo>,
    /// Whose it is.
    pub user: Option<NamedInfo>,
}

/// Something with an id and a name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct NamedInfo {
    /// Its id.
    #[serde(deserialize_with = "lenient::or_default")]
    pub id: String,
    /// Its name.
    #[serde(deserialize_with = "lenient::or_default")]
    pub name: String,
}

/// `GET /v3/projects`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ProjectList {
    /// The projects the caller may use.
    #[serde(deserialize_with = "lenient::or_default")]
    pub projects: Vec<ProjectInfo>,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ProjectInfo {
    /// Its id.
    #[serde(deserialize_with = "lenient::or_default")]
    pub id: String,
    /// Its name.
    #[serde(deserialize_with = "lenient::or_default")]
    pub name: String,
    /// Its domain.
    #[serde(deserialize_with = "lenient::or_default")]
    pub domain_id: String,
    /// Whether calls to it are answered.
    #[serde(deserialize_with = "lenient::flag")]
    pub enabled: bool,
}

/// `GET /v3/auth/domains`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct DomainList {
    /// The caller's domains.
    #[serde(deserialize_with = "lenient::or_default")]
    pub domains: Vec<NamedInfo>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_as_the_vendor_writes_it() {
        let body = r#"{"token": {"expires_at": "2030-01-01T00:00:00.000000Z", "methods": ["password"], "catalog": [], "roles": [], "project": {"id": "p", "name": "local-1", "domain": {"id": "d", "name": "localdomain"}}, "user": {"id": "u1", "name": "alice"}}}"#;
        let token = serde_json::from_str::<TokenBody>(body).unwrap().token;
        assert_eq!((token.project.unwrap().id.as_str(), token.user.unwrap().name.as_str()), ("p", "alice"));
        assert_eq!((token.expires_at.as_str(), token.domain), ("2030-01-01T00:00:00.000000Z", None));
    }

    #[test]
    fn lists() {
        let body = r#"{"links": {"self": "", "next": null}, "projects": [{"id": "p", "name": "cn-north-4", "domain_id": "d", "enabled": true}]}"#;
        let projects = serde_json::from_str::<ProjectList>(body).unwrap().projects;
        assert_eq!((projects[0].id.as_str(), projects[0].enabled), ("p", true));
        let domains: DomainList =
            serde_json::from_str(r#"{"domains": [{"id": "d", "name": "n", "enabled": true}]}"#).unwrap();
        assert_eq!(domains.domains, [NamedInfo { id: "d".into(), name: "n".into() }]);
    }
}
