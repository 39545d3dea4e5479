//! Wrong passwords slow down the guessing of one user's, and nobody else.
//!
//! The first few are free. After that each check of the user has a turn, and the turns lie ever further apart; whoever
//! would wait too long is refused as overload. Nobody is locked out: the right password ends it.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::password::PasswordError;

/// Wrong passwords that cost nothing.
const FREE: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// Who would wait longer for a turn is refused.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Users that are remembered; beyond that the one whose turn came first is forgotten.
const MOST_USERS: usize = 4096;

#[derive(Clone, Copy)]
struct Tries {
    wrong: u32,
    next_turn: Instant,
}

/// Wrong passwords by user. Users are kept as hashes: what was typed as a name may be a password.
#[derive(Default)]
pub(super) struct BackOff {
    users: Mutex<HashMap<u64, Tries>>,
    hasher: RandomState,
}

impl BackOff {
    /// Waits for the user's turn.
    pub(super) async fn turn(&self, who: &str) -> Result<(), PasswordError> {
        let now = Instant::now();
        let turn = match self.lock().get_mut(&self.hasher.hash_one(who)) {
            Some(tries) if tries.wrong >= FREE => {
                let turn = tries.next_turn.max(now);
                if turn.duration_since(now) > LONGEST_WAIT {
                    return Err(PasswordError::Busy);
                }
                tries.next_turn = turn + pause(tries.wrong);
                turn
            }
            _ => return Ok(()),
        };
        tokio::time::sleep_until(turn).await;
        Ok(())
    }

    /// Counts a wrong password.
    pub(super) fn count(&self, who: &str) {
        let now = Instant::now();
        let mut users = self.lock();
        let who = self.hasher.hash_one(who);
        if users.len() >= MOST_USERS && !users.contains_key(&who) {
            let oldest = users.iter().min_by_key(|(_, tries)| tries.next_turn).map(|(user, _)| *user);
            oldest.map(|oldest| users.remove(&oldest));
        }
        let tries = users.entry(who).or_insert(Tries { wrong: 0, next_turn: now });
        tries.wrong = tries.wrong.saturating_add(1);
        tries.next_turn = tries.next_turn.max(now + pause(tries.wrong));
    }

    /// Forgets the wrong ones, after the right one.
    pub(super) fn forget(&self, who: &str) {
        self.lock().remove(&self.hasher.hash_one(who));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Tries>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pause(wrong: u32) -> Duration {
    let Some(doublings) = wrong.checked_sub(FREE) else { return Duration::ZERO };
    FIRST_PAUSE.saturating_mul(1 << doublings.min(16)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn waited(back_off: &BackOff, who: &str) -> Result<Duration, PasswordError> {
        let before = Instant::now();
        back_off.turn(who).await.map(|()| before.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn turns_lie_ever_further_apart_until_the_right_password() {
        let back_off = BackOff::default();
        let mut waits = Vec::new();
        for _ in 0..7 {
            waits.push(waited(&back_off, "u").await.unwrap().as_millis());
            back_off.count("u");
        }
        assert_eq!(waits, [0, 0, 0, 250, 500, 1000, 2000]);
        assert_eq!(waited(&back_off, "another").await.unwrap(), Duration::ZERO);
        back_off.forget("u");
        assert_eq!(waited(&back_off, "u").await.unwrap(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn many_at_once_get_a_turn_each_or_are_refused() {
        let back_off = BackOff::default();
        (0..10).for_each(|_| back_off.count("u"));
        let both = tokio::join!(waited(&back_off, "u"), waited(&back_off, "u"), waited(&back_off, "u"));
        assert_eq!((both.0, both.1), (Ok(Duration::from_secs(8)), Err(PasswordError::Busy)));
        assert_eq!(both.2, Err(PasswordError::Busy));
    }

    #[test]
    fn memory_is_bounded() {
        let back_off = BackOff::default();
        (0..MOST_USERS + 10).for_each(|user| back_off.count(&user.to_string()));
        assert_eq!(back_off.lock().len(), MOST_USERS);
    }
}
