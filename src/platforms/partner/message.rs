//! What a platform says: trades, and how a registration stands.

use super::fields::Fields;
use super::fields::Reasons;
use super::trade;
use super::trade::News;
use super::trade::Reading;
use crate::platforms::push::Refusal;
use crate::platforms::push::Said;
use serde::de::IgnoredAny;
use std::collections::BTreeSet;

/// How many trades there may be in one message.
const TRADES: usize = 100;

/// What may stand at `type`.
const TYPES: &str = "\"trades\", \"registration.confirmed\", \"registration.ended\" or \"ping\"";

/// Reads a message whose signature is right. Before the account's owner has confirmed, no trades are
/// read at all.
pub(super) fn read(body: &str, is_confirmed: bool, reading: &Reading) -> Result<Said, Refusal> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(body) {
        // Of the error only where it is; what stands there is not repeated.
        return Err(Refusal::Malformed(format!("the body is not JSON (line {}, column {})", error.line(), error.column())));
    }
    let mut reasons = Reasons::default();
    let Some(mut fields) = Fields::of(body, "", &mut reasons) else {
        return Err(Refusal::Malformed("the body is not a JSON object".to_owned()));
    };
    fields.needs("type");
    let kind: Option<String> = fields.take("type", "text");
    let said = match kind.as_deref() {
        Some("trades") if !is_confirmed => return Err(Refusal::Unconfirmed),
        Some("trades") => trades(&mut fields, reading),
        Some("registration.confirmed") => Some(Said::Confirmed),
        Some("registration.ended") => Some(Said::Ended),
        Some("ping") => Some(Said::Nothing),
        Some(_) => {
            fields.wrong("type", format_args!("not {TYPES}"));
            return Err(Refusal::Invalid(reasons.into_error().unwrap_or_default()));
        }
        None => None,
    };
    fields.end();
    match (reasons.into_error(), said) {
        (None, Some(said)) => Ok(said),
        (reasons, _) => Err(Refusal::Invalid(reasons.unwrap_or_default())),
    }
}

fn trades(fields: &mut Fields<'_, '_>, reading: &Reading) -> Option<Said> {
    let is_dry: Option<bool> = fields.take("dry_run", "true or false");
    fields.needs("trades");
    let mut known = BTreeSet::new();
    let news = fields.objects("trades", 1..=TRADES, |mut fields| {
        let news = trade::read(&mut fields, reading);
        if news.as_ref().is_some_and(|news| !known.insert(news.id().clone())) {
            fields.wrong("id", "there twice: send the last state only");
        }
        fields.end();
        news
    })?;
    if is_dry == Some(true) {
        return Some(Said::DryRun { trades: news.len() });
    }
    let (mut trades, mut gone) = (Vec::new(), Vec::new());
    for news in news {
        match news {
            News::Trade(trade) => trades.push(*trade),
            News::Gone(id) => gone.push(id),
        }
    }
    Some(Said::News { trades, gone })
}
