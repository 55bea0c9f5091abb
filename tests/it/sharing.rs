//! Exactly what, with exactly whom: categories, what is set for each contact, what contacts say
//! themselves, and taking back what was shared.

use crate::support::Scene;
use crate::support::stage::link;
use crate::support::user::Person;
use serde_json::Value;
use toml::toml;

/// A direct room of Joy and somebody, with the bot in it, in which she shares.
async fn shares_with(scene: &Scene, person: &Person) -> String {
    let room = scene.joy.opens_direct_room_with(&person.id).await;
    person.joins(&room).await;
    scene.joy.invites(&room, &scene.bot()).await;
    scene.joy.sees_membership(&room, &scene.bot(), "join").await;
    scene.shares_in(&room).await;
    room
}

/// The links of the cards that stand in a room and have not been taken away.
async fn links_in(scene: &Scene, person: &Person, room: &str) -> Vec<String> {
    let events = person.events(room).await;
    let cards = events.iter().filter(|event| event["sender"] == scene.bot() && event["content"]["external_url"].is_string());
    cards.filter(|event| event["content"]["m.new_content"].is_null()).map(|event| event["content"]["external_url"].to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_category_lets_one_trade_pass_and_holds_the_other() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    scene.does(&office, "!share category new food noodles, \"green tea\", 零食, /gr(ä|ae)fe?n/, -toy, price < 100 EUR").await;
    joy.hears(&office, "noodles").await;
    scene.does(&office, &format!("!share set for {} categories food", mary.id)).await;
    joy.hears(&office, "food").await;

    let publish = |title: &str, price: &str, number| scene.feed.publish(title, price, &link(number));
    publish("Toy noodles for the play kitchen", "9.00 EUR", 1);
    publish("Udon Noodles, 3 x 200 g", "9.00 EUR", 2);
    publish("Gilded noodles", "100.00 EUR", 3);
    publish("Sony headphones", "50.00 EUR", 4);
    publish("良品铺子零食大礼包", "50.00 EUR", 5);
    publish("Kekse nach Art der GRAFEN", "5.00 EUR", 6);
    mary.hears(&room, &link(6)).await;
    assert_eq!(scene.cards_in(&room).await, [2, 5, 6]);

    // Joy sees why; the numbers are those of `recent`.
    joy.says(&office, "recent").await;
    let recent = joy.hears(&office, "Sony headphones").await;
    let body = recent["content"]["body"].as_str().unwrap();
    let number = |title: &str| {
        let line = body.lines().find(|line| line.contains(title)).unwrap_or_else(|| panic!("{title} is not in {body}"));
        line.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect::<String>()
    };
    joy.says(&office, &format!("why {}", number("Udon"))).await;
    joy.hears(&office, "noodles").await;
    joy.says(&office, &format!("why {}", number("Sony headphones"))).await;
    let why = joy.hears(&office, "electronics").await;
    assert!(why["content"]["body"].as_str().unwrap().contains("other categories"), "{why}");

    // A shop's address stands for what is on offer there.
    joy.says(&office, &format!("category test {}", scene.feed.url())).await;
    let tested = joy.hears(&office, "Gilded noodles").await;
    assert!(tested["content"]["body"].as_str().unwrap().contains("food"), "{tested}");

    for (command, answer) in [
        ("category test Instant noodles", "fits no category"),
        ("category show food", "零食"),
        ("category new food tea", "food"),
        ("category new drinks /gr(ä|ae/", "❗"),
        ("category edit drinks tea", "drinks"),
        ("set categories drinks", "drinks"),
        ("category edit food tea", "tea"),
        ("category delete food", "food"),
        ("why 99", "99"),
    ] {
        let event = joy.says(&office, command).await;
        let answered = |seen: &Value| seen["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == event.as_str();
        let reply = joy.sees(&office, &format!("the answer to {command:?}"), answered).await;
        assert!(reply["content"]["body"].as_str().unwrap().contains(answer), "{command}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_contact_gets_her_own_categories_and_nobody_gets_the_rest() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let office = scene.office().await;
    scene.adds_the_feed(&office).await;
    let linking = scene.person("linking").await;
    let to_mary = shares_with(&scene, mary).await;
    let to_linking = shares_with(&scene, &linking).await;
    scene.does(&office, "category new food noodles, tea, 零食").await;
    // Typed in a direct room it means that contact.
    scene.does(&to_mary, "!share set categories electronics").await;
    joy.hears(&office, "electronics").await;
    scene.does(&office, &format!("!分享 设置 给 {} 类别 food", linking.id)).await;

    scene.feed.publish("Ramen noodles", "3.00 EUR", &link(1));
    scene.feed.publish("Silk scarf", "30.00 EUR", &link(2));
    scene.feed.publish("Bluetooth headphones", "40.00 EUR", &link(3));
    scene.feed.publish("Jasmine tea", "8.00 EUR", &link(4));
    mary.hears(&to_mary, &link(3)).await;
    linking.hears(&to_linking, &link(4)).await;
    assert_eq!(links_in(&scene, mary, &to_mary).await, [format!("\"{}\"", link(3))]);
    assert_eq!(links_in(&scene, &linking, &to_linking).await, [link(1), link(4)].map(|link| format!("\"{link}\"")));

    // Back to everything, for all.
    scene.does(&to_mary, "!share set categories default").await;
    scene.feed.publish("Wool scarf", "30.00 EUR", &link(5));
    mary.hears(&to_mary, &link(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn direct_rooms_are_listed_and_shared_with_by_name() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let office = scene.office().await;
    scene.adds_the_feed(&office).await;
    let room = scene.direct_room().await;
    mary.sets_display_name("Mary Ann").await;
    joy.sees(&room, "her new name", |event| event["content"]["displayname"] == "Mary Ann").await;
    scene.asks_until(&office, "contacts", "Mary Ann").await;
    scene.does(&office, "with mary ann").await;
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;
    scene.does(&office, &format!("without {}", mary.id)).await;
    joy.hears(&office, "no more offers").await;
    joy.says(&office, "with nobody").await;
    joy.hears(&office, "Invite me").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_asks_whether_what_was_posted_goes_too() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    let card = mary.hears(&room, "/p/1").await;
    scene.does(&office, &format!("without {}", mary.id)).await;
    joy.hears(&office, "!share yes").await;
    scene.does(&office, "yes").await;
    mary.sees_redaction(&room, card["event_id"].as_str().unwrap()).await;
    joy.says(&office, "yes").await;
    joy.hears(&office, "asked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_and_a_cross_withdraw_a_trade_in_every_room() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, to_mary) = scene.sharing().await;
    let linking = scene.person("linking").await;
    let to_linking = shares_with(&scene, &linking).await;
    let id = |event: &Value| event["event_id"].as_str().unwrap().to_owned();
    scene.publishes(1);
    let (for_mary, for_linking) = (mary.hears(&to_mary, "/p/1").await, linking.hears(&to_linking, "/p/1").await);
    scene.does(&office, "undo").await;
    joy.hears(&office, "Teapot 1").await;
    mary.sees_redaction(&to_mary, &id(&for_mary)).await;
    linking.sees_redaction(&to_linking, &id(&for_linking)).await;

    scene.publishes(2);
    let (for_mary, for_linking) = (mary.hears(&to_mary, "/p/2").await, linking.hears(&to_linking, "/p/2").await);
    // Mary's cross is only her opinion.
    mary.reacts(&to_mary, &id(&for_mary), "❌").await;
    joy.sees(&to_mary, "Mary's cross", |event| event["sender"] == mary.id.as_str() && event["type"] == "m.reaction").await;
    joy.reacts(&to_linking, &id(&for_linking), "❌").await;
    mary.sees_redaction(&to_mary, &id(&for_mary)).await;
    linking.sees_redaction(&to_linking, &id(&for_linking)).await;

    // One that she deletes herself is posted no more, whatever becomes of it.
    scene.publishes(3);
    let card = mary.hears(&to_mary, "/p/3").await;
    joy.redacts(&to_mary, &id(&card)).await;
    mary.sees_redaction(&to_mary, &id(&card)).await;
    scene.feed.reprices(&link(3), "99.00 EUR");
    scene.publishes(4);
    mary.hears(&to_mary, "/p/4").await;
    scene.feed.is_asked_twice().await;
    let edits = |event: &&Value| event["content"]["m.relates_to"]["event_id"] == id(&card).as_str();
    assert_eq!(mary.events(&to_mary).await.iter().filter(edits).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_mutes_by_a_reaction_narrows_it_down_and_mutes_for_a_while() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    let card = mary.hears(&room, "/p/1").await;
    let bell = mary.reacts(&room, card["event_id"].as_str().unwrap(), "🔕").await;
    joy.hears(&room, "!share unmute").await;
    scene.asks_until(&office, "contacts", "muted").await;
    // The sharer may have the power to remove it; it is not hers to take back.
    joy.redacts(&room, &bell).await;
    scene.publishes(2);
    scene.feed.is_asked_twice().await;
    mary.redacts(&room, &bell).await;
    joy.hears(&room, "again").await;
    let command = mary.says(&room, "!share only electronics").await;
    mary.sees_reaction(&room, &command, "✅").await;
    scene.publishes(3);
    scene.feed.publish("Bluetooth headphones", "40.00 EUR", &link(4));
    mary.hears(&room, "/p/4").await;
    mary.says(&room, "!share status").await;
    mary.hears(&room, "electronics").await;
    // The sharer cannot widen it.
    scene.does(&room, "!share set categories all").await;
    scene.publishes(5);
    let command = mary.says(&room, "!share only all").await;
    mary.sees_reaction(&room, &command, "✅").await;
    scene.feed.is_asked_twice().await;
    scene.publishes(6);
    mary.hears(&room, "/p/6").await;
    let command = mary.says(&room, "!share mute 30d").await;
    mary.sees_reaction(&room, &command, "✅").await;
    mary.hears(&room, "until").await;
    mary.says(&room, "!share only klingon").await;
    mary.hears(&room, "klingon").await;
    assert!(!scene.cards_in(&room).await.contains(&2) && !scene.cards_in(&room).await.contains(&3));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_whom_no_permission_names_can_mute_in_a_room_of_her_own() {
    let scene = Scene::new().await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let hers = mary.opens_direct_room_with(&scene.bot()).await;
    let greeting = mary.hears(&hers, "mute").await;
    assert!(!greeting["content"]["body"].as_str().unwrap().contains("add feed"), "{greeting}");
    mary.says(&hers, "add feed https://shop.example/feed").await;
    mary.hears(&hers, "may not share").await;
    mary.says(&hers, &format!("mute {}", joy.id)).await;
    mary.hears(&hers, &joy.id).await;
    mary.says(&hers, "muted").await;
    mary.hears(&hers, &joy.id).await;

    // Joy comes to share with her only now; the mute holds all the same, and Joy sees it.
    let (office, room) = scene.sharing().await;
    scene.publishes(1);
    scene.asks_until(&office, "contacts", "muted").await;
    scene.feed.is_asked_twice().await;
    mary.says(&hers, "privacy").await;
    let stored = mary.hears(&hers, "What I keep").await;
    assert!(stored["content"]["body"].as_str().unwrap().contains(&joy.id), "{stored}");
    mary.says(&hers, &format!("unmute {}", joy.id)).await;
    mary.hears(&hers, "again").await;
    scene.publishes(2);
    mary.hears(&room, "/p/2").await;
    assert_eq!(scene.cards_in(&room).await, [2]);

    // One room is enough, and no room of others.
    let second = mary.opens_direct_room_with(&scene.bot()).await;
    mary.sees_membership(&second, &scene.bot(), "leave").await;
    let linking = scene.person("linking").await;
    let pair = mary.opens_direct_room_with(&linking.id).await;
    linking.joins(&pair).await;
    mary.invites(&pair, &scene.bot()).await;
    mary.sees_membership(&pair, &scene.bot(), "leave").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_operator_says_so_nothing_is_posted_before_the_contact_says_yes() {
    let scene = Scene::with_config(toml! { [contacts] consent = "ask" }).await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let office = scene.office().await;
    scene.adds_the_feed(&office).await;
    let room = scene.direct_room().await;
    scene.shares_in(&room).await;
    let question = mary.hears(&room, "!share yes").await;
    scene.publishes(1);
    scene.asks_until(&office, "contacts", "asked").await;
    scene.feed.is_asked_twice().await;
    let event = question["event_id"].as_str().unwrap();
    mary.sees_reaction(&room, event, "✅").await;
    // Joy cannot answer for her.
    joy.reacts(&room, event, "👍").await;
    mary.sees(&room, "Joy's thumb", |seen| seen["sender"] == joy.id.as_str() && seen["type"] == "m.reaction").await;
    mary.reacts(&room, event, "👍").await;
    joy.hears(&office, "agreed").await;
    scene.publishes(2);
    mary.hears(&room, "/p/2").await;
    assert_eq!(scene.cards_in(&room).await, [2]);

    let linking = scene.person("linking").await;
    let other = shares_with(&scene, &linking).await;
    linking.hears(&other, "!share no").await;
    linking.says(&other, "!share no").await;
    joy.hears(&office, "does not want").await;
    scene.publishes(3);
    mary.hears(&room, "/p/3").await;
    assert_eq!(links_in(&scene, &linking, &other).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_as_much_as_is_kept_is_told_so_and_everything_goes_on() {
    let scene = Scene::with_config(toml! { [limits] categories_per_sharer = 40 }).await;
    let (joy, mary) = (&scene.joy, &scene.mary);
    let (office, room) = scene.sharing().await;
    let words: Vec<String> = (0..11).map(|number| format!("词{number}{}", "字".repeat(85))).collect();
    let mut made = 0;
    loop {
        let command = joy.says(&office, &format!("category new c{made} {}", words.join("，"))).await;
        let reacted = |seen: &Value| seen["type"] == "m.reaction" && seen["content"]["m.relates_to"]["event_id"] == command.as_str();
        let reaction = joy.sees(&office, "a reaction", reacted).await;
        if reaction["content"]["m.relates_to"]["key"] == "⛔" {
            break;
        }
        made += 1;
    }
    joy.hears(&office, "as much").await;
    assert!((18..30).contains(&made), "{made} categories");
    scene.publishes(1);
    mary.hears(&room, "/p/1").await;
    scene.does(&office, "category delete c0").await;
    scene.does(&office, "category new small tea").await;
}
