//! The panel: which boxes there are, and what ticking one does.

use super::Actions;
use super::Result;
use super::contacts::other_of;
use super::looked_at_again;
use super::rooms_of;
use super::settings::Change;
use crate::domain::category::CategoryId;
use crate::domain::category::Selection;
use crate::domain::delivery::Target;
use crate::domain::ids::EventId;
use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::notice::PanelName;
use crate::domain::own_name::Identity;
use crate::domain::panel::Choice;
use crate::domain::panel::Panel;
use crate::domain::panel::ROWS;
use crate::domain::panel::Row;
use crate::domain::panel::Scope;
use crate::domain::question::Ask;
use crate::domain::question::Question;
use crate::domain::settings::Output;
use crate::domain::settings::Settings;
use crate::domain::sharer::Contact;
use crate::domain::sharer::ContactState;
use crate::domain::sharer::Sharer;
use crate::domain::trade::Kind;
use crate::platforms::Platform;
use crate::platforms::SecretUse;
use crate::store::Commit;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use strum::IntoEnumIterator;

/// What ticking a box comes to.
pub struct Ticked {
    /// The change.
    pub commit: Commit,
    /// What is to be said beside it.
    pub said: Option<Notice>,
}

impl Actions {
    /// A panel of `user`, as things stand with `sharer`.
    #[must_use]
    pub fn panel(&self, sharer: &Sharer, scope: Scope, page: u32, now: Timestamp) -> Panel {
        let rows = self.rows(sharer, &scope, now);
        let pages = rows.len().div_ceil(ROWS).max(1);
        let page = (page as usize).min(pages - 1);
        let rows: Vec<Row> = rows.into_iter().skip(page * ROWS).take(ROWS).collect();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Panel {
            owner: sharer.id.clone(),
            scope,
            page: count(page),
            pages: count(pages),
            keys: count(rows.len()),
            arrows: pages > 1,
            rows,
            stale: false,
        }
    }

    fn rows(&self, sharer: &Sharer, scope: &Scope, now: Timestamp) -> Vec<Row> {
        match scope {
            Scope::Main => {
                let mut rows = self.account_rows(sharer, None);
                rows.extend(sharer.contacts.iter().map(|contact| contact_row(sharer, contact, now)));
                rows.extend(self.category_rows(sharer, &sharer.settings));
                // The line beside her own name is for those who agreed that tradepost writes there.
                rows.extend(sharer.own_name.as_ref().map(|_| output_row(Output::Status, &sharer.settings)));
                rows
            }
            Scope::Contact { room, .. } => {
                let Some(contact) = sharer.contact_in(room) else { return Vec::new() };
                let settings = sharer.settings_for(contact);
                let mut rows = self.account_rows(sharer, Some(&settings));
                rows.extend(self.category_rows(sharer, &settings));
                rows.extend(Kind::iter().map(|kind| {
                    let on = contact.wants(kind, &settings);
                    Row { choice: Choice::Kind { kind }, name: PanelName::Kind { kind }, on }
                }));
                let outputs = Output::iter().filter(|output| *output != Output::Status);
                rows.extend(outputs.map(|output| output_row(output, &settings)));
                rows
            }
            Scope::Here { room, .. } => {
                let settings = sharer.contact_in(room).map(|contact| sharer.settings_for(contact)).unwrap_or_default();
                let platforms: BTreeSet<&PlatformId> = sharer.accounts.iter().map(|account| &account.platform).collect();
                let on = |platform: &PlatformId| {
                    let mut accounts = sharer.accounts.iter().filter(|account| account.platform == *platform);
                    accounts.any(|account| chosen(settings.accounts.as_ref(), account.number))
                };
                let row = |platform: &PlatformId| Row {
                    on: on(platform),
                    choice: Choice::Platform { platform: platform.clone() },
                    name: PanelName::Platform { platform: platform.to_string(), asks: false },
                };
                platforms.into_iter().map(row).collect()
            }
        }
    }

    /// The accounts, each at its platform, and the platforms that have none yet; of a contact the
    /// accounts alone.
    fn account_rows(&self, sharer: &Sharer, contact: Option<&Settings>) -> Vec<Row> {
        let mut rows = Vec::new();
        for account in &sharer.accounts {
            let on = contact.map_or(!account.paused, |settings| chosen(settings.accounts.as_ref(), account.number));
            let choice = Choice::Account { number: account.number };
            let name = PanelName::Account { label: account.label.to_string(), platform: account.platform.to_string() };
            rows.push(Row { choice, name, on });
        }
        if contact.is_none() {
            // What is not set up cannot be chosen, and a shared account has no name to ask for.
            let can_be_asked = |platform: &&Arc<dyn Platform>| {
                let descriptor = platform.descriptor();
                descriptor.is_set_up && descriptor.secret != SecretUse::SharedAccount
            };
            let platforms = self.intake.platforms.iter().filter(can_be_asked).map(|platform| platform.descriptor().id.clone());
            let without = platforms.filter(|platform| !sharer.accounts.iter().any(|account| account.platform == *platform));
            rows.extend(without.map(|platform| {
                let name = PanelName::Platform { platform: platform.to_string(), asks: true };
                Row { choice: Choice::Platform { platform }, name, on: false }
            }));
        }
        rows
    }

    fn category_rows(&self, sharer: &Sharer, settings: &Settings) -> Vec<Row> {
        let row = |category: CategoryId| Row {
            name: PanelName::Category { category: self.category_name(sharer, &category) },
            on: settings.categories.as_ref().is_none_or(|some| some.holds(&category)),
            choice: Choice::Category { category },
        };
        self.all_categories(sharer).into_iter().map(row).collect()
    }

    /// Ticks or unticks a box of a panel that stands at `event` in `room`.
    pub async fn tick(&self, panel: &Panel, choice: &Choice, event: &EventId, room: &RoomId, now: Timestamp) -> Result<Ticked> {
        let user = &panel.owner;
        self.require_permission(user).await?;
        let of_contact = match &panel.scope {
            Scope::Main => None,
            Scope::Contact { room, .. } | Scope::Here { room, .. } => Some(room),
        };
        match (choice, of_contact) {
            (Choice::Account { number }, None) => {
                let sharer = self.sharer(user).await?;
                let paused = sharer.accounts.iter().find(|account| account.number == *number).is_some_and(|account| account.paused);
                Ok(done(self.pause_one(user, *number, !paused, now).await?.0))
            }
            (Choice::Account { number }, Some(contact)) => self.tick_accounts(user, contact, &[*number].into()).await,
            (Choice::Platform { platform }, Some(contact)) => {
                let sharer = self.sharer(user).await?;
                let there = sharer.accounts.iter().filter(|account| account.platform == *platform);
                self.tick_accounts(user, contact, &there.map(|account| account.number).collect()).await
            }
            (Choice::Platform { platform }, None) => {
                let mut sharer = self.sharer(user).await?;
                let ask = Ask::AccountAt { platform: platform.clone(), room: room.clone(), panel: event.clone() };
                sharer.question = Some(Question { asked_at: now, ask });
                let commit = Commit { sharers: vec![sharer], ..Commit::default() };
                Ok(Ticked { commit, said: Some(Notice::AccountAsked { platform: platform.to_string() }) })
            }
            (Choice::Contact { room }, _) => self.tick_contact(user, room, now).await,
            (Choice::Category { category }, contact) => {
                let mut sharer = self.sharer(user).await?;
                let all = self.all_categories(&sharer);
                let mut chosen = settings_of(&sharer, contact).categories.unwrap_or_default();
                chosen.toggle(category, all.iter().cloned());
                settings_mut(&mut sharer, contact)?.categories = Some(whole(chosen, &all));
                Ok(done(looked_at_again(sharer.clone(), rooms_of(&sharer))))
            }
            (Choice::Kind { kind }, contact) => {
                let sharer = self.sharer(user).await?;
                let in_room = contact.and_then(|room| sharer.contact_in(room));
                let settings = settings_of(&sharer, contact);
                let wants = |kind: &Kind| in_room.map_or_else(|| settings.wants(*kind), |contact| contact.wants(*kind, &settings));
                let kinds = Kind::iter().filter(|other| (other == kind) != wants(other)).collect();
                self.tick_setting(user, contact, &Change::Kinds(kinds), now).await
            }
            (Choice::Output { output }, contact) => {
                let settings = settings_of(&self.sharer(user).await?, contact);
                let mut outputs: BTreeSet<Output> = Output::iter().filter(|other| (other == output) != settings.shows(*other)).collect();
                // One way must remain; to get nothing the contact is taken off.
                if outputs.is_empty() {
                    outputs.insert(if *output == Output::Message { *output } else { Output::Message });
                }
                let is_told = outputs.contains(&Output::Status) && *output == Output::Status;
                let ticked = self.tick_setting(user, contact, &Change::Outputs(outputs), now).await?;
                Ok(Ticked { said: is_told.then_some(Notice::StatusSeenByAll).or(ticked.said), ..ticked })
            }
        }
    }

    /// A change made by a box: only a question is said, since the box shows the rest.
    async fn tick_setting(&self, user: &UserId, room: Option<&RoomId>, change: &Change, now: Timestamp) -> Result<Ticked> {
        let (commit, notice) = self.set(user, room, change, now).await?;
        let said = matches!(notice, Notice::OrdersAsked { .. }).then_some(notice);
        Ok(Ticked { commit, said })
    }

    /// Takes accounts in or out for one contact: in, where any of them is out.
    async fn tick_accounts(&self, user: &UserId, room: &RoomId, numbers: &BTreeSet<Number>) -> Result<Ticked> {
        let mut sharer = self.sharer(user).await?;
        let all: BTreeSet<Number> = sharer.accounts.iter().map(|account| account.number).collect();
        let before = settings_of(&sharer, Some(room)).accounts.unwrap_or_default();
        let mut chosen: BTreeSet<Number> = all.iter().copied().filter(|number| before.holds(number)).collect();
        if numbers.iter().all(|number| chosen.contains(number)) {
            chosen.retain(|number| !numbers.contains(number));
        } else {
            chosen.extend(numbers.iter().copied());
        }
        let chosen = if chosen == all { Selection::All } else { Selection::Only(chosen) };
        settings_mut(&mut sharer, Some(room))?.accounts = Some(chosen);
        Ok(done(looked_at_again(sharer, vec![Target::Room(room.clone())])))
    }

    async fn tick_contact(&self, user: &UserId, room: &RoomId, now: Timestamp) -> Result<Ticked> {
        let sharer = self.sharer(user).await?;
        if sharer.contact_in(room).is_some_and(|contact| contact.state == ContactState::On) {
            let (mut commit, contact, mut sharer) = self.stop_sharing_in(user, room, now).await?;
            let cards = self.posted_in(user, room).await?;
            if cards == 0 {
                return Ok(done(commit));
            }
            Self::ask_to_withdraw(&mut sharer, room, now);
            commit.sharers = vec![sharer];
            return Ok(Ticked { commit, said: Some(Notice::WithdrawAsked { person: contact.name.to_string(), cards }) });
        }
        let known = self.store().room(room).await?;
        let other = known.as_ref().and_then(|known| other_of(&known.role(&self.us), user));
        let (Some(known), Some(person)) = (known, other) else {
            let typed = sharer.contact_in(room).map(|contact| contact.name.to_string()).unwrap_or_default();
            return Err(Notice::UnknownContact { typed }.into());
        };
        if self.is_begun_as_self(user, &known).await? {
            let (commit, notice) = self.approach(user, &person, now).await?;
            return Ok(Ticked { commit, said: Some(notice) });
        }
        Ok(done(self.share_with(user, &person, &known, now).await?.0))
    }
}

const fn done(commit: Commit) -> Ticked {
    Ticked { commit, said: None }
}

fn contact_row(sharer: &Sharer, contact: &Contact, now: Timestamp) -> Row {
    let choice = Choice::Contact { room: contact.room.clone() };
    let own = sharer.identity_for(contact) == Identity::Sharer;
    let name = PanelName::Contact { person: contact.name.to_string(), muted: contact.is_muted(now), own };
    Row { choice, name, on: contact.state == ContactState::On }
}

fn output_row(output: Output, settings: &Settings) -> Row {
    Row { choice: Choice::Output { output }, name: PanelName::Output { output }, on: settings.shows(output) }
}

fn chosen(selection: Option<&Selection<Number>>, number: Number) -> bool {
    selection.is_none_or(|selection| selection.holds(&number))
}

fn settings_of(sharer: &Sharer, room: Option<&RoomId>) -> Settings {
    let contact = room.and_then(|room| sharer.contact_in(room));
    contact.map_or_else(|| sharer.settings.clone(), |contact| sharer.settings_for(contact))
}

fn settings_mut<'a>(sharer: &'a mut Sharer, room: Option<&RoomId>) -> Result<&'a mut Settings> {
    match room {
        Some(room) => Ok(&mut sharer.contact_in_mut(room).ok_or(Notice::NobodySharesHere)?.settings),
        None => Ok(&mut sharer.settings),
    }
}

/// All that there are is all, those to come too.
fn whole(chosen: Selection<CategoryId>, all: &[CategoryId]) -> Selection<CategoryId> {
    match chosen {
        Selection::Only(some) if all.iter().all(|category| some.contains(category)) => Selection::All,
        other => other,
    }
}
