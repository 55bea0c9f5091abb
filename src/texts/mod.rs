//! Everything that a person reads, by language: joins the notices of `domain` with the words in
//! `locales/`. Owns no words itself, and knows nothing of rooms or events.

mod amounts;
mod markup;
mod pages;
mod phrase;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
mod words;

pub use amounts::price;
pub use amounts::when;
pub use markup::Text;
pub use pages::OnPage;
pub use pages::on_page;
pub use pages::on_page_for;
pub use pages::problem;

use crate::domain::notice::Notice;
use crate::domain::sharer::Language;
use crate::domain::trade::Kind;
use crate::texts::phrase::Argument;
use crate::texts::phrase::Phrase;

/// What `notice` says to somebody who reads `language`.
#[must_use]
pub fn render(language: Language, notice: &Notice) -> Text {
    markup::read(&words::say(language, &Phrase::of(notice)))
}

/// What happened, in a word or two.
#[must_use]
pub fn kind(language: Language, kind: Kind) -> String {
    words::say(language, &Phrase::new(format!("kind-{kind}")))
}

/// What stands beside an offer that is not to be had any more.
#[must_use]
pub fn no_longer_available(language: Language) -> String {
    words::say(language, &Phrase::new("no-longer-available"))
}

/// What stands above a board with `count` offers of `sharer`, as plain text.
#[must_use]
pub fn board_heading(language: Language, sharer: &str, count: usize) -> String {
    let heading = Phrase::new("board-heading").with("sharer", Argument::Words(sharer.to_owned()));
    markup::unshield(&words::say(language, &heading.with("count", Argument::Number(count as u64))))
}

/// What stands on a board while there is nothing to show.
#[must_use]
pub fn board_empty(language: Language) -> String {
    words::say(language, &Phrase::new("board-empty"))
}

/// What an account is called that holds what somebody shares by hand.
#[must_use]
pub fn by_hand(language: Language) -> String {
    words::say(language, &Phrase::new("by-hand"))
}

/// What stands below everything that is sent in a sharer's own name.
#[must_use]
pub fn in_own_name(language: Language) -> String {
    words::say(language, &Phrase::new("in-own-name"))
}

/// What stands above `count` trades in one message.
#[must_use]
pub fn digest_heading(language: Language, count: usize) -> String {
    let heading = Phrase::new("digest-heading").with("count", Argument::Number(count as u64));
    words::say(language, &heading)
}
