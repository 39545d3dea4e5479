//! Answers of the identity service: tokens, projects, domains, users. Their form is the vendor's IAM v3.

use jiff::Timestamp;
use linkspan_model::{Domain, DomainId, Project, UnixMillis, User, UserId};
use serde::Serialize;

use super::success::to_bytes;

/// What a token says. The token itself goes into the header `X-Subject-Token`, the status is 201.
#[derive(Debug, Clone, Copy)]
pub struct IssuedToken<'a> {
    /// Whose it is.
    pub user: &'a User,
    /// The user's domain, which is also that of the project.
    pub domain: &'a Domain,
    /// The project it is for; none = the domain.
    pub project: Option<&'a Project>,
    /// `password` or `token`.
    pub method: &'a str,
    /// When it was issued, UTC.
    pub issued_at: UnixMillis,
    /// When it ends, UTC.
    pub expires_at: UnixMillis,
    /// Where the services are.
    pub catalog: &'a [CatalogService<'a>],
}

/// One service of a token's catalog.
#[derive(Debug, Clone, Copy)]
pub struct CatalogService<'a> {
    /// Such as `dli`.
    pub kind: &'a str,
    /// The region it is in, `*` for a global one.
    pub region: &'a str,
    /// Its address.
    pub url: &'a str,
}

#[derive(Serialize)]
struct TokenBody<'a> {
    token: Token<'a>,
}

#[derive(Serialize)]
struct Token<'a> {
    issued_at: String,
    expires_at: String,
    methods: [&'a str; 1],
    catalog: Vec<Service<'a>>,
    roles: [Named<'a>; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<InDomain<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<Named<'a>>,
    user: InDomain<'a>,
}

#[derive(Serialize, Clone, Copy)]
struct Named<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct InDomain<'a> {
    id: &'a str,
    name: &'a str,
    domain: Named<'a>,
}

#[derive(Serialize)]
struct Service<'a> {
    id: &'a str,
    name: &'a str,
    r#type: &'a str,
    endpoints: [Endpoint<'a>; 1],
}

#[derive(Serialize)]
struct Endpoint<'a> {
    id: &'a str,
    interface: &'a str,
    region: &'a str,
    region_id: &'a str,
    url: &'a str,
}

/// The body that goes with a new token.
#[must_use]
pub fn token(issued: &IssuedToken<'_>) -> Vec<u8> {
    let domain = Named { id: issued.domain.id.as_str(), name: &issued.domain.name };
    let project = issued.project.map(|project| InDomain { id: project.id.as_str(), name: &project.name, domain });
    let token = Token {
        issued_at: time(issued.issued_at),
        expires_at: time(issued.expires_at),
        methods: [issued.method],
        catalog: issued.catalog.iter().map(service).collect(),
        roles: [],
        domain: project.is_none().then_some(domain),
        project,
        user: InDomain { id: issued.user.id.as_str(), name: &issued.user.name, domain },
    };
    to_bytes(&TokenBody { token })
}

fn service<'a>(&CatalogService { kind, region, url }: &CatalogService<'a>) -> Service<'a> {
    let endpoint = Endpoint { id: kind, interface: "public", region, region_id: region, url };
    Service { id: kind, name: kind, r#type: kind, endpoints: [endpoint] }
}

/// RFC 3339 with six digits of fraction, the form of the vendor's tokens.
fn time(millis: UnixMillis) -> String {
    let time = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
    time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// The links of a list; the vendor writes null for the pages that do not exist.
#[derive(Serialize, Default)]
struct ListLinks {
    #[serde(rename = "self")]
    own: &'static str,
    previous: Option<&'static str>,
    next: Option<&'static str>,
}

#[derive(Serialize, Default)]
struct OwnLink {
    #[serde(rename = "self")]
    own: &'static str,
}

#[derive(Serialize)]
struct Projects<'a> {
    links: ListLinks,
    projects: Vec<ProjectRow<'a>>,
}

#[derive(Serialize)]
struct ProjectRow<'a> {
    id: &'a str,
    name: &'a str,
    domain_id: &'a str,
    parent_id: &'a str,
    is_domain: bool,
    enabled: bool,
    description: &'a str,
    links: OwnLink,
}

/// `GET /v3/projects`.
#[must_use]
pub fn projects<'a>(projects: impl IntoIterator<Item = &'a Project>) -> Vec<u8> {
    let row = |project: &'a Project| ProjectRow {
        id: project.id.as_str(),
        name: &project.name,
        domain_id: project.domain.as_str(),
        parent_id: project.domain.as_str(),
        is_domain: false,
        enabled: project.enabled,
        description: "",
        links: OwnLink::default(),
    };
    to_bytes(&Projects { links: ListLinks::default(), projects: projects.into_iter().map(row).collect() })
}

#[derive(Serialize)]
struct Domains<'a> {
    domains: Vec<DomainRow<'a>>,
    links: ListLinks,
}

#[derive(Serialize)]
struct DomainRow<'a> {
    id: &'a str,
    name: &'a str,
    enabled: bool,
    description: &'a str,
    links: OwnLink,
}

/// `GET /v3/auth/domains`.
#[must_use]
pub fn domains<'a>(domains: impl IntoIterator<Item = &'a Domain>) -> Vec<u8> {
    let row = |domain: &'a Domain| DomainRow {
        id: domain.id.as_str(),
        name: &domain.name,
        enabled: true,
        description: "",
        links: OwnLink::default(),
    };
    to_bytes(&Domains { domains: domains.into_iter().map(row).collect(), links: ListLinks::default() })
}

#[derive(Serialize)]
struct Users<'a> {
    links: ListLinks,
    users: Vec<UserRow<'a>>,
}

#[derive(Serialize)]
struct UserRow<'a> {
    id: &'a str,
    name: &'a str,
    domain_id: &'a str,
    enabled: bool,
    description: &'a str,
    links: OwnLink,
}

/// `GET /v3/users`.
#[must_use]
pub fn users<'a>(users: impl IntoIterator<Item = &'a User>) -> Vec<u8> {
    let row = |user: &'a User| UserRow {
        id: user.id.as_str(),
        name: &user.name,
        domain_id: user.domain.as_str(),
        enabled: user.enabled,
        description: "",
        links: OwnLink::default(),
    };
    to_bytes(&Users { links: ListLinks::default(), users: users.into_iter().map(row).collect() })
}

#[derive(Serialize)]
struct CallerIdentity<'a> {
    account_id: &'a str,
    principal_urn: String,
    principal_id: &'a str,
}

/// `GET /v5/caller-identity` of the token service: whom the credential belongs to.
#[must_use]
pub fn caller_identity(domain: &DomainId, user: &UserId, user_name: &str) -> Vec<u8> {
    to_bytes(&CallerIdentity {
        account_id: domain.as_str(),
        principal_urn: format!("iam::{domain}:user:{user_name}"),
        principal_id: user.as_str(),
    })
}

#[cfg(test)]
mod tests {
    use linkspan_model::ProjectAccess;

    use super::*;

    fn domain() -> Domain {
        let id = "fedcba98765432100123456789abcdef".parse().unwrap();
        Domain { id, name: "localdomain".into(), create_time: 0 }
    }

    fn project() -> Project {
        let id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9".parse().unwrap();
        Project { id, domain: domain().id, name: "cn-north-4".into(), enabled: true, create_time: 0, node: None }
    }

    fn user() -> User {
        User {
            id: "u1".parse().unwrap(),
            domain: domain().id,
            name: "alice".into(),
            password_hash: Some("hash".into()),
            enabled: true,
            generation: 1,
            admin: false,
            access: ProjectAccess::Domain,
            create_time: 0,
        }
    }

    #[test]
    fn bodies() {
        let (domain, project, user) = (domain(), project(), user());
        let catalog = [CatalogService { kind: "dli", region: "cn-north-4", url: "http://127.0.0.1:8780" }];
        let issued = IssuedToken {
            user: &user,
            domain: &domain,
            project: Some(&project),
            method: "password",
            issued_at: 1_735_689_600_000,
            expires_at: 1_893_456_000_123,
            catalog: &catalog,
        };
        let for_domain = IssuedToken { project: None, catalog: &[], ..issued };
        let bodies = [
            token(&issued),
            token(&for_domain),
            projects([&project]),
            projects([]),
            domains([&domain]),
            users([&user]),
            caller_identity(&domain.id, &user.id, &user.name),
        ];
        let text = bodies.map(|body| String::from_utf8(body).unwrap()).join("\n");
        assert!(!text.contains("hash"));
        insta::assert_snapshot!(text);
    }
}
