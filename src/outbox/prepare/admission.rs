//! Whether something may go to a contact now, looked at again before each attempt, whatever was true
//! when it was queued; and what holds for her.

use super::Outbox;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::What;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::own_name::Voice;
use crate::domain::room::NotDirect;
use crate::domain::room::Room;
use crate::domain::room::Verdict;
use crate::domain::settings::Settings;
use crate::domain::sharer::Consent;
use crate::domain::sharer::Contact;
use crate::domain::sharer::ContactState;
use crate::domain::sharer::Language;
use crate::domain::sharer::Sharer;
use crate::matrix::render;
use crate::store::Commit;
use crate::store::StoreError;
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// How long a delivery waits for a room to change before it is looked at again; the change itself wakes it.
pub(super) const WAITING: Duration = Duration::from_hours(1);

/// How long something waits while what was said or done in its room is not worked off yet.
pub(super) const MOMENT: Duration = Duration::from_secs(1);

/// Whether something may go to its contact now.
pub(super) enum Admission {
    Yes(Box<Recipient>),
    NotYet(Duration),
    No,
}

/// A contact to whom something goes.
pub(super) struct Recipient {
    /// Who shares.
    pub(super) sharer: Sharer,
    /// With whom.
    pub(super) contact: Contact,
    /// What holds for her.
    pub(super) settings: Settings,
    /// What she reads.
    pub(super) language: Language,
    /// Who speaks to her.
    pub(super) voice: Voice,
}

impl Outbox {
    /// Whether something new may be posted.
    pub(super) async fn admission(
        &self,
        sharer: &UserId,
        delivery: &Delivery,
        room: &Room,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        let Some(sharer) = self.parts.store.sharer(sharer).await? else {
            return Ok(Admission::No);
        };
        let asks = matches!(delivery.what, What::Introduction { asks: true, .. });
        let is_asked = |contact: &Contact| asks && contact.consent == Consent::Asked && contact.state == ContactState::On;
        // A question that may not be put now is put later: nobody else would.
        let may_not_ask = |contact: &Contact| is_asked(contact) && (sharer.paused || contact.is_muted(now));
        if sharer.contact_in(&room.id).is_some_and(may_not_ask) {
            return Ok(Admission::NotYet(WAITING));
        }
        let is_blocked = |contact: &Contact| self.parts.permissions.blocks(&contact.person);
        let wanted = |contact: &&Contact| !sharer.paused && !is_blocked(contact) && (contact.receives(now) || is_asked(contact));
        let Some(contact) = sharer.contact_in(&room.id).filter(wanted).filter(|_| self.may_share(&sharer)).cloned() else {
            self.take_back_introduction(sharer, delivery, room).await?;
            return Ok(Admission::No);
        };
        // Her own word, wherever she said it, also where the sharer's contacts have missed it.
        let person = self.parts.store.sharer(&contact.person).await?;
        let mute = person.as_ref().and_then(|person| person.wish_toward(&sharer.id)).and_then(|wish| wish.mute);
        if mute.is_some_and(|mute| mute.holds(now)) {
            return Ok(Admission::No);
        }
        if let Some((trade, _)) = delivery.what.trade()
            && (!self.is_still_shown(&sharer, &contact, trade).await? || self.parts.store.is_undone(&sharer.id, trade).await?)
        {
            return Ok(Admission::No);
        }
        Ok(match self.if_direct(sharer, contact, person, room).await? {
            // The bot must be let in, or her device get keys or be made again.
            Admission::Yes(to) if to.voice == Voice::Nobody => {
                self.make_a_voice(&to.sharer, &to.contact, room).await?;
                Admission::NotYet(WAITING)
            }
            admission => admission,
        })
    }

    /// Whether what stands there may be edited: whoever mutes it wants nothing new, and minds no edit.
    pub(super) async fn admission_of_edits(&self, sharer: &UserId, room: &Room) -> Result<Admission, StoreError> {
        let Some(sharer) = self.parts.store.sharer(sharer).await? else {
            return Ok(Admission::No);
        };
        let wanted = |contact: &&Contact| contact.has_agreed() && matches!(contact.state, ContactState::On | ContactState::Paused);
        match sharer.contact_in(&room.id).filter(wanted).cloned() {
            Some(contact) if self.may_share(&sharer) && !self.parts.permissions.blocks(&contact.person) => {
                let person = self.parts.store.sharer(&contact.person).await?;
                self.if_direct(sharer, contact, person, room).await
            }
            _ => Ok(Admission::No),
        }
    }

    /// Admits where the room is the direct room of the two and can be written in.
    async fn if_direct(&self, sharer: Sharer, contact: Contact, person: Option<Sharer>, room: &Room) -> Result<Admission, StoreError> {
        if self.parts.store.has_pending_events(&room.id).await? {
            return Ok(Admission::NotYet(MOMENT));
        }
        Ok(match room.verdict(&self.parts.us, &sharer.id, &contact.person) {
            Verdict::Direct if room.encrypted && !self.parts.crypto.is_allowed() => Admission::NotYet(WAITING),
            Verdict::Direct => {
                let settings = sharer.settings_for(&contact);
                let chosen = person.and_then(|person| person.language);
                let language = chosen.or(settings.language).unwrap_or(self.settings.language);
                let voice = self.voice_for(&sharer, &contact, room);
                Admission::Yes(Box::new(Recipient { sharer, contact, settings, language, voice }))
            }
            Verdict::ContactInvited | Verdict::Not(NotDirect::Replaced) => Admission::NotYet(WAITING),
            Verdict::Not(_) => Admission::No,
        })
    }

    pub(in crate::outbox) fn may_share(&self, sharer: &Sharer) -> bool {
        self.parts.permissions.lets_share(sharer)
    }

    /// An introduction that is not wanted now is said before a later card.
    async fn take_back_introduction(&self, mut sharer: Sharer, delivery: &Delivery, room: &Room) -> Result<(), StoreError> {
        if !matches!(delivery.what, What::Introduction { .. }) {
            return Ok(());
        }
        let Some(contact) = sharer.contact_in_mut(&room.id) else { return Ok(()) };
        contact.introduced = false;
        match self.parts.store.commit(Commit { sharers: vec![sharer], ..Commit::default() }).await {
            // She is changing something: the next look finds it as it is then.
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }

    /// Whether she still means to show it to her: she may have thought better of it while it waited.
    async fn is_still_shown(&self, sharer: &Sharer, contact: &Contact, trade: &TradeId) -> Result<bool, StoreError> {
        Ok(self.parts.store.trade(trade).await?.is_some_and(|trade| sharer.still_shows(contact, &trade)))
    }
}

impl Recipient {
    /// Who stands as the sender of what is posted; none: the bot.
    pub(super) fn sender(&self) -> Option<UserId> {
        (self.voice == Voice::Sharer).then(|| self.sharer.id.clone())
    }

    /// What `sender` says, with the line that belongs to it if that is the sharer.
    pub(super) fn said_by(&self, sender: Option<&UserId>, content: Value) -> Value {
        if sender.is_some() { render::in_own_name(self.language, content) } else { content }
    }

    /// Whether something that notifies must wait, and until when.
    pub(super) fn quiet_until(&self, outbox: &Outbox, now: Timestamp) -> Option<Timestamp> {
        self.settings.quiet_until(now, &outbox.settings.zone)
    }
}
