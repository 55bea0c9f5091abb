//! The naive model: the rules of who hears of what, as plainly as they can be said. Nothing in here
//! asks the program.

use super::story::Choice;
use super::story::ContactPlan;
use super::story::Market;
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
    /// Introductions, and what sharers were shown first.
    said: Vec<String>,
    /// Cards and entries of digests.
    posted: Vec<Posted>,
    /// What a sharer's board in a room shows, by item.
    boards: BTreeMap<(String, String), BTreeMap<String, Posted>>,
    /// What a person has heard of somebody's: the link of an offer, else the news itself.
    known: BTreeSet<(String, String, String)>,
    introduced: BTreeSet<(String, String)>,
}

/// Something in a room that shows an item.
struct Posted {
    sharer: &'static str,
    room: String,
    form: &'static str,
    kind: Kind,
    item: String,
    title: String,
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
            self.said.push(format!("{} is first shown {}, which goes to {}", sharing.name, news.standing.title, told.join(", ")));
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
            self.said.push(format!("{room}: {} is introduced", sharing.name));
        }
        let posted = |form| {
            let (item, title) = (news.standing.id.clone(), news.standing.title.clone());
            Posted { sharer: sharing.name, room: room.clone(), form, kind: news.kind, item, title }
        };
        let seconds = contact.settings.popup_seconds.or(sharing.settings.popup_seconds).unwrap_or(0);
        if outputs.contains(&Output::Popup) && !outputs.contains(&Output::Message) && seconds > 0 {
            self.posted.push(posted("popup (gone again)"));
        } else if outputs.contains(&Output::Popup) {
            self.posted.push(posted("popup"));
        } else if outputs.contains(&Output::Message) {
            self.posted.push(posted("card"));
        }
        if outputs.contains(&Output::Digest) {
            self.posted.push(posted("digest"));
        }
        if outputs.contains(&Output::Board) && news.kind != Kind::Withdrawn {
            let board = self.boards.entry((sharing.name.to_owned(), room.clone())).or_default();
            board.insert(news.standing.id.clone(), posted("board"));
        }
        true
    }

    /// Everything that has arrived. What shows an item shows its price and whether it can be had as
    /// they are now; that, and what the boards show, is said only of contacts that stayed as they were.
    pub(super) fn expects(&self, story: &Story, market: &Market) -> Vec<String> {
        let mut lines = self.said.clone();
        for posted in &self.posted {
            let is_followed = story.is_unchanged(posted.sharer, &posted.room) && posted.form != "popup (gone again)";
            lines.push(posted.told(if is_followed { Some(market) } else { None }));
        }
        for ((sharer, room), board) in &self.boards {
            if story.is_unchanged(sharer, room) {
                lines.extend(board.values().map(|posted| posted.told(Some(market))));
            }
        }
        lines
    }
}

impl Posted {
    fn told(&self, market: Option<&Market>) -> String {
        let Self { sharer, room, form, kind, item, title } = self;
        let mut told = format!("{room}: {sharer}'s {form}, {kind}, {title}");
        if let Some(market) = market {
            let standing = &market.standing.iter().find(|(_, standing)| standing.id == *item).unwrap().1;
            let price = standing.thing.price.map_or_else(|| "no price".to_owned(), |price| format!("{price:?}"));
            told = format!("{told}, {price}");
            if standing.is_gone && (*kind == Kind::Listing || *kind == Kind::PriceChange) {
                told += ", gone";
            }
        }
        told
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
