//! What a user may change, with its checks: the same for chat commands and pages. An action reads,
//! decides, and answers a commit that has not been applied yet, or the refusal in words.

use crate::domain::delivery::Target;
use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::link::user_information;
use crate::domain::notice::Notice;
use crate::domain::notice::PlatformLine;
use crate::domain::permission::Permission;
use crate::domain::permission::Permissions;
use crate::domain::room::Room;
use crate::domain::room::Us;
use crate::domain::room::Verdict;
use crate::domain::sharer::Account;
use crate::domain::sharer::Contact;
use crate::domain::sharer::ContactState;
use crate::domain::sharer::Mute;
use crate::domain::sharer::Sharer;
use crate::domain::source::Fetched;
use crate::domain::source::Source;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::intake::Intake;
use crate::platforms::Descriptor;
use crate::platforms::Platform;
use crate::platforms::source_id;
use crate::store::Commit;
use crate::store::Store;
use crate::store::StoreError;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// How many of one thing a sharer may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Accounts.
    pub accounts: u32,
    /// Contacts.
    pub contacts: u32,
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
}

/// What an action removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// An account.
    Account(Account),
    /// A contact.
    Contact(Contact),
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
    pub fn require_permission(&self, user: &UserId) -> Result<()> {
        match self.permissions.of(user) {
            Permission::Share => Ok(()),
            Permission::None => Err(Notice::NotPermitted { user: user.to_string() }.into()),
        }
    }

    /// Whether `user` has accounts or contacts.
    pub async fn has_shared(&self, user: &UserId) -> Result<bool> {
        let sharer = self.sharer(user).await?;
        Ok(!sharer.accounts.is_empty() || !sharer.contacts.is_empty())
    }

    /// The platforms there are.
    #[must_use]
    pub fn platforms(&self) -> Vec<PlatformLine> {
        let line = |platform: &Arc<dyn Platform>| PlatformLine { platform: platform.descriptor().id.to_string() };
        self.intake.platforms.iter().map(line).collect()
    }

    /// Adds the account `typed` at `platform`, or at whichever platform recognises it, after it has
    /// been verified. What stands there now becomes its baseline: nothing of it is posted.
    pub async fn add_account(&self, user: &UserId, platform: Option<&str>, typed: &str, has_secret: bool, now: Timestamp) -> Result<Added> {
        self.require_permission(user)?;
        let mut sharer = self.sharer(user).await?;
        if sharer.accounts.len() >= self.limits.accounts as usize {
            return Err(Notice::TooMany { limit: self.limits.accounts }.into());
        }
        let platform = self.platform(platform, typed)?;
        let Descriptor { id, takes_secret, .. } = platform.descriptor().clone();
        if has_secret && !takes_secret {
            return Err(Notice::SecretNotTaken { platform: id.to_string() }.into());
        }
        // A password is not said again.
        let shown = user_information(typed).map_or_else(|| typed.to_owned(), |user| typed.replace(user, ""));
        let refused = |problem| Notice::AccountRefused { typed: shown, problem };
        let verified = platform.verify(&self.intake.net, typed, now).await.map_err(|error| refused(error.problem))?;
        let source = source_id(&id, &verified.name);
        if let Some(Account { number, label, .. }) = sharer.account_at(&source) {
            return Err(Notice::AccountKnown { number: *number, label: label.to_string() }.into());
        }
        let stored = self.store().source(&source).await?;
        let interval_seconds = self.intake.interval_seconds;
        let next_poll_at = now + Duration::from_secs(interval_seconds.into());
        let mut source = stored.unwrap_or_else(|| new_source(&id, &verified.name, interval_seconds, next_poll_at));
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

    fn platform(&self, named: Option<&str>, typed: &str) -> Result<Arc<dyn Platform>> {
        let found = match named {
            Some(name) => self.intake.platforms.get(&PlatformId::new(name)),
            None => self.intake.platforms.iter().find(|platform| platform.recognises(typed)),
        };
        let unknown = || Notice::UnknownPlatform { typed: named.unwrap_or(typed).to_owned(), platforms: self.platforms() };
        Ok(found.cloned().ok_or_else(unknown)?)
    }

    /// Removes the account or contact with this number. Of a contact who muted it that stays known,
    /// so that she is not asked to say it again.
    pub async fn remove(&self, user: &UserId, number: Number) -> Result<(Commit, Removed)> {
        let mut sharer = self.sharer(user).await?;
        let rooms = rooms_of(&sharer);
        let removed = match find(&sharer, number)? {
            Numbered::Account(index) => Removed::Account(sharer.accounts.remove(index)),
            Numbered::Contact(index) if sharer.contacts[index].mute.is_some() => {
                sharer.contacts[index].state = ContactState::Off;
                Removed::Contact(sharer.contacts[index].clone())
            }
            Numbered::Contact(index) => Removed::Contact(sharer.contacts.remove(index)),
        };
        Ok((looked_at_again(sharer, rooms), removed))
    }

    /// Starts sharing with `person` in `room`, which the sharer confirms as their direct room by
    /// having typed this in it, or confirmed so earlier.
    pub async fn share_with(&self, user: &UserId, person: &UserId, room: &Room) -> Result<(Commit, Contact, Sharer)> {
        self.require_permission(user)?;
        let mut sharer = self.sharer(user).await?;
        match room.verdict(&self.us, user, person) {
            Verdict::Direct | Verdict::ContactInvited => {}
            Verdict::Not(reason) => return Err(Notice::NotDirectRoom { reason: reason.into() }.into()),
        }
        let before = sharer.contact_in(&room.id).cloned();
        let number = match &before {
            Some(before) => before.number,
            None => self.number_of_new_contact(&mut sharer)?,
        };
        let is_introduced = before.as_ref().is_some_and(|before| before.introduced && before.person == *person);
        // The contact's own word outlives every change of the sharer's, a new room included.
        let mute = sharer.contacts.iter().filter(|contact| contact.person == *person).find_map(|contact| contact.mute);
        let contact = Contact {
            state: ContactState::On,
            mute,
            introduced: is_introduced,
            ..before.unwrap_or_else(|| Contact::new(number, room.id.clone(), person.clone(), room.name_of(person)))
        };
        sharer.contacts.retain(|other| other.room != room.id);
        sharer.contacts.push(contact.clone());
        Ok((Commit { sharers: vec![sharer.clone()], ..Commit::default() }, contact, sharer))
    }

    /// The number of one more contact, if she may have one.
    fn number_of_new_contact(&self, sharer: &mut Sharer) -> Result<Number> {
        let counted = sharer.contacts.iter().filter(|contact| contact.state != ContactState::Off).count();
        if counted >= self.limits.contacts as usize {
            return Err(Notice::TooMany { limit: self.limits.contacts }.into());
        }
        Ok(sharer.take_number())
    }

    /// Stops sharing in `room`.
    pub async fn stop_sharing_in(&self, user: &UserId, room: &RoomId) -> Result<(Commit, Contact)> {
        let mut sharer = self.sharer(user).await?;
        let Some(contact) = sharer.contact_in_mut(room) else {
            return Err(Notice::NobodySharesHere.into());
        };
        contact.state = ContactState::Off;
        let contact = contact.clone();
        Ok((looked_at_again(sharer, vec![Target::Room(room.clone())]), contact))
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
        if sharer.accounts.is_empty() {
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
        for account in sharer.accounts.iter().filter(|account| sharer.follows(&account.source)) {
            if let Some(mut source) = self.store().source(&account.source).await? {
                source.next_poll_at = now;
                sources.push(source);
            }
        }
        Ok(sources)
    }

    /// Mutes (or not) the cards that `person` gets from whoever shares with her in `room`, in all of
    /// their rooms; answers the commit and who that is.
    pub async fn mute(&self, person: &UserId, room: &RoomId, muted: bool, now: Timestamp) -> Result<(Commit, Sharer)> {
        let mut sharer = self.sharer_for(person, room).await?;
        for contact in sharer.contacts.iter_mut().filter(|contact| contact.person == *person) {
            contact.mute = muted.then_some(Mute { since_at: now, until_at: None });
        }
        let rooms = rooms_of(&sharer);
        Ok((looked_at_again(sharer.clone(), rooms), sharer))
    }

    /// Who shares with `person` in `room`.
    pub async fn sharer_for(&self, person: &UserId, room: &RoomId) -> Result<Sharer> {
        let sharers = self.store().sharers_in(room).await?;
        let shares_here = |sharer: &Sharer| sharer.contact_in(room).is_some_and(|contact| contact.person == *person);
        Ok(sharers.into_iter().find(shares_here).ok_or(Notice::NobodySharesHere)?)
    }
}

/// A sharer's new settings. Cards that wait in `rooms` are looked at again at once: those that are
/// not wanted any more go, so that they do not come when she changes her mind.
fn looked_at_again(sharer: Sharer, rooms: Vec<Target>) -> Commit {
    Commit { sharers: vec![sharer], woken: rooms, ..Commit::default() }
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

fn new_source(platform: &PlatformId, name: &str, interval_seconds: u32, next_poll_at: Timestamp) -> Source {
    Source {
        id: source_id(platform, name),
        version: 0,
        platform: platform.clone(),
        name: name.to_owned(),
        label: Line::default(),
        cursor: None,
        interval_seconds,
        next_poll_at,
        answered_at: None,
        failure: None,
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
