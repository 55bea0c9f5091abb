//! The pages as somebody sees them on her phone.

use super::behind::Address;
use crate::support::browser::Browser;
use crate::support::browser::WIDTH;
use tradepost::domain::sharer::Language;
use tradepost::platforms::SecretForm;

/// What a thumb can hit, in CSS pixels.
const THUMB: f64 = 44.0;

/// Nothing has to be moved sideways, and what is touched is large enough.
async fn fits_a_phone(browser: &Browser) {
    let width = browser.evaluates("return document.documentElement.scrollWidth").await;
    assert!(width.as_f64().unwrap() <= f64::from(WIDTH), "{width}");
    for css in ["input", "button"] {
        if browser.counts(css).await > 0 {
            let (width, height) = browser.size(css).await;
            assert!(width >= THUMB && height >= THUMB, "{css} is {width} by {height}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_typed_on_a_phone_in_english() {
    let address = Address::open_below("/trade/post/").await;
    address.desk.link("once", SecretForm::Login, None);
    let browser = Browser::open("en").await;
    browser.goes_to(&address.at("secret/once")).await;
    assert_eq!(browser.text("h1").await, "Your secret for vendure");
    assert_eq!(browser.text("label[for=name]").await, "User name");
    fits_a_phone(&browser).await;
    browser.screenshot("secret-en.png").await;

    browser.types("#name", "joy@shop.example").await;
    browser.types("#secret", "wrong").await;
    browser.clicks("button").await;
    browser.sees(".problem", "The secret is not accepted").await;
    fits_a_phone(&browser).await;
    browser.screenshot("secret-refused-en.png").await;
    assert_eq!(browser.evaluates("return document.querySelector('#secret').value").await, "");

    browser.types("#name", "joy@shop.example").await;
    browser.types("#secret", "hu sh\"&<>").await;
    browser.clicks("button").await;
    browser.sees("h1", "Done").await;
    fits_a_phone(&browser).await;
    browser.screenshot("secret-done-en.png").await;
    assert_eq!(address.desk.done().secrets, ["joy@shop.example hu sh\"&<>"]);

    browser.goes_to(&address.at("secret/once")).await;
    browser.sees("h1", "This link is not good any more").await;
    browser.screenshot("secret-gone-en.png").await;
    // A form that was not accepted, and a link that is gone, are errors of HTTP; nothing else is complained of.
    let complaints = browser.complaints().await;
    let expected = |complaint: &&String| complaint.contains("status of 422") || complaint.contains("status of 410");
    assert_eq!(complaints.iter().filter(|complaint| !expected(complaint)).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_typed_on_a_phone_in_chinese() {
    let address = Address::open().await;
    address.desk.link("once", SecretForm::Token, Some(Language::SimplifiedChinese));
    let browser = Browser::open("zh-CN").await;
    browser.goes_to(&address.at("consent/woocommerce/done")).await;
    assert_eq!(browser.text("h1").await, "完成");
    browser.goes_to(&address.at("secret/once")).await;
    assert_eq!(browser.text("h1").await, "填写 vendure 的密钥");
    assert_eq!(browser.counts("input").await, 1);
    fits_a_phone(&browser).await;
    browser.screenshot("secret-zh.png").await;
    browser.types("#secret", "hush").await;
    browser.clicks("button").await;
    browser.sees("h1", "完成").await;
    browser.screenshot("secret-done-zh.png").await;
    assert_eq!(address.desk.done().secrets, ["hush"]);
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_in_a_page_would_not_run() {
    let address = Address::open().await;
    let browser = Browser::open("en").await;
    browser.goes_to(&address.at("consent/woocommerce/done")).await;
    browser
        .evaluates(
            "const script = document.createElement('script'); script.textContent = 'document.title = 1'; document.body.append(script)",
        )
        .await;
    assert_eq!(browser.evaluates("return document.title").await, "Done – tradepost");
    let complaints = browser.complaints().await;
    assert!(complaints.iter().any(|complaint| complaint.contains("Content Security Policy")), "{complaints:?}");
}
