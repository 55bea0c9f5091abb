//! How many commands one person may give in a minute.

use crate::domain::ids::UserId;
use governor::DefaultKeyedRateLimiter;
use governor::Quota;
use governor::RateLimiter;
use std::num::NonZeroU32;

/// When more people than this have been counted, those who are quiet again are forgotten.
const COUNTED: usize = 1_000;

/// Counts commands.
pub struct Limiter {
    commands: DefaultKeyedRateLimiter<UserId>,
    told: DefaultKeyedRateLimiter<UserId>,
}

impl Limiter {
    /// Allows each person so many commands a minute, all at once if she likes.
    #[must_use]
    pub fn per_minute(commands: NonZeroU32) -> Self {
        Self { commands: RateLimiter::keyed(Quota::per_minute(commands)), told: RateLimiter::keyed(Quota::per_minute(NonZeroU32::MIN)) }
    }

    /// Counts a command of `user`; whether it is still within what she may.
    pub(super) fn allows(&self, user: &UserId) -> bool {
        counts(&self.commands, user)
    }

    /// Whether `user`, who gives more commands than she may, is told so: once a minute, since each answer
    /// is one more message.
    pub(super) fn tells(&self, user: &UserId) -> bool {
        counts(&self.told, user)
    }
}

fn counts(limiter: &DefaultKeyedRateLimiter<UserId>, user: &UserId) -> bool {
    if limiter.len() > COUNTED {
        limiter.retain_recent();
    }
    limiter.check_key(user).is_ok()
}

#[cfg(test)]
mod tests {
    use super::COUNTED;
    use super::Limiter;
    use crate::domain::ids::UserId;
    use std::num::NonZeroU32;

    #[test]
    fn each_person_has_a_measure_of_her_own_and_is_told_once() {
        let limiter = Limiter::per_minute(NonZeroU32::new(3).unwrap());
        let [joy, mary] = ["@joy:a.example", "@mary:a.example"].map(UserId::new);
        assert_eq!([0; 5].map(|_| limiter.allows(&joy)), [true, true, true, false, false]);
        assert_eq!([0; 3].map(|_| limiter.tells(&joy)), [true, false, false]);
        assert!(limiter.allows(&mary), "others are not concerned");
    }

    #[test]
    fn who_has_been_quiet_takes_no_memory() {
        // Everybody is within what she may after a moment, at so many a minute.
        let limiter = Limiter::per_minute(NonZeroU32::new(u32::MAX).unwrap());
        for number in 0..3 * COUNTED {
            assert!(limiter.allows(&UserId::new(format!("@{number}:a.example"))));
        }
        assert!(limiter.commands.len() <= COUNTED + 1, "{}", limiter.commands.len());
    }
}
