//! What a sharer is asked, and what her yes, no or cancel does.

use super::Actions;
use super::Result;
use super::accounts::of_account;
use super::looked_at_again;
use super::own_name::device_step;
use super::rooms_of;
use super::settings::Change;
use crate::domain::delivery::DeviceStep;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::question::Ask;
use crate::domain::question::Question;
use crate::domain::sharer::Sharer;
use crate::domain::trade::Kind;
use crate::store::Commit;
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Actions {
    /// Chooses the kinds of an account; asks first where that would show sales or purchases.
    pub async fn account_kinds(&self, user: &UserId, number: Number, kinds: &BTreeSet<Kind>, now: Timestamp) -> Result<(Commit, Notice)> {
        let mut sharer = self.sharer(user).await?;
        let account = sharer.accounts.iter().find(|account| account.number == number).ok_or_else(|| super::unknown_number(number))?;
        let new: Vec<Kind> = kinds.iter().copied().filter(|kind| kind.is_order() && !account.kinds.contains(kind)).collect();
        if new.is_empty() {
            let (commit, account) = self.set_account_kinds(user, number, kinds).await?;
            return Ok((commit, Notice::AccountKinds { label: account.label.to_string(), kinds: account.kinds }));
        }
        let label = account.label.to_string();
        sharer.question = Some(Question { asked_at: now, ask: Ask::ShowOrders { number, kinds: kinds.clone() } });
        Ok((Commit { sharers: vec![sharer], ..Commit::default() }, Notice::OrdersAsked { label, kinds: new, account: true }))
    }

    /// Asks whether what was posted in `room` is to be withdrawn too, in the state `sharer`.
    pub fn ask_to_withdraw(sharer: &mut Sharer, room: &RoomId, now: Timestamp) {
        sharer.question = Some(Question { asked_at: now, ask: Ask::WithdrawPosted { room: room.clone() } });
    }

    /// Whether something that she was asked is about this room.
    pub async fn asked_about(&self, user: &UserId, room: &RoomId, now: Timestamp) -> Result<bool> {
        let question = self.sharer(user).await?.question.filter(|question| question.is_open(now));
        Ok(question.is_some_and(|question| matches!(&question.ask, Ask::WithdrawPosted { room: about } if about == room)))
    }

    /// Carries out what she was asked, as she answered it; answers what is said to it.
    pub async fn answer(&self, user: &UserId, agrees: bool, now: Timestamp) -> Result<(Commit, Option<Notice>)> {
        let mut sharer = self.sharer(user).await?;
        let question = sharer.question.take().filter(|question| question.is_open(now)).ok_or(Notice::NothingAsked)?;
        let (commit, notice) = match question.ask {
            // What comes of it is told by the other device.
            Ask::SameEmoji { flow, .. } => return Ok((compared(sharer, flow, agrees, now), None)),
            Ask::OwnName if agrees => self.agree_to_own_name(sharer, now).await?,
            Ask::AccountAt { platform, .. } if agrees => {
                // The account itself is waited for; a bare yes is none.
                return Err(Notice::AccountAsked { platform: platform.to_string() }.into());
            }
            Ask::WithdrawPosted { room } if agrees => {
                let (commit, cards) = self.withdraw_posted(user, &room, now).await?;
                (Commit { sharers: vec![sharer], ..commit }, Notice::WithdrawnAll { cards })
            }
            Ask::ShowOrders { number, kinds } if agrees => self.show_orders(sharer, number, kinds)?,
            Ask::Forget if agrees => self.agree_to_forget(sharer, now).await?,
            // Her yes was said before: this is only about what was posted.
            Ask::ForgetPosted => self.forget(sharer, agrees, now).await?,
            Ask::WithdrawPosted { .. } | Ask::ShowOrders { .. } | Ask::OwnName | Ask::Forget => (unasked(sharer), Notice::LeftAsItIs),
            Ask::AccountAt { .. } => (unasked(sharer), Notice::Cancelled),
        };
        Ok((commit, Some(notice)))
    }

    fn show_orders(&self, mut sharer: Sharer, number: Number, kinds: BTreeSet<Kind>) -> Result<(Commit, Notice)> {
        if let Some(account) = sharer.accounts.iter_mut().find(|account| account.number == number) {
            account.kinds = of_account(&kinds);
            let notice = Notice::AccountKinds { label: account.label.to_string(), kinds: account.kinds.clone() };
            return Ok((unasked(sharer), notice));
        }
        let contact = sharer.contacts.iter().find(|contact| contact.number == number).ok_or_else(|| super::unknown_number(number))?;
        let room = contact.room.clone();
        self.apply(&mut sharer, Some(&room), &Change::Kinds(kinds))?;
        let notice = self.setting_changed(&sharer, Some(&room), super::Key::Kinds)?;
        Ok((unasked(sharer), notice))
    }

    /// Leaves whatever she was asked without an answer.
    pub async fn cancel(&self, user: &UserId, now: Timestamp) -> Result<Commit> {
        let mut sharer = self.sharer(user).await?;
        let question = sharer.question.take().filter(|question| question.is_open(now)).ok_or(Notice::NothingAsked)?;
        Ok(match question.ask {
            // A verification does not wait for an answer that will not come.
            Ask::SameEmoji { flow, .. } => compared(sharer, flow, false, now),
            _ => Commit { sharers: vec![sharer], ..Commit::default() },
        })
    }
}

/// She has compared emoji with another device.
fn compared(sharer: Sharer, flow: String, are_same: bool, now: Timestamp) -> Commit {
    let step = if are_same { DeviceStep::Confirm { flow } } else { DeviceStep::Cancel { flow } };
    let deliveries = vec![device_step(&sharer.id, step, now)];
    Commit { sharers: vec![sharer], deliveries, ..Commit::default() }
}

fn unasked(sharer: Sharer) -> Commit {
    let rooms = rooms_of(&sharer);
    looked_at_again(sharer, rooms)
}
