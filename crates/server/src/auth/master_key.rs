//! The key that secrets are sealed with.
//!
//! It lies in a file of its own, never in the store and in no backup of it: who has the store alone has no secret.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use linkspan_model::SealedSecret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::SecretString;

use super::private_file;

const KEY_BYTES: usize = 32;
/// The form of a sealed secret: `v1.` and base64 of nonce, ciphertext and tag.
const FORM: &str = "v1.";

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file can't be read or written.
    #[error("the master key {path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the file system says.
        cause: io::Error,
    },
    /// The file holds no key.
    #[error("the master key {0} does not hold 32 bytes in base64")]
    Malformed(PathBuf),
    /// The operating system has no randomness.
    #[error("the operating system gave no randomness")]
    NoRandomness,
}

/// Why a secret can't be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsealError {
    /// Its form is none that this release knows.
    #[error("a sealed secret has a form that this release does not know")]
    UnknownForm,
    /// It was sealed with another key, or was changed.
    #[error("a sealed secret does not fit the master key")]
    WrongKey,
}

/// Why a secret can't be sealed: there is no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct SealError;

/// The master key, AES-256-GCM.
pub(super) struct MasterKey {
    key: LessSafeKey,
    random: SystemRandom,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// Reads the key; makes one if there is no file and `may_make`.
    pub(super) fn open(path: &Path, may_make: bool) -> Result<Self, KeyFileError> {
        let fault = |cause| KeyFileError::File { path: path.to_owned(), cause };
        let random = SystemRandom::new();
        let bytes = match std::fs::read_to_string(path) {
            Ok(text) => decode(&text).ok_or_else(|| KeyFileError::Malformed(path.to_owned()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && may_make => {
                let mut bytes = [0; KEY_BYTES];
                random.fill(&mut bytes).map_err(|_| KeyFileError::NoRandomness)?;
                private_file::write(path, format!("{}\n", STANDARD.encode(bytes)).as_bytes()).map_err(fault)?;
                bytes
            }
            Err(error) => return Err(fault(error)),
        };
        if private_file::is_open_to_others(path) {
            tracing::warn!(path = %path.display(), "others than the owner may read the master key");
        }
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| KeyFileError::Malformed(path.to_owned()))?;
        Ok(Self { key: LessSafeKey::new(key), random })
    }

    pub(super) fn seal(&self, clear: &[u8]) -> Result<SealedSecret, SealError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| SealError)?;
        let mut sealed = clear.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(FORM), &mut sealed)
            .map_err(|_| SealError)?;
        let mut bytes = nonce.to_vec();
        bytes.append(&mut sealed);
        Ok(SealedSecret(format!("{FORM}{}", URL_SAFE_NO_PAD.encode(bytes)).into()))
    }

    pub(super) fn unseal(&self, sealed: &str) -> Result<SecretString, UnsealError> {
        let text = sealed.strip_prefix(FORM).ok_or(UnsealError::UnknownForm)?;
        let mut bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| UnsealError::UnknownForm)?;
        let (nonce, rest) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(UnsealError::UnknownForm)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| UnsealError::UnknownForm)?;
        let clear = self.key.open_in_place(nonce, Aad::from(FORM), rest).map_err(|_| UnsealError::WrongKey)?;
        let text = str::from_utf8(clear).map_err(|_| UnsealError::UnknownForm)?;
        Ok(SecretString::from(text))
    }

    pub(super) fn random(&self) -> &SystemRandom {
        &self.random
    }
}

fn decode(text: &str) -> Option<[u8; KEY_BYTES]> {
    STANDARD.decode(text.trim()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn what_is_sealed_opens_again_with_the_same_file_only() {
        let directory = tempfile::tempdir().unwrap();
        let (one, other) = (directory.path().join("one"), directory.path().join("other"));
        let sealed = MasterKey::open(&one, true).unwrap().seal(b"a secret").unwrap();
        let again = MasterKey::open(&one, false).unwrap();
        assert_eq!(again.unseal(&sealed.0).unwrap().expose_secret(), "a secret");
        assert_ne!(again.seal(b"a secret").unwrap(), sealed, "no two sealings look alike");
        assert_eq!(MasterKey::open(&other, true).unwrap().unseal(&sealed.0).unwrap_err(), UnsealError::WrongKey);
    }

    #[test]
    fn what_was_changed_or_is_of_another_form_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let key = MasterKey::open(&directory.path().join("key"), true).unwrap();
        let sealed = key.seal(b"a secret").unwrap().0.into_string();
        let mut changed = sealed.clone();
        let last = changed.pop().unwrap();
        changed.push(if last == 'A' { 'Q' } else { 'A' });
        assert_eq!(key.unseal(&changed).unwrap_err(), UnsealError::WrongKey);
        for text in ["", "v1.", "v1.AAAA", "a secret", &sealed.replace("v1", "v2"), "v1.???"] {
            assert_eq!(key.unseal(text).unwrap_err(), UnsealError::UnknownForm, "{text}");
        }
    }

    #[test]
    fn a_file_without_a_key_is_no_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        assert!(matches!(MasterKey::open(&path, false), Err(KeyFileError::File { .. })));
        std::fs::write(&path, "too short").unwrap();
        assert!(matches!(MasterKey::open(&path, true), Err(KeyFileError::Malformed(_))));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "too short", "what is there is never overwritten");
    }
}
