//! Makes random stories.

use super::story::AccountPlan;
use super::story::Choice;
use super::story::ContactPlan;
use super::story::Cost;
use super::story::Happening;
use super::story::Names;
use super::story::Range;
use super::story::Round;
use super::story::SHOPS;
use super::story::Setup;
use super::story::Sharing;
use super::story::State;
use super::story::Story;
use super::story::Thing;
use super::story::What;
use proptest::collection::btree_set;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::sample::subsequence;
use tradepost::domain::settings::Output;
use tradepost::domain::sharer::Consent;
use tradepost::domain::trade::Kind;

/// Those who may share, and talk to each other too.
const SHARERS: [&str; 3] = ["joy", "anna", "tom"];
/// Those who only hear of it.
const FRIENDS: [&str; 3] = ["mary", "bert", "eva"];
/// What is chosen from: two built-in categories, four own ones, and what fits none.
const CATEGORIES: [&str; 7] = ["electronics", "home-goods", "drinks", "plain lamps", "bargains", "cheap, not red", "other"];
const OWN: [&str; 4] = ["drinks", "plain lamps", "bargains", "cheap, not red"];
const WORDS: [&str; 5] = ["tea", "cup", "red", "lamp", "stone"];
const KINDS: [Kind; 5] = [Kind::Listing, Kind::Sale, Kind::Purchase, Kind::PriceChange, Kind::Withdrawn];
const OUTPUTS: [Output; 4] = [Output::Message, Output::Popup, Output::Board, Output::Digest];

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
