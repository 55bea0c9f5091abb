//! Values for tests of stores: short to make, each telling who it is.

use jiff::Timestamp;
use tradepost::domain::category::Selection;
use tradepost::domain::delivery::Frozen;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::Leased;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::OnceKey;
use tradepost::domain::delivery::Settlement;
use tradepost::domain::delivery::Target;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::DeliveryId;
use tradepost::domain::ids::EventId;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::Number;
use tradepost::domain::ids::PlatformId;
use tradepost::domain::ids::RoomId;
use tradepost::domain::ids::SourceId;
use tradepost::domain::ids::TradeId;
use tradepost::domain::ids::UserId;
use tradepost::domain::notice::Notice;
use tradepost::domain::room::Member;
use tradepost::domain::room::Membership;
use tradepost::domain::room::Room;
use tradepost::domain::settings::Settings;
use tradepost::domain::sharer::Account;
use tradepost::domain::sharer::Consent;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Language;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::source::Item;
use tradepost::domain::source::Source;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::store::Commit;
use tradepost::store::ParkedEvent;
use tradepost::store::PendingEvent;
use tradepost::store::Retention;
use tradepost::store::Store;

/// So many seconds after the time at which all tests begin.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_900_000_000 + seconds).unwrap()
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(format!("@{name}:a.example"))
}

pub(crate) fn room_id(name: &str) -> RoomId {
    RoomId::new(format!("!{name}:a.example"))
}

pub(crate) fn event_id(name: &str) -> EventId {
    EventId::new(format!("${name}"))
}

pub(crate) fn source_id(name: &str) -> SourceId {
    SourceId::new(format!("feed:{name}"))
}

pub(crate) fn source(name: &str) -> Source {
    Source::new(source_id(name), PlatformId::new("feed"), name.to_owned(), Line::title(name), 600, at(0))
}

fn account(number: u32, source: &str) -> Account {
    Account {
        number: Number(number),
        source: source_id(source),
        platform: PlatformId::new("feed"),
        label: Line::title(source),
        kinds: vec![Kind::Listing],
        paused: false,
        baseline_pending: true,
        interval_seconds: None,
        needs_secret: false,
        formerly: None,
        added_at: at(0),
    }
}

fn contact(number: u32, room: &str) -> Contact {
    Contact {
        number: Number(number),
        room: room_id(room),
        person: user("mary"),
        name: Line::title("Mary"),
        state: ContactState::On,
        mute: None,
        introduced: false,
        settings: Settings::default(),
        only: Selection::All,
        consent: Consent::NotNeeded,
        told_pin: false,
        identity: None,
    }
}

/// Somebody who follows `sources` and shares in `rooms`; she chose a language, so that there is always
/// something to be kept of her.
pub(crate) fn sharer(name: &str, sources: &[&str], rooms: &[&str]) -> Sharer {
    let mut sharer = Sharer { language: Some(Language::English), ..Sharer::new(user(name)) };
    for source in sources {
        let number = sharer.take_number();
        sharer.accounts.push(account(number.0, source));
    }
    for room in rooms {
        let number = sharer.take_number();
        sharer.contacts.push(contact(number.0, room));
    }
    sharer
}

pub(crate) fn room(name: &str, members: &[&str]) -> Room {
    let member = Member { membership: Membership::Joined, name: None };
    let mut room = Room::new(room_id(name), Membership::Joined, at(0));
    room.members = members.iter().map(|name| (user(name), member.clone())).collect();
    room
}

pub(crate) fn trade(source: &str, id: &str) -> Trade {
    Trade::listing(source_id(source), ExternalId::new(id), Line::title(id), at(0))
}

pub(crate) fn item(source: &str, id: &str) -> Item {
    Item::of(&trade(source, id))
}

/// A card, due at the beginning.
pub(crate) fn card(room: &str, name: &str) -> NewDelivery {
    let what = What::Card { sharer: user("joy"), trade: TradeId::new(name), shop: Line::title("shop") };
    NewDelivery::in_room(room_id(room), what, at(0))
}

pub(crate) fn digest(room: &str, name: &str) -> NewDelivery {
    let what = What::Digest { sharer: user("joy"), trades: vec![(TradeId::new(name), Line::title("shop"))] };
    NewDelivery::in_room(room_id(room), what, at(0))
}

pub(crate) fn gathered(room: &str, name: &str) -> NewDelivery {
    let what = What::Gathered { sharer: user("joy"), trade: TradeId::new(name), shop: Line::title("shop") };
    NewDelivery::in_room(room_id(room), what, at(0))
}

pub(crate) fn held(room: &str, name: &str) -> NewDelivery {
    let what = What::Held { sharer: user("joy"), trade: TradeId::new(name), shop: Line::title("shop") };
    NewDelivery::in_room(room_id(room), what, at(0))
}

/// A change of Joy's board.
pub(crate) fn board(room: &str, name: &str) -> NewDelivery {
    let what = What::Board { sharer: user("joy"), add: Some((TradeId::new(name), Line::title("shop"))) };
    NewDelivery::in_room(room_id(room), what, at(0))
}

/// A reply, due at the beginning.
pub(crate) fn reply(room: &str, name: &str) -> NewDelivery {
    let what = What::Reply { to: event_id(name), reader: user("joy"), openly: false, notice: Notice::HelpInDirectRoom };
    NewDelivery::in_room(room_id(room), what, at(0))
}

pub(crate) fn notice(person: &str) -> NewDelivery {
    NewDelivery::to_person(user(person), Notice::Greeting, at(0))
}

pub(crate) fn once(delivery: NewDelivery, key: &str) -> NewDelivery {
    NewDelivery { once: Some(OnceKey(key.to_owned())), ..delivery }
}

pub(crate) fn frozen(room: &str, text: &str) -> Frozen {
    Frozen::message(&room_id(room), &format!("{{\"body\":\"{text}\"}}"))
}

pub(crate) fn event(room: &str, name: &str) -> PendingEvent {
    PendingEvent { id: event_id(name), room: room_id(room), received_at: at(0), json: format!("{{\"content\":\"{name}\"}}") }
}

/// An encrypted event that waits for the key of `session`, received after `seconds`.
pub(crate) fn parked(room: &str, name: &str, session: &str, seconds: i64) -> ParkedEvent {
    let event = PendingEvent { received_at: at(seconds), ..event(room, name) };
    ParkedEvent { event, session: session.to_owned(), reader: None, told: false }
}

pub(crate) fn done(id: DeliveryId, event: &str, when: Timestamp) -> Settlement {
    Settlement::Done { id, event: Some(event_id(event)), at: when }
}

/// What a test calls a delivery.
pub(crate) fn name_of(what: &What) -> String {
    match what {
        What::Card { trade, .. } | What::Gathered { trade, .. } | What::Held { trade, .. } | What::Board { add: Some((trade, _)), .. } => {
            trade.to_string()
        }
        What::Digest { trades, .. } => trades.first().map(|(trade, _)| trade.to_string()).unwrap_or_default(),
        What::Expire { event } | What::Revise { event } | What::Redact { event } => event.as_str().trim_start_matches('$').to_owned(),
        What::Reply { to, .. } => to.as_str().trim_start_matches('$').to_owned(),
        other => format!("{other:?}"),
    }
}

pub(crate) fn names(leased: &[Leased]) -> Vec<String> {
    leased.iter().map(|leased| name_of(&leased.delivery.what)).collect()
}

/// Commits deliveries.
pub(crate) async fn queue(store: &dyn Store, deliveries: Vec<NewDelivery>) {
    let commit = Commit { deliveries, ..Commit::default() };
    store.commit(commit).await.unwrap();
}

/// Leases what is due at the beginning.
pub(crate) async fn lease(store: &dyn Store) -> Vec<Leased> {
    store.lease_deliveries(at(0), 100, 100).await.unwrap()
}

/// Leases what is due at the beginning, which must be one delivery.
pub(crate) async fn lease_one(store: &dyn Store) -> Leased {
    let mut leased = lease(store).await;
    assert_eq!(leased.len(), 1, "{:?}", names(&leased));
    leased.remove(0)
}

pub(crate) async fn settle(store: &dyn Store, settlement: Settlement) {
    store.settle(vec![settlement]).await.unwrap();
}

/// The names of what waits in a lane of a room.
pub(crate) async fn names_in(store: &dyn Store, room: &str, lane: Lane) -> Vec<String> {
    let waiting = store.waiting(&room_id(room), lane, 100).await.unwrap();
    waiting.iter().map(|delivery| name_of(&delivery.what)).collect()
}

/// The names of the cards that wait in a room.
pub(crate) async fn cards_in(store: &dyn Store, room: &str) -> Vec<String> {
    names_in(store, room, Lane::Cards).await
}

/// What forgets everything that is not needed.
pub(crate) fn everything_is_old() -> Retention {
    let before = at(100_000_000);
    Retention { now: before, trades_before: before, seen_before: before, events_before: before, buried_before: before }
}

/// Nothing in any room: where deliveries go that have no room.
pub(crate) fn person(name: &str) -> Target {
    Target::Person(user(name))
}
