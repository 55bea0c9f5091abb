//! What every row begins with: a homeserver and a shop, each behind a way that can break, Joy who shares
//! what she offers there, and Mary who gets it; and the count at its end.

use super::Row;
use crate::support::Scene;
use crate::support::faulty::Faulty;
use crate::support::market::Market;
use crate::support::ports::free_port;
use crate::support::shifted::ShiftedClock;
use crate::support::synapse::Homeserver;
use crate::support::user::Person;
use crate::support::user::moment;
use jiff::SignedDuration;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use toml::Table;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;

/// How long a story may take to settle.
const PATIENCE: Duration = Duration::from_mins(3);
/// How far a clock of the test's own is set forward when nothing happens.
const JUMP: SignedDuration = SignedDuration::from_mins(20);

/// A story: what is there, and what was sent in it.
pub(super) struct Story {
    pub(super) scene: Scene,
    pub(super) market: Market,
    /// From the program to the homeserver.
    pub(super) to_homeserver: Faulty,
    /// From the homeserver to the program.
    pub(super) to_program: Faulty,
    /// The program's clock, where it runs within the test.
    pub(super) clock: Option<Arc<ShiftedClock>>,
    /// Whether that is set forward while nothing happens.
    pub(super) hurries: bool,
    pub(super) office: String,
    pub(super) room: String,
    /// The numbers of what was sent, in order.
    pub(super) sent: Vec<usize>,
    /// How much Joy had been told before.
    told_before: usize,
}

/// What is special about a story.
#[derive(Default)]
pub(super) struct Setting {
    /// The homeserver is the story's own, and may be restarted.
    pub(super) own_homeserver: bool,
    /// The program runs within the test, by a clock that can be set.
    pub(super) own_clock: bool,
    /// What is different in the configuration.
    pub(super) config: Table,
}

impl Story {
    /// With the built program and the shared homeserver.
    pub(super) async fn begins() -> Self {
        Self::set(Setting::default()).await
    }

    /// The same, with a homeserver of its own.
    pub(super) async fn with_own_homeserver() -> Self {
        Self::set(Setting { own_homeserver: true, ..Setting::default() }).await
    }

    /// The same, with a clock of its own.
    pub(super) async fn with_own_clock() -> Self {
        Self::set(Setting { own_clock: true, ..Setting::default() }).await
    }

    /// Joy has an account at the market, and shares it with Mary.
    pub(super) async fn set(setting: Setting) -> Self {
        let homeserver = if setting.own_homeserver { Homeserver::own().await } else { Homeserver::shared().await };
        let registration = homeserver.registration();
        let port = free_port();
        let to_homeserver = Faulty::before(&homeserver.address()).await;
        let to_program = Faulty::at(registration.port, &format!("http://127.0.0.1:{port}")).await;
        let mut market = Market::start().await;
        let mut config = market.config();
        let ways = format!(
            "[homeserver]\naddress = \"{}\"\n[appservice]\nport = {port}\n[delivery]\ndigest_above = 100\ncards_per_day = 10000",
            to_homeserver.url()
        );
        config.extend(ways.parse::<Table>().unwrap());
        for (key, value) in setting.config {
            let section = config.entry(key).or_insert_with(|| Table::new().into()).as_table_mut().unwrap();
            section.extend(value.as_table().unwrap().clone());
        }
        let mut scene = Scene::set_with(homeserver, registration, config).await;
        let clock = setting.own_clock.then(|| Arc::new(ShiftedClock::at(SystemClock.now())));
        match &clock {
            Some(clock) => {
                market.clock = Arc::<ShiftedClock>::clone(clock);
                scene.tradepost.start_here(Arc::<ShiftedClock>::clone(clock)).await;
            }
            None => scene.tradepost.start().await,
        }
        let (office, room) = settle_in(&scene, &market).await;
        let told_before = scene.joy.has_read(&office, &scene.bot()).await.len();
        Self { scene, market, to_homeserver, to_program, clock, hurries: true, office, room, sent: Vec::new(), told_before }
    }

    /// So many more items are pushed, one after the other, each until it is taken.
    pub(super) async fn sends(&mut self, count: usize) {
        for _ in 0..count {
            let number = self.sent.len() + 1;
            self.sent.push(number);
            self.market.pushes(number).await;
        }
    }

    /// The numbers of what Mary reads in the room, in order.
    pub(super) async fn arrived(&self) -> Vec<usize> {
        self.arrived_at(&self.scene.mary, &self.room).await
    }

    /// The numbers of what somebody reads in a room, in order.
    pub(super) async fn arrived_at(&self, reader: &Person, room: &str) -> Vec<usize> {
        let events = reader.events(room).await;
        let is_shown = |event: &&Value| {
            event["sender"] == self.scene.bot() && event["type"] == "m.room.message" && event["content"]["m.new_content"].is_null()
        };
        events.iter().filter(is_shown).flat_map(|event| numbers(event["content"]["body"].as_str().unwrap_or_default())).collect()
    }

    /// What Joy was told in her room with the bot since the story began.
    pub(super) async fn told(&self) -> Vec<String> {
        let said = self.scene.joy.has_read(&self.office, &self.scene.bot()).await;
        said.into_iter().skip(self.told_before).collect()
    }

    /// Joy types commands in her room with the bot that are refused in words: their events.
    pub(super) async fn asks(&self, numbers: impl Iterator<Item = usize>) -> Vec<String> {
        let mut commands = Vec::new();
        for number in numbers {
            commands.push(self.scene.joy.says(&self.office, &refused_command(number)).await);
        }
        commands
    }

    /// Waits for the answers to such commands: each has one reaction and one reply. They do not count as told.
    pub(super) async fn are_answered_once(&mut self, commands: &[String]) {
        for command in commands {
            let replies = |event: &Value| event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == **command;
            self.scene.joy.sees_reaction(&self.office, command, "⛔").await;
            self.scene.joy.sees(&self.office, "the answer", replies).await;
        }
        let events = self.scene.joy.events(&self.office).await;
        for command in commands {
            let ours = || events.iter().filter(|event| event["sender"] == self.scene.bot());
            let reactions = ours().filter(|event| event["content"]["m.relates_to"]["event_id"] == **command);
            let replies = ours().filter(|event| event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == **command);
            assert_eq!((reactions.count(), replies.count()), (1, 1), "⛔ and why, once each: {events:#?}");
        }
        self.told_before += commands.len();
    }

    /// Another friend of Joy's, in a direct room in which she shares.
    pub(super) async fn shares_with(&self, name: &str) -> (Person, String) {
        let joy = &self.scene.joy;
        let friend = self.scene.person(name).await;
        let room = joy.opens_direct_room_with(&friend.id).await;
        friend.joins(&room).await;
        joy.invites(&room, &self.scene.bot()).await;
        joy.sees_membership(&room, &self.scene.bot(), "join").await;
        self.scene.shares_in(&room).await;
        (friend, room)
    }

    /// What Joy was told up to now is no matter.
    pub(super) async fn told_so_far(&mut self) {
        self.told_before += self.told().await.len();
    }

    /// Waits until Mary has everything; a clock of the story's own runs ahead meanwhile.
    pub(super) async fn settles(&self) {
        let began = Instant::now();
        let mut sends = self.to_homeserver.counts().sends;
        loop {
            let arrived = self.arrived().await;
            if self.sent.iter().all(|number| arrived.contains(number)) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{} of {} arrived", arrived.len(), self.sent.len());
            moment().await;
            let now = self.to_homeserver.counts().sends;
            if let Some(clock) = self.clock.as_ref().filter(|_| self.hurries && now == sends) {
                clock.set(clock.now() + JUMP);
            }
            sends = now;
        }
    }

    /// One more item comes through, so that everything before it has; then it is counted. `told` has
    /// words that each stand in exactly one thing Joy was told.
    pub(super) async fn ends(self, row: Row, told: &[(&str, &str)]) {
        self.ends_and(row, told, "").await;
    }

    /// The same, where she was also answered what she asked.
    pub(super) async fn ends_answered(self, row: Row) {
        self.ends_and(row, &[], "the answer to each command, once").await;
    }

    async fn ends_and(mut self, row: Row, told: &[(&str, &str)], also: &str) {
        self.settles().await;
        self.sends(1).await;
        self.settles().await;
        let said = self.told().await;
        for (words, _) in told {
            assert_eq!(said.iter().filter(|body| body.contains(words)).count(), 1, "{words:?} once: {said:#?}");
        }
        assert_eq!(said.len(), told.len(), "{said:#?}");
        let told: Vec<&str> = told.iter().map(|(_, meaning)| *meaning).chain((!also.is_empty()).then_some(also)).collect();
        let told = if told.is_empty() { "nothing".to_owned() } else { told.join("; ") };
        row.ends(&self.sent, &self.arrived().await, &told);
    }
}

/// Joy's room with the bot, and her direct room with Mary, in which she shares.
async fn settle_in(scene: &Scene, market: &Market) -> (String, String) {
    let office = scene.office().await;
    scene.joy.says(&office, "add market joy123").await;
    scene.joy.hears(&office, "It counts as soon as you have confirmed").await;
    market.confirms().await;
    scene.joy.hears(&office, "is confirmed").await;
    let room = scene.direct_room().await;
    scene.shares_in(&room).await;
    (office, room)
}

/// A command that is refused in words.
pub(super) fn refused_command(number: usize) -> String {
    format!("pause {}", 900 + number)
}

/// The numbers of the items that a text names.
fn numbers(body: &str) -> Vec<usize> {
    let rests = body.split("Teapot ").skip(1);
    rests.filter_map(|rest| rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()).collect()
}
