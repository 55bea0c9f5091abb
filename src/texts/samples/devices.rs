//! One of everything that is said about encryption, verification, and sharing in one's own name.

use super::person;
use crate::domain::ids::Number;
use crate::domain::notice::ApproachProblem;
use crate::domain::notice::EmojiLine;
use crate::domain::notice::Notice;
use crate::domain::notice::VerificationProblem;
use strum::IntoEnumIterator;

/// How many emoji the specification lists.
pub(crate) const EMOJI: u8 = 64;

pub(crate) fn emoji_line(emoji: u8) -> EmojiLine {
    EmojiLine { emoji, symbol: "🐶".to_owned() }
}

pub(super) fn encryption() -> Vec<Notice> {
    let mut notices = vec![
        Notice::Unreadable,
        Notice::DeviceNotTrusted,
        Notice::RoomUnreadable { person: person() },
        Notice::VerifyBot { device: "TRADEPOST".to_owned(), fingerprint: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/abcde".to_owned() },
    ];
    for yes in [true, false] {
        notices.push(Notice::BotDeviceReplaced { new_identity: yes });
        notices.push(Notice::CompareEmoji { own_device: yes, emoji: (0..EMOJI).map(emoji_line).collect() });
        notices.push(Notice::Verified { own_device: yes });
    }
    notices.extend(VerificationProblem::iter().map(|problem| Notice::VerificationEnded { problem }));
    notices
}

pub(super) fn own_name() -> Vec<Notice> {
    let number = Number(2);
    let mut notices = vec![
        Notice::OwnNameAsked,
        Notice::OwnNameOn,
        Notice::OwnNameOff,
        Notice::OwnNameNotAllowed,
        Notice::OwnNameNotSetUp,
        Notice::VerifyDevice { device: "TRADEPOST".to_owned() },
        Notice::DeviceUnverified,
        Notice::DeviceGone,
        Notice::BotInvited { person: person() },
        Notice::Approaching { person: person() },
    ];
    for yes in [true, false] {
        notices.push(Notice::IdentityChanged { number, person: person(), own: yes });
        notices.push(Notice::Approached { number, person: person(), opened: yes });
    }
    notices.extend(ApproachProblem::iter().map(|problem| Notice::NotApproached { person: person(), problem }));
    notices
}
