//! What is said of a token, when it is made and when it is looked at: whose, what for, how long, and where the
//! services are.

use http::header::{HOST, HeaderName, HeaderValue};
use http::uri::Authority;
use linkspan_engine::{Refusal, State};
use linkspan_model::{Project, UnixMillis, User};
use linkspan_wire::query::Query;
use linkspan_wire::responses::identity::{self, CatalogService, IssuedToken};

use crate::answer::{Answer, Fault};
use crate::auth::TokenMethod;
use crate::call::Call;

pub(super) const SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");

/// What is said.
pub(super) struct Told<'a> {
    /// Whose it is.
    pub(super) user: &'a User,
    /// The project it is for; none = the user's domain.
    pub(super) project: Option<&'a Project>,
    /// How its user was recognised.
    pub(super) method: TokenMethod,
    /// When it was issued, UTC.
    pub(super) issued_at: UnixMillis,
    /// When it ends, UTC.
    pub(super) expires_at: UnixMillis,
    /// The token itself.
    pub(super) text: &'a str,
}

impl Told<'_> {
    /// The answer; a query with `nocatalog` leaves the services out.
    pub(super) fn answer(&self, status: u16, call: &Call, view: &State) -> Result<Answer, Fault> {
        let domain = view.domain(&self.user.domain).ok_or(Refusal::Internal)?;
        let is_wanted = Query::new(call.query()).get("nocatalog")?.is_none();
        let places = if is_wanted { places(call, self.project) } else { Vec::new() };
        let region = call.app.settings.region.as_str();
        let catalog: Vec<_> = places
            .iter()
            .map(|place| CatalogService {
                kind: place.kind,
                region: if place.is_regional { region } else { "*" },
                url: &place.url,
            })
            .collect();
        let body = identity::token(&IssuedToken {
            user: self.user,
            domain,
            project: self.project,
            method: self.method.as_str(),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            catalog: &catalog,
        });
        let mut text = HeaderValue::try_from(self.text).map_err(|_| Refusal::Internal)?;
        text.set_sensitive(true);
        Ok(Answer::json(status, body).with(SUBJECT_TOKEN, text))
    }
}

/// Where a service is.
struct Place {
    kind: &'static str,
    is_regional: bool,
    url: String,
}

/// Every service that this server answers for, where the caller reached it.
fn places(call: &Call, project: Option<&Project>) -> Vec<Place> {
    let base = base(call);
    let in_project = |version: &str| match project {
        Some(project) => format!("{base}/{version}/{}", project.id),
        None => base.clone(),
    };
    let place = |kind, is_regional, url| Place { kind, is_regional, url };
    vec![
        place("dli", true, in_project("v1.0")),
        place("vpc", true, in_project("v1")),
        place("iam", false, format!("{base}/v3")),
        place("sts", false, base.clone()),
    ]
}

/// Scheme and host as the caller used them. A `Host` that is none is not repeated.
fn base(call: &Call) -> String {
    let host = call.parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_host = |host: &&str| host.parse::<Authority>().is_ok_and(|authority| !authority.as_str().contains('@'));
    let scheme = if call.is_encrypted { "https" } else { "http" };
    format!("{scheme}://{}", host.filter(is_host).unwrap_or("localhost"))
}
