//! What is stored of a sharer, as files that she can keep and other programs can read. The form is
//! described in `docs/PERSONAL_DATA.md` and has a version; a field is added without a new one, and none is
//! renamed or taken away.

use super::Actions;
use super::Result;
use crate::domain::delivery::Posting;
use crate::domain::ids::RoomId;
use crate::domain::ids::TradeId;
use crate::domain::ids::UserId;
use crate::domain::link::PublicLink;
use crate::domain::shared::KEPT;
use crate::domain::shared::SharedTrade;
use crate::domain::sharer::Account;
use crate::domain::sharer::Contact;
use crate::domain::sharer::Sharer;
use crate::domain::source::Subscription;
use crate::domain::trade::Trade;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

/// The version of the form.
const VERSION: u32 = 1;
/// How large a file becomes, in bytes; what is more goes into another.
const LARGEST: usize = 512 * 1_024;
/// How many files there are at the most.
const FILES: usize = 20;
/// How many messages are named of each room.
const POSTED: usize = 10_000;

/// What is stored of a sharer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Name and content of each file.
    pub files: Vec<(String, String)>,
    /// How many entries did not fit.
    pub left_out: u32,
}

impl Actions {
    /// Everything that is stored of `user`, but for secrets.
    pub async fn export(&self, user: &UserId, now: Timestamp) -> Result<Export> {
        let sharer = self.sharer(user).await?;
        let mut entries = Vec::new();
        for shared in self.store().newest_shared(user, KEPT as usize).await? {
            let trade = self.store().trade(&shared.trade).await?;
            entries.push(("trades", decided(&shared, trade.as_ref())));
        }
        for posting in self.posted(&sharer).await? {
            let links = self.links_of(&posting).await?;
            entries.push(("posted", posted(&posting, &links)));
        }
        let mut head = of_herself(&sharer);
        let mut accounts = Vec::new();
        for account in &sharer.accounts {
            let source = self.store().source(&account.source).await?;
            let pushes = source.as_ref().is_some_and(|source| source.push.as_ref().is_some_and(Subscription::sends));
            accounts.push(account_entry(account, source.as_ref().map(|source| source.name.as_str()), pushes));
        }
        head.insert("accounts".to_owned(), Value::Array(accounts));
        Ok(in_files(user, &head, entries, now))
    }

    async fn posted(&self, sharer: &Sharer) -> Result<Vec<Posting>> {
        let rooms = self.store().rooms_of(&sharer.id).await?.into_iter().map(|room| room.id);
        let rooms: BTreeSet<RoomId> = rooms.chain(sharer.contacts.iter().map(|contact| contact.room.clone())).collect();
        let mut postings = Vec::new();
        for room in rooms {
            postings.extend(self.store().postings_to(&sharer.id, &room, POSTED).await?);
        }
        Ok(postings)
    }

    async fn links_of(&self, posting: &Posting) -> Result<Vec<String>> {
        let trades: BTreeSet<&TradeId> = posting.shows.iter().map(|shown| &shown.trade).collect();
        let mut links = Vec::new();
        for trade in trades {
            let trade = self.store().trade(trade).await?;
            links.extend(trade.and_then(|trade| trade.link).map(|link| link.as_str().to_owned()));
        }
        Ok(links)
    }
}

fn of_herself(sharer: &Sharer) -> Map<String, Value> {
    let own_name = sharer.own_name.as_ref();
    let head = json!({
        "language": sharer.language,
        "paused": sharer.paused,
        "settings": sharer.settings,
        "categories": sharer.categories,
        "contacts": sharer.contacts.iter().map(contact_entry).collect::<Vec<_>>(),
        "wishes": sharer.wishes,
        "mutes_everyone": sharer.mutes_everyone,
        "rooms_opened": sharer.opened.iter().map(|opened| json!({"user": opened.person, "opened_at": opened.at})).collect::<Vec<_>>(),
        "own_name": own_name.map(|own| json!({"agreed_at": own.agreed_at, "device": own.device.as_ref().map(|device| &device.id)})),
    });
    if let Value::Object(head) = head { head } else { Map::new() }
}

fn account_entry(account: &Account, name: Option<&str>, pushes: bool) -> Value {
    json!({
        "number": account.number,
        "platform": account.platform,
        "name": name,
        "label": account.label,
        "kinds": account.kinds,
        "paused": account.paused,
        "interval_seconds": account.interval_seconds,
        "sends_by_itself": pushes,
        "added_at": account.added_at,
    })
}

fn contact_entry(contact: &Contact) -> Value {
    json!({
        "number": contact.number,
        "user": contact.person,
        "name": contact.name,
        "room": contact.room,
        "state": contact.state,
        "muted": contact.mute.is_some(),
        "settings": contact.settings,
    })
}

fn decided(shared: &SharedTrade, trade: Option<&Trade>) -> Value {
    let contacts = shared.contacts.iter().map(|decided| json!({"name": decided.person, "user": decided.user, "why_not": decided.unmeant}));
    json!({
        "number": shared.number,
        "shop": shared.shop,
        "kind": trade.map(|trade| trade.kind),
        "title": trade.map(|trade| &trade.title),
        "price": trade.and_then(|trade| trade.price.as_ref()),
        "link": trade.and_then(|trade| trade.link.as_ref()).map(PublicLink::as_str),
        "decided_at": shared.decided_at,
        "categories": shared.categories.iter().map(|belongs| &belongs.category).collect::<Vec<_>>(),
        "contacts": contacts.collect::<Vec<_>>(),
        "undone": shared.undone,
    })
}

fn posted(posting: &Posting, links: &[String]) -> Value {
    json!({"room": posting.room, "event": posting.event, "posted_at": posting.posted_at, "in_own_name": posting.sender.is_some(), "links": links})
}

/// Parts the entries so that no file becomes too large; what she set stands in the first one.
fn in_files(user: &UserId, head: &Map<String, Value>, entries: Vec<(&'static str, Value)>, now: Timestamp) -> Export {
    let size = |value: &Value| value.to_string().len() + 1;
    let mut parts: Vec<Vec<(&'static str, Value)>> = vec![Vec::new()];
    let mut free = LARGEST.saturating_sub(size(&Value::Object(head.clone())));
    let mut left_out = 0;
    for (list, entry) in entries {
        let needed = size(&entry);
        if needed > free {
            if parts.len() == FILES {
                left_out += 1;
                continue;
            }
            parts.push(Vec::new());
            free = LARGEST;
        }
        free = free.saturating_sub(needed);
        if let Some(part) = parts.last_mut() {
            part.push((list, entry));
        }
    }
    let count = parts.len();
    let files = (1..).zip(parts).map(|(number, part)| {
        let mut file = if number == 1 { head.clone() } else { Map::new() };
        for list in ["trades", "posted"] {
            let of_list = part.iter().filter(|(name, _)| *name == list).map(|(_, entry)| entry.clone());
            file.insert(list.to_owned(), Value::Array(of_list.collect()));
        }
        let about = [
            ("format", json!("tradepost personal data")),
            ("version", json!(VERSION)),
            ("part", json!(number)),
            ("parts", json!(count)),
            ("left_out", json!(left_out)),
            ("user", json!(user)),
            ("made_at", json!(now)),
        ];
        file.extend(about.map(|(name, value)| (name.to_owned(), value)));
        let date = now.strftime("%Y-%m-%d");
        let name = if count == 1 { format!("tradepost-{date}.json") } else { format!("tradepost-{date}-{number}-of-{count}.json") };
        (name, Value::Object(file).to_string())
    });
    Export { files: files.collect(), left_out }
}

#[cfg(test)]
mod tests {
    use super::FILES;
    use super::LARGEST;
    use super::in_files;
    use super::of_herself;
    use crate::domain::ids::UserId;
    use crate::domain::own_name::OpenedRoom;
    use crate::domain::sharer::Mute;
    use crate::domain::sharer::Sharer;
    use jiff::Timestamp;
    use serde_json::Map;
    use serde_json::Value;
    use serde_json::json;

    fn files(entries: usize) -> super::Export {
        let entries = (0..entries).map(|number| ("trades", json!({"number": number, "title": "x".repeat(1_000)}))).collect();
        let head = Map::from_iter([("paused".to_owned(), json!(false))]);
        in_files(&UserId::new("@joy:a.example"), &head, entries, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn that_she_wants_nothing_of_anybody_is_in_it() {
        let mut joy = Sharer::new(UserId::new("@joy:a.example"));
        assert_eq!(of_herself(&joy)["mutes_everyone"], Value::Null);
        joy.mutes_everyone = Some(Mute { since_at: Timestamp::UNIX_EPOCH, until_at: None });
        assert_eq!(of_herself(&joy)["mutes_everyone"]["since_at"], "1970-01-01T00:00:00Z");
    }

    #[test]
    fn who_was_invited_in_her_name_is_in_it() {
        let mut joy = Sharer::new(UserId::new("@joy:a.example"));
        joy.opened.push(OpenedRoom { person: UserId::new("@mary:a.example"), at: Timestamp::UNIX_EPOCH });
        assert_eq!(of_herself(&joy)["rooms_opened"], json!([{"user": "@mary:a.example", "opened_at": "1970-01-01T00:00:00Z"}]));
    }

    #[test]
    fn what_is_little_is_one_file() {
        let export = files(2);
        let [(name, content)] = export.files.as_slice() else { panic!("{export:?}") };
        assert_eq!(name, "tradepost-1970-01-01.json");
        let content: Value = serde_json::from_str(content).unwrap();
        assert_eq!((&content["version"], &content["parts"], &content["paused"]), (&json!(1), &json!(1), &json!(false)));
        assert_eq!(content["trades"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn what_is_much_is_parted_and_nothing_is_lost() {
        let export = files(2_000);
        assert!(export.files.len() > 1 && export.left_out == 0);
        let mut numbers = Vec::new();
        for (_, content) in &export.files {
            assert!(content.len() < LARGEST + 1_024);
            let content: Value = serde_json::from_str(content).unwrap();
            numbers.extend(content["trades"].as_array().unwrap().iter().map(|trade| trade["number"].as_u64().unwrap()));
        }
        assert_eq!(numbers, (0..2_000).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let export = files(20_000);
        assert_eq!(export.files.len(), FILES);
        let kept: usize = export.files.iter().map(|(_, content)| content.matches("\"number\"").count()).sum();
        assert_eq!(kept + export.left_out as usize, 20_000);
        assert!(export.files[0].1.contains(&format!("\"left_out\":{}", export.left_out)));
    }
}
