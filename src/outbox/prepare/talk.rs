//! What the bot says to people: notices, replies, reactions, and where a panel stands.

use super::Outbox;
use super::Prepared;
use super::admission::WAITING;
use super::ready;
use super::withheld;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::What;
use crate::domain::ids::Number;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::notice::NameLine;
use crate::domain::notice::Notice;
use crate::domain::room::Room;
use crate::domain::text::Line;
use crate::matrix::render;
use crate::store::StoreError;
use crate::texts;
use jiff::Timestamp;

impl Outbox {
    /// What a delivery that shows nobody's trades to a contact comes to.
    pub(super) async fn prepare_talk(&self, delivery: Delivery, room: &Room, now: Timestamp) -> Result<Prepared, StoreError> {
        let frozen = match &delivery.what {
            What::Panel { panel, edits, asked_in } => self.panel_message(&delivery, panel, edits.as_ref(), asked_in.as_ref(), room).await?,
            What::HeldNotice { sharer, trade, .. } => self.held_notice(&delivery, sharer, trade, room).await?,
            _ => self.words(&delivery, room).await?,
        };
        let Some(frozen) = frozen else { return Ok(withheld(&delivery)) };
        let Some(speaker) = self.speaker_of_talk(&delivery, &frozen, room).await? else {
            // What is no words is not missed, and must not hold up what is to be taken away.
            let is_sign = matches!(delivery.what, What::React { .. });
            return Ok(if is_sign { withheld(&delivery) } else { Prepared::later(&delivery, now + WAITING) });
        };
        let frozen = self.spoken(frozen, &delivery, speaker.sender()).await?;
        Ok(ready(delivery, frozen, room, now))
    }

    /// What `sender` says, marked where that is a sharer.
    async fn spoken(&self, frozen: Frozen, delivery: &Delivery, sender: Option<UserId>) -> Result<Frozen, StoreError> {
        if sender.is_none() || matches!(delivery.what, What::React { .. }) {
            return Ok(Frozen { sender, ..frozen });
        }
        let reader = if let What::Reply { reader, .. } = &delivery.what { Some(reader) } else { None };
        let content = serde_json::from_str(&frozen.content).unwrap_or_default();
        let content = render::in_own_name(self.language_of(reader).await?, content).to_string();
        Ok(Frozen { content, sender, ..frozen })
    }

    async fn words(&self, delivery: &Delivery, room: &Room) -> Result<Option<Frozen>, StoreError> {
        let mark = delivery.mark();
        let content = match &delivery.what {
            What::Notice { notice } => {
                let anybody = || room.people(&self.parts.us).map(|(user, _)| user).next();
                let reader = room.invited_by.as_ref().or_else(anybody);
                render::notice(&texts::render(self.language_for(notice, reader).await?, notice), &mark)
            }
            What::Reply { to, reader, notice, .. } => {
                let text = texts::render(self.language_for(notice, Some(reader)).await?, notice);
                render::reply(&text, to, reader, &mark)
            }
            What::Pointer { to, reader, room, event } => {
                let link = render::link_to(room, event, &self.parts.us.domain);
                let text = texts::render(self.language_of(Some(reader)).await?, &Notice::PanelOpened { link });
                render::reply(&text, to, reader, &mark)
            }
            // Nothing may be added to it: both sides compute with what was said.
            What::Verification { event_type, content } => {
                return Ok(Some(Frozen { event_type: event_type.clone(), ..Frozen::message(&room.id, content) }));
            }
            What::React { to, key } => {
                let content = render::reaction(to, &key.key(), &mark).to_string();
                let event_type = "m.reaction".to_owned();
                return Ok(Some(Frozen { event_type, ..Frozen::message(&room.id, &content) }));
            }
            _ => return Ok(None),
        };
        Ok(Some(Frozen::message(&room.id, &content.to_string())))
    }

    /// A purchase that is held, with its trade, so that a reaction to it can stop that one.
    async fn held_notice(&self, delivery: &Delivery, sharer: &UserId, trade: &TradeId, room: &Room) -> Result<Option<Frozen>, StoreError> {
        let What::HeldNotice { shop, contacts, hold_seconds, .. } = &delivery.what else { return Ok(None) };
        let decided = self.parts.store.shared_trade(sharer, trade).await?;
        let Some(offer) = self.offer(trade, shop).await?.filter(|_| !decided.as_ref().is_some_and(|decided| decided.undone)) else {
            return Ok(None);
        };
        let shows = vec![offer.shown()];
        let notice = Notice::PurchaseHeld {
            number: decided.map_or(Number(0), |decided| decided.number),
            shop: shop.to_string(),
            trade: Box::new(offer.trade),
            contacts: contacts.iter().map(|person: &Line| NameLine { person: person.to_string() }).collect(),
            hold_seconds: *hold_seconds,
        };
        let text = texts::render(self.language_of(Some(sharer)).await?, &notice);
        let content = render::notice(&text, &delivery.mark());
        Ok(Some(Frozen { shows, ..Frozen::message(&room.id, &content.to_string()) }))
    }
}
