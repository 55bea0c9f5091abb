//! The newest offer beside the sharer's own name.

use super::stage::begins;
use super::stage::direct_room;
use crate::support::Scene;
use crate::support::stage::link;
use crate::support::user::moment;

/// Mary looks until this stands beside Joy's name.
async fn stands(scene: &Scene, line: &str) {
    let mut seen = String::new();
    for _ in 0..300 {
        let presence = scene.mary.client().get(&["presence", &scene.joy.id, "status"]).await;
        seen = presence["status_msg"].as_str().unwrap_or_default().to_owned();
        if seen == line {
            return;
        }
        moment().await;
    }
    panic!("{seen:?} stands beside her name, not {line:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_offer_stands_beside_her_name_until_it_is_undone_or_switched_off() {
    let scene = Scene::new().await;
    direct_room(&scene).await;
    let office = begins(&scene).await;
    scene.does(&office, "set output message, status").await;
    scene.joy.hears(&office, "Everybody who shares a room with you").await;
    scene.publishes(1);
    stands(&scene, "Teapot 1 - EUR 12.00").await;
    scene.publishes(2);
    stands(&scene, "Teapot 2 - EUR 12.00").await;
    scene.feed.reprices(&link(2), "9.00 EUR");
    stands(&scene, "Teapot 2 - EUR 9.00").await;
    // What is set for all holds there too.
    scene.does(&office, "set price < 10 EUR").await;
    scene.publishes(3);
    scene.feed.is_asked_twice().await;
    stands(&scene, "Teapot 2 - EUR 9.00").await;
    scene.does(&office, "undo 2").await;
    stands(&scene, "").await;
    scene.does(&office, "set price any").await;
    scene.publishes(4);
    stands(&scene, "Teapot 4 - EUR 12.00").await;
    scene.does(&office, "set output message").await;
    stands(&scene, "").await;
    scene.does(&office, "set output message, status").await;
    scene.publishes(5);
    stands(&scene, "Teapot 5 - EUR 12.00").await;
    scene.does(&office, "as bot").await;
    stands(&scene, "").await;
}
