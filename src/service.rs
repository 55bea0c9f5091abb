//! What the service manager is told (systemd's `sd_notify`), where one has started the program: that it
//! is ready, stops, or is alive, and how it stands. Elsewhere nothing happens.

use sd_notify::NotifyState;
use std::time::Duration;

/// The program does its work from now on.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// It has begun to end.
pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("stopping: what is under way is finished")]);
}

/// How it stands, in a line for the operator.
pub fn status(status: &str) {
    tell(&[NotifyState::Status(status)]);
}

/// It is alive: its loops turn and its disk takes what it writes.
pub fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// Within which time it must say again that it is alive; none: nobody waits for that.
#[must_use]
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

/// Whether anybody listens.
#[must_use]
pub fn is_managed() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}
