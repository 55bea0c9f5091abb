//! Pruning: what is old and needed by nobody goes, what waits or is needed stays, and what a source still
//! shows is never told again.

use super::Place;
use super::posting_values::editing;
use super::posting_values::in_room;
use super::posting_values::panel_of;
use super::posting_values::post;
use super::posting_values::post_card;
use super::posting_values::postings_of;
use super::posting_values::postings_to;
use super::posting_values::revised_in;
use super::posting_values::showing;
use super::posting_values::withdraw;
use super::values::at;
use super::values::board;
use super::values::card;
use super::values::cards_in;
use super::values::event;
use super::values::event_id;
use super::values::frozen;
use super::values::item;
use super::values::lease_one;
use super::values::once;
use super::values::parked;
use super::values::queue;
use super::values::reply;
use super::values::room;
use super::values::room_id;
use super::values::settle;
use super::values::sharer;
use super::values::source;
use super::values::source_id;
use super::values::trade;
use super::values::user;
use std::collections::BTreeMap;
use tradepost::domain::asked::OneTimeLink;
use tradepost::domain::asked::Purpose;
use tradepost::domain::delivery::Delivery;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::OnceKey;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::Number;
use tradepost::domain::ids::PlatformId;
use tradepost::domain::panel::Scope;
use tradepost::domain::room::Membership;
use tradepost::domain::room::Room;
use tradepost::domain::shared::SharedTrade;
use tradepost::domain::source::Item;
use tradepost::domain::source::Source;
use tradepost::domain::source::Subscription;
use tradepost::domain::source::SubscriptionState;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Trade;
use tradepost::store::Commit;
use tradepost::store::Named;
use tradepost::store::Pruned;
use tradepost::store::Remembered;
use tradepost::store::Retention;
use tradepost::store::Store;

const DAY: i64 = 24 * 60 * 60;

/// A pass after so many days that keeps trades for 90 days, items for 180, and events and what was given
/// up for 30.
async fn prune(store: &dyn Store, day: i64) -> Pruned {
    let ago = |days: i64| at((day - days) * DAY);
    let before = Retention { now: ago(0), trades_before: ago(90), seen_before: ago(180), events_before: ago(30), buried_before: ago(30) };
    store.prune(&before).await.unwrap()
}

fn removed(counts: &[(&'static str, u64)]) -> BTreeMap<&'static str, u64> {
    counts.iter().copied().collect()
}

async fn commit(store: &dyn Store, commit: Commit) {
    store.commit(commit).await.unwrap();
}

/// Somebody who follows the shop, which last said what it has after so many days.
async fn follow(store: &dyn Store, day: i64) {
    let shop = Source { listed_at: Some(at(day * DAY)), ..source("shop") };
    commit(store, Commit { sharers: vec![sharer("joy", &["shop"], &["den"])], sources: vec![shop], ..Commit::default() }).await;
}

/// The shop says once more what it has.
async fn listed(store: &dyn Store, day: i64) {
    let shop = store.source(&source_id("shop")).await.unwrap().unwrap();
    commit(store, Commit { sources: vec![Source { listed_at: Some(at(day * DAY)), ..shop }], ..Commit::default() }).await;
}

fn shown_at(id: &str, day: i64) -> Item {
    Item { shown_at: Some(at(day * DAY)), ..item("shop", id) }
}

async fn items(store: &dyn Store) -> Vec<String> {
    let mut ids: Vec<_> = store.items_of(&source_id("shop")).await.unwrap().into_iter().map(|item| item.external_id.to_string()).collect();
    ids.sort();
    ids
}

async fn has_trade(store: &dyn Store, id: &str) -> bool {
    store.trade(&trade("shop", id).id()).await.unwrap().is_some()
}

/// Something that shows a trade of the shop.
fn about(delivery: NewDelivery, id: &str) -> NewDelivery {
    let (sharer, shop, trade) = (user("joy"), Line::title("shop"), trade("shop", id).id());
    let what = match delivery.what.clone() {
        What::Card { .. } => What::Card { sharer, trade, shop },
        What::Digest { .. } => What::Digest { sharer, trades: vec![(trade, shop)] },
        What::Held { .. } => What::Held { sharer, trade, shop },
        What::Board { .. } => What::Board { sharer, add: Some((trade, shop)) },
        other => other,
    };
    NewDelivery { what, ..delivery }
}

fn decided(id: &str) -> SharedTrade {
    let (categories, contacts) = (Vec::new(), Vec::new());
    let (sharer, number, trade, shop) = (user("joy"), Number(0), trade("shop", id).id(), Line::title("shop"));
    SharedTrade { sharer, number, trade, shop, decided_at: at(0), categories, contacts, undone: false }
}

fn all(ids: &[&str]) -> Vec<Trade> {
    ids.iter().map(|id| trade("shop", id)).collect()
}

pub(super) async fn an_item_goes_when_its_source_has_long_been_read_without_showing_it(place: &impl Place) {
    let store = place.open().await;
    follow(&*store, 0).await;
    commit(&*store, Commit { items: vec![shown_at("cup", 0), shown_at("tea", 100)], ..Commit::default() }).await;
    // The shop has not answered for as long, so nothing is known of what it shows.
    assert_eq!(prune(&*store, 200).await.removed, removed(&[]));
    listed(&*store, 179).await;
    assert_eq!(prune(&*store, 200).await.removed, removed(&[]));
    listed(&*store, 200).await;
    assert_eq!(prune(&*store, 179).await.removed, removed(&[]));
    assert_eq!(items(&*store).await, ["cup", "tea"]);
    assert_eq!(prune(&*store, 200).await.removed, removed(&[("item", 1)]));
    assert_eq!(items(&*store).await, ["tea"]);
}

pub(super) async fn an_item_of_an_earlier_version_is_old_only_after_it_was_looked_at(place: &impl Place) {
    let store = place.open().await;
    follow(&*store, 300).await;
    commit(&*store, Commit { items: vec![Item { shown_at: None, ..item("shop", "cup") }], ..Commit::default() }).await;
    assert_eq!(prune(&*store, 300).await.removed, removed(&[]));
    listed(&*store, 479).await;
    assert_eq!(prune(&*store, 479).await.removed, removed(&[]));
    listed(&*store, 481).await;
    assert_eq!(prune(&*store, 481).await.removed, removed(&[("item", 1)]));
}

pub(super) async fn what_a_board_remembers_of_an_item_stays(place: &impl Place) {
    let store = place.open().await;
    follow(&*store, 900).await;
    commit(&*store, Commit { items: vec![shown_at("cup", 0), shown_at("tea", 0)], trades: all(&["cup", "tea"]), ..Commit::default() })
        .await;
    post(&*store, about(board("den", ""), "cup"), showing("den", &[("cup", 0)]), "board").await;
    let pruned = prune(&*store, 900).await;
    assert_eq!(pruned.removed, removed(&[("item", 1), ("trade", 1)]));
    assert_eq!((items(&*store).await, has_trade(&*store, "cup").await), (vec!["cup".to_owned()], true));
    let board = store.board(&user("joy"), &room_id("den")).await.unwrap();
    assert_eq!(board.map(|board| board.event), Some(event_id("board")));
}

pub(super) async fn a_trade_goes_unless_something_names_it(place: &impl Place) {
    let store = place.open().await;
    let ids = ["card", "held", "digest", "buried", "decided", "line", "standing", "plain", "late"];
    let mut trades = all(&ids);
    trades[8].seen_at = at(100 * DAY);
    let mut joy = sharer("joy", &[], &[]);
    joy.status_line = Some(trade("shop", "line").id());
    commit(&*store, Commit { trades, sharers: vec![joy], shared: vec![decided("decided")], ..Commit::default() }).await;
    post(&*store, about(board("den", ""), "standing"), showing("den", &[("standing", 0)]), "board").await;
    queue(&*store, vec![about(card("hut", ""), "buried")]).await;
    let id = lease_one(&*store).await.delivery.id;
    settle(&*store, Settlement::Buried { id, reason: String::new() }).await;
    let late = |delivery: NewDelivery| NewDelivery { not_before_at: at(500 * DAY), ..delivery };
    let waiting =
        [about(card("a", ""), "card"), about(super::values::held("b", ""), "held"), about(super::values::digest("c", ""), "digest")];
    queue(&*store, waiting.map(late).into()).await;
    // What was given up is itself not old yet.
    let revived = store.buried(1).await.unwrap().remove(0).id;
    assert!(store.revive(revived, at(150 * DAY)).await.unwrap());
    let leased = store.lease_deliveries(at(150 * DAY), 1, 1).await.unwrap().remove(0);
    settle(&*store, Settlement::Retry { id: leased.delivery.id, at: at(150 * DAY), attempted: false }).await;
    store.lease_deliveries(at(150 * DAY), 1, 1).await.unwrap();
    settle(&*store, Settlement::Buried { id: revived, reason: String::new() }).await;
    assert_eq!(prune(&*store, 170).await.removed, removed(&[("trade", 1)]));
    for id in ids {
        assert_eq!(has_trade(&*store, id).await, id != "plain", "{id}");
    }
    // Later it is, and with it goes its trade.
    assert_eq!(prune(&*store, 181).await.removed, removed(&[("buried delivery", 1), ("trade", 1)]));
    assert!(!has_trade(&*store, "buried").await);
    assert_eq!(store.totals().await.unwrap().buried, 0);
}

pub(super) async fn an_old_posting_goes_with_everything_that_finds_it(place: &impl Place) {
    let store = place.open().await;
    commit(&*store, Commit { trades: all(&["cup", "tea"]), ..Commit::default() }).await;
    post_card(&*store, "den", "cup", 0, "old").await;
    post_card(&*store, "den", "tea", 0, "withdrawn").await;
    withdraw(&*store, "withdrawn", 6).await;
    post(&*store, reply("den", "asked"), frozen("den", "answer"), "answer").await;
    let reaction = |name: &str, on: &str| Remembered { reaction: event_id(name), on: event_id(on), key: "❌".to_owned(), by: user("joy") };
    commit(&*store, Commit { remembered: vec![reaction("r", "old"), reaction("s", "answer")], ..Commit::default() }).await;
    assert_eq!(prune(&*store, 90).await.removed, removed(&[]));
    assert_eq!(prune(&*store, 91).await.removed, removed(&[("posting", 2), ("reaction", 1), ("trade", 2)]));
    assert_eq!(store.posting(&event_id("old")).await.unwrap(), None);
    assert_eq!((postings_of(&*store, "cup").await, postings_to(&*store, "den").await), (vec![], vec![]));
    assert_eq!(store.remembered(&event_id("r")).await.unwrap(), None);
    // The newest of its room stays, so that it is known when anything went there last.
    assert_eq!(store.last_posting(&room_id("den")).await.unwrap().unwrap().event, event_id("answer"));
    assert!(store.remembered(&event_id("s")).await.unwrap().is_some());
    // What comes of a later change finds nothing to revise.
    super::posting_values::raise(&*store, "cup", 3).await;
    assert_eq!(revised_in(&*store, "den").await, Vec::<String>::new());
}

pub(super) async fn what_stands_for_itself_stays_however_old(place: &impl Place) {
    let store = place.open().await;
    let panel = |scope: &Scope, page| What::Panel { panel: panel_of("joy", scope.clone(), page), edits: None, asked_in: None };
    let whole = Scope::Main;
    commit(&*store, Commit { sharers: vec![sharer("joy", &[], &["den", "hut"])], ..Commit::default() }).await;
    post(&*store, in_room("home", panel(&whole, 1)), frozen("home", "first"), "panel-1").await;
    post(&*store, in_room("home", panel(&whole, 2)), frozen("home", "second"), "panel-2").await;
    post(&*store, in_room("den", What::Introduction { sharer: user("joy"), asks: true }), frozen("den", "?"), "question").await;
    post(&*store, in_room("den", What::Introduction { sharer: user("ann"), asks: true }), frozen("den", "?"), "of nobody").await;
    post(&*store, in_room("hut", What::Introduction { sharer: user("joy"), asks: false }), frozen("hut", "!"), "said").await;
    post_card(&*store, "hut", "cup", 0, "popup").await;
    for room in ["home", "den", "hut"] {
        post(&*store, reply(room, room), frozen(room, "newest"), &format!("newest-{room}")).await;
    }
    let expire = in_room("hut", What::Expire { event: event_id("popup") });
    queue(&*store, vec![NewDelivery { not_before_at: at(900 * DAY), ..expire }]).await;
    assert_eq!(prune(&*store, 200).await.removed, removed(&[("posting", 3)]));
    assert_eq!(store.panel(&user("joy"), &whole).await.unwrap(), Some(event_id("panel-2")));
    for (name, stays) in [("panel-1", false), ("panel-2", true), ("question", true), ("of nobody", false), ("said", false), ("popup", true)]
    {
        assert_eq!(store.posting(&event_id(name)).await.unwrap().is_some(), stays, "{name}");
    }
    // What stands can still be changed.
    post(&*store, in_room("hut", What::Board { sharer: user("joy"), add: None }), editing("hut", "popup", &[("cup", 1)]), "edit").await;
    assert_eq!(postings_of(&*store, "cup").await, ["popup"]);
}

pub(super) async fn a_once_key_stays_taken_for_as_long_and_while_its_delivery_waits(place: &impl Place) {
    let store = place.open().await;
    let key = |name: &str| OnceKey(name.to_owned());
    queue(&*store, vec![once(card("den", "waits"), "waits"), once(card("hut", "sent"), "sent")]).await;
    let sent =
        store.lease_deliveries(at(0), 9, 9).await.unwrap().into_iter().find(|leased| leased.delivery.target == room_target("hut")).unwrap();
    settle(&*store, Settlement::Withheld { id: sent.delivery.id }).await;
    assert_eq!(prune(&*store, 180).await.removed, removed(&[]));
    assert_eq!(store.taken(&[key("waits"), key("sent")]).await.unwrap().len(), 2);
    assert_eq!(prune(&*store, 181).await.removed, removed(&[("once key", 1)]));
    assert_eq!(store.taken(&[key("waits"), key("sent")]).await.unwrap(), [key("waits")].into());
    assert_eq!(cards_in(&*store, "den").await, ["waits"]);
}

fn room_target(name: &str) -> tradepost::domain::delivery::Target {
    tradepost::domain::delivery::Target::Room(room_id(name))
}

pub(super) async fn an_event_stays_seen_for_as_long_and_while_it_waits(place: &impl Place) {
    let store = place.open().await;
    store.take_events(vec![event("den", "done"), event("hut", "pending"), event("nest", "read")]).await.unwrap();
    let said = |name: &str| (Named::Said(name.to_owned()), Some(event_id(name).to_string()));
    for finished in ["done", "read"] {
        let named = if finished == "read" { vec![said("read")] } else { Vec::new() };
        commit(&*store, Commit { finished_event: Some(event_id(finished)), named, ..Commit::default() }).await;
    }
    commit(&*store, Commit { parked: vec![parked("cave", "parked", "s", 0)], ..Commit::default() }).await;
    assert_eq!(prune(&*store, 30).await.removed, removed(&[]));
    assert_eq!(prune(&*store, 31).await.removed, removed(&[("seen event", 1)]));
    let again = ["pending", "read"].map(|name| event("den", name)).to_vec();
    assert_eq!(store.take_events(again).await.unwrap(), 0);
    commit(&*store, Commit { parked: vec![parked("cave", "parked", "s", 0)], ..Commit::default() }).await;
    assert_eq!(store.totals().await.unwrap().parked, 1);
    // What was read is not read again under another id for as long as anything is remembered.
    assert!(store.named(&Named::Said("read".to_owned())).await.unwrap().is_some());
    assert_eq!(prune(&*store, 180).await.removed, removed(&[]));
    assert_eq!(prune(&*store, 181).await.removed, removed(&[("seen event", 1), ("small value", 1)]));
    assert_eq!(store.named(&Named::Said("read".to_owned())).await.unwrap(), None);
}

pub(super) async fn that_a_trade_was_taken_back_is_known_as_long_as_it_or_its_item_is(place: &impl Place) {
    let store = place.open().await;
    follow(&*store, 100).await;
    let undone = |id: &str| (user("joy"), trade("shop", id).id());
    let undone = vec![undone("item"), undone("trade"), undone("gone")];
    let mut trades = all(&["item", "trade", "gone"]);
    trades[1].seen_at = at(100 * DAY);
    commit(&*store, Commit { trades, items: vec![shown_at("item", 90)], undone, ..Commit::default() }).await;
    assert_eq!(prune(&*store, 100).await.removed, removed(&[("trade", 2), ("withdrawn trade", 1)]));
    for (id, is_undone) in [("item", true), ("trade", true), ("gone", false)] {
        assert_eq!(store.is_undone(&user("joy"), &trade("shop", id).id()).await.unwrap(), is_undone, "{id}");
    }
}

pub(super) async fn links_and_hooks_that_nobody_has_go(place: &impl Place) {
    let store = place.open().await;
    let mut joy = sharer("joy", &["shop"], &[]);
    let (platform, purpose) = (PlatformId::new("feed"), Purpose::Add { typed: String::new(), links: None });
    joy.links.push(OneTimeLink { digest: "hers".to_owned(), made_at: at(0), platform, purpose });
    let link = |name: &str, user: &str| (Named::Link(name.to_owned()), Some(super::values::user(user).to_string()));
    let hook = |name: &str, source: &str| (Named::Hook(name.to_owned()), Some(source_id(source).to_string()));
    let push = Subscription {
        hook: "has".to_owned(),
        sealed: String::new(),
        state: SubscriptionState::Active,
        checked_at: at(0),
        expires_at: None,
        next: None,
    };
    let shop = Source { push: Some(push), ..source("shop") };
    let named = vec![
        link("hers", "joy"),
        link("old", "joy"),
        link("gone", "ann"),
        hook("has", "shop"),
        hook("had", "shop"),
        hook("gone", "bazaar"),
    ];
    let named = named.into_iter().chain([(Named::Heard(user("joy")), Some("s1".to_owned()))]).collect();
    commit(&*store, Commit { sharers: vec![joy], sources: vec![shop], named, ..Commit::default() }).await;
    // A hook may just be being made.
    assert_eq!(prune(&*store, 1).await.removed, removed(&[("small value", 2)]));
    assert_eq!(prune(&*store, 1).await.removed, removed(&[]));
    assert_eq!(prune(&*store, 2).await.removed, removed(&[("small value", 2)]));
    for (name, stays) in [
        (Named::Link("hers".to_owned()), true),
        (Named::Link("old".to_owned()), false),
        (Named::Link("gone".to_owned()), false),
        (Named::Hook("has".to_owned()), true),
        (Named::Hook("had".to_owned()), false),
        (Named::Hook("gone".to_owned()), false),
        (Named::Heard(user("joy")), true),
    ] {
        assert_eq!(store.named(&name).await.unwrap().is_some(), stays, "{name:?}");
    }
}

pub(super) async fn a_room_that_was_left_goes_unless_anything_is_still_to_be_done_there(place: &impl Place) {
    let store = place.open().await;
    let left = |name: &str| Room { ours: Membership::Left, ..room(name, &["joy"]) };
    let recent = Room { active_at: at(100 * DAY), ..left("recent") };
    let rooms = vec![left("gone"), left("shared"), left("awaited"), left("pending"), recent, room("joined", &["joy"])];
    let deliveries = vec![NewDelivery { not_before_at: at(900 * DAY), ..card("awaited", "tea") }];
    let events = vec![event("pending", "e")];
    commit(&*store, Commit { rooms, deliveries, events, sharers: vec![sharer("joy", &[], &["shared"])], ..Commit::default() }).await;
    assert_eq!(prune(&*store, 120).await.removed, removed(&[("room", 1)]));
    let mut rooms: Vec<_> = store.rooms_of(&user("joy")).await.unwrap().into_iter().map(|room| room.id).collect();
    rooms.sort();
    assert_eq!(rooms, ["awaited", "joined", "pending", "recent", "shared"].map(room_id));
    assert_eq!(store.room(&room_id("gone")).await.unwrap(), None);
}

pub(super) async fn a_day_that_is_over_need_not_be_counted(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "cup", 0, "posted").await;
    queue(&*store, vec![card("hut", "unknown")]).await;
    let id = lease_one(&*store).await.delivery.id;
    settle(&*store, Settlement::Done { id, event: None, at: at(5) }).await;
    assert_eq!(prune(&*store, 1).await.removed, removed(&[]));
    assert_eq!(prune(&*store, 2).await.removed, removed(&[("count of", 1)]));
    queue(&*store, vec![card("hut", "next")]).await;
    let leased = lease_one(&*store).await;
    assert_eq!((leased.sent_in_day, leased.day_began_at), (0, None));
    assert!(store.last_posting(&room_id("den")).await.unwrap().is_some());
}

pub(super) async fn a_pass_counts_what_is_there(place: &impl Place) {
    let store = place.open().await;
    follow(&*store, 0).await;
    let count = 250;
    let names: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    let (trades, items) = names.iter().map(|name| (trade("shop", name), item("shop", name))).unzip();
    commit(&*store, Commit { trades, items, ..Commit::default() }).await;
    queue(&*store, vec![card("den", "waits")]).await;
    let pruned = prune(&*store, 91).await;
    assert_eq!(pruned.removed, removed(&[("trade", count)]));
    let kept = ["sharer", "source", "item", "trade", "delivery", "posting"].map(|kind| pruned.kept[kind]);
    assert_eq!(kept, [1, 1, count, 0, 1, 0]);
    assert!(!pruned.kept.contains_key("index"));
    assert_eq!(prune(&*store, 91).await.removed, removed(&[]));
}

pub(super) async fn what_comes_to_be_needed_during_a_pass_stays(place: &impl Place) {
    let store = place.open().await;
    follow(&*store, 0).await;
    let names: Vec<String> = (0..400).map(|number| number.to_string()).collect();
    for round in 0..8_i64 {
        let trades: Vec<Trade> = names.iter().map(|name| trade("shop", name)).collect();
        commit(&*store, Commit { trades, ..Commit::default() }).await;
        // Cards of trades that stand there already, one after the other, as the pass goes on.
        let queueing = async {
            for name in names.iter().rev().step_by(20) {
                let shown = about(card("den", ""), name);
                commit(&*store, Commit { trades: vec![trade("shop", name)], deliveries: vec![shown], ..Commit::default() }).await;
            }
        };
        let (pruned, ()) = tokio::join!(prune(&*store, 100 + round), queueing);
        assert!(pruned.removed.get("trade").is_some_and(|count| *count >= 380));
        let waiting: Vec<Delivery> = store.waiting(&room_id("den"), tradepost::domain::delivery::Lane::Cards, 1_000).await.unwrap();
        assert_eq!(waiting.len(), 20 * (usize::try_from(round).unwrap() + 1));
        for delivery in waiting {
            let (trade, _) = delivery.what.trade().unwrap();
            assert!(store.trade(trade).await.unwrap().is_some());
        }
    }
}

pub(super) async fn what_is_pruned_stays_so_after_a_restart(place: &impl Place) {
    let store = place.open().await;
    post_card(&*store, "den", "cup", 0, "old").await;
    post_card(&*store, "den", "cup", 0, "new").await;
    commit(&*store, Commit { trades: all(&["tea"]), ..Commit::default() }).await;
    prune(&*store, 100).await;
    let store = place.reopen(store).await;
    assert_eq!((has_trade(&*store, "tea").await, postings_of(&*store, "cup").await), (false, vec!["new".to_owned()]));
    let found = store.items(&source_id("shop"), &[ExternalId::new("cup")]).await.unwrap();
    assert_eq!(found, []);
}
