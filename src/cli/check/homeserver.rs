//! What the homeserver says of itself, of us, and of the way to us. Asked without the client that
//! serves: here every `errcode` matters, and the bot may not exist yet.

use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::config::Config;
use crate::values::Secret;
use anyhow::Context;
use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use url::form_urlencoded;

/// The version of the specification that brought the last thing we need, the appservice ping.
const LEAST_VERSION: (u32, u32) = (1, 7);
/// How long an answer may take; the homeserver itself waits for us in a ping.
const PATIENCE: Duration = Duration::from_secs(30);

/// The homeserver, as it is configured.
pub(super) struct Homeserver<'a> {
    pub(super) config: &'a Config,
    client: reqwest::Client,
    base: String,
}

/// Whether the bot has been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bot {
    /// It is there.
    Made,
    /// It is made at the first start.
    ToCome,
}

/// What is read of any answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body {
    versions: Vec<String>,
    pub(super) user_id: String,
    pub(super) errcode: String,
    error: String,
    /// With `M_BAD_STATUS`: what we answered to a ping.
    status: Option<u16>,
}

/// A client for a few calls.
pub(super) fn client(patience: Duration) -> Result<reqwest::Client, reqwest::Error> {
    // It may be there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(patience).build()
}

impl<'a> Homeserver<'a> {
    pub(super) fn new(config: &'a Config) -> Result<Self, Failure> {
        let client = client(PATIENCE).map_err(|error| Failure::new(ExitStatus::Other, error, ""))?;
        let base = config.homeserver.address.as_str().trim_end_matches('/').to_owned();
        Ok(Self { config, client, base })
    }

    /// Whether it is there and new enough.
    pub(super) async fn versions(&self) -> Result<((), String), Failure> {
        let body = self.ask(self.client.get(self.url("versions"))).await?;
        if body.versions.is_empty() {
            let what = format!("at {} something answers, but no homeserver", self.base);
            return Err(Failure::said(ExitStatus::Unreachable, what, ADDRESS_HINT));
        }
        let newest = body.versions.iter().filter_map(|version| number(version)).max();
        let (major, minor) = LEAST_VERSION;
        match newest.filter(|newest| *newest >= LEAST_VERSION) {
            Some((has_major, has_minor)) => Ok(((), format!("the homeserver {} speaks Matrix v{has_major}.{has_minor}", self.base))),
            None => Err(Failure::said(
                ExitStatus::TooOld,
                format!("the homeserver {} does not speak Matrix v{major}.{minor}", self.base),
                "update the homeserver",
            )),
        }
    }

    /// Whether it knows us, and lets us be the bot.
    pub(super) async fn whoami(&self) -> Result<(Bot, String), Failure> {
        let us = self.ask(self.authorized(self.client.get(self.url("v3/account/whoami")))).await?;
        if us.user_id.is_empty() {
            return Err(self.token_refused(&us));
        }
        let server = us.user_id.split_once(':').map_or("", |(_, server)| server);
        if server != self.config.homeserver.domain {
            let what = format!("the homeserver is called {server}, not {}", self.config.homeserver.domain);
            let hint = format!("set homeserver.domain to \"{server}\", make the registration anew and restart the homeserver");
            return Err(Failure::said(ExitStatus::Config, what, hint));
        }
        self.whoami_as_bot().await
    }

    async fn whoami_as_bot(&self) -> Result<(Bot, String), Failure> {
        let bot = self.config.us().bot;
        let body = self.ask(self.as_bot(Method::GET, "v3/account/whoami", &[])).await?;
        if body.user_id == bot.as_str() {
            return Ok((Bot::Made, format!("the homeserver knows tradepost and its bot {bot}")));
        }
        // Synapse says so of a user in our namespace that does not exist yet.
        if body.errcode == "M_FORBIDDEN" && body.error.contains("has not registered this user") {
            return Ok((Bot::ToCome, format!("the homeserver knows tradepost; its bot {bot} is made at the first start")));
        }
        Err(Failure::said(
            ExitStatus::Namespace,
            format!("the homeserver does not let tradepost be {bot}: {}", said(&body)),
            "the registration that it has read has another namespace: make it anew, and restart the homeserver",
        ))
    }

    /// Whether it reaches us, with the token we know.
    pub(super) async fn ping(&self) -> Result<((), String), Failure> {
        let id = &self.config.appservice.id;
        let address = &self.config.appservice.address;
        let body = self.ask_for_ping(id, &self.config.appservice.as_token).await?;
        let restart = "make the registration anew, name it in app_service_config_files, and restart the homeserver";
        let failure = |status, what: String, hint: &str| Err(Failure::said(status, what, hint));
        match (body.errcode.as_str(), body.status) {
            ("", _) => Ok(((), format!("the homeserver reaches tradepost at {address}"))),
            ("M_BAD_STATUS", Some(401 | 403)) => {
                failure(ExitStatus::WrongToken, format!("the homeserver reaches {address}, but with another hs_token"), restart)
            }
            ("M_FORBIDDEN", _) => {
                failure(ExitStatus::WrongToken, format!("the homeserver has this as_token for another appservice than \"{id}\""), restart)
            }
            ("M_URL_NOT_SET", _) => {
                failure(ExitStatus::NotReached, "the registration that the homeserver has read has no url".to_owned(), restart)
            }
            ("M_BAD_STATUS", status) => failure(
                ExitStatus::NotReached,
                format!("at {address} the homeserver gets the answer {}", status.unwrap_or_default()),
                "something else answers there: set appservice.address to where the homeserver reaches tradepost",
            ),
            _ => failure(
                ExitStatus::NotReached,
                format!("the homeserver cannot reach tradepost at {address}: {}", said(&body)),
                "set appservice.address to where the homeserver reaches tradepost (from a container 127.0.0.1 is another machine), \
                 appservice.hostname to what tradepost listens on, and make the registration anew",
            ),
        }
    }

    fn token_refused(&self, body: &Body) -> Failure {
        match body.errcode.as_str() {
            "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN" => Failure::said(
                ExitStatus::TokenRefused,
                "the homeserver does not know the as_token",
                "name the registration in app_service_config_files of homeserver.yaml, and restart the homeserver",
            ),
            _ => Failure::said(
                ExitStatus::Unreachable,
                format!("the homeserver {} does not say who tradepost is: {}", self.base, said(body)),
                "see the homeserver's log",
            ),
        }
    }

    /// Has the homeserver ping the appservice `id`, to which this token belongs.
    pub(super) async fn ask_for_ping(&self, id: &str, as_token: &Secret) -> Result<Body, Failure> {
        let request = self.client.post(self.url(&format!("v1/appservice/{id}/ping"))).bearer_auth(as_token.expose());
        self.ask(request.header(CONTENT_TYPE, "application/json").body("{}")).await
    }

    /// Who has this token.
    pub(super) async fn who_has(&self, as_token: &Secret) -> Result<Body, Failure> {
        self.ask(self.client.get(self.url("v3/account/whoami")).bearer_auth(as_token.expose())).await
    }

    /// Something that everybody may ask.
    pub(super) async fn public(&self, path: &str) -> Result<(u16, Value), Failure> {
        self.answer(self.client.get(self.url(path))).await
    }

    /// A request as the bot, but not as its device: nothing is taken away from that.
    pub(super) fn as_bot(&self, method: Method, path: &str, query: &[(&str, &str)]) -> RequestBuilder {
        let bot = self.config.us().bot;
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("user_id", bot.as_str()).extend_pairs(query).finish();
        self.authorized(self.client.request(method, format!("{}?{query}", self.url(path))))
    }

    /// What is answered, an error too. Only where nothing is, it fails.
    async fn ask(&self, request: RequestBuilder) -> Result<Body, Failure> {
        let (status, body) = self.answer(request).await?;
        Ok(serde_json::from_value(body).unwrap_or_else(|_| Body { errcode: format!("status {status}"), ..Body::default() }))
    }

    /// The status and the answer; null where it is no JSON.
    pub(super) async fn answer(&self, request: RequestBuilder) -> Result<(u16, Value), Failure> {
        let unreachable = |error| Failure::new(ExitStatus::Unreachable, error, ADDRESS_HINT);
        let what = || format!("the homeserver {} cannot be reached", self.base);
        let answer = request.send().await.map_err(reqwest::Error::without_url).with_context(what).map_err(unreachable)?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(reqwest::Error::without_url).with_context(what).map_err(unreachable)?;
        Ok((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.config.appservice.as_token.expose())
    }

    fn url(&self, path: &str) -> String {
        format!("{}/_matrix/client/{path}", self.base)
    }
}

/// What to do where no homeserver answers.
const ADDRESS_HINT: &str = "start it, or set homeserver.address to where its client API is";

/// `v1.11` as (1, 11); versions before 1.0 as none.
fn number(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.strip_prefix('v')?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// An error in the homeserver's own words.
pub(super) fn said(body: &Body) -> String {
    format!("{} {}", body.errcode, body.error).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::LEAST_VERSION;
    use super::number;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(number("v1.11") > Some(LEAST_VERSION));
        assert!(number("v1.6") < Some(LEAST_VERSION));
        assert_eq!(number("r0.6.1"), None);
    }
}
