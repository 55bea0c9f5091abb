//! The naive model: the rules of who hears of what, as plainly as they can be said. Nothing in here
//! asks the program.

use super::story::Choice;
use super::story::ContactPlan;
use super::story::Names;
use super::story::News;
use super::story::Sharing;
use super::story::State;
use super::story::Story;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use tradepost::domain::settings::Output;
use tradepost::domain::sharer::Consent;
use tradepost::domain::trade::Kind;

/// What has arrived so far.
#[derive(Default)]
pub(super) struct Model {
    /// Cards, entries of digests, introductions, and what sharers were shown first.
    arrived: Vec<String>,
    /// What a sharer's board in a room shows, by item.
    boards: BTreeMap<(String, String), BTreeMap<String, String>>,
    /// What a person has heard of somebody's: the link of an offer, else the news itself.
    known: BTreeSet<(String, String, String)>,
    introduced: BTreeSet<(String, String)>,
}

impl Model {
    /// News comes up at a shop.
    pub(super) fn hears_of(&mut self, shop: &str, news: &[News], story: &mut Story, round: usize) {
        for one in news {
            for sharing in &story.sharers {
                self.shares(sharing, shop, one, round);
            }
            // What can be had no more leaves all boards.
            if one.kind == Kind::Withdrawn {
                self.boards.values_mut().for_each(|board| drop(board.remove(&one.standing.id)));
            }
        }
        for account in story.sharers.iter_mut().flat_map(|sharing| &mut sharing.accounts) {
            if account.shop == shop && !account.paused {
                account.takes_baseline = false;
            }
        }
    }

    fn shares(&mut self, sharing: &Sharing, shop: &str, news: &News, round: usize) {
        let mut told = Vec::new();
        for contact in &sharing.contacts {
            if !is_meant(sharing, contact, shop, news, round) {
                continue;
            }
            // Offers with the same link are the same, wherever they stand.
            let what = match news.standing.link {
                Some(link) if news.kind == Kind::Listing => format!("link {link}"),
                _ => format!("{} of {} in round {round}", news.kind, news.standing.id),
            };
            if self.known.contains(&(sharing.name.to_owned(), contact.person.to_owned(), what.clone())) {
                continue;
            }
            if self.is_shown(sharing, contact, news) {
                self.known.insert((sharing.name.to_owned(), contact.person.to_owned(), what));
                told.push(contact.person);
            }
        }
        if news.kind == Kind::Purchase && !told.is_empty() {
            told.sort_unstable();
            self.arrived.push(format!("{} is first shown {}, which goes to {}", sharing.name, news.standing.title, told.join(", ")));
        }
    }

    /// Shows news to a contact in each of the ways that are on; whether there was any.
    fn is_shown(&mut self, sharing: &Sharing, contact: &ContactPlan, news: &News) -> bool {
        let room = sharing.room(contact);
        let outputs = outputs(sharing, contact);
        // What can be had no more is not put onto a board.
        if !outputs.iter().any(|output| *output != Output::Board || news.kind != Kind::Withdrawn) {
            return false;
        }
        if self.introduced.insert((sharing.name.to_owned(), room.clone())) {
            self.arrived.push(format!("{room}: {} is introduced", sharing.name));
        }
        let (name, kind, title) = (sharing.name, news.kind, &news.standing.title);
        let seconds = contact.settings.popup_seconds.or(sharing.settings.popup_seconds).unwrap_or(0);
        if outputs.contains(&Output::Popup) {
            let goes = if seconds > 0 && !outputs.contains(&Output::Message) { " (gone again)" } else { "" };
            self.arrived.push(format!("{room}: {name}'s popup, {kind}, {title}{goes}"));
        } else if outputs.contains(&Output::Message) {
            self.arrived.push(format!("{room}: {name}'s card, {kind}, {title}"));
        }
        if outputs.contains(&Output::Digest) {
            self.arrived.push(format!("{room}: {name}'s digest, {kind}, {title}"));
        }
        if outputs.contains(&Output::Board) && news.kind != Kind::Withdrawn {
            let board = self.boards.entry((name.to_owned(), room)).or_default();
            board.insert(news.standing.id.clone(), format!("{kind}, {title}"));
        }
        true
    }

    /// Everything that has arrived, and what the boards show now of those contacts that stayed as they were.
    pub(super) fn expects(&self, story: &Story) -> Vec<String> {
        let mut lines = self.arrived.clone();
        for sharing in &story.sharers {
            for contact in sharing.contacts.iter().filter(|contact| !contact.has_changed) {
                let room = sharing.room(contact);
                let board = self.boards.get(&(sharing.name.to_owned(), room.clone()));
                for shown in board.into_iter().flat_map(BTreeMap::values) {
                    lines.push(format!("{room}: {}'s board, {shown}", sharing.name));
                }
            }
        }
        lines
    }
}

/// Whether news from `shop` is meant for a contact.
fn is_meant(sharing: &Sharing, contact: &ContactPlan, shop: &str, news: &News, round: usize) -> bool {
    // The account.
    let Some(account) = sharing.accounts.iter().find(|account| account.shop == shop) else {
        return false;
    };
    if sharing.paused || account.paused || account.takes_baseline {
        return false;
    }
    let is_change = news.kind == Kind::PriceChange || news.kind == Kind::Withdrawn;
    if is_change && !account.kinds.contains(&Kind::Listing) {
        return false;
    }
    if !is_change && !account.kinds.contains(&news.kind) {
        return false;
    }
    // The contact.
    if contact.state != State::On || contact.consent == Consent::Asked || contact.consent == Consent::Refused {
        return false;
    }
    match contact.mute {
        Choice::All => return false,
        Choice::Only(end) if round < end => return false,
        _ => {}
    }
    // Which shops.
    if let Choice::Only(shops) = either(&contact.settings.shops, &sharing.settings.shops)
        && !shops.contains(shop)
    {
        return false;
    }
    // Which kinds: sales and purchases only where they were set for this contact herself.
    let of_all = sharing.settings.kinds.clone().unwrap_or(BTreeSet::from([Kind::Listing]));
    let is_order = news.kind == Kind::Sale || news.kind == Kind::Purchase;
    match &contact.settings.kinds {
        Some(kinds) if !kinds.contains(&news.kind) => return false,
        None if is_order || !of_all.contains(&news.kind) => return false,
        _ => {}
    }
    // Which categories, by the sharer's choice and by the contact's own.
    let belongs = belongs(news, &sharing.own);
    if let Choice::Only(chosen) = either(&contact.settings.categories, &sharing.settings.categories)
        && chosen.is_disjoint(&belongs)
    {
        return false;
    }
    if let Some(only) = &contact.only
        && only.is_disjoint(&belongs)
    {
        return false;
    }
    // What it may cost.
    if let Choice::Only(range) = either(&contact.settings.price, &sharing.settings.price) {
        let Some(price) = news.standing.thing.price else {
            return false;
        };
        if price.is_euro != range.is_euro {
            return false;
        }
        if range.from.is_some_and(|from| price.amount < from) || range.below.is_some_and(|below| price.amount >= below) {
            return false;
        }
    }
    true
}

/// To what it belongs: the shelves on which it stands, and the sharer's own categories by its words.
fn belongs(news: &News, own: &Names) -> Names {
    let thing = &news.standing.thing;
    let says = |word| thing.words.contains(&word);
    let is_cheap = thing.price.is_some_and(|price| price.is_euro && price.amount < 30);
    let candidates = [
        ("electronics", thing.electronics),
        ("home-goods", thing.home_goods),
        ("drinks", own.contains("drinks") && (says("tea") || says("cup"))),
        ("plain lamps", own.contains("plain lamps") && says("lamp") && !says("red")),
        ("bargains", own.contains("bargains") && is_cheap),
        ("cheap, not red", own.contains("cheap, not red") && is_cheap && !says("red")),
    ];
    let belongs: Names = candidates.into_iter().filter(|(_, does)| *does).map(|(name, _)| name).collect();
    if belongs.is_empty() { Names::from(["other"]) } else { belongs }
}

/// How trades are shown to a contact: as messages where nothing was set.
pub(super) fn outputs(sharing: &Sharing, contact: &ContactPlan) -> BTreeSet<Output> {
    let set = contact.settings.outputs.clone().or(sharing.settings.outputs.clone());
    set.unwrap_or(BTreeSet::from([Output::Message]))
}

/// What was set for the contact, else what was set for all.
pub(super) fn either<'a, T>(own: &'a Choice<T>, of_all: &'a Choice<T>) -> &'a Choice<T> {
    match own {
        Choice::Unset => of_all,
        own => own,
    }
}
