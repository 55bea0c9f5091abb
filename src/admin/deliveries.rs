//! What waits and what was given up: seen, tried again, given up, forgotten.

use super::Admin;
use super::Result;
use crate::admin::request::AdminError;
use crate::admin::request::Answer;
use crate::admin::request::Kind;
use crate::admin::request::Which;
use crate::admin::view::DeliveryLine;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Settlement;
use crate::domain::delivery::Target;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::RoomId;

/// How many are read at a time: others are served in between.
const PAGE: usize = 500;
/// What stands as the reason of what the operator gave up.
const BY_OPERATOR: &str = "given up by the operator";

impl Admin {
    pub(super) async fn buried(&self) -> Result<Vec<DeliveryLine>> {
        Ok(self.store.buried(usize::MAX).await?.iter().map(DeliveryLine::of).collect())
    }

    pub(super) async fn waiting(&self, room: Option<&RoomId>) -> Result<Vec<DeliveryLine>> {
        let mut lines = Vec::new();
        self.each_waiting(|delivery| {
            let is_there = |room: &RoomId| matches!(&delivery.target, Target::Room(id) if id == room);
            if room.is_none_or(is_there) {
                lines.push(DeliveryLine::of(delivery));
            }
        })
        .await?;
        Ok(lines)
    }

    /// Looks at each delivery that waits.
    pub(super) async fn each_waiting(&self, mut look: impl FnMut(&Delivery) + Send) -> Result<()> {
        let mut after = None;
        loop {
            let page = self.store.queued(after, PAGE).await?;
            page.iter().for_each(&mut look);
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.id),
                _ => return Ok(()),
            }
            tokio::task::yield_now().await;
        }
    }

    pub(super) async fn retry(&self, which: Which) -> Result<Answer> {
        let ids = match which {
            Which::One(id) => vec![id],
            Which::All => self.store.buried(usize::MAX).await?.iter().rev().map(|delivery| delivery.id).collect(),
        };
        let mut revived = 0_u64;
        for id in ids {
            revived += u64::from(self.store.revive(id, self.clock.now()).await?);
        }
        match which {
            Which::One(id) if revived == 0 => Err(not_there(id, "was given up")),
            Which::One(id) => Ok(Answer::Done(format!("delivery {} waits again", id.0))),
            Which::All => Ok(Answer::Done(format!("{revived} deliveries wait again"))),
        }
    }

    pub(super) async fn bury(&self, id: DeliveryId) -> Result<Answer> {
        let before = id.0.checked_sub(1).map(DeliveryId);
        let found = self.store.queued(before, 1).await?;
        if found.first().is_none_or(|delivery| delivery.id != id) {
            return Err(not_there(id, "waits"));
        }
        self.store.settle(vec![Settlement::Buried { id, reason: BY_OPERATOR.to_owned() }]).await?;
        Ok(Answer::Done(format!("delivery {0} is given up; `tradepost admin retry {0}` lets it wait again", id.0)))
    }

    pub(super) async fn forget(&self, id: DeliveryId) -> Result<Answer> {
        if self.store.forget_buried(id).await? {
            Ok(Answer::Done(format!("delivery {} is forgotten", id.0)))
        } else {
            Err(not_there(id, "was given up"))
        }
    }
}

fn not_there(id: DeliveryId, what: &str) -> AdminError {
    let hint = "see the numbers with: tradepost admin buried; or: tradepost admin waiting";
    AdminError::new(Kind::NotThere, format_args!("no delivery {} {what}", id.0), hint)
}
