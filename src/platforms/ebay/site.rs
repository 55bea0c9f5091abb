//! eBay's sites, and who sells at which of them.

use crate::platforms::address;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use std::fmt;

/// The longest name of a seller, in bytes; today's have at most 64 characters.
const NAME_BYTES: usize = 100;

/// The sites that have an interface: how that names them, and where they are; the first one is the
/// default.
const SITES: [(&str, &str); 18] = [
    ("EBAY_US", "ebay.com"),
    ("EBAY_GB", "ebay.co.uk"),
    ("EBAY_DE", "ebay.de"),
    ("EBAY_AT", "ebay.at"),
    ("EBAY_AU", "ebay.com.au"),
    ("EBAY_BE", "ebay.be"),
    ("EBAY_CA", "ebay.ca"),
    ("EBAY_CH", "ebay.ch"),
    ("EBAY_ES", "ebay.es"),
    ("EBAY_FR", "ebay.fr"),
    ("EBAY_HK", "ebay.com.hk"),
    ("EBAY_IE", "ebay.ie"),
    ("EBAY_IT", "ebay.it"),
    ("EBAY_MY", "ebay.com.my"),
    ("EBAY_NL", "ebay.nl"),
    ("EBAY_PH", "ebay.ph"),
    ("EBAY_PL", "ebay.pl"),
    ("EBAY_SG", "ebay.com.sg"),
];

/// One of eBay's sites.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Marketplace(usize);

impl Marketplace {
    /// A site by the name that the interface has for it.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        SITES.iter().position(|(known, _)| *known == id).map(Self)
    }

    fn at(host: &str) -> Option<Self> {
        SITES.iter().position(|(_, known)| host.strip_suffix(known).is_some_and(|rest| matches!(rest, "" | "www."))).map(Self)
    }

    /// How the interface names it.
    pub(super) fn id(self) -> &'static str {
        SITES.get(self.0).map_or("", |(id, _)| id)
    }

    /// Where it is.
    pub(super) fn host(self) -> &'static str {
        SITES.get(self.0).map_or("", |(_, host)| host)
    }
}

/// As it stands in the file, for the example.
impl fmt::Debug for Marketplace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id().fmt(out)
    }
}

impl<'de> Deserialize<'de> for Marketplace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("must be one of eBay's marketplaces, such as \"EBAY_US\" or \"EBAY_DE\""))
    }
}

/// A seller at a site. As text: `ebay.de/usr/joy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    /// The seller's name.
    pub(super) seller: String,
    /// Where the offers are looked for.
    pub(super) marketplace: Marketplace,
}

impl Account {
    /// Whom a link or a name means; a name is looked for at `marketplace`.
    pub(super) fn parse(typed: &str, marketplace: Marketplace) -> Option<Self> {
        let named = || Some(typed.trim().to_ascii_lowercase()).filter(|name| is_name(name));
        Self::in_link(typed).or_else(|| named().map(|seller| Self { seller, marketplace }))
    }

    /// Whose page a link leads to: `/usr/NAME`, `/str/NAME`.
    pub(super) fn in_link(typed: &str) -> Option<Self> {
        let url = address::parse(typed).ok()?;
        let marketplace = Marketplace::at(url.host_str()?)?;
        let mut segments = url.path_segments()?;
        let name = segments.next().filter(|kind| matches!(*kind, "usr" | "str")).and_then(|_| segments.next())?;
        is_name(name).then(|| Self { seller: name.to_ascii_lowercase(), marketplace })
    }
}

impl fmt::Display for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/usr/{}", self.marketplace.host(), self.seller)
    }
}

/// Nothing that means something else in a filter.
fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'*');
    (1..=NAME_BYTES).contains(&text.len()) && text.bytes().all(fits) && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::Account;
    use super::Marketplace;

    fn account(typed: &str) -> Option<String> {
        Account::parse(typed, Marketplace::default()).map(|account| account.to_string())
    }

    #[test]
    fn a_seller_is_one_however_she_is_typed() {
        for typed in ["https://www.ebay.de/usr/Joy.Pots?_trksid=p1", "ebay.de/usr/joy.pots", "<https://www.ebay.de/str/joy.pots>"] {
            assert_eq!(account(typed).as_deref(), Some("ebay.de/usr/joy.pots"), "{typed}");
        }
        assert_eq!(account(" Joy.Pots ").as_deref(), Some("ebay.com/usr/joy.pots"));
        assert_eq!(account("https://www.ebay.co.uk/usr/joy").as_deref(), Some("ebay.co.uk/usr/joy"));
    }

    #[test]
    fn other_pages_and_words_are_nobody() {
        for typed in [
            "https://www.ebay.com/itm/1234",
            "https://www.notebay.com/usr/joy",
            "https://ebay.com.evil.example/usr/joy",
            "https://www.ebay.com/usr/",
            "joy|evil",
            "joy}",
            "two words",
            "",
        ] {
            assert_eq!(account(typed), None, "{typed}");
        }
        assert_eq!(Account::in_link("joy.pots"), None);
    }
}
