//! When a posting is to be brought up to date: an item that it shows was changed, or a trade was
//! withdrawn by its sharer. It is decided where either side is written, so that none is missed.

use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Posting;
use crate::domain::delivery::Shown;
use crate::domain::delivery::What;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::EventId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::source::Item;
use crate::domain::trade::Trade;
use crate::store::Result;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::deliveries;
use crate::store::sled::items::item_key;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::postings;
use crate::store::sled::postings::Row;
use crate::store::sled::settings::trade_key;
use crate::store::sled::shared;
use jiff::Timestamp;

/// Where it stands which delivery was queued last to revise a posting.
pub(super) fn revising_key(event: &EventId) -> Key {
    Key::text(Table::Revising, event.as_str())
}

/// Whether a posting is kept up to date at all.
const fn is_kept(posting: &Posting) -> bool {
    matches!(posting.what, What::Card { .. } | What::Digest { .. } | What::Board { .. })
}

/// Has the postings revised that show an older revision of an item.
pub(super) fn item_raised(item: &Item, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let is_older = |shown: &Shown| shown.source == item.source && shown.external_id == item.external_id && shown.revision < item.revision;
    for Row { posting, .. } in postings::that_show(&item.source, &item.external_id, change)? {
        if is_kept(&posting) && posting.shows.iter().any(is_older) {
            // A posting may have been made by a clock that was ahead and has been set right since.
            let at = item.known_at.map_or(posting.posted_at, |known_at| known_at.min(posting.posted_at));
            revise(&posting, at, memory, change)?;
        }
    }
    Ok(())
}

/// Has the postings revised that show a trade which its sharer withdrew.
pub(super) fn trade_undone(sharer: &UserId, trade: &TradeId, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let Some(Trade { source, external_id, .. }) = change.value(&trade_key(trade))? else {
        return Ok(());
    };
    for Row { posting, .. } in postings::that_show(&source, &external_id, change)? {
        let is_hers = is_kept(&posting) && posting.what.sharer() == Some(sharer);
        if is_hers && posting.shows.iter().any(|shown| shown.trade == *trade) {
            revise(&posting, posting.posted_at, memory, change)?;
        }
    }
    Ok(())
}

/// Has a posting revised that was just made or edited, if it shows what is out of date already. What
/// a revision leaves as it was does not count: whatever made it out of date has queued another one,
/// and this one must not queue itself for ever.
pub(super) fn posted(posting: &Posting, before: Option<&Posting>, by: &What, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let Some(sharer) = posting.what.sharer().filter(|_| is_kept(posting)) else { return Ok(()) };
    let shown_before = before.filter(|_| matches!(by, What::Revise { .. })).map_or(&[][..], |before| &before.shows);
    for shown in &posting.shows {
        let known = shown_before.iter().find(|known| known.trade == shown.trade);
        let is_new = known.is_none_or(|known| known.revision != shown.revision);
        if is_new && is_older(shown, change)? || known.is_none() && shared::is_undone(sharer, &shown.trade, change)? {
            return revise(posting, posting.posted_at, memory, change);
        }
    }
    Ok(())
}

/// Whether the item has changed since.
fn is_older(shown: &Shown, change: &Change<'_>) -> Result<bool> {
    let item: Option<Item> = change.value(&item_key(&shown.source, shown.external_id.as_str()))?;
    Ok(item.is_some_and(|item| item.revision > shown.revision))
}

/// Queues a revision, unless one waits that will see everything as it is now: whoever holds one may
/// have looked already.
fn revise(posting: &Posting, at: Timestamp, memory: &Memory, change: &mut Change<'_>) -> Result<()> {
    let key = revising_key(&posting.event);
    if let Some(id) = change.value(&key)?
        && deliveries::is_untouched(id, memory, change)?
    {
        return Ok(());
    }
    let what = What::Revise { event: posting.event.clone() };
    let id = deliveries::add_one(NewDelivery::in_room(posting.room.clone(), what, at), change)?;
    change.put(key, &id)
}

/// Forgets what was queued to revise a posting that is forgotten.
pub(super) fn forget(event: &EventId, change: &mut Change<'_>) -> Result<()> {
    let key = revising_key(event);
    if let Some(id) = change.value(&key)? {
        deliveries::forget(id, change);
        change.remove(key);
    }
    Ok(())
}

/// Forgets that a revision was queued, if this was the last one.
pub(super) fn ended(id: DeliveryId, what: &What, change: &mut Change<'_>) -> Result<()> {
    if let What::Revise { event } = what {
        let key = revising_key(event);
        if change.value(&key)? == Some(id) {
            change.remove(key);
        }
    }
    Ok(())
}
