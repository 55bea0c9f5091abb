//! The whole program, put together: what it is made of, how it starts, and how it ends.

use crate::actions::Actions;
use crate::actions::Limits;
use crate::actions::OwnNameRules;
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
use crate::http;
use crate::http::Appservice;
use crate::http::Monitoring;
use crate::http::public::Public;
use crate::inbox::Hearing;
use crate::inbox::Inbox;
use crate::inbox::Keys;
use crate::inbox::Limiter;
use crate::intake::Intake;
use crate::intake::Locks;
use crate::intake::Queue;
use crate::intake::Web;
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
use crate::store::Commit;
use crate::store::Named;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::sled::SledStore;
use crate::vault::Key;
use crate::vault::VaultError;
use async_trait::async_trait;
use axum::Router;
use axum::serve::ListenerExt;
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

/// Where the program listens.
pub struct Listeners {
    /// For the homeserver.
    pub appservice: TcpListener,
    /// For `/live`, `/ready` and `/metrics`; none: beside the homeserver's calls.
    pub monitoring: Option<TcpListener>,
    /// For the public address; none: there is none.
    pub web: Option<TcpListener>,
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

/// Runs the program until `shutdown` ends, or something happens that only the operator can mend.
pub async fn run(config: Config, surroundings: Surroundings, shutdown: impl Future<Output = ()>) -> Result<(), AppError> {
    let Surroundings { clock, randomness, mut listeners, open_keys } = surroundings;
    let store: Arc<dyn Store> = Arc::new(SledStore::open(&config.database.path)?);
    let client = Client::new(&settings(&config))?;
    let key = load_key(&config, store.as_ref()).await?;
    let crypto = Arc::new(Crypto::new(client.clone(), crypto_settings(&config, &key, open_keys)));
    let intake = Intake {
        permissions: config.permissions.clone(),
        store: Arc::clone(&store),
        platforms: platforms(&config),
        net: net(&config)?,
        vault: Arc::clone(&key),
        web: Web { public_url: config.web.public_url.clone(), reconcile_seconds: config.web.reconcile_seconds.get() },
        locks: Locks::default(),
        queue: Queue::default(),
        shortest_interval_seconds: config.limits.shortest_interval_seconds.get(),
        classifiers: Classifiers::new(config.built_in.clone()),
        hold_seconds: config.delivery.hold_purchases_seconds.get(),
    };
    let keys = Keys { crypto: Arc::clone(&crypto), vault: key };
    let inbox = Arc::new(inbox(&config, &intake, client.clone(), keys, Arc::clone(&clock)));
    let public = public(&config, &inbox, &clock, randomness.as_ref());
    let asks = inbox.commands.actions.clone();
    let (fatal, mut failures) = mpsc::channel(1);
    let (ready, is_ready) = watch::channel(false);

    let mut parts = JoinSet::new();
    if let (Some(listener), Some(public)) = (listeners.web.take(), public) {
        parts.spawn(named("public listener", http::public::serve(listener, public)));
    }
    serve(
        &mut parts,
        listeners,
        &inbox,
        &config,
        Monitoring { store: Arc::clone(&store), inbox: Arc::clone(&inbox), ready: is_ready.clone() },
    );
    let hearing = Arc::new(Hearing::new(Arc::clone(&inbox), Arc::clone(&randomness)));
    parts.spawn(named("inbox", Arc::clone(&inbox).run()));
    parts.spawn(named("hearing", Arc::clone(&hearing).run()));
    parts.spawn(named("encryption", inbox.serve_bot_device(is_ready, Arc::clone(&randomness))));
    let scheduler = Scheduler { intake, clock: Arc::clone(&clock), randomness: Arc::clone(&randomness) };
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
        },
        outbox_settings(&config),
    );
    parts.spawn(named("outbox", async move {
        // Nothing is sent before the bot is there to send it.
        if arrive(&config, &client, clock.as_ref(), randomness.as_ref(), &outbox).await {
            let _ = ready.send(true);
            Arc::new(outbox).run().await;
        } else {
            std::future::pending::<()>().await;
        }
    }));

    let end = tokio::select! {
        () = shutdown => Ok(()),
        Some(failure) = failures.recv() => Err(failure.into()),
        failure = store.failed() => Err(failure.into()),
        Some(ended) = parts.join_next() => Err(AppError::Ended(ended.unwrap_or("task"))),
    };
    // What is under way is repeated at the next start, with the same transaction ids.
    parts.shutdown().await;
    store.close().await?;
    end
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

fn serve(parts: &mut JoinSet<&'static str>, listeners: Listeners, inbox: &Arc<Inbox>, config: &Config, monitoring: Monitoring) {
    let hs_token = config.appservice.hs_token.expose().to_owned();
    let mut appservice = http::appservice(Appservice { inbox: Arc::clone(inbox), hs_token });
    match listeners.monitoring {
        Some(listener) => drop(parts.spawn(named("monitoring listener", listen(listener, http::monitoring(monitoring))))),
        None => appservice = appservice.merge(http::monitoring(monitoring)),
    }
    parts.spawn(named("appservice listener", listen(listeners.appservice, appservice)));
}

/// What the public address needs; none where there is none.
fn public(config: &Config, inbox: &Inbox, clock: &Arc<dyn Clock>, randomness: &dyn Randomness) -> Option<Public> {
    Some(Public {
        behind: Arc::new(inbox.commands.actions.clone()),
        clock: Arc::clone(clock),
        url: config.web.public_url.clone()?,
        trusted_proxies: config.web.trusted_proxies.clone(),
        language: config.language,
        nonce: format!("{:016x}{:016x}", randomness.next(), randomness.next()),
    })
}

async fn listen(listener: TcpListener, router: Router) {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the listener failed");
    }
}

async fn named(name: &'static str, part: impl Future<Output = ()>) -> &'static str {
    part.await;
    name
}

fn settings(config: &Config) -> Settings {
    let as_token = config.appservice.as_token.expose().to_owned();
    let puppets = &config.double_puppet;
    let double_puppet =
        (!puppets.allow.is_nobody()).then(|| DoublePuppet { as_token: puppets.as_token.expose().to_owned(), allow: puppets.allow.clone() });
    Settings { address: config.homeserver.address.clone(), as_token, bot: config.us().bot, double_puppet }
}

/// The key that seals secrets: made where nothing can have been sealed yet, else only read.
async fn load_key(config: &Config, store: &dyn Store) -> Result<Arc<Key>, AppError> {
    let Encryption { path, key_file, .. } = &config.encryption;
    let has_keys = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    let has_secrets = store.named(&Named::SealedSecrets).await?.is_some();
    let is_sealed = has_keys || has_secrets || store.named(&Named::BotIdentity).await?.is_some();
    let key = if is_sealed { Key::load(key_file) } else { Key::load_or_make(key_file) }?;
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

fn inbox(config: &Config, intake: &Intake, client: Client, keys: Keys, clock: Arc<dyn Clock>) -> Inbox {
    let limits = Limits {
        accounts: config.limits.accounts_per_sharer.get(),
        contacts: config.limits.contacts_per_sharer.get(),
        categories: config.limits.categories_per_sharer.get(),
        contacts_per_day: config.limits.new_contacts_per_day.get(),
    };
    let actions = Actions {
        intake: intake.clone(),
        us: config.us(),
        permissions: config.permissions.clone(),
        limits,
        own_name: OwnNameRules { is_set_up: config.double_puppet.as_token.is_made(), allow: config.double_puppet.allow.clone() },
        encrypts: config.encryption.allow,
        asks_consent: config.contacts.consent == Consent::Ask,
        zone: config.time_zone.clone().0,
    };
    Inbox {
        store: Arc::clone(&intake.store),
        client,
        keys,
        commands: Commands { actions, oldest: Duration::from_secs(config.limits.command_age_seconds.get().into()) },
        us: config.us(),
        bot_name: config.appservice.bot.displayname.clone(),
        clock,
        limiter: Limiter::per_minute(NonZeroU32::new(config.limits.commands_per_minute.get()).unwrap_or(NonZeroU32::MIN)),
    }
}

fn outbox_settings(config: &Config) -> outbox::Settings {
    outbox::Settings {
        digest_above: config.delivery.digest_above.get(),
        cards_per_day: config.delivery.cards_per_day.get(),
        measure: outbox::Measure {
            cards_of_one: config.limits.cards_per_sharer_per_day.get(),
            cards: config.limits.cards_per_day.get(),
            rooms: config.limits.rooms_opened_per_day.get(),
        },
        parallel: config.delivery.parallel.get() as usize,
        per_second: NonZeroU32::new(config.delivery.per_second.get()),
        language: config.language,
        zone: config.time_zone.0.clone(),
        own_name: outbox::Rules {
            unverified: config.double_puppet.unverified_device,
            other_servers: config.double_puppet.other_servers,
            rooms_per_day: config.double_puppet.rooms_per_day.get(),
            contacts: config.limits.contacts_per_sharer.get(),
            contacts_per_day: config.limits.new_contacts_per_day.get(),
            asks_consent: config.contacts.consent == Consent::Ask,
        },
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
