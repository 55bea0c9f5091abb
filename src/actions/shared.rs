//! What was shared: listing it, explaining it, and taking it back.

use super::Actions;
use super::Result;
use super::settings::emptied_status_line;
use crate::domain::delivery::Posting;
use crate::domain::ids::Number;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::notice::DecidedLine;
use crate::domain::notice::Notice;
use crate::domain::notice::SharedLine;
use crate::domain::shared::SharedTrade;
use crate::domain::sharer::Sharer;
use crate::domain::trade::Trade;
use crate::store::Commit;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How many are listed.
const LISTED: usize = 20;

impl Actions {
    /// The names of the contacts whom `trade` would be meant for now.
    #[must_use]
    pub fn receivers(&self, sharer: &Sharer, trade: &Trade, now: Timestamp) -> Vec<String> {
        let classifier = self.intake.classifiers.of([(&sharer.id, sharer.categories.as_slice())].into_iter());
        let categories = classifier.judge(trade).of(&sharer.id);
        let unblocked = sharer.contacts.iter().filter(|contact| !self.permissions.blocks(&contact.person));
        let meant = unblocked.filter(|contact| sharer.decide(contact, trade, &categories, now).is_ok());
        meant.map(|contact| contact.name.to_string()).collect()
    }

    /// The newest trades, with their numbers.
    pub async fn recent(&self, user: &UserId) -> Result<Notice> {
        let mut trades = Vec::new();
        for shared in self.store().newest_shared(user, LISTED).await? {
            let meant = shared.contacts.iter().filter(|contact| contact.unmeant.is_none()).count();
            trades.push(SharedLine {
                number: shared.number,
                title: self.title_of(&shared).await?,
                contacts: u32::try_from(meant).unwrap_or(u32::MAX),
                undone: shared.undone,
            });
        }
        Ok(Notice::Recent { trades })
    }

    /// Why a trade was shared, with whom, and with whom not.
    pub async fn why(&self, user: &UserId, number: Number) -> Result<Notice> {
        let owner = self.sharer(user).await?;
        let shared = self.shared(user, number).await?;
        Ok(Notice::Why {
            number,
            title: self.title_of(&shared).await?,
            categories: self.belongs_lines(&owner, &shared.categories),
            contacts: shared
                .contacts
                .iter()
                .map(|decided| DecidedLine { person: decided.person.to_string(), reason: decided.unmeant.clone() })
                .collect(),
            undone: shared.undone,
        })
    }

    /// Takes back a trade wherever it stands, and keeps it from going anywhere else; without a number
    /// the newest that was meant for anybody.
    pub async fn undo(&self, user: &UserId, number: Option<Number>, now: Timestamp) -> Result<(Commit, Notice)> {
        if let Some(number) = number {
            let shared = self.shared(user, number).await?;
            return self.take_back(user, shared, now).await;
        }
        let newest = self.store().newest_shared(user, usize::MAX).await?;
        let was_meant = |shared: &SharedTrade| !shared.undone && shared.contacts.iter().any(|contact| contact.unmeant.is_none());
        let shared = newest.into_iter().find(was_meant).ok_or(Notice::NothingShared)?;
        self.take_back(user, shared, now).await
    }

    /// The same for a trade that is known by itself; none where it is not hers.
    pub async fn undo_trade(&self, user: &UserId, trade: &TradeId, now: Timestamp) -> Result<Option<(Commit, Notice)>> {
        match self.store().shared_trade(user, trade).await? {
            Some(shared) => self.take_back(user, shared, now).await.map(Some),
            None => Ok(None),
        }
    }

    async fn take_back(&self, user: &UserId, shared: SharedTrade, now: Timestamp) -> Result<(Commit, Notice)> {
        let mut rooms = BTreeSet::new();
        if let Some(trade) = self.store().trade(&shared.trade).await? {
            for posting in self.store().postings_of(&trade.source, &trade.external_id).await? {
                if shows(&posting, user, &shared.trade) {
                    rooms.insert(posting.room);
                }
            }
        }
        let notice = Notice::Undone {
            number: shared.number,
            title: self.title_of(&shared).await?,
            rooms: u32::try_from(rooms.len()).unwrap_or(u32::MAX),
        };
        let mut commit = Commit { undone: vec![(user.clone(), shared.trade.clone())], ..Commit::default() };
        let mut owner = self.sharer(user).await?;
        if owner.status_line == Some(shared.trade) {
            commit.deliveries.extend(emptied_status_line(&mut owner, now));
            commit.sharers.push(owner);
        }
        Ok((commit, notice))
    }

    async fn shared(&self, user: &UserId, number: Number) -> Result<SharedTrade> {
        let found = self.store().shared(user, number).await?;
        Ok(found.ok_or_else(|| Notice::UnknownTrade { typed: number.to_string() })?)
    }

    async fn title_of(&self, shared: &SharedTrade) -> Result<String> {
        let trade = self.store().trade(&shared.trade).await?;
        let title = trade.map(|trade| trade.title).filter(|title| !title.is_empty());
        Ok(title.unwrap_or_else(|| shared.shop.clone()).to_string())
    }
}

fn shows(posting: &Posting, sharer: &UserId, trade: &TradeId) -> bool {
    posting.what.sharer() == Some(sharer) && posting.shows.iter().any(|shown| shown.trade == *trade)
}
