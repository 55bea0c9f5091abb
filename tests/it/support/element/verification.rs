//! Two people, or two devices of one, compare emoji.

use super::inbox::Inbox;
use matrix_sdk::encryption::verification::SasVerification;
use matrix_sdk::encryption::verification::VerificationRequest;
use matrix_sdk::encryption::verification::VerificationRequestState;
use std::sync::Arc;

/// One verification, from this client's side.
pub struct Verification {
    request: VerificationRequest,
    inbox: Arc<Inbox>,
}

impl Verification {
    pub(super) fn new(request: VerificationRequest, inbox: &Arc<Inbox>) -> Self {
        Self { request, inbox: Arc::clone(inbox) }
    }

    /// The room it takes place in; none if it goes from device to device.
    pub fn room(&self) -> Option<String> {
        self.request.room_id().map(ToString::to_string)
    }

    /// Waits until the other side has accepted the request, and begins.
    pub async fn starts(&self) {
        self.waits("the other side's consent", || self.request.is_ready().then_some(())).await;
        self.request.start_sas().await.expect("a verification").expect("emoji on both sides");
    }

    /// Waits until there are emoji to compare. Whoever did not begin agrees to what the other began.
    pub async fn emoji(&self) -> [String; 7] {
        let sas = self.sas().await;
        if !sas.we_started() {
            sas.accept().await.expect("an accepted verification");
        }
        let emoji = self.waits("emoji", || sas.emoji().filter(|_| sas.can_be_presented())).await;
        emoji.map(|emoji| emoji.symbol.to_owned())
    }

    /// Waits until both sides see the emoji, and asserts that they are the same.
    pub async fn compares_emoji_with(&self, other: &Self) {
        let (here, there) = tokio::join!(self.emoji(), other.emoji());
        assert_eq!(here, there);
    }

    /// Says that the emoji are the same.
    pub async fn confirms(&self) {
        self.sas().await.confirm().await.expect("a confirmation");
    }

    /// Says that they are not.
    pub async fn denies(&self) {
        self.sas().await.mismatch().await.expect("a denial");
    }

    /// Breaks it off.
    pub async fn cancels(&self) {
        self.request.cancel().await.expect("a cancellation");
    }

    /// Waits until both sides have confirmed.
    pub async fn is_done(&self) {
        self.waits("the end of the verification", || self.request.is_done().then_some(())).await;
    }

    /// Waits until it is broken off by either side, and gives the code of the reason (`m.mismatched_sas`, `m.user`).
    pub async fn is_cancelled(&self) -> String {
        let cancelled = || self.request.cancel_info().map(|info| info.cancel_code().to_string());
        self.waits("the end of the verification", cancelled).await
    }

    async fn sas(&self) -> SasVerification {
        self.waits("the beginning", || match self.request.state() {
            VerificationRequestState::Transitioned { verification } => verification.sas(),
            _ => None,
        })
        .await
    }

    async fn waits<T>(&self, what: &str, wanted: impl Fn() -> Option<T>) -> T {
        let what = format!("{what}, to verify {}; it is {:?}", self.request.other_user_id(), self.request.state());
        self.inbox.waits(self.room().as_deref().unwrap_or_default(), &what, async || wanted()).await
    }
}
