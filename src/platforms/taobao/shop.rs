//! Whose session it is.

use super::top::Top;
use crate::domain::problem::Problem;
use crate::platforms::FetchError;
use serde::Deserialize;

/// Sellers on Tmall are of this type, those on Taobao of type C.
const TMALL: &str = "B";

/// A seller's shop.
pub(super) struct Shop {
    /// What the seller is called.
    pub(super) nick: String,
    /// Whether its items stand on Tmall.
    pub(super) is_tmall: bool,
}

#[derive(Deserialize)]
struct Answer {
    user: User,
}

#[derive(Deserialize)]
struct User {
    nick: String,
    #[serde(rename = "type", default)]
    kind: String,
}

/// The shop whose session it is.
pub(super) async fn of(top: &Top<'_>) -> Result<Shop, FetchError> {
    let Answer { user } = top.call("taobao.user.seller.get", &[("fields", "nick,type".to_owned())]).await?;
    let nick = user.nick.trim().to_owned();
    if nick.is_empty() {
        return Err(Problem::MalformedAnswer.into());
    }
    Ok(Shop { nick, is_tmall: user.kind == TMALL })
}

impl Shop {
    /// Whether `typed` is what it is called; nothing typed means whatever it is called.
    pub(super) fn is_called(&self, typed: &str) -> bool {
        let typed = typed.trim();
        typed.is_empty() || typed.to_lowercase() == self.nick.to_lowercase()
    }
}
