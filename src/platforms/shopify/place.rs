//! Where a shop is: from what a person types to its address, and to its host at Shopify.

use crate::domain::problem::Problem;
use crate::platforms::address;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use std::fmt;
use url::Url;

/// The domain under which every shop has a host.
const DOMAIN: &str = ".myshopify.com";

/// The page on which a shop's owner works: `https://admin.shopify.com/store/joy`.
const ADMIN_HOST: &str = "admin.shopify.com";

/// An address with a place for a shop's host: `https://{shop}/`.
#[derive(Clone, PartialEq, Eq)]
pub struct ShopAddress(String);

impl ShopAddress {
    /// Reads an address of http or https that holds `{shop}` and ends in a slash.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let address = Self(text.to_owned());
        let filled = address.of("a.example")?;
        let fits = text.contains("{shop}") && text.ends_with('/') && matches!(filled.scheme(), "http" | "https");
        fits.then_some(address)
    }

    /// The address of a shop.
    pub(super) fn of(&self, host: &str) -> Option<Url> {
        Url::parse(&self.0.replace("{shop}", host)).ok()
    }
}

impl Default for ShopAddress {
    fn default() -> Self {
        Self("https://{shop}/".to_owned())
    }
}

/// As it stands in the file, for the example.
impl fmt::Debug for ShopAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl<'de> Deserialize<'de> for ShopAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("must be an address with {shop} in it and a slash at its end"))
    }
}

/// The storefront that is meant: the address up to its host, whatever page of it was typed; a single
/// word is a shop's name at Shopify.
pub(super) fn origin(typed: &str) -> Result<Url, Problem> {
    if let Some(host) = host_at_shopify(typed) {
        return Url::parse(&format!("https://{host}/")).map_err(|_| Problem::NotAnAddress);
    }
    Ok(up_to_host(address::parse(typed)?))
}

/// An address without all that is behind its host.
pub(super) fn up_to_host(mut url: Url) -> Url {
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// The shop's host at Shopify, where what was typed says it: `joy`, `joy.myshopify.com`, any page
/// there, or the page on which its owner works.
pub(super) fn host_at_shopify(typed: &str) -> Option<String> {
    let typed = typed.trim();
    if is_name(typed) {
        return Some(format!("{}{DOMAIN}", typed.to_ascii_lowercase()));
    }
    let url = address::parse(typed).ok().filter(|url| url.port().is_none())?;
    let host = url.host_str()?;
    if is_shop_host(host) {
        return Some(host.to_owned());
    }
    let mut segments = url.path_segments().filter(|_| host == ADMIN_HOST)?;
    let name = (segments.next() == Some("store")).then(|| segments.next()).flatten()?;
    is_name(name).then(|| format!("{}{DOMAIN}", name.to_ascii_lowercase()))
}

/// Whether `host` is a shop's at Shopify.
pub(super) fn is_shop_host(host: &str) -> bool {
    host.strip_suffix(DOMAIN).is_some_and(is_name)
}

/// Whether an address is beyond doubt a shop's. A feed there is a feed.
pub(super) fn is_at_shopify(typed: &str) -> bool {
    let is_feed = address::parse(typed).is_ok_and(|url| url.path().split('.').next_back() == Some("atom"));
    typed.contains('.') && !is_feed && host_at_shopify(typed).is_some()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::ShopAddress;
    use super::host_at_shopify;
    use super::is_at_shopify;
    use super::origin;

    #[test]
    fn a_shop_is_one_however_it_is_typed() {
        for typed in
            ["joy", "Joy", "joy.myshopify.com", "https://joy.myshopify.com/collections/all?page=2", "admin.shopify.com/store/joy/orders"]
        {
            assert_eq!(host_at_shopify(typed).as_deref(), Some("joy.myshopify.com"), "{typed}");
            assert_eq!(origin(typed).unwrap().as_str(), "https://joy.myshopify.com/", "{typed}");
        }
        assert_eq!(origin("shop.example/products/pot?variant=1").unwrap().as_str(), "https://shop.example/");
    }

    #[test]
    fn other_hosts_are_not_taken_for_shopifys() {
        for typed in [
            "shop.example",
            "evil-myshopify.com",
            "joy.myshopify.com.evil.example",
            "a.b.myshopify.com",
            "myshopify.com",
            "joy.myshopify.com:8443",
            "https://evil.example/joy.myshopify.com",
            "admin.shopify.com/settings",
        ] {
            assert_eq!(host_at_shopify(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_link_is_recognised_and_a_word_is_not() {
        assert!(is_at_shopify("<https://joy.myshopify.com/products/pot>"));
        assert!(!is_at_shopify("joy"));
        assert!(!is_at_shopify("https://joy.myshopify.com/collections/all.atom"));
        assert!(!is_at_shopify("https://shop.example/"));
    }

    #[test]
    fn an_address_needs_a_place_for_the_shop() {
        let address = ShopAddress::parse("http://127.0.0.1:1/{shop}/").unwrap();
        assert_eq!(address.of("joy.myshopify.com").unwrap().as_str(), "http://127.0.0.1:1/joy.myshopify.com/");
        for text in ["https://shop.example/", "https://{shop}", "ftp://{shop}/", "{shop}"] {
            assert_eq!(ShopAddress::parse(text), None, "{text}");
        }
    }
}
