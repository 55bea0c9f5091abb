//! What the operator sets for the shop.

use crate::domain::ids::UserId;
use crate::values::Secret;
use crate::values::Within;
use crate::values::secret_or_file;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use toml_example::TomlExample;
use url::Url;

/// The platform "oscar": a shop made with django-oscar and django-oscar-api whose users are named as
/// those of your homeserver are, because one directory makes both. Whoever may name herself at the shop
/// as she likes could have a stranger's purchases shared: leave it off there. The shop must allow its
/// interface for administrators (`OSCARAPI_BLOCK_ADMIN_API_ACCESS=False`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct OscarSettings {
    /// Where the shop is. Its interface is expected at `api/` below it, its products at `catalogue/`.
    #[serde(deserialize_with = "shop_address")]
    #[toml_example(default = "https://shop.example.org/")]
    pub address: Option<Url>,
    /// The user name of an account of the shop's staff for tradepost, which needs no more permissions
    /// than `auth.view_user`, `order.view_order`, `order.view_line` and `catalogue.view_product`.
    #[toml_example(default = "tradepost")]
    pub username: Option<String>,
    /// Its password, or `{file="/etc/tradepost/oscar_password"}`.
    #[serde(deserialize_with = "secret_or_file")]
    #[toml_example(default = "")]
    pub password: Secret,
    /// Who sells there: besides her purchases she shares what the shop offers, if this stood here when
    /// she added her account.
    #[serde(deserialize_with = "user_id")]
    #[toml_example(default = "@shopkeeper:example.org")]
    pub operator: Option<UserId>,
    /// How orders stand that are no purchases, in the shop's own words.
    #[toml_example(default = ["Cancelled", "Canceled", "Refunded", "Returned"])]
    pub cancelled: Vec<String>,
    /// How orders stand that are none yet, since they have not been paid.
    #[toml_example(default = ["Unpaid", "Payment pending", "Pending payment"])]
    pub unpaid: Vec<String>,
    /// How often an account is looked at.
    pub interval_seconds: Within<u32, 1, 604_800>,
}

impl Default for OscarSettings {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            address: None,
            username: None,
            password: Secret::default(),
            operator: None,
            cancelled: words(&["Cancelled", "Canceled", "Refunded", "Returned"]),
            unpaid: words(&["Unpaid", "Payment pending", "Pending payment"]),
            interval_seconds: Within::literal(600),
        }
    }
}

impl OscarSettings {
    /// Whether there is a shop, and an account to read it with.
    pub(super) fn is_set_up(&self) -> bool {
        self.address.is_some() && self.username.as_ref().is_some_and(|name| !name.is_empty()) && self.password.is_made()
    }

    /// Whether an order that stands so is no purchase.
    pub(super) fn is_cancelled(&self, status: &str) -> bool {
        holds(&self.cancelled, status)
    }

    /// Whether an order that stands so may become a purchase.
    pub(super) fn is_unpaid(&self, status: &str) -> bool {
        holds(&self.unpaid, status)
    }
}

fn holds(words: &[String], status: &str) -> bool {
    let status = status.trim().to_lowercase();
    words.iter().any(|word| word.trim().to_lowercase() == status)
}

/// An address without user, query and fragment, of which something can stand below.
fn shop_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let wrong = || D::Error::custom("must be an address like \"https://shop.example.org/\"");
    let mut url = Url::parse(&String::deserialize(deserializer)?).map_err(|_| wrong())?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    if !matches!(url.scheme(), "http" | "https") || has_user || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong());
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(Some(url))
}

fn user_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UserId>, D::Error> {
    let user = UserId::deserialize(deserializer)?;
    if user.as_str().starts_with('@') && !user.localpart().is_empty() && !user.server().is_empty() {
        return Ok(Some(user));
    }
    Err(D::Error::custom(format_args!("\"{user}\" is no user id like \"@joy:example.org\"")))
}

#[cfg(test)]
mod tests {
    use super::OscarSettings;

    #[test]
    fn it_is_set_up_with_an_address_a_name_and_a_password() {
        let settings = |text: &str| toml::from_str::<OscarSettings>(text);
        assert!(!settings("").unwrap().is_set_up());
        let whole = settings("address = \"https://shop.example/store\"\nusername = \"tradepost\"\npassword = \"pw\"").unwrap();
        assert!(whole.is_set_up());
        assert_eq!(whole.address.unwrap().as_str(), "https://shop.example/store/");
        for wrong in ["address = \"shop.example\"", "address = \"https://u:p@shop.example\"", "operator = \"shopkeeper\""] {
            assert!(settings(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_status_is_known_however_it_is_written() {
        let settings = OscarSettings::default();
        assert!(settings.is_cancelled("CANCELLED ") && settings.is_unpaid("unpaid"));
        assert!(!settings.is_cancelled("Complete") && !settings.is_unpaid(""));
    }
}
