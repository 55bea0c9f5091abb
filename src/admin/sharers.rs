//! Who shares, and which of their accounts fail.

use super::Admin;
use super::Result;
use crate::admin::view::AccountLine;
use crate::admin::view::FailingLine;
use crate::admin::view::SharerLine;
use crate::admin::view::trouble;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Target;
use crate::domain::ids::UserId;
use crate::domain::permission::Permission;
use crate::domain::sharer::Account;
use crate::domain::sharer::ContactState;
use crate::domain::sharer::Sharer;
use crate::domain::source::Source;
use crate::domain::source::Subscription;
use crate::domain::source::SubscriptionState;
use std::collections::HashMap;

impl Admin {
    pub(super) async fn sharers(&self) -> Result<Vec<SharerLine>> {
        let waiting = self.waiting_by_person().await?;
        let all = self.all_sharers().await?;
        Ok(all.iter().map(|sharer| self.line_of(sharer, waiting.get(&sharer.id).copied().unwrap_or_default())).collect())
    }

    /// Everybody of whom something is stored, by name.
    pub(super) async fn all_sharers(&self) -> Result<Vec<Sharer>> {
        let mut ids = self.store.sharers().await?;
        ids.sort();
        let mut sharers = Vec::new();
        for id in ids {
            sharers.extend(self.store.sharer(&id).await?);
        }
        Ok(sharers)
    }

    async fn waiting_by_person(&self) -> Result<HashMap<UserId, u64>> {
        let mut counts = HashMap::new();
        self.each_waiting(|delivery| {
            if let Some(person) = person_of(delivery) {
                *counts.entry(person.clone()).or_default() += 1;
            }
        })
        .await?;
        Ok(counts)
    }

    fn line_of(&self, sharer: &Sharer, waiting: u64) -> SharerLine {
        let accounts = sharer.accounts.iter().map(|account| AccountLine {
            number: account.number,
            platform: account.platform.clone(),
            label: account.label.clone(),
            paused: account.paused,
        });
        SharerLine {
            user: sharer.id.clone(),
            state: self.state_of(sharer).to_owned(),
            accounts: accounts.collect(),
            contacts: sharer.contacts.len(),
            contacts_on: sharer.contacts.iter().filter(|contact| contact.state == ContactState::On).count(),
            in_own_name: sharer.own_name.is_some(),
            waiting,
        }
    }

    fn state_of(&self, sharer: &Sharer) -> &'static str {
        if sharer.disabled_at.is_some() {
            "disabled"
        } else if sharer.accounts.is_empty() && sharer.contacts.is_empty() {
            "shares nothing"
        } else if self.permissions.of(&sharer.id) != Permission::Share {
            "may not share"
        } else if sharer.paused {
            "paused"
        } else {
            "shares"
        }
    }

    pub(super) async fn failing(&self) -> Result<Vec<FailingLine>> {
        let mut lines = Vec::new();
        for sharer in self.all_sharers().await? {
            for account in &sharer.accounts {
                if let Some(source) = self.store.source(&account.source).await? {
                    lines.extend(failing(&sharer, account, &source));
                }
            }
        }
        Ok(lines)
    }
}

/// Whom a delivery is for, or whose trades it shows.
fn person_of(delivery: &Delivery) -> Option<&UserId> {
    delivery.what.sharer().or(match &delivery.target {
        Target::Person(person) => Some(person),
        Target::Room(_) => None,
    })
}

fn failing(sharer: &Sharer, account: &Account, source: &Source) -> Option<FailingLine> {
    let failure = source.failure.as_ref();
    let lost = source.push.iter().flat_map(Subscription::all).find(|push| push.state == SubscriptionState::Lost);
    let trouble = match (failure, lost) {
        (Some(failure), _) => trouble(&failure.problem),
        (None, _) if account.needs_secret => "its secret works no more".to_owned(),
        (None, Some(_)) => "the platform does not send any more; it is polled".to_owned(),
        (None, None) => return None,
    };
    Some(FailingLine {
        user: sharer.id.clone(),
        number: account.number,
        platform: account.platform.clone(),
        label: account.label.clone(),
        trouble,
        since: failure.map(|failure| failure.since_at).or(lost.map(|push| push.checked_at)),
        attempts: failure.map_or(0, |failure| failure.attempts),
        next_at: sharer.wants_poll(&source.id).then_some(source.next_poll_at),
    })
}
