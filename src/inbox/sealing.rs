//! What somebody typed, a secret perhaps, waits sealed until it is worked off: what is removed from a
//! database may stay on the disk for a while. What is encrypted anyway is kept as it came.

use super::Inbox;
use super::WorkError;
use crate::domain::ids::EventId;
use crate::domain::sealed;
use crate::matrix::events::Content;
use crate::matrix::events::Received;
use crate::store::PendingEvent;
use crate::store::StoreError;
use crate::vault::Key;
use crate::vault::VaultError;
use jiff::Timestamp;
use zeroize::Zeroizing;

impl Inbox {
    /// An event as it is kept until it is worked off.
    pub(super) fn pending(&self, event: &Received, json: &str, now: Timestamp) -> Result<PendingEvent, StoreError> {
        let kept = match event.content {
            Content::Encrypted => json.to_owned(),
            _ => seal(&self.keys.vault, &event.id, json).map_err(|error| StoreError::Failed(Box::new(error)))?,
        };
        Ok(PendingEvent { id: event.id.clone(), room: event.room.clone(), received_at: now, json: kept })
    }

    /// A pending event as the homeserver sent it.
    pub(super) fn opened(&self, pending: &PendingEvent) -> Result<Zeroizing<String>, WorkError> {
        Ok(open(&self.keys.vault, &pending.id, &pending.json)?)
    }
}

fn seal(key: &Key, event: &EventId, json: &str) -> Result<String, VaultError> {
    key.seal(&sealed::pending(event), json.as_bytes())
}

/// What an earlier version stored is JSON; nothing sealed begins like that.
fn open(key: &Key, event: &EventId, kept: &str) -> Result<Zeroizing<String>, VaultError> {
    if kept.starts_with('{') {
        return Ok(Zeroizing::new(kept.to_owned()));
    }
    let bytes = key.open(&sealed::pending(event), kept)?;
    let json = std::str::from_utf8(&bytes).map_err(|_| VaultError::Damaged { name: sealed::pending(event) })?;
    Ok(Zeroizing::new(json.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::open;
    use super::seal;
    use crate::domain::ids::EventId;
    use crate::vault::Key;
    use crate::vault::VaultError;

    const SAID: &str = r#"{"content":{"body":"!share secret 1 hush"}}"#;

    #[test]
    fn what_was_typed_is_sealed_for_its_own_event_only() {
        let key = Key::new([7; 32]);
        let kept = seal(&key, &EventId::new("$one"), SAID).unwrap();
        assert!(!kept.contains("hush") && !kept.starts_with('{'));
        assert_eq!(open(&key, &EventId::new("$one"), &kept).unwrap().as_str(), SAID);
        assert!(matches!(open(&key, &EventId::new("$other"), &kept), Err(VaultError::Damaged { .. })));
        assert!(matches!(open(&Key::new([8; 32]), &EventId::new("$one"), &kept), Err(VaultError::AnotherKey { .. })));
    }

    #[test]
    fn what_an_earlier_version_stored_is_still_read() {
        assert_eq!(open(&Key::new([7; 32]), &EventId::new("$one"), SAID).unwrap().as_str(), SAID);
    }
}
