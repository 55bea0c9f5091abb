//! Deliveries that were given up: found, tried again, forgotten. When one is given up is
//! `settlements`'s.

use crate::domain::delivery::Delivery;
use crate::domain::ids::DeliveryId;
use crate::store::Result;
use crate::store::sled::change::Change;
use crate::store::sled::deliveries::Stored;
use crate::store::sled::deliveries::enqueue;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::tables::Tables;
use jiff::Timestamp;

fn buried_key(id: DeliveryId) -> Key {
    Key::number(Table::Buried, id.0)
}

/// Keeps a delivery with the reason why it was given up.
pub(super) fn bury(mut delivery: Delivery, reason: String, change: &mut Change<'_>) -> Result<()> {
    delivery.buried = Some(reason);
    change.ledger.buried += 1;
    change.put(buried_key(delivery.id), &delivery)
}

/// What was given up, newest first.
pub(super) fn newest(limit: usize, tables: &Tables) -> Result<Vec<Delivery>> {
    tables.values_back(&Key::all(Table::Buried)).take(limit).collect()
}

/// Lets a delivery wait again, behind all others. Its number stays, and with it the mark and the
/// transaction id: should it have arrived after all, it does not come twice.
pub(super) fn revive(id: DeliveryId, now: Timestamp, change: &mut Change<'_>) -> Result<bool> {
    let Some(delivery) = take_out(id, change)? else { return Ok(false) };
    let delivery = Delivery { not_before_at: now, attempts: 0, first_attempt_at: None, frozen: None, buried: None, ..delivery };
    let place = change.number();
    enqueue(&Stored { place, delivery }, change)?;
    Ok(true)
}

/// Forgets a delivery that was given up; answers which it was.
pub(super) fn take_out(id: DeliveryId, change: &mut Change<'_>) -> Result<Option<Delivery>> {
    let delivery: Option<Delivery> = change.value(&buried_key(id))?;
    if delivery.is_some() {
        change.remove(buried_key(id));
        change.ledger.buried = change.ledger.buried.saturating_sub(1);
    }
    Ok(delivery)
}
