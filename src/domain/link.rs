//! Links that may be shown to a contact: plain web addresses without secrets or tracking.

use serde::Deserialize;
use serde::Serialize;
use std::fmt;
use url::Url;

/// The longest link that is posted, in bytes.
pub const LINK_BYTES: usize = 2_000;

/// A web address fit to be posted: https (http only where the operator allows it), without user
/// information, and without query parameters that track a person or carry a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicLink(Url);

impl PublicLink {
    /// Makes `url` fit to be posted, or refuses it: another scheme than http or https, http where
    /// `allow_http` is off, user information, or longer than [`LINK_BYTES`].
    #[must_use]
    pub fn new(mut url: Url, allow_http: bool) -> Option<Self> {
        let scheme_fits = url.scheme() == "https" || (allow_http && url.scheme() == "http");
        if !scheme_fits || !url.username().is_empty() || url.password().is_some() || !url.has_host() {
            return None;
        }
        if url.query_pairs().any(|(key, _)| is_private(&key)) {
            let kept: Vec<(String, String)> =
                url.query_pairs().filter(|(key, _)| !is_private(key)).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
            if kept.is_empty() {
                url.set_query(None);
            } else {
                url.query_pairs_mut().clear().extend_pairs(kept);
            }
        }
        (url.as_str().len() <= LINK_BYTES).then_some(Self(url))
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for PublicLink {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The user name and password in a typed address, if it has one, with their `@`.
#[must_use]
pub fn user_information(typed: &str) -> Option<&str> {
    let behind_scheme = typed.find("://").map_or(0, |at| at + 3);
    let authority = &typed[behind_scheme..];
    let authority = &authority[..authority.find(['/', '?', '#']).unwrap_or(authority.len())];
    authority.rfind('@').map(|at| &authority[..=at]).filter(|_| behind_scheme > 0)
}

/// Query parameters that say who clicked or let somebody in.
fn is_private(key: &str) -> bool {
    const TRACKING: &[&str] = &[
        "fbclid",
        "gclid",
        "dclid",
        "msclkid",
        "yclid",
        "twclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "_ga",
        "_gl",
        "spm",
        "scm",
        "ref_src",
        "vero_id",
        "wickedid",
        "oly_enc_id",
        "oly_anon_id",
    ];
    const SECRET: &[&str] =
        &["access_token", "token", "apikey", "api_key", "secret", "sig", "signature", "password", "session", "sessionid"];
    let key = key.to_ascii_lowercase();
    key.starts_with("utm_") || TRACKING.contains(&key.as_str()) || SECRET.contains(&key.as_str())
}

#[cfg(test)]
mod tests {
    use super::PublicLink;
    use super::user_information;
    use url::Url;

    fn link(text: &str) -> Option<String> {
        PublicLink::new(Url::parse(text).unwrap(), false).map(|link| link.to_string())
    }

    #[test]
    fn tracking_and_secrets_are_removed_and_the_rest_stays_as_it_was() {
        assert_eq!(link("https://a.example/p?id=4&utm_source=x&token=s#top").unwrap(), "https://a.example/p?id=4#top");
        assert_eq!(link("https://a.example/p?utm_source=x").unwrap(), "https://a.example/p");
        assert_eq!(link("https://a.example/p?q=%E8%8C%B6+x").unwrap(), "https://a.example/p?q=%E8%8C%B6+x");
    }

    #[test]
    fn the_user_in_an_address_is_found() {
        assert_eq!(user_information("https://joy:p@w@a.example/x@y"), Some("joy:p@w@"));
        assert_eq!(user_information("https://a.example/@joy"), None);
        assert_eq!(user_information("joy@a.example"), None);
    }

    #[test]
    fn only_web_addresses_without_a_user_pass() {
        assert_eq!(link("http://a.example/"), None);
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(link("https://joy:pw@a.example/"), None);
        assert_eq!(link(&format!("https://a.example/{}", "x".repeat(3_000))), None);
        assert!(PublicLink::new(Url::parse("http://a.example/").unwrap(), true).is_some());
    }
}
