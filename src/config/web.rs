//! What the configuration says of the public address, to which shops and browsers come.

use crate::values::Within;
use ipnet::IpNet;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use toml_example::TomlExample;
use url::Host;
use url::Url;

/// The public address: shops send trades to it, and people type secrets on its pages instead of in the
/// chat. `docs/PUBLIC_ADDRESS.md` says how a proxy leads there. Without it shops are polled only.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Web {
    /// Where tradepost is reached from the internet. Only https, but for an address of this machine.
    #[serde(deserialize_with = "public_url")]
    #[toml_example(default = "https://tradepost.example.org")]
    pub public_url: Option<Url>,
    /// The address and port on which tradepost listens for it; the proxy leads there.
    #[toml_example(default = "127.0.0.1:29332")]
    pub listen: SocketAddr,
    /// Networks of the proxies that are believed from whom a request comes (X-Forwarded-For, Forwarded).
    #[toml_example(default = ["127.0.0.0/8", "::1/128"])]
    pub trusted_proxies: Vec<IpNet>,
    /// Requests in a second from one address, and to one account's hook; a hundred times as many at once
    /// after a quiet time. A platform that sends for many accounts may need more.
    pub requests_per_second: Within<u32, 1, 100_000>,
    /// Requests that are worked off at the same time, at most half of them from one address; those that are
    /// too many are asked to come again.
    pub requests_at_once: Within<usize, 2, 1_000>,
    /// How often an account is looked at although its shop sends trades by itself, in case one was lost.
    pub reconcile_seconds: Within<u32, 60, 604_800>,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            public_url: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 29_332)),
            trusted_proxies: vec![
                IpNet::new_assert(Ipv4Addr::new(127, 0, 0, 0).into(), 8),
                IpNet::new_assert(Ipv6Addr::LOCALHOST.into(), 128),
            ],
            requests_per_second: Within::literal(20),
            requests_at_once: Within::literal(64),
            reconcile_seconds: Within::literal(21_600),
        }
    }
}

/// An address under which the world reaches us. Its path ends with a slash, so that [`Url::join`] puts
/// what follows behind it.
fn public_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let refused = || D::Error::custom("must be an address like \"https://tradepost.example.org\", of https and without user and query");
    let mut url = Url::parse(&text).ok().filter(is_public).ok_or_else(refused)?;
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
    if url.path().contains("//") || !url.path().chars().all(is_plain) {
        return Err(D::Error::custom("may have letters, digits and - . _ ~ in its path only"));
    }
    Ok(Some(url))
}

fn is_public(url: &Url) -> bool {
    let extra = url.query().or(url.fragment()).is_some() || !url.username().is_empty() || url.password().is_some();
    let is_ours = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    !extra && (url.scheme() == "https" || url.scheme() == "http" && is_ours)
}

#[cfg(test)]
mod tests {
    use super::Web;
    use crate::config::Config;

    fn read(text: &str) -> Result<Web, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    fn public_url(typed: &str) -> Result<String, String> {
        read(&format!("public_url = \"{typed}\"")).map(|web| web.public_url.unwrap().to_string())
    }

    #[test]
    fn what_is_shown_as_the_default_is_the_default() {
        let section = Config::example().split("[web]\n").nth(1).unwrap().split("\n[").next().unwrap().to_owned();
        assert_eq!(read(&section), Ok(Web::default()));
        let shown = read(&section.replace("# public_url", "public_url")).unwrap();
        assert_eq!(shown.public_url.unwrap().as_str(), "https://tradepost.example.org/");
    }

    #[test]
    fn the_address_is_a_place_behind_which_paths_can_be_put() {
        assert_eq!(public_url("https://example.org").unwrap(), "https://example.org/");
        assert_eq!(public_url("https://example.org/trade/post").unwrap(), "https://example.org/trade/post/");
        assert_eq!(public_url("http://127.0.0.1:29332").unwrap(), "http://127.0.0.1:29332/");
        assert_eq!(public_url("http://localhost:29332/x/").unwrap(), "http://localhost:29332/x/");
    }

    #[test]
    fn what_shops_cannot_reach_safely_is_refused() {
        for typed in [
            "http://example.org",
            "ftp://127.0.0.1",
            "https://joy:hush@example.org",
            "https://example.org?a=b",
            "https://example.org#a",
            "example.org",
            "",
        ] {
            assert!(public_url(typed).unwrap_err().starts_with("must be an address"), "{typed}");
        }
        for typed in ["https://example.org/{x}", "https://example.org//x", "https://example.org/:x", "https://example.org/*x"] {
            assert!(public_url(typed).unwrap_err().starts_with("may have"), "{typed}");
        }
    }
}
