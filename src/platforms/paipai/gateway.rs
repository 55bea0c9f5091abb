//! Paipai's interface: an address for each method, and a signature like that of OAuth 1.0a.

use super::PaipaiSettings;
use crate::domain::problem::Problem;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::platforms::china;
use crate::platforms::china::Loose;
use crate::platforms::sign;
use crate::platforms::sign::Parameters;
use crate::values::Secret;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// Paipai's interface, as one seller's app reaches it.
pub(super) struct Gateway<'a> {
    pub(super) settings: &'a PaipaiSettings,
    pub(super) context: Context<'a>,
    /// The seller's number.
    pub(super) seller: String,
    pub(super) token: Secret,
}

/// What stands in every answer.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "errorCode")]
    code: Loose,
    #[serde(default, rename = "errorMessage")]
    message: Loose,
}

impl Gateway<'_> {
    /// Calls the method that stands at `path`.
    pub(super) async fn call<T: DeserializeOwned>(&self, path: &str, query: &[(&'static str, String)]) -> Result<T, FetchError> {
        let mut url = self.settings.address.join(path).map_err(|_| Problem::NotAnAddress)?;
        let now = self.context.now;
        let mut parameters = Parameters::from([
            ("accessToken", self.token.expose().to_owned()),
            ("appOAuthID", self.settings.app_key.clone()),
            ("charset", "utf-8".to_owned()),
            ("format", "json".to_owned()),
            ("pureData", "1".to_owned()),
            // It need not be secret, only another one each time.
            ("randomValue", (10_000 + now.as_microsecond().rem_euclid(9_000_000)).to_string()),
            ("sellerUin", self.seller.clone()),
            ("timeStamp", now.as_millisecond().to_string()),
            ("uin", self.seller.clone()),
        ]);
        parameters.extend(query.iter().map(|(name, value)| (*name, value.clone())));
        let signature = signature(&self.settings.app_secret, url.path(), &parameters);
        parameters.insert("sign", signature);
        let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={}", sign::percent_encoded(value))).collect();
        url.set_query(Some(&pairs.join("&")));
        let answer = self.context.net.send(Request::get(url)).await?.ok()?;
        let head: Head = answer.json()?;
        match head.code.as_str() {
            "0" => Ok(answer.json()?),
            code => Err(problem(code, head.message.as_str()).into()),
        }
    }
}

/// Over the method of HTTP, the path and the sorted parameters, whose values are not encoded one by one.
fn signature(secret: &Secret, path: &str, parameters: &Parameters<'_>) -> String {
    let sorted: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let text = format!("GET&{}&{}", sign::percent_encoded(path), sign::percent_encoded(&sorted.join("&")));
    let key = Zeroizing::new(format!("{}&", secret.expose()));
    sign::hmac_sha1(key.as_bytes(), text.as_bytes())
}

/// The codes are not known any more, only what was said with them.
fn problem(code: &str, message: &str) -> Problem {
    match china::by_words(code, message) {
        Problem::Refused { .. } if message.to_lowercase().contains("uin") => Problem::NoSuchAccount,
        problem => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::signature;
    use crate::platforms::sign::Parameters;
    use crate::values::Secret;

    #[test]
    fn requests_are_signed_as_by_paipais_own_software() {
        let pairs = [
            ("accessToken", "tok"),
            ("appOAuthID", "700000001"),
            ("charset", "utf-8"),
            ("format", "json"),
            ("pageIndex", "1"),
            ("pageSize", "20"),
            ("randomValue", "11229"),
            ("sellerUin", "10001"),
            ("timeStamp", "1355270400000"),
            ("uin", "10001"),
        ];
        let parameters: Parameters<'_> = pairs.map(|(name, value)| (name, value.to_owned())).into();
        assert_eq!(signature(&Secret::new("appkey"), "/deal/sellerSearchDealList.xhtml", &parameters), "hnEh2hMqDmh/5OLhUn4JKwLlqQg=");
    }
}
