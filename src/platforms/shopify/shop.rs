//! What is known of a shop itself: its name, its currency and where its pages are. It is asked once a
//! day, and remembered for pushes, which do not say it.

use crate::domain::text::Line;
use iso_currency::Currency;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use url::Url;

/// For how long it is believed.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// A shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shop {
    /// What it is called; empty where it does not say.
    pub(super) label: Line,
    /// What its prices are in; none where that is not known.
    #[serde(default)]
    pub(super) currency: Option<Currency>,
    /// Where its pages are.
    pub(super) pages: Url,
    /// When it was asked.
    asked_at: Timestamp,
}

impl Shop {
    /// One that was just asked.
    pub(super) const fn new(label: Line, currency: Option<Currency>, pages: Url, asked_at: Timestamp) -> Self {
        Self { label, currency, pages, asked_at }
    }

    /// Whether it need not be asked again.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.asked_at).abs() < FRESH
    }
}

/// A currency by its code.
pub(super) fn currency(code: &str) -> Option<Currency> {
    Currency::from_code(&code.trim().to_ascii_uppercase())
}

/// The shops that were fetched since the program began, by their hosts.
#[derive(Default)]
pub(super) struct Shops(Mutex<HashMap<String, Shop>>);

impl Shops {
    /// What is known of a shop.
    pub(super) fn get(&self, name: &str) -> Option<Shop> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Remembers a shop.
    pub(super) fn keep(&self, name: &str, shop: &Shop) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), shop.clone());
    }
}
