//! Reactions on what the bot posted, and what people take back: a reaction of theirs, or something of ours.

use super::Inbox;
use super::WorkError;
use crate::commands::Reacted;
use crate::domain::delivery::Posting;
use crate::domain::delivery::Reaction;
use crate::domain::ids::EventId;
use crate::domain::room::Room;
use crate::matrix::events::Received;
use crate::store::Commit;
use crate::store::Remembered;
use jiff::Timestamp;

impl Inbox {
    /// Somebody put a reaction on something; it is remembered, since taking it back names only itself.
    pub(super) async fn reacted(&self, event: &Received, room: Room, to: &EventId, key: &str, now: Timestamp) -> Result<Commit, WorkError> {
        let Some(posting) = self.posting_in(&room, to).await? else { return Ok(Commit::default()) };
        let mut commit =
            self.work_off_reaction(Reacted { posting: &posting, key, user: &event.sender, room: &room, set: true }, now).await?;
        let (reaction, on) = (event.id.clone(), to.clone());
        commit.remembered.push(Remembered { reaction, on, key: key.to_owned(), by: event.sender.clone() });
        Ok(commit)
    }

    /// Somebody took back a reaction, or something that we posted.
    pub(super) async fn taken_back(&self, event: &Received, room: Room, of: &EventId, now: Timestamp) -> Result<Commit, WorkError> {
        if let Some(Remembered { on, key, by, .. }) = self.store.remembered(of).await? {
            // Somebody with power in the room may remove what others put there; that decides nothing for them.
            if by != event.sender {
                return Ok(Commit::default());
            }
            // Also where the card itself has gone since.
            let Some(posting) = self.store.posting(&on).await?.filter(|posting| posting.room == room.id) else {
                return Ok(Commit::default());
            };
            let reacted = Reacted { posting: &posting, key: &key, user: &by, room: &room, set: false };
            return self.work_off_reaction(reacted, now).await;
        }
        match self.posting_in(&room, of).await? {
            Some(posting) => {
                tracing::debug!(room = %event.room, "something that was posted has been taken away");
                Ok(Commit { withdrawn: vec![(posting.event, now)], ..Commit::default() })
            }
            None => Ok(Commit::default()),
        }
    }

    async fn work_off_reaction(&self, reacted: Reacted<'_>, now: Timestamp) -> Result<Commit, WorkError> {
        // Taking back counts too: two taps are two changes. A wish to hear nothing is never too much.
        let is_mute = Reaction::read(reacted.key) == Some(Reaction::Mute);
        if !is_mute && !self.limiter.allows(reacted.user) {
            return Ok(Commit::default());
        }
        Ok(self.commands.reacted(reacted, now).await?)
    }

    /// What stands at an event of this very room.
    async fn posting_in(&self, room: &Room, event: &EventId) -> Result<Option<Posting>, WorkError> {
        let posting = self.store.posting(event).await?;
        Ok(posting.filter(|posting| posting.room == room.id && posting.withdrawn_at.is_none()))
    }
}
