//! The panel in chat: opening it, and what a tap on one of its numbers does. The panel itself is
//! `actions`'.

use super::Message;
use super::Outcome;
use super::Place;
use crate::actions::Actions;
use crate::actions::Rejection;
use crate::actions::Ticked;
use crate::domain::delivery::AskedIn;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::panel::Choice;
use crate::domain::panel::Panel;
use crate::domain::panel::Scope;
use crate::domain::panel::Tap;
use crate::domain::question::Ask;
use crate::domain::question::Question;
use crate::domain::sharer::Sharer;
use crate::store::Commit;
use jiff::Timestamp;

/// Posts a new panel: everything in the management room; in a direct room its contact's own, which
/// opens in the management room unless a short one was asked for there.
pub(super) async fn open(actions: &Actions, message: &Message, here: bool, now: Timestamp) -> Result<Outcome, Rejection> {
    let user = &message.sender;
    let (sharer, is_new) = actions.with_rooms(user).await?;
    let room = message.room.id.clone();
    let (scope, target, asked_in) = match (&message.place, here) {
        (Place::Management, true) => return Err(Notice::HereNeedsDirectRoom.into()),
        (Place::Management, false) => (Scope::Main, Target::Room(room), None),
        (Place::Direct { .. }, true) => {
            let sharer = message.room.name_of(user).to_string();
            (Scope::Here { room: room.clone(), sharer }, Target::Room(room), None)
        }
        (Place::Direct { other }, false) => {
            let person = message.room.name_of(other).to_string();
            let asked_in = AskedIn { room: room.clone(), to: message.event.clone() };
            (Scope::Contact { room, person }, Target::Person(user.clone()), Some(asked_in))
        }
    };
    if matches!(scope, Scope::Here { .. }) && sharer.accounts.is_empty() {
        return Err(Notice::NoAccounts.into());
    }
    let what = What::Panel { panel: actions.panel(&sharer, scope, 0, now), edits: None, asked_in };
    let deliveries = vec![NewDelivery { target, what, not_before_at: now, once: None }];
    let sharers = if is_new { vec![sharer] } else { Vec::new() };
    Ok(Outcome { commit: Commit { sharers, deliveries, ..Commit::default() }, ..Outcome::default() })
}

/// What a tap on a panel comes to: the change, and the panel edited in place.
pub(super) async fn tapped(
    actions: &Actions,
    panel: &Panel,
    event: &EventId,
    room: &RoomId,
    tap: Tap,
    now: Timestamp,
) -> Result<Commit, Rejection> {
    if panel.stale {
        return Ok(Commit::default());
    }
    let current = actions.store().panel(&panel.owner, &panel.scope).await?;
    if current.as_ref() != Some(event) {
        let stale = Panel { stale: true, ..panel.clone() };
        return Ok(Commit { deliveries: vec![edit(stale, event, room, now)], ..Commit::default() });
    }
    let Ticked { mut commit, said } = match tap {
        Tap::Row(index) => match panel.rows.get(index) {
            Some(row) => tick(actions, panel, &row.choice, event, room, now).await?,
            None => return Ok(Commit::default()),
        },
        Tap::Previous | Tap::Next => Ticked { commit: Commit::default(), said: None },
    };
    let page = match tap {
        Tap::Row(_) => panel.page,
        // Round in a circle, so that one arrow is enough.
        Tap::Previous => panel.page.checked_sub(1).unwrap_or(panel.pages.saturating_sub(1)),
        Tap::Next => (panel.page + 1) % panel.pages.max(1),
    };
    let sharer = after(actions, &commit, &panel.owner).await?;
    let shown = redrawn(actions, panel, &sharer, page, now);
    // What is posted may be behind: an edit that waits shows an earlier tap, which this one took back.
    if shown != *panel || !commit.sharers.is_empty() {
        commit.deliveries.push(edit(shown, event, room, now));
    }
    // In the short panel the contact reads along.
    commit.deliveries.extend(said.map(|notice| NewDelivery::to_person(panel.owner.clone(), notice, now)));
    Ok(commit)
}

/// A tick that is refused is said, and changes nothing.
async fn tick(
    actions: &Actions,
    panel: &Panel,
    choice: &Choice,
    event: &EventId,
    room: &RoomId,
    now: Timestamp,
) -> Result<Ticked, Rejection> {
    match actions.tick(panel, choice, event, room, now).await {
        Err(Rejection::Refused(notice)) => Ok(Ticked { commit: Commit::default(), said: Some(notice) }),
        other => other,
    }
}

/// After an account has been added: none is asked for any more, and the panel that asked shows it.
pub(super) async fn answered(actions: &Actions, user: &UserId, commit: &mut Commit, now: Timestamp) -> Result<(), Rejection> {
    let Some(sharer) = commit.sharers.iter_mut().find(|sharer| sharer.id == *user) else { return Ok(()) };
    // Whatever else she was asked stays asked.
    let asked_for_account = |question: &mut Question| matches!(question.ask, Ask::AccountAt { .. });
    let Some(question) = sharer.question.take_if(asked_for_account) else { return Ok(()) };
    let sharer = sharer.clone();
    if let Ask::AccountAt { room, panel, .. } = question.ask
        && let Some(What::Panel { panel: shown, .. }) = actions.store().posting(&panel).await?.map(|posting| posting.what)
    {
        let again = redrawn(actions, &shown, &sharer, shown.page, now);
        commit.deliveries.push(edit(again, &panel, &room, now));
    }
    Ok(())
}

/// The panel as it is now, with the reactions that it has already.
fn redrawn(actions: &Actions, before: &Panel, sharer: &Sharer, page: u32, now: Timestamp) -> Panel {
    let panel = actions.panel(sharer, before.scope.clone(), page, now);
    Panel { keys: panel.keys.max(before.keys), arrows: panel.arrows || before.arrows, ..panel }
}

fn edit(panel: Panel, event: &EventId, room: &RoomId, now: Timestamp) -> NewDelivery {
    NewDelivery::in_room(room.clone(), What::Panel { panel, edits: Some(event.clone()), asked_in: None }, now)
}

/// The sharer as she is after a commit.
async fn after(actions: &Actions, commit: &Commit, user: &UserId) -> Result<Sharer, Rejection> {
    match commit.sharers.iter().find(|sharer| sharer.id == *user) {
        Some(sharer) => Ok(sharer.clone()),
        None => actions.sharer(user).await,
    }
}
