//! What every store promises of what was posted: how it is found, edited and withdrawn.

use super::Place;
use super::posting_values::editing;
use super::posting_values::events;
use super::posting_values::id_of;
use super::posting_values::in_room;
use super::posting_values::panel_of;
use super::posting_values::post;
use super::posting_values::post_card;
use super::posting_values::post_digest;
use super::posting_values::postings_of;
use super::posting_values::postings_to;
use super::posting_values::revise;
use super::posting_values::showing;
use super::posting_values::shown;
use super::posting_values::withdraw;
use super::values::at;
use super::values::board;
use super::values::card;
use super::values::event_id;
use super::values::frozen;
use super::values::item;
use super::values::queue;
use super::values::room_id;
use super::values::settle;
use super::values::source;
use super::values::source_id;
use super::values::user;
use tradepost::domain::delivery::Frozen;
use tradepost::domain::delivery::Posting;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::What;
use tradepost::domain::panel::Scope;
use tradepost::store::Commit;
use tradepost::store::Remembered;
use tradepost::store::Store;

async fn posting(store: &dyn Store, name: &str) -> Posting {
    store.posting(&event_id(name)).await.unwrap().expect("it is ours")
}

/// Posts a panel of Joy, or edits one.
async fn post_panel(store: &dyn Store, scope: Scope, page: u32, edits: Option<&str>, name: &str) {
    let edits = edits.map(event_id);
    let what = What::Panel { panel: panel_of("joy", scope, page), edits: edits.clone(), asked_in: None };
    post(store, in_room("desk", what), Frozen { edits, ..frozen("desk", name) }, name).await;
}

pub(crate) async fn a_posting_is_found_by_its_event_and_by_what_it_shows_newest_first(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "tea", 3, "1").await;
    post_digest(&*store, "den", &["tea", "cup"], "2").await;
    post_card(&*store, "hall", "tea", 0, "3").await;
    let store = place.reopen(store).await;
    post(&*store, board("den", "b"), showing("den", &[("cup", 0), ("cup", 0)]), "4").await;
    let first = posting(&*store, "1").await;
    assert_eq!((first.room, first.shows, first.posted_at, first.withdrawn_at), (room_id("den"), vec![shown("tea", 3)], at(5), None));
    assert_eq!(store.posting(&event_id("x")).await.unwrap(), None);
    assert_eq!(postings_of(&*store, "tea").await, ["3", "2", "1"]);
    assert_eq!(postings_of(&*store, "cup").await, ["4", "2"]);
    assert!(postings_of(&*store, "te").await.is_empty());
    assert_eq!(postings_to(&*store, "den").await, ["4", "2", "1"]);
    assert_eq!(postings_to(&*store, "hall").await, ["3"]);
    assert_eq!(events(&store.postings_to(&user("joy"), &room_id("den"), 2).await.unwrap()), ["4", "2"]);
    assert!(store.postings_to(&user("mary"), &room_id("den"), 2).await.unwrap().is_empty());
}

pub(crate) async fn what_shows_no_trade_is_found_by_its_event_alone(place: &impl Place) {
    let store = place.open().await;
    let what = What::Introduction { sharer: user("joy"), asks: true };
    post(&*store, in_room("den", what.clone()), frozen("den", "hello"), "1").await;
    assert_eq!(posting(&*store, "1").await.what, what);
    assert!(postings_to(&*store, "den").await.is_empty());
}

pub(crate) async fn an_edit_changes_its_posting_and_what_finds_it(place: &impl Place) {
    let store = place.open().await;
    post_digest(&*store, "den", &["tea", "cup"], "1").await;
    post_card(&*store, "den", "mug", 0, "2").await;
    let before = posting(&*store, "1").await;
    post(&*store, revise("den", "1"), editing("den", "1", &[("cup", 1), ("pot", 0)]), "3").await;
    let store = place.reopen(store).await;
    let now = posting(&*store, "1").await;
    let content = editing("den", "1", &[("cup", 1), ("pot", 0)]).content;
    assert_eq!(now, Posting { content, shows: vec![shown("cup", 1), shown("pot", 0)], ..before });
    assert_eq!(store.posting(&event_id("3")).await.unwrap(), None);
    assert_eq!(store.last_posting(&room_id("den")).await.unwrap().unwrap().event, event_id("2"));
    assert!(postings_of(&*store, "tea").await.is_empty());
    assert_eq!((postings_of(&*store, "cup").await, postings_of(&*store, "pot").await), (vec!["1".to_owned()], vec!["1".to_owned()]));
    // It keeps its place, also where nothing found it meanwhile.
    post(&*store, revise("den", "1"), editing("den", "1", &[]), "4").await;
    assert_eq!(postings_to(&*store, "den").await, ["2"]);
    post(&*store, revise("den", "1"), editing("den", "1", &[("mug", 0)]), "5").await;
    assert_eq!(postings_to(&*store, "den").await, ["2", "1"]);
    assert_eq!(postings_of(&*store, "mug").await, ["2", "1"]);
}

/// What is encrypted and sent as Joy.
fn encrypted(frozen: Frozen) -> Frozen {
    Frozen { encrypted: Some("{\"ciphertext\":\"x\"}".to_owned()), sender: Some(user("joy")), ..frozen }
}

pub(crate) async fn a_posting_has_the_sender_and_the_plain_content_of_what_was_sent(place: &impl Place) {
    let store = place.open().await;
    let plain = showing("den", &[("tea", 0)]);
    post(&*store, card("den", "tea"), encrypted(plain.clone()), "1").await;
    post(&*store, card("den", "cup"), plain.clone(), "2").await;
    let store = place.reopen(store).await;
    for (name, sender) in [("1", Some(user("joy"))), ("2", None)] {
        let posting = posting(&*store, name).await;
        assert_eq!((posting.sender, posting.content), (sender, plain.content.clone()));
    }
}

pub(crate) async fn an_edit_leaves_the_sender_of_its_posting(place: &impl Place) {
    let store = place.open().await;
    post(&*store, card("den", "tea"), encrypted(showing("den", &[("tea", 0)])), "1").await;
    post_card(&*store, "den", "tea", 0, "2").await;
    let edit = |original| editing("den", original, &[("tea", 1)]);
    post(&*store, revise("den", "1"), edit("1"), "3").await;
    post(&*store, revise("den", "2"), encrypted(edit("2")), "4").await;
    let store = place.reopen(store).await;
    for (name, sender) in [("1", Some(user("joy"))), ("2", None)] {
        let posting = posting(&*store, name).await;
        assert_eq!((posting.sender, posting.content, posting.shows), (sender, edit(name).content, vec![shown("tea", 1)]));
    }
}

pub(crate) async fn an_edit_of_what_was_withdrawn_or_is_unknown_changes_nothing(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "tea", 0, "1").await;
    withdraw(&*store, "1", 7).await;
    let before = posting(&*store, "1").await;
    let then = vec![tradepost::domain::delivery::Then::ExpireAfter { seconds: 60 }];
    for original in ["1", "unknown"] {
        let bytes = Frozen { then: then.clone(), ..editing("den", original, &[("tea", 0)]) };
        post(&*store, revise("den", original), bytes, "2").await;
    }
    assert_eq!(posting(&*store, "1").await, before);
    assert_eq!(store.posting(&event_id("unknown")).await.unwrap(), None);
    assert_eq!(store.posting(&event_id("2")).await.unwrap(), None);
    assert!(postings_of(&*store, "tea").await.is_empty());
    assert_eq!(store.totals().await.unwrap().waiting, 0);
}

pub(crate) async fn what_was_withdrawn_is_found_by_its_event_alone(place: &impl Place) {
    let store = place.open().await;
    for name in ["1", "2", "3", "4"] {
        post_card(&*store, "den", "tea", 0, name).await;
    }
    withdraw(&*store, "1", 7).await;
    withdraw(&*store, "1", 9).await;
    withdraw(&*store, "unknown", 9).await;
    for (what, event) in [(What::Redact { event: event_id("2") }, Some("5")), (What::Expire { event: event_id("3") }, None)] {
        queue(&*store, vec![in_room("den", what.clone())]).await;
        let id = id_of(&*store, "den", &what).await;
        settle(&*store, Settlement::Done { id, event: event.map(event_id), at: at(8) }).await;
    }
    let store = place.reopen(store).await;
    for (name, when) in [("1", Some(at(7))), ("2", Some(at(8))), ("3", Some(at(8))), ("4", None)] {
        assert_eq!(posting(&*store, name).await.withdrawn_at, when);
    }
    assert_eq!(postings_of(&*store, "tea").await, ["4"]);
    assert_eq!(postings_to(&*store, "den").await, ["4"]);
    assert_eq!(store.posting(&event_id("unknown")).await.unwrap(), None);
}

pub(crate) async fn a_redaction_that_was_not_done_withdraws_nothing(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "tea", 0, "1").await;
    let what = What::Redact { event: event_id("1") };
    queue(&*store, vec![in_room("den", what.clone()), in_room("den", what.clone())]).await;
    let id = id_of(&*store, "den", &what).await;
    settle(&*store, Settlement::Withheld { id }).await;
    let id = id_of(&*store, "den", &what).await;
    let reason = "no".to_owned();
    settle(&*store, Settlement::Buried { id, reason }).await;
    assert_eq!(posting(&*store, "1").await.withdrawn_at, None);
    assert_eq!(postings_of(&*store, "tea").await, ["1"]);
}

pub(crate) async fn the_board_is_the_one_posted_last_until_it_is_withdrawn(place: &impl Place) {
    let store = place.open().await;
    let standing = async |store: &dyn Store| {
        let board = store.board(&user("joy"), &room_id("den")).await.unwrap();
        board.map(|board| (board.event.to_string(), board.shows.len()))
    };
    assert_eq!(standing(&*store).await, None);
    post(&*store, board("den", "a"), showing("den", &[("tea", 0)]), "1").await;
    post(&*store, board("den", "b"), editing("den", "1", &[("tea", 0), ("cup", 0)]), "2").await;
    assert_eq!(standing(&*store).await, Some(("$1".to_owned(), 2)));
    post(&*store, board("den", "c"), showing("den", &[("cup", 0)]), "3").await;
    withdraw(&*store, "1", 7).await;
    let store = place.reopen(store).await;
    assert_eq!(standing(&*store).await, Some(("$3".to_owned(), 1)));
    assert_eq!(store.board(&user("joy"), &room_id("hall")).await.unwrap(), None);
    assert_eq!(store.board(&user("mary"), &room_id("den")).await.unwrap(), None);
    withdraw(&*store, "3", 8).await;
    assert_eq!(standing(&*store).await, None);
}

pub(crate) async fn a_panel_is_the_one_of_its_scope_posted_last(place: &impl Place) {
    let store = place.open().await;
    let here = || Scope::Here { room: room_id("den"), sharer: "Joy".to_owned() };
    post_panel(&*store, Scope::Main, 0, None, "1").await;
    post_panel(&*store, here(), 0, None, "2").await;
    post_panel(&*store, Scope::Main, 0, None, "3").await;
    // An old one that is edited once more does not become the newest.
    post_panel(&*store, Scope::Main, 1, Some("1"), "4").await;
    let store = place.reopen(store).await;
    let panel = async |owner: &str, scope: Scope| store.panel(&user(owner), &scope).await.unwrap();
    assert_eq!(panel("joy", Scope::Main).await, Some(event_id("3")));
    assert_eq!(panel("joy", here()).await, Some(event_id("2")));
    assert_eq!(panel("mary", Scope::Main).await, None);
    let edited = What::Panel { panel: panel_of("joy", Scope::Main, 1), edits: None, asked_in: None };
    assert_eq!(posting(&*store, "1").await.what, edited);
    // One that comes to show another scope is found as that.
    post_panel(&*store, here(), 0, Some("3"), "5").await;
    assert_eq!((panel("joy", Scope::Main).await, panel("joy", here()).await), (None, Some(event_id("3"))));
    withdraw(&*store, "2", 7).await;
    assert_eq!(panel("joy", here()).await, Some(event_id("3")));
    withdraw(&*store, "3", 7).await;
    assert_eq!(panel("joy", here()).await, None);
}

pub(crate) async fn what_is_not_a_card_does_not_count_for_the_day(place: &impl Place) {
    let store = place.open().await;
    post(&*store, board("den", "a"), showing("den", &[("tea", 0)]), "1").await;
    post(&*store, revise("den", "1"), editing("den", "1", &[("tea", 0)]), "2").await;
    queue(&*store, vec![super::values::card("den", "c")]).await;
    let leased = super::values::lease_one(&*store).await;
    assert_eq!((leased.sent_in_day, leased.day_began_at), (0, None));
}

pub(crate) async fn a_reaction_is_remembered(place: &impl Place) {
    let store = place.open().await;
    let remembered = Remembered { reaction: event_id("r"), on: event_id("1"), key: "1️⃣".to_owned(), by: user("mary") };
    store.commit(Commit { remembered: vec![remembered.clone()], ..Commit::default() }).await.unwrap();
    let store = place.reopen(store).await;
    assert_eq!(store.remembered(&event_id("r")).await.unwrap(), Some(remembered));
    assert_eq!(store.remembered(&event_id("1")).await.unwrap(), None);
}

pub(crate) async fn all_items_of_a_source_are_found(place: &impl Place) {
    let store = place.open().await;
    let commit = Commit {
        sharers: vec![super::values::sharer("joy", &["shop", "shop2"], &[])],
        sources: vec![source("shop"), source("shop2")],
        items: vec![item("shop", "1"), item("shop2", "3"), item("shop", "2")],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    let mut items = store.items_of(&source_id("shop")).await.unwrap();
    items.sort_by_key(|item| item.external_id.to_string());
    assert_eq!(items, [item("shop", "1"), item("shop", "2")]);
    assert!(store.items_of(&source_id("sho")).await.unwrap().is_empty());
}
