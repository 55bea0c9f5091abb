//! How purchases are held back, and how they are stopped.

use super::Trading;
use crate::store::values::at;
use crate::store::values::room_id;
use crate::support::fake_homeserver::Answer;
use crate::support::sending::DESK;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::time;
use std::time::Duration;
use tradepost::domain::ids::Number;
use tradepost::domain::notice::Notice;
use tradepost::domain::settings::Output;
use tradepost::domain::settings::Quiet;
use tradepost::domain::trade::Kind;

/// For how long purchases are held here.
const HOLD: Duration = Duration::from_mins(15);
const TOO_EARLY: Duration = Duration::from_millis(1);

#[tokio::test]
async fn a_purchase_is_shown_to_its_sharer_first_with_whom_it_goes_to_and_the_number_that_stops_it() {
    let trading = Trading::of_purchases(&["mary", "eva", "bert"]).await;
    trading.gets("bert", &[Kind::Listing, Kind::Sale]).await;
    trading.finds(&[(Kind::Listing, "mug"), (Kind::Purchase, "ring")]).await;
    assert_eq!(trading.idle().await, Some(at(0) + HOLD));
    let shown = trading.bodies_to(DESK);
    assert_eq!(shown.len(), 1, "{shown:#?}");
    let contacts: Vec<&str> = shown[0].lines().filter(|line| line.starts_with("• ")).collect();
    assert!(shown[0].contains("ring") && shown[0].contains("!share undo 2"), "{}", shown[0]);
    assert_eq!(contacts, ["• mary", "• eva"]);
}

#[tokio::test]
async fn a_purchase_is_held_for_its_time_to_the_moment_and_then_comes_once() {
    let trading = Trading::of_purchases(&["mary", "eva"]).await;
    trading.finds(&[(Kind::Purchase, "ring")]).await;
    assert_eq!(trading.idle().await, Some(at(900)));
    trading.sending.clock.set(at(900) - TOO_EARLY);
    assert_eq!(trading.idle().await, Some(at(900)));
    for friend in ["mary", "eva"] {
        assert_eq!(trading.sending.said_to(friend), Vec::<String>::new());
    }
    trading.sending.clock.set(at(900));
    assert_eq!(trading.idle().await, None);
    // It still stands at the shop.
    trading.finds(&[(Kind::Purchase, "ring")]).await;
    trading.drained().await;
    for friend in ["mary", "eva"] {
        assert_eq!(trading.bodies_to(friend), ["ring - Bought"]);
    }
    assert!(trading.sending.homeserver.events().iter().skip(1).all(|event| event.at == at(900)));
    assert_eq!(trading.bodies_to(DESK).len(), 1);
}

#[tokio::test]
async fn a_purchase_that_its_sharer_is_shown_late_is_held_from_then_on() {
    let trading = Trading::of_purchases(&["mary"]).await;
    let desk = room_id(DESK);
    trading.sending.homeserver.answers_in(desk.as_str(), Answer::error(503, "M_UNKNOWN"));
    trading.finds(&[(Kind::Purchase, "ring")]).await;
    while trading.now() < at(3_600) {
        let next = trading.sending.next_attempt_at().await;
        trading.sending.clock.set(next);
    }
    assert_eq!(trading.sending.said_to("mary"), Vec::<String>::new());
    trading.sending.homeserver.works_again();
    while trading.sending.said_to(DESK).is_empty() {
        let next = trading.sending.next_attempt_at().await;
        trading.sending.clock.set(next);
    }
    trading.drained().await;
    let events = trading.sending.homeserver.events();
    let rooms: Vec<&str> = events.iter().map(|event| event.room.as_str()).collect();
    assert_eq!(rooms, [desk.as_str(), room_id("mary").as_str()]);
    assert!(events[0].at >= at(3_600) && events[1].at >= events[0].at + HOLD, "{events:#?}");
}

#[tokio::test]
async fn a_purchase_that_its_sharer_cannot_be_shown_is_posted_nowhere() {
    let trading = Trading::of_purchases(&["mary"]).await;
    // She left the bot's room and wants no other.
    trading.sending.room_changes(DESK, |desk| desk.encrypted = true).await;
    trading.sending.joy_changes(|joy| joy.wants_no_room = true).await;
    trading.finds(&[(Kind::Purchase, "ring"), (Kind::Listing, "mug")]).await;
    for _ in 0..7 {
        assert!(trading.idle().await.is_some());
        trading.sending.clock.advance(Duration::from_hours(24));
    }
    trading.sending.clock.advance(HOLD);
    assert_eq!(trading.idle().await, None);
    assert_eq!(trading.bodies_to("mary"), ["mug"]);
}

#[tokio::test]
async fn a_hold_keeps_nothing_else_waiting() {
    let trading = Trading::of_purchases(&["mary"]).await;
    trading.finds(&[(Kind::Listing, "mug"), (Kind::Purchase, "ring"), (Kind::Sale, "pot"), (Kind::Purchase, "lamp")]).await;
    assert_eq!(trading.idle().await, Some(at(900)));
    assert_eq!(trading.bodies_to("mary"), ["mug", "pot - Sold"]);
    trading.sending.clock.set(at(600));
    trading.finds(&[(Kind::Listing, "vase"), (Kind::Purchase, "cup")]).await;
    assert_eq!(trading.idle().await, Some(at(900)));
    assert_eq!(trading.bodies_to("mary"), ["mug", "pot - Sold", "vase"]);
    trading.sending.clock.set(at(900));
    assert_eq!(trading.idle().await, Some(at(1_500)), "each is held for a time of its own");
    assert_eq!(trading.bodies_to("mary")[3..], ["ring - Bought", "lamp - Bought"]);
    trading.drained().await;
    assert_eq!(trading.bodies_to("mary")[5..], ["cup - Bought"]);
}

#[tokio::test]
async fn a_purchase_that_is_undone_in_time_is_stopped_everywhere_and_leaves_no_trace() {
    for number in [Some(1), None] {
        let trading = Trading::of_purchases(&["mary", "eva", "bert", "tom"]).await;
        trading.sending.shows_as("eva", &[Output::Digest, Output::Board, Output::Popup]).await;
        trading.sending.contact_changes("bert", |bert| bert.introduced = false).await;
        trading.sending.contact_changes("tom", |tom| tom.settings.quiet = Some(night())).await;
        trading.finds(&[(Kind::Purchase, "ring")]).await;
        trading.sending.clock.set(at(900) - TOO_EARLY);
        assert_eq!(trading.idle().await, Some(at(900)));
        let undone = trading.undoes(number).await;
        assert_eq!(undone, Notice::Undone { number: Number(1), title: "ring".to_owned(), rooms: 0 });
        trading.drained().await;
        trading.finds(&[(Kind::Purchase, "ring")]).await;
        trading.drained().await;
        for friend in ["mary", "eva", "bert", "tom"] {
            assert_eq!(trading.sending.said_to(friend), Vec::<String>::new(), "{friend}");
        }
        trading.finds(&[(Kind::Listing, "mug")]).await;
        trading.drained().await;
        for friend in ["mary", "eva", "bert", "tom"] {
            let bodies = trading.bodies_to(friend);
            assert!(bodies.iter().any(|body| body.contains("mug")) && !bodies.iter().any(|body| body.contains("ring")), "{bodies:#?}");
        }
    }
}

#[tokio::test]
async fn one_of_two_that_are_held_is_stopped_and_the_other_comes() {
    let trading = Trading::of_purchases(&["mary", "eva"]).await;
    trading.finds(&[(Kind::Purchase, "ring"), (Kind::Purchase, "lamp")]).await;
    assert_eq!(trading.idle().await, Some(at(900)));
    trading.undoes(Some(1)).await;
    trading.drained().await;
    for friend in ["mary", "eva"] {
        assert_eq!(trading.bodies_to(friend), ["lamp - Bought"]);
    }
}

#[tokio::test]
async fn a_purchase_that_is_undone_too_late_is_taken_back_in_every_room() {
    let trading = Trading::of_purchases(&["mary", "eva"]).await;
    trading.finds(&[(Kind::Purchase, "ring")]).await;
    trading.drained().await;
    let undone = trading.undoes(Some(1)).await;
    assert!(matches!(undone, Notice::Undone { rooms: 2, .. }), "{undone:?}");
    trading.drained().await;
    for friend in ["mary", "eva"] {
        assert_eq!(trading.bodies_to(friend), Vec::<String>::new());
    }
}

#[tokio::test]
async fn who_gets_a_purchase_as_the_first_thing_of_all_is_told_who_shares_when_the_hold_is_over() {
    for outputs in [&[Output::Message][..], &[Output::Message, Output::Board, Output::Digest]] {
        let trading = Trading::of_purchases(&["mary"]).await;
        trading.sending.shows_as("mary", outputs).await;
        trading.sending.contact_changes("mary", |mary| mary.introduced = false).await;
        trading.finds(&[(Kind::Purchase, "ring"), (Kind::Purchase, "lamp")]).await;
        assert_eq!(trading.idle().await, Some(at(900)));
        assert_eq!(trading.sending.said_to("mary"), Vec::<String>::new(), "nothing says that something will come");
        trading.drained().await;
        let said = trading.sending.said_to("mary");
        assert_eq!(said.iter().filter(|line| line.starts_with("joy shares new offers")).count(), 1, "{said:#?}");
        let mut cards: Vec<&String> = said.iter().filter(|line| !line.contains("item") && !line.starts_with("* ")).collect();
        assert!(cards[0].starts_with("joy shares new offers"), "{said:#?}");
        cards[1..].sort();
        assert_eq!(cards[1..], ["lamp - Bought", "ring - Bought"]);
    }
}

#[tokio::test]
async fn a_purchase_that_is_held_into_quiet_hours_waits_for_their_end() {
    let trading = Trading::of_purchases(&["mary", "eva"]).await;
    trading.sending.contact_changes("mary", |mary| mary.settings.quiet = Some(night())).await;
    // 17:46:40: it is not quiet yet, and will be when the hold is over.
    trading.finds(&[(Kind::Listing, "mug"), (Kind::Purchase, "ring")]).await;
    assert_eq!(trading.idle().await, Some(at(900)));
    trading.sending.clock.set(at(900));
    let morning: Timestamp = "2030-03-18T08:00:00Z".parse().unwrap();
    assert_eq!(trading.idle().await, Some(morning));
    assert_eq!((trading.bodies_to("mary").len(), trading.bodies_to("eva").len()), (1, 2));
    trading.sending.clock.set(morning - SignedDuration::from_millis(1));
    assert_eq!(trading.idle().await, Some(morning));
    trading.sending.clock.set(morning);
    assert_eq!(trading.idle().await, None);
    assert_eq!(trading.bodies_to("mary"), ["mug", "ring - Bought"]);
}

#[tokio::test]
async fn a_purchase_that_waits_for_the_morning_can_still_be_stopped() {
    let trading = Trading::of_purchases(&["mary"]).await;
    trading.sending.contact_changes("mary", |mary| mary.settings.quiet = Some(night())).await;
    trading.finds(&[(Kind::Purchase, "ring")]).await;
    trading.idle().await;
    trading.sending.clock.set(at(7_200));
    trading.idle().await;
    trading.undoes(None).await;
    trading.drained().await;
    assert_eq!(trading.sending.said_to("mary"), Vec::<String>::new());
}

/// Six in the evening to eight in the morning.
fn night() -> Quiet {
    Quiet::Between { from: time(18, 0, 0, 0), until: time(8, 0, 0, 0) }
}
