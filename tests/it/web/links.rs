//! Links that are good once: a secret that is typed, a consent that comes back.

use super::behind::Address;
use super::behind::read;
use std::collections::BTreeMap;
use tradepost::domain::sharer::Language;
use tradepost::platforms::SecretForm;

#[tokio::test]
async fn looking_at_a_link_does_not_use_it_up_and_a_secret_does() {
    let address = Address::open().await;
    address.desk.link("once", SecretForm::Token, None);
    for method in [reqwest::Method::GET, reqwest::Method::HEAD, reqwest::Method::GET] {
        assert_eq!(read(address.request(method, "secret/once")).await.0, 200);
    }
    let (status, page) = read(address.submit("secret/once", "secret=hush")).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("<h1>Done</h1>") && !page.contains("hush"), "{page}");
    assert_eq!(address.desk.done().secrets, ["hush"]);
    for request in [address.get("secret/once"), address.submit("secret/once", "secret=hush"), address.get("secret/unheard-of")] {
        let (status, page) = read(request).await;
        assert_eq!(status, 410, "{page}");
        assert!(page.contains("This link is not good any more"), "{page}");
    }
    assert_eq!(address.desk.done().secrets, ["hush"]);
}

#[tokio::test]
async fn a_secret_that_is_not_accepted_can_be_typed_again() {
    let address = Address::open().await;
    address.desk.link("once", SecretForm::Keys, None);
    for (form, said) in [
        ("name=key&secret=wrong", "The secret is not accepted"),
        ("name=a+key&secret=hush", "does not have the form"),
        ("name=&secret=hush", "does not have the form"),
        ("secret=", "does not have the form"),
        ("%00=%ff&&&=", "does not have the form"),
    ] {
        let (status, page) = read(address.submit("secret/once", form)).await;
        assert_eq!(status, 422, "{page}");
        assert!(page.contains(said) && page.contains("<form") && !page.contains("wrong\""), "{page}");
    }
    assert_eq!(read(address.post("secret/once").body("name=key&secret=hush")).await.0, 415);
    assert_eq!(read(address.submit("secret/once", "name=+key&secret=hu+sh+")).await.0, 200);
    assert_eq!(address.desk.done().secrets, ["key hu sh"]);
}

#[tokio::test]
async fn a_page_is_in_the_language_of_whoever_asked_for_it_else_of_the_browser_else_of_the_server() {
    let address = Address::open().await;
    address.desk.link("hers", SecretForm::Token, Some(Language::SimplifiedChinese));
    address.desk.link("anybodys", SecretForm::Token, None);
    for (token, browser, language) in [
        ("hers", "en", "zh-CN"),
        ("anybodys", "zh-TW,en;q=0.5", "zh-CN"),
        ("anybodys", "de, en;q=0.5", "en"),
        ("anybodys", "de", "en"),
        ("gone", "zh", "zh-CN"),
    ] {
        let (_, page) = read(address.get(&format!("secret/{token}")).header("accept-language", browser)).await;
        assert!(page.contains(&format!("<html lang=\"{language}\">")), "{token} {browser}: {page}");
    }
}

#[tokio::test]
async fn nothing_from_outside_becomes_a_part_of_a_page() {
    let address = Address::open().await;
    address.desk.link("odd", SecretForm::Login, None);
    {
        let mut done = address.desk.done();
        let ask = done.links.get_mut("odd").unwrap();
        ask.platform = "<b>`**a".to_owned();
        ask.account = "\"><script>alert(1)</script>".to_owned();
    }
    let (_, page) = read(address.get("secret/odd")).await;
    assert!(page.contains("&#60;b&#62;`**a") && page.contains("script&#62;alert(1)"), "{page}");
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
}

#[tokio::test]
async fn an_answer_to_a_consent_comes_by_browser_or_from_the_shop() {
    let address = Address::open().await;
    let chinese = address.get("consent/shopify?code=a%2Bb&state=good&shop=tea.example").header("accept-language", "en");
    let (status, page) = read(chinese).await;
    assert_eq!(status, 200);
    assert!(page.contains("<h1>完成</h1>"), "{page}");
    let query = [("code", "a+b"), ("state", "good"), ("shop", "tea.example")];
    let query: BTreeMap<String, String> = query.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    assert_eq!(address.desk.done().consents, [("shopify".to_owned(), query, String::new())]);

    let (status, page) = read(address.get("consent/shopify?state=refused")).await;
    assert_eq!(status, 422);
    assert!(page.contains("That did not work") && page.contains("read_orders"), "{page}");
    assert_eq!(read(address.get("consent/shopify?state=used")).await.0, 410);
    assert_eq!(read(address.get("consent/shopify?state=broken")).await.0, 503);

    let sends =
        |body: &'static str| address.post("consent/woocommerce").header("content-type", "Application/JSON;charset=UTF-8").body(body);
    assert_eq!(read(sends("\"good\"")).await, (200, "{\"done\":true}\n".to_owned()));
    assert_eq!(read(sends("\"refused\"")).await, (422, "{\"error\":\"not-allowed\"}\n".to_owned()));
    assert_eq!(read(sends("{}")).await.0, 410);
    assert_eq!(read(sends("\"broken\"")).await.0, 503);
    assert_eq!(address.desk.done().consents[4].2, "\"good\"");
}

#[tokio::test]
async fn a_consent_is_not_used_up_by_looking_and_its_answer_is_bounded() {
    let address = Address::open().await;
    let head = address.request(reqwest::Method::HEAD, "consent/shopify?state=good").send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["allow"].to_str().unwrap()), (405, "GET,POST"));
    assert_eq!(read(address.post("consent/woocommerce").body("{}")).await.0, 415);
    let large = address.post("consent/woocommerce").header("content-type", "application/json").body("x".repeat((64 << 10) + 1));
    assert_eq!(read(large).await.0, 413);
    assert_eq!(read(address.get("consent/woocommerce/done")).await.0, 200);
    assert_eq!(address.desk.done().consents.len(), 0);
}

#[tokio::test]
async fn what_was_begun_is_done_though_she_goes_away() {
    let address = Address::open().await;
    address.desk.link("once", SecretForm::Token, None);
    address.desk.held.send_replace(true);
    let given = tokio::spawn(address.submit("secret/once", "secret=hush").send());
    let looked = async || {
        let mut step = tokio::time::interval(std::time::Duration::from_millis(10));
        while address.desk.held.receiver_count() == 0 {
            step.tick().await;
        }
    };
    looked().await;
    given.abort();
    assert!(given.await.unwrap_err().is_cancelled());
    // The server has time to see that nobody waits any more.
    tokio::time::timeout(std::time::Duration::from_millis(500), std::future::pending::<()>()).await.unwrap_err();
    address.desk.held.send_replace(false);
    let mut step = tokio::time::interval(std::time::Duration::from_millis(10));
    while address.desk.done().secrets.is_empty() {
        step.tick().await;
    }
    assert_eq!(address.desk.done().secrets, ["hush"]);
}
