//! What is said of accounts: secrets, consent, confirmations, pushes.

use super::label;
use super::problems;
use crate::domain::ids::Number;
use crate::domain::notice::NameLine;
use crate::domain::notice::Notice;
use jiff::Timestamp;

const NUMBER: Number = Number(2);

fn page() -> String {
    "https://trade.example/secret/abc".to_owned()
}

/// What she is asked for and told.
pub(super) fn asked() -> Vec<Notice> {
    let platform = || "woocommerce".to_owned();
    let mut notices = vec![
        Notice::SecretTaken { number: NUMBER, label: label() },
        Notice::AccountConfirmed { number: NUMBER, label: label() },
        Notice::IntervalChanged { label: label(), interval_seconds: 1_800 },
        Notice::PushOn { label: label(), interval_seconds: 21_600 },
        Notice::PushOff { label: label(), interval_seconds: 600 },
        Notice::SecretExpires { number: NUMBER, label: label(), expires_at: Timestamp::UNIX_EPOCH },
        Notice::AccountEnded { label: label(), platform: platform() },
        Notice::PushByHand { label: label(), page: page(), topics: vec![NameLine { person: "product.created".to_owned() }] },
    ];
    for yes in [true, false] {
        let page = || yes.then(page);
        let (name, account) = ("WooCommerce".to_owned(), "shop.example".to_owned());
        notices.push(Notice::SecretAsked {
            platform: platform(),
            name,
            account,
            renews: yes,
            consent: page().map(Into::into),
            page: page().map(Into::into),
        });
        notices.push(Notice::ConfirmAsked { number: NUMBER, platform: "Bazaar".to_owned(), label: label(), page: page() });
        for is_direct in [true, false] {
            let (label, number) = (yes.then(label), yes.then_some(NUMBER));
            notices.push(Notice::SecretStays { is_direct, label: label.clone(), page: page(), number });
            notices.push(Notice::SecretStays { is_direct, label, page: None, number });
        }
        notices.push(Notice::PushAsked { number: NUMBER, label: label(), consent: page(), by_hand: yes });
    }
    notices.extend(problems().map(|problem| Notice::AccountNeedsSecret { number: NUMBER, label: label(), problem }));
    notices
}

/// What she is refused.
pub(super) fn refusals() -> Vec<Notice> {
    let platform = || "taobao".to_owned();
    vec![
        Notice::PlatformNotSetUp { platform: platform() },
        Notice::AccountNotShared { platform: platform(), server: "example.org".to_owned() },
        Notice::IntervalTooShort { limit_seconds: 300 },
        Notice::LinkTemplate { typed: "x".to_owned() },
        Notice::PushNotPossible { platform: platform() },
        Notice::NoPublicAddress,
        Notice::NothingToConfirm { label: label() },
        Notice::NoSecretForAccount { label: label() },
    ]
}
