//! Going for good: everything that tradepost left at shops and at the homeserver is taken away, one step after
//! the other. What is done is remembered, so it can be gone on with after an interruption.

use crate::actions::Actions;
use crate::admin::request::AdminError;
use crate::admin::view::trouble;
use crate::clock::Clock;
use crate::domain::delivery::DeviceStep;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::ids::RoomId;
use crate::domain::ids::SourceId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::own_name::OwnDevice;
use crate::domain::sharer::Language;
use crate::domain::sharer::Sharer;
use crate::domain::source::Source;
use crate::domain::source::Subscription;
use crate::domain::source::SubscriptionState;
use crate::intake::AccessError;
use crate::matrix::client::Client;
use crate::matrix::client::MatrixError;
use crate::store::Commit;
use crate::store::Named;
use crate::store::Store;
use crate::store::StoreError;
use crate::texts;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How often something is asked of a homeserver that does not answer.
const ATTEMPTS: u32 = 3;
/// How long is waited in between, where the homeserver does not say.
const PAUSE: Duration = Duration::from_secs(2);
/// How many deliveries are read at a time.
const PAGE: usize = 500;

/// What is needed for it. Nobody else may have the store open.
pub struct Retirement {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The homeserver, as the bot.
    pub client: Client,
    /// Who knows the shops.
    pub actions: Actions,
    /// The language of the rooms.
    pub language: Language,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// One thing to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// A shop is told to send no more.
    Subscription {
        /// What is polled.
        source: SourceId,
        /// At which platform.
        platform: String,
        /// What it is called.
        label: String,
    },
    /// The line beside somebody's name is emptied.
    StatusLine {
        /// Whose.
        user: UserId,
    },
    /// The device that was made for somebody is deleted.
    Device {
        /// Whose.
        user: UserId,
        /// Its id.
        device: String,
    },
    /// The bot leaves a room, or declines its invitation.
    Room {
        /// Which.
        room: RoomId,
    },
    /// A device of the bot's is deleted.
    BotDevice {
        /// Its id.
        device: String,
    },
}

impl std::fmt::Display for Step {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Subscription { platform, label, .. } => write!(out, "end the subscription of {label} at {platform}"),
            Self::StatusLine { user } => write!(out, "empty the line beside the name of {user}"),
            Self::Device { user, device } => write!(out, "delete the device {device} of {user}"),
            Self::Room { room } => write!(out, "leave the room {room}"),
            Self::BotDevice { device } => write!(out, "delete the bot's device {device}"),
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// What somebody else has to do.
    pub by_hand: Vec<String>,
    /// Why the homeserver could not say what there is; none: it did.
    pub unknown: Option<String>,
}

impl Retirement {
    /// What there is to be done.
    pub async fn plan(&self) -> Result<Plan, StoreError> {
        let mut plan = Plan::default();
        for source in self.sources().await? {
            plan.add(&source);
        }
        let mut devices = BTreeSet::new();
        for id in self.store.sharers().await? {
            let Some(sharer) = self.store.sharer(&id).await? else { continue };
            if sharer.status_line.is_some() {
                plan.steps.push(Step::StatusLine { user: id.clone() });
            }
            devices.extend(device_of(&sharer).map(|device| (id, device.id.clone())));
        }
        devices.extend(self.devices_to_be_removed().await?);
        plan.steps.extend(devices.into_iter().map(|(user, device)| Step::Device { user, device }));
        match self.at_homeserver().await {
            Ok(steps) => plan.steps.extend(steps),
            Err(error) => plan.unknown = Some(error.to_string()),
        }
        Ok(plan)
    }

    /// All sources: nobody else leases them, and nobody polls them any more.
    async fn sources(&self) -> Result<Vec<Source>, StoreError> {
        let mut sources = self.store.lease_sources(Timestamp::MAX, usize::MAX).await?;
        for source in &sources {
            self.store.release_source(source);
        }
        sources.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(sources)
    }

    /// Devices whose owners have withdrawn, and which are not deleted yet.
    async fn devices_to_be_removed(&self) -> Result<Vec<(UserId, String)>, StoreError> {
        let mut devices = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.queued(after, PAGE).await?;
            for delivery in &page {
                if let (Target::Person(user), What::OwnDevice { step: DeviceStep::Remove { device } }) = (&delivery.target, &delivery.what)
                {
                    devices.push((user.clone(), device.clone()));
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.id),
                _ => return Ok(devices),
            }
        }
    }

    async fn at_homeserver(&self) -> Result<Vec<Step>, MatrixError> {
        let mut rooms = match self.patiently(|| self.client.joined_rooms()).await {
            Err(error) if is_nobody(&error) => return Ok(Vec::new()),
            rooms => rooms?,
        };
        // An invitation is known to us only.
        let known = self.store.rooms_of(&self.actions.us.bot).await.unwrap_or_default();
        rooms.extend(known.into_iter().filter(|room| room.ours == crate::domain::room::Membership::Invited).map(|room| room.id));
        rooms.sort();
        rooms.dedup();
        let devices = self.patiently(|| self.client.devices()).await?;
        let rooms = rooms.into_iter().map(|room| Step::Room { room });
        Ok(rooms.chain(devices.into_iter().map(|device| Step::BotDevice { device })).collect())
    }

    /// Takes a step. What is done already is done.
    pub async fn take(&self, step: &Step) -> Result<(), String> {
        match step {
            Step::Subscription { source, .. } => self.end_subscription(source).await,
            Step::StatusLine { user } => self.empty_line(user).await,
            Step::Device { user, device } => self.delete_device(user, device).await,
            Step::Room { room } => {
                let reason = texts::render(self.language, &Notice::Retired).plain;
                self.patiently(|| self.client.leave(room, &reason)).await.map_err(|error| error.to_string())
            }
            Step::BotDevice { device } => self.patiently(|| self.client.remove_device(device)).await.map_err(|error| error.to_string()),
        }
    }

    async fn end_subscription(&self, id: &SourceId) -> Result<(), String> {
        let Some(mut source) = self.store.source(id).await.map_err(told)? else { return Ok(()) };
        let now = self.clock.now();
        match self.actions.intake.keep_fresh(&mut source, now).await {
            Err(AccessError::Store(error)) => return Err(told(error)),
            // What follows says what is wrong.
            Ok(()) | Err(AccessError::Refused(_)) => {}
        }
        self.actions.intake.end_subscription(&source, now).await.map_err(|error| trouble(&error.problem))?;
        let push = source.push.take();
        let named = push.iter().flat_map(Subscription::all).map(|one| (Named::Hook(one.hook.clone()), None)).collect();
        self.store.commit(Commit { sources: vec![source], named, ..Commit::default() }).await.map_err(told)
    }

    async fn empty_line(&self, user: &UserId) -> Result<(), String> {
        match self.patiently(|| self.client.empty_status_line_of(user)).await {
            // Many servers have presence switched off: then there is no line.
            Ok(()) | Err(MatrixError::Refused { .. }) => {}
            Err(error) => return Err(error.to_string()),
        }
        self.change(user, |sharer| sharer.status_line = None).await
    }

    async fn delete_device(&self, user: &UserId, device: &str) -> Result<(), String> {
        self.patiently(|| self.client.remove_device_of(user, device)).await.map_err(|error| error.to_string())?;
        self.change(user, |sharer| {
            if device_of(sharer).is_some_and(|known| known.id == device) {
                sharer.own_name = None;
            }
        })
        .await
    }

    async fn change(&self, user: &UserId, change: impl FnOnce(&mut Sharer) + Send) -> Result<(), String> {
        let Some(mut sharer) = self.store.sharer(user).await.map_err(told)? else { return Ok(()) };
        change(&mut sharer);
        self.store.commit(Commit { sharers: vec![sharer], ..Commit::default() }).await.map_err(told)
    }

    /// Asks again where the homeserver does not answer.
    async fn patiently<T, Asking: Future<Output = Result<T, MatrixError>> + Send>(
        &self,
        ask: impl Fn() -> Asking + Send + Sync,
    ) -> Result<T, MatrixError>
    where
        T: Send,
    {
        let mut attempts = 1;
        loop {
            match ask().await {
                Err(MatrixError::Retry { after, .. }) if attempts < ATTEMPTS => {
                    attempts += 1;
                    self.clock.sleep_until(self.clock.now() + after.unwrap_or(PAUSE)).await;
                }
                answer => return answer,
            }
        }
    }
}

impl Plan {
    fn add(&mut self, source: &Source) {
        let Some(push) = &source.push else { return };
        let (platform, label) = (source.platform.to_string(), source.label.to_string());
        if push.all().any(|one| one.state == SubscriptionState::ByHand) {
            let owner = source.owner.as_ref().map_or_else(|| "its owner".to_owned(), ToString::to_string);
            self.by_hand.push(format!("{label} at {platform} was told by hand to send: {owner} takes the address away there"));
        }
        if push.all().any(|one| one.state != SubscriptionState::ByHand) {
            self.steps.push(Step::Subscription { source: source.id.clone(), platform, label });
        }
    }
}

fn device_of(sharer: &Sharer) -> Option<&OwnDevice> {
    sharer.own_name.as_ref()?.device.as_ref()
}

/// Whether the homeserver says that there is no bot.
fn is_nobody(error: &MatrixError) -> bool {
    matches!(error, MatrixError::Refused { status: 403, message, .. } if message.contains("not registered"))
}

fn told(error: StoreError) -> String {
    AdminError::from(error).text
}
