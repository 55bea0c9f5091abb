//! The people and things of a story as the values that the program knows.

use super::story::Choice;
use super::story::Setup;
use super::story::Sharing;
use super::story::Standing;
use super::story::State;
use crate::store::values::at;
use crate::store::values::room_id;
use crate::store::values::sharer;
use crate::store::values::source_id;
use crate::store::values::trade;
use crate::store::values::user;
use iso_currency::Currency;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::Time;
use std::collections::BTreeSet;
use tradepost::domain::category::CategoryId;
use tradepost::domain::category::Criterion;
use tradepost::domain::category::OwnCategory;
use tradepost::domain::category::Selection;
use tradepost::domain::ids::Number;
use tradepost::domain::link::PublicLink;
use tradepost::domain::money::Bound;
use tradepost::domain::money::CurrencyCode;
use tradepost::domain::money::Price;
use tradepost::domain::money::PriceRange;
use tradepost::domain::room::NotDirect;
use tradepost::domain::settings::PriceChoice;
use tradepost::domain::settings::Quiet;
use tradepost::domain::settings::Settings;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Mute;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::RawCategory;
use tradepost::domain::trade::Trade;

/// Long enough for every digest, quiet night and hold.
const ROUND: SignedDuration = SignedDuration::from_hours(72);

/// When a round begins.
pub(super) fn begins_at(round: usize) -> Timestamp {
    at(ROUND.as_secs() * i64::try_from(round).unwrap())
}

pub(super) fn as_trade(shop: &str, standing: &Standing, now: Timestamp) -> Trade {
    let thing = &standing.thing;
    let currency = |is_euro| if is_euro { Currency::EUR } else { Currency::USD };
    let link = standing.link.map(|link| format!("https://shop.example/{link}").parse().unwrap());
    let shelf = |number: &str| RawCategory { scheme: Some("shelf".to_owned()), text: Line::title(number) };
    Trade {
        kind: standing.kind,
        title: Line::title(&standing.title),
        price: thing.price.map(|price| Price::new(price.amount.into(), currency(price.is_euro))),
        available: (standing.kind == Kind::Listing).then_some(!standing.is_gone),
        link: link.and_then(|link| PublicLink::new(link, false)),
        categories: [thing.electronics.then(|| shelf("1")), thing.home_goods.then(|| shelf("2"))].into_iter().flatten().collect(),
        seen_at: now,
        ..trade(shop, &standing.id)
    }
}

pub(super) fn as_sharer(sharing: &Sharing) -> Sharer {
    let shops: Vec<&str> = sharing.accounts.iter().map(|account| account.shop).collect();
    let mut sharer = sharer(sharing.name, &shops, &[]);
    sharer.paused = sharing.paused;
    sharer.categories = sharing.own.iter().map(|name| own_category(name)).collect();
    for (account, plan) in sharer.accounts.iter_mut().zip(&sharing.accounts) {
        account.kinds = plan.kinds.iter().copied().collect();
        (account.paused, account.baseline_pending) = (plan.paused, plan.takes_baseline);
    }
    sharer.settings = as_settings(&sharing.settings, &sharer);
    for plan in &sharing.contacts {
        let number = sharer.take_number();
        let contact = Contact::new(number, room_id(&sharing.room(plan)), user(plan.person), Line::title(plan.person));
        let mute = |until_at| Some(Mute { since_at: at(0), until_at });
        let contact = Contact {
            state: match plan.state {
                State::On => ContactState::On,
                State::Paused => ContactState::Paused,
                State::Off => ContactState::Off,
                State::Stopped => ContactState::Stopped { reason: NotDirect::OthersPresent },
            },
            consent: plan.consent,
            mute: match plan.mute {
                Choice::Unset => None,
                Choice::All => mute(None),
                Choice::Only(round) => mute(Some(begins_at(round))),
            },
            only: plan.only.as_ref().map_or(Selection::All, |names| Selection::Only(ids(names))),
            settings: as_settings(&plan.settings, &sharer),
            ..contact
        };
        sharer.contacts.push(contact);
    }
    sharer
}

fn as_settings(setup: &Setup, sharer: &Sharer) -> Settings {
    // A shop at which she has no account has no number either.
    let number_of = |shop: &&str| sharer.account_at(&source_id(shop)).map_or(Number(99), |account| account.number);
    let hour = |hour| Time::constant(hour, 0, 0, 0);
    Settings {
        accounts: selection(&setup.shops, |shops| shops.iter().map(number_of).collect()),
        categories: selection(&setup.categories, ids),
        kinds: setup.kinds.clone(),
        outputs: setup.outputs.clone(),
        digest_at: setup.digest_hour.map(hour),
        quiet: match setup.quiet {
            Choice::Unset => None,
            Choice::All => Some(Quiet::Off),
            Choice::Only((from, until)) => Some(Quiet::Between { from: hour(from), until: hour(until) }),
        },
        price: match &setup.price {
            Choice::Unset => None,
            Choice::All => Some(PriceChoice::Any),
            Choice::Only(range) => Some(PriceChoice::Within(price_range(range.from, range.below, range.is_euro))),
        },
        time_zone: setup.in_shanghai.map(|is_shanghai| if is_shanghai { "Asia/Shanghai" } else { "UTC" }.to_owned()),
        language: None,
        popup_seconds: setup.popup_seconds,
    }
}

fn selection<T, U: Ord>(choice: &Choice<T>, of: impl FnOnce(&T) -> BTreeSet<U>) -> Option<Selection<U>> {
    match choice {
        Choice::Unset => None,
        Choice::All => Some(Selection::All),
        Choice::Only(some) => Some(Selection::Only(of(some))),
    }
}

fn ids(names: &BTreeSet<&'static str>) -> BTreeSet<CategoryId> {
    names.iter().map(|name| CategoryId::new(*name)).collect()
}

fn price_range(from: Option<i64>, below: Option<i64>, is_euro: bool) -> PriceRange {
    let bound = |inclusive| move |amount: i64| Bound { amount: amount.into(), inclusive };
    let currency = CurrencyCode(if is_euro { Currency::EUR } else { Currency::USD });
    PriceRange { from: from.map(bound(true)), to: below.map(bound(false)), currency }
}

fn own_category(name: &'static str) -> OwnCategory {
    let word = |word: &str| Criterion::Word(word.to_owned());
    let no_red = || Criterion::NotWord("red".to_owned());
    let cheap = || Criterion::Price(price_range(None, Some(30), true));
    let criteria = match name {
        "drinks" => vec![word("tea"), word("cup")],
        "plain lamps" => vec![word("lamp"), no_red()],
        "bargains" => vec![cheap()],
        _ => vec![cheap(), no_red()],
    };
    OwnCategory { id: CategoryId::new(name), name: Line::title(name), criteria }
}
