//! The stories: who shares what with whom and how, and what happens at the shops.

use std::collections::BTreeSet;
use tradepost::domain::settings::Output;
use tradepost::domain::sharer::Consent;
use tradepost::domain::trade::Kind;

pub(super) const SHOPS: [&str; 2] = ["leaf", "attic"];
/// More orders than this would not fit on a board with everything that is listed.
const ORDERS: usize = 4;

/// What can be set to everything or to something, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice<T> {
    Unset,
    All,
    Only(T),
}

pub(super) type Names = BTreeSet<&'static str>;

#[derive(Clone)]
pub(super) struct Story {
    pub(super) sharers: Vec<Sharing>,
    pub(super) rounds: Vec<Round>,
}

#[derive(Clone)]
pub(super) struct Sharing {
    pub(super) name: &'static str,
    pub(super) paused: bool,
    pub(super) own: Names,
    pub(super) settings: Setup,
    pub(super) accounts: Vec<AccountPlan>,
    pub(super) contacts: Vec<ContactPlan>,
}

#[derive(Clone)]
pub(super) struct AccountPlan {
    pub(super) shop: &'static str,
    pub(super) kinds: BTreeSet<Kind>,
    pub(super) paused: bool,
    pub(super) takes_baseline: bool,
}

#[derive(Clone)]
pub(super) struct ContactPlan {
    pub(super) person: &'static str,
    /// Whether this is a second room with somebody who has a first.
    pub(super) is_second_room: bool,
    pub(super) state: State,
    pub(super) consent: Consent,
    /// Muted up to this round, or for ever.
    pub(super) mute: Choice<usize>,
    pub(super) only: Option<Names>,
    pub(super) settings: Setup,
    /// Whether something of this was changed since the story began.
    pub(super) has_changed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    On,
    Paused,
    Off,
    Stopped,
}

/// Settings on either level.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) shops: Choice<Names>,
    pub(super) categories: Choice<Names>,
    pub(super) kinds: Option<BTreeSet<Kind>>,
    pub(super) outputs: Option<BTreeSet<Output>>,
    pub(super) digest_hour: Option<i8>,
    /// `All` is: never quiet.
    pub(super) quiet: Choice<(i8, i8)>,
    pub(super) price: Choice<Range>,
    pub(super) in_shanghai: Option<bool>,
    pub(super) popup_seconds: Option<u32>,
}

/// From some whole amount on and below another, in EUR or else in USD.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Option<i64>,
    pub(super) below: Option<i64>,
    pub(super) is_euro: bool,
}

/// A price, in EUR or else in USD.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) amount: i64,
    pub(super) is_euro: bool,
}

#[derive(Clone)]
pub(super) struct Round {
    /// A sharer's contact as it is from now on, by their places.
    pub(super) changes: Vec<(usize, usize, ContactPlan)>,
    pub(super) happenings: Vec<Happening>,
}

#[derive(Clone)]
pub(super) struct Happening {
    pub(super) shop: &'static str,
    pub(super) what: What,
}

/// What happens at a shop. Something that makes no sense there then does not happen: another price of
/// what is not listed, for one.
#[derive(Clone)]
pub(super) enum What {
    Lists { item: usize, thing: Thing, link: Option<u8> },
    Costs { item: usize, price: Cost },
    IsGone { item: usize },
    IsBack { item: usize },
    Sells(Thing),
    Buys(Thing),
}

#[derive(Clone)]
pub(super) struct Thing {
    pub(super) words: Vec<&'static str>,
    pub(super) electronics: bool,
    pub(super) home_goods: bool,
    pub(super) price: Option<Cost>,
}

/// Something at a shop as it stands there now.
#[derive(Clone)]
pub(super) struct Standing {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) kind: Kind,
    pub(super) thing: Thing,
    pub(super) link: Option<u8>,
    pub(super) is_gone: bool,
}

/// What people may hear of.
#[derive(Clone)]
pub(super) struct News {
    pub(super) kind: Kind,
    pub(super) standing: Standing,
}

/// The shops.
#[derive(Clone, Default)]
pub(super) struct Market {
    /// What happened to last stands last.
    pub(super) standing: Vec<(&'static str, Standing)>,
    orders: usize,
}

impl Story {
    /// Puts another contact in the place of one, with the same person and room.
    pub(super) fn change(&mut self, sharer: usize, contact: usize, changed: ContactPlan) {
        let count = self.sharers.len();
        let contacts = &mut self.sharers[sharer % count].contacts;
        let places = contacts.len().max(1);
        if let Some(place) = contacts.get_mut(contact % places) {
            *place = ContactPlan { person: place.person, is_second_room: place.is_second_room, has_changed: true, ..changed };
        }
    }
}

impl Story {
    /// Whether a sharer's contact in a room is as it was when the story began.
    pub(super) fn is_unchanged(&self, sharer: &str, room: &str) -> bool {
        let here = self.sharers.iter().filter(|sharing| sharing.name == sharer);
        let mut contacts = here.flat_map(|sharing| sharing.contacts.iter().filter(|contact| sharing.room(contact) == room));
        contacts.all(|contact| !contact.has_changed)
    }
}

impl Sharing {
    /// The name of the room of a contact.
    pub(super) fn room(&self, contact: &ContactPlan) -> String {
        let (one, other) = if self.name < contact.person { (self.name, contact.person) } else { (contact.person, self.name) };
        format!("{one}+{other}{}", if contact.is_second_room { "-2" } else { "" })
    }
}

impl Setup {
    /// Nothing is set but the outputs.
    pub(super) fn showing(outputs: &[Output]) -> Self {
        Self {
            shops: Choice::Unset,
            categories: Choice::Unset,
            kinds: None,
            outputs: Some(outputs.iter().copied().collect()),
            digest_hour: None,
            quiet: Choice::Unset,
            price: Choice::Unset,
            in_shanghai: None,
            popup_seconds: None,
        }
    }
}

impl ContactPlan {
    /// A contact who gets everything that is listed.
    pub(super) fn who_gets(person: &'static str, outputs: &[Output]) -> Self {
        Self {
            person,
            is_second_room: false,
            state: State::On,
            consent: Consent::NotNeeded,
            mute: Choice::Unset,
            only: None,
            settings: Setup::showing(outputs),
            has_changed: false,
        }
    }
}

impl Market {
    /// Lets happen what happens at `shop`, each item once at the most; answers what is to be told of
    /// it, in order.
    pub(super) fn open(&mut self, shop: &'static str, happenings: &[Happening]) -> Vec<News> {
        let mut touched = BTreeSet::new();
        let mut news = Vec::new();
        for happening in happenings.iter().filter(|happening| happening.shop == shop) {
            match &happening.what {
                What::Lists { item, .. } | What::Costs { item, .. } | What::IsGone { item } | What::IsBack { item } => {
                    if touched.insert(*item) {
                        news.extend(self.happens_to(shop, &format!("{shop}-{item}"), &happening.what));
                    }
                }
                What::Sells(thing) => news.extend(self.is_ordered(shop, Kind::Sale, thing)),
                What::Buys(thing) => news.extend(self.is_ordered(shop, Kind::Purchase, thing)),
            }
        }
        news
    }

    fn happens_to(&mut self, shop: &'static str, id: &str, what: &What) -> Option<News> {
        let place = self.standing.iter().position(|(_, standing)| standing.id == id);
        let mut standing = match (place, what) {
            (None, What::Lists { thing, link, .. }) => {
                let title = format!("{} {id}", thing.words.join(" "));
                let (thing, link, id) = (thing.clone(), *link, id.to_owned());
                let standing = Standing { id, title, kind: Kind::Listing, thing, link, is_gone: false };
                self.standing.push((shop, standing.clone()));
                return Some(News { kind: Kind::Listing, standing });
            }
            (Some(place), _) => self.standing.remove(place).1,
            (None, _) => return None,
        };
        let kind = match what {
            What::Costs { price, .. } if standing.thing.price != Some(*price) => {
                let had_price = standing.thing.price.replace(*price).is_some();
                (had_price && !standing.is_gone).then_some(Kind::PriceChange)
            }
            What::IsGone { .. } if !standing.is_gone => {
                standing.is_gone = true;
                Some(Kind::Withdrawn)
            }
            What::IsBack { .. } if standing.is_gone => {
                standing.is_gone = false;
                None
            }
            _ => None,
        };
        self.standing.push((shop, standing.clone()));
        kind.map(|kind| News { kind, standing })
    }

    fn is_ordered(&mut self, shop: &'static str, kind: Kind, thing: &Thing) -> Option<News> {
        if self.orders >= ORDERS {
            return None;
        }
        self.orders += 1;
        let id = format!("order-{}", self.orders);
        let title = format!("{} {id}", thing.words.join(" "));
        let standing = Standing { id, title, kind, thing: thing.clone(), link: None, is_gone: false };
        self.standing.push((shop, standing.clone()));
        Some(News { kind, standing })
    }
}
