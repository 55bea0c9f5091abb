//! How the address of an item's page is made for shops that have no pages of their own.

use crate::domain::link::PublicLink;
use std::fmt;
use url::Url;

/// An address with places in braces: `https://shop.example/p/{slug}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTemplate(String);

impl LinkTemplate {
    /// What may stand in braces.
    pub const PLACES: [&'static str; 3] = ["slug", "id", "sku"];

    /// Reads a template: an address of http or https with at least one place behind its host.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let template = Self(typed.trim_start_matches('<').trim_end_matches('>').to_owned());
        let filled = template.address("x", "x", "x")?;
        let other = template.address("y", "y", "y")?;
        let is_plain = !template.0.replace("{slug}", "").replace("{id}", "").replace("{sku}", "").contains(['{', '}']);
        let leads_on = is_plain && filled != other && filled.host() == other.host();
        // One of which no link could ever be posted is none either.
        (leads_on && PublicLink::new(filled, true).is_some()).then_some(template)
    }

    /// The link of an item; where it has no value for a place, that is left empty.
    #[must_use]
    pub fn link(&self, slug: &str, id: &str, sku: &str, allow_http: bool) -> Option<PublicLink> {
        PublicLink::new(self.address(slug, id, sku)?, allow_http)
    }

    fn address(&self, slug: &str, id: &str, sku: &str) -> Option<Url> {
        let mut text = self.0.clone();
        for (place, value) in Self::PLACES.iter().zip([slug, id, sku]) {
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            text = text.replace(&format!("{{{place}}}"), &value.replace('+', "%20"));
        }
        Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    }
}

impl fmt::Display for LinkTemplate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::LinkTemplate;

    #[test]
    fn places_are_filled_and_values_cannot_break_out() {
        let template = LinkTemplate::parse("https://shop.example/p/{slug}?v={sku}").unwrap();
        let link = template.link("tea pot/../x", "7", "a&b=c", false).unwrap();
        assert_eq!(link.as_str(), "https://shop.example/p/tea%20pot%2F..%2Fx?v=a%26b%3Dc");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        let long = format!("https://shop.example/{{id}}/{}", "x".repeat(2_000));
        for typed in [
            "https://shop.example/p",
            "https://{slug}.example/",
            "javascript:{id}",
            "https://shop.example/{colour}/{id}",
            "{id}",
            "https://joy:secret@shop.example/{id}",
            &long,
        ] {
            assert_eq!(LinkTemplate::parse(typed), None, "{typed}");
        }
    }
}
