//! Which shop an account is: the server's base address, and the channel where it has several.

use crate::domain::problem::Problem;
use crate::domain::text::Line;
use crate::platforms::address;
use url::Url;

/// With these begin the server's own paths; what is typed from there on is left off.
const OWN_PATHS: [&str; 4] = ["shop-api", "admin-api", "admin", "dashboard"];

/// The parameter that names a channel: one shop of several on a server.
const CHANNEL: &str = "vendure-token";

/// The two interfaces of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interface {
    /// For everybody who visits the shop.
    Shop,
    /// For those who keep it.
    Admin,
}

/// A shop on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    base: Url,
    channel: Option<String>,
}

impl Account {
    /// Reads what was typed: the server's address, that of one of its interfaces, or its name as
    /// [`Account::name`] says it.
    pub(super) fn parse(typed: &str) -> Result<Self, Problem> {
        let mut base = address::parse(typed)?;
        let channel = base.query_pairs().find(|(key, value)| key == CHANNEL && !value.is_empty()).map(|(_, value)| value.into_owned());
        let segments: Vec<&str> = base.path_segments().into_iter().flatten().collect();
        let path: Vec<&str> = segments.into_iter().take_while(|part| !OWN_PATHS.contains(part)).filter(|part| !part.is_empty()).collect();
        let path = path.join("/");
        base.set_path(&path);
        base.set_query(None);
        Ok(Self { base, channel })
    }

    /// Its normalised name.
    pub(super) fn name(&self) -> String {
        self.with_channel(self.base.clone()).into()
    }

    /// What a person calls it.
    pub(super) fn label(&self) -> Line {
        let host = self.base.host_str().unwrap_or_default();
        let host = host.strip_prefix("www.").unwrap_or(host);
        Line::title(format!("{host}{}", self.base.path()).trim_end_matches('/'))
    }

    /// Whether it is the shop that a server has where no other is named.
    pub(super) const fn is_default(&self) -> bool {
        self.channel.is_none()
    }

    /// Where an interface is.
    pub(super) fn interface(&self, interface: Interface) -> Url {
        let path = match interface {
            Interface::Shop => "shop-api",
            Interface::Admin => "admin-api",
        };
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        self.with_channel(url)
    }

    fn with_channel(&self, mut url: Url) -> Url {
        if let Some(channel) = &self.channel {
            url.query_pairs_mut().append_pair(CHANNEL, channel);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::Account;
    use super::Interface;

    #[test]
    fn one_shop_has_one_name_however_it_is_typed() {
        for typed in [
            "https://api.shop.example",
            "api.shop.example/",
            "https://API.shop.example/shop-api",
            "https://api.shop.example/admin-api/?languageCode=de",
            "https://api.shop.example/dashboard/products",
        ] {
            let account = Account::parse(typed).unwrap();
            assert_eq!(account.name(), "https://api.shop.example/", "{typed}");
            assert_eq!(Account::parse(&account.name()).unwrap(), account);
            assert_eq!(account.interface(Interface::Shop).as_str(), "https://api.shop.example/shop-api");
            assert_eq!(account.label().as_str(), "api.shop.example");
        }
    }

    #[test]
    fn a_path_and_a_channel_are_kept() {
        let account = Account::parse("http://127.0.0.1:3000/tea//shop-api?x=y&vendure-token=pots%26pans").unwrap();
        assert_eq!(account.name(), "http://127.0.0.1:3000/tea?vendure-token=pots%26pans");
        assert_eq!(account.interface(Interface::Admin).as_str(), "http://127.0.0.1:3000/tea/admin-api?vendure-token=pots%26pans");
        assert_eq!(Account::parse(&account.name()).unwrap(), account);
        assert!(!account.is_default());
    }
}
