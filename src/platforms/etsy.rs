//! Etsy: what a shop offers, from the feed that each shop has and that names the newest offers only;
//! with its owner's consent what it sold too.

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
use crate::platforms::Consent;
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
use crate::platforms::feed::parse;
use crate::platforms::feed::parse::Origin;
use crate::platforms::feed::parse::Parsed;
use crate::platforms::feed::price;
use crate::platforms::html;
use crate::values::Secret;
use crate::values::Within;
use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;
use std::collections::HashSet;
use toml_example::TomlExample;
use url::Url;

mod consent;
mod receipts;

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
    /// The keystring of your app at Etsy: with it shops agree by link that their sales are read.
    #[toml_example(default = "")]
    pub app_key: String,
    /// The shared secret of your app, or {file="/path"}.
    #[serde(deserialize_with = "crate::values::secret_or_file")]
    #[toml_example(default = "")]
    pub app_secret: Secret,
    /// Where the shops and their feeds are.
    #[toml_example(default = "https://www.etsy.com/")]
    pub site: Url,
    /// Where the interface is.
    #[toml_example(default = "https://api.etsy.com/")]
    pub address: Url,
}

impl Default for EtsySettings {
    fn default() -> Self {
        Self {
            interval_seconds: Within::literal(900),
            app_key: String::new(),
            app_secret: Secret::default(),
            site: constant("https://www.etsy.com/"),
            address: constant("https://api.etsy.com/"),
        }
    }
}

#[expect(clippy::expect_used, reason = "only constants come here")]
fn constant(address: &str) -> Url {
    Url::parse(address).expect("it is an address")
}

/// The adapter for Etsy.
pub struct Etsy {
    descriptor: Descriptor,
    settings: EtsySettings,
    allow_http_links: bool,
}

/// Where reading goes on: what to ask with whether the feed has changed, and the receipts.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    etag: Option<String>,
    last_modified: Option<String>,
    label: Line,
    receipts: receipts::Cursor,
}

/// What a feed says.
struct Offers {
    /// The shop's name.
    label: Line,
    trades: Vec<Trade>,
    conditions: Conditions,
}

impl Etsy {
    /// `allow_http_links`: whether links to pages without TLS may be posted.
    #[must_use]
    pub fn new(settings: &EtsySettings, allow_http_links: bool) -> Self {
        let offers = vec![Kind::Listing, Kind::PriceChange];
        let has_app = !settings.app_key.is_empty() && settings.app_secret.is_made();
        let descriptor = Descriptor {
            id: PlatformId::new("etsy"),
            name: "Etsy".to_owned(),
            kinds: if has_app { [offers.as_slice(), &[Kind::Sale]].concat() } else { offers.clone() },
            open_kinds: offers,
            secret: if has_app { SecretUse::Optional } else { SecretUse::Never },
            secret_form: SecretForm::Token,
            only_pushes: false,
            interval_seconds: settings.interval_seconds.get(),
            is_set_up: true,
        };
        Self { descriptor, settings: settings.clone(), allow_http_links }
    }

    fn has_app(&self) -> bool {
        self.descriptor.secret == SecretUse::Optional
    }

    async fn read(
        &self,
        context: &Context<'_>,
        name: &str,
        credentials: Option<&Credentials>,
        cursor: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        let known: Cursor = cursor.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let conditions = Conditions { etag: known.etag, last_modified: known.last_modified };
        let offers = self.offers(context, name, &conditions).await?;
        if offers.is_none() && credentials.is_none() {
            return Ok(Fetched::Unchanged);
        }
        let Offers { label, mut trades, conditions } = offers.unwrap_or(Offers { label: known.label, trades: Vec::new(), conditions });
        let receipts = match credentials {
            None => receipts::Cursor::default(),
            Some(_) if !self.has_app() => return Err(Problem::AppRefused.into()),
            Some(credentials) => {
                let (sold, receipts) = self.sold(context, &credentials.secret, known.receipts).await?;
                trades.extend(sold);
                receipts
            }
        };
        let more = receipts.is_inside();
        let cursor = Cursor { etag: conditions.etag, last_modified: conditions.last_modified, label: label.clone(), receipts };
        Ok(Fetched::Changed { cursor: serde_json::to_string(&cursor).ok(), label, trades, complete: false, gone: Vec::new(), more })
    }

    /// The newest offers, each once; none where they have not changed.
    async fn offers(&self, context: &Context<'_>, name: &str, conditions: &Conditions) -> Result<Option<Offers>, FetchError> {
        let mut url = self.settings.site.clone();
        url.path_segments_mut().map_err(|()| Problem::NotAnAddress)?.pop_if_empty().extend(["shop", name, "rss"]);
        let page = context.net.get(&url, conditions).await.map_err(refusal)?;
        if page.unchanged {
            return Ok(None);
        }
        let parsed = self.parse(context, &page).await?;
        let label = Line::title(parsed.label.as_str().strip_prefix(FEED_TITLE).unwrap_or(name));
        let mut seen = HashSet::new();
        let listings = parsed.trades.into_iter().map(|trade| self.listing(trade, label.as_str()));
        let trades = listings.filter(|trade| seen.insert(trade.external_id.clone())).collect();
        Ok(Some(Offers { label, trades, conditions: page.conditions }))
    }

    /// The shop that is meant. A token is good for its owner's only.
    async fn shop(&self, context: &Context<'_>, typed: &str, credentials: Option<&Credentials>) -> Result<String, FetchError> {
        let name = name(typed);
        let Some(credentials) = credentials else { return Ok(name.ok_or(Problem::NoSuchAccount)?) };
        if !self.has_app() {
            return Err(Problem::AppRefused.into());
        }
        let owner = self.owner(context, &credentials.secret).await?.name;
        if typed.trim().is_empty() || name.is_some_and(|name| name.eq_ignore_ascii_case(&owner)) {
            return Ok(owner);
        }
        Err(Problem::NotAllowed { missing: typed.trim().chars().take(NAME_BYTES).collect() }.into())
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
        let typed = self.shop(context, application.typed, application.credentials).await?;
        let fetched = self.read(context, &typed, application.credentials, None).await?;
        let label = match &fetched {
            Fetched::Changed { label, .. } => label.clone(),
            Fetched::Unchanged => Line::title(&typed),
        };
        // Etsy does not mind how a name is written; the feed says how the shop itself does.
        let name = if label.as_str().eq_ignore_ascii_case(&typed) { label.as_str().to_owned() } else { typed };
        Ok(Verified { name, fetched, label })
    }

    async fn fetch(&self, context: &Context<'_>, login: &Login<'_>, cursor: Option<&str>) -> Result<Fetched, FetchError> {
        self.read(context, login.name, login.credentials, cursor).await
    }

    fn consent(&self) -> Option<&dyn Consent> {
        self.has_app().then_some(self)
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
