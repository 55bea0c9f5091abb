//! JD's gateway: one address, the method and its parameters signed, and answers that say by themselves
//! whether they are one.

use super::JdSettings;
use crate::domain::problem::Problem;
use crate::net::Answer;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::platforms::china;
use crate::platforms::china::Loose;
use crate::platforms::sign;
use crate::platforms::sign::Parameters;
use crate::values::Secret;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// JD's gateway, as one merchant's app reaches it.
pub(super) struct Gateway<'a> {
    pub(super) settings: &'a JdSettings,
    pub(super) context: Context<'a>,
    pub(super) token: Secret,
}

#[derive(Deserialize)]
struct Refused {
    code: Loose,
}

/// What stands in every answer beside what was asked for.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    code: Loose,
}

impl Gateway<'_> {
    /// Calls `method`. The keys of `query` are sent in the order of its fields, as one text of JSON.
    pub(super) async fn call<T: DeserializeOwned>(&self, method: &str, query: &impl Serialize) -> Result<T, FetchError> {
        let query = serde_json::to_string(query).map_err(|_| Problem::MalformedAnswer)?;
        let mut parameters = Parameters::from([
            ("360buy_param_json", query),
            ("access_token", self.token.expose().to_owned()),
            ("app_key", self.settings.app_key.clone()),
            ("method", method.to_owned()),
            ("timestamp", china::local_with_zone(self.context.now)),
            ("v", "2.0".to_owned()),
        ]);
        let signature = sign::wrapped_md5(&self.settings.app_secret, &parameters);
        parameters.insert("sign", signature);
        let fields = parameters.iter().map(|(name, value)| (*name, value.as_str()));
        let request = Request::post_form(self.settings.address.clone(), fields);
        let answer = self.context.net.send(request).await?.ok()?;
        Ok(read(method, &answer)?)
    }
}

/// What stands in an answer for `method`. Its name there is the method's with `_responce` behind it, a
/// misspelling that JD keeps.
fn read<T: DeserializeOwned>(method: &str, answer: &Answer) -> Result<T, Problem> {
    let parts: BTreeMap<String, Box<RawValue>> = answer.json()?;
    if let Some(refused) = parts.get("error_response") {
        let refused: Refused = part(refused)?;
        return Err(problem(method, refused.code.as_str()));
    }
    let name = method.replace('.', "_");
    let found = parts.get(&format!("{name}_responce")).or_else(|| parts.get(&format!("{name}_response")));
    let found = found.ok_or(Problem::MalformedAnswer)?;
    match part::<Head>(found)?.code.as_str() {
        "" | "0" => part(found),
        code => Err(problem(method, code)),
    }
}

fn part<T: DeserializeOwned>(raw: &RawValue) -> Result<T, Problem> {
    serde_json::from_str(raw.get()).map_err(|_| Problem::MalformedAnswer)
}

/// What the gateway's codes mean.
fn problem(method: &str, code: &str) -> Problem {
    match code {
        // Too many calls.
        "2" => Problem::AskedToWait,
        // The token is missing or no longer one.
        "18" | "19" => Problem::SecretRefused,
        // Who agreed is no merchant, or is another one.
        "22" | "71" => Problem::NoSuchAccount,
        // The clock, the signature, the app's key, or an app that is not released.
        "7" | "8" | "11" | "12" | "20" | "21" | "25" => Problem::AppRefused,
        // Not for this app, not for such a merchant, or only in JD's own cloud.
        "24" | "64" | "72" | "73" => Problem::NotAllowed { missing: method.to_owned() },
        // JD's own troubles.
        "1" | "23" | "43" | "65" | "66" | "67" | "69" => Problem::HttpStatus { status: 503 },
        _ => Problem::refused(code),
    }
}
