//! Whose token it is: the merchant's shop.

use super::gateway::Gateway;
use crate::domain::problem::Problem;
use crate::domain::text::Line;
use crate::platforms::FetchError;
use crate::platforms::china::Loose;
use serde::Deserialize;
use serde::Serialize;

/// A merchant's shop.
pub(super) struct Shop {
    /// Its number.
    pub(super) id: String,
    /// What it is called.
    pub(super) name: Line,
    merchant: String,
}

#[derive(Serialize)]
struct Query {}

#[derive(Deserialize)]
struct Answer {
    shop_jos_result: Found,
}

#[derive(Deserialize)]
struct Found {
    shop_id: Loose,
    #[serde(default)]
    vender_id: Loose,
    #[serde(default)]
    shop_name: Loose,
}

/// The shop that the token opens; none where the app may not ask for it.
pub(super) async fn shop(gateway: &Gateway<'_>) -> Result<Option<Shop>, FetchError> {
    let answer = gateway.call::<Answer>("jingdong.vender.shop.query", &Query {}).await;
    let found = match answer {
        Err(FetchError { problem: Problem::NotAllowed { .. } | Problem::Refused { .. }, .. }) => return Ok(None),
        answer => answer?.shop_jos_result,
    };
    let (id, name) = (found.shop_id.as_str().to_owned(), Line::title(found.shop_name.as_str()));
    if id.is_empty() {
        return Err(Problem::MalformedAnswer.into());
    }
    let name = if name.is_empty() { Line::title(&id) } else { name };
    Ok(Some(Shop { id, name, merchant: found.vender_id.as_str().to_owned() }))
}

impl Shop {
    /// Whether what was typed is the number of another shop. Names are not compared: a merchant has
    /// several.
    pub(super) fn is_not(&self, typed: &str) -> bool {
        typed.bytes().all(|byte| byte.is_ascii_digit()) && typed != self.id && typed != self.merchant
    }
}
