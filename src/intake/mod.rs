//! From a shop into the store: fetches a source, finds what is new, matches it with the contacts it
//! is meant for, and puts cursor, items, trades and deliveries into one commit.

use crate::classify::Classifiers;
use crate::classify::Judgement;
use crate::domain::ids::PlatformId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::permission::Permissions;
use crate::domain::sharer::Sharer;
use crate::domain::source::Fetched;
use crate::domain::source::Source;
use crate::domain::source::Subscription;
use crate::domain::trade::Trade;
use crate::net::Net;
use crate::platforms::Platforms;
use crate::store::Commit;
use crate::store::Result;
use crate::store::Store;
use crate::telemetry::metrics;
use crate::vault::Key;
use jiff::Timestamp;
use news::Brought;
use std::collections::BTreeSet;
use std::sync::Arc;
use url::Url;

mod access;
#[cfg(test)]
pub(crate) mod alone;
mod by_hand;
mod locks;
mod news;
mod poll;
mod push;
mod share;
mod status;
mod subscription;

pub use access::AccessError;
pub use by_hand::Before;
pub use by_hand::ByHand;
pub use by_hand::Handed;
pub use locks::Locks;
pub use push::PushError;
pub use push::Queue;
pub use push::Taken;
pub use subscription::SubscribeError;

/// How tradepost is reached from outside.
#[derive(Clone, Debug, Default)]
pub struct Web {
    /// Its address; none: platforms cannot send by themselves, and are polled.
    pub public_url: Option<Url>,
    /// How often an account is polled all the same whose platform sends by itself, in seconds.
    pub reconcile_seconds: u32,
}

/// Fetches sources and commits what they bring.
#[derive(Clone)]
pub struct Intake {
    /// Where it is kept.
    pub store: Arc<dyn Store>,
    /// Who fetches.
    pub platforms: Platforms,
    /// With what.
    pub net: Net,
    /// What seals secrets.
    pub vault: Arc<Key>,
    /// How platforms reach us.
    pub web: Web,
    /// Who may share: of whom it is withdrawn, nothing more is taken.
    pub permissions: Permissions,
    /// The shortest interval that somebody may choose, in seconds.
    pub shortest_interval_seconds: u32,
    /// Who says which categories a trade belongs to.
    pub classifiers: Classifiers,
    /// For how long a purchase is held back, in seconds.
    pub hold_seconds: u32,
    /// The sources that somebody decides about now.
    pub locks: Locks,
    /// What platforms sent and is not stored yet.
    pub queue: Queue,
}

/// How something came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It was fetched: the source is as it says.
    Polled,
    /// The platform sent it: it says something of what it names, and nothing of anything else.
    Pushed,
}

impl Intake {
    /// How often a source is looked at, in seconds: as its followers want it, within what the operator
    /// allows, and seldom where the platform sends by itself.
    fn interval(&self, source: &Source, followers: &[Sharer]) -> u32 {
        let usual = self.interval_of(&source.platform);
        let sends = source.push.as_ref().is_some_and(Subscription::sends);
        // The operator may have closed the address since.
        if sends && self.web.public_url.is_some() {
            return usual.max(self.web.reconcile_seconds);
        }
        let accounts = followers.iter().filter_map(|sharer| sharer.account_at(&source.id)).filter(|account| !account.paused);
        let chosen = accounts.map(|account| account.interval_seconds.map_or(usual, |chosen| chosen.max(self.shortest_interval_seconds)));
        chosen.min().unwrap_or(usual)
    }

    /// How often an account of a platform is looked at where nobody chose, in seconds.
    #[must_use]
    pub fn interval_of(&self, platform: &PlatformId) -> u32 {
        self.platforms.get(platform).map_or(3_600, |platform| platform.descriptor().interval_seconds)
    }

    /// What a commit must hold after `source`, which `followers` follow, brought `fetched`. What was
    /// pushed leaves the source itself as it is, and takes no baseline.
    pub async fn absorb(&self, mut source: Source, fetched: Fetched, followers: Vec<Sharer>, way: Way, now: Timestamp) -> Result<Commit> {
        source.answered_at = Some(now);
        source.failure = None;
        let (mut trades, is_complete, gone, has_more) = match fetched {
            Fetched::Unchanged => (Vec::new(), false, Vec::new(), false),
            Fetched::Changed { cursor, label, trades, complete, gone, more } => {
                source.cursor = cursor;
                source.listed_at = Some(now);
                if !label.is_empty() {
                    source.label = label;
                }
                (trades, complete, gone, more)
            }
        };
        for trade in &mut trades {
            trade.source = source.id.clone();
        }
        let (permitted, others): (Vec<_>, Vec<_>) = followers.into_iter().partition(|sharer| self.may_share(sharer));
        let mut commit = Commit { sharers: suspended(others, &source), ..Commit::default() };
        let mut news = self.news(&source, trades, Brought { way, complete: is_complete }, now, &mut commit).await?;
        news.extend(self.said_gone(&source, &gone, now, &mut commit).await?);
        metrics().trades_found.inc_by(news.len() as u64);
        // Of a baseline, which may be a whole shop, nothing has to be decided.
        let is_heard = |sharer: &Sharer| {
            let account = sharer.account_at(&source.id);
            sharer.follows(&source.id) && account.is_some_and(|account| !account.baseline_pending)
        };
        // A baseline is all that stands there now, so it is not taken before the last page or by a push.
        let takes_baseline = way == Way::Polled && !has_more;
        if !news.is_empty() && permitted.iter().any(is_heard) {
            self.share_all(permitted, &source, news, takes_baseline, now, &mut commit).await?;
        } else if takes_baseline {
            commit.sharers.extend(permitted.into_iter().filter_map(|sharer| with_baseline(sharer, &source)));
        }
        if way == Way::Polled {
            commit.sources.push(source);
        }
        Ok(commit)
    }

    /// Decides for each sharer and contact who gets what of `news`.
    async fn share_all(
        &self,
        sharers: Vec<Sharer>,
        source: &Source,
        news: Vec<Trade>,
        takes_baseline: bool,
        now: Timestamp,
        commit: &mut Commit,
    ) -> Result<()> {
        let classifier = self.classifiers.of(sharers.iter().map(|sharer| (&sharer.id, sharer.categories.as_slice())));
        let judge = |trade| {
            let judgement = classifier.judge(&trade);
            (trade, judgement)
        };
        let judged: Vec<(Trade, Judgement)> = news.into_iter().map(judge).collect();
        for sharer in sharers {
            let taken = self.store.taken(&share::once_keys(&sharer, &judged, false, now)).await?;
            let undone = self.undone_listings(&sharer.id, &judged).await?;
            let terms = share::Terms {
                source,
                shop: None,
                taken: &taken,
                undone: &undone,
                hold_seconds: self.hold_seconds,
                takes_baseline,
                anew: false,
                permissions: &self.permissions,
                now,
            };
            share::share(sharer, &judged, &terms, commit);
        }
        let named: BTreeSet<&TradeId> = commit.shared.iter().map(|shared| &shared.trade).collect();
        commit.trades = judged.into_iter().map(|(trade, _)| trade).filter(|trade| named.contains(&trade.id())).collect();
        Ok(())
    }

    /// The listings that a sharer took back, of those of which something changed.
    async fn undone_listings(&self, sharer: &UserId, judged: &[(Trade, Judgement)]) -> Result<BTreeSet<TradeId>> {
        let mut undone = BTreeSet::new();
        for listing in judged.iter().filter(|(trade, _)| trade.kind.is_change()).map(|(trade, _)| trade.listing_id()) {
            if self.store.is_undone(sharer, &listing).await? {
                undone.insert(listing);
            }
        }
        Ok(undone)
    }

    fn may_share(&self, sharer: &Sharer) -> bool {
        self.permissions.lets_share(sharer)
    }
}

/// Followers who may not share now, in their new state: if they may again, what came up meanwhile
/// counts as known.
fn suspended(sharers: Vec<Sharer>, source: &Source) -> Vec<Sharer> {
    let suspend = |sharer: &mut Sharer| {
        let account = sharer.accounts.iter_mut().find(|account| account.source == source.id);
        account.is_some_and(|account| !std::mem::replace(&mut account.baseline_pending, true))
    };
    sharers.into_iter().filter_map(|mut sharer| suspend(&mut sharer).then_some(sharer)).collect()
}

/// A sharer who waited for a baseline that is taken now.
fn with_baseline(mut sharer: Sharer, source: &Source) -> Option<Sharer> {
    share::take_baseline(&mut sharer, source).then_some(sharer)
}
