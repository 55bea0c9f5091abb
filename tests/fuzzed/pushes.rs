//! What platforms send by themselves, signed as it must be: what is behind the signature is tried, and
//! that nothing passes with another one. The first line says whose it is and what topic, the rest is
//! the body.

use super::checks;
use super::shops;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use http::HeaderMap;
use sha2::Sha256;
use tradepost::domain::ids::PlatformId;
use tradepost::platforms::Credentials;
use tradepost::platforms::Login;
use tradepost::platforms::push::Pushed;
use tradepost::platforms::push::Refusal;
use tradepost::platforms::push::Said;
use tradepost::values::Secret;

/// The secret of our hook.
const OURS: &str = "5e1f6a2f0a8d4f0c9d7b6a5f4e3d2c1b0a99887766554433";
/// With what the app signs at Shopify, behind its token.
const CREDENTIALS: &str = "shpat_1234567890abcdef1234567890abcdef 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";
const APP_SECRET: &str = "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";

/// A push with the right signature, and with a wrong one.
pub(super) fn pushes(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (head, body) = (String::from_utf8_lossy(&data[..end]), &data[end + 1..]);
    let (platform, topic) = head.split_once(' ').unwrap_or((&head, ""));
    let (account, headers) = match platform {
        "bazaar" => ("joy123", of_partner(body)),
        "shopify" => ("joy.myshopify.com", of_shopify(topic, body)),
        "woocommerce" => ("https://shop.example/", of_woocommerce(topic, body)),
        _ => return,
    };
    for is_confirmed in [true, false] {
        match read(platform, account, &headers, body, is_confirmed) {
            Ok(Said::News { trades, .. }) => {
                checks::trades(&trades);
                assert!(is_confirmed || platform != "bazaar", "nobody has agreed");
            }
            Err(Refusal::Signature) => panic!("it is signed"),
            Err(refusal) => assert!(refusal.to_string().len() < 10_000, "{refusal}"),
            _ => {}
        }
    }
    let mut other = body.to_vec();
    other.push(b' ');
    let refused = read(platform, account, &headers, &other, true);
    assert!(matches!(refused, Err(Refusal::Signature | Refusal::Malformed(_))), "{refused:?}");
}

fn read(platform: &str, account: &str, headers: &HeaderMap, body: &[u8], is_confirmed: bool) -> Result<Said, Refusal> {
    let platforms = shops::platforms();
    let adapter = platforms.get(&PlatformId::new(platform)).unwrap();
    let credentials = Credentials::new(Secret::new(CREDENTIALS));
    let login = Login { name: account, user: None, credentials: Some(&credentials), links: None };
    let pushed = Pushed { headers, body, secret: &Secret::new(OURS), is_confirmed };
    adapter.push().unwrap().read(&login, &pushed, shops::now())
}

fn of_partner(body: &[u8]) -> HeaderMap {
    let seconds = shops::now().as_second();
    let signed = [format!("msg_1.{seconds}.").as_bytes(), body].concat();
    headers([
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", &seconds.to_string()),
        ("webhook-signature", &format!("v1,{}", mac(OURS, &signed))),
        ("content-type", "application/json"),
    ])
}

fn of_shopify(topic: &str, body: &[u8]) -> HeaderMap {
    headers([("x-shopify-topic", topic), ("x-shopify-shop-domain", "joy.myshopify.com"), ("x-shopify-hmac-sha256", &mac(APP_SECRET, body))])
}

fn of_woocommerce(topic: &str, body: &[u8]) -> HeaderMap {
    headers([("x-wc-webhook-topic", topic), ("x-wc-webhook-signature", &mac(OURS, body)), ("content-type", "application/json")])
}

fn headers<const N: usize>(pairs: [(&'static str, &str); N]) -> HeaderMap {
    pairs.into_iter().filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?))).collect()
}

fn mac(key: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}
