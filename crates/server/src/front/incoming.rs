//! The body of a request on its way in: bounded in size, in time, and together with all others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, EXPECT};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use linkspan_signing::BodyHash;
use linkspan_wire::{ApiError, ErrorCode};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::limits::{DISCARD_TIME, DISCARDED_BYTES, Limits};

/// Bytes of all bodies that are held now.
pub(super) struct BodyBudget {
    held: Arc<AtomicUsize>,
    most: usize,
}

/// A part of the budget; given back when it is dropped.
pub(super) struct Held {
    budget: Arc<AtomicUsize>,
    bytes: usize,
}

impl BodyBudget {
    pub(super) fn new(most: usize) -> Self {
        Self { held: Arc::default(), most }
    }

    /// Bytes that are held now.
    pub(super) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    fn none(&self) -> Held {
        Held { budget: Arc::clone(&self.held), bytes: 0 }
    }

    fn take(&self, held: &mut Held, bytes: usize) -> Result<(), ApiError> {
        if self.held.fetch_add(bytes, Ordering::Relaxed) + bytes > self.most {
            self.held.fetch_sub(bytes, Ordering::Relaxed);
            return Err(ApiError::unavailable("too many request bodies are being read"));
        }
        held.bytes += bytes;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A body that was read: its bytes, or only its hash.
pub(super) enum Read {
    /// The bytes, and their part of the budget.
    Kept(Bytes, Option<Held>),
    /// The hash: the request will be refused, but whether as unauthenticated is still open.
    Hashed(BodyHash),
}

/// How a body is read.
pub(super) struct Reader<'a> {
    pub(super) limits: &'a Limits,
    pub(super) budget: &'a BodyBudget,
    /// Most bytes of it.
    pub(super) most: usize,
    /// Whether the bytes are needed; else their hash is enough.
    pub(super) keep: bool,
}

impl Reader<'_> {
    /// Reads a body to its end.
    ///
    /// # Errors
    /// 413 if it is too large, 503 if all bodies together are, 400 if it breaks off or takes too long.
    pub(super) async fn read(&self, body: &mut Incoming) -> Result<Read, ApiError> {
        if body.is_end_stream() {
            return Ok(Read::Kept(Bytes::new(), None));
        }
        let reading = async { if self.keep { self.kept(body).await } else { self.hashed(body).await } };
        match timeout(self.limits.body_time, reading).await {
            Ok(outcome) => outcome,
            Err(_) => Err(broken(&format!("the body took longer than {} s", self.limits.body_time.as_secs()))),
        }
    }

    async fn kept(&self, body: &mut Incoming) -> Result<Read, ApiError> {
        let mut held = self.budget.none();
        let mut first = Bytes::new();
        let mut joined = BytesMut::new();
        while let Some(piece) = next(body).await? {
            let before = first.len() + joined.len();
            self.within(before + piece.len())?;
            self.budget.take(&mut held, piece.len())?;
            // Most bodies come in one piece, which is used as it is.
            if before == 0 {
                first = piece;
                continue;
            }
            if joined.is_empty() {
                joined.extend_from_slice(&std::mem::take(&mut first));
            }
            joined.extend_from_slice(&piece);
        }
        let bytes = if joined.is_empty() { first } else { joined.freeze() };
        Ok(Read::Kept(bytes, Some(held)))
    }

    async fn hashed(&self, body: &mut Incoming) -> Result<Read, ApiError> {
        let (mut hash, mut length) = (Sha256::new(), 0);
        while let Some(piece) = next(body).await? {
            length += piece.len();
            self.within(length)?;
            hash.update(&piece);
        }
        Ok(Read::Hashed(BodyHash::from_bytes(hash.finalize().into())))
    }

    fn within(&self, length: usize) -> Result<(), ApiError> {
        if length > self.most { Err(ApiError::body_too_large(self.most)) } else { Ok(()) }
    }
}

async fn next(body: &mut Incoming) -> Result<Option<Bytes>, ApiError> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| broken("the body breaks off or its chunks are malformed"))?;
        // Trailers say nothing here.
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

fn broken(why: &str) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, why)
}

/// Throws away what is left of a refused request's body: a client that is still sending would not read its answer.
///
/// A client that asked whether it may send (`Expect: 100-continue`) has not begun, so there is nothing to wait for.
pub(super) async fn discard(body: &mut Incoming, headers: &HeaderMap) {
    if body.is_end_stream() || headers.contains_key(EXPECT) {
        return;
    }
    let discarding = async {
        let mut left = DISCARDED_BYTES;
        while let Ok(Some(piece)) = next(body).await {
            let Some(rest) = left.checked_sub(piece.len()) else { return };
            left = rest;
        }
    };
    // Whoever has not finished by then loses the answer, not the connection of anyone else.
    let _in_time = timeout(DISCARD_TIME, discarding).await;
}

/// Refuses a body that is packed.
///
/// # Errors
/// 400 `APIGW.0201`.
pub(super) fn is_plain(headers: &HeaderMap) -> Result<(), ApiError> {
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = value.as_bytes().trim_ascii();
        if !value.is_empty() && !value.eq_ignore_ascii_case(b"identity") {
            return Err(ApiError::unsupported_encoding(&String::from_utf8_lossy(value)));
        }
    }
    Ok(())
}
