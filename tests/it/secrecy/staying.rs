//! A secret that was typed where the bot may not take it away.

use crate::store::values::event_id;
use crate::store::values::room_id;
use crate::store::values::user;
use crate::support::sending::DESK;
use crate::support::sending::Sending;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::Number;

fn typed(name: &str, by: Option<&str>) -> What {
    What::TakeAway { event: event_id(name), by: by.map(user), account: Some(Number(1)) }
}

#[tokio::test]
async fn whoever_typed_a_secret_that_stays_is_told_once() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.homeserver.refuses_redactions(403);
    sending.start();
    // A command that is worked off again after a restart asks for the same.
    for _ in 0..2 {
        sending.queue("mary", typed("said", Some("joy"))).await;
        sending.nothing_waits().await;
        sending.stop().await;
        sending.start();
    }
    let said = sending.said_to(DESK);
    assert_eq!(said.len(), 1, "{said:?}");
    let hers = sending.homeserver.events().into_iter().filter(|event| event.room == room_id(DESK).as_str());
    let whole: String = hers.map(|event| event.content).collect();
    for part in ["typed a secret in a direct chat", "revoke that secret of shop 1", "https://trade.example/secret/once"] {
        assert!(whole.contains(part), "{part}: {whole}");
    }
    sending.queue("mary", typed("said-again", Some("joy"))).await;
    sending.nothing_waits().await;
    assert_eq!(sending.said_to(DESK).len(), 2, "another secret is told of");
    assert!(sending.said_to("mary").is_empty(), "the contact is told nothing");
}

#[tokio::test]
async fn in_her_own_room_she_is_told_too() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.homeserver.refuses_redactions(403);
    sending.start();
    sending.queue(DESK, typed("said", Some("joy"))).await;
    sending.nothing_waits().await;
    let said = sending.said_to(DESK);
    assert!(said.len() == 1 && said[0].contains("not allowed to delete your message"), "{said:?}");
}

#[tokio::test]
async fn of_a_secret_that_is_gone_nothing_is_said_and_to_a_stranger_neither() {
    let mut sending = Sending::with_friends(&["mary"]).await;
    sending.start();
    sending.queue("mary", typed("taken-away", Some("joy"))).await;
    sending.nothing_waits().await;
    assert!(sending.homeserver.is_redacted("$taken-away"));
    sending.homeserver.refuses_redactions(404);
    sending.queue("mary", typed("not-there", Some("joy"))).await;
    sending.nothing_waits().await;
    sending.homeserver.refuses_redactions(403);
    sending.queue("mary", typed("of-a-stranger", None)).await;
    sending.nothing_waits().await;
    assert!(sending.said_to(DESK).is_empty(), "{:?}", sending.said_to(DESK));
}
