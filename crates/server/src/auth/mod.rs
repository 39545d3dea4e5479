//! Who is calling: secrets at rest, passwords, tokens, and the proof of a request's credential.
//!
//! Invariants: a [`Principal`](linkspan_engine::Principal) leaves this module only after its credential was proved; a
//! caller who does not exist costs as much time as one with a wrong secret; nothing secret is in a `Debug`, an error or
//! a log line; hashing passwords never blocks an async worker.
//!
//! It must not decide what a caller may do: rights come from the engine's state.
//!
//! To add a kind of credential: a variant of `Claim` and how it is recognised and proved, in `claim.rs`.

mod back_off;
mod claim;
mod keys;
mod known_keys;
mod master_key;
mod password;
pub mod private_file;
#[cfg(test)]
pub(crate) mod samples;
mod tally;
mod token;

pub(crate) use claim::{Claim, Judge, Unproved, only};
pub use keys::{Keys, PrepareError};
pub use master_key::{KeyFileError, SealError, UnsealError};
pub use password::{Login, PasswordError};
pub use token::{GoodToken, TOKEN_LIFE_MS, Token, TokenError, TokenGrant, TokenMethod};
