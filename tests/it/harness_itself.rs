//! The tests' own ground: people hear each other, the homeserver keeps what it stored, and the feed
//! behaves and misbehaves as it is told.

use super::support::client::CallError;
use super::support::client::Client;
use super::support::client::http_client;
use super::support::feed::Answer;
use super::support::feed::Feed;
use super::support::synapse::Homeserver;
use super::support::user::Person;
use axum::Router;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use bytes::Bytes;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::unbounded_channel;

#[tokio::test]
async fn two_people_talk_in_a_direct_room() {
    let homeserver = Homeserver::shared().await;
    let number = homeserver.registration().number;
    let joy = Person::register(&homeserver, &format!("joy{number}")).await;
    let mary = Person::register(&homeserver, &format!("mary{number}")).await;

    let room = joy.opens_direct_room_with(&mary.id).await;
    assert_eq!(mary.is_invited_by(&joy.id).await, room);
    mary.joins(&room).await;
    joy.sees_membership(&room, &mary.id, "join").await;
    let hello = joy.says(&room, "Hello Mary").await;
    mary.hears(&room, "Hello").await;
    mary.reacts(&room, &hello, "👍").await;
    joy.sees_reaction(&room, &hello, "👍").await;
    mary.says(&room, "Hello Joy").await;
    joy.hears(&room, "Hello Joy").await;

    assert_eq!(mary.has_read(&room, &joy.id).await, ["Hello Mary"]);
}

#[tokio::test]
async fn a_restarted_homeserver_knows_what_was_said_before() {
    let homeserver = Homeserver::own().await;
    let joy = Person::register(&homeserver, "joy").await;
    let mary = Person::register(&homeserver, "mary").await;
    let room = joy.opens_direct_room_with(&mary.id).await;
    mary.joins(&room).await;
    joy.says(&room, "before").await;
    mary.hears(&room, "before").await;

    homeserver.restart().await;
    joy.says(&room, "between").await;
    homeserver.kill_9().await;
    homeserver.start_again().await;
    joy.says(&room, "after").await;

    mary.hears(&room, "after").await;
    let phone = Person::login(&homeserver, "mary").await;
    assert_eq!(phone.has_read(&room, &joy.id).await, ["before", "between", "after"]);
}

#[tokio::test]
async fn rooms_change_as_people_change_them() {
    let homeserver = Homeserver::shared().await;
    let number = homeserver.registration().number;
    let joy = Person::register(&homeserver, &format!("joy{number}")).await;
    let mary = Person::register(&homeserver, &format!("mary{number}")).await;
    mary.sets_display_name("Mary Miller").await;

    let room = joy.creates_room(json!({"preset": "private_chat", "name": "Market"})).await;
    for _ in 0..2 {
        joy.invites(&room, &mary.id).await;
        mary.joins(&room).await;
        mary.leaves(&room).await;
    }
    joy.invites(&room, &mary.id).await;
    mary.joins(&room).await;
    joy.kicks(&room, &mary.id).await;
    mary.sees_membership(&room, &mary.id, "leave").await;
    joy.bans(&room, &mary.id).await;
    assert_eq!(joy.members(&room).await[&mary.id], "ban");

    joy.encrypts(&room).await;
    let replacement = joy.upgrades(&room).await;
    assert_ne!(replacement, room);
    let members = joy.members(&replacement).await;
    assert_eq!(members[&joy.id], "join");
    let refused = mary.client().call(Method::POST, &["rooms", &replacement, "join"], &[], json!({})).await;
    assert!(matches!(&refused, Err(CallError::Refused(refused)) if refused.status == 403 && refused.code == "M_BAD_STATE"), "{refused:?}");
}

#[tokio::test]
async fn what_the_bot_is_told_reaches_the_appservice() {
    let homeserver = Homeserver::shared().await;
    let registration = homeserver.registration();
    let bot = Client::new(&homeserver.address()).with_token(&registration.as_token);
    let account = json!({"type": "m.login.application_service", "username": registration.bot, "inhibit_login": true});
    bot.post(&["register"], account).await;
    let mut transactions = appservice(registration.port).await;

    let joy = Person::register(&homeserver, &format!("joy{}", registration.number)).await;
    let room = joy.opens_direct_room_with(&registration.bot_id()).await;

    let (token, transaction) = transactions.recv().await.unwrap();
    assert_eq!(token, format!("Bearer {}", registration.hs_token));
    let invitation = &transaction["events"][0];
    assert_eq!((&invitation["room_id"], &invitation["content"]["membership"]), (&json!(room), &json!("invite")));
}

/// An appservice that takes everything, and gives it on.
async fn appservice(port: u16) -> UnboundedReceiver<(String, Value)> {
    let (give, take) = unbounded_channel();
    let routes = Router::new().fallback(async move |headers: HeaderMap, body: Bytes| {
        let token = headers[header::AUTHORIZATION].to_str().unwrap().to_owned();
        give.send((token, serde_json::from_slice(&body).unwrap())).unwrap();
        "{}"
    });
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    take
}

#[tokio::test]
async fn a_feed_is_served_once_for_each_revision() {
    let feed = Feed::start().await;
    feed.publish("Sony WH-1000XM6 <black>", "289.00 EUR", "https://shop.example/p/4711?a=1&b=2");
    let http = http_client();

    let first = http.get(feed.url()).send().await.unwrap();
    let tag = first.headers()[header::ETAG].clone();
    let text = first.text().await.unwrap();
    assert!(text.contains("<title>Sony WH-1000XM6 &lt;black&gt;</title>"), "{text}");
    assert!(text.contains("<g:price>289.00 EUR</g:price>"), "{text}");
    let second = http.get(feed.url()).header(header::IF_NONE_MATCH, &tag).send().await.unwrap();
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    feed.publish("Teapot", "12.00 EUR", "https://shop.example/p/4712");
    let third = http.get(feed.url()).header(header::IF_NONE_MATCH, &tag).send().await.unwrap();
    assert!(third.text().await.unwrap().contains("Teapot"));

    assert_eq!((feed.requests(), feed.unchanged()), (3, 1));
}

#[tokio::test]
async fn a_feed_misbehaves_as_it_is_told() {
    let feed = Feed::start().await;
    let http = http_client();
    let get = async |answer| {
        feed.answers_with(answer);
        http.get(feed.url()).send().await.unwrap()
    };

    assert_eq!(get(Answer::Status(StatusCode::NOT_FOUND)).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(get(Answer::TooMany(7)).await.headers()[header::RETRY_AFTER], "7");
    assert!(!get(Answer::Html).await.text().await.unwrap().contains("alternate"));
    let naming = get(Answer::HtmlNaming(vec!["/one.xml".to_owned()])).await.text().await.unwrap();
    assert!(naming.contains("href=\"/one.xml\""), "{naming}");
    assert!(get(Answer::Huge).await.bytes().await.unwrap().len() > 100_000_000);
    let mut endless = get(Answer::Endless).await;
    for _ in 0..3 {
        assert_eq!(endless.chunk().await.unwrap().unwrap(), " ");
    }
    let page = get(Answer::Redirect(feed.page_url())).await;
    assert_eq!(page.url().path(), "/");
    assert!(page.text().await.unwrap().contains("href=\"/feed.xml\""));
}
