//! What every store promises of people of whom everything is forgotten.

use super::Place;
use super::posting_values::in_room;
use super::posting_values::panel_of;
use super::posting_values::post;
use super::posting_values::post_card;
use super::posting_values::postings_of;
use super::posting_values::postings_to;
use super::posting_values::revised_in;
use super::posting_values::showing;
use super::values::at;
use super::values::board;
use super::values::card;
use super::values::cards_in;
use super::values::done;
use super::values::event_id;
use super::values::frozen;
use super::values::lease_one;
use super::values::names_in;
use super::values::notice;
use super::values::once;
use super::values::parked;
use super::values::queue;
use super::values::reply;
use super::values::room_id;
use super::values::settle;
use super::values::sharer;
use super::values::source;
use super::values::source_id;
use super::values::trade;
use super::values::user;
use tradepost::domain::delivery::DeviceStep;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::OnceKey;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::Number;
use tradepost::domain::ids::TradeId;
use tradepost::domain::panel::Scope;
use tradepost::domain::shared::Decided;
use tradepost::domain::shared::SharedTrade;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::text::Line;
use tradepost::store::Commit;
use tradepost::store::Named;
use tradepost::store::ParkedEvent;
use tradepost::store::Remembered;
use tradepost::store::Store;
use tradepost::store::StoreError;

/// What was decided about a trade for one contact.
fn decided(sharer: &str, trade: &str, contact: &str) -> SharedTrade {
    SharedTrade {
        sharer: user(sharer),
        number: Number(0),
        trade: TradeId::new(trade),
        shop: Line::title("shop"),
        decided_at: at(0),
        categories: Vec::new(),
        contacts: vec![Decided { person: Line::title(contact), user: Some(user(contact)), unmeant: None }],
        undone: false,
    }
}

fn reaction(name: &str, on: &str, by: &str) -> Remembered {
    Remembered { reaction: event_id(name), on: event_id(on), key: "❌".to_owned(), by: user(by) }
}

async fn commit(store: &dyn Store, commit: Commit) {
    store.commit(commit).await.unwrap();
}

/// Joy is erased, whatever version of her is stored.
fn without_joy(version: u64) -> Commit {
    let joy = Sharer { version, ..Sharer::new(user("joy")) };
    Commit { sharers: vec![joy], erased: vec![user("joy")], ..Commit::default() }
}

async fn remembers(store: &dyn Store, name: &str) -> bool {
    store.remembered(&event_id(name)).await.unwrap().is_some()
}

pub(crate) async fn of_an_erased_person_nothing_is_left(place: &impl Place) {
    let store = place.open().await;
    let trades = vec![trade("shop", "1")];
    let shop = trades[0].id();
    let begun = Commit {
        sharers: vec![sharer("joy", &["shop"], &["den"])],
        sources: vec![source("shop")],
        trades,
        shared: vec![decided("joy", shop.as_str(), "mary"), decided("joy", "b", "mary")],
        undone: vec![(user("joy"), TradeId::new("b")), (user("joy"), TradeId::new("long-ago"))],
        named: vec![(Named::Heard(user("joy")), Some("s1".to_owned())), (Named::Link("hers".to_owned()), Some(user("joy").to_string()))],
        ..Commit::default()
    };
    commit(&*store, begun).await;
    post(&*store, card("den", shop.as_str()), showing("den", &[("1", 0)]), "posted").await;
    post(&*store, reply("office", "asked"), frozen("office", "secret words"), "answer").await;
    let panel = What::Panel { panel: panel_of("joy", Scope::Main, 0), edits: None, asked_in: None };
    post(&*store, in_room("office", panel), frozen("office", "panel"), "panel").await;
    let buried = in_room("den", What::Introduction { sharer: user("joy"), asks: false });
    queue(&*store, vec![buried]).await;
    let id = lease_one(&*store).await.delivery.id;
    settle(&*store, Settlement::Buried { id, reason: "refused".to_owned() }).await;
    queue(&*store, vec![card("den", "b"), board("den", "b"), reply("office", "b"), notice("joy")]).await;
    let reactions = vec![reaction("hers", "elsewhere", "joy"), reaction("his", "posted", "mary")];
    let read = ParkedEvent { reader: Some(user("joy")), ..parked("den", "parked", "s", 0) };
    commit(&*store, Commit { remembered: reactions, parked: vec![read], ..Commit::default() }).await;

    commit(&*store, without_joy(1)).await;

    let store = place.reopen(store).await;
    assert_eq!(store.sharer(&user("joy")).await.unwrap(), None);
    assert!(store.newest_shared(&user("joy"), 10).await.unwrap().is_empty());
    assert_eq!(store.shared_trade(&user("joy"), &shop).await.unwrap(), None);
    for undone in ["b", "long-ago"] {
        assert!(!store.is_undone(&user("joy"), &TradeId::new(undone)).await.unwrap(), "{undone}");
    }
    for name in [Named::Heard(user("joy")), Named::Link("hers".to_owned())] {
        assert_eq!(store.named(&name).await.unwrap(), None, "{name:?}");
    }
    for event in ["posted", "answer", "panel"] {
        assert_eq!(store.posting(&event_id(event)).await.unwrap(), None, "{event}");
    }
    assert!(postings_of(&*store, "1").await.is_empty());
    assert!(postings_to(&*store, "den").await.is_empty());
    assert_eq!(store.panel(&user("joy"), &Scope::Main).await.unwrap(), None);
    assert!(!remembers(&*store, "hers").await);
    assert!(!remembers(&*store, "his").await);
    assert_eq!(store.source(&source_id("shop")).await.unwrap(), None);
    assert_eq!(store.trade(&shop).await.unwrap(), None);
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.waiting, totals.buried, totals.parked, totals.sources, totals.sharers), (0, 0, 0, 0, 0));
    // Her numbers begin anew.
    commit(&*store, Commit { shared: vec![decided("joy", "c", "mary")], ..Commit::default() }).await;
    assert_eq!(store.newest_shared(&user("joy"), 1).await.unwrap()[0].number, Number(1));
}

pub(crate) async fn what_is_of_others_stays(place: &impl Place) {
    let store = place.open().await;
    let trades = vec![trade("shop", "1")];
    let shop = trades[0].id();
    let begun = Commit {
        sharers: vec![sharer("joy", &["shop"], &["den"]), sharer("ann", &["shop"], &["den"])],
        sources: vec![source("shop")],
        trades,
        shared: vec![decided("joy", shop.as_str(), "ann"), decided("ann", shop.as_str(), "joy"), decided("ann", "b", "mary")],
        undone: vec![(user("ann"), shop.clone())],
        named: vec![(Named::Link("anns".to_owned()), Some(user("ann").to_string()))],
        remembered: vec![reaction("anns", "elsewhere", "ann")],
        ..Commit::default()
    };
    commit(&*store, begun).await;
    let ann = |trade: &TradeId| What::Card { sharer: user("ann"), trade: trade.clone(), shop: Line::title("shop") };
    post(&*store, in_room("den", ann(&shop)), showing("den", &[("1", 0)]), "anns").await;
    post_card(&*store, "den", "1", 0, "joys").await;
    queue(&*store, vec![in_room("den", ann(&TradeId::new("b"))), notice("ann")]).await;
    commit(&*store, without_joy(1)).await;
    let store = place.reopen(store).await;
    assert_eq!(postings_of(&*store, "1").await, ["anns"]);
    assert_eq!(cards_in(&*store, "den").await, ["b"]);
    assert!(store.trade(&shop).await.unwrap().is_some());
    assert!(store.is_undone(&user("ann"), &shop).await.unwrap());
    assert!(store.named(&Named::Link("anns".to_owned())).await.unwrap().is_some());
    assert!(remembers(&*store, "anns").await);
    // Her card of what she withdrew is still taken back.
    assert_eq!(revised_in(&*store, "den").await, ["anns"]);
    assert_eq!(store.totals().await.unwrap().waiting, 3);
    let followers = store.followers(&source_id("shop")).await.unwrap();
    assert_eq!(followers.iter().map(|sharer| sharer.id.clone()).collect::<Vec<_>>(), [user("ann")]);
}

pub(crate) async fn the_name_of_an_erased_person_goes_from_what_was_decided_for_others(place: &impl Place) {
    let store = place.open().await;
    let mut both = decided("ann", "a", "joy");
    both.contacts.extend(decided("ann", "a", "mary").contacts);
    commit(&*store, Commit { shared: vec![both, decided("ann", "b", "joy")], ..Commit::default() }).await;
    commit(&*store, Commit { erased: vec![user("joy")], ..Commit::default() }).await;
    let left = store.newest_shared(&user("ann"), 10).await.unwrap();
    assert_eq!(left[0].contacts, []);
    assert_eq!(left[1].contacts, decided("ann", "a", "mary").contacts);
}

pub(crate) async fn only_the_deliveries_of_the_erasing_commit_are_left(place: &impl Place) {
    let store = place.open().await;
    commit(&*store, Commit { sharers: vec![sharer("joy", &[], &["den"])], ..Commit::default() }).await;
    queue(&*store, vec![card("den", "before"), once(reply("office", "before"), "taken")]).await;
    let redact = in_room("den", What::Redact { event: event_id("posted") });
    let commit_all =
        Commit { deliveries: vec![redact, reply("office", "done"), once(reply("office", "again"), "taken")], ..without_joy(1) };
    commit(&*store, commit_all).await;
    let store = place.reopen(store).await;
    assert!(cards_in(&*store, "den").await.is_empty());
    assert_eq!(names_in(&*store, "den", Lane::Acts).await, ["posted"]);
    assert_eq!(names_in(&*store, "office", Lane::Talk).await, ["done"]);
    // What was posted at some time is not posted again.
    assert_eq!(store.taken(&[OnceKey("taken".to_owned())]).await.unwrap().len(), 1);
}

pub(crate) async fn what_was_queued_to_take_something_away_is_still_done(place: &impl Place) {
    let store = place.open().await;
    let device = What::OwnDevice { step: DeviceStep::Remove { device: "D".to_owned() } };
    let line = What::StatusLine { sharer: user("joy"), trade: None };
    let to_joy = [device.clone(), line.clone()].map(|what| NewDelivery { what, ..notice("joy") });
    let in_den = ["popup", "card"].map(|name| in_room("den", What::Expire { event: event_id(name) }));
    let redact = in_room("den", What::Redact { event: event_id("old") });
    queue(&*store, to_joy.into_iter().chain(in_den).chain([redact, notice("joy")]).collect()).await;
    commit(&*store, Commit { erased: vec![user("joy")], emptied: vec![room_id("den")], ..Commit::default() }).await;
    assert_eq!(names_in(&*store, "den", Lane::Alone).await, ["popup", "card"]);
    assert_eq!(names_in(&*store, "den", Lane::Acts).await, ["old"]);
    let left = store.lease_deliveries(at(0), 100, 100).await.unwrap();
    assert_eq!(left.iter().filter(|leased| leased.delivery.what == device || leased.delivery.what == line).count(), 2);
    assert_eq!(left.len(), 5);
}

pub(crate) async fn what_is_being_sent_for_somebody_keeps_her_from_being_erased(place: &impl Place) {
    let store = place.open().await;
    commit(&*store, Commit { sharers: vec![sharer("joy", &[], &["den"])], ..Commit::default() }).await;
    queue(&*store, vec![card("den", "tea")]).await;
    let id = lease_one(&*store).await.delivery.id;
    store.freeze(vec![(id, showing("den", &[("1", 0)]))], at(0)).await.unwrap();
    let refused = store.commit(without_joy(1)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)));
    assert!(store.sharer(&user("joy")).await.unwrap().is_some());
    settle(&*store, done(id, "tea", at(5))).await;
    assert_eq!(postings_to(&*store, "den").await, ["tea"]);
    commit(&*store, without_joy(1)).await;
    assert!(postings_to(&*store, "den").await.is_empty());
}

pub(crate) async fn what_is_forgotten_while_it_is_leased_is_not_sent(place: &impl Place) {
    let store = place.open().await;
    queue(&*store, vec![card("den", "tea")]).await;
    let id = lease_one(&*store).await.delivery.id;
    commit(&*store, Commit { erased: vec![user("joy")], ..Commit::default() }).await;
    let frozen = store.freeze(vec![(id, showing("den", &[("1", 0)]))], at(0)).await;
    assert!(matches!(frozen, Err(StoreError::Conflict)));
}

pub(crate) async fn an_emptied_room_holds_nothing_whoevers_it_was(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "1", 0, "here").await;
    post_card(&*store, "hall", "1", 0, "there").await;
    queue(&*store, vec![card("den", "b"), card("hall", "b")]).await;
    commit(&*store, Commit { parked: vec![parked("den", "unread", "s", 0)], ..Commit::default() }).await;
    commit(&*store, Commit { emptied: vec![room_id("den")], deliveries: vec![reply("den", "done")], ..Commit::default() }).await;
    let store = place.reopen(store).await;
    assert_eq!(postings_of(&*store, "1").await, ["there"]);
    assert!(cards_in(&*store, "den").await.is_empty());
    assert_eq!(cards_in(&*store, "hall").await, ["b"]);
    assert_eq!(names_in(&*store, "den", Lane::Talk).await, ["done"]);
    assert_eq!(store.totals().await.unwrap().parked, 0);
}

pub(crate) async fn a_sharer_who_says_nothing_any_more_is_not_kept(place: &impl Place) {
    let store = place.open().await;
    commit(&*store, Commit { sharers: vec![Sharer::new(user("ann"))], ..Commit::default() }).await;
    assert_eq!(store.sharer(&user("ann")).await.unwrap(), None);
    commit(&*store, Commit { sharers: vec![sharer("joy", &["shop"], &["den"])], sources: vec![source("shop")], ..Commit::default() }).await;
    let nothing = Sharer { version: 1, ..Sharer::new(user("joy")) };
    commit(&*store, Commit { sharers: vec![nothing.clone()], ..Commit::default() }).await;
    let stale = store.commit(Commit { sharers: vec![nothing], ..Commit::default() }).await;
    assert!(matches!(stale, Err(StoreError::Conflict)));
    let store = place.reopen(store).await;
    assert_eq!(store.sharer(&user("joy")).await.unwrap(), None);
    assert!(store.sharers_in(&room_id("den")).await.unwrap().is_empty());
    assert!(store.sharers().await.unwrap().is_empty());
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.sharers, totals.sources), (0, 0));
}
