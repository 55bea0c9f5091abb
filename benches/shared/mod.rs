//! What the worlds of several benches have in common.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::sync::mpsc;
use tradepost::clock::SystemClock;
use tradepost::clock::SystemRandomness;
use tradepost::domain::ids::Number;
use tradepost::domain::ids::RoomId;
use tradepost::domain::ids::UserId;
use tradepost::domain::permission::Permission;
use tradepost::domain::permission::Permissions;
use tradepost::domain::room::Membership;
use tradepost::domain::room::Room;
use tradepost::domain::room::Us;
use tradepost::domain::sharer::Account;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::Language;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::source::Source;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::lifecycle::Lifecycle;
use tradepost::matrix::client::Client;
use tradepost::matrix::client::Settings;
use tradepost::matrix::crypto::Crypto;
use tradepost::outbox;
use tradepost::outbox::Ears;
use tradepost::outbox::Outbox;
use tradepost::outbox::Parts;
use tradepost::outbox::Rate;
use tradepost::outbox::Secrets;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::StoreError;
use tradepost::values::Secret;
use url::Url;

/// The bot of a homeserver.
pub(crate) fn us(domain: &str) -> Us {
    Us { bot: UserId::new(format!("@tradepost:{domain}")), domain: domain.to_owned(), functional: BTreeSet::new() }
}

/// Everybody may share.
pub(crate) fn everybody() -> anyhow::Result<Permissions> {
    Ok(Permissions::try_from(BTreeMap::from([("*".to_owned(), Permission::Share)]))?)
}

/// An account that shares the listings of a source.
pub(crate) fn account_at(sharer: &mut Sharer, source: &Source) -> Account {
    Account {
        number: sharer.take_number(),
        source: source.id.clone(),
        platform: source.platform.clone(),
        label: source.label.clone(),
        kinds: vec![Kind::Listing],
        paused: false,
        baseline_pending: false,
        interval_seconds: None,
        needs_secret: false,
        formerly: None,
        added_at: Timestamp::UNIX_EPOCH,
    }
}

/// The room of a contact, in which the bot is too.
pub(crate) fn direct_room(us: &Us, sharer: &UserId, contact: &Contact) -> Room {
    let mut room = Room::new(contact.room.clone(), Membership::Joined, Timestamp::UNIX_EPOCH);
    for (user, name) in [(&us.bot, "Tradepost"), (sharer, "Joy"), (&contact.person, "Mary")] {
        room.set_member(user.clone(), Membership::Joined, Some(Line::title(name)), us);
    }
    room
}

/// Cards go at once, or so many in a second.
pub(crate) fn rate(per_second: u32, sustained_per_second: u32) -> Rate {
    Rate { per_second: NonZeroU32::new(per_second), sustained_per_second: NonZeroU32::new(sustained_per_second), burst: NonZeroU32::MIN }
}

/// An outbox that gathers nothing and leaves nothing for tomorrow.
pub(crate) fn outbox(
    store: &Arc<dyn Store>,
    homeserver: &Url,
    as_token: &str,
    us: Us,
    (parallel, rate): (usize, Rate),
) -> anyhow::Result<Outbox> {
    let settings = outbox::Settings {
        restored_at: None,
        digest_above: 1_000_000,
        cards_per_day: 1_000_000,
        measure: outbox::Measure::default(),
        parallel,
        rate,
        language: Language::English,
        zone: TimeZone::UTC,
        own_name: outbox::Rules::default(),
    };
    let (address, as_token, bot) = (homeserver.clone(), Secret::new(as_token), us.bot.clone());
    let client = Client::new(&Settings { address, as_token, bot, double_puppet: None })?;
    // Nobody listens: a refused token would only be tried again.
    let (fatal, _) = mpsc::channel(1);
    let parts = Parts {
        store: Arc::clone(store),
        crypto: Arc::new(Crypto::off(client.clone())),
        client,
        us,
        permissions: everybody()?,
        ears: Arc::new(BotHears),
        secrets: Arc::new(Nobody),
        clock: Arc::new(SystemClock),
        randomness: Arc::new(SystemRandomness),
        fatal,
        life: Lifecycle::default(),
    };
    Ok(Outbox::new(parts, settings))
}

/// Nobody types a secret.
struct Nobody;

#[async_trait]
impl Secrets for Nobody {
    async fn asked_anew(&self, _: &UserId, _: Option<Number>, _: bool, _: Timestamp) -> Result<Commit, StoreError> {
        Ok(Commit::default())
    }
}

/// The bot is in every room, so nothing is to be heard otherwise.
struct BotHears;

#[async_trait]
impl Ears for BotHears {
    fn has_caught_up(&self, _: &UserId, _: &RoomId) -> bool {
        true
    }

    async fn catch_up(&self, _: &UserId, _: &RoomId) -> bool {
        true
    }
}
