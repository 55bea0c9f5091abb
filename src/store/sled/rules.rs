//! What a pass of pruning may forget, table by table. `may_go` says of a value, read outside the writer,
//! whether it is old enough to be looked at; `forget` decides in the writer, by what is there then.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::Lane;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::SourceId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::room::Membership;
use crate::domain::room::Room;
use crate::domain::sharer::Sharer;
use crate::domain::source::Item;
use crate::domain::source::Source;
use crate::domain::source::Subscription;
use crate::domain::trade::Trade;
use crate::store::Remembered;
use crate::store::Result;
use crate::store::Retention;
use crate::store::sled::Memory;
use crate::store::sled::buried;
use crate::store::sled::change::Change;
use crate::store::sled::codec::decode;
use crate::store::sled::deliveries::Taken;
use crate::store::sled::deliveries::delivery_key;
use crate::store::sled::events::seen_key;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::named::HOOK;
use crate::store::sled::named::LINK;
use crate::store::sled::named::SAID;
use crate::store::sled::needed::Needed;
use crate::store::sled::parked::parked_key;
use crate::store::sled::postings;
use crate::store::sled::postings::Row;
use crate::store::sled::postings::posting_key;
use crate::store::sled::revisions::revising_key;
use crate::store::sled::settings;
use crate::store::sled::settings::sharer_key;
use crate::store::sled::settings::source_key;
use crate::store::sled::settings::trade_key;
use crate::store::sled::settlements::Sent;
use crate::store::sled::settlements::sent_key;
use crate::store::sled::tables::Tables;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use strum::IntoEnumIterator;

/// For how long an address of ours may be without a source while it is being made.
const MAKING: SignedDuration = SignedDuration::from_hours(24);

/// A day's count is over after this.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The addresses of ours that no source had at the last pass, and since when.
pub(super) type Orphans = BTreeMap<Vec<u8>, Timestamp>;

/// What holds for a pass.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) before: Retention,
    /// What waits, stands or was decided needs these trades, events and items.
    pub(super) needed: Needed,
    /// The listings of items that are known: they must not come up again as not taken back.
    pub(super) listed: Needed,
    /// The events that were read and must not be read again under another id.
    pub(super) said: Needed,
    orphans: Orphans,
}

/// Of a posting, what says how old it is.
#[derive(Deserialize)]
struct Posted {
    posted_at: Timestamp,
}

/// Of a trade, what says how old it is.
#[derive(Deserialize)]
struct Seen {
    seen_at: Timestamp,
}

/// A value that can be read; one that cannot is left for somebody to look at.
fn read<T: DeserializeOwned>(key: &Key, bytes: &[u8]) -> Option<T> {
    decode(key, bytes).ok()
}

fn is_named(key: &Key, name: &str) -> bool {
    key.table() == Table::Named && key.bytes().starts_with(Key::first(Table::Named, name).bytes())
}

/// Whether a small value is the event by which something encrypted was read.
pub(super) fn is_said(key: &Key) -> bool {
    is_named(key, SAID)
}

/// When a source last showed an item, as far as is known.
fn last_shown(item: &Item) -> Timestamp {
    item.seen_at.max(item.known_at.unwrap_or(item.seen_at)).max(item.shown_at.unwrap_or(item.seen_at))
}

impl Rules {
    pub(super) fn new(before: Retention, orphans: Orphans) -> Self {
        Self { before, needed: Needed::default(), listed: Needed::default(), said: Needed::default(), orphans }
    }

    /// Whether a value is old enough to be looked at by the writer.
    pub(super) fn may_go(&self, key: &Key, bytes: &[u8], tables: &Tables) -> Result<bool> {
        let before = &self.before;
        let has = |key: &Key| tables.bytes(key).map(|bytes| bytes.is_some());
        Ok(match key.table() {
            Table::Buried => read::<Delivery>(key, bytes).is_some_and(|delivery| given_up_at(&delivery) < before.buried_before),
            Table::Room => read::<Room>(key, bytes).is_some_and(|room| self.is_left(&room)),
            Table::Sent => read::<Sent>(key, bytes).is_some_and(|sent| self.is_over(&sent)),
            Table::Posting => read::<Posted>(key, bytes).is_some_and(|posted| posted.posted_at < before.trades_before),
            Table::Remembered => match read::<Remembered>(key, bytes) {
                Some(remembered) => !has(&posting_key(&remembered.on))?,
                None => false,
            },
            Table::Trade => {
                read::<Seen>(key, bytes).is_some_and(|trade| trade.seen_at < before.trades_before) && !self.needed.has(key.rest())
            }
            Table::Item => {
                read::<Item>(key, bytes).is_some_and(|item| last_shown(&item) < before.seen_before) && !self.needed.has(key.bytes())
            }
            Table::Undone => {
                let trade = key.second();
                !self.listed.has(&trade) && !self.needed.has(&trade) && !has(&trade_key(&TradeId::new(trade)))?
            }
            Table::Once => read::<Taken>(key, bytes).is_some_and(|taken| taken.at().is_none_or(|at| at < before.seen_before)),
            Table::Seen => read::<Timestamp>(key, bytes).is_some_and(|at| at < self.seen_until(key)),
            Table::Named => self.may_go_named(key, bytes, tables)?,
            _ => false,
        })
    }

    fn may_go_named(&self, key: &Key, bytes: &[u8], tables: &Tables) -> Result<bool> {
        let Some(value) = read::<String>(key, bytes) else { return Ok(false) };
        if is_said(key) {
            return Ok(tables.bytes(&seen_key(&EventId::new(value)))?.is_none());
        }
        let is_late = self.orphans.get(key.bytes()).is_some_and(|since| self.before.now.duration_since(*since) >= MAKING);
        Ok(is_named(key, LINK) || is_late && is_named(key, HOOK))
    }

    /// Until when an event counts as seen: what was read of it keeps it longer.
    fn seen_until(&self, key: &Key) -> Timestamp {
        if self.said.has(key.rest()) { self.before.events_before.min(self.before.seen_before) } else { self.before.events_before }
    }

    /// Whether the bot has been out of a room for long.
    fn is_left(&self, room: &Room) -> bool {
        room.ours == Membership::Left && room.heard_by.is_none() && room.active_at.max(room.entered_at) < self.before.trades_before
    }

    /// Whether a count says nothing any more.
    fn is_over(&self, sent: &Sent) -> bool {
        sent.newest.is_none() && sent.day_began_at.is_none_or(|began| self.before.now.duration_since(began) >= DAY)
    }

    /// Forgets a value if it may go, as everything is now; answers whether it did.
    pub(super) fn forget(&self, key: &Key, memory: &Memory, change: &mut Change<'_>) -> Result<bool> {
        if memory.needed.as_ref().is_none_or(|needed| needed.has(key.rest()) || needed.has(key.bytes())) {
            return Ok(false);
        }
        match key.table() {
            Table::Buried => self.buried(key, change),
            Table::Room => self.room(key, memory, change),
            Table::Sent => {
                let sent: Option<Sent> = change.value(key)?;
                Ok(sent.is_some_and(|sent| self.is_over(&sent)) && gone(key, change))
            }
            Table::Posting => self.posting(key, change),
            Table::Remembered => {
                let remembered: Option<Remembered> = change.value(key)?;
                let is_over = remembered.map(|remembered| change.has(&posting_key(&remembered.on))).transpose()? == Some(false);
                Ok(is_over && gone(key, change))
            }
            Table::Trade => {
                let trade: Option<Trade> = change.value(key)?;
                Ok(trade.is_some_and(|trade| trade.seen_at < self.before.trades_before) && gone(key, change))
            }
            Table::Item => self.item(key, change),
            Table::Undone => {
                let trade = key.second();
                let is_needed = memory.needed.as_ref().is_none_or(|needed| needed.has(&trade));
                Ok(!is_needed && !change.has(&trade_key(&TradeId::new(trade)))? && gone(key, change))
            }
            Table::Once => self.once(key, change),
            Table::Seen => self.seen(key, memory, change),
            Table::Named => named(key, change),
            _ => Ok(false),
        }
    }

    fn buried(&self, key: &Key, change: &mut Change<'_>) -> Result<bool> {
        let delivery: Option<Delivery> = change.value(key)?;
        match delivery.filter(|delivery| given_up_at(delivery) < self.before.buried_before) {
            Some(delivery) => Ok(buried::take_out(delivery.id, change)?.is_some()),
            None => Ok(false),
        }
    }

    /// A room goes with its count, unless somebody shares there or anything is still to be done in it.
    fn room(&self, key: &Key, memory: &Memory, change: &mut Change<'_>) -> Result<bool> {
        let Some(room) = change.value::<Room>(key)?.filter(|room| self.is_left(room)) else { return Ok(false) };
        let target = Target::Room(room.id.clone());
        let is_awaited = Lane::iter().any(|lane| memory.queue.in_lane(&target, lane).next().is_some()) || memory.events.has_of(&room.id);
        if is_awaited || change.any(&Key::first(Table::Contact, room.id.as_str()))? {
            return Ok(false);
        }
        settings::remove_room(&room, change);
        change.remove(sent_key(&target));
        Ok(true)
    }

    /// A posting stays while it is the only one of its kind, the newest of its room, or may be answered.
    fn posting(&self, key: &Key, change: &mut Change<'_>) -> Result<bool> {
        let Some(row) = change.value::<Row>(key)?.filter(|row| row.posting.posted_at < self.before.trades_before) else {
            return Ok(false);
        };
        let posting = &row.posting;
        let sent: Option<Sent> = change.value(&sent_key(&Target::Room(posting.room.clone())))?;
        let is_newest = sent.and_then(|sent| sent.newest).as_ref() == Some(&posting.event);
        let is_question = match &posting.what {
            What::Introduction { sharer, asks: true } => change.has(&Key::pair(Table::Contact, posting.room.as_str(), sharer.as_str()))?,
            _ => false,
        };
        if is_newest || is_question || self.needed.has(posting.event.as_str()) || postings::is_the_one(&row, change)? {
            return Ok(false);
        }
        change.remove(revising_key(&posting.event));
        postings::forget(&row, change)?;
        Ok(true)
    }

    /// An item goes when its source has gone on being read for as long without showing it.
    fn item(&self, key: &Key, change: &mut Change<'_>) -> Result<bool> {
        let Some(item) = change.value::<Item>(key)?.filter(|item| last_shown(item) < self.before.seen_before) else { return Ok(false) };
        if let Some(source) = change.value::<Source>(&source_key(&item.source))? {
            let span = self.before.now.duration_since(self.before.seen_before);
            if source.listed_at.is_none_or(|listed_at| listed_at.duration_since(last_shown(&item)) < span) {
                return Ok(false);
            }
        }
        if change.any(&Key::firsts(Table::Showing, item.source.as_str(), item.external_id.as_str()))? {
            return Ok(false);
        }
        if item.shown_at.is_none() {
            // Of an item of an earlier version nobody knows when it was shown: its time begins now.
            change.put(key.clone(), &Item { shown_at: Some(self.before.now), ..item })?;
            return Ok(false);
        }
        Ok(gone(key, change))
    }

    fn once(&self, key: &Key, change: &mut Change<'_>) -> Result<bool> {
        let Some(taken) = change.value::<Taken>(key)? else { return Ok(false) };
        let Some(at) = taken.at() else {
            change.put(key.clone(), &Taken::new(taken.by(), self.before.now))?;
            return Ok(false);
        };
        let waits = change.has(&delivery_key(taken.by()))? || change.has(&Key::number(Table::Buried, taken.by().0))?;
        Ok(at < self.before.seen_before && !waits && gone(key, change))
    }

    fn seen(&self, key: &Key, memory: &Memory, change: &mut Change<'_>) -> Result<bool> {
        let id = EventId::new(String::from_utf8_lossy(key.rest()));
        let at: Option<Timestamp> = change.value(key)?;
        let waits = memory.events.is_pending(&id) || change.has(&parked_key(&id))?;
        Ok(!waits && at.is_some_and(|at| at < self.seen_until(key)) && gone(key, change))
    }
}

/// Whether a small value is an address of ours that no source has.
pub(super) fn is_orphan(key: &Key, bytes: &[u8], tables: &Tables) -> Result<bool> {
    let Some(source) = read::<String>(key, bytes).filter(|_| is_named(key, HOOK)) else { return Ok(false) };
    Ok(!has_hook(tables.value(&source_key(&SourceId::new(source)))?.as_ref(), &key.second()))
}

fn gone(key: &Key, change: &mut Change<'_>) -> bool {
    change.remove(key.clone());
    true
}

/// When a delivery was given up, as far as is known.
fn given_up_at(delivery: &Delivery) -> Timestamp {
    delivery.not_before_at.max(delivery.first_attempt_at.unwrap_or(delivery.not_before_at))
}

fn has_hook(source: Option<&Source>, hook: &str) -> bool {
    source.and_then(|source| source.push.as_ref()).is_some_and(|push| push.all().any(|one: &Subscription| one.hook == hook))
}

/// A small value that belongs to something that is gone.
fn named(key: &Key, change: &mut Change<'_>) -> Result<bool> {
    let Some(value) = change.value::<String>(key)? else { return Ok(false) };
    let is_needed = if is_said(key) {
        change.has(&seen_key(&EventId::new(value)))?
    } else if is_named(key, LINK) {
        let sharer: Option<Sharer> = change.value(&sharer_key(&UserId::new(value)))?;
        sharer.is_some_and(|sharer| sharer.links.iter().any(|link| link.digest == key.second()))
    } else {
        !is_named(key, HOOK) || has_hook(change.value(&source_key(&SourceId::new(value)))?.as_ref(), &key.second())
    };
    Ok(!is_needed && gone(key, change))
}
