//! Who may say what where: pure rules on commands and refusals.

use super::Message;
use super::Place;
use super::command::Command;
use super::command::ParseError;
use super::command::Who;
use super::parse;
use crate::domain::link::user_information;
use crate::domain::notice::Notice;
use crate::domain::notice::Topic;
use crate::domain::own_name::Identity;

/// Whether a command was typed with a secret in it.
pub(super) fn holds_secret(command: &Command) -> bool {
    match command {
        Command::Add { secret, account, .. } => secret.is_some() || user_information(account).is_some(),
        Command::Secret { secret, .. } => secret.is_some(),
        Command::Post(post) => user_information(&post.link).is_some(),
        _ => false,
    }
}

/// The shortest word that is taken for a secret where a number was to stand.
const SECRET_CHARACTERS: usize = 8;

/// Whether what was not understood may have been meant to give a secret.
pub(super) fn may_hold_secret(error: &ParseError, text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    match (error, words.as_slice()) {
        (ParseError::Usage(Topic::Add), words) => words.len() > 3,
        (ParseError::Usage(Topic::Secret), [_, word]) => word.chars().count() >= SECRET_CHARACTERS,
        (ParseError::Usage(Topic::Secret), words) => words.len() > 2,
        // Nobody says such a thing but to give one.
        (ParseError::Unknown { nearest: Some(Topic::Secret), .. }, [_, number, _, ..]) => parse::number(number).is_ok(),
        (ParseError::NoPrice { .. }, words) => words.iter().any(|word| user_information(word).is_some()),
        _ => false,
    }
}

/// What anybody may say: it concerns herself alone, and is done however late it arrives.
pub(super) const fn is_for_anyone(topic: Topic) -> bool {
    matches!(
        topic,
        Topic::Help
            | Topic::Version
            | Topic::Language
            | Topic::Mute
            | Topic::Unmute
            | Topic::Only
            | Topic::Muted
            | Topic::Privacy
            | Topic::Forget
    )
}

/// What makes less be shared, or less be done as her.
pub(super) const fn ends_sharing(command: &Command) -> bool {
    let ends = matches!(
        command.topic(),
        Topic::List
            | Topic::Contacts
            | Topic::Without
            | Topic::Pause
            | Topic::Remove
            | Topic::Recent
            | Topic::Export
            | Topic::Undo
            | Topic::Yes
            | Topic::No
    );
    ends || ends_own_name(command)
}

/// What withdraws that tradepost may act as her.
const fn ends_own_name(command: &Command) -> bool {
    matches!(command, Command::As { identity: Identity::Bot, .. })
}

/// What is carried out however old it is when it arrives.
pub(super) const fn counts_however_late(command: &Command) -> bool {
    is_question(command.topic()) || ends_own_name(command)
}

/// What changes nothing.
const fn is_question(topic: Topic) -> bool {
    matches!(
        topic,
        Topic::Help
            | Topic::Version
            | Topic::Platforms
            | Topic::List
            | Topic::Contacts
            | Topic::Status
            | Topic::Preview
            | Topic::Panel
            | Topic::Recent
            | Topic::Why
            | Topic::Muted
            | Topic::Privacy
    )
}

/// What is carried out where the contact reads along: what means this very room, and questions that
/// are answered at once, in the management room.
pub(super) const fn works_in_direct_room(command: &Command) -> bool {
    match command {
        Command::With(who) | Command::Without(who) | Command::As { who: Some(who), .. } => matches!(who, Who::Here),
        Command::Pause(number) | Command::Resume(number) => number.is_none(),
        Command::Set(set) => set.whom.is_none(),
        Command::As { who: None, .. } | Command::Undo(_) => true,
        Command::Preview => false,
        other => is_question(other.topic()),
    }
}

pub(super) fn misunderstood(error: ParseError, message: &Message) -> Notice {
    // In a direct room the words may hold what the contact must not be told twice, or a secret.
    let direct = matches!(message.place, Place::Direct { .. });
    match error {
        ParseError::Usage(Topic::Add | Topic::Secret) if direct => Notice::SecretInDirectRoom,
        ParseError::Usage(topic) => Notice::WrongUsage { topic },
        ParseError::NoNumber { typed } => Notice::UnknownNumber { typed },
        ParseError::NoUser { typed } => Notice::NoUser { typed },
        ParseError::NoPrice { typed } => Notice::WrongPrice { typed },
        ParseError::Setting(reason) => Notice::WrongSetting { reason },
        ParseError::Unknown { typed, nearest } => Notice::UnknownCommand { typed, nearest },
    }
}

/// Whether a refusal is about what a contact may say.
pub(super) const fn is_for_contact(notice: &Notice) -> bool {
    matches!(
        notice,
        Notice::UnknownCategory { .. }
            | Notice::NobodySharesHere
            | Notice::NothingAsked
            | Notice::EveryoneIsMuted
            | Notice::NoUser { .. }
            | Notice::Full
            | Notice::WrongUsage { topic: Topic::Mute | Topic::Unmute | Topic::Only | Topic::Yes | Topic::No }
    )
}

#[cfg(test)]
mod tests {
    use super::holds_secret;
    use super::may_hold_secret;
    use super::parse::parse;

    fn is_taken_away(text: &str) -> bool {
        parse(text).as_ref().map_or_else(|error| may_hold_secret(error, text), holds_secret)
    }

    #[test]
    fn what_is_or_may_be_a_secret_is_taken_away() {
        for text in [
            "add shopify tea shpat_0123",
            "add tea.myshopify.com shpat_0123",
            "add https://shop.example/ ck_1 cs_2",
            "add feed https://joy:pw@a.example/",
            "secret 2 shpat_0123",
            "secret shpat_0123",
            "secret tea ck_1 cs_2",
            "密钥 shpat_0123",
            "secrt 2 shpat_0123",
        ] {
            assert!(is_taken_away(text), "{text}");
        }
    }

    #[test]
    fn what_is_none_stays() {
        for text in
            ["add shopify tea", "add https://a.example/feed", "secret 2", "secret tea", "secret", "sicret is what I am", "and you, Mary?"]
        {
            assert!(!is_taken_away(text), "{text}");
        }
    }
}
