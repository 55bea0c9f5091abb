//! What is said to the sharer and asked of a contact: panels and where they stand, purchases that
//! are held, and whether she agrees.

use crate::store::values::at;
use crate::store::values::event_id;
use crate::store::values::room;
use crate::store::values::room_id;
use crate::store::values::trade;
use crate::store::values::user;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use serde_json::json;
use tradepost::domain::delivery::AskedIn;
use tradepost::domain::delivery::NewDelivery;
use tradepost::domain::delivery::Target;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::EventId;
use tradepost::domain::panel::Panel;
use tradepost::domain::panel::Scope;
use tradepost::domain::room::Room;
use tradepost::domain::sharer::Consent;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::store::Commit;

fn panel(keys: u32, arrows: bool) -> Panel {
    let pages = if arrows { 2 } else { 1 };
    Panel { owner: user("joy"), scope: Scope::Main, page: 0, pages, rows: Vec::new(), keys, arrows, stale: false }
}

/// Shows a panel: a new one to Joy, wherever that is, and an edit where it stands.
async fn show(sending: &Sending, panel: Panel, edits: Option<EventId>, asked_in: Option<AskedIn>) {
    let target = if edits.is_some() { Target::Room(room_id(DESK)) } else { Target::Person(user("joy")) };
    let what = What::Panel { panel, edits, asked_in };
    let deliveries = vec![NewDelivery { target, ..NewDelivery::in_room(room_id(DESK), what, at(0)) }];
    sending.commit(Commit { deliveries, ..Commit::default() }).await;
}

/// The event of Joy's panel.
async fn standing(sending: &Sending) -> EventId {
    sending.store.panel(&user("joy"), &Scope::Main).await.unwrap().unwrap()
}

/// The keys of the bot's reactions to `event`, in order.
fn reactions(sending: &Sending, event: &str) -> Vec<String> {
    let contents = sending.homeserver.events().into_iter().filter(|event| event.kind == "m.reaction").map(|event| event.content());
    let of_event = contents.filter(|content| content["m.relates_to"]["event_id"] == event);
    of_event.map(|content| content["m.relates_to"]["key"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_panel_gets_its_numbers_and_an_edit_only_what_it_lacks() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    show(&sending, panel(2, false), None, None).await;
    sending.start();
    sending.nothing_waits().await;
    let event = standing(&sending).await;
    assert_eq!(reactions(&sending, event.as_str()), ["1\u{FE0F}\u{20E3}", "2\u{FE0F}\u{20E3}"]);
    show(&sending, panel(3, true), Some(event.clone()), None).await;
    sending.nothing_waits().await;
    let keys = ["1\u{FE0F}\u{20E3}", "2\u{FE0F}\u{20E3}", "3\u{FE0F}\u{20E3}", "◀\u{FE0F}", "▶\u{FE0F}"];
    assert_eq!(reactions(&sending, event.as_str()), keys);
    show(&sending, panel(3, true), Some(event.clone()), None).await;
    sending.nothing_waits().await;
    assert_eq!(reactions(&sending, event.as_str()), keys);
    let shown = sending.shown_to(DESK);
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["m.mentions"], json!({}));
    assert_eq!(sending.store.panel(&user("joy"), &Scope::Main).await.unwrap(), Some(event));
}

#[tokio::test]
async fn a_panel_asked_for_elsewhere_is_pointed_to_there() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    show(&sending, panel(1, false), None, Some(AskedIn { room: room_id("mary"), to: event_id("asked") })).await;
    sending.start();
    sending.nothing_waits().await;
    let event = standing(&sending).await;
    let said = sending.shown_to("mary");
    assert_eq!(said.len(), 1);
    assert_eq!(said[0]["m.relates_to"], json!({"m.in_reply_to": {"event_id": "$asked"}}));
    let link = format!("https://matrix.to/#/%21joys-desk%3Aa.example/%24{}?via=a.example", event.as_str().trim_start_matches('$'));
    assert!(said[0]["body"].as_str().unwrap().contains(&link), "{said:#?}");
}

#[tokio::test]
async fn a_panel_is_edited_where_it_stands_and_not_where_somebody_else_came() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    show(&sending, panel(1, false), None, None).await;
    sending.start();
    sending.nothing_waits().await;
    let event = standing(&sending).await;
    // A newer room of Joy's own: what is new goes there.
    let other = Room { active_at: at(9), ..room("other", &["joy", "tradepost"]) };
    sending.commit(Commit { rooms: vec![other], ..Commit::default() }).await;
    show(&sending, panel(2, false), Some(event.clone()), None).await;
    sending.nothing_waits().await;
    assert_eq!(reactions(&sending, event.as_str()).len(), 2);
    sending.room_changes(DESK, |room| room.had_others = true).await;
    let before = sending.homeserver.requests().len();
    show(&sending, panel(3, false), Some(event), None).await;
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests().len(), before);
}

#[tokio::test]
async fn a_purchase_that_is_held_is_shown_to_its_sharer_with_its_number() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    let mug = Trade { kind: Kind::Purchase, ..trade("shop", "mug") };
    let notice = |sharer, trade, shop| What::HeldNotice { sharer, trade, shop, contacts: vec![Line::title("Mary")], hold_seconds: 900 };
    sending.queue_trade(DESK, mug.clone(), notice).await;
    sending.start();
    sending.nothing_waits().await;
    let body = &sending.bodies_to(DESK)[0];
    assert!(body.contains("mug") && body.contains("Mary") && body.contains('1'), "{body}");
    assert_eq!(sending.last_posting(DESK).await.shows[0].trade, mug.id());
}

#[tokio::test]
async fn a_contact_who_has_to_agree_is_asked_and_nothing_else_is_posted() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.contact_changes("mary", |contact| contact.consent = Consent::Asked).await;
    sending.queue("mary", What::Introduction { sharer: user("joy"), asks: true }).await;
    sending.queue_cards("mary", &["mug"]).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.shown_to("mary").len(), 1);
    assert_eq!(reactions(&sending, "$event-1"), ["✅", "❌"]);
    sending.contact_changes("mary", |contact| contact.consent = Consent::Given).await;
    sending.queue_cards("mary", &["pot"]).await;
    sending.nothing_waits().await;
    assert_eq!(sending.said_to("mary").last().unwrap(), "pot");
}

#[tokio::test]
async fn a_contact_who_said_no_is_not_asked() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.contact_changes("mary", |contact| contact.consent = Consent::Refused).await;
    sending.queue("mary", What::Introduction { sharer: user("joy"), asks: true }).await;
    sending.start();
    sending.nothing_waits().await;
    assert_eq!(sending.homeserver.requests(), Vec::new());
}
