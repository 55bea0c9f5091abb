//! How the shop knows who asks: OAuth 1.0a, since it has no TLS. Written after the rules of RFC 5849,
//! without anything of the adapter's.

use super::KEY;
use super::SECRET;
use super::State;
use super::hmac_sha256;
use http::request::Parts;
use std::collections::BTreeMap;

const REQUIRED: [&str; 5] = ["oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method"];

/// A refusal: its status and code.
pub(super) type Refused = (u16, &'static str);

const WRONG: Refused = (401, "woocommerce_rest_authentication_error");

impl State {
    /// Whether whoever asks may do so. Over plain HTTP a user and a password are not even looked at.
    pub(super) fn admits(&mut self, parts: &Parts) -> Result<(), Refused> {
        let given = parameters(parts.uri.query().unwrap_or_default());
        let has = |name: &&str| given.get(*name).is_some_and(|value| !value.is_empty());
        match REQUIRED.iter().filter(|name| has(name)).count() {
            0 => return Err((401, "woocommerce_rest_cannot_view")),
            count if count < REQUIRED.len() => return Err((401, "woocommerce_rest_authentication_missing_parameter")),
            _ => {}
        }
        let right = given["oauth_consumer_key"] == KEY
            && given["oauth_signature_method"] == "HMAC-SHA256"
            && given["oauth_signature"] == expected(parts, &given);
        let second: i64 = given["oauth_timestamp"].parse().map_err(|_| WRONG)?;
        let in_time = (second - self.now.as_second()).abs() <= 15 * 60;
        if !right || !in_time || !self.nonces.insert(given["oauth_nonce"].clone()) {
            return Err(WRONG);
        }
        let wanted = if parts.method == "GET" { "read" } else { "write" };
        let permitted = self.permissions == wanted || self.permissions == "read_write";
        if permitted { Ok(()) } else { Err(WRONG) }
    }
}

fn expected(parts: &Parts, given: &BTreeMap<String, String>) -> String {
    let host = parts.headers["host"].to_str().expect("a host");
    let address = format!("http://{host}{}", parts.uri.path());
    let signed = given.iter().filter(|(name, _)| *name != "oauth_signature");
    let text = signed.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&");
    let text = format!("{}&{}&{}", parts.method, encoded(&address), encoded(&text));
    hmac_sha256(&format!("{SECRET}&"), text.as_bytes())
}

/// The parameters of a query, decoded as PHP does.
pub(super) fn parameters(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&rest[..2]).expect("digits"), 16).expect("a number"));
                rest = &rest[2..];
            }
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).expect("text")
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}
