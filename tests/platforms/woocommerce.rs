//! `WooCommerce`, against a shop that checks what a real one checks.

use crate::fakes::CANARY;
use crate::fakes::woocommerce::Shop;
use crate::support::Visitor;
use std::fmt::Debug;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::platforms::woocommerce::WooCommerce;
use tradepost::platforms::woocommerce::WooCommerceSettings;

mod consent;
mod keyed;
mod large;
mod open;
mod push;

/// The adapter; links without TLS may be posted, since the fake has none.
fn adapter() -> WooCommerce {
    WooCommerce::new(&WooCommerceSettings::default(), true)
}

/// Somebody with the right keys.
fn owner() -> Visitor {
    Visitor::with_secret(&Shop::keys())
}

/// The same, with her clock at the shop's time.
fn owner_at(shop: &Shop) -> Visitor {
    Visitor { now: shop.state().now, ..owner() }
}

/// Whether a fetch brought all that is on offer.
fn is_complete(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { complete: true, .. })
}

/// Whether there is more to fetch at once.
fn has_more(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { more: true, .. })
}

/// What is said to be gone.
fn gone(fetched: &Fetched) -> Vec<&str> {
    match fetched {
        Fetched::Changed { gone, .. } => gone.iter().map(ExternalId::as_str).collect(),
        Fetched::Unchanged => Vec::new(),
    }
}

/// The trades of a kind.
fn of(kind: Kind, fetched: &Fetched) -> Vec<&Trade> {
    crate::support::trades(fetched).iter().filter(|trade| trade.kind == kind).collect()
}

/// Their titles.
fn titles_of(kind: Kind, fetched: &Fetched) -> Vec<&str> {
    of(kind, fetched).iter().map(|trade| trade.title.as_str()).collect()
}

/// Nothing of a person stands in it.
fn assert_discreet(said: &impl Debug) {
    let said = format!("{said:?}");
    assert!(!said.contains(CANARY), "{said}");
}
