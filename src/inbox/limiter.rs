//! How many commands one person may give in a minute.

use crate::domain::ids::UserId;
use governor::DefaultKeyedRateLimiter;
use governor::Quota;
use governor::RateLimiter;
use std::num::NonZeroU32;

/// When more people than this have been counted, those who are quiet again are forgotten.
const COUNTED: usize = 1_000;

/// Counts commands.
pub struct Limiter(DefaultKeyedRateLimiter<UserId>);

impl Limiter {
    /// Allows each person so many commands a minute, all at once if she likes.
    #[must_use]
    pub fn per_minute(commands: NonZeroU32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(commands)))
    }

    /// Counts a command of `user`; whether it is still within what she may.
    pub(super) fn allows(&self, user: &UserId) -> bool {
        if self.0.len() > COUNTED {
            self.0.retain_recent();
        }
        self.0.check_key(user).is_ok()
    }
}
