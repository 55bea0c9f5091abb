//! Accounts that are removed: the shop is told to stop, and nothing stays.

use super::shop::Pushing;
use crate::fakes::Canary;
use crate::fakes::wire::Fault;
use crate::store::values::user;
use crate::support::clock::TestClock;
use crate::support::fake_homeserver::AS_TOKEN;
use crate::support::fake_homeserver::BOT;
use crate::support::trading::RECONCILED;
use std::sync::Arc;
use std::time::Duration;
use tradepost::actions::PushChoice;
use tradepost::actions::Rejection;
use tradepost::admin::Plan;
use tradepost::admin::Retirement;
use tradepost::admin::Step;
use tradepost::clock::Clock;
use tradepost::domain::ids::UserId;
use tradepost::domain::notice::Notice;
use tradepost::domain::sharer::Language;
use tradepost::intake::PushError;
use tradepost::matrix::client::Client;
use tradepost::matrix::client::Settings;
use tradepost::values::Secret;

impl Pushing {
    /// Joy removes the account.
    async fn removes(&self) {
        let (commit, _) = self.trading.actions.remove(&user("joy"), self.account.number, self.trading.now()).await.unwrap();
        self.trading.commit(commit).await;
    }

    /// What is due is polled.
    async fn is_polled(&self) {
        let now = self.trading.sending.clock.now();
        for source in self.trading.store().lease_sources(now, 10).await.unwrap() {
            self.trading.intake().poll(source, now, 7).await.unwrap();
        }
    }

    /// Whether nothing is left of the source.
    async fn is_gone(&self) -> bool {
        let store = self.trading.store();
        store.source(&self.account.source).await.unwrap().is_none() && store.items_of(&self.account.source).await.unwrap().is_empty()
    }
}

#[tokio::test]
async fn a_shop_whose_account_is_removed_is_told_to_stop_and_nothing_stays() {
    let pushing = Pushing::with(&["Pot"]).await;
    let pot = pushing.product("Pot");
    let late = pushing.delivery("product.updated", pot);
    assert_eq!(pushing.shop.state().webhooks.len(), 5);
    pushing.removes().await;
    assert!(matches!(pushing.takes(&late).await, Err(PushError::UnknownHook)), "at once, whatever the shop does");
    pushing.is_polled().await;
    assert_eq!(pushing.shop.state().webhooks.len(), 0);
    assert!(pushing.is_gone().await);
    assert!(matches!(pushing.takes(&late).await, Err(PushError::UnknownHook)));
}

#[tokio::test]
async fn a_shop_that_cannot_be_reached_then_is_told_later() {
    let pushing = Pushing::with(&["Pot"]).await;
    pushing.removes().await;
    for _ in 0..3 {
        pushing.shop.wire.fails_after(0, Fault::Broken);
        pushing.is_polled().await;
        assert_eq!(pushing.shop.state().webhooks.len(), 5);
        let source = pushing.trading.source(&pushing.account).await;
        assert!(source.next_poll_at > pushing.trading.now() && source.push.is_some());
        let wait = source.next_poll_at.duration_since(pushing.trading.now());
        pushing.passes(Duration::try_from(wait).unwrap());
    }
    pushing.is_polled().await;
    assert_eq!(pushing.shop.state().webhooks.len(), 0);
    assert!(pushing.is_gone().await);
}

#[tokio::test]
async fn whoever_retires_tells_the_shops_to_stop_and_tries_again_what_failed() {
    let pushing = Pushing::with(&["Pot"]).await;
    let sending = &pushing.trading.sending;
    let settings =
        Settings { address: sending.homeserver.url(), as_token: Secret::new(AS_TOKEN), bot: UserId::new(BOT), double_puppet: None };
    let retirement = Retirement {
        store: Arc::clone(&sending.store),
        client: Client::new(&settings).unwrap(),
        actions: pushing.trading.actions.clone(),
        language: Language::English,
        clock: Arc::<TestClock>::clone(&sending.clock),
    };
    let plan = retirement.plan().await.unwrap();
    let [step @ Step::Subscription { .. }] = plan.steps.as_slice() else { panic!("{plan:?}") };
    pushing.shop.wire.fails_after(0, Fault::Broken);
    retirement.take(step).await.unwrap_err();
    assert_eq!(pushing.shop.state().webhooks.len(), 5);
    assert_eq!(retirement.plan().await.unwrap(), plan);
    retirement.take(step).await.unwrap();
    assert_eq!(pushing.shop.state().webhooks.len(), 0);
    assert_eq!(retirement.plan().await.unwrap(), Plan::default());
    retirement.take(step).await.unwrap();
}

#[tokio::test]
async fn a_shop_that_never_answers_again_is_let_go() {
    let pushing = Pushing::with(&["Pot"]).await;
    pushing.removes().await;
    for _ in 0..20 {
        if pushing.is_gone().await {
            return;
        }
        pushing.shop.wire.fails_after(0, Fault::Broken);
        pushing.is_polled().await;
        pushing.passes(Duration::from_hours(1));
    }
    panic!("it is still there");
}

#[tokio::test]
async fn an_account_that_comes_back_before_the_shop_was_told_is_a_new_one() {
    let mut pushing = Pushing::with(&["Pot"]).await;
    pushing.removes().await;
    pushing.shop.wire.fails_after(0, Fault::Broken);
    pushing.is_polled().await;
    let (typed, credentials) = (pushing.shop.typed(), pushing.shop.credentials());
    pushing.account = pushing.trading.adds("woocommerce", &typed, credentials.as_ref()).await;
    assert_eq!(pushing.shop.state().webhooks.len(), 0, "what stood there would send to nobody");
    let source = pushing.trading.source(&pushing.account).await;
    assert!(source.push.is_none() && source.interval_seconds < RECONCILED);
    pushing.trading.push(pushing.account.number, PushChoice::On).await;
    let vase = pushing.shop.offers("Vase", 1_000);
    assert_eq!(pushing.sends("product.created", vase).await, (1, 0));
    assert_eq!(pushing.trading.cards().await.len(), 1);
}

#[tokio::test]
async fn pushing_is_switched_off_and_on_again() {
    let pushing = Pushing::with(&["Pot"]).await;
    let pot = pushing.product("Pot");
    let late = pushing.delivery("product.updated", pot);
    let notice = pushing.trading.push(pushing.account.number, PushChoice::Off).await;
    assert!(matches!(notice, Notice::PushOff { .. }), "{notice:?}");
    assert_eq!(pushing.shop.state().webhooks.len(), 0);
    assert!(matches!(pushing.takes(&late).await, Err(PushError::UnknownHook)));
    for _ in 0..2 {
        pushing.trading.push(pushing.account.number, PushChoice::On).await;
        assert_eq!(pushing.shop.state().webhooks.len(), 5, "those from before are gone");
    }
    assert!(matches!(pushing.takes(&late).await, Err(PushError::UnknownHook)));
    assert_eq!(pushing.sends("product.updated", pot).await, (0, 1));
}

/// Joy gives keys for an account that anybody can read.
async fn gives_keys(pushing: &Pushing) -> Result<Notice, Rejection> {
    let (actions, keys) = (&pushing.trading.actions, pushing.shop.credentials().unwrap().secret);
    let (commit, notice) = actions.new_secret(&user("joy"), pushing.account.number, Some(&keys), pushing.trading.now()).await?;
    pushing.trading.commit(commit).await;
    Ok(notice)
}

#[tokio::test]
async fn an_account_that_comes_back_without_keys_can_be_given_them() {
    let mut pushing = Pushing::with(&["Pot"]).await;
    pushing.removes().await;
    pushing.shop.wire.fails_after(0, Fault::Broken);
    pushing.is_polled().await;
    pushing.account = pushing.trading.adds("woocommerce", &pushing.shop.typed(), None).await;
    assert_eq!(pushing.shop.state().webhooks.len(), 5);
    let notice = gives_keys(&pushing).await.unwrap();
    assert!(matches!(notice, Notice::SecretTaken { .. }), "{notice:?}");
    pushing.account = pushing.trading.joy().await.accounts.remove(0);
    assert_eq!(pushing.shop.state().webhooks.len(), 0);
    pushing.trading.push(pushing.account.number, PushChoice::On).await;
    let vase = pushing.shop.offers("Vase", 1_000);
    assert_eq!(pushing.sends("product.created", vase).await, (1, 0));
    assert_eq!(pushing.trading.cards().await.len(), 1);
}

#[tokio::test]
async fn keys_do_not_make_one_account_of_two() {
    let mut pushing = Pushing::with(&["Pot"]).await;
    pushing.account = pushing.trading.adds("woocommerce", &pushing.shop.typed(), None).await;
    let refused = gives_keys(&pushing).await.unwrap_err();
    assert!(matches!(refused, Rejection::Refused(Notice::AccountKnown { .. })), "{refused:?}");
    assert_eq!(pushing.trading.joy().await.accounts.len(), 2);
}
