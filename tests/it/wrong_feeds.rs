//! What people type that is no feed, and feeds that are no good: each gets its clear answer.

use crate::support::Scene;
use crate::support::feed::Answer;
use axum::http::StatusCode;
use serde_json::Value;

/// Joy types a command in her own room; what the bot answers, and whether by ✅.
async fn answer(scene: &Scene, office: &str, command: &str) -> (bool, String) {
    let event = scene.joy.says(office, command).await;
    let is_reaction = |seen: &Value| seen["type"] == "m.reaction" && seen["content"]["m.relates_to"]["event_id"] == event;
    let reaction = scene.joy.sees(office, "a reaction", is_reaction).await;
    let is_reply = |seen: &Value| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == event;
    let reply = scene.joy.sees(office, &format!("the answer to {command:?}"), is_reply).await;
    let done = reaction["content"]["m.relates_to"]["key"].as_str().unwrap().starts_with('✅');
    (done, reply["content"]["body"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_added_is_refused_with_its_reason() {
    let limits = toml::toml! {
        [network]
        timeout_seconds = 2
        body_bytes = 100_000
    };
    let scene = Scene::with_config(limits).await;
    let office = scene.office().await;
    let feed = scene.feed.url();
    for (given, part) in [
        (Answer::Status(StatusCode::NOT_FOUND), "Nothing"),
        (Answer::Status(StatusCode::UNAUTHORIZED), "login"),
        (Answer::Status(StatusCode::INTERNAL_SERVER_ERROR), "500"),
        (Answer::TooMany(30), "come back later"),
        (Answer::Html, "feed"),
        (Answer::HtmlNaming(vec!["/one.xml".to_owned(), "/two.xml".to_owned()]), "/two.xml"),
        (Answer::Huge, "KB"),
        (Answer::Endless, "2 seconds"),
        (Answer::Redirect("http://10.0.0.1/feed.xml".to_owned()), "public internet"),
        (Answer::Redirect(feed.clone()), "again and again"),
    ] {
        scene.feed.answers_with(given.clone());
        let (done, said) = answer(&scene, &office, &format!("add feed {feed}")).await;
        assert!(!done && said.contains(part), "{given:?} was answered with {said:?}");
    }
    for (typed, part) in [
        ("http://192.168.1.1/feed", "public internet"),
        ("http://[::1]/feed", "public internet"),
        ("http://169.254.169.254/latest/meta-data/", "public internet"),
        ("http://0x0a.1/feed", "public internet"),
        ("ftp://a.example/feed", "address"),
        ("https://joy:pw@a.example/feed", "address"),
        ("https://", "address"),
    ] {
        let (done, said) = answer(&scene, &office, &format!("add feed {typed}")).await;
        assert!(!done && said.contains(part), "{typed} was answered with {said:?}");
        assert!(!said.contains("pw@"), "{said:?}");
    }
    // After all of that it still works, also by the link of a page that names one feed.
    scene.feed.answers_with(Answer::Feed);
    scene.publishes(1);
    let (done, said) = answer(&scene, &office, &format!("add {}", scene.feed.page_url())).await;
    assert!(done && said.contains("Teapot 1"), "{said:?}");
    let (done, said) = answer(&scene, &office, &format!("add feed {feed}")).await;
    assert!(!done && said.contains("already"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_nobody_asked_for_is_taken_away() {
    let scene = Scene::new().await;
    let office = scene.office().await;
    let (done, said) = answer(&scene, &office, &format!("add feed {} S3cretPassw0rd", scene.feed.url())).await;
    assert!(!done && said.contains("no secret"), "{said:?}");
    scene.joy.sees(&office, "the redaction", |event| event["type"] == "m.room.redaction").await;
    let left = scene.joy.events(&office).await;
    assert!(!left.iter().any(|event| event.to_string().contains("S3cretPassw0rd")), "{left:?}");
    let log = std::fs::read_to_string(scene.tradepost.log_path()).unwrap();
    assert!(!log.contains("S3cretPassw0rd"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_breaks_is_told_once_and_goes_on_where_it_stopped() {
    let scene = Scene::new().await;
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    scene.mary.hears(&room, "/p/1").await;
    scene.feed.answers_with(Answer::Status(StatusCode::NOT_FOUND));
    scene.joy.hears(&office, "I cannot read").await;
    scene.asks_until(&office, "list", "Nothing").await;
    scene.publishes(2);
    scene.feed.answers_with(Answer::Feed);
    scene.joy.says(&office, "now").await;
    scene.mary.hears(&room, "/p/2").await;
    assert_eq!(scene.cards_in(&room).await, [1, 2]);
    let told = scene.joy.has_read(&office, &scene.bot()).await;
    assert_eq!(told.iter().filter(|body| body.contains("I cannot read")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_feed_is_asked_once_however_many_follow_it() {
    let everybody = toml::toml! {
        [permissions]
        "*" = "share"
        [platforms.feed]
        interval_seconds = 600
    };
    let scene = Scene::with_config(everybody).await;
    let office = scene.office().await;
    scene.adds_the_feed(&office).await;
    let hers = scene.mary.opens_direct_room_with(&scene.bot()).await;
    scene.mary.hears(&hers, "add feed https://").await;
    scene.mary.says(&hers, &format!("add {}", scene.feed.url())).await;
    scene.mary.hears(&hers, "as number").await;
    let before = scene.feed.requests();
    scene.joy.says(&office, "now").await;
    scene.joy.hears(&office, "looking").await;
    scene.asks_until(&office, "list", "Test shop").await;
    scene.mary.says(&hers, "now").await;
    scene.mary.hears(&hers, "looking").await;
    assert!(scene.feed.requests() <= before + 2, "two looks at the most");
}
