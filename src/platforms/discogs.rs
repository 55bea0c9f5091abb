//! Discogs: what a user offers in the marketplace, by name alone; with a token of hers what she sold too.

use crate::domain::ids::PlatformId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::net::Request;
use crate::platforms::Application;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use crate::platforms::address;
use crate::values::Within;
use async_trait::async_trait;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::num::NonZeroU32;
use toml_example::TomlExample;
use url::Url;
use zeroize::Zeroizing;

mod inventory;
mod orders;

/// Requests in a minute without a token.
const UNNAMED_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(24);

/// Requests in a minute with a token.
const NAMED_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// The longest name of a user, in bytes.
const NAME_BYTES: usize = 100;

/// The platform "discogs": the marketplace of Discogs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct DiscogsSettings {
    /// How often an account is looked at. Discogs allows 25 requests a minute, for all accounts without
    /// a token together.
    pub interval_seconds: Within<u32, 1, 604_800>,
    /// Where the interface is.
    #[toml_example(default = "https://api.discogs.com/")]
    pub address: Url,
}

impl Default for DiscogsSettings {
    fn default() -> Self {
        Self { interval_seconds: Within::literal(900), address: default_address() }
    }
}

#[expect(clippy::expect_used, reason = "a constant")]
fn default_address() -> Url {
    Url::parse("https://api.discogs.com/").expect("it is an address")
}

/// The adapter for Discogs.
pub struct Discogs {
    descriptor: Descriptor,
    address: Url,
    allow_http_links: bool,
}

/// Somebody at Discogs. Profiles say more, which is not read.
#[derive(Deserialize)]
struct User {
    username: String,
}

impl Discogs {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &DiscogsSettings, allow_http_links: bool) -> Self {
        let offers = vec![Kind::Listing, Kind::PriceChange, Kind::Withdrawn];
        let descriptor = Descriptor {
            id: PlatformId::new("discogs"),
            name: "Discogs".to_owned(),
            kinds: [offers.as_slice(), &[Kind::Sale]].concat(),
            open_kinds: offers,
            secret: SecretUse::Optional,
            secret_form: SecretForm::Token,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: true,
        };
        Self { descriptor, address: settings.address.clone(), allow_http_links }
    }

    /// Asks the interface.
    async fn ask<T: DeserializeOwned>(
        &self,
        context: &Context<'_>,
        path: &[&str],
        query: &[(&str, &str)],
        credentials: Option<&Credentials>,
    ) -> Result<T, FetchError> {
        let mut url = self.address.clone();
        url.path_segments_mut().map_err(|()| Problem::NotAnAddress)?.pop_if_empty().extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = Request::get(url).with("accept", "application/vnd.discogs.v2.plaintext+json");
        let request = match credentials {
            None => request.at_most_per_minute(UNNAMED_PER_MINUTE),
            Some(credentials) => {
                let header = Zeroizing::new(format!("Discogs token={}", token(credentials)?));
                request.with_secret("authorization", &header).at_most_per_minute(NAMED_PER_MINUTE)
            }
        };
        let answer = context.net.send(request).await?;
        match (answer.status.as_u16(), credentials) {
            (401, Some(_)) => Err(Problem::SecretRefused.into()),
            (401, None) => Err(Problem::SecretNeeded.into()),
            (403, _) => Err(Problem::NotAllowed { missing: String::new() }.into()),
            (404, _) => Err(Problem::NoSuchAccount.into()),
            _ => Ok(answer.ok()?.json()?),
        }
    }

    /// Who is meant, as Discogs writes the name. A token is good for its owner's account only.
    async fn user(&self, context: &Context<'_>, typed: &str, credentials: Option<&Credentials>) -> Result<String, FetchError> {
        let name = name(typed);
        let Some(credentials) = credentials else {
            let name = name.ok_or(Problem::NoSuchAccount)?;
            return Ok(self.ask::<User>(context, &["users", &name], &[], None).await?.username);
        };
        let owner = self.ask::<User>(context, &["oauth", "identity"], &[], Some(credentials)).await?.username;
        if typed.trim().is_empty() || name.is_some_and(|name| name.eq_ignore_ascii_case(&owner)) {
            return Ok(owner);
        }
        Err(Problem::NotAllowed { missing: typed.trim().chars().take(NAME_BYTES).collect() }.into())
    }

    async fn read(
        &self,
        context: &Context<'_>,
        name: &str,
        credentials: Option<&Credentials>,
        cursor: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        let inventory = self.inventory(context, name, credentials).await?;
        let mut fetched = Fetched::Changed {
            cursor: None,
            label: Line::title(name),
            trades: inventory.trades,
            complete: inventory.is_whole,
            gone: Vec::new(),
            more: false,
        };
        if let (Some(credentials), Fetched::Changed { cursor: next, trades, more, .. }) = (credentials, &mut fetched) {
            let sold = self.sold(context, credentials, cursor).await?;
            (*next, *more) = (sold.cursor, sold.more);
            trades.extend(sold.trades);
        }
        Ok(fetched)
    }
}

#[async_trait]
impl Platform for Discogs {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, typed: &str) -> bool {
        name_in_link(typed).is_some()
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let name = self.user(context, application.typed, application.credentials).await?;
        let fetched = self.read(context, &name, application.credentials, None).await?;
        Ok(Verified { label: Line::title(&name), name, fetched })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        self.read(context, login.name, login.credentials, cursor).await
    }
}

fn token(credentials: &Credentials) -> Result<&str, Problem> {
    let token = credentials.secret.expose().trim();
    let is_one = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_one { Ok(token) } else { Err(Problem::SecretMalformed) }
}

/// The name of a user, typed alone or as a page of hers.
fn name(typed: &str) -> Option<String> {
    name_in_link(typed).or_else(|| Some(typed.trim().to_owned()).filter(|name| is_name(name)))
}

/// Whose page a link leads to: `/user/NAME`, `/seller/NAME/profile`, `/sell/list?seller=NAME`.
fn name_in_link(typed: &str) -> Option<String> {
    let url = address::parse(typed).ok()?;
    let host = url.host_str()?;
    let mut segments = url.path_segments().filter(|_| host == "discogs.com" || host == "www.discogs.com")?;
    let name = match (segments.next()?, segments.next()?) {
        ("user" | "seller", name) => name.to_owned(),
        ("sell", "list") => url.query_pairs().find(|(key, _)| key == "seller")?.1.into_owned(),
        _ => return None,
    };
    is_name(&name).then_some(name)
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=NAME_BYTES).contains(&text.len()) && text.chars().all(fits) && text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::name;
    use super::name_in_link;

    #[test]
    fn a_user_is_one_however_she_is_typed() {
        for typed in [
            "vinyl_joy",
            " vinyl_joy ",
            "https://www.discogs.com/user/vinyl_joy",
            "discogs.com/seller/vinyl_joy/profile",
            "<https://www.discogs.com/sell/list?sort=price&seller=vinyl_joy>",
        ] {
            assert_eq!(name(typed).as_deref(), Some("vinyl_joy"), "{typed}");
        }
    }

    #[test]
    fn other_pages_and_words_are_nobody() {
        for typed in ["https://www.discogs.com/release/249504", "https://evil.example/user/joy", "two words", "", "..", "a/b"] {
            assert_eq!(name(typed), None, "{typed}");
        }
        assert_eq!(name_in_link("vinyl_joy"), None);
    }
}
