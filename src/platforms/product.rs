//! The one thing that a web page sells, whichever shop it is of: as the page says it for search engines
//! (schema.org in JSON-LD), else for those who share its link (Open Graph), else by its title.

use crate::domain::ids::ExternalId;
use crate::domain::link::PublicLink;
use crate::domain::money::Price;
use crate::domain::problem::Problem;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::domain::trade::digest;
use crate::net::Conditions;
use crate::net::Page;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::platforms::Platforms;
use crate::platforms::address;
use crate::platforms::feed::charset;
use crate::platforms::feed::page;
use crate::platforms::feed::parse;
use crate::platforms::feed::price;
use crate::platforms::raw::Raw;
use crate::platforms::title;
use choice::Candidate;
use choice::Sorted;
use jiff::Timestamp;
use node::Node;
use scan::Head;
use url::Url;

mod choice;
mod node;
mod offer;
mod scan;

/// How many categories of an item are kept.
const CATEGORIES: usize = 20;
/// How many levels of a site are read as a category.
const LEVELS: usize = 12;
/// What the first page of a site is called.
const HOME: [&str; 12] =
    ["home", "homepage", "start", "startseite", "accueil", "inicio", "início", "首页", "主页", "首頁", "ホーム", "トップ"];
/// What stands between the title of a page and the name of its site.
const BETWEEN: [&str; 7] = [" | ", " - ", " – ", " — ", " · ", " :: ", "_"];
/// What stands in the address of a page that only lets people in.
const DOORS: [&str; 8] = ["login", "signin", "sign-in", "passport", "captcha", "punish", "consent", "challenge"];

/// What a page sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The item. Its id is made of its link.
    pub trade: Trade,
    /// Whether the page says that it sells it; else its title is all that is known.
    pub says_so: bool,
}

/// A page that was fetched.
struct Visit {
    page: Page,
    asked: Url,
    allow_http_links: bool,
    now: Timestamp,
}

impl Platforms {
    /// What the page at the address that somebody typed sells.
    pub async fn read_product(&self, context: &Context<'_>, typed: &str) -> Result<Found, FetchError> {
        let Context { net, now } = *context;
        let asked = address::parse(typed)?;
        let page = net.get(&asked, &Conditions::default()).await?;
        let allow_http_links = self.allow_http_links;
        // Off the async threads: a large page takes a while.
        let read = tokio::task::spawn_blocking(move || read(page, asked, allow_http_links, now));
        Ok(read.await.map_err(|_| Problem::MalformedAnswer)??)
    }

    /// What somebody shares by hand whose page cannot be read; none where its link may not be posted.
    pub fn unread_product(&self, typed: &str, title: &str, now: Timestamp) -> Result<Option<Trade>, Problem> {
        let link = PublicLink::new(address::parse(typed)?, self.allow_http_links);
        Ok(link.map(|link| Trade { link: Some(link.clone()), ..title::trade(Kind::Listing, product_id(&link), title, now) }))
    }
}

/// What `page` sells, which came when `asked` was asked for.
pub fn read(page: Page, asked: Url, allow_http_links: bool, now: Timestamp) -> Result<Found, Problem> {
    Visit { page, asked, allow_http_links, now }.read()
}

/// What the shop at a link is called: its host.
#[must_use]
pub fn shop_at(link: &PublicLink) -> Line {
    Url::parse(link.as_str()).map_or_else(|_| Line::default(), |url| parse::host_label(&url))
}

/// The id that the item at an address has by that address alone.
#[must_use]
pub fn typed_id(typed: &str) -> Option<ExternalId> {
    PublicLink::new(address::parse(typed).ok()?, true).map(|link| product_id(&link))
}

/// The id of the item at a link.
#[must_use]
pub fn product_id(link: &PublicLink) -> ExternalId {
    ExternalId::new(digest(&[link.as_str()]))
}

impl Visit {
    fn read(&self) -> Result<Found, Problem> {
        if !page::is_html(&self.page) {
            return Err(Problem::PageWithoutProduct);
        }
        let head = scan::read(&charset::decode(&self.page.body, &self.page.content_type));
        let base = self.page.url.join(&head.base).unwrap_or_else(|_| self.page.url.clone());
        let about = About { head: &head, base: &base, visit: self };
        let nodes = node::read(&head.blocks);
        let sorted = Sorted::of(&nodes);
        let own = sorted.own(&about.addresses());
        match &own {
            Some(own) => about.found(Some(own), &sorted),
            // Whose title and price these were would be anybody's guess.
            None if sorted.is_many() => Err(Problem::PageWithoutProduct),
            None if self.is_door() => Err(Problem::NeedsLogin),
            None => about.found(None, &sorted),
        }
    }

    /// Whether it is another page than was asked for, where people are let in.
    fn is_door(&self) -> bool {
        let url = &self.page.url;
        let words = format!("{}{}", url.host_str().unwrap_or_default(), url.path()).to_ascii_lowercase();
        let is_elsewhere = url.host() != self.asked.host() || url.path() != self.asked.path();
        is_elsewhere && words.split(['.', '/', '_']).any(|word| DOORS.contains(&word))
    }
}

/// What a page says of itself, and where it is.
struct About<'a> {
    head: &'a Head,
    base: &'a Url,
    visit: &'a Visit,
}

impl About<'_> {
    fn found(&self, own: Option<&Candidate<'_>>, sorted: &Sorted<'_>) -> Result<Found, Problem> {
        let title = own.map(|own| title::plain(&own.node.name)).filter(|title| !title.is_empty()).unwrap_or_else(|| self.title());
        let link = self.link();
        if title.is_empty() {
            return Err(Problem::PageWithoutProduct);
        }
        let id = link.as_ref().map_or_else(|| ExternalId::new(digest(&[self.visit.page.url.as_str()])), product_id);
        let price = own.map_or_else(|| self.price(), |own| offer::price(&own.offers, sorted, self.currency()).or_else(|| self.price()));
        let says_so = own.is_some() || self.value_is_product();
        let available = own.and_then(|own| offer::available(&own.offers, sorted));
        let trade = Trade {
            price: price.or_else(|| price::in_title(title.as_str(), &self.head.language).filter(|_| own.is_none())),
            available: available.or_else(|| offer::is_available(self.head.value(&["product:availability", "og:availability"]))),
            image: self.image(own),
            categories: self.categories(own, sorted, &title),
            link,
            ..title::trade(Kind::Listing, id, title.as_str(), self.visit.now)
        };
        Ok(Found { trade, says_so })
    }

    /// Where the page is, as the server and it itself say.
    fn addresses(&self) -> Vec<Url> {
        std::iter::once(self.visit.page.url.clone()).chain(self.canonical()).collect()
    }

    /// The address that it says it has, where that is one of its own site and not just the site's.
    fn canonical(&self) -> Option<Url> {
        let url = &self.visit.page.url;
        let is_own = |said: &Url| {
            let host = |url: &Url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned());
            let is_front = said.path() == "/" && said.query().is_none();
            host(said) == host(url) && said.port() == url.port() && (!is_front || url.path() == "/")
        };
        let said = [self.head.canonical.as_str(), self.head.value(&["og:url"])].into_iter().filter(|said| !said.is_empty());
        said.filter_map(|said| self.base.join(said).ok()).find(is_own)
    }

    fn link(&self) -> Option<PublicLink> {
        let addresses = self.canonical().into_iter().chain([self.visit.page.url.clone(), self.visit.asked.clone()]);
        let mut plain = addresses.map(|mut url| {
            url.set_fragment(None);
            url
        });
        plain.find_map(|url| PublicLink::new(url, self.visit.allow_http_links))
    }

    /// What it is called by those who share it, without the name of its site.
    fn title(&self) -> Line {
        let shared = title::plain(self.head.value(&["og:title"]));
        let whole = if shared.is_empty() { title::plain(&self.head.title) } else { shared };
        let site = title::plain(self.head.value(&["og:site_name"])).to_string().to_lowercase();
        let is_site = |part: &str| part.trim().to_lowercase() == site;
        let without = BETWEEN.iter().find_map(|between| {
            let text = whole.as_str();
            let behind = text.rsplit_once(between).filter(|(_, part)| is_site(part)).map(|(title, _)| title);
            behind.or_else(|| text.split_once(between).filter(|(part, _)| is_site(part)).map(|(_, title)| title))
        });
        without.filter(|_| !site.is_empty()).map(Line::title).unwrap_or(whole)
    }

    fn value_is_product(&self) -> bool {
        let kind = self.head.value(&["og:type"]).to_ascii_lowercase();
        kind.starts_with("product")
            || kind.starts_with("og:product")
            || !self.head.value(&["product:price:amount", "og:price:amount"]).is_empty()
    }

    fn currency(&self) -> Option<iso_currency::Currency> {
        offer::currency(self.head.value(&["product:price:currency", "og:price:currency"]))
    }

    /// The price in the page's metadata.
    fn price(&self) -> Option<Price> {
        let currency = self.currency()?;
        let amount = |names: &[&str]| offer::amount(&Raw::from(self.head.value(names)), currency);
        let usual = amount(&["product:price:amount", "og:price:amount"])?;
        let sale = amount(&["product:sale_price:amount"]).filter(|sale| *sale < usual);
        Some(Price { old: sale.map(|_| usual), ..Price::new(sale.unwrap_or(usual), currency) })
    }

    /// A picture: only over TLS, since clients fetch it unasked.
    fn image(&self, own: Option<&Candidate<'_>>) -> Option<PublicLink> {
        let shared = ["og:image:secure_url", "og:image"].map(|name| self.head.value(&[name]));
        let said = own.iter().flat_map(|own| &own.node.images).flat_map(Node::addresses);
        let mut said = said.chain(shared).filter(|address| !address.is_empty());
        said.find_map(|address| PublicLink::new(self.base.join(address).ok()?, false))
    }

    /// The shop's categories, and where the page is within the shop.
    fn categories(&self, own: Option<&Candidate<'_>>, sorted: &Sorted<'_>, title: &Line) -> Vec<RawCategory> {
        let said = own.iter().flat_map(|own| &own.node.categories).map(Node::words).chain([self.head.value(&["product:category"])]);
        // An address says nothing, and a number is of a numbering that is not named.
        let says = |text: &&str| !text.contains("://") && text.contains(char::is_alphabetic);
        let paths = sorted.crumbs.iter().filter_map(|crumbs| self.path(crumbs, title));
        let mut categories: Vec<RawCategory> = Vec::new();
        for category in said.filter(says).map(title::category).chain(paths.map(|path| title::category(&path))) {
            if categories.len() < CATEGORIES && !category.text.is_empty() && !categories.contains(&category) {
                categories.push(category);
            }
        }
        categories
    }

    /// The way to the item within its shop, without the first page and the item itself.
    fn path(&self, crumbs: &Node, item: &Line) -> Option<String> {
        let mut steps: Vec<&Node> = crumbs.elements.iter().take(LEVELS).collect();
        steps.sort_by_key(|step| step.position.as_ref().and_then(Raw::count).unwrap_or(u32::MAX));
        let is_first = |step: &Node| {
            let mut addresses = step.item.iter().flat_map(Node::addresses).chain([step.url.as_str()]).filter(|said| !said.is_empty());
            let address = addresses.find_map(|address| self.base.join(address).ok());
            address.is_some_and(|url| url.path().trim_matches('/').is_empty() && url.query().is_none())
        };
        let name = |step: &Node| {
            let name = if step.name.is_empty() { step.item.first().map_or("", |item| &item.name) } else { &step.name };
            title::plain(name).to_string()
        };
        let names = steps.iter().filter(|step| !is_first(step)).map(|step| name(step));
        let says = |name: &String| !name.is_empty() && *name != item.as_str() && !HOME.contains(&name.to_lowercase().as_str());
        let path: Vec<String> = names.filter(says).collect();
        (!path.is_empty()).then(|| path.join(" > "))
    }
}

#[cfg(test)]
mod tests;
