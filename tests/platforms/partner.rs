//! Platforms that send trades by tradepost's own interface, mostly by the example platform, which
//! shares no code with the adapter.

use crate::fakes::wire::Fault;
use crate::fakes::wire::Wire;
use crate::support::Visitor;
use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::any;
use serde_json::Value;
use serde_json::json;
use stage::KEY;
use stage::Stage;
use stage::news;
use stage::settings;
use std::time::Duration;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::UserId;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::platforms::FetchError;
use tradepost::platforms::Platform;
use tradepost::platforms::Push;
use tradepost::platforms::partner::Partner;
use tradepost::platforms::push::Confirm;
use tradepost::platforms::push::Hook;
use tradepost::platforms::push::Refusal;
use tradepost::platforms::push::Said;
use tradepost::platforms::push::Subscribed;
use tradepost::values::Secret;

#[path = "../it/support/bazaar.rs"]
#[allow(dead_code, unreachable_pub, reason = "the end-to-end tests use it too")]
mod bazaar;
mod documents;
#[path = "../it/support/ports.rs"]
#[allow(unreachable_pub, reason = "the end-to-end tests use it too")]
mod ports;
#[path = "../it/support/process.rs"]
#[allow(dead_code, unreachable_pub, reason = "the end-to-end tests use it too")]
mod process;
mod stage;

#[tokio::test]
async fn an_account_counts_only_after_joy_has_confirmed_it_on_the_platforms_page() {
    let mut stage = Stage::new().await;
    let subscribed = stage.subscribes().await.unwrap();
    let id = &subscribed.ids[0];
    let page = stage.bazaar.page(&format!("/confirm/{id}"));
    assert_eq!(subscribed.confirm, Some(Confirm::Page(page.parse().unwrap())));
    assert!(stage.is_subscribed().await);

    let listing = json!({"type": "trades", "trades": [{"id": "1", "kind": "listing", "title": "Teapot"}]});
    let (status, said) = stage.bazaar.pushes("joy123", listing, json!({})).await;
    assert_eq!((status, said.as_str()), (403, "the account's owner has not confirmed it"));

    stage.bazaar.confirms("joy123").await;
    assert_eq!(stage.message(1).await.said, Ok(Said::Confirmed));
    stage.counts();
    stage.bazaar.offers("joy123", "tea 1".replace(' ', "-").as_str(), "Teapot, <blue> & white", "12.50").await;
    let message = stage.message(2).await;
    let [trade] = news(&message) else { panic!("{message:?}") };
    assert_eq!((trade.kind, trade.external_id.as_str(), trade.title.as_str()), (Kind::Listing, "tea-1", "Teapot, <blue> & white"));
    let price = trade.price.as_ref().unwrap();
    assert_eq!((price.amount.to_string(), price.currency.code()), ("12.50".to_owned(), "EUR"));
    assert_eq!(trade.link.as_ref().unwrap().as_str(), stage.bazaar.page("/items/tea-1"));
    assert!(trade.available == Some(true) && trade.as_of.is_some() && trade.occurred_at.is_some());
}

#[tokio::test]
async fn joy_can_confirm_by_a_code_that_the_platform_shows_her() {
    let mut stage = Stage::new().await;
    stage.bazaar.confirms_by_code().await;
    assert_eq!(stage.subscribes().await.unwrap().confirm, Some(Confirm::Code));
    let code = stage.bazaar.registrations("joy123").await[0]["code"].as_str().unwrap().to_owned();
    let (context, login) = (stage.joy.context(), stage.joy.login("joy123"));
    let refused = stage.partner.confirm(&context, &login, &stage.hook, "wrong").await.unwrap_err();
    assert_eq!(refused.problem, Problem::SecretRefused);
    stage.partner.confirm(&context, &login, &stage.hook, &code).await.unwrap();
    assert_eq!(stage.bazaar.registrations("joy123").await[0]["confirmed"], true);
    stage.counts();
    stage.bazaar.offers("joy123", "1", "Teapot", "3").await;
    assert_eq!(news(&stage.message(0).await).len(), 1);
}

#[tokio::test]
async fn a_code_cannot_be_guessed() {
    let mut stage = Stage::new().await;
    stage.bazaar.confirms_by_code().await;
    stage.subscribes().await.unwrap();
    let (context, login) = (stage.joy.context(), stage.joy.login("joy123"));
    for guess in 0..5 {
        let refused = stage.partner.confirm(&context, &login, &stage.hook, &format!("guess{guess}")).await.unwrap_err();
        assert_eq!(refused.problem, Problem::SecretRefused);
    }
    let gone = stage.partner.confirm(&context, &login, &stage.hook, "guess").await.unwrap_err();
    assert_eq!(gone.problem, Problem::NotFound);
    assert!(!stage.is_subscribed().await);
}

#[tokio::test]
async fn nobody_but_the_accounts_owner_can_confirm_at_the_example_platform() {
    let mut stage = Stage::new().await;
    let Some(Confirm::Page(page)) = stage.subscribes().await.unwrap().confirm else { panic!("no page") };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |cookie: &str, fields: &str| {
        let request = http.post(page.clone()).header("cookie", cookie).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(fields.to_owned()).send().await.unwrap();
        let session = answer.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
        (answer.status().as_u16(), session.unwrap_or_default(), answer.text().await.unwrap())
    };
    let (_, nobody, _) = post("", "account=joy123&password=wrong").await;
    assert_eq!(nobody, "");
    let (_, mary, _) = post("", "account=mary77&password=mary").await;
    let shown = http.get(page.clone()).header("cookie", &mary).send().await.unwrap();
    assert_eq!((shown.status().as_u16(), shown.text().await.unwrap().contains("joy123")), (404, false));

    let (_, joy, _) = post("", "account=joy123&password=joy").await;
    assert_eq!(post(&joy, "answer=yes").await.0, 403, "a form of another page");
    let shown = http.get(page.clone()).header("cookie", &joy).send().await.unwrap().text().await.unwrap();
    let once = shown.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(post(&joy, &format!("once={once}&answer=yes")).await.0, 200);
    assert_eq!(stage.message(0).await.said, Ok(Said::Confirmed));
}

#[tokio::test]
async fn sales_purchases_and_what_is_gone_are_told_apart() {
    let stage = Stage::confirmed().await;
    for kind in ["sale", "purchase"] {
        let trade = json!({"id": "9", "kind": kind, "title": "Teapot", "price": {"amount": "3", "currency": "CNY"}, "quantity": 2});
        stage.bazaar.tells("joy123", trade).await;
    }
    stage.bazaar.withdraws("joy123", "9").await;
    let mut told = Vec::new();
    let mut gone = Vec::new();
    for number in 1.. {
        let Ok(Said::News { trades, gone: left }) = stage.message(number).await.said else { panic!("no news") };
        told.extend(trades.into_iter().map(|trade| (trade.kind, trade.external_id.as_str().to_owned(), trade.quantity)));
        gone.extend(left);
        if told.len() + gone.len() == 3 {
            break;
        }
    }
    let expected = vec![(Kind::Sale, "sale:9:".to_owned(), Some(2)), (Kind::Purchase, "purchase:9:".to_owned(), Some(2))];
    assert_eq!((told, gone), (expected, vec![ExternalId::new("9")]));
}

#[tokio::test]
async fn a_push_that_is_not_signed_with_the_hooks_own_secret_is_not_read() {
    let stage = Stage::confirmed().await;
    let listing = json!({"type": "trades", "trades": [{"id": "1", "kind": "listing", "title": "Teapot"}]});
    let long = "x".repeat(257);
    for (how, status) in [
        (json!({}), 200),
        // The platform's key lets nobody push: it is not the hook's.
        (json!({"key": KEY}), 401),
        (json!({"key": "whsec_c29tZWJvZHkgZWxzZSdzIGtleSwgbm90IG91cnM="}), 401),
        (json!({"instead": "{\"type\":\"registration.ended\"}"}), 401),
        (json!({"instead": "not JSON"}), 401),
        (json!({"id": "msg.1"}), 401),
        (json!({"id": long}), 401),
        (json!({"offset_seconds": -250}), 200),
        (json!({"offset_seconds": 250}), 200),
        (json!({"offset_seconds": -330}), 401),
        (json!({"offset_seconds": 330}), 401),
        (json!({"content_type": "text/plain"}), 415),
        (json!({"content_type": "application/json; charset=gbk"}), 415),
        (json!({"content_type": "application/json; charset=UTF-8"}), 200),
    ] {
        let (got, said) = stage.bazaar.pushes("joy123", listing.clone(), how.clone()).await;
        assert_eq!(got, status, "{how}: {said}");
    }
    let old = stage.message(10).await.said;
    assert_eq!(old, Err(Refusal::Stale { tolerance_seconds: 300 }));
}

#[tokio::test]
async fn a_push_that_comes_again_says_the_same_of_the_same_things() {
    let stage = Stage::confirmed().await;
    let listing = json!({"type": "trades", "trades": [
        {"id": "1", "kind": "listing", "title": "Teapot", "as_of": "2026-03-03T12:00:00+01:00"},
        {"id": "1", "kind": "sale", "title": "Teapot"},
    ]});
    let (status, _) = stage.bazaar.pushes("joy123", listing, json!({"times": 2})).await;
    assert_eq!(status, 200);
    let ids = async |number| -> Vec<(ExternalId, Option<jiff::Timestamp>)> {
        news(&stage.message(number).await).iter().map(|trade| (trade.external_id.clone(), trade.as_of)).collect()
    };
    assert_eq!(ids(1).await, ids(2).await);
    assert_eq!(ids(1).await[0].1, Some("2026-03-03T11:00:00Z".parse().unwrap()));
    assert_eq!(stage.message(1).await.id, stage.message(2).await.id);
}

#[tokio::test]
async fn a_dry_run_is_read_like_the_real_one_and_says_nothing() {
    let stage = Stage::confirmed().await;
    let run = |title: &str| json!({"type": "trades", "dry_run": true, "trades": [{"id": "1", "kind": "listing", "title": title}]});
    let (status, said) = stage.bazaar.pushes("joy123", run("Teapot"), json!({})).await;
    assert_eq!((status, serde_json::from_str::<Value>(&said).unwrap()), (200, json!({"dry_run": true, "accepted": 1})));
    assert_eq!(stage.message(1).await.said, Ok(Said::DryRun { trades: 1 }));
    let (status, said) = stage.bazaar.pushes("joy123", run(""), json!({})).await;
    assert_eq!((status, said.as_str()), (422, "trades[0].title: not of 1 to 1000 characters"));
}

#[tokio::test]
async fn personal_data_sent_by_mistake_is_refused_and_the_rest_is_sent_without_it() {
    let stage = Stage::confirmed().await;
    stage.fails(1);
    let with_buyer = json!({"id": "1", "kind": "sale", "title": "Teapot", "buyer": {"name": "CANARY"}});
    stage.bazaar.tells("joy123", with_buyer).await;
    stage.bazaar.offers("joy123", "2", "Cup", "1").await;
    let mut refusals = Vec::new();
    let mut number = 1;
    let told = loop {
        match stage.message(number).await.said {
            Ok(Said::News { trades, .. }) if trades.iter().any(|trade| trade.title.as_str() == "Cup") => break trades,
            Err(refusal) => refusals.push(refusal.to_string()),
            other => panic!("{other:?}"),
        }
        number += 1;
    };
    assert_eq!(told.len(), 1);
    assert!(refusals.iter().all(|said| said.ends_with("].buyer: unknown, or there twice") && !said.contains("CANARY")), "{refusals:?}");
    assert!(refusals.len() >= 2, "it was sent again after the failure");
}

#[tokio::test]
async fn what_could_not_be_taken_is_sent_again_under_the_same_id_and_in_order() {
    let stage = Stage::confirmed().await;
    stage.fails(2);
    stage.bazaar.offers("joy123", "1", "Teapot", "1").await;
    let first = stage.message(1).await;
    stage.bazaar.offers("joy123", "1", "Teapot", "2").await;
    let (second, third, last) = (stage.message(2).await, stage.message(3).await, stage.message(4).await);
    assert!(first.id == second.id && second.id == third.id && third.id != last.id);
    assert!(first.timestamp < third.timestamp, "each attempt has its own time");
    let amount = |message| news(message)[0].price.as_ref().unwrap().amount.to_string();
    assert_eq!((amount(&third), amount(&last)), ("1".to_owned(), "2".to_owned()));
}

#[tokio::test]
async fn a_registration_that_is_removed_is_ended_there_and_removing_it_again_does_no_harm() {
    let stage = Stage::confirmed().await;
    let (context, login) = (stage.joy.context(), stage.joy.login("joy123"));
    for _ in 0..2 {
        stage.partner.unsubscribe(&context, &login, &stage.hook).await.unwrap();
        assert!(!stage.is_subscribed().await);
    }
    stage.bazaar.offers("joy123", "1", "Teapot", "1").await;
    assert_eq!(stage.messages(), 1, "only the confirmation has come");
}

#[tokio::test]
async fn joy_can_end_it_at_the_platform() {
    let stage = Stage::confirmed().await;
    stage.bazaar.refuses("joy123").await;
    assert_eq!(stage.message(1).await.said, Ok(Said::Ended));
    for _ in 0..100 {
        if !stage.is_subscribed().await {
            return;
        }
        tokio::time::interval(Duration::from_millis(20)).tick().await;
    }
    panic!("it is still registered");
}

#[tokio::test]
async fn a_registration_asked_for_twice_is_one() {
    let mut stage = Stage::new().await;
    stage.subscribes().await.unwrap();
    stage.subscribes().await.unwrap();
    assert_eq!(stage.bazaar.registrations("joy123").await.len(), 1);
}

#[tokio::test]
async fn an_account_that_is_not_there_and_a_key_that_is_not_ours_are_told_apart() {
    let stage = Stage::new().await;
    let (context, login) = (stage.joy.context(), stage.joy.login("joy123"));
    let unknown = stage.partner.subscribe(&context, &stage.joy.login("nobody"), &stage.hook).await.unwrap_err();
    assert_eq!(unknown.problem, Problem::NoSuchAccount);

    let other = "whsec_c29tZWJvZHkgZWxzZSdzIGtleSwgbm90IG91cnM=";
    let stranger = Partner::new("bazaar", &settings(&stage.bazaar.registration_url(), other), true);
    let hook = Hook { ids: vec!["reg_1".to_owned()], ..stage.hook.clone() };
    let refusals = [
        stranger.subscribe(&context, &login, &hook).await.map(drop),
        stranger.is_subscribed(&context, &login, &hook).await.map(drop),
        stranger.confirm(&context, &login, &hook, "1").await,
        stranger.unsubscribe(&context, &login, &hook).await,
    ];
    assert_eq!(refusals, std::array::from_fn(|_| Err(FetchError::from(Problem::AppRefused))));
    assert!(stage.bazaar.registrations("joy123").await.is_empty());
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_refused_by_the_platform() {
    let mut stage = Stage::new().await;
    stage.bazaar.clock_is_ahead(400).await;
    assert_eq!(stage.subscribes().await.unwrap_err().problem, Problem::AppRefused);
}

#[tokio::test]
async fn a_platform_knows_a_sharer_again_and_two_platforms_cannot_compare() {
    let stage = Stage::new().await;
    let url = stage.bazaar.registration_url();
    let mary = Visitor { user: UserId::new("@mary:a.example"), ..Visitor { now: stage.joy.now, ..Visitor::new() } };
    let subscribe = async |id: &str, who: &Visitor, callback: &str| {
        let hook = Hook { callback: callback.parse().unwrap(), ..stage.hook.clone() };
        Partner::new(id, &settings(&url, KEY), true).subscribe(&who.context(), &who.login("joy123"), &hook).await.unwrap();
    };
    subscribe("bazaar", &stage.joy, "http://127.0.0.1:1/a").await;
    subscribe("bazaar", &stage.joy, "http://127.0.0.1:1/b").await;
    subscribe("bazaar", &mary, "http://127.0.0.1:1/c").await;
    subscribe("market", &stage.joy, "http://127.0.0.1:1/d").await;
    let registrations = stage.bazaar.registrations("joy123").await;
    let sharers: Vec<&str> = registrations.iter().map(|one| one["sharer"].as_str().unwrap()).collect();
    assert_eq!(sharers[0], sharers[1]);
    assert!(sharers[1] != sharers[2] && sharers[1] != sharers[3], "{sharers:?}");
    assert!(sharers.iter().all(|sharer| !sharer.contains("joy") && !sharer.contains("example")));
}

/// A platform that answers everything with this.
async fn answering(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> (Wire, Partner, Visitor) {
    let wire = Wire::start(Router::new().fallback(any(async move || answer()))).await;
    let partner = Partner::new("bazaar", &settings(wire.url().join("registrations").unwrap().as_str(), KEY), false);
    (wire, partner, Visitor::new())
}

fn hook() -> Hook {
    Hook { callback: "https://a.example/hooks/t".parse().unwrap(), secret: Secret::new("s"), ids: vec!["reg_1".to_owned()] }
}

async fn subscribe(partner: &Partner, joy: &Visitor) -> Result<Subscribed, FetchError> {
    partner.subscribe(&joy.context(), &joy.login("joy123"), &hook()).await
}

fn created(body: &Value) -> impl Fn() -> Response + Clone + Send + Sync + 'static {
    let body = body.to_string();
    move || (StatusCode::CREATED, body.clone()).into_response()
}

#[tokio::test]
async fn a_platform_that_lets_nobody_confirm_is_refused() {
    for body in [
        json!({"id": "reg_1"}),
        json!({"id": "reg_1", "confirm": null}),
        json!({"id": "reg_1", "confirm": {"type": "none"}}),
        json!({"id": "reg_1", "confirm": {"type": "page"}}),
        json!({"id": "reg_1", "confirm": {"type": "page", "url": "http://bazaar.example/confirm"}}),
        json!({"id": "reg_1", "confirm": {"type": "page", "url": "javascript:alert(1)"}}),
        json!({"id": "reg_1", "confirm": {"type": "page", "url": "https://joy@bazaar.example/"}}),
        json!({"id": "", "confirm": {"type": "code"}}),
        json!({"id": "..", "confirm": {"type": "code"}}),
        json!({"id": "reg/1", "confirm": {"type": "code"}}),
        json!({"confirm": {"type": "code"}}),
    ] {
        let (_wire, partner, joy) = answering(created(&body)).await;
        assert_eq!(subscribe(&partner, &joy).await, Err(Problem::MalformedAnswer.into()), "{body}");
    }
}

#[tokio::test]
async fn a_page_is_passed_on_as_the_platform_named_it() {
    let url = "https://bazaar.example/confirm?token=abc&utm_source=x";
    let body = json!({"id": "reg_1", "confirm": {"type": "page", "url": url}, "expires_at": "2026-09-01T00:00:00Z", "owner": "CANARY"});
    let (_wire, partner, joy) = answering(created(&body)).await;
    let subscribed = subscribe(&partner, &joy).await.unwrap();
    let expires_at = Some("2026-09-01T00:00:00Z".parse().unwrap());
    assert_eq!(subscribed, Subscribed { ids: vec!["reg_1".to_owned()], expires_at, confirm: Some(Confirm::Page(url.parse().unwrap())) });
}

#[tokio::test]
async fn what_the_platform_refuses_is_told_by_its_code_alone() {
    let code = |status: StatusCode, body: &'static str| move || (status, body).into_response();
    for (status, body, expected) in [
        (StatusCode::CONFLICT, "{\"error\":\"registered-elsewhere\"}", Problem::refused("registered-elsewhere")),
        (StatusCode::CONFLICT, "{\"error\":\"CANARY is blocked\"}", Problem::refused("409")),
        (StatusCode::UNPROCESSABLE_ENTITY, "CANARY", Problem::refused("422")),
        (StatusCode::OK, "{}", Problem::MalformedAnswer),
        (StatusCode::BAD_GATEWAY, "", Problem::HttpStatus { status: 502 }),
    ] {
        let (_wire, partner, joy) = answering(code(status, body)).await;
        assert_eq!(subscribe(&partner, &joy).await, Err(expected.into()), "{status} {body}");
    }
}

#[tokio::test]
async fn every_way_in_which_the_platform_fails_is_told_and_nothing_is_registered_by_mistake() {
    let (wire, partner, joy) = answering(created(&json!({"id": "reg_1", "confirm": {"type": "code"}}))).await;
    let waits = FetchError { problem: Problem::AskedToWait, retry_after: Some(Duration::from_secs(7)) };
    for (fault, expected) in [
        (Fault::Broken, Problem::HttpStatus { status: 500 }.into()),
        (Fault::TooMany(7), waits),
        (Fault::Malformed, Problem::MalformedAnswer.into()),
        (Fault::Truncated, Problem::ConnectionFailed.into()),
        (Fault::Silent, Problem::TimedOut { limit_seconds: 2 }.into()),
    ] {
        wire.fails_after(0, fault);
        assert_eq!(subscribe(&partner, &joy).await, Err(expected), "{fault:?}");
    }
    subscribe(&partner, &joy).await.unwrap();
    let there = async || partner.is_subscribed(&joy.context(), &joy.login("joy123"), &hook()).await;
    wire.fails_after(0, Fault::Broken);
    assert_eq!(there().await, Err(Problem::HttpStatus { status: 500 }.into()), "a failure is no answer");
    let ended = partner.unsubscribe(&joy.context(), &joy.login("joy123"), &Hook { ids: Vec::new(), ..hook() }).await;
    assert_eq!(ended, Ok(()));
}

#[tokio::test]
async fn a_registration_goes_nowhere_else_than_it_was_meant_for() {
    let (_wire, partner, joy) = answering(|| Redirect::temporary("https://elsewhere.example/").into_response()).await;
    let refused = subscribe(&partner, &joy).await.unwrap_err();
    assert_eq!(refused.problem, Problem::LeadsElsewhere { address: "https://elsewhere.example/".to_owned() });
}

#[tokio::test]
async fn what_everybody_may_follow_is_not_registered() {
    let (wire, partner, joy) = answering(created(&json!({}))).await;
    let login = tradepost::platforms::Login { user: None, ..joy.login("joy123") };
    let refused = partner.subscribe(&joy.context(), &login, &hook()).await.unwrap_err();
    assert_eq!((refused.problem, wire.requests()), (Problem::NotAllowed { missing: String::new() }, 0));
}

#[tokio::test]
async fn a_name_is_looked_at_without_asking_anybody_and_there_is_nothing_to_fetch() {
    let (wire, partner, joy) = answering(created(&json!({}))).await;
    for name in ["joy123", "茶馆", "a.b@c"] {
        let verified = joy.verifies(&partner, name).await.unwrap();
        assert_eq!((verified.name.as_str(), verified.label.as_str()), (name, name));
        assert!(matches!(verified.fetched, Fetched::Changed { complete: false, ref trades, .. } if trades.is_empty()));
    }
    let long = "x".repeat(101);
    for name in ["", "joy 123", " joy", "joy\u{202E}", "joy\n", &long] {
        assert_eq!(joy.verifies(&partner, name).await.unwrap_err().problem, Problem::NoSuchAccount, "{name:?}");
    }
    assert_eq!(joy.fetches(&partner, "joy123", None).await, Ok(Fetched::Unchanged));
    assert!(!partner.recognises("https://bazaar.example/joy123") && wire.requests() == 0);
}

#[tokio::test]
async fn a_platform_without_a_key_is_not_set_up() {
    let (wire, _, joy) = answering(created(&json!({}))).await;
    let partner = Partner::new("bazaar", &settings(wire.url().as_str(), ""), true);
    assert!(!partner.descriptor().is_set_up);
    assert_eq!(joy.verifies(&partner, "joy123").await.unwrap_err().problem, Problem::AppRefused);
    assert_eq!(subscribe(&partner, &joy).await.unwrap_err().problem, Problem::AppRefused);
    assert_eq!(wire.requests(), 0);
}
