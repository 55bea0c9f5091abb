//! What a contact can learn, and who can be a contact at all.

use super::stage::ADDRESS;
use super::stage::SHOP;
use super::stage::Stage;
use super::stage::direct;
use super::stage::notices;
use crate::store::values::at;
use crate::store::values::event_id;
use crate::store::values::room;
use crate::store::values::room_id;
use crate::store::values::user;
use strum::IntoEnumIterator;
use tradepost::actions::Rejection;
use tradepost::commands::Commands;
use tradepost::commands::Reacted;
use tradepost::commands::command::words;
use tradepost::domain::delivery::Posting;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::UserId;
use tradepost::domain::notice::Notice;
use tradepost::domain::notice::Topic;
use tradepost::domain::panel::Scope;
use tradepost::domain::permission::Permission;
use tradepost::domain::sharer::ContactState;
use tradepost::store::Commit;

/// What may stand behind a command's word.
const ARGUMENTS: [&str; 26] = [
    "",
    "1",
    "2",
    "99",
    "here",
    "all",
    "everyone",
    "@joy:a.example",
    "@mary:a.example",
    "joy",
    "me",
    "bot",
    "on",
    "off",
    "30d",
    "list",
    "show electronics",
    "show food",
    "test teapot",
    "new food tea",
    "delete food",
    "for @joy:a.example kinds all",
    "kinds all",
    "categories electronics",
    "accounts 1",
    "1 secret-word",
];

/// Joy may share, and perhaps everybody.
const LEVELS: [&[(&str, Permission)]; 2] = [&[("@joy:a.example", Permission::Share)], &[("*", Permission::Share)]];

fn names_no_account(queued: &impl serde::Serialize, why: &str) {
    let queued = serde_json::to_string(queued).unwrap();
    for hidden in [SHOP, ADDRESS, "treasures"] {
        assert!(!queued.to_lowercase().contains(&hidden.to_lowercase()), "{why} tells {hidden}: {queued}");
    }
}

#[tokio::test]
async fn a_contact_learns_no_account_of_the_sharer_from_anything_she_types() {
    for levels in LEVELS {
        let stage = Stage::new(levels).await;
        let mut answers = 0;
        for topic in Topic::iter() {
            for word in words(topic) {
                for arguments in ARGUMENTS {
                    for alone in [true, false] {
                        let typed = format!("{word} {arguments}");
                        let queued = stage.types(&user("mary"), typed.trim(), alone).await;
                        answers += queued.len();
                        names_no_account(&queued.iter().map(|delivery| &delivery.what).collect::<Vec<_>>(), &typed);
                    }
                }
            }
        }
        assert!(answers > 1_000, "she is answered: {answers}");
        // Nothing that she typed changed what Joy has, except what she wishes herself.
        let joy = stage.0.store.sharer(&user("joy")).await.unwrap().unwrap();
        assert_eq!((joy.accounts.len(), joy.paused, joy.contacts.len()), (1, false, 1));
        assert_eq!(stage.contact_of("joy").await.state, ContactState::On);
    }
}

#[tokio::test]
async fn a_sharer_who_types_in_the_direct_room_tells_the_contact_no_account() {
    let stage = Stage::new(LEVELS[0]).await;
    for topic in Topic::iter() {
        for word in words(topic) {
            for arguments in ARGUMENTS {
                let typed = format!("{word} {arguments}");
                let queued = stage.types(&user("joy"), typed.trim(), false).await;
                let read_by_both = queued
                    .iter()
                    .filter(|delivery| matches!(&delivery.target, tradepost::domain::delivery::Target::Room(room) if *room == direct()));
                // The short panel is what she asks to be shown there; it names platforms only.
                names_no_account(&read_by_both.map(|delivery| &delivery.what).collect::<Vec<_>>(), &typed);
            }
        }
    }
}

#[tokio::test]
async fn a_contact_ticks_nothing_on_the_sharers_panels() {
    let stage = Stage::new(LEVELS[1]).await;
    let joy = stage.0.store.sharer(&user("joy")).await.unwrap().unwrap();
    let commands = Commands { actions: stage.0.actions.clone(), oldest: std::time::Duration::from_mins(5) };
    let here = Scope::Here { room: direct(), sharer: "Joy".to_owned() };
    for scope in [Scope::Main, here, Scope::Contact { room: direct(), person: "Mary".to_owned() }] {
        let panel = stage.0.actions.panel(&joy, scope, 0, at(0));
        let posting = Posting {
            room: direct(),
            event: event_id("panel"),
            what: What::Panel { panel, edits: None, asked_in: None },
            content: "{}".to_owned(),
            sender: None,
            posted_at: at(0),
            shows: Vec::new(),
            withdrawn_at: None,
        };
        let room = room("mary", &["joy", "mary", "tradepost"]);
        for key in ["1️⃣", "2️⃣", "◀️", "▶️", "✅", "❌", "🔕"] {
            for set in [true, false] {
                let reacted = Reacted { posting: &posting, key, user: &user("mary"), room: &room, set };
                assert_eq!(commands.reacted(reacted, at(0)).await.unwrap(), Commit::default(), "{key}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_begins_to_share_with_somebody_who_is_blocked() {
    for blocked in ["@mary:a.example", "a.example"] {
        let stage = Stage::new(&[("@joy:a.example", Permission::Share), (blocked, Permission::Block)]).await;
        let mut joy = stage.0.store.sharer(&user("joy")).await.unwrap().unwrap();
        joy.contacts.clear();
        stage.0.commit(Commit { sharers: vec![joy], ..Commit::default() }).await;
        let queued = stage.types(&user("joy"), "with here", false).await;
        assert_eq!(notices(&queued), [Notice::ContactBlocked]);
        assert!(
            stage.0.store.sharer(&user("joy")).await.unwrap().unwrap().contacts.iter().all(|contact| contact.state != ContactState::On)
        );
    }
}

#[tokio::test]
async fn whoever_is_blocked_may_not_share_and_may_still_say_what_she_does_not_want() {
    let stage = Stage::new(&[("@joy:a.example", Permission::Share), ("@mary:a.example", Permission::Block)]).await;
    let queued = stage.types(&user("mary"), "add feed https://spam.example/", true).await;
    assert_eq!(notices(&queued), [Notice::NotPermitted { user: user("mary").to_string() }]);
    let queued = stage.types(&user("mary"), "mute @joy:a.example", true).await;
    assert!(matches!(notices(&queued)[..], [Notice::SharerMuted { .. }]));
}

#[tokio::test]
async fn only_so_many_contacts_are_new_in_a_day_and_the_sharer_is_told() {
    let mut stage = Stage::new(LEVELS[0]).await;
    stage.0.actions.limits.contacts_per_day = 2;
    for (friend, is_over) in [("anna", false), ("linking", false), ("eve", true)] {
        let room = room(friend, &["joy", friend, "tradepost"]);
        stage.0.commit(Commit { rooms: vec![room.clone()], ..Commit::default() }).await;
        match stage.0.actions.share_with(&user("joy"), &user(friend), &room, at(0)).await {
            Ok((commit, ..)) => stage.0.commit(commit).await,
            Err(Rejection::Refused(notice)) => assert_eq!((notice, is_over), (Notice::TooManyToday { limit: 2 }, true)),
            Err(error) => panic!("{error}"),
        }
        let joy = stage.0.store.sharer(&user("joy")).await.unwrap().unwrap();
        assert_eq!(joy.contact_in(&room_id(friend)).is_some(), !is_over);
    }
}

#[tokio::test]
async fn all_sharers_together_share_with_so_many() {
    let mut stage = Stage::new(LEVELS[0]).await;
    let before = stage.0.store.totals().await.unwrap().contacts;
    stage.0.actions.limits.contacts_in_all = u32::try_from(before).unwrap() + 1;
    let (anna, linking) = (user("anna"), user("linking"));
    for friend in ["anna", "linking"] {
        stage.0.commit(Commit { rooms: vec![room(friend, &["joy", friend, "tradepost"])], ..Commit::default() }).await;
    }
    let den = |friend: &str| room(friend, &["joy", friend, "tradepost"]);
    let (commit, ..) = stage.0.actions.share_with(&user("joy"), &anna, &den("anna"), at(0)).await.unwrap();
    stage.0.commit(commit).await;
    let refused = stage.0.actions.share_with(&user("joy"), &linking, &den("linking"), at(0)).await;
    assert!(matches!(refused, Err(Rejection::Refused(Notice::TooManyInAll))), "{refused:?}");
    // Whoever is taken off makes room.
    let (commit, ..) = stage.0.actions.stop_sharing_in(&user("joy"), &room_id("anna"), at(0)).await.unwrap();
    stage.0.commit(commit).await;
    stage.0.actions.share_with(&user("joy"), &linking, &den("linking"), at(0)).await.unwrap();
}

#[tokio::test]
async fn a_contact_on_another_homeserver_is_asked_to_open_the_room_herself() {
    let stage = Stage::new(LEVELS[0]).await;
    let eve = UserId::new("@eve:b.example");
    let queued = stage.types(&eve, "privacy", false).await;
    assert_eq!(notices(&queued), [Notice::AskAlone]);
    assert!(queued.iter().all(|delivery| matches!(delivery.target, tradepost::domain::delivery::Target::Room(_))), "{queued:?}");
}
