//! Whether encryption works: the key file, the devices' keys, and what the homeserver has of the bot's
//! device. No keys are read or used, and nothing is asked as that device.

use super::Finding;
use super::Report;
use super::homeserver::Bot;
use super::homeserver::Homeserver;
use super::listening;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::config::Config;
use crate::matrix::crypto::WITNESS;
use crate::vault::Key;
use crate::vault::VaultError;
use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use serde_json::json;
use std::io::ErrorKind;

/// Whether the key file and the devices' keys can be used. `is_sealed`: something in the database needs
/// the key file.
pub(super) fn files(config: &Config, is_sealed: bool) -> Vec<Finding> {
    let key_file = key_file(config, is_sealed);
    if config.encryption.allow {
        vec![key_file, directory(config)]
    } else {
        vec![key_file, Ok(((), "encryption is off: the bot stays out of encrypted rooms".to_owned()))]
    }
}

fn key_file(config: &Config, is_sealed: bool) -> Finding {
    let file = config.encryption.key_file.display();
    let has_keys = config.encryption.path.read_dir().is_ok_and(|mut files| files.next().is_some());
    match Key::load(&config.encryption.key_file) {
        Ok(_) => Ok(((), format!("the key file {file} can be used"))),
        Err(VaultError::Missing { .. }) if !is_sealed && !has_keys => Ok(((), format!("the key file {file} is made at the first start"))),
        Err(error) => {
            let hint = error.hint();
            Err(Failure::new(ExitStatus::Encryption, error, hint))
        }
    }
}

fn directory(config: &Config) -> Finding {
    let path = &config.encryption.path;
    let shown = path.display();
    match tempfile::tempfile_in(path) {
        Ok(_) => Ok(((), format!("the devices' keys can be written in {shown}"))),
        Err(error) if error.kind() == ErrorKind::NotFound && !path.exists() => {
            Ok(((), format!("the directory {shown} for the devices' keys is made at the first start")))
        }
        Err(error) => {
            let error = anyhow::Error::new(error).context(format!("the devices' keys cannot be written in {shown}"));
            Err(Failure::new(ExitStatus::Encryption, error, "set encryption.path to a directory where tradepost may write"))
        }
    }
}

/// How the tradepost that runs says it stands.
pub(super) async fn running(report: &mut Report, config: &Config) {
    if let Some(said) = listening::encryption(config).await {
        report.note(match said.strip_prefix("does not work") {
            Some(_) => Err(Failure::said(ExitStatus::Encryption, format!("that tradepost says: encryption {said}"), LOG)),
            None => Ok(((), format!("that tradepost says: encryption is {said}"))),
        });
    }
}

/// Whether the homeserver has what it needs of the bot's device, and answers it.
pub(super) async fn examine(report: &mut Report, homeserver: &Homeserver<'_>, bot: Bot) {
    if !homeserver.config.encryption.allow {
        return;
    }
    if bot == Bot::ToCome {
        report.note(Ok(((), TO_COME.to_owned())));
        return;
    }
    if let Some(Some(keys)) = report.note(device(homeserver).await) {
        report.note(signed(&keys));
        report.note(kept(homeserver.config, &keys.id));
    }
    report.note(sync(homeserver).await);
}

const TO_COME: &str = "the bot's device gets its keys at the first start";

/// What other clients can know of the bot and its device.
struct Keys {
    bot: String,
    id: String,
    device: Value,
    master: Value,
    self_signing: Value,
}

/// Whether the device that the bot had last is there, with keys.
async fn device(homeserver: &Homeserver<'_>) -> Result<(Option<Keys>, String), Failure> {
    let bot = homeserver.config.us().bot.to_string();
    let witness = homeserver.as_bot(Method::GET, &format!("v3/user/{bot}/account_data/{WITNESS}"), &[]);
    let (_, witness) = homeserver.answer(witness).await?;
    let Some(id) = witness["device"].as_str() else { return Ok((None, TO_COME.to_owned())) };
    let query = homeserver.as_bot(Method::POST, "v3/keys/query", &[]);
    let (_, mut answer) = homeserver.answer(with_json(query, &json!({"device_keys": {&bot: [id]}}))).await?;
    let device = answer["device_keys"][&bot][id].take();
    if device.is_null() {
        let (status, _) = homeserver.answer(homeserver.as_bot(Method::GET, &format!("v3/devices/{id}"), &[])).await?;
        let what = if status == 200 { "has uploaded no keys" } else { "is gone" };
        return Err(Failure::said(ExitStatus::Encryption, format!("the bot's device {id} {what}"), RESTART));
    }
    let line = format!("the bot's device {id} is there, with its keys");
    let (master, self_signing) = (answer["master_keys"][&bot].take(), answer["self_signing_keys"][&bot].take());
    Ok((Some(Keys { id: id.to_owned(), device, master, self_signing, bot }), line))
}

/// Whether clients that are strict about it believe that the device is the bot's. That the signatures
/// are there is enough: the homeserver and every client look at them themselves.
fn signed(keys: &Keys) -> Finding {
    let (Some(master), Some(self_signing)) = (key_id(&keys.master), key_id(&keys.self_signing)) else {
        return Err(Failure::said(ExitStatus::Encryption, "the bot has no cross-signing keys", RESTART));
    };
    let has_signature = |of: &Value, by: &str| of["signatures"][&keys.bot].get(by).is_some();
    if !has_signature(&keys.self_signing, master) {
        return Err(Failure::said(ExitStatus::Encryption, "the bot's self-signing key is not signed by its master key", RESTART));
    }
    if !has_signature(&keys.device, self_signing) {
        return Err(Failure::said(ExitStatus::Encryption, "the bot's device is not cross-signed", RESTART));
    }
    Ok(((), "the bot's device is cross-signed".to_owned()))
}

/// Whether the device's own keys are here.
fn kept(config: &Config, device: &str) -> Finding {
    let path = config.encryption.path.join(device);
    if path.is_dir() {
        return Ok(((), format!("the keys of that device are in {}", path.display())));
    }
    let what = format!("the keys of the bot's device are not in {}", path.display());
    let hint = "start tradepost again: the bot takes a new device, and everybody who shares is told. \
        If they are in another directory, set encryption.path to it first";
    Err(Failure::said(ExitStatus::Encryption, what, hint))
}

/// The id of a cross-signing key, which is also that of its signatures.
fn key_id(key: &Value) -> Option<&str> {
    key["keys"].as_object()?.keys().next().map(String::as_str)
}

/// Whether the bot can receive what is sent to devices.
async fn sync(homeserver: &Homeserver<'_>) -> Finding {
    let nothing = json!({"types": []});
    let filter = json!({"room": {"rooms": []}, "presence": nothing, "account_data": nothing}).to_string();
    let query = [("timeout", "0"), ("set_presence", "offline"), ("filter", filter.as_str())];
    let (status, answer) = homeserver.answer(homeserver.as_bot(Method::GET, "v3/sync", &query)).await?;
    if answer["next_batch"].is_string() {
        return Ok(((), "the homeserver answers when the bot asks what was sent to its device".to_owned()));
    }
    let errcode = answer["errcode"].as_str().unwrap_or_default();
    let what = format!("the bot cannot ask what was sent to its device: {errcode} ({status})");
    Err(Failure::said(ExitStatus::Encryption, what, "see the homeserver's log: without it nothing in encrypted rooms can be read"))
}

fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header(CONTENT_TYPE, "application/json").body(body.to_string())
}

const LOG: &str = "its log says more; it tries again by itself";

const RESTART: &str = "start tradepost again, which makes and signs what is missing; its log says why it cannot";
