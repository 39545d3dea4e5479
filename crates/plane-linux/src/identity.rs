//! Users of this host.

use nix::unistd::{Uid, User, geteuid};

/// The user that this process acts as.
#[must_use]
pub fn own_user() -> u32 {
    geteuid().as_raw()
}

/// A user by name or number.
#[must_use]
pub fn user(text: &str) -> Option<u32> {
    let by_number = || text.parse().ok().map(|number| Uid::from_raw(number).as_raw());
    let by_name = || User::from_name(text).ok().flatten().map(|user| user.uid.as_raw());
    by_name().or_else(by_number)
}
