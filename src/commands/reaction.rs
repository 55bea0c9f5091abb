//! Reactions that people put on what the bot posted, and take back: taps on a panel, 🔕 and ❌ on cards,
//! yes and no to a question.

use super::Commands;
use super::panel;
use crate::actions::Rejection;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Posting;
use crate::domain::delivery::Reaction;
use crate::domain::delivery::What;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::room::Room;
use crate::domain::sharer::Consent;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Mute;
use crate::domain::sharer::Sharer;
use crate::store::Commit;
use crate::store::StoreError;
use jiff::Timestamp;

/// A reaction that a person put on something, or took back.
#[derive(Clone, Copy, Debug)]
pub struct Reacted<'a> {
    /// On what.
    pub posting: &'a Posting,
    /// Its key.
    pub key: &'a str,
    /// Who.
    pub user: &'a UserId,
    /// The room as it is known.
    pub room: &'a Room,
    /// Whether it was put there; else taken back.
    pub set: bool,
}

impl Commands {
    /// What a reaction comes to.
    pub async fn reacted(&self, reacted: Reacted<'_>, now: Timestamp) -> Result<Commit, StoreError> {
        match self.reaction(reacted, now).await {
            Ok(commit) => Ok(commit),
            // What does not concern her, or cannot be done now, needs no words.
            Err(Rejection::Refused(_)) => Ok(Commit::default()),
            Err(Rejection::Store(error)) => Err(error),
        }
    }

    async fn reaction(&self, reacted: Reacted<'_>, now: Timestamp) -> Result<Commit, Rejection> {
        let Reacted { posting, key, user, set, .. } = reacted;
        if let What::Panel { panel, .. } = &posting.what {
            return match panel.tap(key).filter(|_| panel.owner == *user) {
                Some(tap) => panel::tapped(&self.actions, panel, &posting.event, &posting.room, tap, now).await,
                None => Ok(Commit::default()),
            };
        }
        if let What::Notice { notice: Notice::CompareEmoji { .. } } = &posting.what {
            return self.compared_by_hand(reacted, now).await;
        }
        let sharer = match (&posting.what, posting.what.sharer()) {
            (What::HeldNotice { sharer, .. }, _) | (_, Some(sharer)) => sharer.clone(),
            _ => return Ok(Commit::default()),
        };
        match (Reaction::read(key), set) {
            (Some(Reaction::Withdraw), true) if sharer == *user => self.withdrawn_by_hand(posting, user, now).await,
            (Some(Reaction::Mute), _) => self.mute_by_hand(reacted, &sharer, now).await,
            (Some(answer @ (Reaction::Done | Reaction::Withdraw)), true) => {
                self.answered_by_hand(reacted, answer == Reaction::Done, now).await
            }
            _ => Ok(Commit::default()),
        }
    }

    /// ❌ by the sharer: a card goes in every room, a message with several trades goes where it stands.
    async fn withdrawn_by_hand(&self, posting: &Posting, user: &UserId, now: Timestamp) -> Result<Commit, Rejection> {
        match (posting.what.trade(), &posting.what) {
            (_, What::Board { .. } | What::Introduction { .. }) => Ok(Commit::default()),
            (Some((trade, _)), _) => match self.actions.undo_trade(user, trade, now).await? {
                Some((mut commit, notice)) => {
                    commit.deliveries.push(NewDelivery::to_person(user.clone(), notice, now));
                    Ok(commit)
                }
                // What was decided is forgotten after a while; it is hers to withdraw all the same.
                None => Ok(Commit {
                    undone: vec![(user.clone(), trade.clone())],
                    deliveries: vec![redacted(posting, now)],
                    ..Commit::default()
                }),
            },
            _ => Ok(Commit { deliveries: vec![redacted(posting, now)], ..Commit::default() }),
        }
    }

    /// 🔕 by the contact mutes whoever posted it; taken back, it lets her cards come again.
    async fn mute_by_hand(&self, reacted: Reacted<'_>, sharer: &UserId, now: Timestamp) -> Result<Commit, Rejection> {
        let Reacted { posting, user, room, set, .. } = reacted;
        if !self.is_contact_of(sharer, posting, user).await? {
            return Ok(Commit::default());
        }
        let mute = set.then_some(Mute { since_at: now, until_at: None });
        let mut commit = self.actions.mute(user, sharer, mute, now).await?;
        let name = room.name_of(sharer).to_string();
        let notice = if set { Notice::Muted { sharer: name, until_at: None } } else { Notice::Unmuted { sharer: name } };
        commit.deliveries.push(NewDelivery::in_room(room.id.clone(), What::Notice { notice }, now));
        Ok(commit)
    }

    async fn is_contact_of(&self, sharer: &UserId, posting: &Posting, user: &UserId) -> Result<bool, Rejection> {
        let sharer = self.actions.sharer(sharer).await?;
        Ok(sharer.contact_in(&posting.room).is_some_and(|contact| contact.person == *user))
    }

    /// ✅ or ❌ below the emoji that she compares, if they are those that she is asked about now.
    async fn compared_by_hand(&self, reacted: Reacted<'_>, now: Timestamp) -> Result<Commit, Rejection> {
        let Reacted { posting, key, user, room, set } = reacted;
        let are_same = match Reaction::read(key).filter(|_| set) {
            // Reactions are not encrypted: where the word would be, a homeserver could say this in her place.
            Some(Reaction::Done) if !room.encrypted => true,
            Some(Reaction::Withdraw) => false,
            _ => return Ok(Commit::default()),
        };
        if !self.actions.compares_emoji(user, posting.posted_at, now).await? {
            return Ok(Commit::default());
        }
        Ok(self.actions.answer(user, are_same, now).await?.0)
    }

    /// ✅ or ❌ by the contact below the question whether she agrees.
    async fn answered_by_hand(&self, reacted: Reacted<'_>, agrees: bool, now: Timestamp) -> Result<Commit, Rejection> {
        let Reacted { posting, user, room, .. } = reacted;
        let What::Introduction { sharer, asks: true } = &posting.what else { return Ok(Commit::default()) };
        let is_hers = |contact: &Contact| contact.person == *user && contact.consent == Consent::Asked;
        let asked = |sharer: &Sharer| sharer.contact_in(&posting.room).is_some_and(is_hers);
        if !asked(&self.actions.sharer(sharer).await?) {
            return Ok(Commit::default());
        }
        let Some((mut commit, sharer)) = self.actions.consent(user, &posting.room, agrees, now).await? else {
            return Ok(Commit::default());
        };
        let sharer = room.name_of(&sharer.id).to_string();
        let notice = if agrees { Notice::Agreed { sharer } } else { Notice::Declines { sharer } };
        commit.deliveries.push(NewDelivery::in_room(room.id.clone(), What::Notice { notice }, now));
        Ok(commit)
    }
}

fn redacted(posting: &Posting, now: Timestamp) -> NewDelivery {
    NewDelivery::in_room(posting.room.clone(), What::Redact { event: posting.event.clone() }, now)
}
