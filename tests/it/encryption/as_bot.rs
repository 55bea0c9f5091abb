//! The bot in encrypted rooms: it reads commands, and what it says is encrypted.

use crate::support::Scene;
use crate::support::element::Element;
use crate::support::element::Mode;

#[tokio::test]
async fn a_strict_client_talks_to_the_bot_in_an_encrypted_room_of_her_own() {
    let scene = Scene::new().await;
    let joy = Element::log_in(&scene.homeserver, &scene.joy.id, Mode::Strict).await;
    let office = joy.opens_direct_room_with(&scene.bot()).await;
    let greeting = joy.reads(&office, "add feed https://").await;
    joy.says(&office, "!share version").await;
    let answer = joy.reads(&office, env!("CARGO_PKG_VERSION")).await;
    assert!(greeting.is_encrypted() && answer.is_encrypted());
    assert!(answer.is_from_cross_signed_device());
    assert_eq!(joy.cannot_read(), vec![]);
}
