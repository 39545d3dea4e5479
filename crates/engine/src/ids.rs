//! Where ids come from: a parameter of everything that makes one.

use uuid::{Builder, Uuid};

/// A source of ids.
pub trait Ids: Send + Sync + 'static {
    /// A new UUID (version 4).
    fn uuid(&self) -> Uuid;

    /// A new name for a commit.
    fn commit_id(&self) -> u128 {
        self.uuid().as_u128()
    }
}

/// Ids from the operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        loop {
            // The call fails only where the kernel has no randomness yet; an id must never be guessable, so wait for it.
            if getrandom::fill(&mut bytes).is_ok() {
                return Builder::from_random_bytes(bytes).into_uuid();
            }
        }
    }
}
