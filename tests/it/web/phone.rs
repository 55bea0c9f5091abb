//! The pages as somebody sees them on her phone.

use super::behind::Address;
use super::behind::SHOWN_ADDRESS;
use super::behind::SHOWN_SECRET;
use super::behind::read;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_on_a_phone_once_and_only_when_she_asks_for_it() {
    for (code, language, heading, shown) in [
        ("en", Language::English, "What vendure needs", "For your webhooks"),
        ("zh-CN", Language::SimplifiedChinese, "vendure 需要的信息", "用于你的 webhook"),
    ] {
        let address = Address::open().await;
        address.desk.showing("once", Some(language));
        let page = address.at("secret/once");
        // Clients look at links before people do, some of them more than once.
        for method in [reqwest::Method::HEAD, reqwest::Method::GET, reqwest::Method::GET] {
            let (status, text) = read(address.request(method, "secret/once")).await;
            assert_eq!(status, 200);
            assert!(!text.contains("hu\"sh") && !text.contains("0123456789"), "{text}");
        }
        let browser = Browser::open(code).await;
        browser.goes_to(&page).await;
        assert_eq!(browser.text("h1").await, heading);
        assert_eq!(browser.counts("code").await, 0);
        fits_a_phone(&browser).await;
        browser.screenshot(&format!("show-{code}.png")).await;

        browser.clicks("button").await;
        browser.sees("h1", shown).await;
        assert_eq!(browser.text("dd:nth-of-type(1)").await, SHOWN_ADDRESS);
        assert_eq!(browser.text("dd:nth-of-type(2)").await, SHOWN_SECRET);
        fits_a_phone(&browser).await;
        browser.clicks("dd:nth-of-type(2) code").await;
        let marked = browser.evaluates("return window.getSelection().toString().trim()").await;
        assert_eq!(marked, SHOWN_SECRET, "a tap marks all of it");
        browser.screenshot(&format!("shown-{code}.png")).await;
        assert_eq!(browser.complaints().await, Vec::<String>::new());

        browser.goes_to(&page).await;
        assert_eq!(browser.counts("code").await, 0);
        let (status, text) = read(address.submit("secret/once", "")).await;
        assert!(status == 410 && !text.contains("0123456789"), "{status} {text}");
    }
}
