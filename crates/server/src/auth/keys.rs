use std::fmt;
use std::path::Path;

use arc_swap::ArcSwapOption;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use linkspan_engine::command::SystemCommand;
use linkspan_engine::record::Setting;
use linkspan_engine::{Engine, Origin, Refusal, Request, State};
use linkspan_model::{AccessKeyId, SealedSecret, UnixMillis};
use linkspan_signing::SigningKey;
use ring::hmac;
use ring::rand::SecureRandom;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

use super::known_keys::{KnownKey, KnownKeys};
use super::master_key::{KeyFileError, MasterKey, SealError, UnsealError};
use super::password::{Login, PasswordError, Passwords};
use super::token::{self, GoodToken, Token, TokenError, TokenGrant};

/// The setting that holds the key of tokens, sealed.
const TOKEN_KEY: &str = "token_key";

/// Everything secret that the server works with: the master key, and what it opens.
///
/// `Debug` shows nothing of it, and no error or log line of this module holds a secret.
pub struct Keys {
    master: MasterKey,
    known: KnownKeys,
    token_key: ArcSwapOption<TokenKey>,
    passwords: Passwords,
    nobodys: SigningKey,
}

struct TokenKey {
    sealed: Box<str>,
    key: hmac::Key,
}

/// Why the store's secrets can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The master key is not the one that the store's secrets were sealed with.
    #[error("the master key is not the one that this store's secrets were sealed with")]
    WrongMasterKey,
    /// There is no randomness.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The engine did not keep the new key of tokens.
    #[error("the key of tokens can't be stored: {0}")]
    Store(#[from] Refusal),
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Reads the master key, or makes one (mode 0600) if there is no file. Blocks on the disk.
    ///
    /// # Errors
    /// The file can't be read or made, or holds no key.
    pub fn open(path: &Path) -> Result<Self, KeyFileError> {
        Self::with(MasterKey::open(path, true)?)
    }

    /// Reads the master key, which must be there. Blocks on the disk.
    ///
    /// # Errors
    /// The file can't be read or holds no key.
    pub fn open_existing(path: &Path) -> Result<Self, KeyFileError> {
        Self::with(MasterKey::open(path, false)?)
    }

    fn with(master: MasterKey) -> Result<Self, KeyFileError> {
        let mut secret = [0; 32];
        master.random().fill(&mut secret).map_err(|_| KeyFileError::NoRandomness)?;
        Ok(Self {
            master,
            known: KnownKeys::default(),
            token_key: ArcSwapOption::empty(),
            passwords: Passwords::default(),
            nobodys: SigningKey::new(&secret),
        })
    }

    /// Makes the key of tokens if the store has none, and checks that the master key opens the store's.
    ///
    /// # Errors
    /// The master key is another one, or the store does not keep the new key.
    pub async fn prepare(&self, engine: &Engine) -> Result<(), PrepareError> {
        if engine.view().setting(TOKEN_KEY).is_none() {
            // Another node may do the same at this moment; the key that the store took is everyone's.
            self.put_token_key(engine, SystemCommand::Introduce).await?;
        }
        let state = engine.view();
        let sealed = state.setting(TOKEN_KEY).map(|setting| &*setting.value).unwrap_or_default();
        self.open_token_key(sealed).map(|_| ()).map_err(|_| PrepareError::WrongMasterKey)
    }

    /// Replaces the key of tokens; every token that was issued ends.
    ///
    /// # Errors
    /// There is no randomness, or the store does not keep the new key.
    pub async fn renew_token_key(&self, engine: &Engine) -> Result<(), PrepareError> {
        self.put_token_key(engine, SystemCommand::Set).await
    }

    async fn put_token_key(&self, engine: &Engine, put: fn(Setting) -> SystemCommand) -> Result<(), PrepareError> {
        let secret = self.random_text::<32>()?;
        let sealed = self.seal(secret.expose_secret())?;
        let setting = Setting { name: TOKEN_KEY.into(), value: sealed.0 };
        engine.submit(Request::System(put(setting)), Origin::default()).await?;
        Ok(())
    }

    /// Encrypts a secret under the master key.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn seal(&self, clear: &str) -> Result<SealedSecret, SealError> {
        self.master.seal(clear.as_bytes())
    }

    /// Opens what [`Keys::seal`] made.
    ///
    /// # Errors
    /// It was sealed with another key, or was changed.
    pub fn unseal(&self, sealed: &SealedSecret) -> Result<SecretString, UnsealError> {
        self.master.unseal(&sealed.0)
    }

    /// A new access key: its public half and its secret.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn new_access_key(&self) -> Result<(AccessKeyId, SecretString), SealError> {
        const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let mut random = [0; 20];
        self.master.random().fill(&mut random).map_err(|_| SealError)?;
        let letter = |byte: &u8| LETTERS.get(usize::from(byte & 31)).copied().map_or('A', char::from);
        let id: String = random.iter().map(letter).collect();
        Ok((id.parse().map_err(|_| SealError)?, self.random_text::<30>()?))
    }

    /// A new password.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn new_password(&self) -> Result<SecretString, SealError> {
        self.random_text::<18>()
    }

    /// Hashes a password with Argon2id, a few at a time, off the async workers.
    ///
    /// # Errors
    /// Its length is out of bounds, or too many are waiting.
    pub async fn hash_password(&self, password: &SecretString) -> Result<Box<str>, PasswordError> {
        self.passwords.hash(password).await
    }

    /// Checks a password against a user's hash. Takes as long for users that do not exist, and ever longer while wrong ones
    /// are tried for the same user or from the same address.
    ///
    /// # Errors
    /// It is wrong, or too many are waiting.
    pub async fn check_password(&self, login: &Login<'_>, password: &SecretString) -> Result<(), PasswordError> {
        self.passwords.check(login, password).await
    }

    /// Issues a token. The caller has judged that the user may have it.
    ///
    /// # Errors
    /// The store has no key for tokens that the master key opens.
    pub fn issue_token(&self, state: &State, grant: TokenGrant<'_>, now: UnixMillis) -> Result<Token, TokenError> {
        Ok(token::issue(&self.token_key_of(state)?.key, grant, now))
    }

    /// Finds out whose a token is.
    ///
    /// # Errors
    /// It is not genuine, its time is over, or its user has no use of it any more.
    pub fn verify_token(&self, state: &State, text: &str, now: UnixMillis) -> Result<GoodToken, TokenError> {
        token::verify(&self.token_key_of(state)?.key, text, (state, now))
    }

    /// The access key as the state has it, ready to verify; none if there is no such key.
    pub(crate) fn known_key(&self, id: &str, state: &State) -> Result<Option<Arc<KnownKey>>, UnsealError> {
        self.known.get(id, state, |sealed| Ok(SigningKey::new(self.unseal(sealed)?.expose_secret().as_bytes())))
    }

    /// The key of nobody: verifying with it takes as long as with a known one.
    pub(crate) fn nobodys_key(&self) -> &SigningKey {
        &self.nobodys
    }

    fn token_key_of(&self, state: &State) -> Result<Arc<TokenKey>, TokenError> {
        let setting = state.setting(TOKEN_KEY).ok_or(TokenError::NoKey)?;
        if let Some(known) = self.token_key.load_full().filter(|known| known.sealed == setting.value) {
            return Ok(known);
        }
        self.open_token_key(&setting.value).map_err(|_| TokenError::NoKey)
    }

    fn open_token_key(&self, sealed: &str) -> Result<Arc<TokenKey>, UnsealError> {
        let secret = self.master.unseal(sealed)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let opened = Arc::new(TokenKey { sealed: sealed.into(), key });
        self.token_key.store(Some(Arc::clone(&opened)));
        Ok(opened)
    }

    /// So many random bytes, as letters and digits of base64 without its two signs.
    fn random_text<const BYTES: usize>(&self) -> Result<SecretString, SealError> {
        let mut random = [0; BYTES];
        self.master.random().fill(&mut random).map_err(|_| SealError)?;
        let text = STANDARD_NO_PAD.encode(random).replace(['+', '/'], "x");
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::samples;

    #[test]
    fn keys_and_passwords_are_random_and_of_their_form() {
        let keys = samples::keys();
        let (id, secret) = keys.new_access_key().unwrap();
        assert_eq!((id.as_str().len(), secret.expose_secret().len()), (20, 40));
        assert_ne!(keys.new_access_key().unwrap().0, id);
        assert_eq!(keys.new_password().unwrap().expose_secret().len(), 24);
    }

    #[test]
    fn nothing_secret_is_printed() {
        assert_eq!(format!("{:?}", samples::keys()), "Keys(…)");
    }

    #[test]
    fn a_secret_that_was_replaced_is_opened_anew() {
        let keys = samples::keys();
        let before = samples::state_with_key(&keys, "first secret");
        let after = samples::state_with_key(&keys, "second secret");
        let sealed = |state: &State| state.key(&"AK1".parse().unwrap()).unwrap().secret.clone();
        assert_ne!(sealed(&before), sealed(&after));
        let one = keys.known_key("AK1", &before).unwrap().unwrap();
        assert!(Arc::ptr_eq(&one, &keys.known_key("AK1", &before).unwrap().unwrap()), "kept ready");
        assert!(!Arc::ptr_eq(&one, &keys.known_key("AK1", &after).unwrap().unwrap()), "opened anew");
        assert!(keys.known_key("AK2", &after).unwrap().is_none());
        assert!(keys.known_key("no, key", &after).unwrap().is_none());
    }
}
