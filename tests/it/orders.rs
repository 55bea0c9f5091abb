//! Sales and purchases: to whom they go, what is asked before, and how purchases are held back, with
//! the real intake, store and outbox by a clock that stands still.

mod asked;
mod held;

use crate::store::values::room_id;
use crate::store::values::source_id;
use crate::store::values::trade;
use crate::store::values::user;
use crate::support::polling;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use jiff::Timestamp;
use tradepost::actions::Actions;
use tradepost::actions::Change;
use tradepost::actions::Rejection;
use tradepost::classify::BuiltIn;
use tradepost::clock::Clock;
use tradepost::domain::ids::Number;
use tradepost::domain::ids::RoomId;
use tradepost::domain::notice::Notice;
use tradepost::domain::source::Fetched;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::intake::Way;

/// Joy, who sells and buys at a shop, and those with whom she shares.
struct Trading {
    sending: Sending,
    actions: Actions,
    rooms: Vec<RoomId>,
}

impl Trading {
    /// Whatever she does at the shop may be shared; her friends get nothing but listings.
    async fn with_friends(friends: &[&str]) -> Self {
        let mut sending = Sending::with_friends(friends).await;
        sending
            .joy_changes(|joy| {
                joy.accounts[0].kinds = vec![Kind::Listing, Kind::Sale, Kind::Purchase];
                for (contact, friend) in joy.contacts.iter_mut().zip(friends) {
                    contact.name = Line::title(friend);
                    contact.settings.kinds = None;
                }
            })
            .await;
        let actions = polling::actions(polling::intake(&sending.store, BuiltIn::standard()));
        let rooms = friends.iter().copied().chain([DESK]).map(room_id).collect();
        sending.start();
        Self { sending, actions, rooms }
    }

    /// The same, where her friends get her purchases, for which she has been asked before.
    async fn of_purchases(friends: &[&str]) -> Self {
        let trading = Self::with_friends(friends).await;
        for friend in friends {
            trading.gets(friend, &[Kind::Listing, Kind::Sale, Kind::Purchase]).await;
        }
        trading
    }

    /// These kinds go to a friend, whatever was asked.
    async fn gets(&self, friend: &str, kinds: &[Kind]) {
        let kinds = Some(kinds.iter().copied().collect());
        self.sending.contact_changes(friend, |contact| contact.settings.kinds = kinds).await;
    }

    /// Joy types `set kinds` for a friend, or for all.
    async fn sets_kinds(&self, friend: Option<&str>, kinds: &[Kind]) -> Result<Notice, Notice> {
        let change = Change::Kinds(kinds.iter().copied().collect());
        let room = friend.map(room_id);
        self.applied(self.actions.set(&user("joy"), room.as_ref(), &change, self.now()).await).await
    }

    /// Joy types `yes` or `no`.
    async fn answers(&self, agrees: bool) -> Result<Notice, Notice> {
        let answered = self.actions.answer(&user("joy"), agrees, self.now()).await;
        self.applied(answered.map(|(commit, notice)| (commit, notice.unwrap()))).await
    }

    /// Joy types `undo`, perhaps with a number.
    async fn undoes(&self, number: Option<u32>) -> Notice {
        self.applied(self.actions.undo(&user("joy"), number.map(Number), self.now()).await).await.unwrap()
    }

    async fn applied(&self, answer: tradepost::actions::Result<(tradepost::store::Commit, Notice)>) -> Result<Notice, Notice> {
        match answer {
            Ok((commit, notice)) => {
                self.sending.commit(commit).await;
                Ok(notice)
            }
            Err(Rejection::Refused(notice)) => Err(notice),
            Err(Rejection::Store(error)) => panic!("{error}"),
        }
    }

    /// The shop is looked at, and these are found there.
    async fn finds(&self, found: &[(Kind, &str)]) {
        let store = &self.sending.store;
        let of_kind = |(kind, name): &(Kind, &str)| Trade { kind: *kind, seen_at: self.now(), ..trade("shop", name) };
        let fetched = Fetched::Changed {
            cursor: None,
            label: Line::default(),
            trades: found.iter().rev().map(of_kind).collect(),
            complete: false,
            gone: Vec::new(),
            more: false,
        };
        let source = store.source(&source_id("shop")).await.unwrap().unwrap();
        let followers = store.followers(&source.id).await.unwrap();
        let commit = self.actions.intake.absorb(source, fetched, followers, Way::Polled, self.now()).await.unwrap();
        self.sending.commit(commit).await;
    }

    fn now(&self) -> Timestamp {
        self.sending.clock.now()
    }

    /// Tries all that is due now; answers when the rest is.
    async fn idle(&self) -> Option<Timestamp> {
        self.sending.is_idle(&self.rooms).await
    }

    /// Lets time pass until nothing waits.
    async fn drained(&self) {
        self.sending.drain(&self.rooms).await;
    }

    fn bodies_to(&self, friend: &str) -> Vec<String> {
        self.sending.bodies_to(friend)
    }
}
