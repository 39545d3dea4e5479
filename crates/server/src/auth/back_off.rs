//! Wrong passwords slow down whoever guesses, and lock nobody out.
//!
//! | counted by | slows down | after | beyond a wait of 10 s |
//! |---|---|---|---|
//! | user and address | guesses of one password from one place, one after the other | 3 | refused as overload |
//! | address | one place that goes through many users, one after the other | 20 | refused as overload |
//! | user | guesses of one password from many places, each by itself | 10 | – |
//!
//! The pause doubles with each wrong one, up to 8 s. What strangers elsewhere do never refuses a user, it only delays an
//! address that is new for the user: one from which the right password came before goes by the first row alone. Counts
//! are forgotten after a quarter of an hour, and an IPv6 address counts by its network, since a host has all of that.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::password::PasswordError;
use super::tally::Tally;

/// Wrong passwords of a user from an address that cost nothing.
const FREE_BY_PAIR: u32 = 3;
/// Wrong passwords from an address that cost nothing.
const FREE_BY_ADDRESS: u32 = 20;
/// Wrong passwords of a user that cost nothing, wherever they come from.
const FREE_BY_USER: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// Who would wait longer for a turn is refused.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// So long after the last wrong one, they are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(15 * 60);
/// So long an address is familiar for a user after its last right password there.
const FAMILIAR_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

/// Whose password is tried, and from where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt<'a> {
    /// The user's id, or what was typed if there is no such user.
    pub(super) who: &'a str,
    /// The caller's address.
    pub(super) from: Option<IpAddr>,
}

/// Wrong passwords by user and address. Both are kept as hashes: what was typed as a name may be a password.
#[derive(Default)]
pub(super) struct BackOff {
    counts: Mutex<Counts>,
    hasher: RandomState,
}

struct Counts {
    pairs: Tally,
    addresses: Tally,
    users: Tally,
    /// Users and addresses from which the right password came.
    familiar: Tally,
}

impl Default for Counts {
    fn default() -> Self {
        let lately = || Tally::new(FORGOTTEN_AFTER);
        Self { pairs: lately(), addresses: lately(), users: lately(), familiar: Tally::new(FAMILIAR_FOR) }
    }
}

/// The three that an attempt is counted by.
struct Marks {
    pair: u64,
    address: u64,
    user: u64,
}

impl BackOff {
    /// Waits for the attempt's turn.
    pub(super) async fn turn(&self, attempt: Attempt<'_>) -> Result<(), PasswordError> {
        let marks = self.marks(attempt);
        let now = Instant::now();
        let turn = self.lock().turn(&marks, now)?;
        if turn > now {
            tokio::time::sleep_until(turn).await;
        }
        Ok(())
    }

    /// Counts a wrong password.
    pub(super) fn count(&self, attempt: Attempt<'_>) {
        let (marks, now) = (self.marks(attempt), Instant::now());
        let mut counts = self.lock();
        counts.pairs.count(marks.pair, now, |wrong| pause(wrong, FREE_BY_PAIR));
        counts.addresses.count(marks.address, now, |wrong| pause(wrong, FREE_BY_ADDRESS));
        counts.users.count(marks.user, now, |wrong| pause(wrong, FREE_BY_USER));
    }

    /// After the right password: that pair starts afresh. What else was counted of user and address stays, since others
    /// may have caused it.
    pub(super) fn forgive(&self, attempt: Attempt<'_>) {
        let marks = self.marks(attempt);
        let mut counts = self.lock();
        counts.pairs.forget(marks.pair);
        counts.familiar.count(marks.pair, Instant::now(), |_| Duration::ZERO);
    }

    fn marks(&self, Attempt { who, from }: Attempt<'_>) -> Marks {
        let from = from.map(network);
        let hash = |mark: (Option<&str>, Option<IpAddr>)| self.hasher.hash_one(mark);
        Marks { pair: hash((Some(who), from)), address: hash((None, from)), user: hash((Some(who), None)) }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn turn(&mut self, marks: &Marks, now: Instant) -> Result<Instant, PasswordError> {
        let queued = |tally: &mut Tally, mark, free| {
            let next = |wrong| pause(wrong, free);
            tally.queue(mark, (now, LONGEST_WAIT), next).ok_or(PasswordError::Busy)
        };
        let own = queued(&mut self.pairs, marks.pair, FREE_BY_PAIR)?;
        if self.familiar.number(marks.pair, now) > 0 {
            return Ok(own);
        }
        let of_address = queued(&mut self.addresses, marks.address, FREE_BY_ADDRESS)?;
        let of_user = now + pause(self.users.number(marks.user, now), FREE_BY_USER);
        Ok(own.max(of_address).max(of_user))
    }
}

/// What of an address stands for whoever has it.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(host) => {
            let [a, b, c, d, ..] = host.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

fn pause(wrong: u32, free: u32) -> Duration {
    let Some(doublings) = wrong.checked_sub(free) else { return Duration::ZERO };
    FIRST_PAUSE.saturating_mul(1 << doublings.min(16)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt<'a>(who: &'a str, from: &str) -> Attempt<'a> {
        Attempt { who, from: Some(from.parse().unwrap()) }
    }

    async fn waited(back_off: &BackOff, attempt: Attempt<'_>) -> Result<Duration, PasswordError> {
        let before = Instant::now();
        back_off.turn(attempt).await.map(|()| before.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn turns_lie_ever_further_apart_until_the_right_password() {
        let back_off = BackOff::default();
        let mut waits = Vec::new();
        let here = attempt("u", "10.0.0.1");
        for _ in 0..7 {
            waits.push(waited(&back_off, here).await.unwrap().as_millis());
            back_off.count(here);
        }
        assert_eq!(waits, [0, 0, 0, 250, 500, 1000, 2000]);
        assert_eq!(waited(&back_off, attempt("another", "10.0.0.1")).await.unwrap(), Duration::ZERO);
        assert_eq!(waited(&back_off, attempt("u", "10.0.0.2")).await.unwrap(), Duration::ZERO);
        back_off.forgive(here);
        assert_eq!(waited(&back_off, here).await.unwrap(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn many_at_once_get_a_turn_each_or_are_refused() {
        let back_off = BackOff::default();
        let here = attempt("u", "10.0.0.1");
        (0..10).for_each(|_| back_off.count(here));
        let both = tokio::join!(waited(&back_off, here), waited(&back_off, here), waited(&back_off, here));
        assert_eq!((both.0, both.1), (Ok(Duration::from_secs(8)), Err(PasswordError::Busy)));
        assert_eq!(both.2, Err(PasswordError::Busy));
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_goes_through_many_users_is_slowed_down() {
        let back_off = BackOff::default();
        let users: Vec<String> = (0..40).map(|user| user.to_string()).collect();
        users.iter().for_each(|user| back_off.count(attempt(user, "2001:db8::1")));
        let next = attempt("next", "2001:db8::ffff");
        let first = tokio::join!(waited(&back_off, next), waited(&back_off, attempt("more", "2001:db8::2")));
        assert_eq!(first, (Ok(LONGEST_PAUSE), Err(PasswordError::Busy)), "another host of that network");
        assert_eq!(waited(&back_off, attempt("next", "2001:db8:0:1::1")).await, Ok(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_never_lock_a_user_out() {
        let back_off = BackOff::default();
        let home = attempt("u", "10.9.9.9");
        back_off.forgive(home);
        let strangers: Vec<String> = (0..1000).map(|host| format!("10.1.{}.{}", host / 250, host % 250)).collect();
        strangers.iter().for_each(|from| back_off.count(attempt("u", from)));
        assert_eq!(waited(&back_off, home).await, Ok(Duration::ZERO), "it came from there before");
        let elsewhere = attempt("u", "10.8.8.8");
        let waits = tokio::join!(waited(&back_off, elsewhere), waited(&back_off, attempt("u", "10.8.8.7")));
        assert_eq!(waits, (Ok(LONGEST_PAUSE), Ok(LONGEST_PAUSE)), "each for itself, and none refused");
        assert_eq!(waited(&back_off, attempt("another", "10.8.8.8")).await, Ok(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn counts_are_forgotten_in_time() {
        let back_off = BackOff::default();
        let here = attempt("u", "10.0.0.1");
        (0..50).for_each(|_| back_off.count(here));
        tokio::time::advance(FORGOTTEN_AFTER).await;
        assert_eq!(waited(&back_off, here).await, Ok(Duration::ZERO));
    }
}
