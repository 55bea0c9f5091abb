//! Calls of the gateway: signed, and with errors that come as successes.

use super::PinduoduoSettings;
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

/// How long to wait: limits are for a minute at most, but for apps under test, whose calls are counted
/// by the day.
const WAIT: Duration = Duration::from_mins(1);
/// How long to wait when the calls of an app under test are used up.
const LONG_WAIT: Duration = Duration::from_hours(1);

/// The gateway, for one token.
pub(super) struct Pop<'a> {
    /// The operator's app.
    pub(super) settings: &'a PinduoduoSettings,
    /// How it is reached.
    pub(super) net: &'a Net,
    /// What time it is.
    pub(super) now: Timestamp,
    /// Her token; none where one is to be got.
    pub(super) token: Option<Secret>,
}

/// What the gateway says instead of an answer.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    error_code: Loose,
}

impl Pop<'_> {
    /// Calls `method`, whose answer is called `name`.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        name: &str,
        fields: &[(&'static str, String)],
    ) -> Result<T, FetchError> {
        let mut parameters: Parameters<'_> = fields.iter().cloned().collect();
        parameters.extend([
            ("type", method.to_owned()),
            ("client_id", self.settings.app_key.clone()),
            ("timestamp", self.now.as_second().to_string()),
            ("data_type", "JSON".to_owned()),
            ("version", "V1".to_owned()),
        ]);
        parameters.extend(self.token.as_ref().map(|token| ("access_token", token.expose().to_owned())));
        let signature = sign::wrapped_md5(&self.settings.app_secret, &parameters);
        parameters.insert("sign", signature);
        let form = parameters.iter().map(|(name, value)| (*name, value.as_str()));
        let answer = self.net.send(Request::post_form(self.settings.gateway.clone(), form)).await?.ok()?;
        if let Some(refusal) = gateway::part::<Refusal>(&answer.body, "error_response")? {
            return Err(refusal.error(method));
        }
        Ok(gateway::part(&answer.body, name)?.ok_or(Problem::MalformedAnswer)?)
    }
}

impl Refusal {
    fn error(&self, method: &str) -> FetchError {
        let wait = |wait| FetchError { problem: Problem::AskedToWait, retry_after: Some(wait) };
        let problem = match self.error_code.number::<u32>() {
            // The agreement was withdrawn; the token is over; the token or the app is wrong.
            Some(10_014 | 10_019 | 10_035 | 20_032) => Problem::SecretRefused,
            // No such app, or refused; its signature; from where it calls.
            Some(10_010 | 10_011 | 10_016 | 20_004 | 20_005 | 30_001) => Problem::AppRefused,
            Some(20_031 | 30_000) => Problem::NotAllowed { missing: method.to_owned() },
            Some(50_000 | 50_002 | 52_001 | 52_002 | 52_102 | 52_103 | 70_033) => Problem::HttpStatus { status: 503 },
            Some(52_101 | 70_031) => return wait(WAIT),
            Some(70_036) => return wait(LONG_WAIT),
            _ => Problem::refused(self.error_code.as_str()),
        };
        problem.into()
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use crate::domain::problem::Problem;

    #[test]
    fn codes_are_understood() {
        let missing = || "pdd.goods.list.get".to_owned();
        for (json, problem, wait) in [
            (r#"{"error_code":10019,"sub_code":null}"#, Problem::SecretRefused, None),
            (r#"{"error_code":20004}"#, Problem::AppRefused, None),
            (r#"{"error_code":"20031"}"#, Problem::NotAllowed { missing: missing() }, None),
            (r#"{"error_code":50000}"#, Problem::HttpStatus { status: 503 }, None),
            (r#"{"error_code":70031}"#, Problem::AskedToWait, Some(60)),
            (r#"{"error_code":70036}"#, Problem::AskedToWait, Some(3_600)),
            (r#"{"error_code":10000}"#, Problem::Refused { code: "10000".to_owned() }, None),
        ] {
            let refusal: Refusal = serde_json::from_str(json).unwrap();
            let error = refusal.error("pdd.goods.list.get");
            assert_eq!((error.problem, error.retry_after.map(|wait| wait.as_secs())), (problem, wait), "{json}");
        }
    }
}
