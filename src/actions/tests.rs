use super::Actions;
use super::Adding;
use super::Limits;
use super::LinkEnd;
use super::NewAccount;
use super::OwnNameRules;
use super::PushChoice;
use super::Rejection;
use crate::classify::BuiltIn;
use crate::classify::Classifiers;
use crate::domain::delivery::Settlement;
use crate::domain::delivery::What;
use crate::domain::ids::ExternalId;
use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::RoomId;
use crate::domain::ids::SourceId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::permission::Permission;
use crate::domain::permission::Permissions;
use crate::domain::problem::Problem;
use crate::domain::room::Us;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Sharer;
use crate::domain::source::Fetched;
use crate::domain::source::Source;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::domain::trade::digest;
use crate::intake::Intake;
use crate::intake::Locks;
use crate::intake::PushError;
use crate::intake::Queue;
use crate::intake::Taken;
use crate::intake::Web;
use crate::net::Net;
use crate::net::NetLimits;
use crate::platforms::Application;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::Platforms;
use crate::platforms::Push;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use crate::platforms::consent::Answered;
use crate::platforms::consent::Ask;
use crate::platforms::consent::Granted;
use crate::platforms::push::Confirm;
use crate::platforms::push::Hook;
use crate::platforms::push::Pushed;
use crate::platforms::push::Refusal;
use crate::platforms::push::Said;
use crate::platforms::push::Subscribed;
use crate::platforms::source_id;
use crate::store::Commit;
use crate::store::Named;
use crate::store::sled::SledStore;
use crate::values::Secret;
use crate::vault::Key;
use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tempfile::TempDir;
use url::Url;

/// A shop at which everything works that is not switched off.
struct Shop {
    descriptor: Descriptor,
    has_more: AtomicBool,
    takes_no_hook: AtomicBool,
    redeemed: AtomicUsize,
    renewed: AtomicUsize,
    hooks: Mutex<BTreeSet<String>>,
}

impl Shop {
    /// One that only sends, for an hour after its owner has confirmed it.
    fn only_sending() -> Arc<Self> {
        let shop = Arc::into_inner(Self::new()).unwrap();
        let descriptor = Descriptor { only_pushes: true, secret: SecretUse::Never, ..shop.descriptor };
        Arc::new(Self { descriptor, ..shop })
    }

    fn new() -> Arc<Self> {
        let kinds = vec![Kind::Listing, Kind::Sale];
        Arc::new(Self {
            descriptor: Descriptor {
                id: PlatformId::new("shop"),
                name: "Shop".to_owned(),
                open_kinds: kinds.clone(),
                kinds,
                secret: SecretUse::Optional,
                secret_form: SecretForm::Token,
                only_pushes: false,
                interval_seconds: 600,
                is_set_up: true,
            },
            has_more: AtomicBool::new(false),
            takes_no_hook: AtomicBool::new(false),
            redeemed: AtomicUsize::new(0),
            renewed: AtomicUsize::new(0),
            hooks: Mutex::default(),
        })
    }
}

#[async_trait]
impl Platform for Shop {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, _typed: &str) -> bool {
        false
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let name = application.typed.to_owned();
        let trade = Trade::new(Kind::Listing, SourceId::new(""), ExternalId::new("1"), Line::title("Teapot"), context.now);
        let more = self.has_more.load(Ordering::SeqCst);
        let fetched =
            Fetched::Changed { cursor: None, label: Line::default(), trades: vec![trade], complete: !more, gone: Vec::new(), more };
        Ok(Verified { label: Line::title(&name), name, fetched })
    }

    async fn fetch(&self, _context: &Context<'_>, _login: &Login<'_>, _cursor: Option<&str>) -> Result<Fetched, FetchError> {
        Ok(Fetched::Unchanged)
    }

    fn consent(&self) -> Option<&dyn Consent> {
        Some(self)
    }

    fn push(&self) -> Option<&dyn Push> {
        Some(self)
    }
}

#[async_trait]
impl Consent for Shop {
    fn page(&self, ask: &Ask<'_>) -> Result<Url, Problem> {
        let url = Url::parse_with_params("https://shop.example/agree", [("state", ask.state)]);
        url.map_err(|_| Problem::NotAnAddress)
    }

    async fn redeem(&self, _context: &Context<'_>, answered: &Answered<'_>) -> Result<Granted, FetchError> {
        self.redeemed.fetch_add(1, Ordering::SeqCst);
        // Others get their turn meanwhile.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        match answered.query.get("code") {
            Some(code) => Ok(Granted { credentials: Credentials::new(Secret::new(code.as_str())), account: None }),
            None => Err(Problem::SecretRefused.into()),
        }
    }

    /// What renews is good once.
    async fn renew(&self, context: &Context<'_>, credentials: &Credentials) -> Result<Credentials, FetchError> {
        // Others get their turn meanwhile.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let count = self.renewed.fetch_add(1, Ordering::SeqCst);
        if credentials.refresh != Some(Secret::new(count.to_string())) {
            return Err(Problem::SecretRefused.into());
        }
        Ok(lasting(count + 1, context.now))
    }
}

/// A secret that lasts for ten minutes, and can be renewed for two days more.
fn lasting(count: usize, now: Timestamp) -> Credentials {
    Credentials {
        refresh: Some(Secret::new(count.to_string())),
        expires_at: Some(now + SignedDuration::from_mins(10)),
        refresh_expires_at: Some("2026-03-05T12:00:00Z".parse().unwrap()),
        ..Credentials::new(Secret::new("token"))
    }
}

#[async_trait]
impl Push for Shop {
    async fn subscribe(&self, context: &Context<'_>, _login: &Login<'_>, hook: &Hook) -> Result<Subscribed, FetchError> {
        if self.takes_no_hook.load(Ordering::SeqCst) {
            return Err(Problem::ConnectionFailed.into());
        }
        self.hooks.lock().unwrap().insert(hook.callback.to_string());
        let (confirm, expires_at) = if self.descriptor.only_pushes {
            (Some(Confirm::Code), Some(context.now + SignedDuration::from_hours(1)))
        } else {
            (None, None)
        };
        Ok(Subscribed { ids: vec![hook.callback.to_string()], expires_at, confirm })
    }

    async fn is_subscribed(&self, _context: &Context<'_>, _login: &Login<'_>, hook: &Hook) -> Result<bool, FetchError> {
        Ok(self.hooks.lock().unwrap().contains(hook.callback.as_str()))
    }

    async fn unsubscribe(&self, _context: &Context<'_>, _login: &Login<'_>, hook: &Hook) -> Result<(), FetchError> {
        let mut hooks = self.hooks.lock().unwrap();
        hooks.retain(|hooked| !hook.ids.contains(hooked));
        Ok(())
    }

    fn read(&self, _login: &Login<'_>, pushed: &Pushed<'_>, now: Timestamp) -> Result<Said, Refusal> {
        match pushed.body {
            b"confirmed" => Ok(Said::Confirmed),
            b"ended" => Ok(Said::Ended),
            _ if !pushed.is_confirmed => Err(Refusal::Unconfirmed),
            id => {
                let id = ExternalId::new(std::str::from_utf8(id).unwrap());
                let trade = Trade::new(Kind::Listing, SourceId::new(""), id, Line::title("Teapot"), now);
                Ok(Said::News { trades: vec![trade], gone: Vec::new() })
            }
        }
    }
}

struct Stage {
    actions: Actions,
    shop: Arc<Shop>,
    _directory: TempDir,
}

fn joy() -> UserId {
    UserId::new("@joy:a.example")
}

fn now() -> Timestamp {
    "2026-03-03T12:00:00Z".parse().unwrap()
}

fn permissions(level: Permission) -> Permissions {
    Permissions::try_from(BTreeMap::from([("*".to_owned(), level)])).unwrap()
}

impl Stage {
    fn new() -> Self {
        Self::at(Shop::new())
    }

    fn at(shop: Arc<Shop>) -> Self {
        let directory = TempDir::new().unwrap();
        let limits = NetLimits { allowed: Vec::new(), body_bytes: 1, total: Duration::from_secs(1), redirects: 0, per_host_per_second: 1 };
        let intake = Intake {
            store: Arc::new(SledStore::open(directory.path()).unwrap()),
            platforms: Platforms::of(vec![Arc::<Shop>::clone(&shop)]),
            net: Net::new(limits).unwrap(),
            vault: Arc::new(Key::new([7; 32])),
            web: Web { public_url: Url::parse("https://tradepost.example/").ok(), reconcile_seconds: 3_600 },
            permissions: permissions(Permission::Share),
            shortest_interval_seconds: 60,
            classifiers: Classifiers::new(BuiltIn::standard()),
            hold_seconds: 0,
            locks: Locks::default(),
            queue: Queue::default(),
        };
        let actions = Actions {
            intake,
            us: Us { bot: UserId::new("@tradepost:a.example"), domain: "a.example".to_owned(), functional: BTreeSet::new() },
            permissions: permissions(Permission::Share),
            limits: Limits { accounts: 3, contacts: 3, categories: 3 },
            own_name: OwnNameRules::default(),
            encrypts: false,
            asks_consent: false,
            zone: TimeZone::UTC,
        };
        Self { actions, shop, _directory: directory }
    }

    async fn commit(&self, commit: Commit) {
        self.actions.store().commit(commit).await.unwrap();
    }

    async fn adds(&self, typed: &str, secret: Option<&str>) -> Result<(), Rejection> {
        let secret = secret.map(Secret::new);
        let new = NewAccount { platform: Some("shop"), typed, secret: secret.as_ref(), links: None };
        match self.actions.add_account(&joy(), &new, now()).await? {
            Adding::Added(added) => self.commit(added.commit).await,
            Adding::Asked { commit, .. } => self.commit(*commit).await,
        }
        Ok(())
    }

    async fn sharer(&self) -> Sharer {
        self.actions.store().sharer(&joy()).await.unwrap().unwrap()
    }

    async fn private(&self, name: &str) -> Option<Source> {
        self.actions.store().source(&source_id(&PlatformId::new("shop"), name, Some(&joy()))).await.unwrap()
    }

    async fn pushes(&self, choice: PushChoice) -> Result<(), Rejection> {
        let (commit, _) = self.actions.set_push(&joy(), Number(1), choice, now()).await?;
        self.commit(commit).await;
        Ok(())
    }

    /// Sends something to the address that ends so; what became of it.
    async fn sends(&self, token: &str, body: &'static str) -> Result<Taken, PushError> {
        self.actions.intake.take_push(token, &HeaderMap::new(), Bytes::from_static(body.as_bytes()), now()).await
    }

    /// Polls her source.
    async fn polls(&self) {
        let source = self.private("tea").await.unwrap();
        self.actions.intake.poll(source, now(), 0).await.unwrap();
    }

    /// What people are to be told.
    async fn told(&self) -> Vec<What> {
        let mut told = Vec::new();
        while let Some(leased) = self.actions.store().lease_deliveries(now(), 1).await.unwrap().pop() {
            self.actions.store().settle(vec![Settlement::Withheld { id: leased.delivery.id }]).await.unwrap();
            told.push(leased.delivery.what);
        }
        told
    }

    /// The tokens of the addresses to which the shop sends.
    fn tokens(&self) -> BTreeSet<String> {
        self.shop.hooks.lock().unwrap().iter().map(|hook| hook.rsplit('/').next().unwrap().to_owned()).collect()
    }

    /// Has her asked for a secret of her first account; answers the state.
    async fn is_asked(&self) -> String {
        let (commit, notice) = self.actions.new_secret(&joy(), Number(1), None, now()).await.unwrap();
        self.commit(commit).await;
        let Notice::SecretAsked { consent: Some(page), .. } = notice else { panic!("{notice:?}") };
        Url::parse(&page).unwrap().query_pairs().find_map(|(name, value)| (name == "state").then(|| value.into_owned())).unwrap()
    }

    async fn answers(&self, state: &str, code: Option<&str>) -> LinkEnd {
        let state = ("state".to_owned(), state.to_owned());
        let query = std::iter::once(state).chain(code.map(|code| ("code".to_owned(), code.to_owned()))).collect();
        self.actions.consented("shop", &query, &[], now()).await.unwrap()
    }
}

#[tokio::test]
async fn an_account_is_kept_whose_listing_takes_several_polls() {
    let stage = Stage::new();
    stage.shop.has_more.store(true, Ordering::SeqCst);
    stage.adds("tea", None).await.unwrap();
    assert_eq!(stage.sharer().await.accounts.len(), 1);
    stage.adds("tea", Some("token")).await.unwrap();
    let sharer = stage.sharer().await;
    assert_eq!(sharer.accounts.len(), 2);
    assert!(sharer.accounts.iter().all(|account| account.baseline_pending));
    // The same, where it becomes hers by a secret.
    stage.adds("pots", None).await.unwrap();
    let (commit, _) = stage.actions.new_secret(&joy(), Number(3), Some(&Secret::new("token")), now()).await.unwrap();
    stage.commit(commit).await;
    let source = stage.private("pots").await.unwrap();
    assert!(stage.sharer().await.account_at(&source.id).is_some_and(|account| account.baseline_pending));
}

#[tokio::test]
async fn a_secret_that_would_make_two_accounts_one_is_refused() {
    let stage = Stage::new();
    stage.adds("tea", None).await.unwrap();
    stage.adds("tea", Some("token")).await.unwrap();
    let result = stage.actions.new_secret(&joy(), Number(1), Some(&Secret::new("token")), now()).await;
    assert!(matches!(result, Err(Rejection::Refused(Notice::AccountKnown { number: Number(2), .. }))));
}

#[tokio::test]
async fn an_account_that_is_added_again_does_not_wait_at_an_address_that_is_not_listened_to() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    stage.pushes(PushChoice::On).await.unwrap();
    assert_eq!(stage.shop.hooks.lock().unwrap().len(), 1);
    let (commit, _) = stage.actions.remove(&joy(), Number(1), now()).await.unwrap();
    stage.commit(commit).await;
    assert!(stage.private("tea").await.unwrap().push.is_some());
    stage.adds("tea", Some("token")).await.unwrap();
    assert_eq!(stage.private("tea").await.unwrap().push, None);
    assert!(stage.shop.hooks.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_platform_goes_on_sending_where_a_new_address_is_refused() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    stage.pushes(PushChoice::On).await.unwrap();
    let before = stage.private("tea").await.unwrap().push.unwrap();
    stage.shop.takes_no_hook.store(true, Ordering::SeqCst);
    assert!(stage.pushes(PushChoice::On).await.is_err());
    assert_eq!(stage.private("tea").await.unwrap().push, Some(before.clone()));
    assert_eq!(stage.shop.hooks.lock().unwrap().len(), 1);
    // A new one takes its place, and nothing is listened to at the old address.
    stage.shop.takes_no_hook.store(false, Ordering::SeqCst);
    stage.pushes(PushChoice::On).await.unwrap();
    assert_ne!(stage.private("tea").await.unwrap().push.unwrap().hook, before.hook);
    assert_eq!(stage.shop.hooks.lock().unwrap().len(), 1);
    assert_eq!(stage.actions.store().named(&Named::Hook(before.hook)).await.unwrap(), None);
}

#[tokio::test]
async fn a_code_is_redeemed_once_however_often_it_comes() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let word = stage.is_asked().await;
    let (one, other) = tokio::join!(stage.answers(&word, Some("code")), stage.answers(&word, Some("code")));
    let ends = [&one, &other];
    assert_eq!(ends.iter().filter(|end| matches!(end, LinkEnd::Done { .. })).count(), 1, "{ends:?}");
    assert_eq!(ends.iter().filter(|end| matches!(end, LinkEnd::Gone)).count(), 1, "{ends:?}");
    assert_eq!(stage.shop.redeemed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_state_is_good_for_one_answer_also_where_that_is_no() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let word = stage.is_asked().await;
    assert!(matches!(stage.answers(&word, None).await, LinkEnd::Refused { problem: Problem::SecretRefused, .. }));
    assert_eq!(stage.answers(&word, Some("code")).await, LinkEnd::Gone);
    assert!(stage.sharer().await.links.is_empty());
    assert_eq!(stage.actions.store().named(&Named::Link(digest(&[&word]))).await.unwrap(), None);
}

#[tokio::test]
async fn whoever_may_share_no_more_is_not_asked_for_a_secret() {
    let mut stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let word = stage.is_asked().await;
    assert!(stage.actions.link_ask(&word, now()).await.unwrap().is_some());
    stage.actions.permissions = permissions(Permission::None);
    assert_eq!(stage.actions.link_ask(&word, now()).await.unwrap(), None);
    assert_eq!(stage.answers(&word, Some("code")).await, LinkEnd::Gone);
    assert_eq!(stage.shop.redeemed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_waits_to_be_shown_still_is_after_a_secret_was_given() {
    let stage = Stage::new();
    stage.adds("tea", None).await.unwrap();
    let before = stage.sharer().await.accounts[0].source.clone();
    let (commit, _) = stage.actions.new_secret(&joy(), Number(1), Some(&Secret::new("token")), now()).await.unwrap();
    stage.commit(commit).await;
    let sharer = stage.sharer().await;
    assert_ne!(sharer.accounts[0].source, before);
    let mary = Contact::new(Number(2), RoomId::new("!r"), UserId::new("@mary:a.example"), Line::default());
    for source in [before, sharer.accounts[0].source.clone()] {
        let trade = Trade::new(Kind::Listing, source, ExternalId::new("1"), Line::title("Teapot"), now());
        assert!(sharer.still_shows(&mary, &trade));
    }
}

#[tokio::test]
async fn a_secret_is_renewed_by_one_at_a_time() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let intake = &stage.actions.intake;
    let mut source = stage.private("tea").await.unwrap();
    intake.put_credentials(&mut source, &lasting(0, now()), now()).unwrap();
    stage.commit(Commit { sources: vec![source], ..Commit::default() }).await;
    let (mut one, mut other) = (stage.private("tea").await.unwrap(), stage.private("tea").await.unwrap());
    let (first, second) = tokio::join!(intake.keep_fresh(&mut one, now()), intake.keep_fresh(&mut other, now()));
    first.unwrap();
    second.unwrap();
    assert_eq!(stage.shop.renewed.load(Ordering::SeqCst), 1);
    assert_eq!(one.sealed, other.sealed);
    assert_eq!(one.sealed, stage.private("tea").await.unwrap().sealed);
}

#[tokio::test]
async fn who_has_not_been_told_that_a_secret_ends_still_is_after_it_was_renewed() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    let intake = &stage.actions.intake;
    let mut source = stage.private("tea").await.unwrap();
    let early: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    intake.put_credentials(&mut source, &lasting(0, early), early).unwrap();
    assert!(!source.told_expiry);
    intake.put_credentials(&mut source, &lasting(1, now()), now()).unwrap();
    assert!(!source.told_expiry, "nobody has told her");
    source.told_expiry = true;
    intake.put_credentials(&mut source, &lasting(2, now()), now()).unwrap();
    assert!(source.told_expiry);
    // What is short from the beginning is known to be.
    source.expires_at = None;
    source.told_expiry = false;
    intake.put_credentials(&mut source, &lasting(3, now()), now()).unwrap();
    assert!(source.told_expiry);
}

#[tokio::test]
async fn a_registration_that_ends_counts_until_its_owner_has_confirmed_the_next_one() {
    let stage = Stage::at(Shop::only_sending());
    stage.adds("tea", None).await.unwrap();
    let first = stage.tokens().pop_first().unwrap();
    assert!(matches!(stage.sends(&first, "1").await, Err(PushError::Refused(Refusal::Unconfirmed))));
    stage.sends(&first, "confirmed").await.unwrap();
    assert_eq!(stage.sends(&first, "1").await.unwrap().accepted, 1);
    // It ends soon: there is another one, and she is asked once.
    stage.polls().await;
    stage.polls().await;
    let second = stage.tokens().into_iter().find(|token| *token != first).unwrap();
    assert_eq!(stage.tokens().len(), 2);
    let is_asked = |what: &&What| matches!(what, What::Notice { notice: Notice::ConfirmAsked { .. } });
    assert_eq!(stage.told().await.iter().filter(is_asked).count(), 1);
    // Nothing is lost meanwhile.
    assert_eq!(stage.sends(&first, "2").await.unwrap().accepted, 1);
    assert!(matches!(stage.sends(&second, "3").await, Err(PushError::Refused(Refusal::Unconfirmed))));
    stage.sends(&first, "confirmed").await.unwrap();
    assert_eq!(stage.sends(&first, "2").await.unwrap().unchanged, 1);
    stage.sends(&second, "confirmed").await.unwrap();
    assert_eq!(stage.sends(&second, "3").await.unwrap().accepted, 1);
    assert!(matches!(stage.sends(&first, "4").await, Err(PushError::UnknownHook)));
    assert_eq!(stage.private("tea").await.unwrap().push.unwrap().next, None);
}

#[tokio::test]
async fn an_account_is_not_over_when_its_former_registration_ends() {
    let stage = Stage::at(Shop::only_sending());
    stage.adds("tea", None).await.unwrap();
    let first = stage.tokens().pop_first().unwrap();
    stage.sends(&first, "confirmed").await.unwrap();
    stage.polls().await;
    let second = stage.tokens().into_iter().find(|token| *token != first).unwrap();
    stage.sends(&first, "ended").await.unwrap();
    assert_eq!(stage.sharer().await.accounts.len(), 1);
    stage.sends(&second, "confirmed").await.unwrap();
    assert_eq!(stage.sends(&second, "1").await.unwrap().accepted, 1);
    stage.sends(&second, "ended").await.unwrap();
    assert_eq!(stage.sharer().await.accounts.len(), 0);
    assert_eq!(stage.private("tea").await, None);
}

#[tokio::test]
async fn what_a_platform_does_not_send_for_longer_is_polled_as_often_as_ever() {
    let stage = Stage::new();
    stage.adds("tea", Some("token")).await.unwrap();
    stage.pushes(PushChoice::On).await.unwrap();
    stage.polls().await;
    assert_eq!(stage.private("tea").await.unwrap().interval_seconds, 3_600);
    // Somebody deletes the webhook, and the shop takes no other.
    stage.shop.hooks.lock().unwrap().clear();
    stage.shop.takes_no_hook.store(true, Ordering::SeqCst);
    let mut source = stage.private("tea").await.unwrap();
    source.push.as_mut().unwrap().checked_at = now() - SignedDuration::from_hours(25);
    stage.commit(Commit { sources: vec![source], ..Commit::default() }).await;
    stage.polls().await;
    stage.polls().await;
    assert_eq!(stage.private("tea").await.unwrap().interval_seconds, 600);
}
