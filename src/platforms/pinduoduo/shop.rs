//! Whose token it is.

use super::pop::Pop;
use crate::domain::problem::Problem;
use crate::platforms::FetchError;
use crate::platforms::gateway::Loose;
use serde::Deserialize;

/// A merchant's shop.
pub(super) struct Shop {
    /// Its number, or its name where that is not told.
    pub(super) id: String,
    /// What it is called.
    pub(super) name: String,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    mall_id: Loose,
    #[serde(default)]
    mall_name: Loose,
}

/// The shop whose token it is.
pub(super) async fn of(pop: &Pop<'_>) -> Result<Shop, FetchError> {
    let answer: Answer = pop.call("pdd.mall.info.get", "mall_info_get_response", &[]).await?;
    let name = answer.mall_name.as_str().trim();
    let id = Some(answer.mall_id.as_str().trim()).filter(|id| !id.is_empty()).unwrap_or(name);
    if id.is_empty() {
        return Err(Problem::MalformedAnswer.into());
    }
    Ok(Shop { id: id.to_owned(), name: if name.is_empty() { id.to_owned() } else { name.to_owned() } })
}

impl Shop {
    /// Whether `typed` is its number or what it is called; nothing typed means whatever it is called.
    pub(super) fn is_called(&self, typed: &str) -> bool {
        let typed = typed.trim();
        typed.is_empty() || typed == self.id || typed.to_lowercase() == self.name.to_lowercase()
    }
}
