//! What becomes of secrets: where they stay, who is told, and that they stand nowhere in the clear.

mod nowhere;
mod rotation;
mod staying;

use crate::support::Scene;
use crate::support::client::http_client;
use crate::support::ports::free_port;
use serde_json::Value;
use std::process::Command;
use tokio::task::block_in_place;
use toml::Table;
use url::Url;

/// A public address, a shop that is asked each second, and a log of everything that can be logged.
fn config() -> Table {
    let port = free_port();
    let text = format!(
        "[web]\npublic_url = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\n\
         [logging]\nlevel = \"trace\"\n\
         [platforms.woocommerce]\ninterval_seconds = 1\n"
    );
    text.parse().unwrap()
}

/// The first address in a message that holds `part`.
fn address_in(event: &Value, part: &str) -> Url {
    let body = event["content"]["body"].as_str().unwrap();
    let found = body.split_whitespace().find(|word| word.contains("://") && word.contains(part));
    found.unwrap_or_else(|| panic!("{body}")).parse().unwrap()
}

/// Submits a page: the status, and what is shown then.
async fn submits(page: &Url, form: &[(&str, &str)]) -> (u16, String) {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let asked = http_client().post(page.clone()).header("content-type", "application/x-www-form-urlencoded").body(body);
    let answer = asked.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Types `tradepost` and these words, with the configuration of a scene: the status, and all that is said.
fn types(scene: &Scene, words: &[&str]) -> (i32, String) {
    let typed = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tradepost"));
        command.args(words).arg("-c").arg(scene.tradepost.config_path()).env_remove("RUST_LOG");
        command.output().unwrap()
    };
    let output = block_in_place(typed);
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
    (output.status.code().unwrap(), said)
}
