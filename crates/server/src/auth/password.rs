//! Passwords: hashed with Argon2id, a few at a time, and ever more slowly for a user whose password is being guessed.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::back_off::{Attempt, BackOff};

/// Hashes at a time: each takes 19 MiB and tens of milliseconds of a core.
const AT_A_TIME: usize = 2;
/// Most that wait for their turn.
const MOST_WAITING: usize = 64;
/// Longer passwords are refused unseen.
pub(crate) const LONGEST_PASSWORD_BYTES: usize = 1024;
/// The hash of no password: what an unknown user's is compared with, so that it takes as long as a known one's.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bGlua3NwYW4tbm9ib2R5$xN6S1QWk2sWyWqWl1tJm1wqQ9oOq1h8Yc0mG4k3lZ0Q";

/// Why a password was not hashed or found right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is not the user's, or there is no such user, or the user has none.
    #[error("wrong user name or password")]
    Wrong,
    /// Too many are being checked, or too many wrong ones were tried for this user: try again later.
    #[error("too many passwords are being checked")]
    Busy,
    /// It is empty or longer than 1 024 bytes.
    #[error("a password has 1 to 1024 bytes")]
    Length,
    /// The hash could not be made.
    #[error("the password could not be hashed")]
    Failed,
}

/// Whose password is checked.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// The user's id, or what was typed if there is no such user: what wrong passwords are counted by.
    pub who: &'a str,
    /// The caller's address, likewise.
    pub from: Option<IpAddr>,
    /// The hash of the right password; none if there is no such user, or none that may log in by password.
    pub hash: Option<&'a str>,
}

impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("from", &self.from).finish_non_exhaustive()
    }
}

/// The bounded pool in which passwords are hashed.
pub(super) struct Passwords {
    running: Arc<Semaphore>,
    places: Semaphore,
    back_off: BackOff,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(AT_A_TIME)),
            places: Semaphore::new(MOST_WAITING),
            back_off: BackOff::default(),
        }
    }
}

impl Passwords {
    pub(super) async fn hash(&self, password: &SecretString) -> Result<Box<str>, PasswordError> {
        legal(password)?;
        let password = password.clone();
        self.in_pool(move || {
            let hash: Result<PasswordHash, _> = Argon2::default().hash_password(password.expose_secret().as_bytes());
            hash.map(|hash| hash.to_string().into()).map_err(|_| PasswordError::Failed)
        })
        .await
    }

    /// Checks a password against a hash, in its turn.
    pub(super) async fn check(&self, login: &Login<'_>, password: &SecretString) -> Result<(), PasswordError> {
        legal(password).map_err(|_| PasswordError::Wrong)?;
        let attempt = Attempt { who: login.who, from: login.from };
        self.back_off.turn(attempt).await?;
        let (hash, password) = (login.hash.map(str::to_owned), password.clone());
        let outcome = self.in_pool(move || verify(hash.as_deref(), &password)).await;
        match outcome {
            Ok(()) => self.back_off.forgive(attempt),
            Err(PasswordError::Wrong) => self.back_off.count(attempt),
            Err(_) => {}
        }
        outcome
    }

    async fn in_pool<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.places.try_acquire().map_err(|_| PasswordError::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        let task = tokio::task::spawn_blocking(move || {
            let outcome = work();
            // The turn ends with the work, even if its caller has gone away.
            drop(running);
            outcome
        });
        task.await.unwrap_or(Err(PasswordError::Failed))
    }
}

fn legal(password: &SecretString) -> Result<(), PasswordError> {
    let length = password.expose_secret().len();
    if (1..=LONGEST_PASSWORD_BYTES).contains(&length) { Ok(()) } else { Err(PasswordError::Length) }
}

fn verify(hash: Option<&str>, password: &SecretString) -> Result<(), PasswordError> {
    let known = hash.is_some();
    let hash = PasswordHash::new(hash.unwrap_or(NOBODYS)).map_err(|_| PasswordError::Failed)?;
    let right = Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok();
    if right && known { Ok(()) } else { Err(PasswordError::Wrong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::default();
        let right = SecretString::from("correct horse");
        let hash = passwords.hash(&right).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(passwords.hash(&right).await.unwrap(), hash, "every hash has its own salt");
        let known = Login { who: "u", from: None, hash: Some(&hash) };
        assert_eq!(passwords.check(&known, &right).await, Ok(()));
        assert_eq!(passwords.check(&known, &"wrong".into()).await, Err(PasswordError::Wrong));
        assert_eq!(passwords.check(&Login { hash: None, ..known }, &right).await, Err(PasswordError::Wrong));
        assert_eq!(passwords.check(&known, &"".into()).await, Err(PasswordError::Wrong));
        assert!(!format!("{known:?}").contains("argon2"));
    }

    #[tokio::test]
    async fn more_than_fit_are_shed_at_once_and_the_others_are_answered() {
        let passwords = Arc::new(Passwords::default());
        let turns = Arc::clone(&passwords.running).acquire_many_owned(2).await.unwrap();
        let waiting: Vec<_> = (0..MOST_WAITING)
            .map(|user| {
                let passwords = Arc::clone(&passwords);
                let check = async move {
                    let login = Login { who: &user.to_string(), from: None, hash: None };
                    passwords.check(&login, &"x".into()).await
                };
                tokio::spawn(check)
            })
            .collect();
        while passwords.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let login = Login { who: "late", from: None, hash: None };
        assert_eq!(passwords.check(&login, &"x".into()).await, Err(PasswordError::Busy));
        assert_eq!(passwords.hash(&"x".into()).await, Err(PasswordError::Busy));
        drop(turns);
        for check in waiting {
            assert_eq!(check.await.unwrap(), Err(PasswordError::Wrong));
        }
        assert!(passwords.hash(&"x".into()).await.is_ok());
    }

    #[tokio::test]
    async fn lengths_are_bounded() {
        let passwords = Passwords::default();
        assert_eq!(passwords.hash(&"".into()).await, Err(PasswordError::Length));
        assert_eq!(passwords.hash(&"x".repeat(1025).into()).await, Err(PasswordError::Length));
    }

    #[test]
    fn the_hash_of_nobody_can_be_read_and_costs_as_much() {
        let nobodys = PasswordHash::new(NOBODYS).unwrap();
        let own: PasswordHash = Argon2::default().hash_password(b"x").unwrap();
        assert_eq!(nobodys.params.to_string(), own.params.to_string());
        assert_eq!(nobodys.hash.unwrap().len(), own.hash.unwrap().len());
    }
}
