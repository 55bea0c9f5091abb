//! A WooCommerce shop of Joy's that sends what happens in it.

use crate::fakes::Canary;
use crate::fakes::woocommerce::Delivery;
use crate::fakes::woocommerce::Shop;
use crate::support::trading::Trading;
use bytes::Bytes;
use rust_decimal::Decimal;
use std::time::Duration;
use tradepost::actions::PushChoice;
use tradepost::domain::notice::Notice;
use tradepost::domain::sharer::Account;
use tradepost::domain::source::Item;
use tradepost::intake::PushError;
use tradepost::intake::Taken;
use tradepost::platforms::PlatformSettings;
use tradepost::values::Within;

/// How often the shop is polled where it does not send.
pub(super) const INTERVAL: u32 = 600;

/// The shop, and Joy, who shares it with Mary.
pub(super) struct Pushing {
    pub(super) shop: Shop,
    pub(super) trading: Trading,
    pub(super) account: Account,
}

impl Pushing {
    /// A shop with `titles`, which are its baseline, and which sends.
    pub(super) async fn with(titles: &[&str]) -> Self {
        let pushing = Self::polled_with(titles).await;
        let notice = pushing.trading.push(pushing.account.number, PushChoice::On).await;
        assert!(matches!(notice, Notice::PushOn { .. }), "{notice:?}");
        pushing
    }

    /// The same, but it does not send.
    pub(super) async fn polled_with(titles: &[&str]) -> Self {
        let shop = Shop::open().await;
        for title in titles {
            shop.offers(title, 1_000);
        }
        let mut settings = PlatformSettings::default();
        settings.woocommerce.interval_seconds = Within::literal(INTERVAL);
        let trading = Trading::at(&settings).await;
        let account = trading.adds("woocommerce", &shop.typed(), shop.credentials().as_ref()).await;
        Self { shop, trading, account }
    }

    /// Time passes, at the shop too.
    pub(super) fn passes(&self, time: Duration) {
        self.trading.sending.clock.advance(time);
        self.shop.state().now = self.trading.now();
    }

    /// The number of the product of this name.
    pub(super) fn product(&self, name: &str) -> u64 {
        let state = self.shop.state();
        *state.products.iter().find(|(_, product)| product.name == name).expect("a product").0
    }

    /// What the shop sends of a product or an order now.
    pub(super) fn delivery(&self, topic: &str, id: u64) -> Delivery {
        self.shop.deliveries(topic, id).pop().expect("a webhook")
    }

    /// Something that the shop sends comes now.
    pub(super) async fn takes(&self, delivery: &Delivery) -> Result<Taken, PushError> {
        let token = delivery.url.rsplit('/').next().unwrap();
        let body = Bytes::copy_from_slice(&delivery.body);
        self.trading.intake().take_push(token, &delivery.headers, body, self.trading.now()).await
    }

    /// The shop sends something of a product or an order: how much of it was new, and how much was known.
    pub(super) async fn sends(&self, topic: &str, id: u64) -> (usize, usize) {
        let taken = self.takes(&self.delivery(topic, id)).await.unwrap();
        (taken.accepted, taken.unchanged)
    }

    /// A product gets another price, and the shop says it.
    pub(super) fn costs(&self, id: u64, cents: i64) -> Delivery {
        self.shop.changes(id, |product| (product.cents, product.regular) = (cents, cents));
        self.delivery("product.updated", id)
    }

    /// What is known of a product.
    pub(super) async fn item(&self, id: u64) -> Item {
        let items = self.trading.items(&self.account).await;
        items.into_iter().find(|item| item.external_id.as_str() == id.to_string()).expect("an item")
    }

    /// Its price in cents, and whether it can be had.
    pub(super) async fn state(&self, id: u64) -> (Decimal, Option<bool>) {
        let item = self.item(id).await;
        (item.price.unwrap().amount * Decimal::from(100), item.available)
    }
}

/// An amount in cents.
pub(super) fn cents(amount: i64) -> Decimal {
    Decimal::from(amount)
}
