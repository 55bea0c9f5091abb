//! Consent by link: the shop itself makes a pair of keys, and sends them to us from server to server.
//! Source: `WC_Auth`.

use super::WooCommerce;
use super::client::Keys;
use super::shop::Shop;
use crate::domain::problem::Problem;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::address;
use crate::platforms::consent::Answered;
use crate::platforms::consent::Ask;
use crate::platforms::consent::Granted;
use crate::values::Secret;
use async_trait::async_trait;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// What the shop sends.
#[derive(Deserialize)]
struct Made {
    consumer_key: String,
    consumer_secret: Secret,
}

/// To whom it belongs: what we said of her.
#[derive(Deserialize)]
struct Whose {
    user_id: String,
}

#[async_trait]
impl Consent for WooCommerce {
    fn page(&self, ask: &Ask<'_>) -> Result<Url, Problem> {
        let shop = Shop::guess(&address::parse(ask.typed)?);
        let query = [
            ("app_name", "tradepost"),
            ("scope", if ask.writes { "read_write" } else { "read" }),
            ("user_id", ask.state),
            ("return_url", ask.ends_at.as_str()),
            ("callback_url", ask.answers_to.as_str()),
        ];
        Ok(shop.below("wc-auth/v1/authorize", &query))
    }

    fn state_of(&self, _query: &BTreeMap<String, String>, body: &[u8]) -> Option<String> {
        serde_json::from_slice::<Whose>(body).ok().map(|whose| whose.user_id)
    }

    /// Who says no is only led to [`Ask::ends_at`]; the shop sends nothing then.
    async fn redeem(&self, _context: &Context<'_>, answered: &Answered<'_>) -> Result<Granted, FetchError> {
        let made: Made = serde_json::from_slice(answered.body).map_err(|_| Problem::MalformedAnswer)?;
        let pair = zeroize::Zeroizing::new(format!("{} {}", made.consumer_key, made.consumer_secret.expose()));
        let credentials = Credentials::new(Secret::new(pair.as_str()));
        Keys::of(&credentials).map_err(|_| Problem::MalformedAnswer)?;
        Ok(Granted { credentials, account: None })
    }
}
