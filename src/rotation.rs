//! Another key for what is sealed in the database: each value is opened with the key that sealed it and
//! sealed with the newest one. It may end at any moment and be begun again; nothing is lost, since the key
//! file holds both until all is done.

use crate::domain::sealed;
use crate::domain::source::Source;
use crate::domain::source::Subscription;
use crate::store::Commit;
use crate::store::Named;
use crate::store::PendingEvent;
use crate::store::Store;
use crate::store::StoreError;
use crate::vault::Key;
use crate::vault::VaultError;
use std::fmt;

/// How many pending events are sealed anew in one change.
const BATCH: usize = 100;

/// Why something could not be sealed anew.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What was found, or done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Secrets of accounts that are sealed with a former key.
    pub secrets: u64,
    /// What platforms sign with.
    pub subscriptions: u64,
    /// Whether the bot's identity is.
    pub identity: bool,
    /// What was typed and is not worked off.
    pub pending: u64,
    /// What none of the keys opens: it is left as it is.
    pub unopened: Vec<String>,
}

impl fmt::Display for Resealed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secrets, subscriptions, identity, pending, .. } = self;
        let identity = u8::from(*identity);
        write!(
            out,
            "secrets of accounts: {secrets}, subscriptions: {subscriptions}, the bot's identity: {identity}, events that wait: {pending}"
        )
    }
}

/// One value: what it becomes, where it is not sealed with the newest key already.
struct Walk<'a> {
    key: &'a Key,
    /// Only looked at: everything counts as if another key were there already.
    looks: bool,
    unopened: Vec<String>,
}

impl Walk<'_> {
    /// What becomes of something sealed; none where it stays as it is.
    fn anew(&mut self, name: &str, sealed: &str) -> Result<Option<String>, VaultError> {
        match self.key.open(name, sealed) {
            Ok(_) if self.looks => Ok(Some(String::new())),
            Ok(_) if self.key.seals(sealed) => Ok(None),
            Ok(plain) => self.key.seal(name, &plain).map(Some),
            Err(_) => {
                self.unopened.push(name.to_owned());
                Ok(None)
            }
        }
    }

    /// The same for all subscriptions of a source; answers how many changed.
    fn subscriptions(&mut self, name: &str, first: &mut Subscription) -> Result<u64, VaultError> {
        let mut changed = 0;
        let mut next = Some(first);
        while let Some(subscription) = next {
            if let Some(sealed) = self.anew(name, &subscription.sealed)? {
                subscription.sealed = sealed;
                changed += 1;
            }
            next = subscription.next.as_deref_mut();
        }
        Ok(changed)
    }
}

/// Counts what is sealed in the database and would be sealed anew with another key than `key`.
pub async fn survey(store: &dyn Store, key: &Key) -> Result<Resealed, RotationError> {
    walk(store, key, true).await
}

/// Seals everything in the database anew that is not sealed with the newest key of `key`. Nobody else may
/// use the database meanwhile.
pub async fn reseal(store: &dyn Store, key: &Key) -> Result<Resealed, RotationError> {
    walk(store, key, false).await
}

async fn walk(store: &dyn Store, key: &Key, looks: bool) -> Result<Resealed, RotationError> {
    let mut walk = Walk { key, looks, unopened: Vec::new() };
    let mut done = Resealed::default();
    for id in store.source_ids().await? {
        let Some(mut source) = store.source(&id).await? else { continue };
        let (secrets, subscriptions) = of_source(&mut walk, &mut source)?;
        done.secrets += secrets;
        done.subscriptions += subscriptions;
        if !looks && secrets + subscriptions > 0 {
            store.commit(Commit { sources: vec![source], ..Commit::default() }).await?;
        }
    }
    if let Some(sealed) = store.named(&Named::BotIdentity).await?
        && let Some(anew) = walk.anew(sealed::BOT_IDENTITY, &sealed)?
    {
        done.identity = true;
        if !looks {
            store.commit(Commit { named: vec![(Named::BotIdentity, Some(anew))], ..Commit::default() }).await?;
        }
    }
    let mut anew = Vec::new();
    for event in store.pending_events().await? {
        // Encrypted ones, and those of an earlier version, are not sealed.
        if event.json.starts_with('{') {
            continue;
        }
        if let Some(json) = walk.anew(&sealed::pending(&event.id), &event.json)? {
            anew.push(PendingEvent { json, ..event });
        }
    }
    done.pending = anew.len() as u64;
    if !looks {
        for batch in anew.chunks(BATCH) {
            store.commit(Commit { resealed: batch.to_vec(), ..Commit::default() }).await?;
        }
    }
    done.unopened = walk.unopened;
    Ok(done)
}

/// How many of a source's secrets and subscriptions changed.
fn of_source(walk: &mut Walk<'_>, source: &mut Source) -> Result<(u64, u64), VaultError> {
    let mut secrets = 0;
    if let Some(sealed) = &source.sealed
        && let Some(anew) = walk.anew(&sealed::secret_of(&source.id), sealed)?
    {
        source.sealed = Some(anew);
        secrets = 1;
    }
    let name = sealed::subscription_of(&source.id);
    let subscriptions = match &mut source.push {
        Some(subscription) => walk.subscriptions(&name, subscription)?,
        None => 0,
    };
    Ok((secrets, subscriptions))
}
