//! Where a shop stands: the address under which its interfaces lie, found out from any of its pages.

use crate::domain::link::PublicLink;
use crate::domain::problem::Problem;
use crate::domain::text::Line;
use crate::net::Conditions;
use crate::net::NetError;
use crate::net::Page;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::platforms::address;
use crate::platforms::html;
use serde::Deserialize;
use serde::de::IgnoredAny;
use url::Url;

/// Where anybody may read what is on offer.
pub(super) const OPEN: &str = "wp-json/wc/store/v1/products";

/// How much of a page is searched for the address of the interfaces, in bytes.
const HEAD: usize = 500_000;

/// Segments of a path that lie below the shop's own address.
const BELOW: [&str; 11] = [
    "wp-json",
    "wc-auth",
    "wp-admin",
    "wp-content",
    "wp-login.php",
    "product",
    "product-category",
    "product-tag",
    "shop",
    "cart",
    "my-account",
];

/// A shop: `https://host/` or `https://host/path/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shop(Url);

impl Shop {
    /// The shop of an account's normalised name.
    pub(super) fn of_name(name: &str) -> Result<Self, Problem> {
        address::parse(name).map(Self::at)
    }

    /// The shop to which a page most likely belongs, without asking anybody.
    pub(super) fn guess(page: &Url) -> Self {
        let segments: Vec<&str> = page.path().trim_matches('/').split('/').collect();
        let base = segments.iter().position(|segment| BELOW.contains(segment)).map_or(&segments[..], |at| &segments[..at]);
        let mut shop = page.clone();
        shop.set_path(&base.join("/"));
        Self::at(shop)
    }

    fn at(mut url: Url) -> Self {
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Self(url)
    }

    /// The shop whose interface is at `url`.
    fn of_interface(url: &Url) -> Option<Self> {
        let (base, _) = url.path().split_once("/wp-json")?;
        let mut shop = url.clone();
        shop.set_path(&format!("{base}/"));
        Some(Self::at(shop))
    }

    /// As an account is called.
    pub(super) fn name(&self) -> String {
        self.0.to_string()
    }

    /// As a person calls it.
    pub(super) fn label(&self) -> Line {
        let path = self.0.path().trim_end_matches('/');
        Line::title(&format!("{}{path}", self.0.host_str().unwrap_or_default()))
    }

    /// An address below it.
    pub(super) fn below(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path()));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// An address that the shop named, as far as it may be posted.
    pub(super) fn link(&self, address: &str, allow_http: bool) -> Option<PublicLink> {
        let url = self.0.join(address).ok().filter(|_| !address.trim().is_empty())?;
        PublicLink::new(url, allow_http)
    }

    /// The page of a product of which only the number is known; the shop leads on to the page proper.
    pub(super) fn link_of(&self, product: u64, allow_http: bool) -> Option<PublicLink> {
        PublicLink::new(self.below("", &[("post_type", "product"), ("p", &product.to_string())]), allow_http)
    }

    /// Whether what is sent to `other` instead stays in the same hands, and as well protected.
    pub(super) fn is_as_good(&self, other: &Self) -> bool {
        let is_upgrade = self.0.scheme() == "http" && other.0.scheme() == "https";
        let is_same = self.0.scheme() == other.0.scheme() && self.0.port() == other.0.port();
        self.0.host() == other.0.host() && (is_same || (is_upgrade && self.0.port().is_none() && other.0.port().is_none()))
    }
}

/// Whether an address is beyond doubt one of a shop of this kind.
pub(super) fn is_interface(typed: &str) -> bool {
    address::parse(typed).is_ok_and(|url| url.path().contains("/wp-json/wc/"))
}

/// The shop to which a page belongs, as its interface answers. Nothing secret is sent.
pub(super) async fn find(context: &Context<'_>, page: &Url) -> Result<Shop, FetchError> {
    let mut closed = None;
    for candidate in candidates(context, page).await? {
        match probe(context, &candidate).await {
            Ok(Some(shop)) => return Ok(shop),
            Ok(None) => {}
            Err(error) if error.problem == Problem::NeedsLogin => closed = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    Err(closed.map_or_else(not_such_a_shop, FetchError::from))
}

/// That no shop of this kind stands there.
pub(super) fn not_such_a_shop() -> FetchError {
    Problem::NotSuchAShop { platform: "WooCommerce".to_owned() }.into()
}

/// Where the shop may stand, the likeliest first. `WordPress` names its interface on every page, unless
/// that has been switched off.
async fn candidates(context: &Context<'_>, page: &Url) -> Result<Vec<Shop>, FetchError> {
    let guess = Shop::guess(page);
    if page.path() == "/" || page.path().contains("/wp-json/") {
        return Ok(vec![guess]);
    }
    let read = match context.net.get(page, &Conditions::default()).await {
        Ok(read) => Some(read),
        Err(error) if is_an_answer(&error.problem) => None,
        Err(error) => return Err(error.into()),
    };
    if let Some(named) = read.as_ref().and_then(named_interface) {
        return Ok(vec![named]);
    }
    let mut root = page.clone();
    root.set_path("/");
    let mut candidates = vec![guess, Shop::at(page.clone()), Shop::at(root)];
    candidates.dedup();
    Ok(candidates)
}

/// The interface that a page names (`<link rel="https://api.w.org/" href="…/wp-json/">`), where it lies on the same host.
fn named_interface(page: &Page) -> Option<Shop> {
    let head = String::from_utf8_lossy(&page.body[..page.body.len().min(HEAD)]);
    let tags = html::tags(&head);
    let tag = tags.iter().find(|tag| &*tag.name == "link" && html::attribute(tag, "rel") == "https://api.w.org/")?;
    let url = page.url.join(html::attribute(tag, "href")).ok()?;
    Shop::of_interface(&url).filter(|shop| shop.0.host() == page.url.host())
}

/// The shop, where one answers at `shop`; it may lead on to another host.
async fn probe(context: &Context<'_>, shop: &Shop) -> Result<Option<Shop>, NetError> {
    #[derive(Deserialize)]
    struct Product {
        #[serde(rename = "id")]
        _id: u64,
        #[serde(rename = "prices")]
        _prices: IgnoredAny,
    }
    match context.net.get(&shop.below(OPEN, &[("per_page", "1")]), &Conditions::default()).await {
        Ok(page) => {
            let is_shop = serde_json::from_slice::<Vec<Product>>(&page.body).is_ok();
            Ok(Shop::of_interface(&page.url).filter(|_| is_shop))
        }
        Err(error) if error.problem != Problem::NeedsLogin && is_an_answer(&error.problem) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether somebody answered, who is only not what was looked for.
fn is_an_answer(problem: &Problem) -> bool {
    match problem {
        Problem::NotFound | Problem::NeedsLogin | Problem::TooLarge { .. } | Problem::TooManyRedirects => true,
        Problem::HttpStatus { status } => *status < 500,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Shop;
    use super::is_interface;
    use super::named_interface;
    use crate::net::Conditions;
    use crate::net::Page;
    use url::Url;

    fn guess(page: &str) -> String {
        Shop::guess(&Url::parse(page).unwrap()).name()
    }

    #[test]
    fn pages_of_a_shop_lead_back_to_it() {
        for (page, shop) in [
            ("https://shop.example", "https://shop.example/"),
            ("https://shop.example/product/tea-pot/?a=b#c", "https://shop.example/"),
            ("https://shop.example/tea/wp-json/wc/store/v1/products?page=2", "https://shop.example/tea/"),
            ("https://shop.example/tea/shop/page/2/", "https://shop.example/tea/"),
            ("https://shop.example/wp-admin/admin.php?page=wc-settings", "https://shop.example/"),
            ("http://127.0.0.1:8009/tea", "http://127.0.0.1:8009/tea/"),
        ] {
            assert_eq!(guess(page), shop, "{page}");
            assert_eq!(Shop::of_name(shop).unwrap().name(), shop);
        }
    }

    #[test]
    fn only_the_interface_is_beyond_doubt() {
        assert!(is_interface("https://shop.example/tea/wp-json/wc/v3/products"));
        for typed in ["https://shop.example/wp-json/wp/v2/posts", "https://shop.example/product/x", "shop.example", "wp-json/wc/"] {
            assert!(!is_interface(typed), "{typed}");
        }
    }

    #[test]
    fn a_page_names_its_interface_on_its_own_host_only() {
        let page = |href: &str| Page {
            url: Url::parse("https://shop.example/fr/boutique/theiere/").unwrap(),
            unchanged: false,
            content_type: "text/html".to_owned(),
            conditions: Conditions::default(),
            body: format!(r#"<html><head><link rel="https://api.w.org/" href="{href}" /></head></html>"#).into(),
        };
        assert_eq!(named_interface(&page("https://shop.example/fr/wp-json/")).unwrap().name(), "https://shop.example/fr/");
        assert_eq!(named_interface(&page("/wp-json/")).unwrap().name(), "https://shop.example/");
        assert_eq!(named_interface(&page("https://evil.example/wp-json/")), None);
        assert_eq!(named_interface(&page("https://shop.example/?rest_route=/")), None);
    }

    #[test]
    fn keys_are_taken_to_no_other_host_and_to_no_plain_http() {
        let shop = |name: &str| Shop::of_name(name).unwrap();
        assert!(shop("http://shop.example/").is_as_good(&shop("https://shop.example/")));
        assert!(shop("https://shop.example/tea").is_as_good(&shop("https://shop.example/")));
        assert!(!shop("https://shop.example/").is_as_good(&shop("http://shop.example/")));
        assert!(!shop("https://shop.example/").is_as_good(&shop("https://www.shop.example/")));
        assert!(!shop("http://127.0.0.1:80/").is_as_good(&shop("http://127.0.0.1:8080/")));
    }

    #[test]
    fn links_are_made_against_the_shop() {
        let shop = Shop::of_name("https://shop.example/tea/").unwrap();
        assert_eq!(shop.link_of(7, false).unwrap().as_str(), "https://shop.example/tea/?post_type=product&p=7");
        assert_eq!(shop.link("//cdn.example/pot.jpg", false).unwrap().as_str(), "https://cdn.example/pot.jpg");
        assert_eq!(shop.link("", false), None);
        assert_eq!(shop.label().as_str(), "shop.example/tea");
    }
}
