//! What the operator may ask: to see how sharing stands, to deal with what could not be delivered, to carry
//! everything elsewhere. It is asked of the running service, or of a store that nobody else has open.

mod backup;
mod deliveries;
mod files;
mod manifest;
mod request;
mod restore;
mod retire;
mod sharers;
mod view;

pub use backup::CopyDatabase;
pub use backup::Files;
pub use manifest::Manifest;
pub use request::AdminError;
pub use request::Answer;
pub use request::Kind;
pub use request::Request;
pub use request::Which;
pub use restore::Places;
pub use restore::restore;
pub use retire::Plan;
pub use retire::Retirement;
pub use retire::Step;
pub use view::AccountLine;
pub use view::DeliveryLine;
pub use view::FailingLine;
pub use view::Running;
pub use view::SharerLine;
pub use view::Status;

use crate::actions::Actions;
use crate::actions::Rejection;
use crate::clock::Clock;
use crate::domain::ids::UserId;
use crate::domain::permission::Permissions;
use crate::matrix::crypto::Crypto;
use crate::matrix::crypto::Health;
use crate::store::Commit;
use crate::store::Store;
use crate::store::StoreError;
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::watch;

/// What an operator's questions are answered from.
pub struct Admin {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What users may change; none: what needs it is not asked.
    pub actions: Option<Actions>,
    /// Who may share.
    pub permissions: Permissions,
    /// What a backup holds beside the store.
    pub files: Files,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The service, while it runs.
    pub service: Option<Service>,
}

/// The running service.
pub struct Service {
    /// Since when it runs.
    pub started_at: Timestamp,
    /// Whether the homeserver has answered.
    pub ready: watch::Receiver<bool>,
    /// How encryption stands.
    pub crypto: Arc<Crypto>,
}

/// What is answered.
pub type Result<T> = std::result::Result<T, AdminError>;

impl Admin {
    /// Does what is asked.
    pub async fn answer(&self, request: Request) -> Result<Answer> {
        match request {
            Request::Status => self.status().await.map(Answer::Status),
            Request::Sharers => self.sharers().await.map(Answer::Sharers),
            Request::Failing => self.failing().await.map(Answer::Failing),
            Request::Buried => self.buried().await.map(Answer::Deliveries),
            Request::Waiting { room } => self.waiting(room.as_ref()).await.map(Answer::Deliveries),
            Request::Retry { which } => self.retry(which).await,
            Request::Bury { id } => self.bury(id).await,
            Request::Forget { id } => self.forget(id).await,
            Request::Disable { user } => self.disable(&user).await,
            Request::Enable { user } => self.enable(&user).await,
            Request::Export { file } => self.export(&file).await,
            Request::Backup { directory, with_key } => self.backup(&directory, with_key).await.map(Answer::BackedUp),
        }
    }

    async fn disable(&self, user: &UserId) -> Result<Answer> {
        let actions = self.actions()?;
        let is_change = self.change(|| actions.disable(user, self.clock.now())).await?;
        Ok(Answer::Done(if is_change {
            format!("{user} shares nothing until: tradepost admin enable {user}")
        } else {
            format!("{user} is disabled already")
        }))
    }

    async fn enable(&self, user: &UserId) -> Result<Answer> {
        let actions = self.actions()?;
        let is_change = self.change(|| actions.enable(user, self.clock.now())).await?;
        Ok(Answer::Done(if is_change {
            format!("{user} may share again what comes from now on")
        } else {
            format!("{user} is not disabled")
        }))
    }

    fn actions(&self) -> Result<&Actions> {
        self.actions.as_ref().ok_or_else(|| AdminError::new(Kind::Request, "nobody is there to change anything", ""))
    }

    /// Decides and commits, anew where somebody else changed the same meanwhile; whether it was a change.
    async fn change<Deciding>(&self, decide: impl Fn() -> Deciding + Send + Sync) -> Result<bool>
    where
        Deciding: Future<Output = std::result::Result<Commit, Rejection>> + Send,
    {
        loop {
            let commit = match decide().await {
                Ok(commit) => commit,
                Err(Rejection::Store(error)) => return Err(error.into()),
                Err(Rejection::Refused(_)) => return Err(AdminError::new(Kind::Request, "it is refused", "")),
            };
            let is_change = commit != Commit::default();
            match self.store.commit(commit).await {
                Err(StoreError::Conflict) => {}
                other => return Ok(other.map(|()| is_change)?),
            }
        }
    }

    async fn status(&self) -> Result<Status> {
        let totals = self.store.totals().await?;
        let running = self.service.as_ref().map(|service| Running {
            since: service.started_at,
            seconds: self.clock.now().duration_since(service.started_at).as_secs(),
            ready: *service.ready.borrow(),
            encryption: match service.crypto.health() {
                Health::Off => "off".to_owned(),
                Health::Starting => "not ready yet".to_owned(),
                Health::Ready => "ready".to_owned(),
                Health::Broken(reason) => format!("does not work: {reason}"),
            },
        });
        Ok(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            running,
            sharers: totals.sharers,
            sources: totals.sources,
            waiting: totals.waiting,
            buried: totals.buried,
            events: totals.events,
            parked: totals.parked,
            disk_bytes: totals.disk_bytes,
        })
    }
}
