//! Accounts: adding them, after they have been verified, and what is chosen for each.

use super::Actions;
use super::Added;
use super::Result;
use super::looked_at_again;
use super::post::is_by_hand;
use super::rooms_of;
use super::unknown_number;
use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::UserId;
use crate::domain::link::user_information;
use crate::domain::notice::CardLine;
use crate::domain::notice::Notice;
use crate::domain::problem::Problem;
use crate::domain::sharer::Account;
use crate::domain::sharer::Sharer;
use crate::domain::source::Fetched;
use crate::domain::source::Source;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::intake::SubscribeError;
use crate::intake::Way;
use crate::platforms::Application;
use crate::platforms::Credentials;
use crate::platforms::LinkTemplate;
use crate::platforms::Platform;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use crate::platforms::push::Confirm;
use crate::platforms::source_id;
use crate::store::Commit;
use crate::store::Named;
use crate::store::StoreError;
use crate::values::Secret;
use futures_util::future::join_all;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// An account as it is typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewAccount<'a> {
    /// The platform; none where only a link was typed.
    pub platform: Option<&'a str>,
    /// Its name or address; empty for a platform whose accounts are Matrix users.
    pub typed: &'a str,
    /// What lets tradepost in.
    pub secret: Option<&'a Secret>,
    /// How links are made, where the shop has no pages of its own.
    pub links: Option<&'a str>,
}

/// What came of adding an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adding {
    /// It is there.
    Added(Box<Added>),
    /// She has to do something first.
    Asked {
        /// The change.
        commit: Box<Commit>,
        /// What.
        notice: Notice,
    },
}

/// An account that is ready to be verified.
pub(super) struct Candidate<'a> {
    pub(super) platform: Arc<dyn Platform>,
    pub(super) typed: &'a str,
    pub(super) credentials: Option<Credentials>,
    pub(super) links: Option<LinkTemplate>,
}

impl Actions {
    /// Adds an account, at whichever platform recognises it where none is named, after it has been
    /// verified. What stands there now becomes its baseline: nothing of it is posted.
    pub async fn add_account(&self, user: &UserId, new: &NewAccount<'_>, now: Timestamp) -> Result<Adding> {
        self.require_permission(user).await?;
        let sharer = self.sharer(user).await?;
        self.require_room_for_account(&sharer)?;
        let platform = self.platform(new.platform, new.typed, now).await?;
        let descriptor = platform.descriptor();
        let name = || descriptor.id.to_string();
        if !descriptor.is_set_up {
            return Err(Notice::PlatformNotSetUp { platform: name() }.into());
        }
        if new.secret.is_some() && matches!(descriptor.secret, SecretUse::Never | SecretUse::SharedAccount) {
            return Err(Notice::SecretNotTaken { platform: name() }.into());
        }
        let wrong_template = |typed: &str| Notice::LinkTemplate { typed: typed.to_owned() };
        let links = new.links.map(|typed| LinkTemplate::parse(typed).ok_or_else(|| wrong_template(typed))).transpose()?;
        if descriptor.secret == SecretUse::SharedAccount {
            self.require_shared_account(user, new.typed, &name())?;
        } else if new.typed.is_empty() {
            return Err(Notice::AccountAsked { platform: name() }.into());
        }
        if descriptor.secret == SecretUse::Required && new.secret.is_none() {
            return self.ask_for_secret(sharer, platform.as_ref(), new, now);
        }
        let typed = if descriptor.secret == SecretUse::SharedAccount { "" } else { new.typed };
        let credentials = new.secret.cloned().map(Credentials::new);
        self.add_candidate(sharer, Candidate { platform, typed, credentials, links }, now).await
    }

    /// Verifies and adds an account.
    pub(super) async fn add_candidate(&self, mut sharer: Sharer, candidate: Candidate<'_>, now: Timestamp) -> Result<Adding> {
        // By links for several accounts she may come here more often than she asked.
        self.require_room_for_account(&sharer)?;
        let Candidate { platform, typed, credentials, links } = candidate;
        let user = sharer.id.clone();
        let application = Application { typed, user: &user, credentials: credentials.as_ref(), links: links.as_ref() };
        let verified = platform.verify(&self.intake.context(now), &application).await.map_err(|error| refused(typed, error.problem))?;
        let descriptor = platform.descriptor();
        let is_hers = credentials.is_some() || links.is_some() || descriptor.only_pushes || descriptor.secret == SecretUse::SharedAccount;
        let id = source_id(&descriptor.id, &verified.name, is_hers.then_some(&user));
        if let Some(Account { number, label, .. }) = sharer.account_at(&id) {
            return Err(Notice::AccountKnown { number: *number, label: label.to_string() }.into());
        }
        let interval_seconds = self.intake.interval_of(&descriptor.id);
        let next_poll_at = if has_more(&verified.fetched) { now } else { now + Duration::from_secs(interval_seconds.into()) };
        let new = Source::new(id, descriptor.id.clone(), verified.name.clone(), Line::default(), interval_seconds, next_poll_at);
        let mut source = if is_hers { self.begun_anew(new, now).await? } else { self.store().source(&new.id).await?.unwrap_or(new) };
        // A source may sleep, since everybody else paused it, or wait after failures.
        source.next_poll_at = source.next_poll_at.min(next_poll_at);
        source.owner = is_hers.then(|| user.clone());
        source.link_template = links.map(|links| links.to_string());
        if let Some(credentials) = &credentials {
            self.seal(&mut source, credentials, now)?;
        }
        let account = new_account(&mut sharer, &source, &verified, now);
        if descriptor.only_pushes {
            return self.register(sharer, source, &account, now).await;
        }
        let has_contacts = sharer.contacts.iter().any(|contact| contact.receives(now));
        let items = newest_first(&verified.fetched);
        let mut followers = self.store().followers(&source.id).await?;
        followers.push(sharer.clone());
        let commit = self.intake.absorb(source, verified.fetched, followers, Way::Polled, now).await?;
        let mut commit = with_sharer(commit, sharer);
        commit.named.extend(credentials.is_some().then(sealed_secrets));
        let has_push = platform.push().is_some();
        Ok(Adding::Added(Box::new(Added {
            commit,
            account,
            items,
            interval_seconds,
            has_contacts,
            more_with_secret: descriptor.secret == SecretUse::Optional && credentials.is_none(),
            could_push: has_push && credentials.is_some() && self.intake.web.public_url.is_some(),
            only_polled: has_push && credentials.is_some() && self.intake.web.public_url.is_none(),
        })))
    }

    /// A source of her own that she does not follow yet, in the version in which it is stored: it may still
    /// be there, since its platform has to be told first that it is not hers any more. Nothing of what it was
    /// holds now, least of all an address that is not listened to.
    pub(super) async fn begun_anew(&self, new: Source, now: Timestamp) -> Result<Source> {
        let Some(left) = self.store().source(&new.id).await? else { return Ok(new) };
        if left.push.is_some()
            && let Err(error) = self.intake.end_subscription(&left, now).await
        {
            tracing::info!(%error, source = %left.id, "a subscription could not be ended at the platform");
        }
        Ok(Source { version: left.version, ..new })
    }

    /// Has a platform that only sends register an account, which counts once its owner has confirmed it
    /// there.
    async fn register(&self, sharer: Sharer, mut source: Source, account: &Account, now: Timestamp) -> Result<Adding> {
        let subscribed = self.intake.subscribe(&mut source, now).await.map_err(|error| match error {
            SubscribeError::NotPossible => Notice::NoPublicAddress.into(),
            SubscribeError::Refused(error) => refused(&source.name, error.problem),
            SubscribeError::Store(error) => error.into(),
        })?;
        let notice = self.intake.confirm_asked(account, &subscribed.confirm.unwrap_or(Confirm::Code));
        let commit = Commit { sharers: vec![sharer], sources: vec![source], named: vec![sealed_secrets()], ..Commit::default() };
        Ok(Adding::Asked { commit: Box::new(commit), notice })
    }

    /// Passes on the code that a platform showed her. It is good once, so that what comes of it is committed
    /// here, whatever else changes meanwhile; the platform may have told of it by then, too.
    pub async fn confirm_account(&self, user: &UserId, number: Number, code: &str, now: Timestamp) -> Result<()> {
        let sharer = self.sharer(user).await?;
        let account = account_of(&sharer, number)?;
        let unconfirmed = || Notice::NothingToConfirm { label: account.label.to_string() };
        let source = self.store().source(&account.source).await?.ok_or_else(unconfirmed)?;
        if self.intake.confirmation(&source, now).await?.is_none() {
            return Err(unconfirmed().into());
        }
        self.intake.confirm(&source, code, now).await.map_err(|error| refused(&source.name, error.problem))?;
        for _ in 0..ATTEMPTS {
            let Some(source) = self.store().source(&account.source).await? else { break };
            let Some(commit) = self.intake.confirmation(&source, now).await? else { break };
            match self.store().commit(commit).await {
                Err(StoreError::Conflict) => {}
                result => return Ok(result?),
            }
        }
        Ok(())
    }

    /// Has an account looked at so often from now on.
    pub async fn set_interval(&self, user: &UserId, number: Number, seconds: u64, now: Timestamp) -> Result<(Commit, Notice)> {
        let limit_seconds = self.intake.shortest_interval_seconds;
        let interval_seconds = u32::try_from(seconds).unwrap_or(u32::MAX).min(LONGEST_INTERVAL);
        if interval_seconds < limit_seconds {
            return Err(Notice::IntervalTooShort { limit_seconds }.into());
        }
        let mut sharer = self.sharer(user).await?;
        let account = sharer.accounts.iter_mut().find(|account| account.number == number).ok_or_else(|| unknown_number(number))?;
        if is_by_hand(account) {
            return Err(Notice::NothingToLookAt { label: account.label.to_string() }.into());
        }
        account.interval_seconds = Some(interval_seconds);
        let (label, source) = (account.label.to_string(), account.source.clone());
        let mut commit = Commit { sharers: vec![sharer], ..Commit::default() };
        if let Some(mut source) = self.store().source(&source).await? {
            source.next_poll_at = source.next_poll_at.min(now + Duration::from_secs(interval_seconds.into()));
            commit.sources.push(source);
        }
        Ok((commit, Notice::IntervalChanged { label, interval_seconds }))
    }

    pub(super) fn seal(&self, source: &mut Source, credentials: &Credentials, now: Timestamp) -> Result<()> {
        self.intake.put_credentials(source, credentials, now).map_err(|error| {
            tracing::error!(%error, "a secret could not be sealed");
            Notice::TryAgain.into()
        })
    }

    pub(super) fn require_room_for_account(&self, sharer: &Sharer) -> Result<()> {
        if sharer.accounts.len() >= self.limits.accounts as usize {
            return Err(Notice::TooMany { limit: self.limits.accounts }.into());
        }
        Ok(())
    }

    /// Shop and chat share one account only where both are the operator's own: a namesake on another
    /// server is somebody else.
    fn require_shared_account(&self, user: &UserId, typed: &str, platform: &str) -> Result<()> {
        let is_ours = user.server() == self.us.domain;
        if is_ours && (typed.is_empty() || typed == user.localpart() || typed == user.as_str()) {
            return Ok(());
        }
        Err(Notice::AccountNotShared { platform: platform.to_owned(), server: self.us.domain.clone() }.into())
    }

    /// The platform that is named, or the one to which `typed` belongs: the adapters know by looking at it,
    /// or by asking there; a feed is what is left.
    pub(super) async fn platform(&self, named: Option<&str>, typed: &str, now: Timestamp) -> Result<Arc<dyn Platform>> {
        let unknown = || Notice::UnknownPlatform { typed: named.unwrap_or(typed).to_owned(), platforms: self.platforms() };
        if let Some(name) = named {
            return Ok(self.intake.platforms.get(&PlatformId::new(name)).cloned().ok_or_else(unknown)?);
        }
        let (general, special): (Vec<_>, Vec<_>) =
            self.intake.platforms.iter().partition(|platform| platform.descriptor().id.as_str() == FEED);
        let Some(general) = general.first() else { return Err(unknown().into()) };
        if let Some(found) = special.iter().find(|platform| platform.recognises(typed)) {
            return Ok(Arc::clone(found));
        }
        if !general.recognises(typed) {
            return Err(unknown().into());
        }
        if !looks_like_feed(typed) {
            let context = self.intake.context(now);
            let ready = special.iter().filter(|platform| platform.descriptor().is_set_up);
            let asked = join_all(ready.map(async |platform| platform.stands_at(&context, typed).await.then(|| Arc::clone(platform)))).await;
            if let Some(found) = asked.into_iter().flatten().next() {
                return Ok(found);
            }
        }
        Ok(Arc::clone(general))
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

impl Added {
    /// What she is told of it: what was found, with a sample.
    #[must_use]
    pub fn notice(&self) -> Notice {
        let shop = self.account.label.to_string();
        let sample = |trade: &Trade| CardLine { shop: shop.clone(), trade: trade.clone() };
        Notice::AccountAdded {
            number: self.account.number,
            label: shop.clone(),
            items: u32::try_from(self.items.len()).unwrap_or(u32::MAX),
            interval_seconds: self.interval_seconds,
            sample: self.items.iter().filter(|trade| !trade.kind.is_order()).take(1).map(sample).collect(),
            without_contacts: !self.has_contacts,
            more_with_secret: self.more_with_secret,
            could_push: self.could_push,
            only_polled: self.only_polled,
        }
    }
}

/// How often what changed meanwhile is decided anew.
const ATTEMPTS: usize = 5;
/// The platform to which a link belongs that no other knows.
const FEED: &str = "feed";
/// Longer than a week nothing is left alone.
const LONGEST_INTERVAL: u32 = 604_800;

/// What is noted with every secret, so that its key is never made anew.
pub(super) fn sealed_secrets() -> (Named, Option<String>) {
    (Named::SealedSecrets, Some(String::new()))
}

/// A sharer's account with this number.
pub(super) fn account_of(sharer: &Sharer, number: Number) -> Result<&Account> {
    sharer.accounts.iter().find(|account| account.number == number).ok_or_else(|| unknown_number(number))
}

/// A refusal of an account; a password in its address is not said again.
pub(super) fn refused(typed: &str, problem: Problem) -> super::Rejection {
    let typed = user_information(typed).map_or_else(|| typed.to_owned(), |user| typed.replace(user, ""));
    Notice::AccountRefused { typed, problem }.into()
}

/// The same commit with `sharer` in it: where her baseline is not complete yet, she does not change by it,
/// and she would be left out.
pub(super) fn with_sharer(mut commit: Commit, sharer: Sharer) -> Commit {
    if commit.sharers.iter().all(|other| other.id != sharer.id) {
        commit.sharers.push(sharer);
    }
    commit
}

fn new_account(sharer: &mut Sharer, source: &Source, verified: &Verified, now: Timestamp) -> Account {
    let account = Account {
        number: sharer.take_number(),
        source: source.id.clone(),
        platform: source.platform.clone(),
        label: verified.label.clone(),
        kinds: vec![Kind::Listing],
        paused: false,
        baseline_pending: true,
        interval_seconds: None,
        needs_secret: false,
        formerly: None,
        added_at: now,
    };
    sharer.accounts.push(account.clone());
    account
}

/// Whether a link names a feed itself, so that nobody has to be asked what stands there.
fn looks_like_feed(typed: &str) -> bool {
    let typed = typed.to_ascii_lowercase();
    let path = typed.split(['?', '#']).next().unwrap_or_default();
    typed.starts_with("feed:")
        || typed.contains("feed")
        || [".xml", ".rss", ".atom", ".json", "/rss", "/atom"].iter().any(|end| path.ends_with(end))
}

fn has_more(fetched: &Fetched) -> bool {
    matches!(fetched, Fetched::Changed { more: true, .. })
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
