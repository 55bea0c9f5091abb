//! Consent on the shop's own page.

use super::adapter;
use crate::fakes::woocommerce::KEY;
use crate::fakes::woocommerce::SECRET;
use crate::support::Visitor;
use std::collections::BTreeMap;
use tradepost::domain::problem::Problem;
use tradepost::platforms::FetchError;
use tradepost::platforms::Platform;
use tradepost::platforms::consent::Answered;
use tradepost::platforms::consent::Ask;
use tradepost::platforms::consent::Granted;
use url::Url;

fn answers_to() -> Url {
    Url::parse("https://bot.example/consent/woocommerce").unwrap()
}

async fn redeems(body: &str) -> Result<Granted, FetchError> {
    let (visitor, platform) = (Visitor::new(), adapter());
    let answered = Answered { typed: "shop.example", query: &BTreeMap::new(), body: body.as_bytes(), answers_to: &answers_to() };
    platform.consent().unwrap().redeem(&visitor.context(), &answered).await
}

#[test]
fn she_agrees_on_a_page_of_her_own_shop() {
    let platform = adapter();
    let ends_at = Url::parse("https://bot.example/done").unwrap();
    for (typed, writes, shop, scope) in [
        ("shop.example", true, "https://shop.example/", "read_write"),
        ("http://127.0.0.1:8009/tea/product/pot", false, "http://127.0.0.1:8009/tea/", "read"),
    ] {
        let ask = Ask { typed, state: "s7a7e", answers_to: &answers_to(), ends_at: &ends_at, writes };
        let page = platform.consent().unwrap().page(&ask).unwrap();
        let query: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
        assert_eq!(page.as_str().split('?').next().unwrap(), format!("{shop}wc-auth/v1/authorize"));
        let expected = [
            ("app_name", "tradepost"),
            ("callback_url", "https://bot.example/consent/woocommerce"),
            ("return_url", "https://bot.example/done"),
            ("scope", scope),
            ("user_id", "s7a7e"),
        ];
        assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }
    let ask = Ask { typed: "teapots", state: "s", answers_to: &answers_to(), ends_at: &ends_at, writes: false };
    assert_eq!(platform.consent().unwrap().page(&ask), Err(Problem::NotAnAddress));
}

#[tokio::test]
async fn the_shop_sends_a_pair_of_keys() {
    let body = format!(
        r#"{{"key_id": 1, "user_id": "s7a7e", "consumer_key": "{KEY}", "consumer_secret": "{SECRET}", "key_permissions": "read"}}"#
    );
    let platform = adapter();
    let state = platform.consent().unwrap().state_of(&BTreeMap::new(), body.as_bytes());
    assert_eq!(state.as_deref(), Some("s7a7e"));
    let granted = redeems(&body).await.unwrap();
    assert_eq!((granted.credentials.secret.expose(), granted.account), (format!("{KEY} {SECRET}").as_str(), None));
}

#[tokio::test]
async fn what_is_no_pair_of_keys_is_refused() {
    let platform = adapter();
    for body in ["", "user_id=s7a7e", "[]", "\u{FFFD}", r#"{"user_id": 7}"#] {
        assert_eq!(platform.consent().unwrap().state_of(&BTreeMap::new(), body.as_bytes()), None, "{body}");
    }
    for body in ["", r#"{"consumer_key": "ck_a"}"#, r#"{"consumer_key": "ck_a b", "consumer_secret": "cs_b"}"#] {
        assert_eq!(redeems(body).await.unwrap_err().problem, Problem::MalformedAnswer, "{body}");
    }
}
