//! What is asked, recorded and queued when somebody decides in whose name she shares.

use crate::store::values::at;
use crate::store::values::event_id;
use crate::store::values::room;
use crate::store::values::user;
use crate::support::polling::Polling;
use jiff::Timestamp;
use std::time::Duration;
use tradepost::actions::OwnNameRules;
use tradepost::commands::Commands;
use tradepost::commands::Message;
use tradepost::commands::Place;
use tradepost::commands::Reacted;
use tradepost::domain::delivery::DeviceStep;
use tradepost::domain::delivery::Posting;
use tradepost::domain::delivery::Reaction;
use tradepost::domain::delivery::Target;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::Number;
use tradepost::domain::notice::Notice;
use tradepost::domain::notice::Speaker;
use tradepost::domain::own_name::DeviceState;
use tradepost::domain::own_name::Identity;
use tradepost::domain::own_name::OwnDevice;
use tradepost::domain::permission::LocalUsers;
use tradepost::domain::permission::Permissions;
use tradepost::domain::question::Ask;
use tradepost::domain::question::Question;
use tradepost::domain::room::Membership;
use tradepost::domain::room::Room;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::Sharer;
use tradepost::store::Commit;

/// How old a command may be that is not too late.
const OLDEST: Duration = Duration::from_mins(5);

/// Joy at her desk, who may share in her own name.
struct Desk(Polling);

impl Desk {
    fn new() -> Self {
        let mut polling = Polling::new();
        let allow = LocalUsers::try_from(vec!["a.example".to_owned()]).unwrap();
        polling.actions.own_name = OwnNameRules { is_set_up: true, allow };
        Self(polling)
    }

    /// The same, where she has agreed, and has a device in this state.
    async fn agreed(state: DeviceState) -> Self {
        let desk = Self::new();
        desk.types("as me").await;
        desk.types("yes").await;
        desk.joy_changes(|joy| {
            let device = OwnDevice { id: "TRADEPOSTABC".to_owned(), state };
            joy.own_name.as_mut().unwrap().device = Some(device);
        })
        .await;
        desk
    }

    /// What comes of her typing this: notices, reactions, and whatever else is queued.
    async fn types(&self, text: &str) -> Vec<What> {
        self.types_at(text, at(0)).await
    }

    async fn types_at(&self, text: &str, sent_at: Timestamp) -> Vec<What> {
        let message = Message {
            event: event_id("typed"),
            sender: user("joy"),
            place: Place::Management,
            room: room("desk", &["joy", "tradepost"]),
            text: text.to_owned(),
            sent_at,
        };
        let commit = self.commands().answer(&message, at(0)).await.unwrap();
        self.applied(commit).await
    }

    fn commands(&self) -> Commands {
        Commands { actions: self.0.actions.clone(), oldest: OLDEST }
    }

    async fn applied(&self, commit: Commit) -> Vec<What> {
        for delivery in &commit.deliveries {
            let is_hers = matches!(delivery.what, What::OwnDevice { .. } | What::ReadDirectRooms { .. } | What::Approach { .. });
            assert!(!is_hers || delivery.target == Target::Person(user("joy")), "{delivery:?}");
        }
        let queued = commit.deliveries.iter().map(|delivery| delivery.what.clone()).collect();
        self.0.commit(commit).await;
        queued
    }

    async fn joy(&self) -> Sharer {
        self.0.store.sharer(&user("joy")).await.unwrap().unwrap_or_else(|| Sharer::new(user("joy")))
    }

    async fn joy_changes(&self, change: impl FnOnce(&mut Sharer)) {
        let mut joy = self.joy().await;
        change(&mut joy);
        self.0.commit(Commit { sharers: vec![joy], ..Commit::default() }).await;
    }

    /// Her direct room with somebody, in which the bot is not.
    async fn knows(&self, friend: &str) -> Room {
        let mut known = room(friend, &["joy", friend]);
        known.ours = Membership::Left;
        known.heard_by = Some(user("joy"));
        self.0.commit(Commit { rooms: vec![known.clone()], ..Commit::default() }).await;
        known
    }

    async fn contact(&self, friend: &str) -> Contact {
        self.joy().await.contacts.into_iter().find(|contact| contact.person == user(friend)).unwrap()
    }
}

fn said(queued: &[What]) -> Vec<&Notice> {
    queued.iter().filter_map(|what| if let What::Reply { notice, .. } = what { Some(notice) } else { None }).collect()
}

fn step(step: DeviceStep) -> What {
    What::OwnDevice { step }
}

fn is_done(queued: &[What]) -> bool {
    matches!(queued, [.., What::React { key: Reaction::Done, .. }]) && said(queued).is_empty()
}

#[tokio::test]
async fn nobody_agrees_by_less_than_a_yes() {
    let desk = Desk::new();
    assert_eq!(said(&desk.types("as me").await), [&Notice::OwnNameAsked]);
    assert_eq!(desk.joy().await.own_name, None);
    assert_eq!(said(&desk.types("no").await), [&Notice::LeftAsItIs]);
    assert_eq!((desk.joy().await.own_name, desk.joy().await.question), (None, None));

    desk.types("as me").await;
    assert_eq!(said(&desk.types("as bot").await), [&Notice::LeftAsItIs]);
    assert_eq!(said(&desk.types("yes").await), [&Notice::NothingAsked]);

    desk.types("身份 我").await;
    let queued = desk.types("yes").await;
    assert_eq!(said(&queued), [&Notice::OwnNameOn]);
    assert!(queued.contains(&step(DeviceStep::Make)) && queued.contains(&What::ReadDirectRooms { sharer: user("joy") }), "{queued:?}");
    let own_name = desk.joy().await.own_name.unwrap();
    assert_eq!((own_name.agreed_at, own_name.device), (at(0), None));
}

#[tokio::test]
async fn whoever_may_not_is_refused_before_and_after_she_was_asked() {
    let mut desk = Desk::new();
    desk.types("as me").await;
    desk.0.actions.own_name.allow = LocalUsers::default();
    assert_eq!(said(&desk.types("yes").await), [&Notice::OwnNameNotAllowed]);
    assert_eq!(said(&desk.types("as me").await), [&Notice::OwnNameNotAllowed]);
    desk.0.actions.own_name.is_set_up = false;
    assert_eq!(said(&desk.types("as me").await), [&Notice::OwnNameNotSetUp]);
    assert_eq!(said(&desk.types("verify me").await), [&Notice::OwnNameNotSetUp]);
    desk.0.actions.permissions = Permissions::default();
    assert_eq!(said(&desk.types("as me").await), [&Notice::NotPermitted { user: user("joy").to_string() }]);
    assert_eq!(desk.joy().await.own_name, None);
}

#[tokio::test]
async fn a_device_that_is_gone_is_replaced_when_she_says_so_again() {
    let desk = Desk::agreed(DeviceState::Verified).await;
    let queued = desk.types("as me").await;
    assert_eq!(said(&queued), [&Notice::OwnNameOn]);
    assert!(!queued.contains(&step(DeviceStep::Make)), "{queued:?}");

    let desk = Desk::agreed(DeviceState::Gone).await;
    let queued = desk.types("as me").await;
    assert_eq!(said(&queued), [&Notice::OwnNameOn]);
    assert!(queued.contains(&step(DeviceStep::Make)), "{queued:?}");
    assert_eq!(desk.joy().await.own_name.unwrap().device, None);
}

#[tokio::test]
async fn it_is_withdrawn_without_permission_and_however_late() {
    let mut desk = Desk::agreed(DeviceState::Plain).await;
    desk.knows("mary").await;
    desk.types("as me for mary").await;
    desk.0.actions.permissions = Permissions::default();
    desk.0.actions.own_name = OwnNameRules::default();
    let queued = desk.types_at("as bot", at(-100_000)).await;
    assert_eq!(said(&queued), [&Notice::OwnNameOff]);
    assert!(queued.contains(&step(DeviceStep::Remove { device: "TRADEPOSTABC".to_owned() })), "{queued:?}");
    assert_eq!((desk.joy().await.own_name, desk.contact("mary").await.identity), (None, None));
}

#[tokio::test]
async fn one_contact_can_be_different_and_the_bot_is_invited_where_it_is_missing() {
    let desk = Desk::agreed(DeviceState::Plain).await;
    let known = desk.knows("mary").await.id;
    let changed = |own| Notice::IdentityChanged { number: Number(1), person: "mary".to_owned(), own };
    let queued = desk.types("as bot for mary").await;
    assert_eq!(said(&queued), [&changed(false)]);
    assert!(queued.contains(&What::InviteBot { sharer: user("joy") }), "{queued:?}");
    assert_eq!(desk.contact("mary").await.identity, Some(Identity::Bot));

    let known = desk.0.store.room(&known).await.unwrap().unwrap();
    desk.0.commit(Commit { rooms: vec![Room { ours: Membership::Joined, ..known }], ..Commit::default() }).await;
    let queued = desk.types("身份 机器人 给 1").await;
    assert!(!queued.contains(&What::InviteBot { sharer: user("joy") }), "{queued:?}");
    assert_eq!(said(&desk.types("as me for @mary:a.example").await), [&changed(true)]);
    assert_eq!(desk.contact("mary").await.identity, Some(Identity::Sharer));
}

#[tokio::test]
async fn for_one_contact_too_she_is_asked_first() {
    let desk = Desk::new();
    desk.0.commit(Commit { rooms: vec![room("mary", &["joy", "mary", "tradepost"])], ..Commit::default() }).await;
    assert_eq!(said(&desk.types("as me for mary").await), [&Notice::OwnNameAsked]);
    assert_eq!(said(&desk.types("as bot for mary").await), [&Notice::LeftAsItIs]);
    assert_eq!(desk.joy().await.own_name, None);
}

#[tokio::test]
async fn somebody_without_a_room_is_approached_only_as_her() {
    let desk = Desk::new();
    let unknown = Notice::UnknownContact { typed: user("mary").to_string() };
    assert_eq!(said(&desk.types("with @mary:a.example").await), [&unknown]);

    let desk = Desk::agreed(DeviceState::Plain).await;
    let approach = |friend| What::Approach { sharer: user("joy"), person: user(friend) };
    let queued = desk.types("with @mary:a.example").await;
    assert_eq!(said(&queued), [&Notice::Approaching { person: user("mary").to_string() }]);
    assert!(queued.contains(&approach("mary")), "{queued:?}");
    // By a name somebody must be known.
    desk.knows("anna").await;
    let queued = desk.types("with anna").await;
    assert!(queued.contains(&approach("anna")), "{queued:?}");
    assert!(!desk.joy().await.contacts.iter().any(|contact| !contact.is_off()));
    for nobody in ["@joy:a.example", "@tradepost:a.example", "@:a.example"] {
        assert!(matches!(said(&desk.types(&format!("with {nobody}")).await).as_slice(), [Notice::UnknownContact { .. }]), "{nobody}");
    }
    // Where the bot is, whoever is named in another way than by the whole id is shared with there.
    desk.0.commit(Commit { rooms: vec![room("bob", &["joy", "bob", "tradepost"])], ..Commit::default() }).await;
    let queued = desk.types("with bob").await;
    assert!(matches!(said(&queued).as_slice(), [Notice::SharingWith { .. }]), "{queued:?}");
}

#[tokio::test]
async fn her_own_device_is_verified_before_the_bot() {
    for (state, typed, expected) in [
        (DeviceState::Plain, "verify", DeviceStep::AskVerification),
        (DeviceState::Unverified, "verify me", DeviceStep::AskVerification),
        (DeviceState::Unverified, "verify bot", DeviceStep::AskBotVerification),
        (DeviceState::Verified, "verify", DeviceStep::AskBotVerification),
        (DeviceState::Gone, "验证", DeviceStep::AskBotVerification),
    ] {
        let queued = Desk::agreed(state).await.types(typed).await;
        assert!(queued.contains(&step(expected)) && is_done(&queued), "{typed} with {state:?}: {queued:?}");
    }
    assert!(Desk::new().types("verify").await.contains(&step(DeviceStep::AskBotVerification)));
    let queued = Desk::agreed(DeviceState::Verified).await.types("verify me").await;
    assert_eq!(said(&queued), [&Notice::Verified { own_device: true }]);
}

/// Somebody who is asked whether the emoji are the same, and may not share.
async fn asked_about_emoji() -> Desk {
    let mut desk = Desk::agreed(DeviceState::Plain).await;
    desk.0.actions.permissions = Permissions::default();
    let ask = Ask::SameEmoji { flow: "flow".to_owned(), own_device: true };
    desk.joy_changes(|joy| joy.question = Some(Question { asked_at: at(0), ask })).await;
    desk
}

#[tokio::test]
async fn whether_the_emoji_are_the_same_is_answered_by_whoever_was_asked() {
    for (typed, expected) in
        [("yes", DeviceStep::Confirm { flow: "flow".to_owned() }), ("否", DeviceStep::Cancel { flow: "flow".to_owned() })]
    {
        let desk = asked_about_emoji().await;
        let queued = desk.types_at(typed, at(-100_000)).await;
        assert!(queued.contains(&step(expected)) && is_done(&queued), "{queued:?}");
        assert_eq!(desk.joy().await.question, None);
    }
    let queued = asked_about_emoji().await.types("cancel").await;
    assert!(queued.contains(&step(DeviceStep::Cancel { flow: "flow".to_owned() })), "{queued:?}");
}

#[tokio::test]
async fn reactions_answer_it_too_but_none_says_yes_in_an_encrypted_room() {
    for (key, encrypted, posted_at, expected) in [
        ("✅", false, at(1), Some(DeviceStep::Confirm { flow: "flow".to_owned() })),
        ("❌", false, at(1), Some(DeviceStep::Cancel { flow: "flow".to_owned() })),
        ("❌", true, at(1), Some(DeviceStep::Cancel { flow: "flow".to_owned() })),
        ("✅", true, at(1), None),
        // Emoji that were shown before.
        ("✅", false, at(-1), None),
    ] {
        let desk = asked_about_emoji().await;
        let room = Room { encrypted, ..room("desk", &["joy", "tradepost"]) };
        let posting = Posting {
            room: room.id.clone(),
            event: event_id("emoji"),
            what: What::Notice { notice: Notice::CompareEmoji { own_device: true, emoji: Vec::new() } },
            content: "{}".to_owned(),
            sender: None,
            posted_at,
            shows: Vec::new(),
            withdrawn_at: None,
        };
        let reacted = Reacted { posting: &posting, key, user: &user("joy"), room: &room, set: true };
        let commit = desk.commands().reacted(reacted, at(2)).await.unwrap();
        let queued = desk.applied(commit).await;
        assert_eq!(queued, expected.map(step).into_iter().collect::<Vec<_>>(), "{key}, encrypted: {encrypted}");
    }
}

#[tokio::test]
async fn her_lists_say_in_whose_name_and_what_is_in_the_way() {
    for (state, encrypted, expected) in [
        (DeviceState::Plain, false, Speaker::Sharer),
        (DeviceState::Plain, true, Speaker::Unverified),
        (DeviceState::Verified, true, Speaker::Sharer),
        (DeviceState::Gone, false, Speaker::Gone),
    ] {
        let desk = Desk::agreed(state).await;
        let known = Room { encrypted, ..room("mary", &["joy", "mary", "tradepost"]) };
        desk.0.commit(Commit { rooms: vec![known], ..Commit::default() }).await;
        desk.types("with mary").await;
        let listed = desk.types("list").await;
        let [Notice::List { contacts, .. }] = said(&listed)[..] else { panic!("{listed:?}") };
        assert_eq!(contacts[0].speaker, expected);
        let status = desk.types("status").await;
        assert!(matches!(said(&status)[..], [Notice::Status { speaker, .. }] if *speaker == expected), "{status:?}");
        desk.types("as bot for mary").await;
        let listed = desk.types("contacts").await;
        let [Notice::Contacts { contacts }] = said(&listed)[..] else { panic!("{listed:?}") };
        assert_eq!(contacts[0].speaker, Speaker::Bot);
    }
}
