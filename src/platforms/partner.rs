//! tradepost's own interface for whoever runs a platform: a platform agrees with the operator, its
//! users confirm there that they may be shared, and it sends their trades. docs/PUSH.md is its manual.

use crate::domain::ids::PlatformId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::platforms::Application;
use crate::platforms::Context;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::Push;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use crate::platforms::push::Hook;
use crate::platforms::push::Pushed;
use crate::platforms::push::Refusal;
use crate::platforms::push::Said;
use crate::platforms::push::Subscribed;
use async_trait::async_trait;
use jiff::Timestamp;
use registration::Registrations;
use signature::Key;
use std::sync::Arc;
use strum::IntoEnumIterator;

mod fields;
mod message;
mod registration;
mod settings;
mod signature;
mod trade;

pub use settings::PartnerSettings;
pub use settings::Partners;
pub use settings::problems;

/// The longest name of an account, in characters.
const ACCOUNT_CHARACTERS: usize = 100;

/// How often what was sent is asked for, in seconds: there is nothing to ask for.
const INTERVAL_SECONDS: u32 = 3_600;

/// The adapter of one platform.
pub struct Partner {
    descriptor: Descriptor,
    registrations: Option<Registrations>,
    allow_http_links: bool,
}

/// An adapter for each platform that the operator has agreed with.
pub(super) fn adapters(partners: &Partners, allow_http_links: bool) -> impl Iterator<Item = Arc<dyn Platform>> {
    partners.0.iter().map(move |(id, settings)| Arc::new(Partner::new(id, settings, allow_http_links)) as Arc<dyn Platform>)
}

impl Partner {
    /// The platform that is typed as `id`. `allow_http_links`: whether links to pages without TLS may be
    /// posted; then it may be asked without TLS, too.
    #[must_use]
    pub fn new(id: &str, settings: &PartnerSettings, allow_http_links: bool) -> Self {
        let registrations = Registrations::new(id, settings, allow_http_links);
        let descriptor = Descriptor {
            id: PlatformId::new(id),
            name: if settings.name.is_empty() { id.to_owned() } else { settings.name.clone() },
            open_kinds: Kind::iter().collect(),
            kinds: Kind::iter().collect(),
            secret: SecretUse::Never,
            secret_form: SecretForm::Token,
            only_pushes: true,
            interval_seconds: INTERVAL_SECONDS,
            is_set_up: registrations.is_some(),
        };
        Self { descriptor, registrations, allow_http_links }
    }

    fn registrations(&self) -> Result<&Registrations, Problem> {
        self.registrations.as_ref().ok_or(Problem::AppRefused)
    }
}

#[async_trait]
impl Platform for Partner {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, _typed: &str) -> bool {
        false
    }

    /// Only the form of the name is looked at: whether there is such an account, and whose it is, the
    /// platform says when it is subscribed.
    async fn verify(&self, _context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        self.registrations()?;
        let name = application.typed;
        let label = Line::new(name, ACCOUNT_CHARACTERS);
        if name.is_empty() || label.as_str() != name || name.contains(char::is_whitespace) {
            return Err(Problem::NoSuchAccount.into());
        }
        let fetched =
            Fetched::Changed { cursor: None, label: label.clone(), trades: Vec::new(), complete: false, gone: Vec::new(), more: false };
        Ok(Verified { name: name.to_owned(), fetched, label })
    }

    async fn fetch(&self, _context: &Context<'_>, _login: &Login<'_>, _cursor: Option<&str>) -> Result<Fetched, FetchError> {
        self.registrations()?;
        Ok(Fetched::Unchanged)
    }

    fn push(&self) -> Option<&dyn Push> {
        Some(self)
    }
}

#[async_trait]
impl Push for Partner {
    async fn subscribe(&self, context: &Context<'_>, login: &Login<'_>, hook: &Hook) -> Result<Subscribed, FetchError> {
        self.registrations()?.make(context, login, hook).await
    }

    async fn is_subscribed(&self, context: &Context<'_>, _login: &Login<'_>, hook: &Hook) -> Result<bool, FetchError> {
        self.registrations()?.are_there(context, &hook.ids).await
    }

    async fn unsubscribe(&self, context: &Context<'_>, _login: &Login<'_>, hook: &Hook) -> Result<(), FetchError> {
        self.registrations()?.end(context, &hook.ids).await
    }

    async fn confirm(&self, context: &Context<'_>, _login: &Login<'_>, hook: &Hook, code: &str) -> Result<(), FetchError> {
        self.registrations()?.confirm(context, &hook.ids, code).await
    }

    fn read(&self, _login: &Login<'_>, pushed: &Pushed<'_>, now: Timestamp) -> Result<Said, Refusal> {
        let body = signature::checked(&Key::of_hook(pushed.secret), pushed, now)?;
        message::read(body, pushed.is_confirmed, &trade::Reading { allow_http_links: self.allow_http_links, now })
    }
}

#[cfg(test)]
mod tests;
