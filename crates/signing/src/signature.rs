//! The signature over a canonical request.
//!
//! `HMAC-SHA256(secret, "SDK-HMAC-SHA256\n" + X-Sdk-Date + "\n" + hex(SHA-256(canonical)))`. The
//! key is the raw secret; this algorithm derives none per day or region.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::hex::{self, Sha256Bytes};
use crate::{ALGORITHM, SignedDate};

/// The block of SHA-256, to which HMAC pads its key.
const BLOCK_BYTES: usize = 64;

/// A secret made ready for signing. Keeping it beside the access key spares two of the hash's
/// rounds for each request. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Takes the raw bytes of the secret, of any length.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        // RFC 2104: a key longer than the block is replaced by its hash, then padded with zeros.
        // Done here because the constructor from a slice returns an error that cannot occur.
        let hashed: [u8; 32];
        let key = if secret.len() > BLOCK_BYTES {
            hashed = Sha256::digest(secret).into();
            &hashed
        } else {
            secret
        };
        let mut block = [0; BLOCK_BYTES];
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        Self(Hmac::new(&block.into()))
    }

    /// Signs a canonical request.
    pub(crate) fn sign(&self, date: SignedDate, canonical_request: &[u8]) -> Sha256Bytes {
        let canonical_hash = hex::encode(&Sha256::digest(canonical_request).into());
        let mut mac = self.0.clone();
        mac.update(ALGORITHM.as_bytes());
        mac.update(b"\n");
        mac.update(date.as_bytes());
        mac.update(b"\n");
        mac.update(&canonical_hash);
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_any_length_are_those_of_hmac() {
        for length in [0, 1, 40, 63, 64, 65, 200] {
            let secret = vec![0xa5; length];
            let mut expected = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
            let mut actual = SigningKey::new(&secret).0;
            expected.update(b"text");
            actual.update(b"text");
            assert_eq!(actual.finalize().into_bytes(), expected.finalize().into_bytes());
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", SigningKey::new(b"secret")), "SigningKey(…)");
    }
}
