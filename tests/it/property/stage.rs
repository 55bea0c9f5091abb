//! Plays stories with the real intake, store and outbox, and reads from the homeserver what arrived.

use super::model::either;
use super::story::Choice;
use super::story::ContactPlan;
use super::story::Market;
use super::story::SHOPS;
use super::story::Sharing;
use super::story::Story;
use super::values::as_sharer;
use super::values::as_trade;
use super::values::begins_at;
use crate::store::values::room;
use crate::store::values::room_id;
use crate::store::values::source;
use crate::store::values::source_id;
use crate::support::fake_homeserver::Event;
use crate::support::polling::intake;
use crate::support::sending::Sending;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use tradepost::classify::BuiltIn;
use tradepost::clock::Clock;
use tradepost::domain::ids::RoomId;
use tradepost::domain::sharer::Contact;
use tradepost::domain::source::Fetched;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::intake::Intake;
use tradepost::intake::Way;
use tradepost::matrix::render::TRADE;
use tradepost::matrix::render::TRADES;
use tradepost::store::Commit;

const HOLD: SignedDuration = SignedDuration::from_mins(15);
/// The shelves of the shops are the built-in categories, so that no word of a title means one.
const SHELVES: &str = r#"
    category = [
        { id = "electronics", name = { en = "e", zh-CN = "电" }, platform = { ids = { shelf = ["1"] } } },
        { id = "home-goods", name = { en = "h", zh-CN = "家" }, platform = { ids = { shelf = ["2"] } } },
    ]
"#;

pub(super) struct Stage {
    sending: Sending,
    intake: Intake,
    rooms: Vec<RoomId>,
    /// When purchases were found, by their ids.
    purchases: BTreeMap<String, Timestamp>,
    /// How many events have been looked at for when they came.
    looked_at: usize,
}

impl Stage {
    /// The rooms of all who are in the story, and the shops that anybody follows.
    pub(super) async fn new(story: &Story) -> Self {
        let mut sending = Sending::empty().await;
        sending.settings.digest_above = 1_000;
        let mut rooms = BTreeMap::new();
        for sharing in &story.sharers {
            let desk = format!("{}-desk", sharing.name);
            rooms.insert(desk.clone(), room(&desk, &[sharing.name, "tradepost"]));
            for contact in &sharing.contacts {
                let name = sharing.room(contact);
                rooms.insert(name.clone(), room(&name, &[sharing.name, contact.person, "tradepost"]));
            }
        }
        let ids = rooms.keys().map(|name| room_id(name)).collect();
        let follows = |shop: &&str| story.sharers.iter().flat_map(|sharing| &sharing.accounts).any(|account| account.shop == *shop);
        let sources = SHOPS.iter().filter(|shop| follows(shop)).map(|shop| source(shop)).collect();
        let sharers = story.sharers.iter().map(as_sharer).collect();
        sending.commit(Commit { sharers, sources, rooms: rooms.into_values().collect(), ..Commit::default() }).await;
        let intake = intake(&sending.store, BuiltIn::read(SHELVES, true).unwrap());
        sending.start();
        Self { sending, intake, rooms: ids, purchases: BTreeMap::new(), looked_at: 0 }
    }

    pub(super) fn next_round(&mut self, number: usize) {
        self.sending.clock.set(begins_at(number));
    }

    /// What the sharers and their contacts decided last.
    pub(super) async fn sharers_decide(&self, story: &Story) {
        for sharing in &story.sharers {
            let planned = as_sharer(sharing);
            let mut stored = self.sending.store.sharer(&planned.id).await.unwrap().unwrap();
            for (contact, planned) in stored.contacts.iter_mut().zip(planned.contacts) {
                *contact = Contact { introduced: contact.introduced, told_pin: contact.told_pin, ..planned };
            }
            self.sending.commit(Commit { sharers: vec![stored], ..Commit::default() }).await;
        }
    }

    /// A shop is looked at, where anybody follows it.
    pub(super) async fn poll(&mut self, shop: &str, market: &Market) {
        let Some(source) = self.sending.store.source(&source_id(shop)).await.unwrap() else { return };
        let now = self.sending.clock.now();
        let here = market.standing.iter().filter(|(at, _)| *at == shop).map(|(_, standing)| standing);
        // Shops list the newest first.
        let trades: Vec<Trade> = here.clone().rev().map(|standing| as_trade(shop, standing, now)).collect();
        for bought in here.filter(|standing| standing.kind == Kind::Purchase) {
            self.purchases.entry(bought.id.clone()).or_insert(now);
        }
        let followers = self.sending.store.followers(&source.id).await.unwrap();
        let fetched = Fetched::Changed { cursor: None, label: Line::title(shop), trades, complete: false, gone: Vec::new(), more: false };
        let commit = self.intake.absorb(source, fetched, followers, Way::Polled, now).await.unwrap();
        self.sending.commit(commit).await;
    }

    /// Lets time pass until nothing waits, and tells what has arrived so far, and of contacts that
    /// stayed as they were how it stands there now.
    pub(super) async fn drained(&self, story: &Story) -> Vec<String> {
        self.sending.drain(&self.rooms).await;
        let events = self.sending.homeserver.events();
        let mut present: BTreeMap<&str, Value> = BTreeMap::new();
        for event in &events {
            let mut content = event.content();
            match content.get_mut("m.new_content").map(Value::take) {
                Some(new) => present.insert(content["m.relates_to"]["event_id"].as_str().map(|id| id_in(&events, id)).unwrap(), new),
                None => present.insert(&event.id, content),
            };
        }
        let new = events.iter().filter(|event| is_new_message(event));
        new.flat_map(|event| self.told(event, &present[event.id.as_str()], story)).collect()
    }

    /// What a message tells that shows `content` now.
    fn told(&self, event: &Event, content: &Value, story: &Story) -> Vec<String> {
        let (room, body) = (name_of(&event.room), content["body"].as_str().unwrap());
        if let Some(card) = content.get(TRADE) {
            let (sharer, kind) = (name_of_sharer(card), card["kind"].as_str().unwrap());
            let is_gone = self.sending.homeserver.is_redacted(&event.id);
            let mentioned = content["m.mentions"]["user_ids"][0].as_str();
            let is_theirs = mentioned.is_none_or(|person| room.contains(name_of(person)) && name_of(person) != sharer);
            let form = match (mentioned.is_some(), is_gone) {
                _ if !is_theirs => "popup for somebody else",
                (true, true) => "popup (gone again)",
                (true, false) => "popup",
                (false, true) => "card (gone again)",
                (false, false) => "card",
            };
            let shown = shown_in(body, !is_gone && story.is_unchanged(sharer, room));
            return vec![format!("{room}: {sharer}'s {form}, {kind}, {shown}")];
        }
        if let Some(list) = content.get(TRADES) {
            let sharer = name_of_sharer(list);
            let is_unchanged = story.is_unchanged(sharer, room);
            let form = if body.starts_with("What ") { "board" } else { "digest" };
            if form == "board" && !is_unchanged {
                return Vec::new();
            }
            let kinds = list["trades"].as_array().unwrap().iter().map(|trade| trade["kind"].as_str().unwrap());
            let entries = body.lines().filter_map(|line| line.strip_prefix("• ")).map(|entry| shown_in(entry, is_unchanged));
            return kinds.zip(entries).map(|(kind, shown)| format!("{room}: {sharer}'s {form}, {kind}, {shown}")).collect();
        }
        if let Some((sharer, _)) = room.split_once("-desk") {
            let line = body.lines().next().unwrap().trim_start_matches("You bought this: ");
            let title = line.split(" – ").next().unwrap();
            let people: BTreeSet<&str> = body.lines().filter_map(|line| line.strip_prefix("• ")).collect();
            return vec![format!("{sharer} is first shown {title}, which goes to {}", people.into_iter().collect::<Vec<_>>().join(", "))];
        }
        vec![format!("{room}: {} is introduced", body.split(' ').next().unwrap())]
    }

    /// What came in this round although it was quiet then, or before its hour or the end of its hold.
    pub(super) fn too_early(&mut self, story: &Story) -> Vec<String> {
        let events = self.sending.homeserver.events();
        let mut wrong = Vec::new();
        for event in events[self.looked_at..].iter().filter(|event| event.kind == "m.room.message") {
            let content = event.content();
            let content = content.get("m.new_content").unwrap_or(&content);
            let (room, body) = (name_of(&event.room), content["body"].as_str().unwrap());
            let is_early = |(id, bought_at): (&String, &Timestamp)| body.contains(id.as_str()) && event.at < *bought_at + HOLD;
            if !room.ends_with("-desk") && self.purchases.iter().any(is_early) {
                wrong.push(format!("{room}: a purchase at {}, before its hold is over: {body}", event.at));
            }
            let named = content.get(TRADE).or(content.get(TRADES)).map(name_of_sharer);
            let name = named.unwrap_or_else(|| body.split(' ').next().unwrap());
            let Some(sharing) = story.sharers.iter().find(|sharing| sharing.name == name) else { continue };
            let Some(contact) = sharing.contacts.iter().find(|contact| sharing.room(contact) == room) else { continue };
            if !is_new_message(event) {
                continue;
            }
            let hour = local_hour(sharing, contact, event.at);
            let quiet = either(&contact.settings.quiet, &sharing.settings.quiet);
            if is_quiet(quiet, hour) {
                wrong.push(format!("{room}: {name} at hour {hour}, when it is quiet: {body}"));
            }
            let is_digest = content.get(TRADES).is_some() && !body.starts_with("What ");
            let wanted = f64::from(contact.settings.digest_hour.or(sharing.settings.digest_hour).unwrap_or(18));
            let wanted = match quiet {
                Choice::Only((_, until)) if is_quiet(quiet, wanted) => f64::from(*until),
                _ => wanted,
            };
            // Where both share, what one of them sends may wait behind what the other must not send yet.
            let is_alone = !story.sharers.iter().any(|other| other.name == contact.person);
            if is_digest && is_alone && (hour - wanted).abs() > f64::EPSILON {
                wrong.push(format!("{room}: {name}'s digest at hour {hour} and not {wanted}: {body}"));
            }
        }
        self.looked_at = events.len();
        wrong
    }
}

fn is_new_message(event: &Event) -> bool {
    event.kind == "m.room.message" && event.content().get("m.new_content").is_none()
}

/// The hour there, as a clock on the wall shows it.
fn local_hour(sharing: &Sharing, contact: &ContactPlan, at: Timestamp) -> f64 {
    let is_shanghai = contact.settings.in_shanghai.or(sharing.settings.in_shanghai).unwrap_or(false);
    let seconds = at.as_second() + if is_shanghai { 8 * 3_600 } else { 0 };
    let of_day = i32::try_from(seconds % 86_400).unwrap();
    f64::from(of_day) / 3_600.0
}

fn is_quiet(quiet: &Choice<(i8, i8)>, hour: f64) -> bool {
    let Choice::Only((from, until)) = quiet else { return false };
    let (from, until) = (f64::from(*from), f64::from(*until));
    if from < until { from <= hour && hour < until } else { hour >= from || hour < until }
}

/// The name in an id, `@joy:a.example` or `!joy+mary:a.example`.
fn name_of(id: &str) -> &str {
    id[1..].split(':').next().unwrap()
}

fn name_of_sharer(shown: &Value) -> &str {
    name_of(shown["sharer"].as_str().unwrap())
}

/// The id as one of `events` has it.
fn id_in<'a>(events: &'a [Event], id: &str) -> &'a str {
    &events.iter().find(|event| event.id == id).unwrap().id
}

/// An item as a card or an entry says it, `tea - EUR 20.00 - no longer available`; or its title alone.
fn shown_in(text: &str, whole: bool) -> String {
    let mut parts = text.lines().next().unwrap().split(" - ");
    let title = parts.next().unwrap().to_owned();
    if !whole {
        return title;
    }
    let parts: Vec<&str> = parts.collect();
    let price = parts.iter().find_map(|part| part.split_once(' ').filter(|(currency, _)| matches!(*currency, "EUR" | "USD")));
    let price = price.map_or("no price".to_owned(), |(currency, amount)| format!("{} {currency}", amount.trim_end_matches(".00")));
    format!("{title}, {price}{}", if parts.contains(&"no longer available") { ", gone" } else { "" })
}
