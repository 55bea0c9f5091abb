//! The random stories: who shares what with whom and how, and what happens at the shops.

use proptest::collection::btree_set;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::sample::subsequence;
use std::collections::BTreeSet;
use tradepost::domain::settings::Output;
use tradepost::domain::sharer::Consent;
use tradepost::domain::trade::Kind;

/// Those who may share, and talk to each other too.
pub(super) const SHARERS: [&str; 3] = ["joy", "anna", "tom"];
/// Those who only hear of it.
const FRIENDS: [&str; 3] = ["mary", "bert", "eva"];
pub(super) const SHOPS: [&str; 2] = ["leaf", "attic"];
/// What is chosen from: two built-in categories, four own ones, and what fits none.
const CATEGORIES: [&str; 7] = ["electronics", "home-goods", "drinks", "plain lamps", "bargains", "cheap, not red", "other"];
pub(super) const OWN: [&str; 4] = ["drinks", "plain lamps", "bargains", "cheap, not red"];
const WORDS: [&str; 5] = ["tea", "cup", "red", "lamp", "stone"];
const KINDS: [Kind; 5] = [Kind::Listing, Kind::Sale, Kind::Purchase, Kind::PriceChange, Kind::Withdrawn];
const OUTPUTS: [Output; 4] = [Output::Message, Output::Popup, Output::Board, Output::Digest];
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

/// Stories of one to three sharers and as many rounds.
pub(super) fn stories() -> impl Strategy<Value = Story> {
    let rounds = vec(rounds(), 1..4);
    (1..=SHARERS.len(), sharing(0), sharing(1), sharing(2), rounds).prop_map(|(count, joy, anna, tom, rounds)| {
        let sharers = [joy, anna, tom].into_iter().take(count).collect();
        Story { sharers, rounds }
    })
}

fn sharing(number: usize) -> impl Strategy<Value = Sharing> {
    let name = SHARERS[number];
    let others: Vec<&str> = SHARERS.into_iter().filter(move |other| *other != name).chain(FRIENDS).collect();
    let people = subsequence(others, 0..=4).prop_shuffle();
    let contacts = (people, vec(contact(), 4), option::weighted(0.2, contact())).prop_map(|(people, plans, second)| {
        let mut contacts: Vec<ContactPlan> = people.into_iter().zip(plans).map(|(person, plan)| ContactPlan { person, ..plan }).collect();
        let again = contacts.first().map(|first| first.person).zip(second);
        contacts.extend(again.map(|(person, plan)| ContactPlan { person, is_second_room: true, ..plan }));
        contacts
    });
    let own = subsequence(OWN.to_vec(), 0..=OWN.len()).prop_map(names);
    (rarely(), own, setup(), accounts(), contacts).prop_map(move |(paused, own, settings, accounts, contacts)| Sharing {
        name,
        paused,
        own,
        settings,
        accounts,
        contacts,
    })
}

fn accounts() -> impl Strategy<Value = Vec<AccountPlan>> {
    let one = |shop| {
        // Listings are what nearly everybody shares.
        let kinds = btree_set(select(vec![Kind::Listing, Kind::Listing, Kind::Listing, Kind::Sale, Kind::Purchase]), 1..4);
        let account = (kinds, rarely(), prop::bool::weighted(0.2));
        account.prop_map(move |(kinds, paused, takes_baseline)| AccountPlan { shop, kinds, paused, takes_baseline })
    };
    (option::weighted(0.85, one(SHOPS[0])), option::weighted(0.85, one(SHOPS[1])))
        .prop_map(|(leaf, attic)| [leaf, attic].into_iter().flatten().collect())
}

fn contact() -> impl Strategy<Value = ContactPlan> {
    let state = prop_oneof![8 => Just(State::On), 1 => Just(State::Paused), 1 => Just(State::Off), 1 => Just(State::Stopped)];
    let consent = prop_oneof![
        6 => Just(Consent::NotNeeded),
        2 => Just(Consent::Given),
        1 => Just(Consent::Asked),
        1 => Just(Consent::Refused)
    ];
    let mute = prop_oneof![7 => Just(Choice::Unset), 1 => Just(Choice::All), 2 => (1_usize..3).prop_map(Choice::Only)];
    let only = option::weighted(0.2, categories());
    (state, consent, mute, only, setup()).prop_map(|(state, consent, mute, only, settings)| ContactPlan {
        person: "",
        is_second_room: false,
        state,
        consent,
        mute,
        only,
        settings,
        has_changed: false,
    })
}

fn setup() -> impl Strategy<Value = Setup> {
    let shops = choice(subsequence(SHOPS.to_vec(), 1..=1).prop_map(names));
    let kinds = option::weighted(0.6, subsequence(KINDS.to_vec(), 1..=KINDS.len()).prop_map(|kinds| kinds.into_iter().collect()));
    let outputs = option::weighted(0.5, subsequence(OUTPUTS.to_vec(), 1..=3).prop_map(|outputs| outputs.into_iter().collect()));
    let quiet = choice(select(vec![(22, 8), (9, 17), (17, 20)]));
    (
        (shops, choice(categories()), kinds, outputs, option::weighted(0.3, select(vec![3_i8, 18, 23]))),
        (quiet, choice(range()), option::weighted(0.3, any::<bool>()), option::weighted(0.3, select(vec![0_u32, 60, 7_200]))),
    )
        .prop_map(|((shops, categories, kinds, outputs, digest_hour), (quiet, price, in_shanghai, popup_seconds))| Setup {
            shops,
            categories,
            kinds,
            outputs,
            digest_hour,
            quiet,
            price,
            in_shanghai,
            popup_seconds,
        })
}

fn rounds() -> impl Strategy<Value = Round> {
    let change = (0_usize..3, 0_usize..5, contact());
    let happening = (select(SHOPS.to_vec()), what()).prop_map(|(shop, what)| Happening { shop, what });
    (vec(change, 0..3), vec(happening, 0..9)).prop_map(|(changes, happenings)| Round { changes, happenings })
}

fn what() -> impl Strategy<Value = What> {
    let item = 0_usize..3;
    let link = option::weighted(0.6, 0_u8..2);
    prop_oneof![
        5 => (item.clone(), thing(), link).prop_map(|(item, thing, link)| What::Lists { item, thing, link }),
        2 => (item.clone(), cost()).prop_map(|(item, price)| What::Costs { item, price }),
        1 => item.clone().prop_map(|item| What::IsGone { item }),
        1 => item.prop_map(|item| What::IsBack { item }),
        1 => thing().prop_map(What::Sells),
        1 => thing().prop_map(What::Buys),
    ]
}

fn thing() -> impl Strategy<Value = Thing> {
    let words = subsequence(WORDS.to_vec(), 1..=3).prop_shuffle();
    let shelves = (prop::bool::weighted(0.3), prop::bool::weighted(0.3));
    (words, shelves, option::weighted(0.8, cost())).prop_map(|(words, (electronics, home_goods), price)| Thing {
        words,
        electronics,
        home_goods,
        price,
    })
}

fn cost() -> impl Strategy<Value = Cost> {
    (select(vec![10_i64, 20, 30, 60]), prop::bool::weighted(0.8)).prop_map(|(amount, is_euro)| Cost { amount, is_euro })
}

fn range() -> impl Strategy<Value = Range> {
    let bounds = select(vec![(None, Some(30)), (Some(20), None), (Some(10), Some(50))]);
    (bounds, prop::bool::weighted(0.8)).prop_map(|((from, below), is_euro)| Range { from, below, is_euro })
}

fn categories() -> impl Strategy<Value = Names> {
    subsequence(CATEGORIES.to_vec(), 1..=5).prop_map(names)
}

fn choice<T: Clone + std::fmt::Debug>(some: impl Strategy<Value = T>) -> impl Strategy<Value = Choice<T>> {
    prop_oneof![6 => Just(Choice::Unset), 1 => Just(Choice::All), 3 => some.prop_map(Choice::Only)]
}

fn rarely() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.08)
}

fn names(names: Vec<&'static str>) -> Names {
    names.into_iter().collect()
}
