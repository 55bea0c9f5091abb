//! How the parts of the program are told to end, and asked whether they still turn. It knows none of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// The program's life, shared by all its parts. One that nobody ends goes on for ever.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    told: watch::Sender<Told>,
    /// Of each loop the last question that it has answered.
    answered: watch::Sender<BTreeMap<&'static str, u64>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Told {
    is_stopping: bool,
    question: u64,
}

/// A loop's side: by it the loop shows that it still comes round.
#[derive(Debug)]
pub struct Pulse {
    name: &'static str,
    life: Lifecycle,
    answered: u64,
}

impl Lifecycle {
    /// Tells all parts to take nothing more up, and to end once what is under way has ended.
    pub fn stop(&self) {
        self.0.told.send_modify(|told| told.is_stopping = true);
    }

    /// Whether they have been told.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.0.told.borrow().is_stopping
    }

    /// Waits until they are told.
    pub async fn stopping(&self) {
        // The sender lives as long as this.
        let _ = self.0.told.subscribe().wait_for(|told| told.is_stopping).await;
    }

    /// A loop that will be asked from now on.
    #[must_use]
    pub fn pulse(&self, name: &'static str) -> Pulse {
        let answered = self.0.told.borrow().question;
        self.0.answered.send_modify(|all| _ = all.insert(name, answered));
        Pulse { name, life: self.clone(), answered }
    }

    /// Asks all loops, and waits until each has come round.
    pub async fn have_all_turned(&self) {
        let mut question = 0;
        self.0.told.send_modify(|told| {
            told.question += 1;
            question = told.question;
        });
        let _ = self.0.answered.subscribe().wait_for(|all| all.values().all(|answered| *answered >= question)).await;
    }

    /// The loops that have not come round since they were asked last.
    #[must_use]
    pub fn silent(&self) -> Vec<&'static str> {
        let question = self.0.told.borrow().question;
        self.0.answered.borrow().iter().filter(|(_, answered)| **answered < question).map(|(name, _)| *name).collect()
    }
}

impl Pulse {
    /// The loop has come round: what was asked before is answered.
    pub fn turns(&mut self) {
        let question = self.life.0.told.borrow().question;
        if self.answered < question {
            self.answered = question;
            self.life.0.answered.send_modify(|all| _ = all.insert(self.name, question));
        }
    }

    /// Waits until the loop is asked something that it has not answered.
    pub async fn asked(&self) {
        let _ = self.life.0.told.subscribe().wait_for(|told| told.question > self.answered).await;
    }
}

impl Drop for Pulse {
    /// A loop that has ended is not asked any more: whoever started it notices.
    fn drop(&mut self) {
        self.life.0.answered.send_modify(|all| _ = all.remove(self.name));
    }
}

#[cfg(test)]
mod tests {
    use super::Lifecycle;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn all_have_turned_once_each_loop_has() {
        let life = Lifecycle::default();
        let (mut one, mut other) = (life.pulse("one"), life.pulse("other"));
        let mut all = Box::pin(life.have_all_turned());
        assert!((&mut all).now_or_never().is_none());
        one.asked().await;
        one.turns();
        assert!(one.asked().now_or_never().is_none());
        assert!((&mut all).now_or_never().is_none());
        assert_eq!(life.silent(), ["other"]);
        other.turns();
        all.await;
        drop(other);
        let mut all = Box::pin(life.have_all_turned());
        assert!((&mut all).now_or_never().is_none());
        one.turns();
        all.await;
    }

    #[tokio::test]
    async fn whoever_waits_is_told_to_stop_and_whoever_comes_later_too() {
        let life = Lifecycle::default();
        let waits = life.stopping();
        assert!(!life.is_stopping());
        life.stop();
        waits.await;
        life.stopping().await;
        assert!(life.is_stopping());
    }
}
