//! Subscriptions that stand: looked at once a day, and polled seldom; and shops that are only polled.

use super::shop::INTERVAL;
use super::shop::Pushing;
use crate::fakes::wire::Fault;
use crate::store::values::user;
use crate::support::trading::RECONCILED;
use std::time::Duration;
use tradepost::actions::LinkEnd;
use tradepost::actions::LinkPage;
use tradepost::actions::PushChoice;
use tradepost::actions::Rejection;
use tradepost::domain::notice::Notice;
use tradepost::intake::PushError;
use tradepost::values::Secret;

#[tokio::test]
async fn a_webhook_that_the_shop_switched_off_is_made_anew_within_a_day() {
    let pushing = Pushing::with(&["Pot"]).await;
    let pot = pushing.product("Pot");
    let former = pushing.delivery("product.updated", pot);
    pushing.shop.state().webhooks.values_mut().next().unwrap().status = "disabled".to_owned();
    pushing.passes(Duration::from_hours(12));
    pushing.trading.polls(&pushing.account).await;
    assert_eq!(pushing.delivery("product.updated", pot).url, former.url, "it is looked at once a day");
    pushing.passes(Duration::from_hours(13));
    pushing.trading.polls(&pushing.account).await;
    let webhooks: Vec<_> = pushing.shop.state().webhooks.values().cloned().collect();
    assert_eq!(webhooks.len(), 5, "what was left of the former ones is gone");
    assert!(webhooks.iter().all(|webhook| webhook.status == "active" && webhook.delivery_url != former.url));
    assert!(matches!(pushing.takes(&former).await, Err(PushError::UnknownHook)));
    let vase = pushing.shop.offers("Vase", 1_000);
    assert_eq!(pushing.sends("product.created", vase).await, (1, 0));
}

#[tokio::test]
async fn a_shop_that_refuses_webhooks_is_polled_and_asked_again_a_day_later() {
    let pushing = Pushing::with(&["Pot"]).await;
    pushing.shop.state().webhooks.clear();
    pushing.shop.state().permissions = "read";
    pushing.passes(Duration::from_hours(25));
    let source = pushing.trading.polls(&pushing.account).await;
    assert_eq!(source.answered_at, Some(pushing.trading.now()), "it is read all the same");
    assert_eq!(pushing.shop.state().webhooks.len(), 0);
    pushing.shop.state().permissions = "read_write";
    pushing.passes(Duration::from_hours(25));
    pushing.trading.polls(&pushing.account).await;
    assert_eq!(pushing.shop.state().webhooks.len(), 5);
}

#[tokio::test]
async fn keys_that_may_only_read_lead_to_other_ways() {
    let pushing = Pushing::polled_with(&["Pot"]).await;
    pushing.shop.state().permissions = "read";
    let notice = pushing.trading.push(pushing.account.number, PushChoice::On).await;
    assert!(matches!(notice, Notice::PushAsked { by_hand: true, consent: Some(_), .. }), "{notice:?}");
    assert!(pushing.trading.source(&pushing.account).await.push.is_none());
    let notice = pushing.trading.push(pushing.account.number, PushChoice::ByHand).await;
    let Notice::PushByHand { page, topics, .. } = notice else { panic!("{notice:?}") };
    assert_eq!(topics.len(), 5);
    let (address, secret) = shown(&pushing, &page).await;
    let pot = pushing.product("Pot");
    pushing.shop.makes_webhook("product.updated", &address, &secret);
    pushing.passes(Duration::from_secs(5));
    let dearer = pushing.costs(pot, 1_500);
    assert_eq!(pushing.takes(&dearer).await.unwrap().accepted, 1);
    // What she made there is hers to end.
    pushing.trading.push(pushing.account.number, PushChoice::Off).await;
    assert_eq!(pushing.shop.state().webhooks.len(), 1);
    assert!(matches!(pushing.takes(&dearer).await, Err(PushError::UnknownHook)));
}

/// What a page shows, once: the address and the secret.
async fn shown(pushing: &Pushing, page: &str) -> (String, String) {
    let (actions, now) = (&pushing.trading.actions, pushing.trading.now());
    let token = page.rsplit('/').next().unwrap();
    assert!(matches!(actions.give_secret(token, Secret::new("ck cs"), now).await, Ok(LinkEnd::Gone)), "nothing is typed there");
    for _ in 0..2 {
        let ask = actions.link_ask(token, now).await.unwrap().expect("looking uses nothing up");
        assert_eq!(ask.page, LinkPage::Show);
    }
    let end = actions.show_secret(token, now).await.unwrap();
    let LinkEnd::Shown { address, secret, .. } = end else { panic!("{end:?}") };
    assert_eq!(actions.link_ask(token, now).await.unwrap(), None);
    assert_eq!(actions.show_secret(token, now).await.unwrap(), LinkEnd::Gone);
    (address, secret.expose().to_owned())
}

#[tokio::test]
async fn a_page_that_shows_a_secret_is_good_for_an_hour_and_the_newest_only() {
    let pushing = Pushing::polled_with(&["Pot"]).await;
    let by_hand = async |pushing: &Pushing| {
        let notice = pushing.trading.push(pushing.account.number, PushChoice::ByHand).await;
        let Notice::PushByHand { page, .. } = notice else { panic!("{notice:?}") };
        page.rsplit('/').next().unwrap().to_owned()
    };
    let (first, second) = (by_hand(&pushing).await, by_hand(&pushing).await);
    let (actions, now) = (&pushing.trading.actions, pushing.trading.now());
    assert_eq!(actions.show_secret(&first, now).await.unwrap(), LinkEnd::Gone);
    assert_eq!(actions.show_secret(&second, now + Duration::from_hours(1)).await.unwrap(), LinkEnd::Gone);
    assert!(matches!(actions.show_secret(&second, now + Duration::from_mins(59)).await.unwrap(), LinkEnd::Shown { .. }));
    let third = by_hand(&pushing).await;
    pushing.trading.push(pushing.account.number, PushChoice::Off).await;
    assert_eq!(pushing.trading.actions.show_secret(&third, now).await.unwrap(), LinkEnd::Gone, "there is nothing to show any more");
}

#[tokio::test]
async fn how_often_a_shop_is_looked_at_is_chosen_within_bounds() {
    let pushing = Pushing::polled_with(&["Pot"]).await;
    let (actions, number) = (&pushing.trading.actions, pushing.account.number);
    let next = async |pushing: &Pushing| {
        let source = pushing.trading.polls(&pushing.account).await;
        source.next_poll_at.duration_since(pushing.trading.now()).as_secs()
    };
    pushing.passes(Duration::from_secs(u64::from(INTERVAL)));
    assert_eq!(next(&pushing).await, i64::from(INTERVAL));
    let refused = actions.set_interval(&user("joy"), number, 59, pushing.trading.now()).await.unwrap_err();
    assert!(matches!(refused, Rejection::Refused(Notice::IntervalTooShort { limit_seconds: 60 })), "{refused:?}");
    for (chosen, seconds) in [(60, 60), (7_200, 7_200), (10_000_000, 604_800)] {
        let (commit, notice) = actions.set_interval(&user("joy"), number, chosen, pushing.trading.now()).await.unwrap();
        pushing.trading.commit(commit).await;
        assert!(matches!(notice, Notice::IntervalChanged { interval_seconds, .. } if i64::from(interval_seconds) == seconds), "{notice:?}");
        let due_at = pushing.trading.source(&pushing.account).await.next_poll_at;
        assert!(due_at.duration_since(pushing.trading.now()).as_secs() <= seconds);
        pushing.passes(Duration::try_from(due_at.duration_since(pushing.trading.now())).unwrap());
        assert_eq!(next(&pushing).await, seconds);
    }
    pushing.trading.push(number, PushChoice::On).await;
    assert_eq!(pushing.trading.source(&pushing.account).await.next_poll_at, pushing.trading.now());
    assert_eq!(next(&pushing).await, i64::from(RECONCILED), "a shop that sends is polled seldom");
}

#[tokio::test]
async fn a_shop_that_sends_and_fails_once_is_not_left_alone_for_hours() {
    let pushing = Pushing::with(&["Pot"]).await;
    pushing.passes(Duration::from_hours(1));
    pushing.shop.wire.fails_after(0, Fault::Broken);
    let source = pushing.trading.polls(&pushing.account).await;
    let wait = source.next_poll_at.duration_since(pushing.trading.now()).as_secs();
    assert!((i64::from(INTERVAL)..=2 * i64::from(INTERVAL)).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_baseline_of_several_fetches_announces_nothing() {
    let titles: Vec<String> = (0..1_250).map(|number| format!("Pot {number}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let pushing = Pushing::polled_with(&titles).await;
    let source = pushing.trading.source(&pushing.account).await;
    assert_eq!(source.next_poll_at, pushing.trading.now(), "the rest is fetched at once");
    assert!(pushing.trading.items(&pushing.account).await.len() < 1_250);
    assert!(pushing.trading.joy().await.accounts[0].baseline_pending);
    let mut fetches = 0;
    while pushing.trading.joy().await.accounts[0].baseline_pending {
        pushing.passes(Duration::from_secs(1));
        pushing.trading.polls(&pushing.account).await;
        fetches += 1;
        assert!(fetches < 10);
    }
    assert_eq!(pushing.trading.items(&pushing.account).await.len(), 1_250);
    assert_eq!(pushing.trading.cards().await, []);
    pushing.passes(Duration::from_secs(u64::from(INTERVAL)));
    pushing.shop.offers("Vase", 1_000);
    pushing.trading.polls(&pushing.account).await;
    assert_eq!(pushing.trading.cards().await.len(), 1);
}
