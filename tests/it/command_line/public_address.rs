//! Whether `check` finds what is wrong with the way to the public address.

use super::Ended;
use super::Homeserver;
use super::Ping;
use super::Site;
use super::answer;
use super::assert_found;
use super::check;
use super::port_of;
use super::serve;
use crate::support::client::http_client;
use crate::support::ports::free_port;
use axum::Router;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::routing::any;
use serde_json::json;

/// Gives a site a public address, and says where tradepost listens for it.
fn publish(site: &Site, url: &str, port: u16) {
    let section = format!("[web]\npublic_url = \"{url}\"\nlisten = \"127.0.0.1:{port}\"\n");
    site.write("config.toml", &format!("{}{section}", site.read("config.toml")));
}

/// Checks a site with this public address, where tradepost listens on `port`.
async fn check_at(url: &str, port: u16) -> Ended {
    check(Homeserver::good(), |site| publish(site, url, port)).await
}

/// A proxy that asks `port` for what it makes of the path.
async fn proxy(port: u16, path: fn(&str) -> String) -> String {
    let pass = async move |uri: Uri| {
        let asked = http_client().get(format!("http://127.0.0.1:{port}{}", path(uri.path()))).send().await;
        let Ok(got) = asked else { return StatusCode::BAD_GATEWAY.into_response() };
        (got.status(), got.text().await.unwrap()).into_response()
    };
    serve(Router::new().fallback(pass)).await
}

fn assert_well(ended: &Ended) {
    assert_eq!(ended.status, 0, "{}", ended.out);
    assert!(ended.out.contains("leads to tradepost"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_public_address_it_is_said_what_that_means() {
    let ended = check(Homeserver::good(), |_| ()).await;
    assert_eq!(ended.status, 0);
    assert!(ended.out.contains("✅ no public address is set (web.public_url): shops are polled"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_here_is_well_whether_the_proxy_takes_the_path_away_or_not() {
    let port = free_port();
    assert_well(&check_at(&format!("http://127.0.0.1:{port}"), port).await);
    let port = free_port();
    assert_well(&check_at(&format!("{}/trade/post", proxy(port, str::to_owned).await), port).await);
    let port = free_port();
    let stripping = proxy(port, |path| path.replacen("/trade/post", "", 1)).await;
    assert_well(&check_at(&format!("{stripping}/trade/post/"), port).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tradepost_that_runs_is_known_by_what_it_says_of_itself() {
    let says = |nonce: &'static str| any(async move || answer(200, &json!({ "nonce": nonce })));
    let port = port_of(&serve(Router::new().fallback(says("this one"))).await);
    assert_well(&check_at(&proxy(port, str::to_owned).await, port).await);
    let other = serve(Router::new().fallback(says("another one"))).await;
    assert_found(&check_at(&other, port).await, 21, "another tradepost answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_in_which_it_does_not_lead_here_is_told_apart() {
    let elsewhere = |path: &str| format!("/elsewhere{path}x");
    let port = free_port();
    assert_found(&check_at(&proxy(port, elsewhere).await, port).await, 21, "leads to tradepost, but with another path");
    assert_found(&check_at(&proxy(free_port(), str::to_owned).await, free_port()).await, 21, "does not reach tradepost (status 502)");

    let moved = async || Redirect::permanent("https://www.shop.example/there?token=hush");
    let login = async || StatusCode::UNAUTHORIZED;
    let blog = async || "<h1>Welcome to my garden</h1>";
    let empty = async || StatusCode::NOT_FOUND;
    for (site, what) in [
        (any(moved), "leads on to https://www.shop.example/there"),
        (any(login), "asks for a login"),
        (any(blog), "another site answers (status 200)"),
        (any(empty), "another site answers (status 404)"),
    ] {
        let ended = check_at(&serve(Router::new().fallback(site)).await, free_port()).await;
        assert_found(&ended, 21, what);
        assert!(!ended.out.contains("hush"), "{}", ended.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_without_address_a_port_without_server_and_a_server_without_tls_are_told_apart() {
    assert_found(&check_at("https://tradepost.invalid", free_port()).await, 21, "the name tradepost.invalid has no address");
    assert_found(&check_at(&format!("http://127.0.0.1:{}", free_port()), free_port()).await, 21, "cannot be reached");
    let plain = serve(Router::new()).await.replace("http:", "https:");
    assert_found(&check_at(&plain, free_port()).await, 21, "no safe connection can be made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_of_another_program_and_a_program_that_was_started_before_are_told() {
    let port = port_of(&serve(Router::new()).await);
    assert_found(&check_at(&format!("http://127.0.0.1:{port}"), port).await, 19, "in use by another program");

    let refuses = any(async || answer(401, &json!({"errcode": "M_MISSING_TOKEN", "error": "no token"})));
    let running = port_of(&serve(Router::new().fallback(refuses)).await);
    let mut homeserver = Homeserver::good();
    homeserver.ping = Ping::Answers(200, json!({"duration_ms": 1}));
    let site = Site::new();
    site.set_up(&homeserver.start(running).await, running);
    let port = free_port();
    publish(&site, &format!("http://127.0.0.1:{port}"), port);
    let ended = tokio::task::block_in_place(|| site.type_line("check"));
    assert_found(&ended, 21, "tradepost is running, but does not listen");
}
