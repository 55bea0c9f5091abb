//! Sales and purchases: to whom they go, what is asked before, and how purchases are held back, with
//! the real intake, store and outbox by a clock that stands still.

use crate::store::values::at;
use crate::store::values::room_id;
use crate::store::values::source_id;
use crate::store::values::trade;
use crate::store::values::user;
use crate::support::polling;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::time;
use std::collections::BTreeSet;
use std::time::Duration;
use tradepost::actions::Actions;
use tradepost::actions::Change;
use tradepost::actions::Rejection;
use tradepost::classify::BuiltIn;
use tradepost::clock::Clock;
use tradepost::domain::ids::Number;
use tradepost::domain::ids::RoomId;
use tradepost::domain::notice::Notice;
use tradepost::domain::settings::Output;
use tradepost::domain::settings::Quiet;
use tradepost::domain::source::Fetched;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;

/// For how long purchases are held here.
const HOLD: Duration = Duration::from_secs(900);
const TOO_EARLY: Duration = Duration::from_millis(1);
/// The account of which Joy shares everything, and Mary, as she names them.
const SHOP: Number = Number(1);

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
        self.applied(self.actions.answer(&user("joy"), agrees, self.now()).await).await
    }

    /// Joy types `undo`, perhaps with a number.
    async fn undoes(&self, number: Option<u32>) -> Notice {
        self.applied(self.actions.undo(&user("joy"), number.map(Number)).await).await.unwrap()
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
        let fetched =
            Fetched::Changed { cursor: None, label: Line::default(), trades: found.iter().rev().map(of_kind).collect(), complete: false };
        let source = store.source(&source_id("shop")).await.unwrap().unwrap();
        let followers = store.followers(&source.id).await.unwrap();
        let commit = self.actions.intake.absorb(source, fetched, followers, self.now()).await.unwrap();
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

/// All that can be made of some kinds.
fn subsets(kinds: &[Kind]) -> Vec<BTreeSet<Kind>> {
    let is_in = |number: usize, index: usize| number >> index & 1 == 1;
    let subset = |number| kinds.iter().enumerate().filter(|(index, _)| is_in(number, *index)).map(|(_, kind)| *kind).collect();
    (0..1 << kinds.len()).map(subset).collect()
}

#[tokio::test]
async fn what_was_sold_or_bought_goes_only_where_the_account_and_the_contact_herself_both_name_it() {
    const OWN: [Kind; 3] = [Kind::Listing, Kind::Sale, Kind::Purchase];
    let trading = Trading::with_friends(&["mary"]).await;
    // What is set for all does not open it.
    trading.sending.joy_changes(|joy| joy.settings.kinds = Some(OWN.into())).await;
    let mut expected = Vec::new();
    let of_contact = subsets(&OWN).into_iter().map(Some).chain([None]);
    for (number, (contact, account)) in
        of_contact.flat_map(|of| subsets(&OWN).into_iter().map(move |account| (of.clone(), account))).enumerate()
    {
        trading.sending.joy_changes(|joy| joy.accounts[0].kinds = account.iter().copied().collect()).await;
        trading.sending.contact_changes("mary", |mary| mary.settings.kinds.clone_from(&contact)).await;
        let names = OWN.map(|kind| format!("{kind}-{number} from an account with {account:?} to a contact with {contact:?}"));
        trading.finds(&[(OWN[0], &names[0]), (OWN[1], &names[1]), (OWN[2], &names[2])]).await;
        trading.drained().await;
        for (kind, name) in OWN.into_iter().zip(names) {
            let of_contact = contact.as_ref().map_or(kind == Kind::Listing, |kinds| kinds.contains(&kind));
            if account.contains(&kind) && of_contact {
                expected.push(name);
            }
        }
    }
    let bodies = trading.bodies_to("mary");
    let told: Vec<&str> = bodies.iter().map(|body| body.split(" - ").next().unwrap()).collect();
    assert_eq!(told, expected);
    assert_eq!(expected.len(), 4 * 4 * 3 + 4);
}

#[tokio::test]
async fn sales_for_a_contact_are_asked_for_first_and_shown_from_a_yes_on() {
    let trading = Trading::with_friends(&["mary", "eva"]).await;
    let asked = trading.sets_kinds(Some("mary"), &[Kind::Listing, Kind::Sale]).await.unwrap();
    assert_eq!(asked, Notice::OrdersAsked { label: "mary".to_owned(), kinds: vec![Kind::Sale], account: false });
    trading.finds(&[(Kind::Sale, "mug")]).await;
    assert_eq!(trading.idle().await, None);
    let answer = trading.answers(true).await.unwrap();
    assert!(matches!(&answer, Notice::SettingChanged { person: Some(person), .. } if person == "mary"), "{answer:?}");
    trading.finds(&[(Kind::Sale, "mug"), (Kind::Sale, "pot"), (Kind::Listing, "vase"), (Kind::Purchase, "ring")]).await;
    assert_eq!(trading.idle().await, None, "a sale is not held, and the purchase goes to nobody");
    assert_eq!(trading.bodies_to("mary"), ["pot - Sold", "vase"]);
    assert_eq!(trading.bodies_to("eva"), ["vase"]);
    assert_eq!(trading.answers(true).await, Err(Notice::NothingAsked), "it is answered once");
}

#[tokio::test]
async fn a_no_leaves_everything_as_it_was() {
    let trading = Trading::with_friends(&["mary"]).await;
    let before = trading.sending.store.sharer(&user("joy")).await.unwrap().unwrap();
    trading.sets_kinds(Some("mary"), &[Kind::Sale, Kind::Purchase]).await.unwrap();
    assert_eq!(trading.answers(false).await, Ok(Notice::LeftAsItIs));
    let after = trading.sending.store.sharer(&user("joy")).await.unwrap().unwrap();
    assert_eq!(
        (&after.contacts, &after.settings, &after.accounts, after.question),
        (&before.contacts, &before.settings, &before.accounts, None)
    );
    assert_eq!(trading.answers(true).await, Err(Notice::NothingAsked));
    trading.finds(&[(Kind::Sale, "mug"), (Kind::Purchase, "ring")]).await;
    trading.drained().await;
    assert_eq!(trading.sending.homeserver.requests(), []);
}

#[tokio::test]
async fn a_question_waits_for_an_hour_and_not_longer() {
    let trading = Trading::with_friends(&["mary"]).await;
    let kinds = [Kind::Listing, Kind::Sale];
    trading.sets_kinds(Some("mary"), &kinds).await.unwrap();
    trading.sending.clock.advance(Duration::from_hours(1));
    assert_eq!(trading.answers(true).await, Err(Notice::NothingAsked));
    trading.finds(&[(Kind::Sale, "mug")]).await;
    assert_eq!(trading.idle().await, None);
    assert_eq!(trading.sending.homeserver.requests(), []);
    trading.sets_kinds(Some("mary"), &kinds).await.unwrap();
    trading.sending.clock.advance(Duration::from_hours(1) - TOO_EARLY);
    trading.answers(true).await.unwrap();
    trading.finds(&[(Kind::Sale, "pot")]).await;
    assert_eq!(trading.idle().await, None);
    assert_eq!(trading.bodies_to("mary"), ["pot - Sold"]);
}

#[tokio::test]
async fn for_all_contacts_at_once_sales_and_purchases_are_refused() {
    let trading = Trading::with_friends(&["mary"]).await;
    for kinds in [&[Kind::Sale][..], &[Kind::Listing, Kind::Purchase]] {
        assert_eq!(trading.sets_kinds(None, kinds).await, Err(Notice::OrdersNeedContact));
    }
    assert_eq!(trading.answers(true).await, Err(Notice::NothingAsked));
    let changed = trading.sets_kinds(None, &[Kind::Listing, Kind::PriceChange]).await.unwrap();
    assert!(matches!(changed, Notice::SettingChanged { person: None, .. }), "{changed:?}");
}

#[tokio::test]
async fn what_is_shown_already_is_not_asked_for_again_and_switching_it_off_never_is() {
    let trading = Trading::with_friends(&["mary"]).await;
    trading.gets("mary", &[Kind::Sale, Kind::Purchase]).await;
    for kinds in [&[Kind::Listing, Kind::Sale][..], &[Kind::Sale], &[Kind::Listing]] {
        let changed = trading.sets_kinds(Some("mary"), kinds).await.unwrap();
        assert!(matches!(changed, Notice::SettingChanged { .. }), "{changed:?}");
    }
    let asked = trading.sets_kinds(Some("mary"), &[Kind::Sale]).await.unwrap();
    assert!(matches!(asked, Notice::OrdersAsked { .. }), "{asked:?}");
}

#[tokio::test]
async fn for_an_account_they_are_asked_for_too() {
    let trading = Trading::of_purchases(&["mary"]).await;
    trading.sending.joy_changes(|joy| joy.accounts[0].kinds = vec![Kind::Listing]).await;
    let kinds = [Kind::Listing, Kind::Sale].into();
    let asks = async || trading.applied(trading.actions.account_kinds(&user("joy"), SHOP, &kinds, trading.now()).await).await;
    let asked = Notice::OrdersAsked { label: "shop".to_owned(), kinds: vec![Kind::Sale], account: true };
    assert_eq!(asks().await, Ok(asked.clone()));
    assert_eq!(trading.answers(false).await, Ok(Notice::LeftAsItIs));
    trading.finds(&[(Kind::Sale, "mug")]).await;
    assert_eq!(asks().await, Ok(asked));
    trading.finds(&[(Kind::Sale, "pot")]).await;
    let answer = trading.answers(true).await.unwrap();
    assert!(matches!(&answer, Notice::AccountKinds { kinds, .. } if *kinds == [Kind::Listing, Kind::Sale]), "{answer:?}");
    trading.finds(&[(Kind::Sale, "vase"), (Kind::Purchase, "ring")]).await;
    trading.drained().await;
    assert_eq!(trading.bodies_to("mary"), ["vase - Sold"]);
}

#[tokio::test]
async fn a_purchase_is_shown_to_its_sharer_first_with_whom_it_goes_to_and_the_number_that_stops_it() {
    let trading = Trading::of_purchases(&["mary", "eva", "bert"]).await;
    trading.gets("bert", &[Kind::Listing, Kind::Sale]).await;
    trading.finds(&[(Kind::Listing, "mug"), (Kind::Purchase, "ring")]).await;
    assert_eq!(trading.idle().await, Some(at(0) + HOLD));
    let shown = trading.bodies_to(DESK);
    assert_eq!(shown.len(), 1, "{shown:#?}");
    let contacts: Vec<&str> = shown[0].lines().filter(|line| line.starts_with("• ")).collect();
    assert!(shown[0].contains("ring") && shown[0].contains("!share undo 2"), "{}", shown[0]);
    assert_eq!(contacts, ["• mary", "• eva"]);
}

#[tokio::test]
async fn a_purchase_is_held_for_its_time_to_the_moment_and_then_comes_once() {
    let trading = Trading::of_purchases(&["mary", "eva"]).await;
    trading.finds(&[(Kind::Purchase, "ring")]).await;
    assert_eq!(trading.idle().await, Some(at(900)));
    trading.sending.clock.set(at(900) - TOO_EARLY);
    assert_eq!(trading.idle().await, Some(at(900)));
    for friend in ["mary", "eva"] {
        assert_eq!(trading.sending.said_to(friend), Vec::<String>::new());
    }
    trading.sending.clock.set(at(900));
    assert_eq!(trading.idle().await, None);
    // It still stands at the shop.
    trading.finds(&[(Kind::Purchase, "ring")]).await;
    trading.drained().await;
    for friend in ["mary", "eva"] {
        assert_eq!(trading.bodies_to(friend), ["ring - Bought"]);
    }
    assert!(trading.sending.homeserver.events().iter().skip(1).all(|event| event.at == at(900)));
    assert_eq!(trading.bodies_to(DESK).len(), 1);
}

#[tokio::test]
async fn a_hold_keeps_nothing_else_waiting() {
    let trading = Trading::of_purchases(&["mary"]).await;
    trading.finds(&[(Kind::Listing, "mug"), (Kind::Purchase, "ring"), (Kind::Sale, "pot"), (Kind::Purchase, "lamp")]).await;
    assert_eq!(trading.idle().await, Some(at(900)));
    assert_eq!(trading.bodies_to("mary"), ["mug", "pot - Sold"]);
    trading.sending.clock.set(at(600));
    trading.finds(&[(Kind::Listing, "vase"), (Kind::Purchase, "cup")]).await;
    assert_eq!(trading.idle().await, Some(at(900)));
    assert_eq!(trading.bodies_to("mary"), ["mug", "pot - Sold", "vase"]);
    trading.sending.clock.set(at(900));
    assert_eq!(trading.idle().await, Some(at(1_500)), "each is held for a time of its own");
    assert_eq!(trading.bodies_to("mary")[3..], ["ring - Bought", "lamp - Bought"]);
    trading.drained().await;
    assert_eq!(trading.bodies_to("mary")[5..], ["cup - Bought"]);
}

#[tokio::test]
async fn a_purchase_that_is_undone_in_time_is_stopped_everywhere_and_leaves_no_trace() {
    for number in [Some(1), None] {
        let trading = Trading::of_purchases(&["mary", "eva", "bert", "tom"]).await;
        trading.sending.shows_as("eva", &[Output::Digest, Output::Board, Output::Popup]).await;
        trading.sending.contact_changes("bert", |bert| bert.introduced = false).await;
        trading.sending.contact_changes("tom", |tom| tom.settings.quiet = Some(night())).await;
        trading.finds(&[(Kind::Purchase, "ring")]).await;
        trading.sending.clock.set(at(900) - TOO_EARLY);
        assert_eq!(trading.idle().await, Some(at(900)));
        let undone = trading.undoes(number).await;
        assert_eq!(undone, Notice::Undone { number: Number(1), title: "ring".to_owned(), rooms: 0 });
        trading.drained().await;
        trading.finds(&[(Kind::Purchase, "ring")]).await;
        trading.drained().await;
        for friend in ["mary", "eva", "bert", "tom"] {
            assert_eq!(trading.sending.said_to(friend), Vec::<String>::new(), "{friend}");
        }
        trading.finds(&[(Kind::Listing, "mug")]).await;
        trading.drained().await;
        for friend in ["mary", "eva", "bert", "tom"] {
            let bodies = trading.bodies_to(friend);
            assert!(bodies.iter().any(|body| body.contains("mug")) && !bodies.iter().any(|body| body.contains("ring")), "{bodies:#?}");
        }
    }
}

#[tokio::test]
async fn one_of_two_that_are_held_is_stopped_and_the_other_comes() {
    let trading = Trading::of_purchases(&["mary", "eva"]).await;
    trading.finds(&[(Kind::Purchase, "ring"), (Kind::Purchase, "lamp")]).await;
    assert_eq!(trading.idle().await, Some(at(900)));
    trading.undoes(Some(1)).await;
    trading.drained().await;
    for friend in ["mary", "eva"] {
        assert_eq!(trading.bodies_to(friend), ["lamp - Bought"]);
    }
}

#[tokio::test]
async fn a_purchase_that_is_undone_too_late_is_taken_back_in_every_room() {
    let trading = Trading::of_purchases(&["mary", "eva"]).await;
    trading.finds(&[(Kind::Purchase, "ring")]).await;
    trading.drained().await;
    let undone = trading.undoes(Some(1)).await;
    assert!(matches!(undone, Notice::Undone { rooms: 2, .. }), "{undone:?}");
    trading.drained().await;
    for friend in ["mary", "eva"] {
        assert_eq!(trading.bodies_to(friend), Vec::<String>::new());
    }
}

#[tokio::test]
async fn who_gets_a_purchase_as_the_first_thing_of_all_is_told_who_shares_when_the_hold_is_over() {
    for outputs in [&[Output::Message][..], &[Output::Message, Output::Board, Output::Digest]] {
        let trading = Trading::of_purchases(&["mary"]).await;
        trading.sending.shows_as("mary", outputs).await;
        trading.sending.contact_changes("mary", |mary| mary.introduced = false).await;
        trading.finds(&[(Kind::Purchase, "ring"), (Kind::Purchase, "lamp")]).await;
        assert_eq!(trading.idle().await, Some(at(900)));
        assert_eq!(trading.sending.said_to("mary"), Vec::<String>::new(), "nothing says that something will come");
        trading.drained().await;
        let said = trading.sending.said_to("mary");
        assert_eq!(said.iter().filter(|line| line.starts_with("joy shares new offers")).count(), 1, "{said:#?}");
        let mut cards: Vec<&String> = said.iter().filter(|line| !line.contains("item") && !line.starts_with("* ")).collect();
        assert!(cards[0].starts_with("joy shares new offers"), "{said:#?}");
        cards[1..].sort();
        assert_eq!(cards[1..], ["lamp - Bought", "ring - Bought"]);
    }
}

#[tokio::test]
async fn a_purchase_that_is_held_into_quiet_hours_waits_for_their_end() {
    let trading = Trading::of_purchases(&["mary", "eva"]).await;
    trading.sending.contact_changes("mary", |mary| mary.settings.quiet = Some(night())).await;
    // 17:46:40: it is not quiet yet, and will be when the hold is over.
    trading.finds(&[(Kind::Listing, "mug"), (Kind::Purchase, "ring")]).await;
    assert_eq!(trading.idle().await, Some(at(900)));
    trading.sending.clock.set(at(900));
    let morning: Timestamp = "2030-03-18T08:00:00Z".parse().unwrap();
    assert_eq!(trading.idle().await, Some(morning));
    assert_eq!((trading.bodies_to("mary").len(), trading.bodies_to("eva").len()), (1, 2));
    trading.sending.clock.set(morning - SignedDuration::from_millis(1));
    assert_eq!(trading.idle().await, Some(morning));
    trading.sending.clock.set(morning);
    assert_eq!(trading.idle().await, None);
    assert_eq!(trading.bodies_to("mary"), ["mug", "ring - Bought"]);
}

#[tokio::test]
async fn a_purchase_that_waits_for_the_morning_can_still_be_stopped() {
    let trading = Trading::of_purchases(&["mary"]).await;
    trading.sending.contact_changes("mary", |mary| mary.settings.quiet = Some(night())).await;
    trading.finds(&[(Kind::Purchase, "ring")]).await;
    trading.idle().await;
    trading.sending.clock.set(at(7_200));
    trading.idle().await;
    trading.undoes(None).await;
    trading.drained().await;
    assert_eq!(trading.sending.said_to("mary"), Vec::<String>::new());
}

/// Six in the evening to eight in the morning.
fn night() -> Quiet {
    Quiet::Between { from: time(18, 0, 0, 0), until: time(8, 0, 0, 0) }
}
