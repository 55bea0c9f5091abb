//! Whether a platform sends what happens at an account by itself.

use super::Actions;
use super::Result;
use super::accounts::account_of;
use super::accounts::refused;
use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::NameLine;
use crate::domain::notice::Notice;
use crate::domain::problem::Problem;
use crate::domain::source::Source;
use crate::intake::AccessError;
use crate::intake::SubscribeError;
use crate::store::Commit;
use crate::store::Named;
use jiff::Timestamp;

/// How a platform is to send, or that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushChoice {
    /// tradepost tells the platform.
    On,
    /// She tells it by hand.
    ByHand,
    /// It is polled.
    Off,
}

impl Actions {
    /// Has the platform of an account send by itself, or not.
    pub async fn set_push(&self, user: &UserId, number: Number, choice: PushChoice, now: Timestamp) -> Result<(Commit, Notice)> {
        if choice != PushChoice::Off {
            self.require_permission(user).await?;
        }
        let sharer = self.sharer(user).await?;
        let account = account_of(&sharer, number)?.clone();
        let mut source = self.source_of(&account).await?;
        let platform = self.platform_of(&account)?;
        let label = account.label.to_string();
        let Some(push) = platform.push().filter(|_| !platform.descriptor().only_pushes) else {
            return Err(Notice::PushNotPossible { platform: account.platform.to_string() }.into());
        };
        match self.intake.keep_fresh(&mut source, now).await {
            Err(AccessError::Store(error)) => return Err(error.into()),
            // What follows says what is wrong.
            Ok(()) | Err(AccessError::Refused(_)) => {}
        }
        if choice == PushChoice::Off {
            let mut commit = self.let_go(&source, now).await;
            source.push = None;
            source.next_poll_at = now;
            let interval_seconds = account.interval_seconds.unwrap_or_else(|| self.intake.interval_of(&source.platform));
            commit.sources.push(source);
            return Ok((commit, Notice::PushOff { label, interval_seconds }));
        }
        if self.intake.web.public_url.is_none() {
            return Err(Notice::NoPublicAddress.into());
        }
        let before = source.clone();
        let topics = push.by_hand();
        if choice == PushChoice::ByHand {
            let not_possible = Notice::PushNotPossible { platform: account.platform.to_string() };
            // Only what is hers alone may be told what happens: others follow the same public shop.
            let topics = topics.filter(|_| source.owner.is_some()).ok_or(not_possible)?;
            self.intake.subscribe_by_hand(&mut source, now).await.map_err(|error| failed(&source.name, error))?;
            let topics = topics.iter().map(|topic| NameLine { person: (*topic).to_owned() }).collect();
            let mut commit = self.let_go(&before, now).await;
            commit.sources.push(source);
            let page = self.ask_to_look(&mut commit, sharer, &account, now)?;
            return Ok((commit, Notice::PushByHand { label, page, topics }));
        }
        let subscribed = match source.owner {
            Some(_) => self.intake.subscribe(&mut source, now).await,
            None => Err(SubscribeError::Refused(Problem::SecretNeeded.into())),
        };
        match subscribed {
            Ok(_) => {
                source.next_poll_at = now;
                let mut commit = self.let_go(&before, now).await;
                commit.sources.push(source);
                Ok((commit, self.push_on(label)))
            }
            Err(SubscribeError::Refused(error)) if error.problem.needs_secret() || matches!(error.problem, Problem::NotAllowed { .. }) => {
                let by_hand = topics.is_some() && source.owner.is_some();
                let (commit, consent) = self.ask_to_write(sharer, &account, &source, now)?;
                Ok((commit, Notice::PushAsked { number, label, consent, by_hand }))
            }
            Err(error) => Err(failed(&source.name, error)),
        }
    }

    /// Ends the subscription that a source had until now, as far as the platform lets it: never before there
    /// is another one, so that it goes on sending where there comes to be none.
    pub(super) async fn let_go(&self, before: &Source, now: Timestamp) -> Commit {
        let Some(push) = &before.push else { return Commit::default() };
        if let Err(error) = self.intake.end_subscription(before, now).await {
            tracing::info!(%error, source = %before.id, "a subscription could not be ended at the platform");
        }
        Commit { named: push.all().map(|one| (Named::Hook(one.hook.clone()), None)).collect(), ..Commit::default() }
    }

    /// What is said when a platform sends by itself.
    pub(super) fn push_on(&self, label: String) -> Notice {
        Notice::PushOn { label, interval_seconds: self.intake.web.reconcile_seconds }
    }
}

fn failed(name: &str, error: SubscribeError) -> super::Rejection {
    match error {
        SubscribeError::NotPossible => Notice::NoPublicAddress.into(),
        SubscribeError::Refused(error) => refused(name, error.problem),
        SubscribeError::Store(error) => error.into(),
    }
}
