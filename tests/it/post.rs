//! Sharing one item by hand, from its page's link.

use crate::support::Scene;
use crate::support::page::Pages;
use crate::support::ports::free_port;
use crate::support::stage::link;
use crate::support::user::Person;
use serde_json::Value;
use toml::toml;

/// Joy's office, and a direct room in which she shares, without any shop.
async fn sharing(scene: &Scene) -> (String, String) {
    let office = scene.office().await;
    let room = scene.direct_room().await;
    scene.shares_in(&room).await;
    (office, room)
}

/// Joy types a command; what she is answered.
async fn asks(scene: &Scene, office: &str, command: &str) -> String {
    let event = scene.joy.says(office, command).await;
    let answers = |seen: &Value| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == event.as_str();
    let answer = scene.joy.sees(office, &format!("the answer to {command:?}"), answers).await;
    answer["content"]["body"].as_str().unwrap().to_owned()
}

/// The cards that stand in a room and have not been taken away.
async fn cards(scene: &Scene, person: &Person, room: &str) -> Vec<String> {
    let events = person.events(room).await;
    let is_card = |event: &&Value| event["sender"] == scene.bot() && event["content"]["org.tradepost.trade"]["kind"].is_string();
    let is_new = |event: &&Value| event["content"]["m.relates_to"]["rel_type"].is_null();
    let cards = events.iter().filter(is_card).filter(is_new);
    cards.map(|card| card["content"]["body"].as_str().unwrap().to_owned()).collect()
}

/// What she is called, who has chosen no name.
fn name(person: &Person) -> String {
    person.id.trim_start_matches('@').split(':').next().unwrap().to_owned()
}

fn holds(answer: &str, parts: &[&str]) {
    for part in parts {
        assert!(answer.contains(part), "{part:?} is not in {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_says_what_it_sells_is_shared_by_its_link_alone() {
    let scene = Scene::new().await;
    let (office, room) = sharing(&scene).await;
    let pages = Pages::start().await;
    pages.sells("/p/pot", "Tea &amp; pot", "25.50");
    let pot = pages.url("/p/pot");
    let event = scene.joy.says(&office, &format!("!share post {pot}?utm_source=mail")).await;
    scene.joy.sees_reaction(&office, &event, "✅").await;
    let answer = scene.joy.hears(&office, "I am sharing").await;
    holds(
        answer["content"]["body"].as_str().unwrap(),
        &["Tea & pot", "EUR 25.50", &format!("It goes to: {}", name(&scene.mary)), "!share undo"],
    );
    let card = scene.mary.hears(&room, "Tea & pot").await;
    assert_eq!(card["content"]["body"], format!("Tea & pot - EUR 25.50\n{pot}"));
    assert!(card["content"]["formatted_body"].as_str().unwrap().contains("127.0.0.1"), "{card}");

    // What she types comes before what the page says; in Chinese too, and with wide marks.
    holds(&asks(&scene, &office, &format!("！分享 发布 {pot}?v=2 茶壶 ｜ ￥１９９")).await, &["茶壶", "CNY 199.00"]);
    scene.mary.hears(&room, "茶壶 - CNY 199.00").await;
    holds(&asks(&scene, &office, &format!("post {pot}?v=3 | 20 EUR")).await, &["Tea & pot", "EUR 20.00"]);
    scene.mary.hears(&room, "?v=3").await;

    // Her direct room is no place for it.
    let event = scene.joy.says(&room, &format!("!share post {pot}")).await;
    scene.joy.sees_reaction(&room, &event, "⛔").await;
    scene.joy.hears(&office, "does not work in a direct chat").await;
    assert_eq!(cards(&scene, &scene.mary, &room).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_does_not_say_she_says_herself() {
    let scene = Scene::new().await;
    let (office, room) = sharing(&scene).await;
    let pages = Pages::start().await;
    let product = r#"{"@type": "Product", "name": "Pot"}, {"@type": "Product", "name": "Cup"}"#;
    pages.shows("/many", &format!("<title>Shop</title><script type=application/ld+json>[{product}]</script>"));
    pages.shows("/plain", "<title>Wool scarf</title>");
    let away = format!("http://127.0.0.1:{}/p/7", free_port());
    let (many, plain, gone) = (pages.url("/many"), pages.url("/plain"), pages.url("/gone"));
    for (typed, parts) in [
        (many.clone(), ["which one thing it sells", "Tea pot | 25 EUR"]),
        (gone.clone(), ["Nothing is at that address", &gone]),
        (away.clone(), ["could not connect", "Tea pot | 25 EUR"]),
        ("https://joy:hush@shop.example/p".to_owned(), ["without a user name", "https://shop.example/p"]),
        ("http://10.0.0.1/p Pot".to_owned(), ["not on the public internet", "10.0.0.1"]),
        (format!("{plain} Scarf | cheap"), ["`cheap` is not a price".trim_matches('`'), "25 EUR"]),
        ("Tea pot".to_owned(), ["!share post <link>", "For example"]),
        ("add".to_owned(), ["!share post <link>", "For example"]),
    ] {
        let event = scene.joy.says(&office, &format!("post {typed}")).await;
        scene.joy.sees_reaction(&office, &event, "⛔").await;
        let answers = |seen: &Value| {
            seen["type"] == "m.room.message" && seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == event.as_str()
        };
        let answer = scene.joy.sees(&office, &format!("the answer to {typed:?}"), answers).await;
        let answer = answer["content"]["body"].as_str().unwrap();
        assert!(!answer.contains("hush"), "{answer}");
        for part in parts {
            assert!(answer.replace('`', "").contains(&part.replace('`', "")), "{part:?} is not in {answer:?}");
        }
    }
    holds(&asks(&scene, &office, &format!("post {plain}")).await, &["Wool scarf"]);
    scene.mary.hears(&room, &format!("Wool scarf\n{plain}")).await;
    holds(&asks(&scene, &office, &format!("post {many} Pots | 12 EUR")).await, &["Pots", "EUR 12.00", "could not read the page"]);
    scene.mary.hears(&room, &format!("Pots - EUR 12.00\n{many}")).await;
    holds(&asks(&scene, &office, &format!("post {away} Tea pot | 25,50 €")).await, &["Tea pot", "could not connect"]);
    scene.mary.hears(&room, &format!("Tea pot - EUR 25.50\n{away}")).await;
    assert_eq!(cards(&scene, &scene.mary, &room).await.len(), 3);

    // The page of one item can be judged too.
    pages.sells("/p/headphones", "Bluetooth headphones", "40.00");
    holds(&asks(&scene, &office, &format!("category test {}", pages.url("/p/headphones"))).await, &["Bluetooth headphones", "electronics"]);
    holds(&asks(&scene, &office, &format!("category test {many}")).await, &["names no feed"]);

    // That the page says it too, later, is no news.
    pages.sells("/many", "Pots", "12.00");
    holds(&asks(&scene, &office, &format!("post {many}")).await, &["before, as number 2", "nobody new gets it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_would_get_it_nothing_is_shared_and_she_is_told_why() {
    let scene = Scene::new().await;
    let office = scene.office().await;
    let pages = Pages::start().await;
    pages.sells("/p/pot", "Silk scarf", "25.00");
    let post = format!("post {}", pages.url("/p/pot"));
    holds(&asks(&scene, &office, &post).await, &["nobody would get this", "share with nobody yet", "!share with here"]);
    let room = scene.direct_room().await;
    scene.shares_in(&room).await;
    scene.does(&office, "set categories electronics").await;
    holds(&asks(&scene, &office, &post).await, &["nobody would get this", &name(&scene.mary), "gets other categories"]);
    scene.does(&office, "set categories all").await;
    scene.does(&office, "pause").await;
    holds(&asks(&scene, &office, &post).await, &["everything is paused", "!share resume"]);
    scene.does(&office, "resume").await;
    let command = scene.mary.says(&room, "!share mute").await;
    scene.mary.sees_reaction(&room, &command, "✅").await;
    holds(&asks(&scene, &office, &post).await, &["nobody would get this", "muted"]);
    let command = scene.mary.says(&room, "!share unmute").await;
    scene.mary.sees_reaction(&room, &command, "✅").await;
    holds(&asks(&scene, &office, "recent").await, &["none yet"]);
    holds(&asks(&scene, &office, &post).await, &["I am sharing", &name(&scene.mary)]);
    scene.mary.hears(&room, "Silk scarf").await;
    assert_eq!(cards(&scene, &scene.mary, &room).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shared_again_is_known_a_new_price_is_told_and_what_was_taken_back_begins_anew() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = sharing(&scene).await;
    let pages = Pages::start().await;
    pages.sells("/p/pot", "Tea pot", "25.00");
    let pot = pages.url("/p/pot");
    let again = format!("post {pot}");
    holds(&asks(&scene, &office, &again).await, &["I am sharing"]);
    let card = mary.hears(&room, "Tea pot").await;
    let card = card["event_id"].as_str().unwrap();
    holds(&asks(&scene, &office, &again).await, &["before, as number 1", "nobody new gets it"]);
    // Somebody who has come since gets it, and nobody else.
    let linking = scene.person("linking").await;
    let second = joy.opens_direct_room_with(&linking.id).await;
    linking.joins(&second).await;
    joy.invites(&second, &scene.bot()).await;
    joy.sees_membership(&second, &scene.bot(), "join").await;
    scene.shares_in(&second).await;
    holds(&asks(&scene, &office, &again).await, &["before, as number 1", &format!("It goes to: {}", name(&linking))]);
    linking.hears(&second, "Tea pot").await;

    // Another price, by the page or by herself, is told as those of shops are.
    pages.sells("/p/pot", "Tea pot", "20.00");
    holds(&asks(&scene, &office, &again).await, &["before, as number 1", "is being changed"]);
    mary.sees_edit(&room, card, "20.00").await;
    scene.does(&office, "set kinds listings, price changes").await;
    pages.hides("/p/pot");
    holds(
        &asks(&scene, &office, &format!("{again} Tea pot | 18 EUR")).await,
        &["is being changed", &name(mary), &name(&linking), "could not read the page"],
    );
    mary.sees_edit(&room, card, "18.00").await;
    mary.hears(&room, "New price").await;
    linking.hears(&second, "New price").await;

    // What she took back goes out once more if she says so.
    scene.does(&office, "undo 1").await;
    mary.sees_redaction(&room, card).await;
    holds(&asks(&scene, &office, &format!("{again} Green tea pot | 18 EUR")).await, &["I am sharing", &name(mary), &name(&linking)]);
    mary.hears(&room, "Green tea pot").await;
    linking.hears(&second, "Green tea pot").await;
    holds(&asks(&scene, &office, &format!("{again} Green tea pot | 18 EUR")).await, &["nobody new gets it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_she_shares_by_hand_is_an_account_like_others_that_is_never_looked_at() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = sharing(&scene).await;
    let pages = Pages::start().await;
    for number in 1..=5 {
        pages.sells(&format!("/p/{number}"), &format!("Scarf {number}"), "10.00");
    }
    let post = |number: usize| format!("post {}", pages.url(&format!("/p/{number}")));
    holds(&asks(&scene, &office, "add post https://shop.example/p/1").await, &["no platform", "feed"]);
    scene.does(&office, "language zh").await;
    holds(&asks(&scene, &office, &post(1)).await, &["正在分享", "Scarf 1"]);
    mary.hears(&room, "Scarf 1").await;
    holds(&asks(&scene, &office, "列表").await, &["2：手动发布", "!分享 发布", "正常"]);
    scene.does(&office, "语言 en").await;
    for (command, parts) in [
        ("now", ["no shop or feed yet", ""]),
        ("preview", ["nothing yet", ""]),
        ("interval 2 30m", ["nothing for me to look at", ""]),
        ("secret 2", ["nothing for me to look at", ""]),
        ("secret 2 hush", ["nothing for me to look at", ""]),
        ("push 2", ["nothing for me to look at", ""]),
        ("confirm 2 123", ["needs no confirmation", ""]),
        ("status", ["Shops and feeds: 1", "Contacts: 1"]),
        ("recent", ["Scarf 1", "1 contact"]),
        ("why 1", ["Scarf 1", &name(mary)]),
        ("pause 2", ["paused", "resume"]),
    ] {
        holds(&asks(&scene, &office, command).await, &parts);
    }
    holds(&asks(&scene, &office, &post(2)).await, &["by hand is paused", "!share resume 2"]);
    scene.does(&office, "resume 2").await;
    holds(&asks(&scene, &office, &post(2)).await, &["I am sharing"]);
    mary.hears(&room, "Scarf 2").await;
    let (panel, body) = scene.opens_panel(&office, "panel").await;
    holds(&body, &["☑ 手动发布 (post)"]);
    joy.reacts(&office, &panel, &crate::support::stage::keycap_of(&body, "手动发布")).await;
    joy.sees_edit(&office, &panel, "☐ 手动发布 (post)").await;
    scene.does(&office, "resume 2").await;

    // With a feed beside it, which is looked at as ever.
    scene.adds_the_feed(&office).await;
    scene.does(&office, "now").await;
    scene.does(&office, "set accounts 3").await;
    holds(&asks(&scene, &office, &post(3)).await, &["nobody would get this", "does not get this shop"]);
    scene.does(&office, "set accounts 2, 3").await;
    holds(&asks(&scene, &office, &post(3)).await, &["I am sharing"]);
    scene.publishes(1);
    mary.hears(&room, &link(1)).await;
    scene.does(&office, "remove 2").await;
    scene.does(&office, "set accounts all").await;
    // What was posted before stays known, though the account is another.
    holds(&asks(&scene, &office, &post(3)).await, &["nobody would get this", "posted there before"]);
    holds(&asks(&scene, &office, &post(4)).await, &["I am sharing"]);
    mary.hears(&room, "Scarf 4").await;
    holds(&asks(&scene, &office, "list").await, &["4: By hand"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_without_tls_are_posted_only_where_the_operator_allows_it() {
    let scene = Scene::with_config(toml! { [network] http_links = false }).await;
    let (office, room) = sharing(&scene).await;
    let pages = Pages::start().await;
    pages.sells("/p/pot", "Tea pot", "25.00");
    for typed in ["", " Tea pot | 25 EUR"] {
        let event = scene.joy.says(&office, &format!("post {}{typed}", pages.url("/p/pot"))).await;
        scene.joy.sees_reaction(&office, &event, "⛔").await;
        scene.joy.hears(&office, "begin with https://").await;
    }
    assert_eq!(cards(&scene, &scene.mary, &room).await, Vec::<String>::new());
}
