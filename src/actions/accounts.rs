//! Accounts: adding them, after they have been verified, and which kinds of trades they share.

use super::Actions;
use super::Added;
use super::Result;
use super::looked_at_again;
use super::rooms_of;
use super::unknown_number;
use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::UserId;
use crate::domain::link::user_information;
use crate::domain::notice::Notice;
use crate::domain::sharer::Account;
use crate::domain::source::Fetched;
use crate::domain::source::Source;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::Application;
use crate::platforms::Context;
use crate::platforms::Descriptor;
use crate::platforms::Platform;
use crate::platforms::SecretUse;
use crate::platforms::source_id;
use crate::store::Commit;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

impl Actions {
    /// Adds the account `typed` at `platform`, or at whichever platform recognises it, after it has
    /// been verified. What stands there now becomes its baseline: nothing of it is posted.
    pub async fn add_account(&self, user: &UserId, platform: Option<&str>, typed: &str, has_secret: bool, now: Timestamp) -> Result<Added> {
        self.require_permission(user)?;
        let mut sharer = self.sharer(user).await?;
        if sharer.accounts.len() >= self.limits.accounts as usize {
            return Err(Notice::TooMany { limit: self.limits.accounts }.into());
        }
        let platform = self.platform(platform, typed)?;
        let Descriptor { id, secret, .. } = platform.descriptor().clone();
        if has_secret && secret == SecretUse::Never {
            return Err(Notice::SecretNotTaken { platform: id.to_string() }.into());
        }
        // A password is not said again.
        let shown = user_information(typed).map_or_else(|| typed.to_owned(), |user| typed.replace(user, ""));
        let refused = |problem| Notice::AccountRefused { typed: shown, problem };
        let context = Context { net: &self.intake.net, now };
        let application = Application { typed, user, credentials: None, links: None };
        let verified = platform.verify(&context, &application).await.map_err(|error| refused(error.problem))?;
        let source = source_id(&id, &verified.name, None);
        if let Some(Account { number, label, .. }) = sharer.account_at(&source) {
            return Err(Notice::AccountKnown { number: *number, label: label.to_string() }.into());
        }
        let stored = self.store().source(&source).await?;
        let interval_seconds = self.intake.interval_of(&id);
        let next_poll_at = now + Duration::from_secs(interval_seconds.into());
        let new = || Source::new(source, id.clone(), verified.name.clone(), Line::default(), interval_seconds, next_poll_at);
        let mut source = stored.unwrap_or_else(new);
        // A source may sleep, since everybody else paused it, or wait after failures.
        source.next_poll_at = source.next_poll_at.min(next_poll_at);
        let account = Account {
            number: sharer.take_number(),
            source: source.id.clone(),
            platform: id,
            label: verified.label.clone(),
            kinds: vec![Kind::Listing],
            paused: false,
            baseline_pending: true,
            added_at: now,
        };
        sharer.accounts.push(account.clone());
        let has_contacts = sharer.contacts.iter().any(|contact| contact.receives(now));
        let items = newest_first(&verified.fetched);
        let mut followers = self.store().followers(&source.id).await?;
        followers.push(sharer);
        let commit = self.intake.absorb(source, verified.fetched, followers, now).await?;
        Ok(Added { commit, account, items, interval_seconds, has_contacts })
    }

    pub(super) fn platform(&self, named: Option<&str>, typed: &str) -> Result<Arc<dyn Platform>> {
        let found = match named {
            Some(name) => self.intake.platforms.get(&PlatformId::new(name)),
            None => self.intake.platforms.iter().find(|platform| platform.recognises(typed)),
        };
        let unknown = || Notice::UnknownPlatform { typed: named.unwrap_or(typed).to_owned(), platforms: self.platforms() };
        Ok(found.cloned().ok_or_else(unknown)?)
    }

    /// Chooses which kinds of an account's trades are shared.
    pub async fn set_account_kinds(&self, user: &UserId, number: Number, kinds: &BTreeSet<Kind>) -> Result<(Commit, Account)> {
        let mut sharer = self.sharer(user).await?;
        let account = sharer.accounts.iter_mut().find(|account| account.number == number).ok_or_else(|| unknown_number(number))?;
        account.kinds = of_account(kinds);
        let account = account.clone();
        let rooms = rooms_of(&sharer);
        Ok((looked_at_again(sharer, rooms), account))
    }
}

fn newest_first(fetched: &Fetched) -> Vec<Trade> {
    let Fetched::Changed { trades, .. } = fetched else {
        return Vec::new();
    };
    let mut trades = trades.clone();
    trades.sort_by_key(|trade| std::cmp::Reverse(trade.order_at()));
    trades
}

/// The kinds of an account: changes of what is offered go with the offers.
pub(super) fn of_account(kinds: &BTreeSet<Kind>) -> Vec<Kind> {
    let kinds: BTreeSet<Kind> = kinds.iter().map(|kind| if kind.is_change() { Kind::Listing } else { *kind }).collect();
    kinds.into_iter().collect()
}
