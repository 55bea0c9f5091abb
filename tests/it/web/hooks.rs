//! What shops send, and what they are answered.

use super::behind::Address;
use super::behind::read;
use serde_json::Value;
use serde_json::json;

#[tokio::test]
async fn a_shop_is_told_what_became_of_what_it_sent() {
    let address = Address::open().await;
    for (token, status, said) in [
        ("good", 200, json!({"accepted": 2, "unchanged": 1})),
        ("dry", 200, json!({"accepted": 3, "unchanged": 0, "dry_run": true})),
        ("unsigned", 401, json!({"error": "the signature is missing or wrong"})),
        ("stale", 401, json!({"error": "the timestamp is more than 300 seconds away from now"})),
        ("type", 415, json!({"error": "the content type must be application/json"})),
        ("malformed", 400, json!({"error": "no JSON"})),
        ("invalid", 422, json!({"error": "invalid", "reasons": ["no id", "no title"]})),
        ("unconfirmed", 403, json!({"error": "the account's owner has not confirmed it"})),
        ("nobody", 404, json!({"error": "there is no such hook"})),
        ("busy", 503, json!({"error": "busy"})),
        ("broken", 503, json!({"error": "it could not be stored"})),
        ("panics", 503, json!({"error": "it could not be worked off"})),
    ] {
        let answer = address.post(&format!("hooks/{token}")).header("x-signature", "by the shop").body("sold").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{token}");
        let wait = answer.headers().get("retry-after").map(|seconds| seconds.to_str().unwrap().to_owned());
        assert_eq!(wait.as_deref(), (status == 503).then_some(if token == "busy" { "2" } else { "5" }), "{token}");
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert_eq!(serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap(), said);
    }
    assert_eq!(address.desk.done().pushes[0], ("good".to_owned(), 4, "by the shop".to_owned()));
}

#[tokio::test]
async fn only_posts_are_pushes() {
    let address = Address::open().await;
    for method in [reqwest::Method::GET, reqwest::Method::HEAD, reqwest::Method::PUT, reqwest::Method::DELETE, reqwest::Method::OPTIONS] {
        let answer = address.request(method.clone(), "hooks/good").send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()), (405, "POST"), "{method}");
    }
    assert_eq!(read(address.post("hooks/")).await.0, 404);
    assert_eq!(read(address.post("hooks/good/more")).await.0, 404);
    assert_eq!(address.desk.done().pushes.len(), 0);
}

#[tokio::test]
async fn a_push_may_have_a_megabyte_and_no_more() {
    let address = Address::open().await;
    let largest = vec![b'x'; 1 << 20];
    assert_eq!(read(address.post("hooks/good").body(largest.clone())).await.0, 200);
    let mut larger = largest;
    larger.push(b'x');
    assert_eq!(read(address.post("hooks/good").body(larger.clone())).await.0, 413);
    let unannounced =
        futures_util::stream::iter(larger.chunks(64 << 10).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>());
    let answer = address.post("hooks/good").body(reqwest::Body::wrap_stream(unannounced)).send().await;
    // It may still be sending when it is answered.
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status().as_u16() == 413));
    assert_eq!(address.desk.done().pushes.len(), 1);
}

#[tokio::test]
async fn everything_stands_below_the_path_of_the_address_and_without_it_too() {
    // Some of these are called like routes.
    for path in ["/", "/trade/post/", "/hooks/", "/consent/", "/secret/", "/.well-known/", "/~joy/a.b-c_d/"] {
        let address = Address::open_below(path).await;
        let root = address.url.join("/").unwrap();
        for base in [&address.url, &root] {
            let get = |path: &str| reqwest::Client::new().get(base.join(path).unwrap());
            assert_eq!(read(get(".well-known/tradepost")).await, (200, "{\"nonce\":\"this very one\"}\n".to_owned()), "{path}");
            assert_eq!(read(get("consent/woocommerce/done")).await.0, 200, "{path}");
            assert_eq!(read(get("secret/gone")).await.0, 410, "{path}");
            let pushed = reqwest::Client::new().post(base.join("hooks/good").unwrap());
            assert_eq!(read(pushed).await.0, 200, "{path}");
        }
        assert_eq!(read(reqwest::Client::new().get(root.clone())).await, (200, "tradepost\n".to_owned()));
        assert_eq!(read(address.get("a/b/c/d")).await, (404, "tradepost: nothing stands here\n".to_owned()), "{path}");
    }
}
