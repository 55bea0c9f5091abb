//! A sharer and everything she decided: one value, so that a command is a pure change of it and a
//! commit can tell whether somebody else changed it meanwhile.

use crate::domain::asked::OneTimeLink;
use crate::domain::category::Belongs;
use crate::domain::category::CategoryId;
use crate::domain::category::OwnCategory;
use crate::domain::category::Selection;
use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::RoomId;
use crate::domain::ids::SourceId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::own_name::Identity;
use crate::domain::own_name::OpenedRoom;
use crate::domain::own_name::OwnName;
use crate::domain::question::Question;
use crate::domain::room::NotDirect;
use crate::domain::settings::Output;
use crate::domain::settings::PriceChoice;
use crate::domain::settings::Settings;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A language in which tradepost speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, strum::EnumIter)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    SimplifiedChinese,
}

/// What one person decided about sharing, and the language she reads. Also kept for somebody who
/// shares nothing but chose a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharer {
    /// Who she is.
    pub id: UserId,
    /// Raised by the store at each change, compared at the next (optimistic locking). 0: not stored yet.
    pub version: u64,
    /// Her language; none until she chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whether she paused everything.
    #[serde(default)]
    pub paused: bool,
    /// The next short number.
    pub next_number: u32,
    /// The accounts that she added, oldest first.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// The contacts that she confirmed at some time, oldest first.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// Since when the operator keeps her from sharing; none: she may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
    /// Since when she is gone: she may not share any more, left every room with the bot, or was deactivated;
    /// none: she is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_since_at: Option<Timestamp>,
    /// Whether she left or declined the room the bot opened for her: then it opens no other.
    #[serde(default)]
    pub wants_no_room: bool,
    /// What holds for all her contacts, where nothing else is set for one of them.
    #[serde(default)]
    pub settings: Settings,
    /// The categories that she made, oldest first.
    #[serde(default)]
    pub categories: Vec<OwnCategory>,
    /// What she has been asked and not answered yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// Links that she was given and that are good once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<OneTimeLink>,
    /// What she wishes of those who share with her. The sharers' contacts repeat it; this outlives them.
    #[serde(default)]
    pub wishes: Vec<Wish>,
    /// That tradepost may act as her; none: it may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_name: Option<OwnName>,
    /// What she wishes of everybody who shares with her, now or later: to hear nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutes_everyone: Option<Mute>,
    /// With whom she began to share in the last day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub begun: Vec<NewContact>,
    /// The direct rooms that were opened in her name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<OpenedRoom>,
    /// The listing that stands beside her name (output `status`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_line: Option<TradeId>,
}

/// What somebody wishes of one who shares with her, or may come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// The one who shares.
    pub sharer: UserId,
    /// To hear nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mute: Option<Mute>,
    /// To hear only of these categories.
    #[serde(default)]
    pub only: Selection<CategoryId>,
    /// Not to be asked again: she said no.
    #[serde(default)]
    pub declined: bool,
}

/// That a sharer began to share with somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewContact {
    /// With whom.
    pub person: UserId,
    /// When.
    pub at: Timestamp,
}

/// A sharer's account at a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// How she names it in commands.
    pub number: Number,
    /// What is polled for it.
    pub source: SourceId,
    /// What was polled for it before she gave a secret: what has not been shown yet of it still is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formerly: Option<SourceId>,
    /// The platform.
    pub platform: PlatformId,
    /// What she calls it: the title of the feed or shop.
    pub label: Line,
    /// Which kinds of its trades she shares.
    pub kinds: Vec<Kind>,
    /// Whether she paused it.
    #[serde(default)]
    pub paused: bool,
    /// Whether what the next fetch finds is to be taken as known: at first, and after a pause.
    #[serde(default)]
    pub baseline_pending: bool,
    /// How often she wants it looked at, in seconds; none: as the operator set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_seconds: Option<u32>,
    /// Whether its secret works no more, so that it is not looked at before she gives a new one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_secret: bool,
    /// When she added it.
    pub added_at: Timestamp,
}

/// Somebody a sharer talks to in a direct room, and what goes there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// How the sharer names it in commands.
    pub number: Number,
    /// Their direct room.
    pub room: RoomId,
    /// The other person.
    pub person: UserId,
    /// Her name when the sharer last confirmed her.
    pub name: Line,
    /// Whether trades go there.
    pub state: ContactState,
    /// What the contact herself decided; the sharer cannot override it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mute: Option<Mute>,
    /// Whether the line that says who shares and how to stop it has been queued.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub introduced: bool,
    /// What the sharer set for this contact.
    #[serde(default, skip_serializing_if = "Settings::is_empty")]
    pub settings: Settings,
    /// The categories that the contact herself wants to hear of; the sharer cannot widen it.
    #[serde(default, skip_serializing_if = "Selection::is_all")]
    pub only: Selection<CategoryId>,
    /// Whether the contact has to agree before anything is posted, and whether she did.
    #[serde(default, skip_serializing_if = "Consent::is_not_needed")]
    pub consent: Consent,
    /// Whether the sharer has been told what lets the board be pinned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_pin: bool,
    /// In whose name she wants to share with this contact; none: as with all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
}

/// Whether a contact agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// Nobody asks; she can mute.
    #[default]
    NotNeeded,
    /// She is asked, and nothing is posted before she answers.
    Asked,
    /// She said yes.
    Given,
    /// She said no.
    Refused,
}

impl Consent {
    /// Whether nobody asks her.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
    fn is_not_needed(&self) -> bool {
        *self == Self::NotNeeded
    }
}

/// Why a trade is not meant for a contact: the first reason that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumIter)]
#[serde(tag = "unmeant", rename_all = "kebab-case")]
pub enum Unmeant {
    /// Everything is paused.
    AllPaused,
    /// The account is paused or still takes its baseline.
    AccountPaused,
    /// The account does not share this kind of trade.
    AccountKind,
    /// The contact is off, paused or stopped.
    ContactOff,
    /// The operator does not let anything go to her.
    Blocked,
    /// She has not agreed.
    NotAgreed,
    /// She muted it.
    Muted,
    /// She does not get this account's trades.
    Account,
    /// She does not get this kind.
    Kind,
    /// She gets other categories.
    Category,
    /// She asked for other categories herself.
    OwnChoice,
    /// The price is not within what was set, or not known.
    Price,
    /// It was posted to her already.
    Known,
}

/// Whether trades go to a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ContactState {
    /// They do.
    On,
    /// The sharer paused it.
    Paused,
    /// The sharer took it off.
    Off,
    /// It stopped by itself, because the room is not direct any more; `with here` starts it again.
    Stopped {
        /// What is wrong with the room.
        reason: NotDirect,
    },
}

/// A contact's wish to hear nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// When she said so.
    pub since_at: Timestamp,
    /// Until when; none: until she says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_at: Option<Timestamp>,
}

impl Sharer {
    /// Somebody who has decided nothing yet.
    #[must_use]
    pub fn new(id: UserId) -> Self {
        Self {
            id,
            version: 0,
            language: None,
            paused: false,
            next_number: 1,
            accounts: Vec::new(),
            contacts: Vec::new(),
            disabled_at: None,
            gone_since_at: None,
            wants_no_room: false,
            settings: Settings::default(),
            categories: Vec::new(),
            question: None,
            links: Vec::new(),
            wishes: Vec::new(),
            own_name: None,
            mutes_everyone: None,
            begun: Vec::new(),
            opened: Vec::new(),
            status_line: None,
        }
    }

    /// Whether there is nothing to be known of her but who she is.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        *self == Self { version: self.version, ..Self::new(self.id.clone()) }
    }

    /// Whether she has anything of one who shares.
    #[must_use]
    pub fn shares_something(&self) -> bool {
        !self.accounts.is_empty() || !self.contacts.is_empty() || self.own_name.is_some()
    }

    /// With how many people she shares, those included with whom it is paused or has stopped by itself.
    #[must_use]
    pub fn contacts_in_use(&self) -> usize {
        self.contacts.iter().filter(|contact| !contact.is_off()).count()
    }

    /// Takes the next short number.
    pub const fn take_number(&mut self) -> Number {
        let number = Number(self.next_number);
        self.next_number += 1;
        number
    }

    /// Her account that follows `source`.
    #[must_use]
    pub fn account_at(&self, source: &SourceId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.source == *source)
    }

    /// Her contact in `room`.
    #[must_use]
    pub fn contact_in(&self, room: &RoomId) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.room == *room)
    }

    /// Her contact in `room`, to be changed.
    pub fn contact_in_mut(&mut self, room: &RoomId) -> Option<&mut Contact> {
        self.contacts.iter_mut().find(|contact| contact.room == *room)
    }

    /// Whether anything of hers wants `source` polled.
    #[must_use]
    pub fn wants_poll(&self, source: &SourceId) -> bool {
        self.follows(source) && self.account_at(source).is_some_and(|account| !account.needs_secret)
    }

    /// Whether what happens at `source` is shared by her, as far as it is meant for anybody.
    #[must_use]
    pub fn follows(&self, source: &SourceId) -> bool {
        !self.paused && self.account_at(source).is_some_and(|account| !account.paused)
    }

    /// Whether `trade`, which belongs to `categories`, is meant for `contact` at `now`, and if not, why.
    pub fn decide(&self, contact: &Contact, trade: &Trade, categories: &[Belongs], now: Timestamp) -> Result<(), Unmeant> {
        let account = self.account_at(&trade.source).filter(|account| !account.paused && !account.baseline_pending);
        let settings = self.settings_for(contact);
        let holds = [
            (!self.paused, Unmeant::AllPaused),
            (account.is_some(), Unmeant::AccountPaused),
            (account.is_some_and(|account| account.shares(trade.kind)), Unmeant::AccountKind),
            (contact.state == ContactState::On, Unmeant::ContactOff),
            (contact.has_agreed(), Unmeant::NotAgreed),
            (!contact.is_muted(now), Unmeant::Muted),
            (account.is_some_and(|account| chooses(settings.accounts.as_ref(), &account.number)), Unmeant::Account),
            (contact.wants(trade.kind, &settings), Unmeant::Kind),
            (settings.categories.as_ref().is_none_or(|chosen| chosen.fits(categories)), Unmeant::Category),
            (contact.only.fits(categories), Unmeant::OwnChoice),
            (fits_price(settings.price.as_ref(), trade), Unmeant::Price),
        ];
        holds.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, reason)| Err(reason))
    }

    /// What holds for `contact`: her own settings, and the sharer's where she has none.
    #[must_use]
    pub fn settings_for(&self, contact: &Contact) -> Settings {
        let mut settings = contact.settings.or(&self.settings);
        // The line beside the sharer's name is no way of showing something to one contact.
        if let Some(outputs) = &mut settings.outputs {
            outputs.remove(&Output::Status);
        }
        settings
    }

    /// Whether an offer of `trade`'s account, if it belongs to `categories` and costs what `trade` does,
    /// may stand beside her name: by what is set for all, since everybody sees it.
    #[must_use]
    pub fn may_stand_beside_name(&self, trade: &Trade, categories: &[Belongs]) -> bool {
        let settings = &self.settings;
        let account = self.account_at(&trade.source).filter(|account| !account.paused && !account.baseline_pending);
        let is_hers = account.is_some_and(|account| account.shares(Kind::Listing) && chooses(settings.accounts.as_ref(), &account.number));
        self.has_status_line()
            && !self.paused
            && is_hers
            && settings.wants(Kind::Listing)
            && settings.categories.as_ref().is_none_or(|chosen| chosen.fits(categories))
            && fits_price(settings.price.as_ref(), trade)
    }

    /// Whether her newest offer is to stand beside her name.
    #[must_use]
    pub fn has_status_line(&self) -> bool {
        self.own_name.is_some() && self.settings.shows(Output::Status)
    }

    /// The mute of `person` as it stands in any of her contacts.
    #[must_use]
    pub fn mute_of(&self, person: &UserId) -> Option<Mute> {
        self.contacts.iter().filter(|contact| contact.person == *person).find_map(|contact| contact.mute)
    }

    /// Whether what came of `trade` when it was new may still go to `contact`, whose settings have
    /// perhaps changed since: by the account, and by the kind.
    #[must_use]
    pub fn still_shows(&self, contact: &Contact, trade: &Trade) -> bool {
        let settings = self.settings_for(contact);
        let formerly = || self.accounts.iter().find(|account| account.formerly.as_ref() == Some(&trade.source));
        let account = self.account_at(&trade.source).or_else(formerly).filter(|account| !self.paused && !account.paused);
        account.is_some_and(|account| {
            account.shares(trade.kind) && chooses(settings.accounts.as_ref(), &account.number) && contact.wants(trade.kind, &settings)
        })
    }

    /// What she wishes of `sharer`.
    #[must_use]
    pub fn wish_for(&self, sharer: &UserId) -> Option<&Wish> {
        self.wishes.iter().find(|wish| wish.sharer == *sharer)
    }

    /// The same with what she wishes of everybody, which comes first.
    #[must_use]
    pub fn wish_toward(&self, sharer: &UserId) -> Option<Wish> {
        let wish = self.wish_for(sharer).cloned();
        let Some(mute) = self.mutes_everyone else { return wish };
        let wish = wish.unwrap_or_else(|| Wish { sharer: sharer.clone(), mute: None, only: Selection::All, declined: false });
        // Whichever lasts longer.
        let own = wish.mute.filter(|own| own.until_at.is_none_or(|until| mute.until_at.is_some_and(|end| end < until)));
        Some(Wish { mute: Some(own.unwrap_or(mute)), ..wish })
    }
}

fn chooses<T: Ord + Clone>(selection: Option<&Selection<T>>, one: &T) -> bool {
    selection.is_none_or(|selection| selection.holds(one))
}

fn fits_price(choice: Option<&PriceChoice>, trade: &Trade) -> bool {
    match choice {
        None | Some(PriceChoice::Any) => true,
        Some(PriceChoice::Within(range)) => range.holds(trade.price.as_ref()),
    }
}

impl Account {
    /// Whether trades of this kind are shared. Changes of what is offered go with the offers.
    #[must_use]
    pub fn shares(&self, kind: Kind) -> bool {
        self.kinds.contains(&if kind.is_change() { Kind::Listing } else { kind })
    }
}

impl Contact {
    /// Somebody in `room` with whom nothing is shared yet.
    #[must_use]
    pub fn new(number: Number, room: RoomId, person: UserId, name: Line) -> Self {
        Self {
            number,
            room,
            person,
            name,
            state: ContactState::Off,
            mute: None,
            introduced: false,
            settings: Settings::default(),
            only: Selection::All,
            consent: Consent::NotNeeded,
            told_pin: false,
            identity: None,
        }
    }

    /// Whether cards may go there at `now`: it is on, and the contact has agreed and not muted it.
    #[must_use]
    pub fn receives(&self, now: Timestamp) -> bool {
        self.state == ContactState::On && self.has_agreed() && !self.is_muted(now)
    }

    /// Whether the sharer does not share with her at all.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.state == ContactState::Off
    }

    /// Whether the contact agreed, or need not.
    #[must_use]
    pub const fn has_agreed(&self) -> bool {
        matches!(self.consent, Consent::NotNeeded | Consent::Given)
    }

    /// Whether trades of this kind go to her, whose settings are `settings`. Sales and purchases do
    /// only where that was set for her by name.
    #[must_use]
    pub fn wants(&self, kind: Kind, settings: &Settings) -> bool {
        if kind.is_order() { self.settings.kinds.as_ref().is_some_and(|kinds| kinds.contains(&kind)) } else { settings.wants(kind) }
    }

    /// Whether the contact muted it at `now`.
    #[must_use]
    pub fn is_muted(&self, now: Timestamp) -> bool {
        self.mute.is_some_and(|mute| mute.holds(now))
    }
}

impl Mute {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until_at.is_none_or(|until| now < until)
    }
}
