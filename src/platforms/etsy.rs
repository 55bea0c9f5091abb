//! Etsy: what a shop offers, from the feed that each shop has. The feed names the newest offers only.

use crate::domain::ids::ExternalId;
use crate::domain::ids::PlatformId;
use crate::domain::ids::SourceId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::net::Conditions;
use crate::net::NetError;
use crate::net::Page;
use crate::platforms::Application;
use crate::platforms::Context;
use crate::platforms::Descriptor;
use crate::platforms::FetchError;
use crate::platforms::Login;
use crate::platforms::Platform;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::Verified;
use crate::platforms::address;
use crate::platforms::feed::parse;
use crate::platforms::feed::parse::Origin;
use crate::platforms::feed::parse::Parsed;
use crate::platforms::feed::price;
use crate::platforms::html;
use crate::values::Within;
use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;
use std::collections::HashSet;
use toml_example::TomlExample;
use url::Url;

/// The longest name of a shop, in bytes; today's are at most 20 letters and digits.
const NAME_BYTES: usize = 50;

/// How the title of a shop's feed begins.
const FEED_TITLE: &str = "Etsy Shop for ";

/// The platform "etsy": shops at Etsy, by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct EtsySettings {
    /// How often a shop is looked at.
    pub interval_seconds: Within<u32, 1, 604_800>,
    /// Where the shops' feeds are.
    #[toml_example(default = "https://www.etsy.com/")]
    pub site: Url,
}

impl Default for EtsySettings {
    fn default() -> Self {
        Self { interval_seconds: Within::literal(900), site: default_site() }
    }
}

#[expect(clippy::expect_used, reason = "a constant")]
fn default_site() -> Url {
    Url::parse("https://www.etsy.com/").expect("it is an address")
}

/// The adapter for Etsy.
pub struct Etsy {
    descriptor: Descriptor,
    site: Url,
    allow_http_links: bool,
}

/// Where reading goes on: what to ask with whether something has changed.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    etag: Option<String>,
    last_modified: Option<String>,
}

impl Etsy {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &EtsySettings, allow_http_links: bool) -> Self {
        let kinds = vec![Kind::Listing, Kind::PriceChange];
        let descriptor = Descriptor {
            id: PlatformId::new("etsy"),
            name: "Etsy".to_owned(),
            open_kinds: kinds.clone(),
            kinds,
            secret: SecretUse::Never,
            secret_form: SecretForm::Token,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: true,
        };
        Self { descriptor, site: settings.site.clone(), allow_http_links }
    }

    async fn read(&self, context: &Context<'_>, name: &str, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        let known: Cursor = cursor.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let mut url = self.site.clone();
        url.path_segments_mut().map_err(|()| Problem::NotAnAddress)?.pop_if_empty().extend(["shop", name, "rss"]);
        let conditions = Conditions { etag: known.etag, last_modified: known.last_modified };
        let page = context.net.get(&url, &conditions).await.map_err(refusal)?;
        if page.unchanged {
            return Ok(Fetched::Unchanged);
        }
        let parsed = self.parse(context, &page).await?;
        let cursor = Cursor { etag: page.conditions.etag, last_modified: page.conditions.last_modified };
        let label = Line::title(parsed.label.as_str().strip_prefix(FEED_TITLE).unwrap_or(name));
        let mut seen = HashSet::new();
        let trades = parsed.trades.into_iter().map(|trade| self.listing(trade, label.as_str()));
        Ok(Fetched::Changed {
            cursor: serde_json::to_string(&cursor).ok(),
            trades: trades.filter(|trade| seen.insert(trade.external_id.clone())).collect(),
            label,
            complete: false,
            gone: Vec::new(),
            more: false,
        })
    }

    /// Off the async threads: a large feed takes a while.
    async fn parse(&self, context: &Context<'_>, page: &Page) -> Result<Parsed, Problem> {
        let origin = Origin {
            source: SourceId::new(""),
            url: page.url.clone(),
            allow_http_links: self.allow_http_links,
            now: context.now,
            price_in_summary,
        };
        let (body, content_type) = (page.body.clone(), page.content_type.clone());
        let parsing = tokio::task::spawn_blocking(move || parse::read(&body, &content_type, &origin));
        parsing.await.ok().flatten().ok_or(Problem::MalformedAnswer)
    }

    /// An entry as an offer. One that is renewed comes back with another time and is the same one, so
    /// its number is what it is told by.
    fn listing(&self, mut trade: Trade, shop: &str) -> Trade {
        let page = trade.link.as_ref().and_then(|link| Url::parse(link.as_str()).ok());
        if let Some(mut page) = page {
            if let Some(number) = listing_number(&page) {
                trade.external_id = ExternalId::new(number);
            }
            page.set_query(None);
            trade.link = PublicLink::new(page, self.allow_http_links);
        }
        if let Some(title) = trade.title.as_str().strip_suffix(shop).and_then(|title| title.strip_suffix(" by ")) {
            trade.title = Line::title(title);
        }
        trade
    }
}

#[async_trait]
impl Platform for Etsy {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn recognises(&self, typed: &str) -> bool {
        name_in_link(typed).is_some()
    }

    async fn verify(&self, context: &Context<'_>, application: &Application<'_>) -> Result<Verified, FetchError> {
        let typed = name(application.typed).ok_or(Problem::NoSuchAccount)?;
        let fetched = self.read(context, &typed, None).await?;
        let label = match &fetched {
            Fetched::Changed { label, .. } => label.clone(),
            Fetched::Unchanged => Line::title(&typed),
        };
        // Etsy does not mind how a name is written; the feed says how the shop itself does.
        let name = if label.as_str().eq_ignore_ascii_case(&typed) { label.as_str().to_owned() } else { typed };
        Ok(Verified { name, fetched, label })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        self.read(context, login.name, cursor).await
    }
}

/// What is not given is said to be forbidden; a login is of no use there.
fn refusal(error: NetError) -> FetchError {
    match error.problem {
        Problem::NotFound => Problem::NoSuchAccount.into(),
        Problem::NeedsLogin => Problem::HttpStatus { status: 403 }.into(),
        _ => error.into(),
    }
}

/// The price in an entry's summary: `<p class="price">38.00 USD</p>`.
fn price_in_summary(summary: &str) -> Option<Price> {
    let behind = summary.split_once("class=\"price\"")?.1;
    let text = behind.split_once('>')?.1.split_once('<')?.0;
    price::merchant(html::text(text).trim(), "")
}

/// The number of an offer: `/listing/1234567890/mug`, behind a language or not.
fn listing_number(page: &Url) -> Option<String> {
    let mut segments = page.path_segments()?.skip_while(|segment| *segment != "listing");
    let number = segments.nth(1)?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| number.to_owned())
}

/// The name of a shop, typed alone or as a page of it.
fn name(typed: &str) -> Option<String> {
    name_in_link(typed).or_else(|| Some(typed.trim().to_owned()).filter(|name| is_name(name)))
}

/// Whose page a link leads to: `etsy.com/shop/NAME`, behind a language or not, `NAME.etsy.com`.
fn name_in_link(typed: &str) -> Option<String> {
    let url = address::parse(typed).ok()?;
    let host = url.host_str()?.strip_suffix("etsy.com")?;
    let mut segments = url.path_segments()?.skip_while(|segment| *segment != "shop");
    let name = match host {
        "" | "www." => segments.nth(1)?,
        host => host.strip_suffix('.')?,
    };
    is_name(name).then(|| name.to_owned())
}

fn is_name(text: &str) -> bool {
    (1..=NAME_BYTES).contains(&text.len()) && text.chars().all(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::name;
    use super::name_in_link;
    use super::price_in_summary;

    #[test]
    fn a_shop_is_one_however_it_is_typed() {
        for typed in [
            "JoyTeapots",
            " JoyTeapots",
            "https://www.etsy.com/shop/JoyTeapots?ref=simple-shop",
            "etsy.com/uk/shop/JoyTeapots/reviews",
            "<https://www.etsy.com/shop/JoyTeapots/rss>",
        ] {
            assert_eq!(name(typed).as_deref(), Some("JoyTeapots"), "{typed}");
        }
        assert_eq!(name_in_link("https://joyteapots.etsy.com/").as_deref(), Some("joyteapots"));
    }

    #[test]
    fn other_pages_and_words_are_no_shop() {
        for typed in ["https://www.etsy.com/listing/1/mug", "https://notetsy.com/shop/Joy", "https://a.b.etsy.com/", "two words", "", "a/b"]
        {
            assert_eq!(name(typed), None, "{typed}");
        }
        assert_eq!(name_in_link("JoyTeapots"), None);
    }

    #[test]
    fn the_price_stands_in_the_summary() {
        let price = price_in_summary("<p class=\"image\"></p>\n<p class=\"price\">1,038.50 USD</p>").unwrap();
        assert_eq!((price.amount.to_string().as_str(), price.currency.code()), ("1038.50", "USD"));
        for summary in ["", "<p>38.00 USD</p>", "<p class=\"price\">38.00 USD", "<p class=\"price\">from 38</p>"] {
            assert_eq!(price_in_summary(summary), None, "{summary}");
        }
    }
}
