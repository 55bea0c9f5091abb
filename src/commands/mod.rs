//! Commands: where each works, what it answers, and where the answer goes. A command never sends:
//! its answer is a commit that holds the change and the replies as deliveries.

use crate::actions::Actions;
use crate::actions::NewAccount;
use crate::actions::Rejection;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Reaction;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::notice::Topic;
use crate::domain::permission::Permission;
use crate::domain::question::Ask;
use crate::domain::room::Room;
use crate::domain::sharer::Sharer;
use crate::store::Commit;
use crate::store::StoreError;
use crate::telemetry::CommandOutcome;
use crate::telemetry::metrics;
use crate::values::Secret;
use command::Command;
use command::ParseError;
use jiff::Timestamp;
use rules::counts_however_late;
use rules::ends_sharing;
use rules::is_for_anyone;
use rules::is_for_contact;
use rules::may_hold_secret;
use rules::misunderstood;
use rules::works_in_direct_room;
use std::time::Duration;

mod account;
mod category;
pub mod command;
mod contact;
mod own_name;
mod panel;
pub mod parse;
mod reaction;
mod rules;
pub mod set;
mod shared;
mod show;
mod wish;

pub use reaction::Reacted;

/// How much one person may have, in bytes of JSON. The store takes more, since what others say of her
/// and what becomes of her sharing must never fail for it.
const LARGEST_SHARER: usize = 64 * 1_024;

/// Where a command was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a room of the sender and the bot alone.
    Management,
    /// In a room of two people, where the other one reads along.
    Direct {
        /// The other one.
        other: UserId,
    },
}

/// A message that is a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its event.
    pub event: EventId,
    /// Who wrote it.
    pub sender: UserId,
    /// Where.
    pub place: Place,
    /// The room as it is known.
    pub room: Room,
    /// What stands behind the prefix.
    pub text: String,
    /// When it was written, as its server says.
    pub sent_at: Timestamp,
}

/// What a command comes to.
#[derive(Debug, Default)]
struct Outcome {
    /// The change, not applied yet.
    commit: Commit,
    /// What the sender is told in her management room.
    replies: Vec<Notice>,
    /// What is said in a direct room, for both to read.
    openly: Option<Notice>,
    /// Whether a reaction says that something was done; answers alone need none.
    is_change: bool,
}

/// How a command is carried out.
#[derive(Clone)]
pub struct Commands {
    /// What may be changed.
    pub actions: Actions,
    /// How old a command that changes something may be when it arrives.
    pub oldest: Duration,
}

impl Outcome {
    /// An answer that changes nothing.
    fn answer(notice: Notice) -> Self {
        Self { replies: vec![notice], ..Self::default() }
    }

    /// A change and its answer.
    fn change(commit: Commit, notice: Notice) -> Self {
        Self { commit, replies: vec![notice], is_change: true, openly: None }
    }
}

impl Commands {
    /// Carries out a command as far as a commit, which holds the change and the replies.
    pub async fn answer(&self, message: &Message, now: Timestamp) -> Result<Commit, StoreError> {
        let parsed = match parse::parse(&message.text) {
            Err(error @ ParseError::Unknown { .. }) => self.awaited_account(message, now).await?.ok_or(error),
            parsed => parsed,
        };
        let typed_for = parsed.as_ref().ok().and_then(account_of_secret);
        let known = if matches!(parsed, Ok(Command::Add { .. })) { self.accounts_of(&message.sender).await? } else { Vec::new() };
        let adds = matches!(parsed, Ok(Command::Add { .. }));
        let holds_secret = parsed.as_ref().map_or_else(|error| may_hold_secret(error, &message.text), rules::holds_secret);
        let result = match parsed {
            Ok(command) => self.carry_out(&command, message, now).await,
            Err(error) => Err(misunderstood(error, message).into()),
        };
        let may_share = self.may_share(&message.sender);
        let result = match result {
            Ok(outcome) if self.outgrows(&message.sender, &outcome.commit).await? => Err(Notice::Full.into()),
            result => result,
        };
        let (outcome, commit) = match result {
            Ok(outcome) => (CommandOutcome::Done, Ok(self.answered(outcome, message, may_share, now))),
            Err(Rejection::Refused(notice)) => (CommandOutcome::Refused, Ok(refused(notice, message, may_share, now))),
            Err(Rejection::Store(error)) => (CommandOutcome::Failed, Err(error)),
        };
        metrics().commands.with(outcome).inc();
        commit.map(|commit| {
            if !holds_secret {
                return commit;
            }
            let after = commit.sharers.iter().find(|sharer| adds && sharer.id == message.sender);
            let added =
                after.and_then(|sharer| sharer.accounts.iter().map(|account| account.number).find(|number| !known.contains(number)));
            with_redaction(commit, message, may_share, typed_for.or(added), now)
        })
    }

    /// Whether a person would have more of her own than is kept for one. What makes it less is always
    /// possible, and so is what others say of her.
    async fn outgrows(&self, user: &UserId, commit: &Commit) -> Result<bool, StoreError> {
        let size = |sharer: &Sharer| serde_json::to_vec(sharer).map_or(usize::MAX, |json| json.len());
        let Some(after) = commit.sharers.iter().find(|sharer| sharer.id == *user).map(size).filter(|size| *size > LARGEST_SHARER) else {
            return Ok(false);
        };
        Ok(self.actions.store().sharer(user).await?.is_none_or(|before| size(&before) < after))
    }

    async fn accounts_of(&self, user: &UserId) -> Result<Vec<Number>, StoreError> {
        let sharer = self.actions.store().sharer(user).await?;
        Ok(sharer.map_or_else(Vec::new, |sharer| sharer.accounts.iter().map(|account| account.number).collect()))
    }

    /// The account that a panel asked for, where a line that is no command can be one.
    async fn awaited_account(&self, message: &Message, now: Timestamp) -> Result<Option<Command>, StoreError> {
        if message.place != Place::Management {
            return Ok(None);
        }
        let sharer = self.actions.store().sharer(&message.sender).await?;
        let question = sharer.and_then(|sharer| sharer.question).filter(|question| question.is_open(now));
        Ok(match question.map(|question| question.ask) {
            Some(Ask::AccountAt { platform, .. }) => {
                let mut words = message.text.split_whitespace().map(str::to_owned);
                let (account, secret) = (words.next(), words.next().map(Secret::new));
                // A whole sentence is something else that she says, and must not be taken away as a secret.
                account.filter(|_| words.next().is_none()).map(|account| Command::Add {
                    platform: Some(platform.to_string()),
                    account,
                    secret,
                    links: None,
                })
            }
            _ => None,
        })
    }

    fn may_share(&self, user: &UserId) -> bool {
        self.actions.permissions.of(user) == Permission::Share
    }

    async fn carry_out(&self, command: &Command, message: &Message, now: Timestamp) -> Result<Outcome, Rejection> {
        self.check(command, message, now).await?;
        let (actions, user) = (&self.actions, &message.sender);
        let direct = matches!(message.place, Place::Direct { .. });
        match command {
            Command::Help(_) if direct => Ok(Outcome { openly: Some(Notice::HelpInDirectRoom), ..Outcome::default() }),
            Command::Help(topic) => Ok(show::help(*topic)),
            Command::Version => Ok(show::version()),
            Command::Language(language) => show::set_language(actions, user, *language).await,
            Command::Panel { here } => panel::open(actions, message, *here, now).await,
            Command::Platforms => Ok(Outcome::answer(Notice::Platforms { platforms: actions.platforms() })),
            Command::Add { platform, account, secret, links } => {
                let (platform, links) = (platform.as_deref(), links.as_deref());
                let new = NewAccount { platform, typed: account, secret: secret.as_ref(), links };
                account::add(actions, user, &new, now).await
            }
            Command::Secret { number, secret } => account::secret(actions, user, *number, secret.as_ref(), now).await,
            Command::Confirm { number, code } => account::confirm(actions, user, *number, code, now).await,
            Command::Push { number, choice } => account::push(actions, user, *number, *choice, now).await,
            Command::Interval { number, seconds } => account::interval(actions, user, *number, *seconds, now).await,
            Command::Remove(number) => account::remove(actions, user, *number, now).await,
            Command::Post(new) => account::post(actions, user, new, now).await,
            Command::Now => account::look_now(actions, user, now).await,
            Command::List => show::list(actions, user, now).await,
            Command::Status if direct => wish::status(actions, message, now).await,
            Command::Status => show::status(actions, user, now).await,
            Command::Preview => show::preview(actions, user, now).await,
            Command::Contacts => contact::list(actions, user, now).await,
            Command::With(who) => contact::with(actions, message, who, now).await,
            Command::Without(who) => contact::without(actions, message, who, now).await,
            Command::As { identity, who } => own_name::share_as(actions, message, *identity, who.as_ref(), now).await,
            Command::Verify(whose) => own_name::verify(actions, message, *whose, now).await,
            Command::Pause(number) => contact::pause(actions, message, *number, true, now).await,
            Command::Resume(number) => contact::pause(actions, message, *number, false, now).await,
            Command::Set(set) => contact::set(actions, message, set, now).await,
            Command::Category(command) => category::carry_out(actions, user, command, now).await,
            Command::Recent => Ok(Outcome::answer(actions.recent(user).await?)),
            Command::Why(number) => Ok(Outcome::answer(actions.why(user, *number).await?)),
            Command::Undo(number) => shared::undo(actions, message, *number, now).await,
            Command::Yes => shared::answer(actions, message, true, now).await,
            Command::No => shared::answer(actions, message, false, now).await,
            Command::Cancel => {
                let commit = actions.cancel(user, now).await?;
                Ok(Outcome::change(commit, Notice::Cancelled))
            }
            Command::Mute { user, seconds } => wish::mute(actions, message, user.as_ref(), *seconds, now).await,
            Command::MuteEveryone { seconds } => wish::mute_everyone(actions, user, *seconds, now).await,
            Command::UnmuteEveryone => wish::unmute_everyone(actions, user).await,
            Command::Unmute { user } => wish::unmute(actions, message, user.as_ref(), now).await,
            Command::Only(categories) => wish::only(actions, message, categories.as_deref()).await,
            Command::Muted => Ok(Outcome::answer(Notice::MutedSharers { sharers: actions.muted_by(user, now).await? })),
            Command::Privacy => Ok(Outcome::answer(actions.privacy(user, now).await?)),
            Command::Export => show::export(actions, message, now).await,
            Command::Forget => {
                let (commit, notice) = actions.ask_to_forget(user, now).await?;
                Ok(Outcome { commit, ..Outcome::answer(notice) })
            }
        }
    }

    /// Who may say this here, and whether it is still to be done.
    async fn check(&self, command: &Command, message: &Message, now: Timestamp) -> Result<(), Rejection> {
        let topic = command.topic();
        if is_for_anyone(topic) || (matches!(topic, Topic::Status) && !self.may_share(&message.sender)) {
            return Ok(());
        }
        // What a contact answers in their direct room concerns her alone.
        if matches!(topic, Topic::Yes | Topic::No) && matches!(message.place, Place::Direct { .. }) {
            return Ok(());
        }
        // Whoever is asked to compare emoji may answer.
        if matches!(topic, Topic::Yes | Topic::No | Topic::Cancel)
            && message.place == Place::Management
            && self.actions.compares_emoji(&message.sender, now, now).await?
        {
            return Ok(());
        }
        let may_answer = matches!(topic, Topic::Yes | Topic::No | Topic::Cancel)
            && message.place == Place::Management
            && self.actions.is_asked_to_forget(&message.sender, now).await?;
        // Whoever shared once may stop, though she may not share any more.
        if !may_answer && (!ends_sharing(command) || !self.actions.has_shared(&message.sender).await?) {
            self.actions.require_permission(&message.sender).await?;
        }
        if matches!(message.place, Place::Direct { .. }) && !works_in_direct_room(command) {
            let leaks = matches!(command, Command::Add { .. } | Command::Secret { .. });
            return Err(if leaks { Notice::SecretInDirectRoom } else { Notice::NotInDirectRoom { topic } }.into());
        }
        let age = Duration::try_from(now.duration_since(message.sent_at)).unwrap_or_default();
        if !counts_however_late(command) && age > self.oldest {
            return Err(Notice::TooLate { topic }.into());
        }
        Ok(())
    }

    /// The change with its replies: in a management room below the command, in a direct room a reaction
    /// and at most one line, and the rest in the management room.
    fn answered(&self, outcome: Outcome, message: &Message, may_share: bool, now: Timestamp) -> Commit {
        let Outcome { mut commit, replies, openly, is_change } = outcome;
        let direct = matches!(message.place, Place::Direct { .. });
        if is_change || (direct && openly.is_none()) {
            commit.deliveries.push(react(message, Reaction::Done, now));
        }
        commit.deliveries.extend(openly.map(|notice| reply(message, notice, true, now)));
        // For somebody who shares nothing no room is opened just to say more than the reaction does, but to
        // answer what she asked.
        let is_reached = may_share || message.sender.server() == self.actions.us.domain;
        for notice in replies.into_iter().filter(|_| !direct || may_share || !is_change) {
            // No room is opened with people on other homeservers.
            if direct && !is_reached {
                commit.deliveries.push(reply(message, Notice::AskAlone, true, now));
                continue;
            }
            commit.deliveries.push(if direct {
                NewDelivery::to_person(message.sender.clone(), notice, now)
            } else {
                reply(message, notice, false, now)
            });
        }
        commit
    }
}

/// Whether what stands behind the prefix holds a secret, or may, so that it is to be taken away even where
/// it is not carried out.
#[must_use]
pub fn holds_secret(text: &str) -> bool {
    parse::parse(text).as_ref().map_or_else(|error| may_hold_secret(error, text), rules::holds_secret)
}

/// A refusal: the reason below the command, or in a direct room by a reaction with the reason in the
/// management room; a contact who is no sharer, and so has none, gets one polite line.
fn refused(notice: Notice, message: &Message, may_share: bool, now: Timestamp) -> Commit {
    let mut commit = Commit::default();
    commit.deliveries.push(react(message, Reaction::Refused, now));
    commit.deliveries.push(match (&message.place, may_share) {
        (Place::Management, _) => reply(message, notice, false, now),
        (Place::Direct { .. }, true) => NewDelivery::to_person(message.sender.clone(), notice, now),
        // What she said of what comes to her may be said to her.
        (Place::Direct { .. }, false) if is_for_contact(&notice) => reply(message, notice, true, now),
        (Place::Direct { .. }, false) => reply(message, Notice::OnlyForSharers, true, now),
    });
    commit
}

/// Of which account a command gives the secret, where it says so.
const fn account_of_secret(command: &Command) -> Option<Number> {
    match command {
        Command::Secret { number, .. } => Some(*number),
        _ => None,
    }
}

/// The same commit, which also takes away a message that holds a secret, where the bot may. Where it may not,
/// whoever may share is told, and asked for a new one of this account.
fn with_redaction(mut commit: Commit, message: &Message, may_share: bool, account: Option<Number>, now: Timestamp) -> Commit {
    let by = may_share.then(|| message.sender.clone());
    let redact = What::TakeAway { event: message.event.clone(), by, account };
    commit.deliveries.push(NewDelivery::in_room(message.room.id.clone(), redact, now));
    commit
}

fn react(message: &Message, key: Reaction, now: Timestamp) -> NewDelivery {
    NewDelivery::in_room(message.room.id.clone(), What::React { to: message.event.clone(), key }, now)
}

fn reply(message: &Message, notice: Notice, openly: bool, now: Timestamp) -> NewDelivery {
    let what = What::Reply { to: message.event.clone(), reader: message.sender.clone(), openly, notice };
    NewDelivery::in_room(message.room.id.clone(), what, now)
}
