//! Joy, who shares from a shop whose name nobody is to learn, and people who type commands.

use crate::store::values::at;
use crate::store::values::event_id;
use crate::store::values::room;
use crate::store::values::room_id;
use crate::store::values::sharer;
use crate::store::values::source;
use crate::store::values::user;
use crate::support::polling::Polling;
use std::collections::BTreeMap;
use std::time::Duration;
use tradepost::commands::Commands;
use tradepost::commands::Message;
use tradepost::commands::Place;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::UserId;
use tradepost::domain::notice::Notice;
use tradepost::domain::permission::Permission;
use tradepost::domain::permission::Permissions;
use tradepost::domain::room::Room;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::text::Line;
use tradepost::store::Commit;

/// What Joy's shop is called, and the address that she added.
pub(super) const SHOP: &str = "Hidden Treasures";
/// See [`SHOP`].
pub(super) const ADDRESS: &str = "treasures.example/feed";

/// Joy shares with Mary in the room `mary`.
pub(super) struct Stage(pub(super) Polling);

impl Stage {
    /// Who may do what, by user, server or everybody.
    pub(super) async fn new(levels: &[(&str, Permission)]) -> Self {
        let mut polling = Polling::new();
        let levels: BTreeMap<String, Permission> = levels.iter().map(|(whom, level)| ((*whom).to_owned(), *level)).collect();
        let permissions = Permissions::try_from(levels).unwrap();
        polling.actions.permissions = permissions.clone();
        polling.actions.intake.permissions = permissions;
        let mut joy = sharer("joy", &[ADDRESS], &["mary"]);
        joy.accounts[0].label = Line::title(SHOP);
        joy.accounts[0].baseline_pending = false;
        let rooms = vec![room("mary", &["joy", "mary", "tradepost"]), room("marys-desk", &["mary", "tradepost"])];
        polling.commit(Commit { sharers: vec![joy], sources: vec![source(ADDRESS)], rooms, ..Commit::default() }).await;
        Self(polling)
    }

    /// What is queued when `who` types this, alone with the bot or in the room `mary`.
    pub(super) async fn types(&self, who: &UserId, text: &str, alone: bool) -> Vec<NewDelivery> {
        let other = if *who == user("joy") { user("mary") } else { user("joy") };
        let (place, room) = if alone { (Place::Management, desk_of(who)) } else { (Place::Direct { other }, in_marys_room()) };
        let (event, sender, text) = (event_id("typed"), who.clone(), text.to_owned());
        let message = Message { event, sender, place, room, text, sent_at: at(0) };
        let commands = Commands { actions: self.0.actions.clone(), oldest: Duration::from_mins(5) };
        let commit = commands.answer(&message, at(0)).await.unwrap();
        let queued = commit.deliveries.clone();
        self.0.commit(commit).await;
        queued
    }

    /// A sharer's contact with Mary.
    pub(super) async fn contact_of(&self, sharer: &str) -> Contact {
        let sharer: Sharer = self.0.store.sharer(&user(sharer)).await.unwrap().unwrap();
        sharer.contacts.into_iter().find(|contact| contact.person == user("mary")).unwrap()
    }
}

fn in_marys_room() -> Room {
    room("mary", &["joy", "mary", "tradepost"])
}

fn desk_of(who: &UserId) -> Room {
    room("marys-desk", &[who.localpart(), "tradepost"])
}

/// The notices among what was queued.
pub(super) fn notices(queued: &[NewDelivery]) -> Vec<Notice> {
    let notice = |delivery: &NewDelivery| match &delivery.what {
        What::Reply { notice, .. } | What::Notice { notice } => Some(notice.clone()),
        _ => None,
    };
    queued.iter().filter_map(notice).collect()
}

/// The room of Joy and Mary.
pub(super) fn direct() -> tradepost::domain::ids::RoomId {
    room_id("mary")
}
