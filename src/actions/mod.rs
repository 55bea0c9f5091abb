//! What a user may change, with its checks: the same for chat commands and pages. An action reads,
//! decides, and answers a commit that has not been applied yet, or the refusal in words.

use crate::domain::delivery::Target;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::notice::PlatformLine;
use crate::domain::notice::PlatformNeeds;
use crate::domain::permission::Permission;
use crate::domain::permission::Permissions;
use crate::domain::room::Us;
use crate::domain::sharer::Account;
use crate::domain::sharer::Contact;
use crate::domain::sharer::ContactState;
use crate::domain::sharer::Sharer;
use crate::domain::source::Source;
use crate::domain::source::SubscriptionState;
use crate::domain::trade::Trade;
use crate::intake::Intake;
use crate::platforms::Descriptor;
use crate::platforms::SecretUse;
use crate::store::Commit;
use crate::store::Named;
use crate::store::Store;
use crate::store::StoreError;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;

mod accounts;
mod categories;
mod contacts;
mod disabling;
mod erasure;
mod export;
mod gone;
mod links;
mod own_name;
mod panel;
mod post;
mod pushes;
mod questions;
mod settings;
mod shared;
mod wishes;

pub use accounts::Adding;
pub use accounts::NewAccount;
pub use export::Export;
pub use links::LinkAsk;
pub use links::LinkEnd;
pub use links::LinkPage;
pub use own_name::OwnNameRules;
pub use panel::Ticked;
pub use post::NewPost;
pub use post::Posted;
pub use pushes::PushChoice;
pub use settings::Change;
pub use settings::Key;

/// How many of one thing a sharer may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Accounts.
    pub accounts: u32,
    /// Contacts.
    pub contacts: u32,
    /// Categories of her own.
    pub categories: u32,
    /// Contacts that are new in a day.
    pub contacts_per_day: u32,
    /// Contacts of all sharers together.
    pub contacts_in_all: u32,
}

/// Carries out what users may change.
#[derive(Clone)]
pub struct Actions {
    /// Where everything is kept, and who fetches.
    pub intake: Intake,
    /// Who we are.
    pub us: Us,
    /// Who may share.
    pub permissions: Permissions,
    /// How much.
    pub limits: Limits,
    /// Who may share in their own name.
    pub own_name: OwnNameRules,
    /// Whether encrypted rooms can be posted to.
    pub encrypts: bool,
    /// Whether contacts are asked before anything is posted.
    pub asks_consent: bool,
    /// The time zone of people for whom none is set.
    pub zone: TimeZone,
}

/// Why an action was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// It is not possible or not allowed; the words for it.
    #[error("refused")]
    Refused(Notice),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Notice> for Rejection {
    fn from(notice: Notice) -> Self {
        Self::Refused(notice)
    }
}

/// What an action answers.
pub type Result<T> = std::result::Result<T, Rejection>;

/// An account that an action adds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is said or not said to her")]
pub struct Added {
    /// The change.
    pub commit: Commit,
    /// The account.
    pub account: Account,
    /// What stands there now: its baseline, newest first.
    pub items: Vec<Trade>,
    /// How often it will be looked at.
    pub interval_seconds: u32,
    /// Whether any contact is on.
    pub has_contacts: bool,
    /// Whether the platform gives more to somebody with a secret.
    pub more_with_secret: bool,
    /// Whether the platform could send by itself.
    pub could_push: bool,
    /// Whether it could if tradepost had a public address.
    pub only_polled: bool,
}

/// What an action removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// An account.
    Account(Account),
    /// A contact.
    Contact(Box<Contact>),
}

/// One account or contact, as named by its number.
enum Numbered {
    Account(usize),
    Contact(usize),
}

impl Actions {
    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.intake.store
    }

    /// What `user` decided so far.
    pub async fn sharer(&self, user: &UserId) -> Result<Sharer> {
        Ok(self.store().sharer(user).await?.unwrap_or_else(|| Sharer::new(user.clone())))
    }

    /// Refuses a user who may not share.
    pub async fn require_permission(&self, user: &UserId) -> Result<()> {
        match self.permissions.of(user) {
            Permission::Share if self.sharer(user).await?.disabled_at.is_some() => Err(Notice::SharingDisabled.into()),
            Permission::Share => Ok(()),
            Permission::None | Permission::Block => Err(Notice::NotPermitted { user: user.to_string() }.into()),
        }
    }

    /// Whether `user` has accounts or contacts, or has let tradepost act as her.
    pub async fn has_shared(&self, user: &UserId) -> Result<bool> {
        Ok(self.sharer(user).await?.shares_something())
    }

    /// The platforms there are.
    #[must_use]
    pub fn platforms(&self) -> Vec<PlatformLine> {
        self.intake.platforms.iter().map(|platform| platform_line(platform.descriptor())).collect()
    }

    /// Removes the account or contact with this number. What the contact wishes stays known: it is kept
    /// with her.
    pub async fn remove(&self, user: &UserId, number: Number, now: Timestamp) -> Result<(Commit, Removed)> {
        let mut sharer = self.sharer(user).await?;
        let rooms = rooms_of(&sharer);
        let mut ended = Commit::default();
        let removed = match find(&sharer, number)? {
            Numbered::Account(index) => {
                let account = sharer.accounts.remove(index);
                ended = self.ended(&account, now).await?;
                Removed::Account(account)
            }
            Numbered::Contact(index) => Removed::Contact(Box::new(sharer.contacts.remove(index))),
        };
        let mut commit = looked_at_again(sharer, rooms);
        if let Removed::Contact(contact) = &removed {
            commit.deliveries = self.board_taken_down(user, &contact.room, now).await?;
        }
        commit.sources = ended.sources;
        commit.named = ended.named;
        Ok((commit, removed))
    }

    /// What ends with an account of hers to which its platform sends: nothing that comes is taken any more,
    /// and the platform is told to stop, however long that takes.
    async fn ended(&self, account: &Account, now: Timestamp) -> Result<Commit> {
        let mut commit = Commit::default();
        if let Some(mut source) = self.store().source(&account.source).await?
            && let Some(push) = source.push.clone()
        {
            if push.state == SubscriptionState::ByHand {
                source.push = None;
            }
            source.next_poll_at = now;
            source.failure = None;
            commit.named.extend(push.all().map(|one| (Named::Hook(one.hook.clone()), None)));
            commit.sources.push(source);
        }
        Ok(commit)
    }

    /// Pauses (`paused`) or resumes everything of a sharer.
    pub async fn pause_all(&self, user: &UserId, paused: bool, now: Timestamp) -> Result<Commit> {
        let mut sharer = self.sharer(user).await?;
        if sharer.paused && !paused {
            sharer.accounts.iter_mut().for_each(|account| account.baseline_pending = true);
        }
        sharer.paused = paused;
        self.with_fresh_polls(sharer, !paused, now).await
    }

    /// Pauses or resumes the account or contact with this number; answers what it is called.
    pub async fn pause_one(&self, user: &UserId, number: Number, paused: bool, now: Timestamp) -> Result<(Commit, String)> {
        let mut sharer = self.sharer(user).await?;
        let label = match find(&sharer, number)? {
            Numbered::Account(index) => {
                let account = &mut sharer.accounts[index];
                account.baseline_pending |= account.paused && !paused;
                account.paused = paused;
                account.label.to_string()
            }
            Numbered::Contact(index) => {
                let contact = &mut sharer.contacts[index];
                pause_contact(contact, paused)?;
                contact.name.to_string()
            }
        };
        Ok((self.with_fresh_polls(sharer, !paused, now).await?, label))
    }

    /// Pauses or resumes the sharer's contact in `room`.
    pub async fn pause_in(&self, user: &UserId, room: &RoomId, paused: bool) -> Result<Commit> {
        let mut sharer = self.sharer(user).await?;
        let Some(contact) = sharer.contact_in_mut(room) else {
            return Err(Notice::NobodySharesHere.into());
        };
        pause_contact(contact, paused)?;
        Ok(looked_at_again(sharer, vec![Target::Room(room.clone())]))
    }

    /// Has every account of the sharer looked at now; answers how many.
    pub async fn look_now(&self, user: &UserId, now: Timestamp) -> Result<(Commit, u32)> {
        let sharer = self.sharer(user).await?;
        if sharer.accounts.iter().all(post::is_by_hand) {
            return Err(Notice::NoAccounts.into());
        }
        let sources = self.due_now(&sharer, now).await?;
        let count = u32::try_from(sources.len()).unwrap_or(u32::MAX);
        Ok((Commit { sources, ..Commit::default() }, count))
    }

    /// Commits a sharer whose accounts may have been woken from a pause: these are polled at once,
    /// which takes their new baseline.
    async fn with_fresh_polls(&self, sharer: Sharer, woken: bool, now: Timestamp) -> Result<Commit> {
        let sources = if woken { self.due_now(&sharer, now).await? } else { Vec::new() };
        let rooms = rooms_of(&sharer);
        Ok(Commit { sources, ..looked_at_again(sharer, rooms) })
    }

    async fn due_now(&self, sharer: &Sharer, now: Timestamp) -> Result<Vec<Source>> {
        let mut sources = Vec::new();
        for account in sharer.accounts.iter().filter(|account| sharer.follows(&account.source) && !post::is_by_hand(account)) {
            if let Some(mut source) = self.store().source(&account.source).await? {
                source.next_poll_at = now;
                sources.push(source);
            }
        }
        Ok(sources)
    }
}

/// A sharer's new settings. Cards that wait in `rooms` are looked at again at once: those that are
/// not wanted any more go, so that they do not come when she changes her mind.
fn looked_at_again(sharer: Sharer, rooms: Vec<Target>) -> Commit {
    Commit { sharers: vec![sharer], woken: rooms, ..Commit::default() }
}

fn platform_line(descriptor: &Descriptor) -> PlatformLine {
    let needs = match descriptor.secret {
        _ if !descriptor.is_set_up => PlatformNeeds::SetUp,
        SecretUse::Never => PlatformNeeds::Name,
        SecretUse::Optional => PlatformNeeds::NameOrSecret,
        SecretUse::Required => PlatformNeeds::Secret,
        SecretUse::SharedAccount => PlatformNeeds::Nothing,
    };
    // Changes of what is offered go with the offers.
    let kinds = descriptor.kinds.iter().copied().filter(|kind| !kind.is_change()).collect();
    PlatformLine { platform: descriptor.id.to_string(), name: descriptor.name.clone(), kinds, needs }
}

fn rooms_of(sharer: &Sharer) -> Vec<Target> {
    sharer.contacts.iter().map(|contact| Target::Room(contact.room.clone())).collect()
}

fn pause_contact(contact: &mut Contact, paused: bool) -> Result<()> {
    contact.state = match (contact.state, paused) {
        (ContactState::On | ContactState::Paused, true) => ContactState::Paused,
        (ContactState::On | ContactState::Paused, false) => ContactState::On,
        (ContactState::Off, _) => {
            return Err(Notice::UnknownContact { typed: contact.name.to_string() }.into());
        }
        (ContactState::Stopped { reason }, _) => return Err(Notice::NotDirectRoom { reason: reason.into() }.into()),
    };
    Ok(())
}

fn find(sharer: &Sharer, number: Number) -> Result<Numbered> {
    let account = sharer.accounts.iter().position(|account| account.number == number).map(Numbered::Account);
    let contact = || sharer.contacts.iter().position(|contact| contact.number == number).map(Numbered::Contact);
    account.or_else(contact).ok_or_else(|| unknown_number(number))
}

fn unknown_number(number: Number) -> Rejection {
    Notice::UnknownNumber { typed: number.to_string() }.into()
}

#[cfg(test)]
mod tests;
