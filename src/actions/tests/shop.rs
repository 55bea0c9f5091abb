//! A shop at which everything works that is not switched off.

use crate::domain::ids::ExternalId;
use crate::domain::ids::PlatformId;
use crate::domain::ids::SourceId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::platforms::Application;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
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
use crate::values::Secret;
use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use url::Url;

/// A shop at which everything works that is not switched off.
pub(super) struct Shop {
    descriptor: Descriptor,
    pub(super) has_more: AtomicBool,
    pub(super) takes_no_hook: AtomicBool,
    pub(super) redeemed: AtomicUsize,
    pub(super) renewed: AtomicUsize,
    pub(super) fetched: AtomicUsize,
    pub(super) hooks: Mutex<BTreeSet<String>>,
}

impl Shop {
    /// One that only sends, for an hour after its owner has confirmed it.
    pub(super) fn only_sending() -> Arc<Self> {
        let shop = Arc::into_inner(Self::new()).unwrap();
        let descriptor = Descriptor { only_pushes: true, secret: SecretUse::Never, ..shop.descriptor };
        Arc::new(Self { descriptor, ..shop })
    }

    pub(super) fn new() -> Arc<Self> {
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
            fetched: AtomicUsize::new(0),
            hooks: Mutex::default(),
        })
    }

    /// How often it has been fetched from.
    pub(super) fn fetches(&self) -> usize {
        self.fetched.load(Ordering::SeqCst)
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
        self.fetched.fetch_add(1, Ordering::SeqCst);
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
pub(super) fn lasting(count: usize, now: Timestamp) -> Credentials {
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
