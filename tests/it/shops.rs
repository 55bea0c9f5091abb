//! Whole ways, from real shops through the built program and a real homeserver into direct rooms.

use crate::support::Scene;
use crate::support::user::Person;

mod bazaar;
mod oscar;
mod secrets;
mod vendure;

/// Joy's room with the bot, and her direct room with Mary, in which she shares everything that she offers,
/// sells and buys: of the account with number 1.
struct Stage {
    office: String,
    room: String,
}

impl Stage {
    /// Joy adds an account by `command` and hears `answer`.
    async fn set(scene: &Scene, command: &str, answer: &str) -> Self {
        let joy = &scene.joy;
        let office = joy.opens_direct_room_with(&scene.bot()).await;
        joy.sees_membership(&office, &scene.bot(), "join").await;
        joy.says(&office, command).await;
        joy.hears(&office, answer).await;
        Self { room: shares(scene, &scene.mary).await, office }
    }

    /// Joy shows her sales and purchases too; she is asked each time whether she means it.
    async fn shows_orders(&self, scene: &Scene) {
        let joy = &scene.joy;
        for (number, asked) in [(1, "They go only to contacts for whom"), (2, "Shall I show")] {
            joy.says(&self.office, &format!("set for {number} kinds listings, sales, purchases")).await;
            joy.hears(&self.office, asked).await;
            let yes = joy.says(&self.office, "yes").await;
            joy.sees_reaction(&self.office, &yes, "✅").await;
        }
    }
}

/// Opens Joy's direct room with somebody and begins to share there.
async fn shares(scene: &Scene, friend: &Person) -> String {
    let joy = &scene.joy;
    let room = joy.opens_direct_room_with(&friend.id).await;
    friend.joins(&room).await;
    joy.invites(&room, &scene.bot()).await;
    joy.sees_membership(&room, &scene.bot(), "join").await;
    let command = joy.says(&room, "!share with here").await;
    joy.sees_reaction(&room, &command, "✅").await;
    room
}

/// Nothing of the customer stands in any of these rooms.
async fn is_free_of_customers(scene: &Scene, rooms: &[&str], canary: &str) {
    for room in rooms {
        let events = serde_json::to_string(&scene.joy.events(room).await).unwrap();
        assert!(!events.to_lowercase().contains(&canary.to_lowercase()), "{events}");
    }
}
