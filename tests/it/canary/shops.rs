//! All fakes, each with the server that it stands on.

use crate::fakes::Canary;
use crate::fakes::dangdang::Dangdang;
use crate::fakes::discogs::FakeDiscogs;
use crate::fakes::ebay::FakeEbay;
use crate::fakes::etsy::FakeEtsy;
use crate::fakes::jd::Jd;
use crate::fakes::oscar::Oscar;
use crate::fakes::paipai::Paipai;
use crate::fakes::pinduoduo::Pinduoduo;
use crate::fakes::shopify::FakeShopify;
use crate::fakes::taobao::Taobao;
use crate::fakes::vendure::Vendure;
use crate::fakes::wire::Wire;
use crate::fakes::woocommerce::Shop as WooCommerce;
use crate::support::trading::NOON;
use jiff::Timestamp;
use std::any::Any;

/// A fake that can be told the time, and made to fail.
pub(super) trait Shop: Canary + Any {
    /// What it stands on.
    fn wire(&self) -> &Wire;

    /// It is `now` there, where it has a clock.
    fn lives_at(&self, now: Timestamp);
}

macro_rules! shops {
    ($($fake:ty: $lives_at:expr,)*) => {$(
        impl Shop for $fake {
            fn wire(&self) -> &Wire {
                &self.wire
            }

            fn lives_at(&self, now: Timestamp) {
                let lives_at: fn(&Self, Timestamp) = $lives_at;
                lives_at(self, now);
            }
        }
    )*};
}

shops! {
    WooCommerce: |shop, now| shop.state().now = now,
    FakeShopify: |_, _| {},
    FakeEbay: |_, _| {},
    FakeEtsy: |_, _| {},
    FakeDiscogs: |_, _| {},
    Taobao: |_, _| {},
    Jd: Jd::set_clock,
    Pinduoduo: |_, _| {},
    Dangdang: Dangdang::set_clock,
    Paipai: Paipai::set_clock,
    Vendure: |_, _| {},
    Oscar: |_, _| {},
}

/// One of each.
pub(super) async fn all() -> Vec<Box<dyn Shop>> {
    let noon: Timestamp = NOON.parse().unwrap();
    vec![
        Box::new(WooCommerce::open().await),
        Box::new(FakeShopify::start().await),
        Box::new(FakeEbay::start().await),
        Box::new(FakeEtsy::start().await),
        Box::new(FakeDiscogs::start().await),
        Box::new(Taobao::start(noon).await),
        Box::new(Jd::start().await),
        Box::new(Pinduoduo::start(noon).await),
        Box::new(Dangdang::start().await),
        Box::new(Paipai::start().await),
        Box::new(Vendure::start().await),
        Box::new(Oscar::start().await),
    ]
}

/// The fake of this kind.
pub(super) fn the<Fake: Shop>(shops: &[Box<dyn Shop>]) -> &Fake {
    shops.iter().find_map(|shop| (shop.as_ref() as &dyn Any).downcast_ref()).expect("a fake of this kind")
}
