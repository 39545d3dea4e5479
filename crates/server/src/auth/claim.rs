//! The credential of a request, in three steps: what the headers claim, whether that can be true, whether it is.
//!
//! The first two need no body, so a body is only read for a caller that may well be genuine.

use std::sync::Arc;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use linkspan_engine::{Principal, State};
use linkspan_model::UnixMillis;
use linkspan_signing::{
    ALGORITHM, Authorization, Payload, RequestParts, SignatureError, SignedDate, check_window, verify_with_key,
};
use linkspan_wire::ApiError;

use super::known_keys::KnownKey;
use super::{Keys, TokenError};

const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-auth-token");

/// What the headers claim. A signature wins over a token.
pub(crate) enum Claim<'a> {
    /// `Authorization: SDK-HMAC-SHA256 …`.
    Signature(Authorization<'a>),
    /// `X-Auth-Token`.
    Token(&'a str),
}

impl<'a> Claim<'a> {
    /// Reads the headers.
    ///
    /// # Errors
    /// 401 `APIGW.0301`: there is no credential, it was sent twice, or its form is wrong.
    pub(crate) fn read(headers: &'a HeaderMap) -> Result<Self, ApiError> {
        let token = only(headers, &TOKEN_HEADER, "X-Auth-Token")?;
        let signature = only(headers, &AUTHORIZATION, "Authorization")?.filter(|value| {
            let is_ours = value.as_bytes().starts_with(ALGORITHM.as_bytes());
            is_ours || token.is_none()
        });
        match (signature, token) {
            (Some(value), _) => {
                let value = value.to_str().map_err(|_| malformed())?;
                Authorization::parse(value).map(Self::Signature).map_err(|error| refused(&error))
            }
            (None, Some(token)) => token.to_str().map(Self::Token).map_err(|_| malformed()),
            (None, None) => Err(ApiError::unauthenticated("x-auth-token not found")),
        }
    }
}

/// A header that holds a credential. It must not be there twice: a proxy in front may have judged the other one.
pub(crate) fn only<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
    shown: &str,
) -> Result<Option<&'h HeaderValue>, ApiError> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    match values.next() {
        None => Ok(first),
        Some(_) => Err(ApiError::unauthenticated(&format!("the header {shown} was sent more than once"))),
    }
}

fn malformed() -> ApiError {
    ApiError::unauthenticated("the credential holds characters that are not printable ASCII")
}

/// A caller who is known, if the signature holds.
pub(crate) struct Unproved<'a> {
    principal: Principal,
    signature: Option<(Authorization<'a>, Arc<KnownKey>)>,
}

/// What credentials are judged by.
pub(crate) struct Judge<'a> {
    /// The secrets.
    pub(crate) keys: &'a Keys,
    /// The identities as they are now.
    pub(crate) state: &'a State,
    /// Now, UTC.
    pub(crate) now: UnixMillis,
}

impl<'a> Unproved<'a> {
    /// Whether a claim can be true: the key is known and enabled, the date within the window; a token is proved at once.
    ///
    /// # Errors
    /// 401 `APIGW.0303` for the date, `APIGW.0301` for everything else.
    pub(crate) fn recognise(claim: Claim<'a>, parts: &RequestParts<'_>, judge: &Judge<'_>) -> Result<Self, ApiError> {
        let authorization = match claim {
            Claim::Signature(authorization) => authorization,
            Claim::Token(text) => {
                let good = judge.keys.verify_token(judge.state, text, judge.now).map_err(token_refused)?;
                return Ok(Self { principal: good.principal, signature: None });
            }
        };
        let date = parts.signed_date().map_err(|error| refused(&error))?;
        check_window(date, judge.now.div_euclid(1000)).map_err(|error| refused(&error))?;
        let id = authorization.access_key();
        let known = judge.keys.known_key(id, judge.state).map_err(|error| {
            tracing::error!(access_key = id, %error, "the secret of an access key can't be opened");
            ApiError::internal()
        })?;
        let found = known.and_then(|known| Some((judge.state.principal_of_key(&known.id)?, known)));
        let Some((principal, known)) = found else {
            // As much work as for a wrong secret, so that the time does not tell which keys there are.
            let empty = RequestParts { payload: Payload::Body(b""), ..*parts };
            let _never_right = verify_with_key(&empty, &authorization, judge.keys.nobodys_key());
            return Err(ApiError::unauthenticated(&format!("Get secretKey failed,ak:{id},err:ak not exist")));
        };
        Ok(Self { principal, signature: Some((authorization, known)) })
    }

    /// Who the caller claims to be: good for looking ahead, not for an answer.
    pub(crate) fn claimed(&self) -> &Principal {
        &self.principal
    }

    /// Proves the claim on the whole request.
    ///
    /// # Errors
    /// 401 `APIGW.0301`. With `explain`, the text of a wrong signature holds the canonical request that was expected.
    pub(crate) fn prove(self, parts: &RequestParts<'_>, explain: bool) -> Result<Principal, ApiError> {
        let Some((authorization, known)) = &self.signature else { return Ok(self.principal) };
        match verify_with_key(parts, authorization, &known.signing) {
            Ok(()) => Ok(self.principal),
            Err(SignatureError::Mismatch { canonical_request }) if explain => {
                let shown = canonical_request.as_str().replace('\n', "|");
                Err(ApiError::unauthenticated(&format!("verify aksk signature fail,canonicalRequest:{shown}")))
            }
            Err(error) => Err(refused(&error)),
        }
    }
}

fn refused(error: &SignatureError) -> ApiError {
    match error {
        SignatureError::DateSkew { signed_at, now_unix_seconds } => {
            let now = SignedDate::from_unix_seconds(*now_unix_seconds).map(|now| now.to_string());
            ApiError::clock_skew(&signed_at.to_string(), &now.unwrap_or_default())
        }
        other => ApiError::unauthenticated(&other.to_string()),
    }
}

fn token_refused(error: TokenError) -> ApiError {
    match error {
        TokenError::NoKey => {
            tracing::error!("the store has no key for tokens that the master key opens");
            ApiError::internal()
        }
        other => ApiError::unauthenticated(&other.to_string()),
    }
}
