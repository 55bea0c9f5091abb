//! The whole program, put together: what it is made of, how it starts, and how it ends.

use crate::actions::Actions;
use crate::actions::Limits;
use crate::actions::OwnNameRules;
use crate::admin::Admin;
use crate::admin::CopyDatabase;
use crate::admin::Files;
use crate::admin::Service;
use crate::classify::Classifiers;
use crate::clock::Clock;
use crate::clock::Randomness;
use crate::commands::Commands;
use crate::config::Config;
use crate::config::Consent;
use crate::config::Encryption;
use crate::config::ShareKeysWith;
use crate::domain::backoff;
use crate::domain::ids::Number;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use crate::domain::sealed;
use crate::housekeeping::Housekeeping;
use crate::housekeeping::Keeping;
use crate::http;
use crate::http::Appservice;
use crate::http::Monitoring;
use crate::http::admin::Socket;
use crate::http::public::Public;
use crate::inbox::Hearing;
use crate::inbox::Inbox;
use crate::inbox::Keys;
use crate::inbox::Limiter;
use crate::intake::Intake;
use crate::intake::Locks;
use crate::intake::Queue;
use crate::intake::Web;
use crate::lifecycle::Lifecycle;
use crate::matrix::client::Client;
use crate::matrix::client::DoublePuppet;
use crate::matrix::client::MatrixError;
use crate::matrix::client::Settings;
use crate::matrix::crypto;
use crate::matrix::crypto::Crypto;
use crate::matrix::crypto::OpenKeys;
use crate::matrix::crypto::Trust;
use crate::net::Net;
use crate::net::NetBuildError;
use crate::net::NetLimits;
use crate::outbox;
use crate::outbox::Ears;
use crate::outbox::Outbox;
use crate::outbox::Secrets;
use crate::platforms::Platforms;
use crate::scheduler::Scheduler;
use crate::service;
use crate::store::Commit;
use crate::store::Named;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::Totals;
use crate::store::sled::SledStore;
use crate::vault::Key;
use crate::vault::VaultError;
use async_trait::async_trait;
use axum::Router;
use axum::serve::ListenerExt;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::future::Future;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The first wait before the homeserver is asked again at the start.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest of these waits: a homeserver that comes up is found soon.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How long what is under way may take when the program is told to stop.
const GRACE: Duration = Duration::from_secs(7);
/// The same when the disk has failed: enough to tell those who sent something to send it again.
const GRACE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long the store may take to close after that.
const CLOSING: Duration = Duration::from_secs(2);
/// How often the service manager is told how the program stands, where it does not ask more often.
const STANDING: Duration = Duration::from_mins(1);

/// Where the program listens.
pub struct Listeners {
    /// For the homeserver.
    pub appservice: TcpListener,
    /// For `/live`, `/ready` and `/metrics`; none: beside the homeserver's calls.
    pub monitoring: Option<TcpListener>,
    /// For the public address; none: there is none.
    pub web: Option<TcpListener>,
    /// For the operator; none: there is none.
    pub admin: Option<Socket>,
}

/// What the program finds around itself.
pub struct Surroundings {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How waits after failures are varied.
    pub randomness: Arc<dyn Randomness>,
    /// Where it listens.
    pub listeners: Listeners,
    /// Opens the databases of keys.
    pub open_keys: OpenKeys,
    /// Copies one.
    pub copy_keys: CopyDatabase,
}

/// Why the program ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// The HTTP client for shops.
    #[error("the HTTP client for shops cannot be made")]
    Net(#[from] NetBuildError),
    /// The homeserver does not know the `as_token`, or refuses the bot.
    #[error("the homeserver does not accept this appservice")]
    Matrix(#[from] MatrixError),
    /// The key file.
    #[error("what is sealed cannot be opened")]
    Vault(#[from] VaultError),
    /// A part of the program ended, which none ever should.
    #[error("the program's {0} ended unexpectedly")]
    Ended(&'static str),
}

/// What the program is made of, before any of it runs.
pub struct Made {
    /// Everything durable; nobody else has it open.
    pub store: Arc<dyn Store>,
    /// The homeserver's client.
    pub client: Client,
    /// What secrets are sealed with.
    pub key: Arc<Key>,
    /// What users may change.
    pub actions: Actions,
}

/// Opens what the program works on.
pub async fn make(config: &Config) -> Result<Made, AppError> {
    let store: Arc<dyn Store> = Arc::new(SledStore::open(&config.database.path)?);
    let client = Client::new(&settings(config))?;
    let key = load_key(config, store.as_ref()).await?;
    let intake = Intake {
        permissions: config.permissions.clone(),
        store: Arc::clone(&store),
        platforms: platforms(config),
        net: net(config)?,
        vault: Arc::clone(&key),
        web: Web { public_url: config.web.public_url.clone(), reconcile_seconds: config.web.reconcile_seconds.get() },
        locks: Locks::default(),
        queue: Queue::default(),
        shortest_interval_seconds: config.limits.shortest_interval_seconds.get(),
        classifiers: Classifiers::new(config.built_in.clone()),
        hold_seconds: config.delivery.hold_purchases_seconds.get(),
    };
    let actions = actions(config, intake);
    Ok(Made { store, client, key, actions })
}

/// Runs the program until `shutdown` ends, or something happens that only the operator can mend. It ends
/// softly: nothing more is taken, and what is under way is finished, if that does not take too long.
pub async fn run(config: Config, surroundings: Surroundings, shutdown: impl Future<Output = ()>) -> Result<(), AppError> {
    let Surroundings { clock, randomness, mut listeners, open_keys, copy_keys } = surroundings;
    let Made { store, client, key, actions } = make(&config).await?;
    let intake = actions.intake.clone();
    let crypto = Arc::new(Crypto::new(client.clone(), crypto_settings(&config, &key, open_keys)));
    let keys = Keys { crypto: Arc::clone(&crypto), vault: key };
    let inbox = Arc::new(inbox(&config, actions, client.clone(), keys, Arc::clone(&clock)));
    let public = public(&config, &inbox, &clock, randomness.as_ref());
    let asks = inbox.commands.actions.clone();
    let life = inbox.life.clone();
    let (fatal, mut failures) = mpsc::channel(1);
    let (ready, is_ready) = watch::channel(false);

    let mut parts = JoinSet::new();
    // Those that never end by themselves, and may be cut off.
    let mut helpers = JoinSet::new();
    if let (Some(listener), Some(public)) = (listeners.web.take(), public) {
        parts.spawn(named("public listener", http::public::serve(listener, public, life.clone())));
    }
    let monitoring = Monitoring { store: Arc::clone(&store), inbox: Arc::clone(&inbox), ready: is_ready.clone(), life: life.clone() };
    if let Some(listener) = listeners.monitoring.take() {
        helpers.spawn(named("monitoring listener", listen(listener, http::monitoring(monitoring.clone()), Lifecycle::default())));
        parts.spawn(named("appservice listener", listen(listeners.appservice, appservice(&config, &inbox), life.clone())));
    } else {
        let routes = appservice(&config, &inbox).merge(http::monitoring(monitoring));
        parts.spawn(named("appservice listener", listen(listeners.appservice, routes, life.clone())));
    }
    if let Some(socket) = listeners.admin.take() {
        let service = Service { started_at: clock.now(), ready: is_ready.clone(), crypto: Arc::clone(&crypto) };
        let admin = admin(&config, Arc::clone(&store), Some(inbox.commands.actions.clone()), Arc::clone(&clock), copy_keys, Some(service));
        helpers.spawn(named("admin socket", http::admin::serve(socket, admin)));
    }
    let hearing = Arc::new(Hearing::new(Arc::clone(&inbox), Arc::clone(&randomness)));
    parts.spawn(named("inbox", Arc::clone(&inbox).run()));
    helpers.spawn(named("hearing", Arc::clone(&hearing).run()));
    let actions = inbox.commands.actions.clone();
    helpers.spawn(named("encryption", inbox.serve_bot_device(is_ready.clone(), Arc::clone(&randomness))));
    helpers.spawn(named("standing", stand(Arc::clone(&store), life.clone(), is_ready, Arc::clone(&clock))));
    let housekeeping = Housekeeping { actions, clock: Arc::clone(&clock), keeping: keeping(&config) };
    helpers.spawn(named("housekeeping", housekeeping.run()));
    let scheduler = Scheduler { intake, clock: Arc::clone(&clock), randomness: Arc::clone(&randomness), life: life.clone() };
    parts.spawn(named("scheduler", Arc::new(scheduler).run()));
    let outbox = Outbox::new(
        outbox::Parts {
            store: Arc::clone(&store),
            client: client.clone(),
            crypto,
            us: config.us(),
            permissions: config.permissions.clone(),
            ears: Arc::<Hearing>::clone(&hearing),
            secrets: Arc::new(asks),
            clock: Arc::clone(&clock),
            randomness: Arc::clone(&randomness),
            fatal,
            life: life.clone(),
        },
        outbox_settings(&config, restored_at(store.as_ref(), clock.as_ref()).await?),
    );
    let stopped = life.clone();
    parts.spawn(named("outbox", async move {
        // Nothing is sent before the bot is there to send it.
        let arrived = tokio::select! {
            arrived = arrive(&config, &client, clock.as_ref(), randomness.as_ref(), &outbox) => arrived,
            () = stopped.stopping() => false,
        };
        if arrived {
            let _ = ready.send(true);
            Arc::new(outbox).run().await;
        }
        // Whoever looks whether it is ready sees no end of it before that of the program.
        stopped.stopping().await;
        drop(ready);
    }));
    service::ready("waiting for the homeserver");

    let end = tokio::select! {
        () = shutdown => Ok(()),
        Some(failure) = failures.recv() => Err(failure.into()),
        failure = store.failed() => Err(failure.into()),
        Some(ended) = parts.join_next() => Err(AppError::Ended(ended.unwrap_or("task"))),
        Some(ended) = helpers.join_next() => Err(AppError::Ended(ended.unwrap_or("task"))),
    };
    life.stop();
    service::stopping();
    finish(&mut parts, if end.is_ok() { GRACE } else { GRACE_AFTER_FAILURE }).await;
    // What is still under way is repeated at the next start, with the same transaction ids.
    parts.shutdown().await;
    helpers.shutdown().await;
    let Ok(closed) = tokio::time::timeout(CLOSING, store.close()).await else {
        tracing::warn!("the disk does not answer; the database is left as it is, which loses nothing");
        return end;
    };
    end.and(closed.map_err(AppError::from))
}

/// Waits until what is under way has ended, though not for ever.
async fn finish(parts: &mut JoinSet<&'static str>, grace: Duration) {
    let ended = async { while parts.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, ended).await.is_err() {
        tracing::warn!(
            parts = parts.len(),
            seconds = grace.as_secs(),
            "not everything that was under way has ended; it is repeated at the next start"
        );
    }
}

/// Tells the service manager, where there is one, how the program stands, and that it is alive: that its
/// loops turn, and that the disk takes what is written.
async fn stand(store: Arc<dyn Store>, life: Lifecycle, mut ready: watch::Receiver<bool>, clock: Arc<dyn Clock>) {
    if !service::is_managed() {
        return std::future::pending().await;
    }
    let watched = service::watchdog();
    let every = watched.map_or(STANDING, |limit| STANDING.min(limit / 3));
    let mut said = String::new();
    loop {
        let alive = async {
            store.commit(Commit::default()).await.is_ok() && {
                life.have_all_turned().await;
                true
            }
        };
        match tokio::time::timeout(every, alive).await {
            Ok(true) if watched.is_some() => service::alive(),
            Ok(true) => {}
            Ok(false) | Err(_) => {
                tracing::error!(loops = ?life.silent(), "the disk or a loop does not answer; the service manager is not told that all is well");
            }
        }
        if let Ok(totals) = store.totals().await {
            let homeserver = if *ready.borrow_and_update() { "ready" } else { "waiting for the homeserver" };
            let Totals { sharers, waiting, buried, .. } = totals;
            let status = format!("{homeserver}: {sharers} sharers, {waiting} deliveries waiting, {buried} given up");
            if said != status {
                service::status(&status);
                said = status;
            }
        }
        tokio::select! {
            () = clock.sleep_until(clock.now() + every) => {}
            Ok(()) = ready.changed() => {}
        }
    }
}

fn appservice(config: &Config, inbox: &Arc<Inbox>) -> Router {
    let hs_token = config.appservice.hs_token.clone();
    http::appservice(Appservice { inbox: Arc::clone(inbox), hs_token })
}

/// Makes the bot and its profile, and has the homeserver send what it kept for us; for as long as
/// it takes. Whether it succeeded: otherwise the failure has been told.
async fn arrive(config: &Config, client: &Client, clock: &dyn Clock, randomness: &dyn Randomness, outbox: &Outbox) -> bool {
    let mut attempts = 0;
    while let Err(error) = client.register_bot().await {
        if !matches!(error, MatrixError::Retry { .. }) {
            outbox.give_up(error).await;
            return false;
        }
        attempts += 1;
        tracing::warn!(%error, attempts, "the homeserver is not there yet");
        let wait = backoff::wait(attempts, FIRST_WAIT, None, randomness.next()).min(LONGEST_WAIT);
        clock.sleep_until(clock.now() + wait).await;
    }
    let bot = &config.appservice.bot;
    if let Err(error) = client.set_profile(&bot.displayname, bot.avatar.as_deref()).await {
        tracing::warn!(%error, "the bot's name and picture could not be set; everything else works");
    }
    match client.ping(&config.appservice.id).await {
        Ok(took) => tracing::info!(milliseconds = took.as_millis(), "ready: the homeserver reaches us"),
        Err(error) => tracing::warn!(%error, "the homeserver does not reach us: `tradepost check` says why"),
    }
    true
}

/// What the public address needs; none where there is none.
fn public(config: &Config, inbox: &Inbox, clock: &Arc<dyn Clock>, randomness: &dyn Randomness) -> Option<Public> {
    Some(Public {
        behind: Arc::new(inbox.commands.actions.clone()),
        clock: Arc::clone(clock),
        url: config.web.public_url.clone()?,
        trusted_proxies: config.web.trusted_proxies.clone(),
        limits: http::public::Limits {
            per_second: NonZeroU32::new(config.web.requests_per_second.get()).unwrap_or(NonZeroU32::MIN),
            at_once: config.web.requests_at_once.get(),
        },
        language: config.language,
        nonce: format!("{:016x}{:016x}", randomness.next(), randomness.next()),
    })
}

/// For how long things are kept.
fn keeping(config: &Config) -> Keeping {
    let days = |days: u32| SignedDuration::from_hours(24 * i64::from(days));
    let retention = &config.retention;
    Keeping {
        trades: days(retention.trades_days.get()),
        seen: days(retention.seen_days.get()),
        events: days(retention.events_days.get()),
        buried: days(retention.buried_days.get()),
        gone: days(retention.erase_gone_after_days.get()),
    }
}

/// What the operator's questions are answered from.
#[must_use]
pub fn admin(
    config: &Config,
    store: Arc<dyn Store>,
    actions: Option<Actions>,
    clock: Arc<dyn Clock>,
    copy: CopyDatabase,
    service: Option<Service>,
) -> Admin {
    let Encryption { path, key_file, .. } = &config.encryption;
    let files = Files { keys: path.clone(), key_file: key_file.clone(), copy };
    Admin { store, actions, permissions: config.permissions.clone(), files, clock, service }
}

/// Serves `router` until it is told to stop: then nobody is let in, and who is in is served to the end.
async fn listen(listener: TcpListener, router: Router, life: Lifecycle) {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let stopping = async move { life.stopping().await };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopping).await {
        tracing::error!(%error, "the listener failed");
    }
}

async fn named(name: &'static str, part: impl Future<Output = ()>) -> &'static str {
    part.await;
    name
}

fn settings(config: &Config) -> Settings {
    let as_token = config.appservice.as_token.clone();
    let puppets = &config.double_puppet;
    let double_puppet =
        (!puppets.allow.is_nobody()).then(|| DoublePuppet { as_token: puppets.as_token.clone(), allow: puppets.allow.clone() });
    Settings { address: config.homeserver.address.clone(), as_token, bot: config.us().bot, double_puppet }
}

/// The key that seals secrets: made where nothing can have been sealed yet, else only read.
async fn load_key(config: &Config, store: &dyn Store) -> Result<Arc<Key>, AppError> {
    let Encryption { path, key_file, .. } = &config.encryption;
    let has_keys = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    let has_secrets = store.named(&Named::SealedSecrets).await?.is_some();
    let is_sealed = has_keys || has_secrets || store.named(&Named::BotIdentity).await?.is_some();
    let key = if is_sealed { Key::load(key_file) } else { Key::load_or_make(key_file) }?;
    if key.is_being_changed() {
        tracing::warn!("a change of the key was begun and not ended: stop tradepost and run `tradepost key rotate` again");
    }
    if !has_secrets {
        // From now on what people type waits sealed.
        store.commit(Commit { named: vec![(Named::SealedSecrets, Some(String::new()))], ..Commit::default() }).await?;
    }
    Ok(Arc::new(key))
}

fn crypto_settings(config: &Config, key: &Key, open: OpenKeys) -> crypto::Settings {
    let Encryption { allow, path, share_keys_with, .. } = &config.encryption;
    let trust = match share_keys_with {
        ShareKeysWith::CrossSigned => Trust::CrossSigned,
        ShareKeysWith::All => Trust::All,
    };
    crypto::Settings { allow: *allow, directory: path.clone(), open, keys: key.derive_all(sealed::DEVICES), trust }
}

fn platforms(config: &Config) -> Platforms {
    Platforms::all(&config.platforms, config.network.http_links)
}

fn net(config: &Config) -> Result<Net, NetBuildError> {
    let network = &config.network;
    Net::new(NetLimits {
        allowed: network.allow.clone(),
        body_bytes: network.body_bytes.get(),
        total: Duration::from_secs(network.timeout_seconds.get().into()),
        redirects: network.redirects.get(),
        per_host_per_second: network.per_host_per_second.get(),
    })
}

fn actions(config: &Config, intake: Intake) -> Actions {
    let limits = Limits {
        accounts: config.limits.accounts_per_sharer.get(),
        contacts: config.limits.contacts_per_sharer.get(),
        categories: config.limits.categories_per_sharer.get(),
        contacts_per_day: config.limits.new_contacts_per_day.get(),
        contacts_in_all: config.limits.contacts.get(),
    };
    Actions {
        intake,
        us: config.us(),
        permissions: config.permissions.clone(),
        limits,
        own_name: OwnNameRules { is_set_up: config.double_puppet.as_token.is_made(), allow: config.double_puppet.allow.clone() },
        encrypts: config.encryption.allow,
        asks_consent: config.contacts.consent == Consent::Ask,
        zone: config.time_zone.clone().0,
    }
}

fn inbox(config: &Config, actions: Actions, client: Client, keys: Keys, clock: Arc<dyn Clock>) -> Inbox {
    Inbox {
        store: Arc::clone(actions.store()),
        client,
        keys,
        commands: Commands { actions, oldest: Duration::from_secs(config.limits.command_age_seconds.get().into()) },
        us: config.us(),
        bot_name: config.appservice.bot.displayname.clone(),
        clock,
        limiter: Limiter::per_minute(NonZeroU32::new(config.limits.commands_per_minute.get()).unwrap_or(NonZeroU32::MIN)),
        life: Lifecycle::default(),
    }
}

/// Since when the store goes on after it was restored from a backup: since its first start.
async fn restored_at(store: &dyn Store, clock: &dyn Clock) -> Result<Option<Timestamp>, StoreError> {
    let Some(restored) = store.named(&Named::Restored).await? else { return Ok(None) };
    if let Ok(at) = restored.parse() {
        return Ok(Some(at));
    }
    let now = clock.now();
    store.commit(Commit { named: vec![(Named::Restored, Some(now.to_string()))], ..Commit::default() }).await?;
    Ok(Some(now))
}

fn outbox_settings(config: &Config, restored_at: Option<Timestamp>) -> outbox::Settings {
    outbox::Settings {
        digest_above: config.delivery.digest_above.get(),
        cards_per_day: config.delivery.cards_per_day.get(),
        measure: outbox::Measure {
            cards_of_one: config.limits.cards_per_sharer_per_day.get(),
            cards: config.limits.cards_per_day.get(),
            rooms: config.limits.rooms_opened_per_day.get(),
        },
        parallel: config.delivery.parallel.get() as usize,
        rate: outbox::Rate {
            per_second: NonZeroU32::new(config.delivery.per_second.get()),
            sustained_per_second: NonZeroU32::new(config.delivery.sustained_per_second.get()),
            burst: NonZeroU32::new(config.delivery.burst.get()).unwrap_or(NonZeroU32::MIN),
        },
        language: config.language,
        zone: config.time_zone.0.clone(),
        own_name: outbox::Rules {
            unverified: config.double_puppet.unverified_device,
            other_servers: config.double_puppet.other_servers,
            rooms_per_day: config.double_puppet.rooms_per_day.get(),
            contacts: config.limits.contacts_per_sharer.get(),
            contacts_per_day: config.limits.new_contacts_per_day.get(),
            contacts_in_all: config.limits.contacts.get(),
            asks_consent: config.contacts.consent == Consent::Ask,
        },
        restored_at,
    }
}

#[async_trait]
impl Secrets for Actions {
    async fn asked_anew(&self, user: &UserId, account: Option<Number>, is_direct: bool, now: Timestamp) -> Result<Commit, StoreError> {
        self.ask_for_another(user, account, is_direct, now).await
    }
}

#[async_trait]
impl Ears for Hearing {
    fn has_caught_up(&self, sharer: &UserId, room: &RoomId) -> bool {
        Self::has_caught_up(self, sharer, room)
    }

    async fn catch_up(&self, sharer: &UserId, room: &RoomId) -> bool {
        Self::catch_up(self, sharer, room).await
    }
}
