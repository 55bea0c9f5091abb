//! What the store decodes. The first line says what it is, the rest is its JSON. What is read is written,
//! and read again the same: so nothing that was once stored is lost by being stored again.

use super::chat;
use super::checks;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use tradepost::domain::delivery::Delivery;
use tradepost::domain::delivery::Frozen;
use tradepost::domain::delivery::Posting;
use tradepost::domain::notice::Notice;
use tradepost::domain::panel::Panel;
use tradepost::domain::room::Room;
use tradepost::domain::shared::SharedTrade;
use tradepost::domain::sharer::Language;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::source::Item;
use tradepost::domain::source::Source;
use tradepost::domain::trade::Trade;
use tradepost::platforms::Credentials;
use tradepost::store::Named;
use tradepost::store::ParkedEvent;
use tradepost::store::PendingEvent;
use tradepost::store::Remembered;
use tradepost::texts;

/// As a posting lies in the store: flat, beside its number.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Numbered {
    #[serde(default)]
    number: u64,
    #[serde(flatten)]
    posting: Posting,
}

/// A value of the store.
pub(super) fn stored(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let json = &data[end + 1..];
    match &data[..end] {
        b"sharer" => sharer(json),
        b"source" => drop(again::<Source>(json)),
        b"item" => drop(again::<Item>(json)),
        b"trade" => again::<Trade>(json).iter().for_each(|trade| checks::line(&trade.title)),
        b"room" => drop(again::<Room>(json)),
        b"delivery" => drop(again::<Delivery>(json)),
        b"attempt" => drop(again::<Frozen>(json)),
        b"posting" => drop(again::<Numbered>(json)),
        b"shared" => drop(again::<SharedTrade>(json)),
        b"event" => drop(again::<PendingEvent>(json)),
        b"parked" => drop(again::<ParkedEvent>(json)),
        b"reaction" => drop(again::<Remembered>(json)),
        b"name" => drop(again::<Named>(json)),
        b"panel" => drop(again::<Panel>(json)),
        b"notice" => notice(json),
        b"credentials" => credentials(json),
        _ => {}
    }
}

fn again<T: Serialize + DeserializeOwned + PartialEq + Debug>(json: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(json).ok()?;
    let written = serde_json::to_string(&value).unwrap();
    let read: T = serde_json::from_str(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(read, value, "{written}");
    Some(value)
}

fn sharer(json: &[u8]) {
    let Some(sharer) = again::<Sharer>(json) else { return };
    for contact in &sharer.contacts {
        checks::line(&contact.name);
        assert!(sharer.contact_in(&contact.room).is_some());
    }
}

fn notice(json: &[u8]) {
    let Some(notice) = again::<Notice>(json) else { return };
    for language in [Language::English, Language::SimplifiedChinese] {
        chat::html(&texts::render(language, &notice).html);
    }
}

fn credentials(json: &[u8]) {
    let Some(read) = Credentials::from_json(json) else { return };
    assert_eq!(Credentials::from_json(read.to_json().as_bytes()), Some(read));
}
