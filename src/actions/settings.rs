//! What is shared with whom and how: the settings for all contacts and for each.

use super::Actions;
use super::Rejection;
use super::Result;
use super::looked_at_again;
use super::rooms_of;
use crate::domain::category::Selection;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::notice::Setting;
use crate::domain::notice::SettingLine;
use crate::domain::notice::SettingProblem;
use crate::domain::question::Ask;
use crate::domain::question::Question;
use crate::domain::settings::DIGEST_AT;
use crate::domain::settings::Output;
use crate::domain::settings::PriceChoice;
use crate::domain::settings::Quiet;
use crate::domain::settings::Settings;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Language;
use crate::domain::sharer::Sharer;
use crate::domain::trade::Kind;
use crate::store::Commit;
use jiff::Timestamp;
use jiff::civil::Time;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

/// A setting by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter)]
#[expect(missing_docs, reason = "each is the field of `Settings` of this name")]
pub enum Key {
    Accounts,
    Categories,
    Kinds,
    Outputs,
    Digest,
    Quiet,
    Price,
    TimeZone,
    Language,
    Popup,
}

/// A change of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only these accounts; none: all.
    Accounts(Option<Vec<Number>>),
    /// Only these categories, as they were typed; none: all.
    Categories(Option<Vec<String>>),
    /// These kinds.
    Kinds(BTreeSet<Kind>),
    /// These ways of showing trades.
    Outputs(BTreeSet<Output>),
    /// A digest a day, at this time; none: a message each again.
    Digest(Option<Time>),
    /// When it is quiet.
    Quiet(Quiet),
    /// What trades may cost.
    Price(PriceChoice),
    /// The IANA name of a time zone.
    TimeZone(String),
    /// The language of cards.
    Language(Language),
    /// After how many seconds a popup is withdrawn; 0: never.
    Popup(u32),
    /// What the sharer set for all, or, for all, what holds where nothing is set.
    Default(Key),
}

impl Change {
    /// What it changes.
    #[must_use]
    pub const fn key(&self) -> Key {
        match self {
            Self::Accounts(_) => Key::Accounts,
            Self::Categories(_) => Key::Categories,
            Self::Kinds(_) => Key::Kinds,
            Self::Outputs(_) => Key::Outputs,
            Self::Digest(_) => Key::Digest,
            Self::Quiet(_) => Key::Quiet,
            Self::Price(_) => Key::Price,
            Self::TimeZone(_) => Key::TimeZone,
            Self::Language(_) => Key::Language,
            Self::Popup(_) => Key::Popup,
            Self::Default(key) => *key,
        }
    }
}

impl Actions {
    /// Changes a setting for the contact in `room`, or for all. Where sales or purchases would come to
    /// be shown, asks first: then the commit holds the question, and the notice asks it.
    pub async fn set(&self, user: &UserId, room: Option<&RoomId>, change: &Change, now: Timestamp) -> Result<(Commit, Notice)> {
        let mut sharer = self.sharer(user).await?;
        if let Change::Kinds(kinds) = change
            && let Some(asked) = orders_asked(&mut sharer, room, kinds, now)?
        {
            return Ok((Commit { sharers: vec![sharer], ..Commit::default() }, asked));
        }
        let had_board = room.and_then(|room| sharer.contact_in(room)).map(|contact| sharer.settings_for(contact).shows(Output::Board));
        if let Change::Outputs(outputs) = change
            && outputs.contains(&Output::Status)
        {
            may_have_status_line(&sharer, room)?;
        }
        self.apply(&mut sharer, room, change)?;
        let status_line = if sharer.has_status_line() { None } else { emptied_status_line(&mut sharer, now) };
        let notice = self.setting_changed(&sharer, room, change.key())?;
        let boards: Vec<RoomId> = match room {
            Some(room) if had_board == Some(true) => vec![room.clone()],
            Some(_) => Vec::new(),
            None => sharer.contacts.iter().map(|contact| contact.room.clone()).collect(),
        };
        let targets = room.map_or_else(|| rooms_of(&sharer), |room| vec![Target::Room(room.clone())]);
        let mut commit = looked_at_again(sharer.clone(), targets);
        commit.deliveries.extend(status_line);
        for room in boards {
            let keeps = sharer.contact_in(&room).is_some_and(|contact| sharer.settings_for(contact).shows(Output::Board));
            if !keeps {
                commit.deliveries.extend(self.board_taken_down(user, &room, now).await?);
            }
        }
        Ok((commit, notice))
    }

    /// Puts a change into the settings, whatever it means.
    pub(super) fn apply(&self, sharer: &mut Sharer, room: Option<&RoomId>, change: &Change) -> Result<()> {
        let accounts = match change {
            Change::Accounts(Some(numbers)) => Some(known_accounts(sharer, numbers)?),
            _ => None,
        };
        let categories = match change {
            Change::Categories(Some(names)) => {
                Some(names.iter().map(|name| self.category_named(sharer, name)).collect::<Result<BTreeSet<_>>>()?)
            }
            _ => None,
        };
        let before = match room {
            Some(room) => sharer.settings_for(contact_in(sharer, room)?),
            None => sharer.settings.clone(),
        };
        let settings = match room {
            Some(room) => &mut sharer.contact_in_mut(room).ok_or(Notice::NobodySharesHere)?.settings,
            None => &mut sharer.settings,
        };
        match change {
            Change::Accounts(_) => settings.accounts = Some(accounts.map_or(Selection::All, Selection::Only)),
            Change::Categories(_) => settings.categories = Some(categories.map_or(Selection::All, Selection::Only)),
            Change::Kinds(kinds) => settings.kinds = Some(kinds.clone()),
            Change::Outputs(outputs) => settings.outputs = Some(outputs.clone()),
            Change::Digest(at) => {
                settings.outputs = Some(with_digest(&before, at.is_some()));
                settings.digest_at = at.or(settings.digest_at);
            }
            Change::Quiet(quiet) => settings.quiet = Some(*quiet),
            Change::Price(price) => settings.price = Some(price.clone()),
            Change::TimeZone(name) => settings.time_zone = Some(name.clone()),
            Change::Language(language) => settings.language = Some(*language),
            Change::Popup(seconds) => settings.popup_seconds = Some(*seconds),
            Change::Default(key) => forget(settings, *key),
        }
        Ok(())
    }

    pub(super) fn setting_changed(&self, sharer: &Sharer, room: Option<&RoomId>, key: Key) -> Result<Notice> {
        let contact = room.map(|room| contact_in(sharer, room)).transpose()?;
        let keys = if key == Key::Digest { vec![Key::Outputs, Key::Digest] } else { vec![key] };
        let settings = keys.into_iter().map(|key| self.setting_line(sharer, contact, key)).collect();
        Ok(Notice::SettingChanged { person: contact.map(|contact| contact.name.to_string()), settings })
    }

    /// All settings for the contact in `room`, or for all.
    pub async fn settings(&self, user: &UserId, room: Option<&RoomId>) -> Result<Notice> {
        let sharer = self.sharer(user).await?;
        let contact = room.map(|room| contact_in(&sharer, room)).transpose()?;
        let settings = Key::iter().map(|key| self.setting_line(&sharer, contact, key)).collect();
        Ok(Notice::Settings { person: contact.map(|contact| contact.name.to_string()), settings })
    }

    /// What a setting is, for a contact or for all.
    fn setting_line(&self, sharer: &Sharer, contact: Option<&Contact>, key: Key) -> SettingLine {
        let settings = contact.map_or_else(|| sharer.settings.clone(), |contact| sharer.settings_for(contact));
        let own = contact.map_or(&sharer.settings, |contact| &contact.settings);
        let setting = match key {
            Key::Accounts => accounts_setting(sharer, settings.accounts.as_ref()),
            Key::Categories => match &settings.categories {
                Some(Selection::Only(some)) => {
                    Setting::Categories { categories: some.iter().map(|id| self.category_name(sharer, id)).collect(), all: false }
                }
                _ => Setting::Categories { categories: Vec::new(), all: true },
            },
            Key::Kinds => {
                let wants = |kind: &Kind| contact.map_or_else(|| settings.wants(*kind), |contact| contact.wants(*kind, &settings));
                Setting::Kinds { kinds: Kind::iter().filter(wants).collect() }
            }
            Key::Outputs => Setting::Outputs { outputs: Output::iter().filter(|output| settings.shows(*output)).collect() },
            Key::Digest => Setting::Digest { time: hour(settings.digest_at.unwrap_or(DIGEST_AT)) },
            Key::Quiet => Setting::Quiet { hours: hours(settings.quiet) },
            Key::Price => Setting::Price { range: range(settings.price.as_ref()) },
            Key::TimeZone => {
                let zone = settings.zone(&self.zone);
                Setting::TimeZone { zone: zone.iana_name().unwrap_or("UTC").to_owned() }
            }
            Key::Language => Setting::Language { chosen: settings.language },
            Key::Popup => Setting::Popup { popup_seconds: settings.popup_seconds.unwrap_or(0) },
        };
        SettingLine { setting, own: is_set(own, key) }
    }
}

/// What has to be asked before these kinds are shared with the contact in `room`: whether her own
/// sales or purchases are meant to be shown, unless they are already.
fn orders_asked(sharer: &mut Sharer, room: Option<&RoomId>, kinds: &BTreeSet<Kind>, now: Timestamp) -> Result<Option<Notice>> {
    let Some(room) = room else {
        return if kinds.iter().any(|kind| kind.is_order()) { Err(Notice::OrdersNeedContact.into()) } else { Ok(None) };
    };
    let contact = contact_in(sharer, room)?;
    let shown = |kind: &Kind| contact.settings.kinds.as_ref().is_some_and(|kinds| kinds.contains(kind));
    let new: Vec<Kind> = kinds.iter().copied().filter(|kind| kind.is_order() && !shown(kind)).collect();
    if new.is_empty() {
        return Ok(None);
    }
    let (number, label) = (contact.number, contact.name.to_string());
    sharer.question = Some(Question { asked_at: now, ask: Ask::ShowOrders { number, kinds: kinds.clone() } });
    Ok(Some(Notice::OrdersAsked { label, kinds: new, account: false }))
}

/// Everybody sees the line beside her name, and it is written in her name.
fn may_have_status_line(sharer: &Sharer, room: Option<&RoomId>) -> Result<()> {
    if room.is_some() {
        return Err(Notice::WrongSetting { reason: SettingProblem::StatusForOne }.into());
    }
    if sharer.own_name.is_none() {
        return Err(Notice::StatusNeedsOwnName.into());
    }
    Ok(())
}

/// What takes the offer away that stands beside her name, if one does.
pub(super) fn emptied_status_line(sharer: &mut Sharer, now: Timestamp) -> Option<NewDelivery> {
    sharer.status_line.take()?;
    let what = What::StatusLine { sharer: sharer.id.clone(), trade: None };
    Some(NewDelivery { target: Target::Person(sharer.id.clone()), what, not_before_at: now, once: None })
}

pub(super) fn contact_in<'a>(sharer: &'a Sharer, room: &RoomId) -> Result<&'a Contact> {
    sharer.contact_in(room).ok_or_else(|| Rejection::Refused(Notice::NobodySharesHere))
}

fn known_accounts(sharer: &Sharer, numbers: &[Number]) -> Result<BTreeSet<Number>> {
    let known = |number: &Number| sharer.accounts.iter().any(|account| account.number == *number);
    if let Some(unknown) = numbers.iter().find(|number| !known(number)) {
        return Err(Notice::WrongSetting { reason: SettingProblem::Account { typed: unknown.to_string() } }.into());
    }
    Ok(numbers.iter().copied().collect())
}

/// A digest takes the place of the messages, and they its place.
fn with_digest(before: &Settings, digest: bool) -> BTreeSet<Output> {
    let (goes, comes) = if digest { (Output::Message, Output::Digest) } else { (Output::Digest, Output::Message) };
    let stays = Output::iter().filter(|output| before.shows(*output) && *output != goes);
    stays.chain([comes]).collect()
}

fn forget(settings: &mut Settings, key: Key) {
    match key {
        Key::Accounts => settings.accounts = None,
        Key::Categories => settings.categories = None,
        Key::Kinds => settings.kinds = None,
        Key::Outputs => settings.outputs = None,
        Key::Digest => settings.digest_at = None,
        Key::Quiet => settings.quiet = None,
        Key::Price => settings.price = None,
        Key::TimeZone => settings.time_zone = None,
        Key::Language => settings.language = None,
        Key::Popup => settings.popup_seconds = None,
    }
}

const fn is_set(settings: &Settings, key: Key) -> bool {
    match key {
        Key::Accounts => settings.accounts.is_some(),
        Key::Categories => settings.categories.is_some(),
        Key::Kinds => settings.kinds.is_some(),
        Key::Outputs => settings.outputs.is_some(),
        Key::Digest => settings.digest_at.is_some(),
        Key::Quiet => settings.quiet.is_some(),
        Key::Price => settings.price.is_some(),
        Key::TimeZone => settings.time_zone.is_some(),
        Key::Language => settings.language.is_some(),
        Key::Popup => settings.popup_seconds.is_some(),
    }
}

fn accounts_setting(sharer: &Sharer, chosen: Option<&Selection<Number>>) -> Setting {
    match chosen {
        Some(Selection::Only(some)) => {
            let chosen = sharer.accounts.iter().filter(|account| some.contains(&account.number));
            Setting::Accounts { values: chosen.map(|account| account.label.to_string()).collect(), all: false }
        }
        _ => Setting::Accounts { values: Vec::new(), all: true },
    }
}

fn hour(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

fn hours(quiet: Option<Quiet>) -> String {
    match quiet {
        Some(Quiet::Between { from, until }) => format!("{}-{}", hour(from), hour(until)),
        Some(Quiet::Off) | None => String::new(),
    }
}

fn range(price: Option<&PriceChoice>) -> String {
    match price {
        Some(PriceChoice::Within(range)) => range.to_string(),
        Some(PriceChoice::Any) | None => String::new(),
    }
}
