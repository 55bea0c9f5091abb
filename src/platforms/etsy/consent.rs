//! Consent by link (authorization code grant with proof key, RFC 7636). The proof is made from the
//! app's secret and the state, so that nothing has to be kept until the answer comes.

use super::Etsy;
use super::receipts;
use crate::domain::problem::Problem;
use crate::net::Request;
use crate::platforms::Consent;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::platforms::consent::Answered;
use crate::platforms::consent::Ask;
use crate::platforms::consent::Granted;
use crate::platforms::grant;
use crate::platforms::sign;
use crate::values::Secret;
use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::Digest;
use sha2::Sha256;
use url::Url;

/// What a proof is made of, besides the state.
const PROOF: &str = "tradepost proof key ";

#[async_trait]
impl Consent for Etsy {
    fn page(&self, ask: &Ask<'_>) -> Result<Url, Problem> {
        let mut url = self.settings.site.join("oauth/connect").map_err(|_| Problem::NotAnAddress)?;
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.proof(ask.state).expose()));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.app_key)
            .append_pair("redirect_uri", ask.answers_to.as_str())
            .append_pair("scope", &format!("{} {}", receipts::READ_SHOPS, receipts::READ_SALES))
            .append_pair("state", ask.state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    async fn redeem(&self, context: &Context<'_>, answered: &Answered<'_>) -> Result<Granted, FetchError> {
        let code = answered.query.get("code").ok_or(Problem::SecretRefused)?;
        let proof = self.proof(answered.query.get("state").map_or("", String::as_str));
        let fields = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", answered.answers_to.as_str()),
            ("code", code),
            ("code_verifier", proof.expose()),
        ];
        let credentials = self.grant(context, &fields).await?;
        let account = if answered.typed.trim().is_empty() { Some(self.owner(context, &credentials.secret).await?.name) } else { None };
        Ok(Granted { credentials, account })
    }

    async fn renew(&self, context: &Context<'_>, credentials: &Credentials) -> Result<Credentials, FetchError> {
        let refresh = credentials.refresh.as_ref().ok_or(Problem::SecretRefused)?;
        self.grant(context, &[("grant_type", "refresh_token"), ("refresh_token", refresh.expose())]).await
    }
}

impl Etsy {
    async fn grant(&self, context: &Context<'_>, fields: &[(&str, &str)]) -> Result<Credentials, FetchError> {
        let url = self.settings.address.join("v3/public/oauth/token").map_err(|_| Problem::NotAnAddress)?;
        let app = [("client_id", self.settings.app_key.as_str())];
        let request = Request::post_form(url, app.into_iter().chain(fields.iter().copied()));
        Ok(grant::ask(context, request).await?.credentials(context.now))
    }

    fn proof(&self, state: &str) -> Secret {
        let mac = sign::hmac_sha256(self.settings.app_secret.expose().as_bytes(), format!("{PROOF}{state}").as_bytes());
        // As RFC 7636 allows it: without the signs that mean something in an address.
        Secret::new(mac.trim_end_matches('=').replace('+', "-").replace('/', "_"))
    }
}
