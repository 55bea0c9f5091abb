//! For whom a trade is meant, and what is queued for them: by each contact's settings, once each.

use super::status;
use crate::classify::Judgement;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::OnceKey;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::Number;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::permission::Permissions;
use crate::domain::settings::Output;
use crate::domain::shared::CONTACTS_KEPT;
use crate::domain::shared::Decided;
use crate::domain::shared::SharedTrade;
use crate::domain::sharer::Consent;
use crate::domain::sharer::Sharer;
use crate::domain::sharer::Unmeant;
use crate::domain::source::Source;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::store::Commit;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// What holds for a whole fetch.
pub(super) struct Terms<'a> {
    /// Where it was fetched.
    pub(super) source: &'a Source,
    /// What is said to be the shop; none: what she calls the account.
    pub(super) shop: Option<&'a Line>,
    /// What was delivered before.
    pub(super) taken: &'a BTreeSet<OnceKey>,
    /// Listings that this sharer took back: what becomes of them is not told either.
    pub(super) undone: &'a BTreeSet<TradeId>,
    /// For how long a purchase is held back.
    pub(super) hold_seconds: u32,
    /// Whether what stands there now is all that counts as known.
    pub(super) takes_baseline: bool,
    /// Whether she shares it anew after she took it back: what was shown then does not count.
    pub(super) anew: bool,
    /// With whom nothing is shared.
    pub(super) permissions: &'a Permissions,
    /// When.
    pub(super) now: Timestamp,
}

/// Queues what of `news` is meant for the contacts of `sharer`, the introduction first where a contact
/// has not had one, and records what was decided; a baseline is taken instead where one is due.
pub(super) fn share(mut sharer: Sharer, news: &[(Trade, Judgement)], terms: &Terms<'_>, commit: &mut Commit) {
    let before = sharer.clone();
    let account = before.account_at(&terms.source.id).filter(|account| !account.baseline_pending && before.follows(&terms.source.id));
    if let Some(shop) = account.map(|account| terms.shop.unwrap_or(&account.label).clone()) {
        let mut taken = terms.taken.clone();
        for (trade, judgement) in news {
            share_one(&mut sharer, trade, judgement, &shop, &mut taken, terms, commit);
        }
        commit.deliveries.extend(status::update(&mut sharer, news, terms.now));
    }
    if terms.takes_baseline {
        take_baseline(&mut sharer, terms.source);
    }
    // An account that has just been added waits for its baseline, so that it always changes here.
    if sharer != before {
        commit.sharers.push(sharer);
    }
}

/// What stands at the source now counts as known to `sharer`; answers whether that is news.
pub(super) fn take_baseline(sharer: &mut Sharer, source: &Source) -> bool {
    let mut taken = false;
    for account in sharer.accounts.iter_mut().filter(|account| account.source == source.id && !account.paused) {
        taken |= std::mem::replace(&mut account.baseline_pending, false);
    }
    taken
}

/// The keys of everything that `news` comes to for a sharer's contacts, as far as it is meant for them:
/// of a baseline, which may be a whole shop, there are none.
pub(super) fn once_keys(sharer: &Sharer, news: &[(Trade, Judgement)], anew: bool, now: Timestamp) -> Vec<OnceKey> {
    let mut keys = Vec::new();
    for (trade, judgement) in news {
        let categories = judgement.of(&sharer.id);
        let meant = sharer.contacts.iter().filter(|contact| sharer.decide(contact, trade, &categories, now).is_ok());
        keys.extend(meant.flat_map(|contact| in_every_way(&once_key(&sharer.id, &contact.person, trade, anew))));
    }
    keys
}

/// Queues `trade` for those for whom it is meant; from then on it is `taken`, in whichever way it is
/// shown, and also in another room with the same person.
fn share_one(
    sharer: &mut Sharer,
    trade: &Trade,
    judgement: &Judgement,
    shop: &Line,
    taken: &mut BTreeSet<OnceKey>,
    terms: &Terms<'_>,
    commit: &mut Commit,
) {
    if trade.kind.is_change() && terms.undone.contains(&trade.listing_id()) {
        return;
    }
    let categories = judgement.of(&sharer.id);
    let mut decided = Vec::new();
    let mut meant = Vec::new();
    for (index, contact) in sharer.contacts.iter().enumerate() {
        // With whom she does not share at all there is nothing to explain.
        if contact.is_off() {
            continue;
        }
        let once = once_key(&sharer.id, &contact.person, trade, terms.anew);
        let blocked = terms.permissions.blocks(&contact.person);
        let verdict = if blocked { Err(Unmeant::Blocked) } else { sharer.decide(contact, trade, &categories, terms.now) };
        let verdict =
            verdict.and_then(|()| if in_every_way(&once).iter().any(|key| taken.contains(key)) { Err(Unmeant::Known) } else { Ok(()) });
        if verdict.is_ok() {
            taken.extend(in_every_way(&once));
            meant.push((index, once));
        }
        decided.push(Decided { person: contact.name.clone(), user: Some(contact.person.clone()), unmeant: verdict.err() });
    }
    for (index, once) in &meant {
        queue(sharer, *index, trade, shop, once, terms, commit);
    }
    if trade.kind == Kind::Purchase && !meant.is_empty() {
        commit.deliveries.push(held_notice(sharer, trade, shop, &decided, terms));
    }
    commit.shared.push(SharedTrade {
        sharer: sharer.id.clone(),
        number: Number(0),
        trade: trade.id(),
        shop: shop.clone(),
        decided_at: terms.now,
        categories,
        contacts: decided.into_iter().take(CONTACTS_KEPT).collect(),
        undone: false,
    });
}

/// Queues a trade for one contact, in each of the ways in which she is shown trades.
fn queue(sharer: &mut Sharer, index: usize, trade: &Trade, shop: &Line, once: &OnceKey, terms: &Terms<'_>, commit: &mut Commit) {
    let id = sharer.id.clone();
    let Some(contact) = sharer.contacts.get_mut(index) else { return };
    let room = contact.room.clone();
    let add = |what, not_before_at, once| NewDelivery { target: Target::Room(room.clone()), what, not_before_at, once: Some(once) };
    let (trade_id, shop) = (trade.id(), shop.clone());
    if trade.kind == Kind::Purchase {
        // Who has not been introduced is when the time is over: before that nothing reaches her.
        let until_at = terms.now + Duration::from_secs(terms.hold_seconds.into());
        commit.deliveries.push(add(What::Held { sharer: id, trade: trade_id, shop }, until_at, once.clone()));
        return;
    }
    let settings = contact.settings.or(&sharer.settings);
    let mut shown = Vec::new();
    if settings.shows(Output::Message) || settings.shows(Output::Popup) {
        let what = What::Card { sharer: id.clone(), trade: trade_id.clone(), shop: shop.clone() };
        shown.push(add(what, terms.now, once.clone()));
    }
    if settings.shows(Output::Digest) {
        let what = What::Gathered { sharer: id.clone(), trade: trade_id.clone(), shop: shop.clone() };
        shown.push(add(what, terms.now, once.and("digest")));
    }
    // What can be had no more leaves the board by itself.
    if settings.shows(Output::Board) && trade.kind != Kind::Withdrawn {
        let what = What::Board { sharer: id.clone(), add: Some((trade_id, shop)) };
        shown.push(add(what, terms.now, once.and("board")));
    }
    if !shown.is_empty() && !std::mem::replace(&mut contact.introduced, true) {
        let what = What::Introduction { sharer: id, asks: contact.consent == Consent::Asked };
        commit.deliveries.push(NewDelivery::in_room(room.clone(), what, terms.now));
    }
    commit.deliveries.extend(shown);
}

fn held_notice(sharer: &Sharer, trade: &Trade, shop: &Line, decided: &[Decided], terms: &Terms<'_>) -> NewDelivery {
    let contacts = decided.iter().filter(|decided| decided.unmeant.is_none()).map(|decided| decided.person.clone()).collect();
    let (sharer, trade, shop) = (sharer.id.clone(), trade.id(), shop.clone());
    let what = What::HeldNotice { sharer: sharer.clone(), trade, shop, contacts, hold_seconds: terms.hold_seconds };
    NewDelivery { target: Target::Person(sharer), what, not_before_at: terms.now, once: None }
}

/// Under what a trade is shown to a contact at most once: an offer by its link, from whichever
/// account it comes; everything else by itself, and so what is shared anew.
fn once_key(sharer: &UserId, person: &UserId, trade: &Trade, anew: bool) -> OnceKey {
    match &trade.link {
        Some(link) if trade.kind == Kind::Listing && !anew => OnceKey::link(sharer, person, link.as_str()),
        _ => OnceKey::trade(sharer, person, &trade.id()),
    }
}

/// The keys under which something may have been shown that is now to be shown under `once`: whoever
/// chose another way of being shown trades meanwhile has had it all the same.
fn in_every_way(once: &OnceKey) -> [OnceKey; 3] {
    [once.clone(), once.and("digest"), once.and("board")]
}
