//! An intake for tests that reaches nobody.

use super::Intake;
use super::Locks;
use super::Queue;
use super::Web;
use crate::classify::BuiltIn;
use crate::classify::Classifiers;
use crate::domain::permission::Permissions;
use crate::net::Net;
use crate::net::NetLimits;
use crate::platforms::Platforms;
use crate::store::Store;
use crate::vault::Key;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Knows these platforms, and has a public address.
pub(crate) fn intake(store: Arc<dyn Store>, platforms: Platforms, permissions: Permissions) -> Intake {
    let limits = NetLimits { allowed: Vec::new(), body_bytes: 1, total: Duration::from_secs(1), redirects: 0, per_host_per_second: 1 };
    Intake {
        store,
        platforms,
        net: Net::new(limits).unwrap(),
        vault: Arc::new(Key::new([7; 32])),
        web: Web { public_url: Url::parse("https://tradepost.example/").ok(), reconcile_seconds: 3_600 },
        permissions,
        shortest_interval_seconds: 60,
        classifiers: Classifiers::new(BuiltIn::standard()),
        hold_seconds: 0,
        locks: Locks::default(),
        queue: Queue::default(),
    }
}
