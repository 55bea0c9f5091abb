//! What is planned too far ahead, as a clock that was ahead leaves it once it is set right.

use crate::store::Result;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::moves::put_off;
use crate::store::sled::settings;
use crate::store::sled::tables::Tables;
use jiff::SignedDuration;
use jiff::Timestamp;

/// Has every source be due that is planned for later than it may be; answers how many.
pub(super) fn sources(now: Timestamp, tables: &Tables, change: &mut Change<'_>) -> Result<usize> {
    let mut count = 0;
    for entry in settings::polls(tables) {
        let (at, id) = entry?;
        if at > now {
            count += usize::from(settings::plan_anew(&id, now, change)?);
        }
    }
    Ok(count)
}

/// The same of deliveries that may be attempted only after so long.
pub(super) fn deliveries(now: Timestamp, reach: SignedDuration, memory: &Memory, change: &mut Change<'_>) -> Result<usize> {
    let latest = now.checked_add(reach).unwrap_or(Timestamp::MAX);
    let later = memory.queue.later_than(latest);
    for id in &later {
        put_off(*id, now, change)?;
    }
    Ok(later.len())
}
