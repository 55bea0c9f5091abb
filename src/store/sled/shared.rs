//! What was decided about trades: numbered for each sharer, found by number and by trade, the oldest
//! forgotten; and which trades she withdrew, which is never forgotten.

use crate::domain::ids::Number;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::shared::KEPT;
use crate::domain::shared::SharedTrade;
use crate::store::Result;
use crate::store::sled::change::Change;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::tables::Tables;

fn shared_key(sharer: &UserId, number: Number) -> Key {
    Key::numbered(Table::Shared, sharer.as_str(), number.0)
}

/// Where the last of her numbers stands.
pub(super) fn last_key(sharer: &UserId) -> Key {
    Key::text(Table::LastShared, sharer.as_str())
}

fn decided_key(sharer: &UserId, trade: &TradeId) -> Key {
    Key::pair(Table::Decided, sharer.as_str(), trade.as_str())
}

/// Where it stands that a sharer withdrew a trade.
pub(super) fn undone_key(sharer: &UserId, trade: &TradeId) -> Key {
    Key::pair(Table::Undone, sharer.as_str(), trade.as_str())
}

/// Numbers and writes what was decided about a trade, unless the sharer has it already.
pub(super) fn add(mut shared: SharedTrade, change: &mut Change<'_>) -> Result<()> {
    change.need(shared.trade.as_str());
    let decided = decided_key(&shared.sharer, &shared.trade);
    if change.has(&decided)? {
        return Ok(());
    }
    let last: Option<u32> = change.value(&last_key(&shared.sharer))?;
    let number = last.unwrap_or_default().saturating_add(1);
    if let Some(oldest) = number.checked_sub(KEPT).filter(|oldest| *oldest > 0) {
        forget(&shared.sharer, Number(oldest), change)?;
    }
    shared.number = Number(number);
    shared.undone |= is_undone(&shared.sharer, &shared.trade, change)?;
    change.put(last_key(&shared.sharer), &number)?;
    change.put(decided, &shared.number)?;
    change.put(shared_key(&shared.sharer, shared.number), &shared)
}

fn forget(sharer: &UserId, number: Number, change: &mut Change<'_>) -> Result<()> {
    let key = shared_key(sharer, number);
    if let Some(old) = change.value::<SharedTrade>(&key)? {
        change.remove(decided_key(sharer, &old.trade));
        change.remove(key);
    }
    Ok(())
}

/// Marks a trade as withdrawn; answers whether it was not before.
pub(super) fn undo(sharer: &UserId, trade: &TradeId, change: &mut Change<'_>) -> Result<bool> {
    change.need(trade.as_str());
    if is_undone(sharer, trade, change)? {
        return Ok(false);
    }
    change.put(undone_key(sharer, trade), &())?;
    let number: Option<Number> = change.value(&decided_key(sharer, trade))?;
    if let Some(key) = number.map(|number| shared_key(sharer, number))
        && let Some(mut shared) = change.value::<SharedTrade>(&key)?
    {
        shared.undone = true;
        change.put(key, &shared)?;
    }
    Ok(true)
}

/// Whether a sharer withdrew a trade.
pub(super) fn is_undone(sharer: &UserId, trade: &TradeId, change: &Change<'_>) -> Result<bool> {
    change.has(&undone_key(sharer, trade))
}

/// What was decided under a number.
pub(super) fn by_number(sharer: &UserId, number: Number, tables: &Tables) -> Result<Option<SharedTrade>> {
    tables.value(&shared_key(sharer, number))
}

/// What was decided about a trade.
pub(super) fn by_trade(sharer: &UserId, trade: &TradeId, tables: &Tables) -> Result<Option<SharedTrade>> {
    match tables.value(&decided_key(sharer, trade))? {
        Some(number) => by_number(sharer, number, tables),
        None => Ok(None),
    }
}

/// What was decided last, newest first.
pub(super) fn newest(sharer: &UserId, limit: usize, tables: &Tables) -> Result<Vec<SharedTrade>> {
    let last: u32 = tables.value(&last_key(sharer))?.unwrap_or_default();
    let numbers = (1..=last).rev().take(KEPT as usize).map(Number);
    numbers.filter_map(|number| by_number(sharer, number, tables).transpose()).take(limit).collect()
}
