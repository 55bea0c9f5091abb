//! The public address of the program itself.

use crate::support::Scene;
use crate::support::client::http_client;
use crate::support::ports::free_port;
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_program_opens_its_public_address_apart_from_all_else() {
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let config = format!("double_puppet.allow = []\nweb = {{ public_url = \"{url}\", listen = \"127.0.0.1:{port}\" }}\n");
    let scene = Scene::with_config(config.parse().unwrap()).await;
    let status = async |address: &str, path: &str| http_client().get(format!("{address}{path}")).send().await.unwrap().status().as_u16();
    assert_eq!(status(&url, "/").await, 200);
    assert_eq!(status(&url, "/secret/unheard-of").await, 410);
    assert_eq!(status(&url, "/consent/unheard-of?state=unheard-of").await, 410);
    assert_eq!(http_client().post(format!("{url}/hooks/unheard-of")).send().await.unwrap().status().as_u16(), 404);
    for path in ["/metrics", "/live", "/ready", "/_matrix/app/v1/users/@a:b"] {
        assert_eq!(status(&url, path).await, 404, "{path}");
        assert_ne!(status(&scene.tradepost.address(), path).await, 404, "{path}");
    }
    for path in ["/secret/unheard-of", "/.well-known/tradepost"] {
        assert_eq!(status(&scene.tradepost.address(), path).await, 404, "{path}");
    }
    let check = Command::new(env!("CARGO_BIN_EXE_tradepost")).arg("check").arg("-c").arg(scene.tradepost.config_path()).output().unwrap();
    let said = String::from_utf8(check.stdout).unwrap();
    assert!(said.contains(&format!("✅ the public address {url}/ leads to tradepost")), "{said}");
}
