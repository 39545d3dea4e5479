//! Tokens that carry their own content: user, project, times and the user's generation, under an HMAC-SHA256.
//!
//! They need no record, survive a restart and are good on every node, because the key lies (sealed) in the store. A
//! token ends with its time, with its user, or with the user's generation. Form: `ls1.<content>.<mac>`, base64 both.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use linkspan_engine::{Principal, State};
use linkspan_model::{ProjectId, UnixMillis, User, UserId};
use ring::hmac;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// How long a token is good for.
pub const TOKEN_LIFE_MS: i64 = 24 * 60 * 60 * 1000;
/// Longer ones are refused unread.
const LONGEST_TOKEN_BYTES: usize = 2048;
const FORM: &str = "ls1.";

/// What a token is asked for.
pub struct TokenGrant<'a> {
    /// Whose it is.
    pub user: &'a User,
    /// The only project it is good for; none = the user's domain.
    pub project: Option<ProjectId>,
    /// It must end by then: a token got with a token does not outlive it.
    pub ends_by: Option<UnixMillis>,
    /// How its user was recognised.
    pub method: TokenMethod,
}

/// How the user of a token was recognised when it was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenMethod {
    /// By a password.
    #[default]
    Password,
    /// By another token.
    Token,
}

impl TokenMethod {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Token => "token",
        }
    }
}

/// A new token.
pub struct Token {
    /// Its text, for `X-Subject-Token`.
    pub text: SecretString,
    /// When it was made, UTC.
    pub issued_at: UnixMillis,
    /// When it ends, UTC.
    pub expires_at: UnixMillis,
}

/// A token that was found good.
#[derive(Debug, Clone)]
pub struct GoodToken {
    /// The caller.
    pub principal: Principal,
    /// How the caller was recognised.
    pub method: TokenMethod,
    /// When it was issued, UTC.
    pub issued_at: UnixMillis,
    /// When it ends, UTC.
    pub expires_at: UnixMillis,
}

/// Why a token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is none of this store's, or was changed; also if its user is gone, disabled, or past that generation.
    #[error("decrypt token fail")]
    Bad,
    /// Its time is over.
    #[error("token expires, expires_at: {0}")]
    Expired(UnixMillis),
    /// The store has no key for tokens, or one that the master key does not open.
    #[error("the store has no key for tokens")]
    NoKey,
}

/// What is under the HMAC.
#[derive(Serialize, Deserialize)]
struct Content {
    #[serde(rename = "u")]
    user: UserId,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    project: Option<ProjectId>,
    #[serde(rename = "g")]
    generation: u32,
    #[serde(rename = "i")]
    issued_at: UnixMillis,
    #[serde(rename = "e")]
    expires_at: UnixMillis,
    #[serde(rename = "m", default)]
    method: TokenMethod,
}

pub(super) fn issue(key: &hmac::Key, grant: TokenGrant<'_>, now: UnixMillis) -> Token {
    let expires_at = grant.ends_by.unwrap_or(UnixMillis::MAX).min(now.saturating_add(TOKEN_LIFE_MS));
    let content = Content {
        user: grant.user.id.clone(),
        project: grant.project,
        generation: grant.user.generation,
        issued_at: now,
        expires_at,
        method: grant.method,
    };
    // A struct of texts and numbers cannot fail to serialise.
    let content = serde_json::to_vec(&content).unwrap_or_default();
    let signed = format!("{FORM}{}", URL_SAFE_NO_PAD.encode(content));
    let mac = URL_SAFE_NO_PAD.encode(hmac::sign(key, signed.as_bytes()));
    Token { text: format!("{signed}.{mac}").into(), issued_at: now, expires_at }
}

pub(super) fn verify(key: &hmac::Key, text: &str, (state, now): (&State, UnixMillis)) -> Result<GoodToken, TokenError> {
    let content = proved(key, text).ok_or(TokenError::Bad)?;
    if now >= content.expires_at {
        return Err(TokenError::Expired(content.expires_at));
    }
    let principal = state.principal_of_token(&content.user, content.generation, content.project);
    Ok(GoodToken {
        principal: principal.ok_or(TokenError::Bad)?,
        method: content.method,
        issued_at: content.issued_at,
        expires_at: content.expires_at,
    })
}

/// The content, once its HMAC was found right.
fn proved(key: &hmac::Key, text: &str) -> Option<Content> {
    if text.len() > LONGEST_TOKEN_BYTES {
        return None;
    }
    let (signed, mac) = text.rsplit_once('.')?;
    let content = signed.strip_prefix(FORM)?;
    let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
    hmac::verify(key, signed.as_bytes(), &mac).ok()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(content).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::auth::samples;

    const NOW: UnixMillis = 1_700_000_000_000;

    fn key(byte: u8) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32])
    }

    fn text(project: Option<&str>) -> String {
        let user = samples::user();
        let grant = TokenGrant {
            user: &user,
            project: project.map(|id| id.parse().unwrap()),
            ends_by: None,
            method: TokenMethod::Password,
        };
        issue(&key(1), grant, NOW).text.expose_secret().to_owned()
    }

    #[test]
    fn a_token_says_who_and_what_for_until_its_time_is_over() {
        let state = samples::state();
        for project in [None, Some("p1")] {
            let text = text(project);
            let good = verify(&key(1), &text, (&state, NOW + TOKEN_LIFE_MS - 1)).unwrap();
            assert_eq!(good.principal.user().as_str(), "u1");
            assert_eq!(good.expires_at, NOW + TOKEN_LIFE_MS);
            let scope = |id| state.scope(&good.principal, id, linkspan_engine::Access::Write).is_ok();
            assert_eq!((scope("p1"), scope("p2")), (true, project.is_none()));
            let late = verify(&key(1), &text, (&state, NOW + TOKEN_LIFE_MS)).unwrap_err();
            assert_eq!(late, TokenError::Expired(NOW + TOKEN_LIFE_MS));
        }
    }

    #[test]
    fn a_token_got_with_a_token_does_not_outlive_it() {
        let user = samples::user();
        let grant = TokenGrant { user: &user, project: None, ends_by: Some(NOW + 5), method: TokenMethod::Token };
        assert_eq!(issue(&key(1), grant, NOW).expires_at, NOW + 5);
    }

    #[test]
    fn nothing_but_the_token_itself_is_good() {
        let state = samples::state();
        let token = text(None);
        assert_eq!(verify(&key(2), &token, (&state, NOW)).unwrap_err(), TokenError::Bad, "another key");
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let refused = verify(&key(1), &changed, (&state, NOW));
            // The last digit of base64 holds bits that mean nothing; the decoder refuses those too.
            assert_eq!(refused.unwrap_err(), TokenError::Bad, "{place}");
        }
        for text in ["", "ls1.", "ls1..", "a.b.c", &"x".repeat(5000)] {
            assert_eq!(verify(&key(1), text, (&state, NOW)).unwrap_err(), TokenError::Bad, "{text}");
        }
    }

    #[test]
    fn a_new_generation_or_a_disabled_user_ends_it() {
        let token = text(None);
        for change in [|user: &mut User| user.generation += 1, |user: &mut User| user.enabled = false] {
            let state = samples::state_with(change);
            assert_eq!(verify(&key(1), &token, (&state, NOW)).unwrap_err(), TokenError::Bad);
        }
    }
}
