//! From what a person types to a web address, always the same for the same feed.

use crate::domain::problem::Problem;
use url::Host;
use url::Url;

/// The address that `typed` means: with its scheme, behind `feed:`, or from the host on, which
/// then means https. Without fragment; case of the host and default ports are evened out.
pub(super) fn parse(typed: &str) -> Result<Url, Problem> {
    let typed = typed.trim().trim_start_matches('<').trim_end_matches('>');
    let mut url = match strip_feed(typed) {
        Some(rest) if has_scheme(rest) => Url::parse(rest).map_err(|_| Problem::NotAnAddress)?,
        Some(rest) => from_host(rest.trim_start_matches('/'))?,
        None if has_scheme(typed) => Url::parse(typed).map_err(|_| Problem::NotAnAddress)?,
        None => from_host(typed)?,
    };
    if typed.contains(char::is_whitespace) {
        return Err(Problem::NotAnAddress);
    }
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(Problem::AddressNotAllowed);
    }
    url.set_fragment(None);
    Ok(url)
}

fn has_scheme(text: &str) -> bool {
    text.contains("://") && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn strip_feed(typed: &str) -> Option<&str> {
    typed.get(..5).filter(|start| start.eq_ignore_ascii_case("feed:")).and_then(|_| typed.get(5..))
}

/// An address without a scheme must look like one: `joy@a.example` and `3.5` do not.
fn from_host(typed: &str) -> Result<Url, Problem> {
    let host = typed.split(['/', ':', '?', '#']).next().unwrap_or_default();
    let url = Url::parse(&format!("https://{typed}")).map_err(|_| Problem::NotAnAddress)?;
    let looks_like_one = match url.host() {
        Some(Host::Domain(_)) => host.contains('.') && !host.contains('@'),
        Some(Host::Ipv4(address)) => address.to_string() == host,
        _ => false,
    };
    if looks_like_one { Ok(url) } else { Err(Problem::NotAnAddress) }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::domain::problem::Problem;

    #[test]
    fn one_feed_has_one_address_however_it_is_typed() {
        for typed in [
            "https://shop.example/feed",
            "HTTPS://Shop.Example:443/feed#top",
            "  <https://shop.example/feed>",
            "shop.example/feed",
            "feed:https://shop.example/feed",
            "feed://shop.example/feed",
            "Feed:shop.example/feed",
        ] {
            assert_eq!(parse(typed).unwrap().as_str(), "https://shop.example/feed", "{typed}");
        }
    }

    #[test]
    fn hosts_ports_and_scripts_are_kept() {
        for (typed, address) in [
            ("http://127.0.0.1:8009/shop.xml", "http://127.0.0.1:8009/shop.xml"),
            ("shop.example:8443/feed?a=b", "https://shop.example:8443/feed?a=b"),
            ("店铺.example", "https://xn--hxtq42j.example/"),
            ("10.0.0.1:80/x", "https://10.0.0.1:80/x"),
        ] {
            assert_eq!(parse(typed).unwrap().as_str(), address);
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        for typed in ["", "teapots", "shop example.org", "joy@shop.example", "3.5", "mailto:joy@a.example", "https://", "a..b c"] {
            assert_eq!(parse(typed), Err(Problem::NotAnAddress), "{typed}");
        }
        for typed in ["ftp://a.example/feed", "https://joy:pw@a.example/feed", "feed:ftp://a.example/"] {
            assert_eq!(parse(typed), Err(Problem::AddressNotAllowed), "{typed}");
        }
    }
}
