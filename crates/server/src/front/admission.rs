//! Who may have a request carried out: credential, body, proof and rights, in this order.

use bytes::Bytes;
use http::request::Parts;
use hyper::body::{Body, Incoming};
use linkspan_engine::{Need, Principal, State};
use linkspan_signing::{Payload, RequestParts};
use linkspan_wire::{ApiError, ErrorCode};

use super::incoming::{BodyBudget, Held, Read, Reader, is_plain};
use super::limits::{Limits, NOBODY_BODY_BYTES};
use super::router::Found;
use super::signed_headers::SignedHeaders;
use crate::answer::api_error;
use crate::app::App;
use crate::auth::{Claim, Judge, Unproved};
use crate::call::Rights;
use crate::operation::Auth;

/// What admission is decided by.
pub(super) struct Gate<'a> {
    pub(super) app: &'a App,
    pub(super) limits: &'a Limits,
    pub(super) bodies: &'a BodyBudget,
    /// Whether nobody can read or change what is under way: TLS, or a caller on this machine.
    pub(super) is_private: bool,
}

/// A request that may be carried out.
pub(super) struct Admitted {
    pub(super) rights: Rights,
    pub(super) body: Bytes,
    /// The body's part of the budget, held as long as the body is.
    pub(super) _held: Option<Held>,
}

impl Gate<'_> {
    /// Lets a request in.
    ///
    /// # Errors
    /// 401 for the credential, 403 for the project or role, 413, 400 or 503 for the body. A body is read only once key,
    /// date and header form are good; and kept only if the project is the caller's too.
    pub(super) async fn admit(&self, parts: &Parts, body: &mut Incoming, found: &Found) -> Result<Admitted, ApiError> {
        if found.operation.auth == Auth::Nobody {
            return self.let_in_nobody(parts, body).await;
        }
        let (unproved, first_look) = self.look(parts, found)?;
        if body.is_end_stream() {
            self.prove(unproved, parts, Payload::Body(b""))?;
            let rights = first_look?;
            is_plain(&parts.headers)?;
            return Ok(Admitted { rights, body: Bytes::new(), _held: None });
        }
        let reader = self.reader(self.limits.body_bytes, first_look.is_ok());
        // In a box, so that requests without a body, which are most, carry no room for it.
        let read = Box::pin(reader.read(body)).await?;
        let (bytes, held) = match read {
            Read::Kept(bytes, held) => (bytes, held),
            Read::Hashed(hash) => {
                self.prove(unproved, parts, Payload::Hashed(hash))?;
                let refused = first_look.err();
                return Err(refused.unwrap_or_else(ApiError::internal));
            }
        };
        let principal = self.prove(unproved, parts, Payload::Body(&bytes))?;
        // Reading took time, so the rights are those of the state after it.
        let rights = rights(found, &principal, (&self.app.engine.view(), parts.uri.path()))?;
        is_plain(&parts.headers)?;
        Ok(Admitted { rights, body: bytes, _held: held })
    }

    async fn let_in_nobody(&self, parts: &Parts, body: &mut Incoming) -> Result<Admitted, ApiError> {
        let most = NOBODY_BODY_BYTES.min(self.limits.body_bytes);
        if body.is_end_stream() {
            return Ok(Admitted { rights: Rights::Nobody, body: Bytes::new(), _held: None });
        }
        let Read::Kept(body, held) = Box::pin(self.reader(most, true).read(body)).await? else {
            return Err(ApiError::internal());
        };
        is_plain(&parts.headers)?;
        Ok(Admitted { rights: Rights::Nobody, body, _held: held })
    }

    /// What can be said before the body is read: whether the credential can be good, and what it would be good for.
    fn look<'p>(&self, parts: &'p Parts, found: &Found) -> Result<(Unproved<'p>, Result<Rights, ApiError>), ApiError> {
        let claim = Claim::read(&parts.headers)?;
        let state = self.app.engine.view();
        let judge = Judge { keys: &self.app.auth, state: &state, now: self.app.clock.now() };
        let headers = SignedHeaders::new(&parts.headers);
        let unproved = Unproved::recognise(claim, &wire(parts, &headers, Payload::Body(b"")), &judge)?;
        let rights = rights(found, unproved.claimed(), (&state, parts.uri.path()));
        Ok((unproved, rights))
    }

    fn prove(&self, unproved: Unproved<'_>, parts: &Parts, payload: Payload<'_>) -> Result<Principal, ApiError> {
        let headers = SignedHeaders::new(&parts.headers);
        let wire = wire(parts, &headers, payload);
        if !self.is_private && wire.payload_is_unsigned() {
            return Err(ApiError::unauthenticated("UNSIGNED-PAYLOAD is accepted over TLS only"));
        }
        unproved.prove(&wire, self.app.settings.debug_signatures)
    }

    fn reader(&self, most: usize, keep: bool) -> Reader<'_> {
        Reader { limits: self.limits, budget: self.bodies, most, keep }
    }
}

/// The request as its signature sees it.
fn wire<'a>(parts: &'a Parts, headers: &'a SignedHeaders<'a>, payload: Payload<'a>) -> RequestParts<'a> {
    let (method, path, query) = (parts.method.as_str(), parts.uri.path(), parts.uri.query().unwrap_or_default());
    RequestParts { method, path, query, headers, payload }
}

/// What the caller may do, as the operation asks.
fn rights(found: &Found, principal: &Principal, (state, path): (&State, &str)) -> Result<Rights, ApiError> {
    let need = |access| Need::new(access, found.operation.action);
    let rights = match found.operation.auth {
        Auth::Nobody => Ok(Rights::Nobody),
        Auth::Principal => Ok(Rights::Principal(principal.clone())),
        Auth::Project(access) => {
            let project = found.params.get("project_id", path).unwrap_or_default();
            state.scope(principal, project, need(access)).map(Rights::Project)
        }
        Auth::Admin(access) => state.admin_scope(principal, need(access)).map(Rights::Admin),
    };
    rights.map_err(|refusal| forbidden(&refusal))
}

/// Whatever the engine says about rights is 403; nothing else can be wrong with them.
fn forbidden(refusal: &linkspan_engine::Refusal) -> ApiError {
    let error = api_error(refusal);
    if error.code() == ErrorCode::Forbidden { error } else { ApiError::new(ErrorCode::Forbidden, error.message()) }
}
