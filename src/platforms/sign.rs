//! How platforms have requests signed. Most Chinese ones do it alike, by what Taobao began with.

use crate::values::Secret;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use md5::Digest;
use md5::Md5;
use sha1::Sha1;
use sha2::Sha256;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Parameters in the byte order of their names, in which they are signed.
pub(super) type Parameters<'a> = BTreeMap<&'a str, String>;

/// `UPPER(hex(md5(secret + k1v1k2v2… + secret)))` (Taobao, JD, Pinduoduo, Dangdang). Parameters without
/// name or value are left out, as the gateways leave them out.
pub(super) fn wrapped_md5(secret: &Secret, parameters: &Parameters<'_>) -> String {
    let text = Zeroizing::new(format!("{0}{1}{0}", secret.expose(), *concatenated(parameters)));
    hex::encode_upper(Md5::digest(text.as_bytes()))
}

/// `UPPER(hex(hmac-md5(secret, k1v1k2v2…)))` (Taobao, `sign_method=hmac`).
#[cfg(test)]
fn hmac_md5(secret: &Secret, parameters: &Parameters<'_>) -> String {
    hex::encode_upper(mac::<Hmac<Md5>>(secret.expose().as_bytes(), concatenated(parameters).as_bytes()))
}

/// `UPPER(hex(hmac-sha256(secret, k1v1k2v2…)))` (Taobao, `sign_method=hmac-sha256`).
pub(super) fn hmac_sha256_hex(secret: &Secret, parameters: &Parameters<'_>) -> String {
    hex::encode_upper(mac::<Hmac<Sha256>>(secret.expose().as_bytes(), concatenated(parameters).as_bytes()))
}

/// `base64(hmac-sha256(key, text))` (webhooks of `WooCommerce` and Shopify; OAuth 1.0a).
pub(super) fn hmac_sha256(key: &[u8], text: &[u8]) -> String {
    BASE64_STANDARD.encode(mac::<Hmac<Sha256>>(key, text))
}

/// Whether `signature` is `base64(hmac-sha256(key, text))`, compared in constant time.
pub(super) fn is_hmac_sha256(key: &[u8], text: &[u8], signature: &str) -> bool {
    BASE64_STANDARD.decode(signature.trim()).is_ok_and(|signature| is_mac_sha256(key, text, &signature))
}

/// The same of a signature that is decoded already.
pub(super) fn is_mac_sha256(key: &[u8], text: &[u8], signature: &[u8]) -> bool {
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return false };
    mac.update(text);
    mac.verify_slice(signature).is_ok()
}

/// `base64(hmac-sha1(key, text))` (Paipai).
pub(super) fn hmac_sha1(key: &[u8], text: &[u8]) -> String {
    BASE64_STANDARD.encode(mac::<Hmac<Sha1>>(key, text))
}

/// Percent-encoding of everything but letters, digits and `-._~` (RFC 3986, OAuth 1.0a).
pub(super) fn percent_encoded(text: &str) -> String {
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    form.replace('+', "%20").replace('*', "%2A").replace("%7E", "~")
}

fn concatenated(parameters: &Parameters<'_>) -> Zeroizing<String> {
    let filled = parameters.iter().filter(|(name, value)| !name.is_empty() && !value.is_empty());
    Zeroizing::new(filled.flat_map(|(name, value)| [*name, value.as_str()]).collect())
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of an HMAC may have any length, so this never fails.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::Parameters;
    use super::hmac_md5;
    use super::hmac_sha1;
    use super::hmac_sha256_hex;
    use super::percent_encoded;
    use super::wrapped_md5;
    use crate::values::Secret;

    const TAOBAO: &[(&str, &str)] = &[
        ("method", "taobao.item.seller.get"),
        ("app_key", "12345678"),
        ("session", "test"),
        ("timestamp", "2016-01-01 12:00:00"),
        ("format", "json"),
        ("v", "2.0"),
        ("fields", "num_iid,title,nick,price,num"),
        ("num_iid", "11223344"),
    ];

    fn parameters<'a>(pairs: &[(&'a str, &str)]) -> Parameters<'a> {
        pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    fn taobao(method: &str) -> Parameters<'static> {
        let mut signed = parameters(TAOBAO);
        signed.insert("sign_method", method.to_owned());
        signed
    }

    #[test]
    fn taobaos_published_example_is_signed_alike() {
        assert_eq!(wrapped_md5(&Secret::new("helloworld"), &taobao("md5")), "66987CB115214E59E6EC978214934FB8");
    }

    #[test]
    fn empty_values_are_not_signed() {
        let mut signed = taobao("md5");
        signed.insert("empty", String::new());
        assert_eq!(wrapped_md5(&Secret::new("helloworld"), &signed), "66987CB115214E59E6EC978214934FB8");
    }

    #[test]
    fn taobaos_newer_methods_sign_the_same_text() {
        let secret = Secret::new("helloworld");
        assert_eq!(hmac_md5(&secret, &taobao("hmac")), "D56D7858309C31B6251083A874D48273");
        let sha256 = "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8";
        assert_eq!(hmac_sha256_hex(&secret, &taobao("hmac-sha256")), sha256);
    }

    #[test]
    fn jds_published_example_is_signed_alike() {
        let json = r#"{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT","page":"1","page_size":"200","start_date":null}"#;
        let signed = parameters(&[
            ("360buy_param_json", json),
            ("access_token", "yourtoken"),
            ("app_key", "yourappkey"),
            ("method", "jingdong.pop.order.search"),
            ("timestamp", "2021-05-07 09:20:39.683+0800"),
            ("v", "2.0"),
        ]);
        assert_eq!(wrapped_md5(&Secret::new("yourappSecret"), &signed), "D70825340F4084360B9362B60DFD7930");
    }

    #[test]
    fn pinduoduos_published_example_is_signed_alike() {
        let signed = parameters(&[
            ("access_token", "asd78172s8ds9a921j9qqwda12312w1w21211"),
            ("client_id", "1"),
            ("data_type", "XML"),
            ("order_status", "1"),
            ("page", "1"),
            ("page_size", "10"),
            ("timestamp", "1480411125"),
            ("type", "pdd.order.number.list.get"),
        ]);
        assert_eq!(wrapped_md5(&Secret::new("testSecret"), &signed), "E4DE3ED21002510DED352819E7AE6775");
    }

    #[test]
    fn dangdang_signs_the_systems_parameters() {
        let signed = parameters(&[
            ("app_key", "1111111111"),
            ("format", "xml"),
            ("method", "dangdang.orders.list.get"),
            ("session", "SESS"),
            ("sign_method", "md5"),
            ("timestamp", "2014-11-25 00:00:00"),
            ("v", "1.0"),
        ]);
        assert_eq!(wrapped_md5(&Secret::new("SECRET"), &signed), "67804E172C5A9AC58D1CB8789F623FE2");
    }

    #[test]
    fn paipai_signs_like_oauth() {
        let sorted = "accessToken=tok&appOAuthID=700000001&charset=utf-8&format=json&pageIndex=1&pageSize=20&randomValue=11229\
                      &sellerUin=10001&timeStamp=1355270400000&uin=10001";
        let text = format!("GET&{}&{}", percent_encoded("/deal/sellerSearchDealList.xhtml"), percent_encoded(sorted));
        assert_eq!(hmac_sha1(b"appkey&", text.as_bytes()), "hnEh2hMqDmh/5OLhUn4JKwLlqQg=");
    }
}
