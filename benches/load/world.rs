//! Everybody there is, and the parts of the program that are measured: the public address, intake, the
//! store in a directory for temporary files, and the outbox.

use super::Size;
use super::shared;
use super::shared::account_at;
use super::shared::direct_room;
use super::shared::everybody;
use super::shared::us;
use anyhow::Context;
use async_trait::async_trait;
use axum::http::HeaderMap;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::TryStreamExt;
use futures_util::stream;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tradepost::actions::LinkAsk;
use tradepost::actions::LinkEnd;
use tradepost::classify::BuiltIn;
use tradepost::classify::Classifiers;
use tradepost::clock::SystemClock;
use tradepost::domain::category::CategoryId;
use tradepost::domain::category::Selection;
use tradepost::domain::ids::PlatformId;
use tradepost::domain::ids::RoomId;
use tradepost::domain::ids::UserId;
use tradepost::domain::sharer::Contact;
use tradepost::domain::sharer::ContactState;
use tradepost::domain::sharer::Language;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::source::Source;
use tradepost::domain::text::Line;
use tradepost::http::public;
use tradepost::http::public::Behind;
use tradepost::http::public::Limits;
use tradepost::http::public::Public;
use tradepost::intake::Intake;
use tradepost::intake::Locks;
use tradepost::intake::PushError;
use tradepost::intake::Queue;
use tradepost::intake::Taken;
use tradepost::intake::Web;
use tradepost::lifecycle::Lifecycle;
use tradepost::net::Net;
use tradepost::net::NetLimits;
use tradepost::outbox::Outbox;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::Platforms;
use tradepost::platforms::source_id;
use tradepost::store::Commit;
use tradepost::store::Store;
use tradepost::store::StoreError;
use tradepost::store::sled::SledStore;
use tradepost::values::Secret;
use tradepost::vault::Key;
use url::Url;

/// Of each sharer.
const ACCOUNTS: u32 = 10;
/// Of each sharer. Each chose one account; of those of one account the first gets its mugs.
pub(crate) const CONTACTS: u32 = 100;
/// How many sharers are settled in at the same time, so that they share the disk's writes.
const AT_A_TIME: usize = 64;

const PLATFORM: &str = r#"
    [partners.bazaar]
    registration_url = "https://bazaar.example/register"
    key = "whsec_YmF6YWFyJ3Mga2V5LCBhZ3JlZWQgd2l0aCB0aGUgb3BlcmF0b3I="
"#;

/// Everybody.
pub(crate) struct World {
    intake: Intake,
    /// Tokens and secrets, by account.
    pub(crate) hooks: Vec<(String, String)>,
    /// The rooms into which mugs go.
    pub(crate) rooms: Vec<RoomId>,
}

impl World {
    pub(crate) async fn settle_in(directory: &TempDir, size: Size) -> anyhow::Result<Self> {
        let intake = intake(directory)?;
        let settled = stream::iter(0..size.sharers).map(|number| settle_in(&intake, number)).buffered(AT_A_TIME);
        let hooks: Vec<Vec<(String, String)>> = settled.try_collect().await?;
        let rooms = (0..size.sharers).flat_map(|sharer| (0..ACCOUNTS).map(move |account| room_id(sharer, account * CONTACTS / ACCOUNTS)));
        Ok(Self { hooks: hooks.into_iter().flatten().collect(), rooms: rooms.collect(), intake })
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.intake.store.as_ref()
    }

    /// Opens the public address.
    pub(crate) async fn open(&self, at_once: usize) -> anyhow::Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let public = Public {
            behind: Arc::new(Door(self.intake.clone())),
            clock: Arc::new(SystemClock),
            url: Url::parse("https://tradepost.example/")?,
            // All comes from one server of the platform.
            limits: Limits { per_second: NonZeroU32::new(5_000).context("not zero")?, at_once },
            trusted_proxies: vec!["127.0.0.0/8".parse()?],
            language: Language::English,
            nonce: String::new(),
        };
        tokio::spawn(public::serve(listener, public, Lifecycle::default()));
        Ok(address)
    }

    pub(crate) fn outbox(&self, homeserver: &Url) -> anyhow::Result<Outbox> {
        shared::outbox(&self.intake.store, homeserver, "as-token", us("example.org"), (16, shared::rate(0, 0)))
    }
}

fn intake(directory: &TempDir) -> anyhow::Result<Intake> {
    let limits =
        NetLimits { allowed: Vec::new(), body_bytes: 1 << 20, total: Duration::from_secs(30), redirects: 0, per_host_per_second: 1 };
    let settings: PlatformSettings = toml::from_str(PLATFORM)?;
    Ok(Intake {
        store: Arc::new(SledStore::open(&directory.path().join("data"))?),
        platforms: Platforms::all(&settings, true),
        net: Net::new(limits)?,
        permissions: everybody()?,
        vault: Arc::new(Key::new([7; 32])),
        shortest_interval_seconds: 300,
        web: Web { public_url: Some(Url::parse("https://tradepost.example/")?), reconcile_seconds: 21_600 },
        locks: Locks::default(),
        queue: Queue::default(),
        classifiers: Classifiers::new(BuiltIn::standard()),
        hold_seconds: 900,
    })
}

/// A sharer with her accounts and contacts; the tokens and secrets of her hooks.
async fn settle_in(intake: &Intake, number: u32) -> anyhow::Result<Vec<(String, String)>> {
    let mut sharer = Sharer::new(UserId::new(format!("@sharer-{number}:example.org")));
    let (mut commit, mut hooks) = (Commit::default(), Vec::new());
    for account in 0..ACCOUNTS {
        let (platform, name) = (PlatformId::new("bazaar"), format!("shop-{number}-{account}"));
        let id = source_id(&platform, &name, Some(&sharer.id));
        let mut source = Source::new(id, platform, name, Line::title("Handmade by Joy"), 3_600, Timestamp::MAX);
        source.owner = Some(sharer.id.clone());
        intake.subscribe_by_hand(&mut source, Timestamp::now()).await?;
        let hook = intake.hook_by_hand(&source).context("a hook")?;
        let token = hook.callback.path_segments().and_then(|mut parts| parts.next_back()).context("a token")?.to_owned();
        hooks.push((token, hook.secret.expose().to_owned()));
        let account = account_at(&mut sharer, &source);
        sharer.accounts.push(account);
        commit.sources.push(source);
    }
    for contact in 0..CONTACTS {
        let contact = contact_of(&mut sharer, number, contact);
        commit.rooms.push(direct_room(&us("example.org"), &sharer.id, &contact));
        sharer.contacts.push(contact);
    }
    commit.sharers.push(sharer);
    intake.store.commit(commit).await?;
    Ok(hooks)
}

fn contact_of(sharer: &mut Sharer, number: u32, contact: u32) -> Contact {
    let person = UserId::new(format!("@contact-{number}-{contact}:example.org"));
    let each = CONTACTS / ACCOUNTS;
    let account = sharer.accounts[(contact / each) as usize].number;
    let mut made = Contact::new(sharer.take_number(), room_id(number, contact), person, Line::title("Mary"));
    (made.state, made.introduced) = (ContactState::On, true);
    made.settings.accounts = Some(Selection::Only(BTreeSet::from([account])));
    if !contact.is_multiple_of(each) {
        made.settings.categories = Some(Selection::Only(BTreeSet::from([CategoryId::new("books")])));
    }
    made
}

fn room_id(sharer: u32, contact: u32) -> RoomId {
    RoomId::new(format!("!room-{sharer}-{contact}:example.org"))
}

/// Only pushes come in.
struct Door(Intake);

#[async_trait]
impl Behind for Door {
    async fn take_push(&self, token: &str, headers: &HeaderMap, body: Bytes, now: Timestamp) -> Result<Taken, PushError> {
        self.0.take_push(token, headers, body, now).await
    }

    async fn link_ask(&self, _: &str, _: Timestamp) -> Result<Option<LinkAsk>, StoreError> {
        Ok(None)
    }

    async fn show_secret(&self, _: &str, _: Timestamp) -> Result<LinkEnd, StoreError> {
        Ok(LinkEnd::Gone)
    }

    async fn give_secret(&self, _: &str, _: Secret, _: Timestamp) -> Result<LinkEnd, StoreError> {
        Ok(LinkEnd::Gone)
    }

    async fn consented(&self, _: &str, _: &BTreeMap<String, String>, _: &[u8], _: Timestamp) -> Result<LinkEnd, StoreError> {
        Ok(LinkEnd::Gone)
    }
}
