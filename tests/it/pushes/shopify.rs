//! A Shopify shop of Joy's: it cannot say what was sold, only that something was.

use crate::fakes::Canary;
use crate::fakes::shopify::CLIENT_ID;
use crate::fakes::shopify::CLIENT_SECRET;
use crate::fakes::shopify::FakeShopify;
use crate::fakes::shopify::HOST;
use crate::store::values::user;
use crate::support::trading::Trading;
use bytes::Bytes;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use tradepost::actions::LinkEnd;
use tradepost::actions::PushChoice;
use tradepost::domain::notice::Notice;
use tradepost::domain::sharer::Account;
use tradepost::intake::PushError;
use tradepost::intake::Taken;
use tradepost::platforms::PlatformSettings;
use tradepost::values::Secret;
use url::Url;

/// The shop, and Joy, who shares it with Mary.
pub(super) struct Selling {
    pub(super) shop: FakeShopify,
    pub(super) trading: Trading,
    pub(super) account: Account,
}

impl Selling {
    /// By a token that Joy typed.
    pub(super) async fn by_token() -> Self {
        let shop = FakeShopify::start().await;
        let mut settings = PlatformSettings::default();
        shop.set_up(&mut settings);
        let trading = Trading::at(&settings).await;
        let account = trading.adds("shopify", HOST, shop.credentials().as_ref()).await;
        Self { shop, trading, account }
    }

    /// By her consent to the operator's app: its tokens end after an hour.
    pub(super) async fn by_consent() -> Self {
        let shop = FakeShopify::start().await;
        let mut settings = PlatformSettings::default();
        shop.set_up(&mut settings);
        settings.shopify.app_key = CLIENT_ID.to_owned();
        settings.shopify.app_secret = Secret::new(CLIENT_SECRET);
        let trading = Trading::at(&settings).await;
        // It is hers by a token at first, in whose place she then agrees.
        let account = trading.adds("shopify", HOST, shop.credentials().as_ref()).await;
        let mut selling = Self { shop, trading, account };
        selling.agrees().await;
        selling
    }

    /// Joy follows a link for a new secret and agrees at the shop.
    async fn agrees(&mut self) {
        let (actions, now) = (&self.trading.actions, self.trading.now());
        let (commit, notice) = actions.new_secret(&user("joy"), self.account.number, None, now).await.unwrap();
        self.trading.commit(commit).await;
        let Notice::SecretAsked { consent: Some(page), .. } = notice else { panic!("{notice:?}") };
        let page = Url::parse(&page).unwrap();
        let state = page.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let ended = actions.consented("shopify", &self.shop.consent(&state, HOST), b"", now).await.unwrap();
        assert!(matches!(ended, LinkEnd::Done { .. }), "{ended:?}");
    }

    /// It sends from now on.
    pub(super) async fn sends_itself(&self) {
        let notice = self.trading.push(self.account.number, PushChoice::On).await;
        assert!(matches!(notice, Notice::PushOn { .. }), "{notice:?}");
    }

    /// Time passes.
    pub(super) fn passes(&self, time: Duration) {
        self.trading.sending.clock.advance(time);
    }

    /// Somebody buys a teapot; nobody is told yet.
    pub(super) fn sells(&self) {
        let at = self.trading.now().to_string();
        let mut shop = self.shop.shop();
        let id = shop.offers("Teapot", "48.00");
        shop.sells(id, "Teapot", "48.00", 1, &at);
    }

    /// The shop sends something.
    pub(super) async fn says(&self, topic: &str, body: &Value) -> Result<Taken, PushError> {
        let address = self.shop.shop().webhooks.iter().find(|(_, known, ..)| known == topic).expect("a webhook").2.clone();
        let (headers, body) = FakeShopify::push(topic, body, CLIENT_SECRET, self.trading.now());
        let token = address.rsplit('/').next().unwrap();
        self.trading.intake().take_push(token, &headers, Bytes::from(body), self.trading.now()).await
    }

    /// The shop says that something was sold.
    pub(super) async fn says_sold(&self) -> Result<Taken, PushError> {
        self.says("orders/paid", &json!({"id": 7})).await
    }
}
