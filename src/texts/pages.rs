//! What stands on the pages of the public address.

use crate::domain::problem::Problem;
use crate::domain::sharer::Language;
use crate::texts::markup;
use crate::texts::phrase::Argument;
use crate::texts::phrase::Phrase;
use crate::texts::words;

/// Words on a page: the message `page-…` of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display, strum::EnumIter)]
#[strum(serialize_all = "kebab-case")]
pub enum OnPage {
    /// Above the form on which a secret is typed.
    SecretHeading,
    /// What it is for and where it goes.
    SecretAbout,
    /// The name of the field for a token.
    SecretToken,
    /// The name of the field for a key.
    SecretKey,
    /// The name of the field for the secret that belongs to a key.
    SecretOfKey,
    /// The name of the field for a user name.
    SecretUser,
    /// The name of the field for a password.
    SecretPassword,
    /// What sends the form.
    SecretSend,
    /// Below the form.
    SecretHint,
    /// Above the button that shows a secret.
    ShowHeading,
    /// What it is, and that it is shown once.
    ShowAbout,
    /// What shows it.
    ShowSend,
    /// Below the button.
    ShowHint,
    /// Above a secret that is shown.
    ShownHeading,
    /// What to do with it.
    ShownAbout,
    /// The name of the field with the address.
    ShownAddress,
    /// The name of the field with the secret.
    ShownSecret,
    /// Below the secret.
    ShownHint,
    /// Above what is said when all went well.
    DoneHeading,
    /// How to go on.
    DoneAbout,
    /// Above what is said of a link that is not good any more.
    GoneHeading,
    /// How to go on.
    GoneAbout,
    /// Above what was wrong.
    RefusedHeading,
    /// How to go on.
    RefusedAbout,
    /// Above what is said when it does not work at the moment.
    LaterHeading,
    /// How to go on.
    LaterAbout,
}

/// Words on a page.
#[must_use]
pub fn on_page(language: Language, words: OnPage) -> String {
    on_page_for(language, words, "", "")
}

/// Words on a page about an account, whose name may be empty.
#[must_use]
pub fn on_page_for(language: Language, words: OnPage, platform: &str, account: &str) -> String {
    let phrase = Phrase::new(format!("page-{words}"))
        .with("platform", Argument::Words(platform.to_owned()))
        .with("account", Argument::Words(account.to_owned()))
        .with("account_given", Argument::Words((!account.is_empty()).to_string()));
    markup::read(&words::say(language, &phrase)).plain
}

/// What is wrong, as plain text.
#[must_use]
pub fn problem(language: Language, problem: &Problem) -> String {
    markup::read(&words::say(language, &Phrase::of_problem(problem))).plain
}
