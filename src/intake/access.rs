//! What lets tradepost in at a source: opened for each use, sealed again, renewed before it ends.

use super::Intake;
use crate::domain::delivery::NewDelivery;
use crate::domain::notice::Notice;
use crate::domain::problem::Problem;
use crate::domain::sealed;
use crate::domain::sharer::Sharer;
use crate::domain::source::Fetched;
use crate::domain::source::Source;
use crate::faultpoint;
use crate::faultpoint::Point;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::LinkTemplate;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::store::Commit;
use crate::store::StoreError;
use crate::vault::VaultError;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::sync::Arc;

/// How long before a secret ends a new one is got.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_mins(30);
/// How long before a secret ends for good its owner is told.
const TOLD_BEFORE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How far apart two ends are that are the same, told by how long it is until then.
const SAME_END: SignedDuration = SignedDuration::from_mins(5);

/// For how long a source whose secret was renewed is left to whoever did it.
const HELD: SignedDuration = SignedDuration::from_mins(5);
/// How often what changed meanwhile is decided anew.
const ATTEMPTS: usize = 5;

/// Why a source cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The platform refused.
    #[error(transparent)]
    Refused(#[from] FetchError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A source with what lets tradepost in there.
pub(crate) struct Opened<'a> {
    /// Its adapter.
    pub(crate) platform: Arc<dyn Platform>,
    source: &'a Source,
    credentials: Option<Credentials>,
    links: Option<LinkTemplate>,
}

impl Opened<'_> {
    /// As the adapter reads it.
    pub(crate) fn login(&self) -> Login<'_> {
        Login {
            name: &self.source.name,
            user: self.source.owner.as_ref(),
            credentials: self.credentials.as_ref(),
            links: self.links.as_ref(),
        }
    }
}

impl Intake {
    /// Opens what lets tradepost in at a source.
    pub(crate) fn open<'a>(&self, source: &'a Source) -> Result<Opened<'a>, Problem> {
        let platform = self.platforms.get(&source.platform).ok_or(Problem::AppRefused)?;
        Ok(Opened {
            platform: Arc::clone(platform),
            source,
            credentials: self.credentials(source)?,
            links: source.link_template.as_deref().and_then(LinkTemplate::parse),
        })
    }

    /// Fetches what stands at a source, from its cursor on.
    pub async fn fetch(&self, source: &Source, now: Timestamp) -> Result<Fetched, FetchError> {
        let opened = self.open(source)?;
        opened.platform.fetch(&self.context(now), &opened.login(), source.cursor.as_deref()).await
    }

    /// What adapters work with.
    #[must_use]
    pub fn context(&self, now: Timestamp) -> Context<'_> {
        Context { net: &self.net, now }
    }

    /// The secret of a source, opened.
    fn credentials(&self, source: &Source) -> Result<Option<Credentials>, Problem> {
        let Some(sealed) = &source.sealed else { return Ok(None) };
        let opened = self.vault.open(&sealed::secret_of(&source.id), sealed).map_err(|error| {
            tracing::error!(%error, source = %source.id, "a secret cannot be opened");
            Problem::SecretRefused
        })?;
        Credentials::from_json(&opened).map(Some).ok_or(Problem::SecretRefused)
    }

    /// Gives a source what lets tradepost in there.
    pub fn put_credentials(&self, source: &mut Source, credentials: &Credentials, now: Timestamp) -> Result<(), VaultError> {
        source.sealed = Some(self.vault.seal(&sealed::secret_of(&source.id), credentials.to_json().as_bytes())?);
        let before = std::mem::replace(&mut source.expires_at, credentials.ends_at());
        // A renewed one may end when the former did: that she has or has not been told of it stays true.
        let is_same_end = before.zip(source.expires_at).is_some_and(|(before, at)| at.duration_since(before).abs() <= SAME_END);
        // What lasts no longer than that is known to be short.
        let is_short = source.expires_at.is_some_and(|at| at.duration_since(now) <= TOLD_BEFORE);
        source.told_expiry = if is_same_end { source.told_expiry } else { is_short };
        Ok(())
    }

    /// Gets a new secret for a source whose own ends soon, where that can be done without its owner. It is
    /// kept before it is used, whatever else changes meanwhile: the old one may not work any more.
    pub async fn keep_fresh(&self, source: &mut Source, now: Timestamp) -> Result<(), AccessError> {
        if !self.open(source).map_err(FetchError::from)?.credentials.as_ref().is_some_and(|credentials| ends_soon(credentials, now)) {
            return Ok(());
        }
        // Two at a time would use the same one to get another, which may end both.
        let _turn = self.locks.lock_secret(&source.id).await;
        match self.store.source(&source.id).await? {
            Some(stored) if stored.sealed == source.sealed => {}
            Some(stored) => {
                *source = stored;
                return Ok(());
            }
            None => return Err(StoreError::Conflict.into()),
        }
        let Some(credentials) = self.renewed(source, now).await? else { return Ok(()) };
        faultpoint::pass(Point::SecretRenewed);
        for _ in 0..ATTEMPTS {
            let Some(stored) = self.store.source(&source.id).await? else { break };
            if stored.sealed != source.sealed {
                // She has given another one meanwhile.
                *source = stored;
                return Ok(());
            }
            let due_at = stored.next_poll_at;
            let mut fresh = stored;
            self.put_credentials(&mut fresh, &credentials, now).map_err(|_| FetchError::from(Problem::SecretRefused))?;
            // Whoever has it renewed goes on with it; nobody else polls it meanwhile.
            fresh.next_poll_at = due_at.max(now + HELD);
            match self.store.commit(Commit { sources: vec![fresh], ..Commit::default() }).await {
                Err(StoreError::Conflict) => {}
                result => {
                    result?;
                    let kept = self.store.source(&source.id).await?.ok_or(StoreError::Conflict)?;
                    *source = Source { next_poll_at: due_at, ..kept };
                    return Ok(());
                }
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn renewed(&self, source: &Source, now: Timestamp) -> Result<Option<Credentials>, FetchError> {
        let opened = self.open(source)?;
        let Some(credentials) = opened.credentials.as_ref().filter(|credentials| ends_soon(credentials, now)) else {
            return Ok(None);
        };
        let Some(consent) = opened.platform.consent() else { return Ok(None) };
        match consent.renew(&self.context(now), credentials).await {
            Ok(renewed) => Ok(Some(renewed)),
            // The old one is good for a while yet.
            Err(error) if error.problem.may_pass() && credentials.expires_at.is_some_and(|at| at > now) => {
                tracing::info!(%error, source = %source.id, "a secret could not be renewed yet");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

fn ends_soon(credentials: &Credentials, now: Timestamp) -> bool {
    credentials.refresh.is_some() && credentials.expires_at.is_some_and(|at| at.duration_since(now) <= RENEWED_BEFORE)
}

/// Tells the owner of a source, once, that its secret will end.
pub(super) fn expiry_notice(source: &mut Source, followers: &[Sharer], now: Timestamp) -> Option<NewDelivery> {
    let expires_at = source.expires_at.filter(|at| !source.told_expiry && at.duration_since(now) <= TOLD_BEFORE)?;
    let owner = followers.iter().find(|sharer| Some(&sharer.id) == source.owner.as_ref())?;
    let account = owner.account_at(&source.id)?;
    source.told_expiry = true;
    let notice = Notice::SecretExpires { number: account.number, label: account.label.to_string(), expires_at };
    Some(NewDelivery::to_person(owner.id.clone(), notice, now))
}
