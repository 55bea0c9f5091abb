//! The scheduler and the intake with a real store and feeds over HTTP, by a clock that stands still:
//! when each source is polled, and what comes of it.

mod forgetting;
mod intervals;
mod posting;
