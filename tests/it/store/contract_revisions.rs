//! What every store promises of postings that are out of date: each is revised, none twice at once.

use super::Place;
use super::posting_values::editing;
use super::posting_values::id_of;
use super::posting_values::in_room;
use super::posting_values::post;
use super::posting_values::post_card;
use super::posting_values::post_digest;
use super::posting_values::raise;
use super::posting_values::raised;
use super::posting_values::revise;
use super::posting_values::revised_in;
use super::posting_values::send;
use super::posting_values::showing;
use super::posting_values::withdraw;
use super::values::at;
use super::values::board;
use super::values::card;
use super::values::event_id;
use super::values::frozen;
use super::values::queue;
use super::values::room_id;
use super::values::settle;
use super::values::trade;
use super::values::user;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::What;
use tradepost::domain::source::Item;
use tradepost::domain::text::Line;
use tradepost::store::Commit;
use tradepost::store::Store;

/// Sends the revision of a posting, after which it shows these items.
async fn send_revision(store: &dyn Store, room: &str, name: &str, items: &[(&str, u32)]) {
    send(store, &revise(room, name).what, editing(room, name, items), "edit").await;
}

/// Joy withdraws her trade of an item.
async fn undo(store: &dyn Store, sharer: &str, id: &str) {
    let trade = trade("shop", id);
    let undone = vec![(user(sharer), trade.id())];
    store.commit(Commit { trades: vec![trade], undone, ..Commit::default() }).await.unwrap();
}

pub(crate) async fn each_posting_of_a_raised_item_is_revised_once(place: &impl Place) {
    let store = place.open().await;
    raise(&*store, "tea", 0).await;
    post_card(&*store, "den", "tea", 0, "card").await;
    post_digest(&*store, "hall", &["cup", "tea"], "digest").await;
    post(&*store, board("den", "b"), showing("den", &[("tea", 0)]), "board").await;
    post_card(&*store, "den", "cup", 0, "other").await;
    post_card(&*store, "den", "tea", 0, "gone").await;
    withdraw(&*store, "gone", 6).await;
    let (sharer, shop) = (user("joy"), Line::title("shop"));
    let notice = What::HeldNotice { sharer, trade: trade("shop", "tea").id(), shop, contacts: Vec::new(), hold_seconds: 60 };
    post(&*store, in_room("den", notice), showing("den", &[("tea", 0)]), "notice").await;
    raise(&*store, "tea", 0).await;
    assert!(revised_in(&*store, "den").await.is_empty());
    raise(&*store, "tea", 1).await;
    let store = place.reopen(store).await;
    raise(&*store, "tea", 2).await;
    // Both items of one digest at once.
    store.commit(Commit { items: vec![raised("cup", 1), raised("tea", 3)], ..Commit::default() }).await.unwrap();
    let mut den = revised_in(&*store, "den").await;
    den.sort_unstable();
    assert_eq!(den, ["board", "card", "other"]);
    assert_eq!(revised_in(&*store, "hall").await, ["digest"]);
    let waiting = store.waiting(&room_id("hall"), Lane::Edits, 9).await.unwrap().remove(0);
    assert_eq!((waiting.what, waiting.not_before_at), (What::Revise { event: event_id("digest") }, at(5)));
}

pub(crate) async fn what_a_clock_that_was_ahead_posted_is_revised_at_once(place: &impl Place) {
    let store = place.open().await;
    raise(&*store, "tea", 0).await;
    post_card(&*store, "den", "tea", 0, "card").await;
    let raised = Item { known_at: Some(at(3)), ..raised("tea", 1) };
    store.commit(Commit { items: vec![raised], ..Commit::default() }).await.unwrap();
    let waiting = store.waiting(&room_id("den"), Lane::Edits, 9).await.unwrap().remove(0);
    assert_eq!(waiting.not_before_at, at(3));
}

pub(crate) async fn a_posting_that_shows_the_newest_state_is_left_alone(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "tea", 2, "1").await;
    raise(&*store, "tea", 1).await;
    raise(&*store, "tea", 2).await;
    raise(&*store, "tea", 1).await;
    post_card(&*store, "den", "tea", 2, "2").await;
    assert!(revised_in(&*store, "den").await.is_empty());
    raise(&*store, "tea", 3).await;
    assert_eq!(revised_in(&*store, "den").await.len(), 2);
}

pub(crate) async fn a_revision_that_has_ended_does_not_stand_for_the_next(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "tea", 0, "1").await;
    raise(&*store, "tea", 1).await;
    send_revision(&*store, "den", "1", &[("tea", 1)]).await;
    assert!(revised_in(&*store, "den").await.is_empty());
    for (revision, ended) in [(2, false), (3, true), (4, false)] {
        raise(&*store, "tea", revision).await;
        assert_eq!(revised_in(&*store, "den").await, ["1"]);
        let id = id_of(&*store, "den", &revise("den", "1").what).await;
        let reason = String::new();
        settle(&*store, if ended { Settlement::Buried { id, reason } } else { Settlement::Withheld { id } }).await;
    }
}

pub(crate) async fn a_revision_that_may_have_looked_already_does_not_stand_for_the_next(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "tea", 0, "1").await;
    raise(&*store, "tea", 1).await;
    // Somebody holds it.
    let leased = store.lease_deliveries(at(9), 9, 9).await.unwrap().remove(0).delivery;
    raise(&*store, "tea", 2).await;
    raise(&*store, "tea", 3).await;
    assert_eq!(revised_in(&*store, "den").await, ["1", "1"]);
    // It was tried: its bytes are fixed.
    store.freeze(vec![(leased.id, editing("den", "1", &[("tea", 1)]))], at(9)).await.unwrap();
    settle(&*store, Settlement::Retry { id: leased.id, at: at(20), attempted: true }).await;
    raise(&*store, "tea", 4).await;
    assert_eq!(revised_in(&*store, "den").await, ["1", "1"]);
    settle(&*store, super::values::done(leased.id, "2", at(20))).await;
    let store = place.reopen(store).await;
    assert_eq!(revised_in(&*store, "den").await, ["1"]);
    send_revision(&*store, "den", "1", &[("tea", 4)]).await;
    assert!(revised_in(&*store, "den").await.is_empty());

    // Also where nobody holds what was tried.
    raise(&*store, "tea", 5).await;
    let id = id_of(&*store, "den", &revise("den", "1").what).await;
    store.freeze(vec![(id, editing("den", "1", &[("tea", 5)]))], at(9)).await.unwrap();
    raise(&*store, "tea", 6).await;
    assert_eq!(revised_in(&*store, "den").await, ["1", "1"]);
}

pub(crate) async fn a_posting_made_out_of_date_is_revised_at_once(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "a"), board("hall", "b")]).await;
    let card = id_of(&*store, "den", &card("den", "a").what).await;
    store.freeze(vec![(card, showing("den", &[("tea", 0)]))], at(0)).await.unwrap();
    raise(&*store, "tea", 1).await;
    assert!(revised_in(&*store, "den").await.is_empty());
    settle(&*store, super::values::done(card, "1", at(5))).await;
    let store = place.reopen(store).await;
    assert_eq!(revised_in(&*store, "den").await, ["1"]);

    // A board whose edit was fixed earlier and comes later.
    send(&*store, &board("hall", "b").what, showing("hall", &[("tea", 1)]), "2").await;
    assert!(revised_in(&*store, "hall").await.is_empty());
    post(&*store, board("hall", "c"), editing("hall", "2", &[("tea", 0), ("tea", 1)]), "3").await;
    assert_eq!(revised_in(&*store, "hall").await, ["2"]);
}

pub(crate) async fn a_trade_undone_has_the_postings_of_its_sharer_revised(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "tea", 0, "1").await;
    post_digest(&*store, "den", &["cup", "tea"], "2").await;
    post_card(&*store, "den", "cup", 0, "3").await;
    let ann = What::Card { sharer: user("ann"), trade: trade("shop", "tea").id(), shop: Line::title("shop") };
    post(&*store, in_room("hall", ann), showing("hall", &[("tea", 0)]), "4").await;
    undo(&*store, "joy", "tea").await;
    let store = place.reopen(store).await;
    let mut den = revised_in(&*store, "den").await;
    den.sort_unstable();
    assert_eq!(den, ["1", "2"]);
    assert!(revised_in(&*store, "hall").await.is_empty());
    undo(&*store, "joy", "tea").await;
    assert_eq!(revised_in(&*store, "den").await.len(), 2);

    // What is made later.
    post_card(&*store, "hall", "tea", 0, "5").await;
    assert_eq!(revised_in(&*store, "hall").await, ["5"]);
    post(&*store, board("attic", "b"), showing("attic", &[("cup", 0)]), "6").await;
    assert!(revised_in(&*store, "attic").await.is_empty());
    post(&*store, board("attic", "c"), editing("attic", "6", &[("tea", 0)]), "7").await;
    assert_eq!(revised_in(&*store, "attic").await, ["6"]);
}

pub(crate) async fn a_revision_does_not_queue_itself_for_ever(place: &impl Place) {
    let store = place.open().await;
    post_digest(&*store, "den", &["cup", "tea"], "1").await;
    undo(&*store, "joy", "tea").await;
    // The line is struck out and still stands there.
    send_revision(&*store, "den", "1", &[("cup", 0), ("tea", 0)]).await;
    assert!(revised_in(&*store, "den").await.is_empty());
    raise(&*store, "cup", 1).await;
    // Whoever made the edit did not care for the new price.
    send_revision(&*store, "den", "1", &[("cup", 0)]).await;
    assert!(revised_in(&*store, "den").await.is_empty());
    // But what it brings back counts.
    post(&*store, revise("den", "1"), editing("den", "1", &[("cup", 1), ("tea", 0)]), "2").await;
    assert_eq!(revised_in(&*store, "den").await, ["1"]);
}

pub(crate) async fn what_a_commit_withdraws_it_does_not_revise(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "tea", 0, "1").await;
    let trade = trade("shop", "tea");
    let commit = Commit {
        withdrawn: vec![(event_id("1"), at(6))],
        items: vec![raised("tea", 1)],
        undone: vec![(user("joy"), trade.id())],
        trades: vec![trade],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    assert!(revised_in(&*store, "den").await.is_empty());
    post(&*store, card("den", "x"), frozen("den", "it shows nothing"), "2").await;
    assert_eq!(store.totals().await.unwrap().waiting, 0);
}

pub(crate) async fn of_a_change_and_a_posting_at_once_none_is_lost(place: &impl Place) {
    let store = place.open().await;
    for round in 0..16_u32 {
        let name = round.to_string();
        queue(&*store, vec![card(&name, &name)]).await;
        let id = id_of(&*store, &name, &card(&name, &name).what).await;
        store.freeze(vec![(id, showing(&name, &[(&name, 0)]))], at(0)).await.unwrap();
        let raise = raise(&*store, &name, 1);
        let done = settle(&*store, super::values::done(id, &name, at(5)));
        // In either order, and mostly written together.
        if round % 2 == 0 {
            tokio::join!(store_busy(&*store), raise, done);
        } else {
            tokio::join!(store_busy(&*store), done, raise);
        }
        assert_eq!(revised_in(&*store, &name).await, [name.as_str()]);
    }
}

/// Keeps the writer busy, so that what comes next is written together.
async fn store_busy(store: &dyn Store) {
    store.take_events(Vec::new()).await.unwrap();
}
