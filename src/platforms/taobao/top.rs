//! Calls of the gateway: signed, and with errors that come as successes.

use super::TaobaoSettings;
use crate::domain::problem::Problem;
use crate::net::Net;
use crate::net::Request;
use crate::platforms::FetchError;
use crate::platforms::gateway;
use crate::platforms::gateway::Loose;
use crate::platforms::sign;
use crate::platforms::sign::Parameters;
use crate::values::Secret;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The newest of the three methods (md5, hmac, hmac-sha256), and the only one of them whose hash is
/// not broken. The gateway takes them all from every app.
const SIGN_METHOD: &str = "hmac-sha256";
/// How long to wait where the gateway does not say.
const WAIT: Duration = Duration::from_mins(1);
/// How long to wait at most: the quota of a day is new the next day.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The gateway, for one session.
pub(super) struct Top<'a> {
    /// The operator's app.
    pub(super) settings: &'a TaobaoSettings,
    /// How it is reached.
    pub(super) net: &'a Net,
    /// What time it is.
    pub(super) now: Timestamp,
    /// Her session.
    pub(super) session: Secret,
}

/// What the gateway says instead of an answer.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    code: Loose,
    #[serde(default)]
    sub_code: Loose,
    #[serde(default)]
    sub_msg: Loose,
}

impl Top<'_> {
    /// Calls `method`.
    pub(super) async fn call<T: DeserializeOwned>(&self, method: &str, fields: &[(&'static str, String)]) -> Result<T, FetchError> {
        let mut parameters: Parameters<'_> = fields.iter().cloned().collect();
        parameters.extend([
            ("method", method.to_owned()),
            ("app_key", self.settings.app_key.clone()),
            ("session", self.session.expose().to_owned()),
            ("timestamp", gateway::china_time(self.now)),
            ("format", "json".to_owned()),
            ("v", "2.0".to_owned()),
            ("sign_method", SIGN_METHOD.to_owned()),
        ]);
        let signature = sign::hmac_sha256_hex(&self.settings.app_secret, &parameters);
        parameters.insert("sign", signature);
        let form = parameters.iter().map(|(name, value)| (*name, value.as_str()));
        let answer = self.net.send(Request::post_form(self.settings.gateway.clone(), form)).await?.ok()?;
        if let Some(refusal) = gateway::part::<Refusal>(&answer.body, "error_response")? {
            return Err(refusal.error(method));
        }
        let name = format!("{}_response", method.trim_start_matches("taobao.").replace('.', "_"));
        Ok(gateway::part(&answer.body, &name)?.ok_or(Problem::MalformedAnswer)?)
    }
}

impl Refusal {
    fn error(&self, method: &str) -> FetchError {
        let sub_code = self.sub_code.as_str();
        let is_limit = sub_code.starts_with("isp.") && sub_code.contains("limit");
        let problem = match self.code.number::<u32>() {
            Some(4..=8) => return self.wait(),
            Some(10) => Problem::HttpStatus { status: 503 },
            Some(11..=13) => Problem::NotAllowed { missing: method.to_owned() },
            Some(24 | 25 | 28 | 29) => Problem::AppRefused,
            Some(26 | 27) => Problem::SecretRefused,
            _ if is_limit => return self.wait(),
            _ if sub_code.starts_with("isp.") => Problem::HttpStatus { status: 503 },
            _ if sub_code.contains("permission") => Problem::NotAllowed { missing: method.to_owned() },
            _ if sub_code.is_empty() => Problem::refused(self.code.as_str()),
            _ => Problem::refused(sub_code),
        };
        problem.into()
    }

    /// How long it is banned stands in words: "This ban will last for 71 more seconds".
    fn wait(&self) -> FetchError {
        let behind = self.sub_msg.as_str().split_once("last for ").map_or("", |(_, behind)| behind);
        let seconds = behind.split_whitespace().next().and_then(|seconds| seconds.parse().ok());
        let wait = seconds.map_or(WAIT, Duration::from_secs).min(LONGEST_WAIT);
        FetchError { problem: Problem::AskedToWait, retry_after: Some(wait) }
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use crate::domain::problem::Problem;

    fn error(json: &str) -> (Problem, Option<u64>) {
        let refusal: Refusal = serde_json::from_str(json).unwrap();
        let error = refusal.error("taobao.items.onsale.get");
        (error.problem, error.retry_after.map(|wait| wait.as_secs()))
    }

    #[test]
    fn codes_are_understood() {
        let missing = || "taobao.items.onsale.get".to_owned();
        for (json, problem) in [
            (r#"{"code":27,"msg":"Invalid session"}"#, Problem::SecretRefused),
            (r#"{"code":"26"}"#, Problem::SecretRefused),
            (r#"{"code":11}"#, Problem::NotAllowed { missing: missing() }),
            (r#"{"code":25}"#, Problem::AppRefused),
            (r#"{"code":10}"#, Problem::HttpStatus { status: 503 }),
            (r#"{"code":15,"sub_code":"isp.item-service-error:TIMEOUT"}"#, Problem::HttpStatus { status: 503 }),
            (r#"{"code":50,"sub_code":"isv.invalid-permission"}"#, Problem::NotAllowed { missing: missing() }),
            (r#"{"code":41,"sub_code":"isv.invalid-parameter"}"#, Problem::Refused { code: "isv.invalid-parameter".to_owned() }),
            (r#"{"code":31,"sub_code":null}"#, Problem::Refused { code: "31".to_owned() }),
        ] {
            assert_eq!(error(json), (problem, None), "{json}");
        }
    }

    #[test]
    fn how_long_to_wait_is_read_out_of_the_words() {
        let wait = |json| error(json);
        assert_eq!(wait(r#"{"code":7,"sub_msg":"This ban will last for 71 more seconds"}"#), (Problem::AskedToWait, Some(71)));
        assert_eq!(wait(r#"{"code":7,"sub_msg":"This ban will last for 99999999 more seconds"}"#), (Problem::AskedToWait, Some(86_400)));
        assert_eq!(wait(r#"{"code":8}"#), (Problem::AskedToWait, Some(60)));
        assert_eq!(wait(r#"{"code":15,"sub_code":"isp.call-limited"}"#), (Problem::AskedToWait, Some(60)));
    }
}
