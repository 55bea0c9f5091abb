//! Webhooks.

use super::adapter;
use super::assert_discreet;
use super::owner;
use super::owner_at;
use crate::fakes::wire::Fault;
use crate::fakes::woocommerce::Delivery;
use crate::fakes::woocommerce::Shop;
use crate::fakes::woocommerce::Webhook;
use crate::support::Visitor;
use crate::support::trades;
use http::HeaderMap;
use tradepost::domain::problem::Problem;
use tradepost::domain::trade::Kind;
use tradepost::platforms::FetchError;
use tradepost::platforms::Platform;
use tradepost::platforms::push::Hook;
use tradepost::platforms::push::Pushed;
use tradepost::platforms::push::Refusal;
use tradepost::platforms::push::Said;
use tradepost::platforms::push::Subscribed;
use tradepost::platforms::woocommerce::WooCommerce;
use tradepost::values::Secret;
use url::Url;

const WORD: &str = "hush-hush";

fn hook(ids: Vec<String>) -> Hook {
    Hook { callback: Url::parse("https://bot.example/hooks/t0k3n").unwrap(), secret: Secret::new(WORD), ids }
}

async fn subscribes(shop: &Shop, visitor: &Visitor) -> Result<Subscribed, FetchError> {
    let (platform, address) = (adapter(), shop.address());
    platform.push().unwrap().subscribe(&visitor.context(), &visitor.login(&address), &hook(Vec::new())).await
}

async fn is_subscribed(shop: &Shop, hook: &Hook) -> bool {
    let (platform, address, visitor) = (adapter(), shop.address(), owner());
    platform.push().unwrap().is_subscribed(&visitor.context(), &visitor.login(&address), hook).await.unwrap()
}

async fn unsubscribes(shop: &Shop, hook: &Hook) -> Result<(), FetchError> {
    let (platform, address, visitor) = (adapter(), shop.address(), owner());
    platform.push().unwrap().unsubscribe(&visitor.context(), &visitor.login(&address), hook).await
}

fn reads(platform: &WooCommerce, shop: &Shop, headers: &HeaderMap, body: &[u8]) -> Result<Said, Refusal> {
    let (address, visitor) = (shop.address(), owner());
    let pushed = Pushed { headers, body, secret: &Secret::new(WORD), is_confirmed: true };
    let said = platform.push().unwrap().read(&visitor.login(&address), &pushed, shop.state().now);
    assert_discreet(&said);
    said
}

/// A subscribed shop with a teapot, and an adapter that has polled it.
async fn subscribed() -> (Shop, WooCommerce, u64) {
    let (shop, platform) = (Shop::open().await, adapter());
    let pot = shop.offers("Teapot", 1_999);
    owner().fetches(&platform, &shop.address(), None).await.unwrap();
    subscribes(&shop, &owner()).await.unwrap();
    (shop, platform, pot)
}

fn delivery(shop: &Shop, topic: &str, id: u64) -> Delivery {
    shop.deliveries(topic, id).pop().unwrap()
}

fn says(platform: &WooCommerce, shop: &Shop, topic: &str, id: u64) -> Said {
    let sent = delivery(shop, topic, id);
    reads(platform, shop, &sent.headers, &sent.body).unwrap()
}

#[tokio::test]
async fn a_subscription_is_made_looked_at_and_ended() {
    let shop = Shop::open().await;
    let Subscribed { ids, expires_at: None, confirm: None } = subscribes(&shop, &owner()).await.unwrap() else { panic!() };
    let topics: Vec<String> = shop.state().webhooks.values().map(|webhook| webhook.topic.clone()).collect();
    assert_eq!(topics, ["product.created", "product.updated", "product.deleted", "order.created", "order.updated"]);
    assert_eq!(adapter().push().unwrap().by_hand().unwrap(), topics);
    assert!(shop.state().webhooks.values().all(|hook| hook.secret == WORD && hook.delivery_url == "https://bot.example/hooks/t0k3n"));
    let hook = hook(ids);
    assert!(is_subscribed(&shop, &hook).await);
    assert!(!is_subscribed(&shop, &self::hook(Vec::new())).await);
    unsubscribes(&shop, &hook).await.unwrap();
    assert!(shop.state().webhooks.is_empty());
    unsubscribes(&shop, &hook).await.unwrap();
    assert!(!is_subscribed(&shop, &hook).await, "the shop answers 400 for what is not there");
}

#[tokio::test]
async fn a_subscription_that_was_switched_off_or_turned_away_is_noticed() {
    for (status, url) in [("disabled", "https://bot.example/hooks/t0k3n"), ("active", "https://evil.example/")] {
        let shop = Shop::open().await;
        let hook = hook(subscribes(&shop, &owner()).await.unwrap().ids);
        {
            let mut state = shop.state();
            let webhook = state.webhooks.values_mut().last().unwrap();
            (webhook.status, webhook.delivery_url) = (status.to_owned(), url.to_owned());
        }
        assert!(!is_subscribed(&shop, &hook).await, "{status} {url}");
    }
}

#[tokio::test]
async fn keys_that_may_only_read_cannot_subscribe() {
    let shop = Shop::open().await;
    shop.state().permissions = "read";
    let error = subscribes(&shop, &owner()).await.unwrap_err();
    assert_eq!(error.problem, Problem::NotAllowed { missing: "read_write".to_owned() });
    assert_eq!(subscribes(&shop, &Visitor::new()).await.unwrap_err().problem, Problem::SecretNeeded);
    assert!(shop.state().webhooks.is_empty());
}

#[tokio::test]
async fn half_a_subscription_is_taken_back() {
    let shop = Shop::open().await;
    shop.wire.fails_after(3, Fault::Broken);
    let error = subscribes(&shop, &owner()).await.unwrap_err();
    assert_eq!(error.problem, Problem::HttpStatus { status: 500 });
    assert!(shop.state().webhooks.is_empty());
}

#[tokio::test]
async fn a_product_that_is_pushed_is_the_one_that_is_polled() {
    let (shop, platform, pot) = subscribed().await;
    shop.passes(60);
    shop.changes(pot, |pot| pot.cents = 1_500);
    let Said::News { trades: pushed, gone } = says(&platform, &shop, "product.updated", pot) else { panic!() };
    let polled = owner_at(&shop).fetches(&platform, &shop.address(), None).await.unwrap();
    assert_eq!((pushed.as_slice(), gone.len()), (trades(&polled), 0));
    assert_eq!(pushed[0].as_of, Some(shop.state().now));
}

#[tokio::test]
async fn what_is_deleted_or_withdrawn_is_gone() {
    let (shop, platform, pot) = subscribed().await;
    let gone = |said: Said| match said {
        Said::News { trades, gone } if trades.is_empty() => gone.iter().map(ToString::to_string).collect(),
        said => vec![format!("{said:?}")],
    };
    assert_eq!(gone(says(&platform, &shop, "product.deleted", pot)), ["101"]);
    shop.changes(pot, |pot| pot.status = "private");
    assert_eq!(gone(says(&platform, &shop, "product.updated", pot)), ["101"]);
    shop.changes(pot, |pot| (pot.status, pot.visibility) = ("publish", "hidden"));
    assert_eq!(gone(says(&platform, &shop, "product.updated", pot)), ["101"]);
}

#[tokio::test]
async fn what_a_push_cannot_say_is_fetched() {
    let (shop, platform, pot) = subscribed().await;
    let Said::News { .. } = says(&platform, &shop, "product.created", pot) else { panic!() };
    assert_eq!(says(&adapter(), &shop, "product.created", pot), Said::Something, "the currency, after a restart");
    shop.changes(pot, |pot| pot.sort = "variable");
    assert_eq!(says(&platform, &shop, "product.updated", pot), Said::Something, "the prices of variants");
    shop.changes(pot, |pot| pot.sort = "variation");
    assert_eq!(says(&platform, &shop, "product.updated", pot), Said::Something, "whose variant it is");
    let sale = shop.sells(pot, 1);
    shop.passes(2 * 24 * 3_600);
    shop.has_order(sale, "completed");
    assert_eq!(says(&platform, &shop, "order.updated", sale), Said::Something, "whether an old order is news");
}

#[tokio::test]
async fn settled_orders_are_pushed_as_sales() {
    let (shop, platform, pot) = subscribed().await;
    let order = shop.sells(pot, 3);
    for status in ["pending", "cancelled", "refunded"] {
        shop.has_order(order, status);
        assert_eq!(says(&platform, &shop, "order.created", order), Said::Nothing, "{status}");
    }
    shop.has_order(order, "processing");
    let Said::News { trades: pushed, .. } = says(&platform, &shop, "order.updated", order) else { panic!() };
    let polled = owner().fetches(&platform, &shop.address(), None).await.unwrap();
    let sale = trades(&polled).iter().find(|trade| trade.kind == Kind::Sale).unwrap();
    assert_eq!((pushed.len(), pushed[0].id(), &pushed[0].price, pushed[0].quantity), (1, sale.id(), &sale.price, Some(3)));
    assert_eq!(pushed[0].link.as_ref().unwrap().as_str(), format!("{}?post_type=product&p={pot}", shop.address()));
}

#[tokio::test]
async fn a_replay_says_the_same_of_the_same_time() {
    let (shop, platform, pot) = subscribed().await;
    let sent = delivery(&shop, "product.updated", pot);
    let first = reads(&platform, &shop, &sent.headers, &sent.body).unwrap();
    shop.passes(3_600);
    shop.changes(pot, |pot| pot.cents = 1);
    let Said::News { trades: replayed, .. } = reads(&platform, &shop, &sent.headers, &sent.body).unwrap() else { panic!() };
    let Said::News { trades: first, .. } = first else { panic!() };
    assert_eq!((replayed[0].id(), replayed[0].as_of, &replayed[0].price), (first[0].id(), first[0].as_of, &first[0].price));
    assert!(replayed[0].as_of < Some(shop.state().now));
}

#[tokio::test]
async fn the_shop_may_try_the_address() {
    let (shop, platform, _) = subscribed().await;
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap())]);
    assert_eq!(reads(&platform, &shop, &headers, b"webhook_id=17"), Ok(Said::Nothing));
    for body in [&b"webhook_id="[..], b"webhook_id=17&x=y", b"", b"{}"] {
        let refusal = reads(&platform, &shop, &headers, body).unwrap_err();
        assert_eq!(refusal, Refusal::ContentType { expected: "application/json" });
    }
}

#[tokio::test]
async fn only_what_the_shop_signed_is_read() {
    let (shop, platform, pot) = subscribed().await;
    let sent = delivery(&shop, "product.updated", pot);
    let with = |name: &'static str, value: Option<&str>| {
        let mut headers = sent.headers.clone();
        match value {
            Some(value) => headers.insert(name, value.parse().unwrap()),
            None => headers.remove(name),
        };
        reads(&platform, &shop, &headers, &sent.body)
    };
    let signature = "x-wc-webhook-signature";
    for wrong in [None, Some(""), Some("x"), Some("AAAA"), Some("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")] {
        assert_eq!(with(signature, wrong), Err(Refusal::Signature), "{wrong:?}");
    }
    let mut changed = sent.body.clone();
    changed.push(b' ');
    assert_eq!(reads(&platform, &shop, &sent.headers, &changed), Err(Refusal::Signature), "not a byte may change");
    for wrong in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        assert_eq!(with("content-type", wrong), Err(Refusal::ContentType { expected: "application/json" }), "{wrong:?}");
    }
    assert!(matches!(with("content-type", Some("Application/JSON; charset=UTF-8")), Ok(Said::News { .. })));
    assert!(matches!(with("x-wc-webhook-topic", None), Err(Refusal::Malformed(_))));
    assert_eq!(with("x-wc-webhook-topic", Some("coupon.created")), Ok(Said::Nothing));
    assert!(matches!(with("x-wc-webhook-topic", Some("order.created")), Err(Refusal::Malformed(_))), "a product is no order");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_not_repeated() {
    let (shop, platform, _) = subscribed().await;
    for topic in ["product.updated", "product.deleted", "order.updated"] {
        let webhook = Webhook { topic: topic.to_owned(), delivery_url: String::new(), secret: WORD.to_owned(), status: String::new() };
        for body in
            [&b""[..], b"CANARY", b"\xFF\xFE{}", b"{\"id\": 7, \"name\": \"CANARY\xC3\x28\"}", b"[]", b"{\"code\": \"CANARY\"}", b"null"]
        {
            let sent = webhook.delivery(1, body);
            let refusal = reads(&platform, &shop, &sent.headers, &sent.body).unwrap_err();
            assert!(matches!(refusal, Refusal::Malformed(_)), "{topic} {refusal:?}");
            assert!(!refusal.to_string().contains("CANARY"));
        }
    }
}
