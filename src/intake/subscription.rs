//! Subscriptions: addresses of ours to which platforms send trades by themselves. Each account has an
//! address and a secret of its own; both are kept sealed.

use super::AccessError;
use super::Intake;
use crate::domain::backoff;
use crate::domain::delivery::NewDelivery;
use crate::domain::ids::SourceId;
use crate::domain::notice::Notice;
use crate::domain::problem::Problem;
use crate::domain::sealed;
use crate::domain::sharer::Account;
use crate::domain::sharer::Sharer;
use crate::domain::source::Failure;
use crate::domain::source::Source;
use crate::domain::source::Subscription;
use crate::domain::source::SubscriptionState;
use crate::domain::trade::digest;
use crate::faultpoint;
use crate::faultpoint::Point;
use crate::platforms::FetchError;
use crate::platforms::push::Confirm;
use crate::platforms::push::Hook;
use crate::platforms::push::Subscribed;
use crate::store::Commit;
use crate::store::Named;
use crate::store::StoreError;
use crate::values::Secret;
use crate::vault::random_token;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// How often it is looked whether a platform still sends.
const CHECKED_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How long before a subscription ends by itself it is made anew.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_hours(48);
/// How often it is tried to end a subscription of an account that is gone.
const FAREWELLS: u32 = 10;

/// What is kept sealed of a subscription.
#[derive(Serialize, Deserialize)]
struct Kept {
    token: String,
    secret: String,
    ids: Vec<String>,
}

/// What came of looking whether a platform still sends.
#[derive(Clone, Debug, Default)]
pub(super) struct Looked {
    /// The former address, to which nothing comes any more.
    pub(super) ended: Option<(Named, Option<String>)>,
    /// How the account's owner confirms the new one.
    pub(super) confirm: Option<Confirm>,
}

/// Why there is no subscription.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// tradepost has no public address, or the platform sends nothing.
    #[error("the platform cannot send to us")]
    NotPossible,
    /// The platform refused.
    #[error(transparent)]
    Refused(#[from] FetchError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Intake {
    /// Has the platform send what happens at `source`, which is changed but not committed. Its address is
    /// known before the platform is asked: some send at once.
    pub async fn subscribe(&self, source: &mut Source, now: Timestamp) -> Result<Subscribed, SubscribeError> {
        let mut hook = self.new_hook(&source.id).await?;
        let subscribed = match self.ask_to_send(source, &hook, now).await {
            Ok(subscribed) => subscribed,
            Err(error) => {
                let forgotten = (Named::Hook(digest(&[&token(&hook)])), None);
                self.store.commit(Commit { named: vec![forgotten], ..Commit::default() }).await?;
                return Err(error);
            }
        };
        faultpoint::pass(Point::SubscriptionMade);
        hook.ids.clone_from(&subscribed.ids);
        let state = if subscribed.confirm.is_some() { SubscriptionState::Unconfirmed } else { SubscriptionState::Active };
        self.put_hook(source, &hook, state, now)?;
        if let Some(push) = &mut source.push {
            push.expires_at = subscribed.expires_at;
        }
        Ok(subscribed)
    }

    async fn ask_to_send(&self, source: &Source, hook: &Hook, now: Timestamp) -> Result<Subscribed, SubscribeError> {
        let opened = self.open(source).map_err(FetchError::from)?;
        let push = opened.platform.push().ok_or(SubscribeError::NotPossible)?;
        Ok(push.subscribe(&self.context(now), &opened.login(), hook).await?)
    }

    /// An address and a secret that the owner of `source` gives the platform by hand.
    pub async fn subscribe_by_hand(&self, source: &mut Source, now: Timestamp) -> Result<(), SubscribeError> {
        let hook = self.new_hook(&source.id).await?;
        Ok(self.put_hook(source, &hook, SubscriptionState::ByHand, now)?)
    }

    /// The address and the secret that its owner gives the platform by hand; none where that is over.
    #[must_use]
    pub fn hook_by_hand(&self, source: &Source) -> Option<Hook> {
        let mut all = source.push.iter().flat_map(Subscription::all);
        all.find(|one| one.state == SubscriptionState::ByHand).and_then(|one| self.hook(&source.id, one).ok())
    }

    /// Looks, once a day, whether the platform still sends, and has it send again where it does not. What
    /// the platform refuses is left for the next time: what it would send is polled.
    pub(super) async fn keep_subscribed(&self, source: &mut Source, now: Timestamp) -> Looked {
        let is_looked_at = |push: &Subscription| matches!(push.state, SubscriptionState::Active | SubscriptionState::Lost);
        let Some(mut subscription) = source.push.clone().filter(is_looked_at) else { return Looked::default() };
        let ends_soon = subscription.expires_at.is_some_and(|at| at.duration_since(now) <= RENEWED_BEFORE);
        if !ends_soon && now.duration_since(subscription.checked_at) < CHECKED_EVERY {
            return Looked::default();
        }
        subscription.checked_at = now;
        let is_there = match self.is_subscribed(source, &subscription, now).await {
            Ok(is_there) => is_there,
            Err(error) => {
                tracing::info!(%error, source = %source.id, "it could not be seen whether a platform still sends");
                source.push = Some(subscription);
                return Looked::default();
            }
        };
        subscription.state = if is_there { SubscriptionState::Active } else { SubscriptionState::Lost };
        match subscription.next.take() {
            // What was asked of its owner is all that is left.
            Some(next) if !is_there => {
                source.push = Some(*next);
                Looked { ended: Some((Named::Hook(subscription.hook), None)), confirm: None }
            }
            next => {
                subscription.next = next;
                let is_enough = is_there && (!ends_soon || subscription.next.is_some());
                source.push = Some(subscription.clone());
                if is_enough { Looked::default() } else { self.subscribe_anew(source, subscription, now).await }
            }
        }
    }

    async fn subscribe_anew(&self, source: &mut Source, former: Subscription, now: Timestamp) -> Looked {
        let before = source.clone();
        let subscribed = match self.subscribe(source, now).await {
            Ok(subscribed) => subscribed,
            Err(error) => {
                tracing::warn!(%error, source = %source.id, "a platform does not send for longer; what it would send is polled");
                return Looked::default();
            }
        };
        if subscribed.confirm.is_some() && former.sends() {
            // Until its owner has confirmed the new one, the former one is what there is.
            let next = source.push.take().map(Box::new);
            source.push = Some(Subscription { next, ..former });
            return Looked { ended: None, confirm: subscribed.confirm };
        }
        tracing::info!(source = %source.id, "a platform sends again");
        // What is left of the former one would send to nobody, unless the platform calls the new one the same.
        let is_another = self.hook(&before.id, &former).is_ok_and(|hook| hook.ids.iter().all(|id| !subscribed.ids.contains(id)));
        if is_another && let Err(error) = self.end_subscription(&before, now).await {
            tracing::info!(%error, source = %source.id, "a former subscription could not be ended at the platform");
        }
        Looked { ended: Some((Named::Hook(former.hook), None)), confirm: subscribed.confirm }
    }

    async fn is_subscribed(&self, source: &Source, subscription: &Subscription, now: Timestamp) -> Result<bool, FetchError> {
        let (opened, hook) = (self.open(source)?, self.hook(&source.id, subscription)?);
        match opened.platform.push() {
            Some(push) => push.is_subscribed(&self.context(now), &opened.login(), &hook).await,
            None => Ok(true),
        }
    }

    /// Passes on a code that the platform showed to the account's owner.
    pub async fn confirm(&self, source: &Source, code: &str, now: Timestamp) -> Result<(), FetchError> {
        let subscription = source.push.as_ref().and_then(Subscription::unconfirmed).ok_or(Problem::NotFound)?;
        let (opened, hook) = (self.open(source)?, self.hook(&source.id, subscription)?);
        let push = opened.platform.push().ok_or(Problem::AppRefused)?;
        push.confirm(&self.context(now), &opened.login(), &hook, code).await
    }

    /// What the owner of `source` is told when she has to confirm its new subscription.
    pub(super) fn confirm_notice(&self, source: &Source, followers: &[Sharer], confirm: &Confirm, now: Timestamp) -> Option<NewDelivery> {
        let owner = followers.iter().find(|sharer| Some(&sharer.id) == source.owner.as_ref())?;
        let notice = self.confirm_asked(owner.account_at(&source.id)?, confirm);
        Some(NewDelivery::to_person(owner.id.clone(), notice, now))
    }

    /// How an account is to be confirmed.
    #[must_use]
    pub fn confirm_asked(&self, account: &Account, confirm: &Confirm) -> Notice {
        let page = match confirm {
            Confirm::Page(page) => Some(page.to_string()),
            Confirm::Code => None,
        };
        let platform = self.platforms.get(&account.platform).map_or_else(String::new, |platform| platform.descriptor().name.clone());
        Notice::ConfirmAsked { number: account.number, platform, label: account.label.to_string(), page }
    }

    /// Tells a platform that sends for an account which nobody has any more to stop, and lets go of the
    /// source; after some time without its answer too.
    pub(super) async fn say_farewell(&self, mut source: Source, now: Timestamp, seed: u64) -> Result<(), StoreError> {
        let attempts = source.failure.as_ref().map_or(1, |failure| failure.attempts.saturating_add(1));
        let is_told = match self.keep_fresh(&mut source, now).await {
            Err(AccessError::Store(error)) => return Err(error),
            Ok(()) | Err(AccessError::Refused(_)) => self.end_subscription(&source, now).await,
        };
        match is_told {
            Err(FetchError { problem, retry_after }) if attempts < FAREWELLS => {
                source.next_poll_at = now + backoff::wait(attempts, Duration::from_mins(1), retry_after, seed);
                source.failure = Some(Failure { since_at: now, attempts, problem, told: true });
            }
            _ => source.push = None,
        }
        // What came before is stored before the source is gone, and goes with it.
        let _guard = self.locks.lock(&source.id).await;
        self.store.commit(Commit { sources: vec![source], ..Commit::default() }).await
    }

    /// Has the platform send no more.
    pub async fn end_subscription(&self, source: &Source, now: Timestamp) -> Result<(), FetchError> {
        let all = source.push.iter().flat_map(Subscription::all);
        for subscription in all.filter(|subscription| subscription.state != SubscriptionState::ByHand) {
            let (opened, hook) = (self.open(source)?, self.hook(&source.id, subscription)?);
            if let Some(push) = opened.platform.push() {
                push.unsubscribe(&self.context(now), &opened.login(), &hook).await?;
            }
        }
        Ok(())
    }

    /// The address, secret and ids of a subscription of `source`.
    pub(super) fn hook(&self, source: &SourceId, subscription: &Subscription) -> Result<Hook, Problem> {
        let opened = self.vault.open(&sealed::subscription_of(source), &subscription.sealed).map_err(|error| {
            tracing::error!(%error, %source, "a subscription cannot be opened");
            Problem::MalformedAnswer
        })?;
        let kept: Kept = serde_json::from_slice(&opened).map_err(|_| Problem::MalformedAnswer)?;
        let callback = self.callback(&kept.token).ok_or(Problem::MalformedAnswer)?;
        Ok(Hook { callback, secret: Secret::new(kept.secret), ids: kept.ids })
    }

    async fn new_hook(&self, source: &SourceId) -> Result<Hook, SubscribeError> {
        let token = random_token::<16>();
        let callback = self.callback(&token).ok_or(SubscribeError::NotPossible)?;
        let named = (Named::Hook(digest(&[&token])), Some(source.to_string()));
        self.store.commit(Commit { named: vec![named], ..Commit::default() }).await?;
        let secret = Secret::new(random_token::<32>());
        Ok(Hook { callback, secret, ids: Vec::new() })
    }

    fn put_hook(&self, source: &mut Source, hook: &Hook, state: SubscriptionState, now: Timestamp) -> Result<(), FetchError> {
        let kept = Kept { secret: hook.secret.expose().to_owned(), ids: hook.ids.clone(), token: token(hook) };
        let json = Zeroizing::new(serde_json::to_vec(&kept).unwrap_or_default());
        let sealed = self.vault.seal(&sealed::subscription_of(&source.id), &json).map_err(|_| Problem::MalformedAnswer)?;
        let hook = digest(&[&kept.token]);
        source.push = Some(Subscription { hook, sealed, state, checked_at: now, expires_at: None, next: None });
        Ok(())
    }

    fn callback(&self, token: &str) -> Option<Url> {
        self.public_address(&["hooks", token])
    }

    /// An address of ours that can be reached from outside; none where there is none.
    #[must_use]
    pub fn public_address(&self, path: &[&str]) -> Option<Url> {
        let mut url = self.web.public_url.clone()?;
        url.path_segments_mut().ok()?.pop_if_empty().extend(path);
        Some(url)
    }
}

/// What stands at the end of a hook's address.
fn token(hook: &Hook) -> String {
    hook.callback.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default().to_owned()
}
