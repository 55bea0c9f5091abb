//! What is posted as messages of their own: cards and popups, digests, and the introduction before them.

use super::Outbox;
use super::Prepared;
use super::admission::Recipient;
use super::offers::shown;
use super::postponed;
use super::ready;
use super::withheld;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::Leased;
use crate::domain::delivery::Reaction;
use crate::domain::delivery::Then;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::TradeId;
use crate::domain::notice::Notice;
use crate::domain::room::Room;
use crate::domain::settings::Output;
use crate::domain::settings::Settings;
use crate::domain::sharer::Consent;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::matrix::render;
use crate::matrix::render::Offer;
use crate::store::StoreError;
use crate::texts;
use jiff::Timestamp;

impl Outbox {
    /// What a delivery in the lane of cards comes to.
    pub(super) async fn prepare_card(&self, lease: Leased, to: &Recipient, room: &Room, now: Timestamp) -> Result<Prepared, StoreError> {
        let is_new = lease.delivery.frozen.is_none();
        if is_new
            && let What::Card { trade, shop, .. } = &lease.delivery.what
            && !are_cards_on(&to.settings)
        {
            return self.show_otherwise(&lease.delivery, to, (trade, shop), room, now).await;
        }
        if let Some(at) = to.quiet_until(self, now) {
            return Ok(postponed(&lease.delivery, at));
        }
        // One that may be there already is looked for as it is.
        if is_new && !matches!(lease.delivery.what, What::Introduction { .. }) && !self.may_have_been_sent(&lease.delivery) {
            if let Some(at) = self.day_is_full(&lease, now) {
                return Ok(postponed(&lease.delivery, at));
            }
            if let Some(at) = self.allowance.card_waits_until(lease.delivery.id, &to.sharer.id, now).await? {
                return Ok(postponed(&lease.delivery, at));
            }
            if self.fold_into_digest(&lease, now).await? {
                return Ok(Prepared::Replaced);
            }
        }
        let delivery = lease.delivery;
        let frozen = match delivery.frozen.clone() {
            Some(frozen) => Some(frozen),
            None => self.render_card(&delivery, to, room).await?,
        };
        let Some(frozen) = frozen else { return Ok(withheld(&delivery)) };
        if matches!(delivery.what, What::Card { .. } | What::Digest { .. }) {
            self.allowance.card_leaves(delivery.id, &to.sharer.id);
        }
        Ok(ready(delivery, frozen, room, now))
    }

    /// What is sent; none where nothing of it is left.
    async fn render_card(&self, delivery: &Delivery, to: &Recipient, room: &Room) -> Result<Option<Frozen>, StoreError> {
        let mark = delivery.mark();
        match &delivery.what {
            What::Card { trade, shop, .. } => self.one_card(trade, shop, to, room, &mark).await,
            What::Digest { trades, .. } => self.one_digest(trades, to, room, &mark).await,
            What::Introduction { asks, .. } => Ok(Some(introduction(*asks, to, room, &mark))),
            _ => Ok(None),
        }
    }

    async fn one_card(&self, trade: &TradeId, shop: &Line, to: &Recipient, room: &Room, mark: &str) -> Result<Option<Frozen>, StoreError> {
        let Some(offer) = self.offer(trade, shop).await? else { return Ok(None) };
        let sender = to.sender();
        let mut content = to.said_by(sender.as_ref(), render::card(to.language, &offer, &to.sharer.id, mark));
        if let Some(event) = self.card_before(&offer.trade, to, room).await? {
            content = render::answering(content, &event);
        }
        let mut then = Vec::new();
        if to.settings.shows(Output::Popup) {
            content = render::mentioning(content, &to.contact.person);
            then.extend(expiry(&to.settings));
        }
        let shows = vec![offer.shown()];
        Ok(Some(Frozen { sender, shows, then, ..Frozen::message(&room.id, &content.to_string()) }))
    }

    /// The card to which one that tells of a change is an answer: the first that shows the item here.
    async fn card_before(&self, trade: &Trade, to: &Recipient, room: &Room) -> Result<Option<EventId>, StoreError> {
        if !trade.kind.is_change() {
            return Ok(None);
        }
        let postings = self.parts.store.postings_of(&trade.source, &trade.external_id).await?;
        let mut here = postings.into_iter().rev().filter(|posting| posting.room == room.id);
        let card = here.find(|posting| matches!(&posting.what, What::Card { sharer, .. } if *sharer == to.sharer.id));
        Ok(card.map(|posting| posting.event))
    }

    async fn one_digest(&self, trades: &[(TradeId, Line)], to: &Recipient, room: &Room, mark: &str) -> Result<Option<Frozen>, StoreError> {
        let mut offers: Vec<Offer> = Vec::new();
        for offer in self.offers(trades).await? {
            if to.sharer.still_shows(&to.contact, &offer.trade) && !self.parts.store.is_undone(&to.sharer.id, &offer.trade.id()).await? {
                offers.push(offer);
            }
        }
        if offers.is_empty() {
            return Ok(None);
        }
        let sender = to.sender();
        let mut content = to.said_by(sender.as_ref(), render::digest(to.language, &offers, &to.sharer.id, mark));
        // Then it was made of popups, not gathered.
        if to.settings.shows(Output::Popup) && !to.settings.shows(Output::Digest) {
            content = render::mentioning(content, &to.contact.person);
        }
        Ok(Some(Frozen { shows: shown(&offers), sender, ..Frozen::message(&room.id, &content.to_string()) }))
    }
}

/// Whether trades are shown as messages of their own.
pub(super) fn are_cards_on(settings: &Settings) -> bool {
    settings.shows(Output::Message) || settings.shows(Output::Popup)
}

/// A card that is nothing but a popup is withdrawn, where a time was set for that.
fn expiry(settings: &Settings) -> Option<Then> {
    let seconds = settings.popup_seconds.filter(|seconds| *seconds > 0 && !settings.shows(Output::Message))?;
    Some(Then::ExpireAfter { seconds })
}

fn introduction(asks: bool, to: &Recipient, room: &Room, mark: &str) -> Frozen {
    let sharer = room.name_of(&to.sharer.id).to_string();
    let asks = asks && to.contact.consent == Consent::Asked;
    let sender = to.sender();
    let notice = match (asks, &sender) {
        (true, None) => Notice::ConsentAsked { sharer },
        (false, None) => Notice::Introduction { sharer },
        (true, Some(_)) => Notice::OwnConsentAsked,
        (false, Some(_)) => Notice::OwnIntroduction,
    };
    let content = to.said_by(sender.as_ref(), render::notice(&texts::render(to.language, &notice), mark));
    let then = if asks { vec![Then::React { keys: vec![Reaction::Done, Reaction::Withdraw] }] } else { Vec::new() };
    Frozen { sender, then, ..Frozen::message(&room.id, &content.to_string()) }
}
